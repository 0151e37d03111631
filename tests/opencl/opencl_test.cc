// Real OpenCL programs on a real platform (PoCL), with and without the layer: the same output, and
// the counters of what was done to them.
#include "base/process.h"
#include "board/board.h"
#include "tests/opencl/fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace headway::test {
namespace {

using testing::HasSubstr;

[[maybe_unused]] const testing::Environment* const g_platform =
    testing::AddGlobalTestEnvironment(new Platform);

TEST_F(OpenCl, EveryKindOfCommandGivesTheSameResults) {
    expect_unchanged({program("opencl_everything")});
}

TEST_F(OpenCl, CallsAreCountedByWhatTheyDo) {
    const Finished finished = run({program("opencl_everything")}, layer());
    EXPECT_THAT(finished.err, HasSubstr("headway: opencl: saw "));
    EXPECT_THAT(finished.err, HasSubstr("2 command buffers"));
    // Those of callbacks, and the command buffer that names no queue.
    EXPECT_THAT(finished.err, HasSubstr("bypassed 20;"));
    EXPECT_THAT(finished.err, HasSubstr("unknown look-ups 0"));
    EXPECT_GT(counter(finished, "passed"), 200) << finished.err;
}

TEST_F(OpenCl, ErrorsAreTheDriversOwn) {
    expect_unchanged({program("opencl_errors")});
}

TEST_F(OpenCl, AForkBeforeTheFirstUseIsScheduledInBoth) {
    const Finished native = run({program("opencl_life"), "fork-before"});
    const Finished scheduled = run({program("opencl_life"), "fork-before"}, layer());
    EXPECT_EQ(scheduled.out, native.out);
    EXPECT_EQ(scheduled.status, native.status);
}

TEST_F(OpenCl, AForkAfterUseLeavesTheParentAsItWas) {
    const Finished native = run({program("opencl_life"), "fork-after"});
    attach(10);
    const Finished scheduled = run({program("opencl_life"), "fork-after"}, layer());
    detach();
    EXPECT_EQ(scheduled.out, native.out);
    EXPECT_EQ(scheduled.status, native.status);
    EXPECT_GT(counter(scheduled, "gated"), 0) << scheduled.err;
}

TEST_F(OpenCl, AProgramMayEndWithWorkInFlight) {
    attach(10);
    const Finished scheduled = run({program("opencl_life"), "unfinished"}, layer());
    detach();
    EXPECT_EQ(scheduled.status, 0) << scheduled.err;
    EXPECT_GT(counter(scheduled, "markers"), 0) << scheduled.err;
}

// Natively the call is over before the queue goes; held, it is not.
TEST_F(OpenCl, AQueueMayGoWhileACallOnItIsHeld) {
    for (const char* what : {"queue", "context"}) {
        const Finished native = run({program("opencl_gone"), what});
        Variables variables = layer();
        variables["HEADWAY_MAX_HOLD_MS"] = "150";
        attach(10);
        turn_busy();
        const Finished scheduled = run({program("opencl_gone"), what}, variables);
        detach();
        EXPECT_EQ(native.status, 0) << native.err;
        EXPECT_EQ(scheduled.status, 0) << what << scheduled.err;
        EXPECT_EQ(scheduled.out, native.out) << what;
        EXPECT_GT(counter(scheduled, "held"), 0) << scheduled.err;
    }
}

TEST_F(OpenCl, AProgramMayUnloadItsLoader) {
    for (const char* how : {"tidy", "hasty"}) {
        const Finished native = run({program("opencl_unload"), how});
        attach(10);
        const Finished scheduled = run({program("opencl_unload"), how}, layer());
        detach();
        EXPECT_EQ(native.status, 0) << native.err;
        EXPECT_EQ(scheduled.status, 0) << how << scheduled.err;
        EXPECT_EQ(scheduled.out, native.out) << how;
        EXPECT_GT(counter(scheduled, "gated"), 40) << scheduled.err;
    }
}

// The program plays the loader; its platform lacks one thing or another.
TEST_F(OpenCl, APlatformMayLackAFunction) {
    std::string all_out;
    for (const std::string what : {"all", "fill", "markers", "flush", "short"}) {
        attach(10);
        const Finished finished = run({program("opencl_lacking"), HEADWAY_OPENCL_LAYER, what},
                                      {{"HEADWAY_STATS", "1"}, {"HEADWAY_PRIORITY", "0"}});
        detach();
        EXPECT_EQ(finished.status, 0) << what << finished.out << finished.err;
        EXPECT_THAT(finished.out, HasSubstr("name 0 headway 8")) << what;
        EXPECT_THAT(finished.out, HasSubstr("a second loader gets nothing")) << what;
        EXPECT_THAT(finished.out, HasSubstr("entries all")) << what;
        const bool gates = what == "all" || what == "fill";
        EXPECT_THAT(finished.out, HasSubstr(gates ? "gated yes" : "gated no")) << what;
        EXPECT_EQ(counter(finished, "gated") > 0, gates) << what << finished.err;
        const std::size_t at = finished.out.find("result ");
        ASSERT_NE(at, std::string::npos) << what;
        const std::string result = finished.out.substr(at);
        if (what == "all") all_out = result;
        EXPECT_EQ(result, all_out) << what;
    }
}

TEST_F(OpenCl, UnderALoaderWithoutLayersAProgramRunsUnscheduled) {
    const Finished native = run({program("opencl_life_plain"), "early"});
    EXPECT_EQ(native.status, 0) << native.err;
    attach(10);
    const Finished scheduled =
        run({HEADWAY_CLI_PATH, "run", "--stats", "--", program("opencl_life_plain"), "early"});
    detach();
    EXPECT_EQ(scheduled.status, native.status) << scheduled.err;
    EXPECT_EQ(scheduled.out, native.out);
    // Nothing claims to have scheduled it.
    EXPECT_THAT(scheduled.err, testing::Not(HasSubstr("headway: opencl")));
    EXPECT_THAT(scheduled.err, testing::Not(HasSubstr("headway: lane")));
}

TEST_F(OpenCl, TheDoctorTellsALoaderWithLayersFromOneWithout) {
    const Finished layered = run({HEADWAY_CLI_PATH, "doctor"});
    EXPECT_THAT(layered.out, HasSubstr("loads Headway's layer"));
    EXPECT_THAT(layered.out, testing::ContainsRegex("OpenCL +schedules unmodified programs"));
    std::filesystem::create_symlink(program("libopencl_plain_loader.so"),
                                    boards_.path() / "libOpenCL.so.1");
    const Finished plain =
        run({HEADWAY_CLI_PATH, "doctor"}, {{"LD_LIBRARY_PATH", boards_.path().string()}});
    EXPECT_THAT(plain.out, HasSubstr("knows no layers (OPENCL_LAYERS)"));
    EXPECT_THAT(plain.out, testing::ContainsRegex("PROBLEM +OpenCL +no scheduling"));
}

TEST_F(OpenCl, DisabledItIsNotThere) {
    Variables variables = layer();
    variables["HEADWAY_DISABLE"] = "1";
    const Finished finished = run({program("opencl_life"), "early"}, variables);
    EXPECT_EQ(finished.status, 0);
    EXPECT_EQ(finished.err, "");
}

TEST_F(OpenCl, HeadwayRunSetsTheLayerUpByItself) {
    const Finished finished = run({HEADWAY_CLI_PATH,
                                   "run",
                                   "--priority",
                                   "7",
                                   "--stats",
                                   "--",
                                   program("opencl_life"),
                                   "early"});
    EXPECT_EQ(finished.status, 0);
    EXPECT_THAT(finished.err, HasSubstr("headway: opencl: saw 20 kernels"));
    EXPECT_THAT(finished.err, HasSubstr("opencl_life priority 7"));
}

TEST_F(OpenCl, HeadwayRunKeepsTheUsersLayersBehindItsOwn) {
    const Finished nested = run({HEADWAY_CLI_PATH,
                                 "run",
                                 "--",
                                 HEADWAY_CLI_PATH,
                                 "run",
                                 "--",
                                 "/bin/sh",
                                 "-c",
                                 "echo $OPENCL_LAYERS"},
                                {{"OPENCL_LAYERS", "/other/libheadway_opencl.so:libother.so"}});
    EXPECT_THAT(nested.out, testing::EndsWith("/libheadway_opencl.so:libother.so\n"));
    EXPECT_EQ(nested.out.find("libheadway_opencl.so"), nested.out.rfind("libheadway_opencl.so"));
}

TEST_F(OpenCl, AThreadMayHaveALaneOfItsOwn) {
    Variables variables = layer();
    variables["LD_PRELOAD"] = HEADWAY_OPENCL_LAYER;  // where libheadway looks for a shim
    attach(10);
    const Finished finished = run({program("opencl_lanes")}, variables);
    detach();
    EXPECT_EQ(finished.status, 0) << finished.out << finished.err;
    EXPECT_EQ(finished.out, "launches 30\n");
    EXPECT_EQ(counter(finished, "gated"), 1) << finished.err;  // in the process's own lane
}

TEST_F(OpenCl, AThreadMayHaveALaneOfItsOwnBesideCudasShim) {
    attach(10);
    const Finished finished = run({HEADWAY_CLI_PATH, "run", "--", program("opencl_lanes")},
                                  {{"LD_PRELOAD", HEADWAY_OPENCL_LAYER}, {"HEADWAY_STATS", "1"}});
    detach();
    EXPECT_EQ(finished.status, 0) << finished.out << finished.err;
    EXPECT_EQ(finished.out, "launches 30\n");
    EXPECT_EQ(counter(finished, "gated"), 1) << finished.err;  // in the process's own lane
}

// Of a request of the high program: calls of the low one that returned during it, and until the
// next.
struct Request {
    long during;
    long between;
};

std::vector<Request> requests_of(const std::string& out) {
    std::vector<Request> requests;
    const std::regex line("during (\\d+) between (\\d+)");
    for (std::sregex_iterator it(out.begin(), out.end(), line), end; it != end; ++it)
        requests.push_back({std::stol((*it)[1]), std::stol((*it)[2])});
    return requests;
}

class Rivals : public OpenCl {
 protected:
    // Runs the low program beside `kind` of the high one, and returns what that says.
    std::vector<Request> run_both(const char* kind) {
        const std::string shared = boards_.path() / kind;
        std::thread beside([&] {
            low_ = run({program("opencl_rivals"), "low", shared}, layer(1));
        });
        high_ = run({program("opencl_rivals"), kind, shared}, layer(10));
        beside.join();
        EXPECT_EQ(high_.status, 0) << high_.err;
        EXPECT_EQ(low_.status, 0) << low_.err;
        EXPECT_GT(counter(low_, "held"), 0) << low_.err;
        EXPECT_GT(counter(low_, "markers"), 0) << low_.err;
        EXPECT_EQ(counter(high_, "held"), 0) << high_.err;
        return requests_of(high_.out);
    }

