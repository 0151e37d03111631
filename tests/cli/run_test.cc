// `headway run`, as a process: the program becomes what was asked for, and inherits its options.
#include "tests/cli/process.h"
#include "tests/support/temporary_boards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace headway {
namespace {

namespace fs = std::filesystem;
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

TEST(Run, ALibraryOfAnotherInstallationIsReplaced) {
    const Finished finished =
        run({"--", "/bin/sh", "-c", "echo $LD_PRELOAD"}, {{"LD_PRELOAD", "libm.so.6 libdl.so.2"}});
    EXPECT_THAT(finished.out, EndsWith("libheadway_cuda.so:libm.so.6:libdl.so.2\n"));
    // Only the name counts: the file need not be there for the inner run to take it off the list.
    const Finished other = test::run_process(
        {"/bin/sh",
         "-c",
         "LD_PRELOAD=/other/libheadway_cuda.so:libm.so.6 exec \"$0\" run -- /usr/bin/env",
         HEADWAY_CLI_PATH});
    EXPECT_THAT(other.out, HasSubstr("libheadway_cuda.so:libm.so.6\n"));
    EXPECT_THAT(other.out, Not(HasSubstr("/other/")));
}

TEST(Run, HipsShimIsPreloadedForAMachineOrAProgramWithHip) {
    const std::vector<std::string> show{"--", "/bin/sh", "-c", "echo $LD_PRELOAD"};
    if (::access("/dev/kfd", F_OK) != 0) {
        EXPECT_THAT(run(show).out, Not(HasSubstr("libheadway_hip.so")));
    }
    EXPECT_THAT(run(show, {{"HEADWAY_HIP_RUNTIME", "/nonexistent"}}).out,
                HasSubstr("libheadway_hip.so\n"));
}

TEST(Run, InnerOptionsOverrideOuterOnes) {
    const Finished finished = run({"--priority",
                                   "1",
                                   "--linger-us",
                                   "70",
                                   "--timeslice-us",
                                   "off",
                                   "--",
                                   HEADWAY_CLI_PATH,
                                   "run",
                                   "--priority",
                                   "2",
                                   "--linger-us",
                                   "auto",
                                   "--",
                                   "/usr/bin/env"});
    EXPECT_THAT(finished.out, HasSubstr("HEADWAY_PRIORITY=2\n"));
    EXPECT_THAT(finished.out, HasSubstr("HEADWAY_LINGER_US=auto\n"));
    EXPECT_THAT(finished.out, HasSubstr("HEADWAY_TIMESLICE_US=off\n"));
}

TEST(Run, TheBoardFolderIsTheSameWhereverTheProgramGoes) {
    const Finished finished = run({"--board-dir", "some/../boards", "--", "/usr/bin/env"});
    EXPECT_THAT(finished.out,
                HasSubstr("HEADWAY_BOARD_DIR=" + fs::current_path().string() + "/boards\n"));
}

TEST(Run, StandardInputIsTheProgramsOwn) {
    const Finished finished = test::run_process(
        {"/bin/sh", "-c", "echo through | \"$0\" run -- /bin/cat", HEADWAY_CLI_PATH});
    EXPECT_EQ(finished.out, "through\n");
}

// The loader takes LD_PRELOAD from a program that gains rights, so it runs as it always does. That
// takes no message: nothing failed.
TEST(Run, ASetuidProgramIsUntouched) {
    const test::TemporaryBoards folder;
    const std::string program = folder.path() / "env";
    fs::copy_file("/usr/bin/env", program);
    if (::chmod(folder.path().c_str(), 0755) != 0 || ::chown(program.c_str(), 65534, 65534) != 0 ||
        ::chmod(program.c_str(), 04755) != 0) {
        GTEST_SKIP() << "making a setuid program takes root";
    }
    const Finished finished = run({"--priority", "3", "--", program});
    EXPECT_EQ(finished.status, 0);
    EXPECT_EQ(finished.err, "");
    EXPECT_THAT(finished.out, HasSubstr("HEADWAY_PRIORITY=3\n"));
    if (finished.out.find("LD_PRELOAD") != std::string::npos) {
        GTEST_SKIP() << "this file system ignores the setuid bit";
    }
}

TEST(Run, AProgramThatCannotStartIsExplained) {
    const test::TemporaryBoards folder;
    const std::string data = folder.path() / "data";
    const std::string script = folder.path() / "script";
    std::ofstream(data) << "x";
    std::ofstream(script) << "#!/no/such/interpreter\n";
    fs::permissions(script, fs::perms::owner_all);
    const Finished denied = run({"--", data});
    EXPECT_EQ(denied.status, 126);
    EXPECT_THAT(denied.err, HasSubstr("data: Permission denied"));
    const Finished no_interpreter = run({"--", script});
    EXPECT_EQ(no_interpreter.status, 126);
    EXPECT_THAT(no_interpreter.err, HasSubstr("interpreter"));
    const Finished missing = run({"--", folder.path() / "none"});
    EXPECT_EQ(missing.status, 127);
    EXPECT_THAT(missing.err, HasSubstr("none: No such file"));
}

TEST(Run, AMissingProgramIsNamed) {
    const Finished finished = run({"--", "no-such-program-here"});
    EXPECT_EQ(finished.status, 127);
    EXPECT_THAT(finished.err, HasSubstr("no-such-program-here"));
}

TEST(Run, BadOptionsAreNamed) {
    EXPECT_EQ(run({"--priority", "256", "--", "/bin/true"}).status, 2);
    EXPECT_EQ(run({"--budget-us", "0", "--", "/bin/true"}).status, 2);
    EXPECT_EQ(run({"--linger-us", "soon", "--", "/bin/true"}).status, 2);
    EXPECT_EQ(run({"--timeslice-us", "0", "--", "/bin/true"}).status, 2);
    EXPECT_EQ(run({"--threshold", "2", "--batch-size", "3", "--", "/bin/true"}).status, 2);
    EXPECT_EQ(run({"--no-such-option", "--", "/bin/true"}).status, 2);
    EXPECT_EQ(run({}).status, 2);
}

}  // namespace
}  // namespace headway
