// `headway run`, as a process: the program becomes what was asked for, and inherits its options.
#include "tests/cli/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headway {
namespace {

using test::Finished;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

Finished run(std::vector<std::string> arguments,
             const std::map<std::string, std::string>& extra = {}) {
    arguments.insert(arguments.begin(), {HEADWAY_CLI_PATH, "run"});
    return test::run_process(arguments, extra);
}

TEST(Run, TheProgramsOutputAndStatusAreItsOwn) {
    const Finished finished = run({"--", "/bin/sh", "-c", "echo out; echo err >&2; exit 7"});
    EXPECT_EQ(finished.status, 7);
    EXPECT_EQ(finished.out, "out\n");
    EXPECT_EQ(finished.err, "err\n");
}

TEST(Run, ASignalEndsItAsIfItRanAlone) {
    EXPECT_EQ(run({"--", "/bin/sh", "-c", "kill -TERM $$"}).status, 128 + 15);
}

TEST(Run, OptionsBecomeVariablesThatChildrenInherit) {
    const Finished finished = run({"--priority",
                                   "-7",
                                   "--budget-us",
                                   "80",
                                   "--name",
                                   "batch",
                                   "--",
                                   "/bin/sh",
                                   "-c",
                                   "/usr/bin/env"},
                                  {{"HEADWAY_THRESHOLD", "9"}});
    EXPECT_THAT(finished.out, HasSubstr("HEADWAY_PRIORITY=-7\n"));
    EXPECT_THAT(finished.out, HasSubstr("HEADWAY_BUDGET_US=80\n"));
    EXPECT_THAT(finished.out, HasSubstr("HEADWAY_NAME=batch\n"));
    EXPECT_THAT(finished.out, HasSubstr("HEADWAY_THRESHOLD=9\n"));
    EXPECT_THAT(finished.out, Not(HasSubstr("HEADWAY_LINGER_US")));
}

TEST(Run, TheShimIsPreloadedOnceAndAheadOfTheUsersOwn) {
    const Finished nested =
        run({"--", HEADWAY_CLI_PATH, "run", "--", "/bin/sh", "-c", "echo $LD_PRELOAD"},
            {{"LD_PRELOAD", "libm.so.6"}});
    const std::size_t first = nested.out.find("libheadway_cuda.so");
    EXPECT_NE(first, std::string::npos) << nested.err;
    EXPECT_EQ(nested.out.find("libheadway_cuda.so", first + 1), std::string::npos);
    EXPECT_THAT(nested.out, EndsWith("libheadway_cuda.so:libm.so.6\n"));
}

TEST(Run, AMissingProgramIsNamed) {
    const Finished finished = run({"--", "no-such-program-here"});
    EXPECT_EQ(finished.status, 127);
    EXPECT_THAT(finished.err, HasSubstr("no-such-program-here"));
}

TEST(Run, BadOptionsAreNamed) {
    EXPECT_EQ(run({"--priority", "256", "--", "/bin/true"}).status, 2);
    EXPECT_EQ(run({"--budget-us", "0", "--", "/bin/true"}).status, 2);
    EXPECT_EQ(run({"--no-such-option", "--", "/bin/true"}).status, 2);
    EXPECT_EQ(run({}).status, 2);
}

}  // namespace
}  // namespace headway