    Finished low_;
    Finished high_;
};

// Calls of the low program that return while a request of the high one runs. Those that were past
// the gate when the request came return, and then none before its end.
TEST_F(Rivals, ALowProgramIsHeldWhileAHighOneWorks) {
    const std::vector<Request> requests = run_both("high");
    ASSERT_EQ(requests.size(), 4U) << high_.out;
    long between = 0;
    for (const Request& request : requests) {
        EXPECT_LE(request.during, 8) << high_.out;  // two windows
        between += request.between;
    }
    // Where the machine has other work to do, low gets to it in some pauses only.
    EXPECT_GT(between, 0) << high_.out;
}

// The scheduling policies of the threads of a process (man 5 proc, stat).
std::vector<int> policies_of(std::uint32_t pid) {
    std::vector<int> policies;
    std::error_code gone;
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
        std::ifstream file(task.path() / "stat");
        std::string text;
        std::getline(file, text);
        std::istringstream fields(text.substr(text.rfind(')') + 1));
        std::string field;
        for (int i = 3; i <= 41 && fields >> field; ++i) {
        }
        if (fields) policies.push_back(std::stoi(field));
    }
    return policies;
}

// Waits, for at most 20 s, until as many threads of the process as that have the policy.
bool soon_idle(std::uint32_t pid, bool some) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const std::vector<int> policies = policies_of(pid);
        const auto idle = std::count(policies.begin(), policies.end(), SCHED_IDLE);
        if (!policies.empty() && (idle != 0) == some) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

