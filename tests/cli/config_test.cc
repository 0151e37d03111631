// headway.toml: what is read from it, what is refused and where, and `headway run` with it.
#include "cli/run/config.h"

#include "tests/cli/process.h"
#include "tests/support/temporary_boards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace headway::cli {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Config : public testing::Test {
 protected:
    std::string write(const std::string& text) const {
        const std::string file = folder_.path() / "headway.toml";
        std::ofstream(file) << text;
        return file;
    }

    std::vector<Program> read(const std::string& text) const {
        std::vector<Program> programs;
        EXPECT_EQ(read_config(write(text), &programs).text, "");
        return programs;
    }

    // What is said about the text, without the folder.
    std::string error(const std::string& text) const {
        std::vector<Program> programs;
        const std::string said = read_config(write(text), &programs).text;
        EXPECT_TRUE(programs.empty()) << text;
        const std::size_t name = said.find("headway.toml");
        return name == std::string::npos ? said : said.substr(name);
    }

    // `headway run` in the folder of the file.
    Finished run(const std::string& words, const std::string& before = "") const {
        return test::run_process({"/bin/sh",
                                  "-c",
                                  "cd \"$0\" || exit 1; " + before + " exec \"$1\" run " + words,
                                  folder_.path(),
                                  HEADWAY_CLI_PATH});
    }

    test::TemporaryBoards folder_;
};

TEST_F(Config, ProgramsInheritTheDefaultsAndOverrideThem) {
    const std::vector<Program> programs = read(R"(
[defaults]
priority = 1
linger_us = "auto"
env = { THREADS = 4, MODE = "a" }

[program.serve]
command = ["python3", "serve.py", "--port", "80"]
priority = 10
env.MODE = "b"
cwd = "sub"

[program.batch]
command = "python3 train.py | tee log"
name = "training"
stats = true
timeslice_us = 50
)");
    ASSERT_EQ(programs.size(), 2U);
    EXPECT_EQ(programs[0].name, "serve");
    EXPECT_THAT(programs[0].words, ElementsAre("python3", "serve.py", "--port", "80"));
    EXPECT_EQ(
        programs[0].options,
        (Variables{
            {"HEADWAY_PRIORITY", "10"}, {"HEADWAY_LINGER_US", "auto"}, {"HEADWAY_NAME", "serve"}}));
    EXPECT_EQ(programs[0].environment, (Variables{{"THREADS", "4"}, {"MODE", "b"}}));
    EXPECT_EQ(programs[0].folder, (folder_.path() / "sub").string());
    EXPECT_THAT(programs[1].words, ElementsAre("/bin/sh", "-c", "python3 train.py | tee log"));
    EXPECT_EQ(programs[1].options,
              (Variables{{"HEADWAY_PRIORITY", "1"},
                         {"HEADWAY_LINGER_US", "auto"},
                         {"HEADWAY_NAME", "training"},
                         {"HEADWAY_STATS", "1"},
                         {"HEADWAY_TIMESLICE_US", "50"}}));
    EXPECT_EQ(programs[1].folder, "");
}

TEST_F(Config, ErrorsNameFileLineColumnAndKey) {
    EXPECT_EQ(
        error("[program.a]\ncommand = \"x\"\nbatch-size = 3\n"),
        "headway.toml:3:1: program.a.batch-size: no such key; is it \"batch_size\" you mean?");
    EXPECT_EQ(error("[program.a]\ncommand = [\"x\"]\npriority = 256\n"),
              "headway.toml:3:12: program.a.priority: \"256\" is not a number from -256 to 255");
    EXPECT_THAT(error("[defautls]\n"), HasSubstr("is it \"defaults\" you mean?"));
    EXPECT_THAT(error("[program.a]\ncommand = \n"), StartsWith("headway.toml:2:"));
    EXPECT_THAT(error("[program.a]\n"), EndsWith("program.a: it has no command"));
    EXPECT_THAT(error("[program.a]\ncommand = [1]\n"), HasSubstr("each word is a string"));
    EXPECT_THAT(error("[program.a]\ncommand = \"x\"\nstats = 1\n"), HasSubstr("true or false"));
    EXPECT_THAT(error("[program.a]\ncommand = \"x\"\nenv = 1\n"), HasSubstr("table of variables"));
    EXPECT_THAT(error("[program.a]\ncommand = \"x\"\nenv.LD_PRELOAD = \"y\"\n"),
                HasSubstr("program.a.env.LD_PRELOAD"));
    EXPECT_THAT(error("[defaults]\ncommand = \"x\"\n"), HasSubstr("defaults.command: no such key"));
    EXPECT_THAT(error("[program.a]\ncommand=\"x\"\nthreshold = 2\nbatch_size = 3\n"),
                HasSubstr("a batch size of 3 is more than the threshold of 2"));
    EXPECT_THAT(error(""), HasSubstr("no [program.NAME]"));
    EXPECT_THAT(error("program = 3\n"), HasSubstr("it is a table"));
    EXPECT_THAT(error("\xff\xfe"), StartsWith("headway.toml:1:"));
}

