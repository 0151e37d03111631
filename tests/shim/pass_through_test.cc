// The driver gets exactly the calls that the program makes, and the program exactly the driver's
// answers.
#include "api_under_test.h"
#include "shim/gpu/entries.h"
#include "tests/shim/program.h"
#include "tests/shim/run.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace headway::shim_test {
namespace {

struct Case {
    Shim shim;
    const char* route;
    bool alias;  // cuGetProcAddress of the driver returns other addresses than dlsym
};

class EveryCall : public testing::TestWithParam<Case> {};

int hooked_rows() {
    int rows = 0;
#define API(symbol, version, call_class, shape, ...) \
    rows += std::string_view(#shape) != "None" && std::string_view(#call_class) != "LookUp" ? 1 : 0;
#include "driver_api.tbl"
#undef API
    return rows;
}

bool is_question(const std::string& line) {
    return api::questions().count(line.substr(0, line.find('('))) != 0;
}

std::vector<std::string> without_questions(std::vector<std::string> lines) {
    std::erase_if(lines, is_question);
    return lines;
}

TEST_P(EveryCall, ReachesTheDriverUnchanged) {
    Environment environment{{"STANDIN_MODE", "log"}};
    if (GetParam().alias) environment["STANDIN_ALIAS"] = "1";
    const Shim shim = GetParam().shim;
    const RunResult result = run(shim, {HEADWAY_EVERY_CALL, GetParam().route}, environment);
    ASSERT_EQ(result.exit_status, 0) << text_of(result.errors);
    EXPECT_EQ(text_of(result.output), "");
    EXPECT_EQ(static_cast<int>(result.app_log.size()), hooked_rows());
    // The hooks by themselves add nothing at all.
    const bool asks = shim == Shim::kInstalled;
    EXPECT_EQ(text_of(result.app_log),
              text_of(asks ? without_questions(result.driver_log) : result.driver_log));
    EXPECT_EQ(count_lines(result.trace, "before "), count_lines(result.trace, "after "));
    if (shim == Shim::kTrace) {
        EXPECT_GT(count_lines(result.trace, "before "), 100) << "the gated path was not taken";
    } else {
        EXPECT_EQ(count_lines(result.trace, "before "), 0) << "the gated path was taken";
    }
}

std::vector<Case> all_cases() {
    std::vector<Case> cases{{Shim::kNone, "link", false}};
    for (const Shim shim : {Shim::kInstalled, Shim::kIdle, Shim::kTrace}) {
        for (const char* route : {"link", "dlsym", "proc"})
            cases.push_back({shim, route, false});
        cases.push_back({shim, "proc", true});
    }
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Routes, EveryCall, testing::ValuesIn(all_cases()));

// The same program, native and with each shim: same output, same driver calls in the same order.
class SameProgram : public testing::TestWithParam<std::vector<std::string>> {};

// Names and results: addresses differ from run to run.
std::vector<std::string> calls_of(const RunResult& result) {
    std::vector<std::string> calls;
    for (const std::string& line : without_questions(result.driver_log)) {
        calls.push_back(line.substr(0, line.find('(')) + line.substr(line.rfind(')') + 1));
    }
    return calls;
}

TEST_P(SameProgram, BehavesAsWithoutTheShim) {
    const RunResult native = run(Shim::kNone, program(GetParam()));
    ASSERT_EQ(native.exit_status, 0) << text_of(native.errors);
    for (const Shim shim : {Shim::kInstalled, Shim::kIdle, Shim::kTrace}) {
        const RunResult result = run(shim, program(GetParam()));
        EXPECT_EQ(result.exit_status, 0);
        EXPECT_EQ(text_of(result.output), text_of(native.output));
        EXPECT_EQ(text_of(result.errors), "");
        EXPECT_EQ(text_of(calls_of(result)), text_of(calls_of(native)));
    }
}

using Steps = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(Steps,
                         SameProgram,
                         testing::Values(Steps{"start", "launch"},
                                         Steps{"start", "data"},
                                         Steps{"start", "events"},
                                         Steps{"start", "capture"},
                                         Steps{"start", "callback"},
                                         Steps{"start", "threads"},
                                         Steps{"first-calls", "start", "launch"},
                                         Steps{"start", "launch", "fork"},
                                         Steps{"fork"},
                                         Steps{"exec"},
                                         Steps{"start", "launch", "exec"},
                                         Steps{"start", "atexit"},
                                         Steps{"start", "priority"}));

TEST(Errors, AreTheDriversOwn) {
    const Environment faults{
        {"STANDIN_FAIL",
         std::string(api::kLaunch) + ":2=719," + api::kCopyIn + "=2," + api::kInit + ":9=1"}};
    const Steps steps{"start", "launch", "launch", "launch", "data"};
    const RunResult native = run(Shim::kNone, program(steps), faults);
    EXPECT_EQ(count_lines(native.output, "launch 719"), 1);
    EXPECT_EQ(count_lines(native.output, "memcpy 2"), 1);
    for (const Shim shim : {Shim::kInstalled, Shim::kTrace}) {
        EXPECT_EQ(text_of(run(shim, program(steps), faults).output), text_of(native.output));
    }
}

TEST(Errors, OfTheStartAreTheDriversOwn) {
    const RunResult result =
        run(Shim::kTrace, program({"start"}), {{"STANDIN_FAIL", std::string(api::kInit) + "=100"}});
    EXPECT_EQ(count_lines(result.output, "init 100"), 1);
    EXPECT_EQ(count_lines(result.trace, "init"), 0);
}

}  // namespace
}  // namespace headway::shim_test