// On a CPU the operating system takes a running kernel off, where Headway may ask it to.
TEST_F(Rivals, TheThreadsOfALowProgramsKernelsStepBack) {
    if (::setpriority(PRIO_PROCESS, 0, -1) != 0) GTEST_SKIP() << "needs CAP_SYS_NICE";
    ::setpriority(PRIO_PROCESS, 0, 0);
    const std::string shared = boards_.path() / "shared";
    std::thread beside([&] { low_ = run({program("opencl_rivals"), "low", shared}, layer(1)); });
    std::uint32_t low_pid = 0;
    Result<board::Board> opened = board::Board::open(device_.c_str());
    for (int attempt = 0; opened.ok() && low_pid == 0 && attempt < 1000; ++attempt) {
        for (std::uint32_t i = 0; i < board::kLaneCountMax; ++i) {
            const board::LaneSlot& slot = opened.value().slot(i);
            if (slot.priority.load() == 1) low_pid = process_pid(slot.owner.load());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_TRUE(soon_idle(low_pid, false));
    attach(10);
    EXPECT_TRUE(soon_idle(low_pid, true));
    const std::vector<int> policies = policies_of(low_pid);
    // Its own threads do not.
    EXPECT_GT(std::count(policies.begin(), policies.end(), SCHED_OTHER), 0);
    detach();
    EXPECT_TRUE(soon_idle(low_pid, false));
    std::ofstream(shared, std::ios::binary | std::ios::in).seekp(8).put(1);  // stop
    beside.join();
    EXPECT_EQ(low_.status, 0) << low_.err;
}

// The first request teaches the lane that the next step follows at once; without that, each of the
// 60 pauses of a request would let a call of the low program through.
TEST_F(Rivals, AProgramThatLooksAtEachStepIsNotInterrupted) {
    const std::vector<Request> requests = run_both("steps");
    ASSERT_EQ(requests.size(), 12U) << high_.out;
    // Of most requests: on a machine with other work a pause may be too long now and then.
    std::vector<long> during;
    long between = 0;
    for (std::size_t i = 1; i < requests.size(); ++i) {
        during.push_back(requests[i].during);
        between += requests[i].between;
    }
    std::sort(during.begin(), during.end());
    EXPECT_LE(during[during.size() / 2], 16) << high_.out;
    EXPECT_GT(between, 0) << high_.out;
}

// A higher lane that works for a while, again and again: what runs beside it is really held.
class Client : public OpenCl {
 protected:
    // Runs it natively, then scheduled beside that lane. Numbers that depend on the time are left
    // out of the comparison.
    void expect_same(const std::vector<std::string>& words, const std::string& timings) {
        const Finished native = run(words, {}, 200);
        if (native.status == 127) GTEST_SKIP() << words[0] << " is not installed";
        ASSERT_EQ(native.status, 0) << native.out << native.err;
        const Finished scheduled = run_beside_rival(words, layer(), 400);
        const std::regex varying(timings);
        EXPECT_EQ(scheduled.status, 0) << scheduled.err;
        EXPECT_EQ(std::regex_replace(scheduled.out, varying, "#"),
                  std::regex_replace(native.out, varying, "#"));
        EXPECT_GT(counter(scheduled, "gated"), 0) << scheduled.err;
        EXPECT_GT(counter(scheduled, "held"), 0) << scheduled.err;
        EXPECT_GT(counter(scheduled, "markers"), 0) << scheduled.err;
        EXPECT_EQ(counter(scheduled, "timeouts"), 0) << scheduled.err;
    }
};

TEST_F(Client, ClBlastsOwnTest) {
    expect_same({"clblast_test_xaxpy"}, "\\d+\\.\\d+ ms");
}

// What this line buffering program had printed when its time was over, without its last line.
std::string lines_of(const std::string& out) {
    return out.substr(0, out.rfind('\n') + 1);
}

// The whole takes minutes: each run gets some seconds, and what both got done must be equal.
TEST_F(Client, ClBlastsMatrixProductsForAWhile) {
    const std::vector<std::string> words = {
        "stdbuf", "--output=L", "clblast_test_xgemm", "-precision", "32"};
    const Finished native = run(words, {}, 25);
    if (native.status == 127) GTEST_SKIP() << "clblast_test_xgemm is not installed";
    Finished scheduled;
    std::uint64_t gated = 0;
    std::uint64_t held = 0;
    {
        // It is ended before it could print its counters: they are read from the board.
        std::atomic<bool> done{false};
        std::thread watch([&] {
            Result<board::Board> opened = board::Board::open(device_.c_str());
            while (opened.ok() && !done.load()) {
                for (std::uint32_t i = 0; i < board::kLaneCountMax; ++i) {
                    gated = std::max(gated, opened.value().slot(i).gated.load());
                    held = std::max(held, opened.value().slot(i).held.load());
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        });
        scheduled = run_beside_rival(words, layer(), 30);
        done.store(true);
        watch.join();
    }
    const std::string first = lines_of(native.out);
    const std::string second = lines_of(scheduled.out);
    const std::size_t common = std::min(first.size(), second.size());
    EXPECT_THAT(first, HasSubstr("Pass rate"));
    EXPECT_THAT(second, HasSubstr("Pass rate")) << scheduled.err;
    EXPECT_EQ(first.substr(0, common), second.substr(0, common));
    EXPECT_GT(gated, 0U);
    EXPECT_GT(held, 0U);
}

TEST_F(Client, ViennaClsConjugateGradients) {
    if (!std::filesystem::exists(program("opencl_viennacl"))) {
        GTEST_SKIP() << "ViennaCL is not installed (Debian: libviennacl-dev)";
    }
    expect_same({program("opencl_viennacl")}, "unused");
}

TEST_F(Client, ClFft) {
    expect_same({"clFFT-client", "-x", "256", "-y", "64", "-p", "5"}, "[0-9][-+.e0-9]*");
}

TEST_F(Client, ClPeak) {
    expect_same({"clpeak", "--kernel-latency"}, "\\d+\\.\\d+ us");
}

TEST_F(Client, PyOpenCl) {
    if (run({"/usr/bin/python3", "-c", "import pyopencl"}).status != 0) {
        GTEST_SKIP() << "pyopencl is not installed (Debian: python3-pyopencl)";
    }
    expect_same({"/usr/bin/python3", program("pyopencl_program.py")}, "unused");
}

}  // namespace
}  // namespace headway::test