TEST_F(Config, AFileThatCannotBeReadIsNamed) {
    std::vector<Program> programs;
    EXPECT_THAT(read_config(folder_.path() / "none.toml", &programs).text,
                EndsWith("none.toml: No such file or directory"));
    EXPECT_THAT(read_config(folder_.path(), &programs).text, EndsWith("it is a folder"));
}

constexpr const char* kTwo = R"(
[program.good]
command = ["/bin/sh", "-c", "echo $HEADWAY_PRIORITY $HEADWAY_NAME $*", "sh"]
priority = 5
[program.bad]
command = "echo no >&2; exit 9"
)";

TEST_F(Config, RunStartsOneProgramByName) {
    write(kTwo);
    EXPECT_EQ(run("--config headway.toml good a b").out, "5 good a b\n");
    EXPECT_EQ(run("good").out, "5 good\n") << "headway.toml is in the current folder";
    EXPECT_EQ(run("--priority 6 --name other good").out, "6 other\n") << "the command line wins";
    EXPECT_EQ(run("bad").status, 9);
    const Finished not_a_name = run("-- good");
    EXPECT_EQ(not_a_name.status, 127) << "after -- it is a program";
    const Finished unknown = run("--config headway.toml goood");
    EXPECT_EQ(unknown.status, 2);
    EXPECT_THAT(unknown.err, HasSubstr("no program goood; it has good, bad"));
    EXPECT_EQ(run("--config headway.toml").status, 2);
    EXPECT_EQ(run("--all good").status, 2);
    EXPECT_EQ(run("true").status, 0) << "a name that the file does not have is a program";
}

TEST_F(Config, RunAllPrefixesLinesAndReturnsTheFirstFailure) {
    write(kTwo);
    const Finished finished = run("--all");
    EXPECT_EQ(finished.status, 9);
    EXPECT_EQ(finished.out, "[good] 5 good\n");
    EXPECT_EQ(finished.err, "[bad]  no\nheadway run: bad ended with status 9\n");
}

TEST_F(Config, RunAllHandsASignalOnAndWaits) {
    write(R"(
[program.polite]
command = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"
[program.plain]
command = ["sleep", "60"]
)");
    // The shell that exec replaces by headway leaves behind a child that sends the signal once the
    // first program is up.
    const Finished finished = run(
        "--all >out", "(while ! grep -q up out; do sleep 0.05; done; kill -TERM $$) 2>/dev/null &");
    EXPECT_EQ(finished.status, 128 + SIGTERM);
    std::ifstream file(folder_.path() / "out");
    const std::string out(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(out, "[polite] up\n[polite] bye\n");
    EXPECT_THAT(finished.err, HasSubstr("plain was ended by Terminated"));
}

TEST_F(Config, RunAllSaysWhichProgramIsMissing) {
    write("[program.a]\ncommand = [\"no-such-program-here\"]\n");
    const Finished finished = run("--all");
    EXPECT_EQ(finished.status, 127);
    EXPECT_THAT(finished.err, HasSubstr("[a] headway run: can't run no-such-program-here"));
}

}  // namespace
}  // namespace headway::cli
