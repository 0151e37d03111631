// The command `headway`, run as a process: what it prints, where, and its exit status.
#include "board/board.h"
#include "tests/cli/process.h"
#include "tests/report/sample.h"
#include "tests/support/temporary_boards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include <nlohmann/json.hpp>

namespace headway {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Finished;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

using Variables = std::map<std::string, std::string>;

Finished headway_command(std::vector<std::string> arguments, const Variables& variables = {}) {
    arguments.insert(arguments.begin(), HEADWAY_CLI_PATH);
    return test::run_process(arguments, variables);
}

// Exactly one line on standard error, nothing on standard output.
void expect_one_line(const Finished& finished, int status, const std::string& part) {
    EXPECT_EQ(finished.status, status) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, AllOf(StartsWith("headway"), HasSubstr(part), EndsWith("\n")));
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
}

class Cli : public testing::Test {
 protected:
    std::string path(const std::string& name) const { return (boards_.path() / name).string(); }

    std::string sample_file() const {
        std::ofstream(path("result.json")) << report::test::sample_two_models(2, 30);
        return path("result.json");
    }

    static std::string read(const std::string& name) {
        std::ifstream file(name);
        return std::string(std::istreambuf_iterator<char>(file), {});
    }

    // The folder of boards is also this test's folder for everything else.
    test::TemporaryBoards boards_;
};

TEST_F(Cli, SaysItsVersionAndHelps) {
    const Finished version = headway_command({"--version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_TRUE(std::regex_match(version.out, std::regex("headway \\d+\\.\\d+\\.\\d+ \\(.+\\)\n")))
        << version.out;
    for (const char* command : {"", "report", "status", "doctor"}) {
        std::vector<std::string> arguments = {"--help"};
        if (*command != '\0') arguments.insert(arguments.begin(), command);
        const Finished help = headway_command(arguments);
        EXPECT_EQ(help.status, 0) << command;
        EXPECT_THAT(help.out, HasSubstr("Examples:")) << command;
        EXPECT_EQ(help.err, "") << command;
    }
}

TEST_F(Cli, RefusesBadArgumentsInOneLine) {
    expect_one_line(headway_command({}), 2, "see headway --help");
    expect_one_line(headway_command({"frobnicate"}), 2, "frobnicate");
    expect_one_line(headway_command({"--frobnicate"}), 2, "--frobnicate");
    expect_one_line(headway_command({"report"}), 2, "see headway report --help");
    expect_one_line(headway_command({"report", "a.json", "--frob"}), 2, "--frob");
    expect_one_line(headway_command({"report", "a.json", "--format", "pdf"}), 2, "pdf");
    expect_one_line(headway_command({"status", "--yaml"}), 2, "see headway status --help");
    expect_one_line(headway_command({"doctor", "extra"}), 2, "extra");
}

TEST_F(Cli, ReportPrintsATable) {
    const Finished finished = headway_command({"report", sample_file()});
    EXPECT_EQ(finished.status, 0);
    EXPECT_THAT(finished.out, StartsWith("ResNet-18 beside ResNet-50\n"));
    EXPECT_EQ(finished.err, "");
}

TEST_F(Cli, ReportTakesTheFormatFromTheNameOfItsOutput) {
    const std::string input = sample_file();
    EXPECT_EQ(headway_command({"report", input, "-o", path("a.md")}).status, 0);
    EXPECT_THAT(read(path("a.md")), StartsWith("## ResNet-18"));
    EXPECT_EQ(headway_command({"report", input, "-o", path("a.txt")}).status, 0);
    EXPECT_THAT(read(path("a.txt")), StartsWith("ResNet-18"));
    EXPECT_EQ(headway_command({"report", input, "--format", "markdown"}).out, read(path("a.md")));
}

TEST_F(Cli, ReportWritesAPageOrSaysWhatItNeeds) {
    const Finished finished = headway_command({"report", sample_file(), "-o", path("a.html")});
    if (finished.status == 0) {
        EXPECT_THAT(read(path("a.html")), StartsWith("<!DOCTYPE html>"));
    } else {
        expect_one_line(finished, 1, "libjs-chart.js");
        EXPECT_FALSE(fs::exists(path("a.html")));
    }
    const Variables none = {{"HEADWAY_CHARTJS", "/proc/nowhere/chart.js"}};
    expect_one_line(headway_command({"report", sample_file(), "-o", path("b.html")}, none),
                    1,
                    "HEADWAY_CHARTJS");
    EXPECT_FALSE(fs::exists(path("b.html")));
}

TEST_F(Cli, ReportRefusesBadFiles) {
    const std::string input = sample_file();
    const std::string whole = read(input);
    std::ofstream(path("cut.json")) << whole.substr(0, whole.size() / 2);
    std::ofstream(path("foreign.json")) << "{\"name\": \"package\"}";
    std::ofstream(path("random.json")) << "\x01\xff\x80 \x1b[31m";
    std::ofstream(path("empty.json"));
    expect_one_line(headway_command({"report", path("none.json")}), 2, "none.json: No such file");
    expect_one_line(headway_command({"report", path("cut.json")}), 2, "is the file cut off?");
    expect_one_line(headway_command({"report", path("foreign.json")}), 2, "not a result file");
    expect_one_line(headway_command({"report", path("random.json")}), 2, "not JSON");
    expect_one_line(headway_command({"report", path("empty.json")}), 2, "the file is empty");
    expect_one_line(headway_command({"report", path("")}), 2, "not a regular file");
}

TEST_F(Cli, ReportLosesNothingWhenItCannotWrite) {
    const std::string input = sample_file();
    const std::string before = read(input);
    expect_one_line(headway_command({"report", input, "-o", input}), 2, "is the result itself");
    fs::create_hard_link(input, path("same.md"));
    expect_one_line(
        headway_command({"report", input, "-o", path("same.md")}), 2, "the result itself");
    expect_one_line(
        headway_command({"report", input, "-o", path("no/such.md")}), 2, "No such file");
    expect_one_line(
        headway_command({"report", input, "-o", boards_.path().string()}), 2, "directory");
    EXPECT_EQ(read(input), before);
    const Finished full = test::run_process(
        {"sh", "-c", "exec \"$0\" report \"$1\" >/dev/full", HEADWAY_CLI_PATH, input});
    expect_one_line(full, 1, "No space left");
}

TEST_F(Cli, StatusShowsTheLanesOfARealBoard) {
    auto opened = board::Board::open("cpu");
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    ASSERT_TRUE(opened.value().attach(10, "inference").ok());
    const Finished human = headway_command({"status"});
    EXPECT_EQ(human.status, 0);
    EXPECT_THAT(human.out,
                AllOf(HasSubstr("cpu (1 lane"), HasSubstr("inference"), HasSubstr(" 10 ")));

    const json status = json::parse(headway_command({"status", "--json"}).out);
    EXPECT_EQ(status["schema"], "headway.status/1");
    const json& lane = status["boards"][0]["lanes"][0];
    EXPECT_EQ(lane["pid"], ::getpid());
    EXPECT_EQ(lane["priority"], 10);
    EXPECT_EQ(lane["name"], "inference");
    EXPECT_EQ(lane["alive"], true);
    EXPECT_EQ(lane["counters"]["held"], 0);
}

TEST_F(Cli, StatusSkipsABadBoardAndShowsTheOthers) {
    auto opened = board::Board::open("cpu");
    ASSERT_TRUE(opened.ok());
    std::ofstream(boards_.board("broken")) << "no board at all";
    const Finished human = headway_command({"status"});
    EXPECT_EQ(human.status, 0);
    EXPECT_THAT(human.out,
                AllOf(HasSubstr("skipped"), HasSubstr("broken.board"), HasSubstr("cpu (0")));
    const json status = json::parse(headway_command({"status", "--json"}).out);
    ASSERT_EQ(status["boards"].size(), 2U);
    EXPECT_NE(status["boards"][0]["error"], "");
    EXPECT_EQ(status["boards"][1]["device"], "cpu");
}

TEST_F(Cli, StatusWithoutBoardsSaysSo) {
    EXPECT_THAT(headway_command({"status"}).out, StartsWith("No boards in "));
    const Variables nowhere = {{"HEADWAY_BOARD_DIR", "/proc/nowhere/boards"}};
    const Finished finished = headway_command({"status"}, nowhere);
    EXPECT_EQ(finished.status, 0);
    EXPECT_THAT(finished.out, HasSubstr("/proc/nowhere/boards"));
}

TEST_F(Cli, BenchPassesEveryArgumentOn) {
    // A copy of the program in a folder of its own finds the headway-bench beside it, here a script
    // that prints its arguments.
    fs::copy_file(HEADWAY_CLI_PATH, path("headway"));
    std::ofstream(path("headway-bench")) << "#!/bin/sh\nprintf '[%s]' \"$@\"\nexit 7\n";
    fs::permissions(path("headway-bench"), fs::perms::owner_all);
    const auto bench = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {path("headway"), "bench"});
        return test::run_process(arguments);
    };
    EXPECT_EQ(bench({}).out, "[two-models]");
    EXPECT_EQ(bench({}).status, 7) << "the exit status is that of headway-bench";
    EXPECT_EQ(bench({"--rate", "5"}).out, "[two-models][--rate][5]");
    EXPECT_EQ(bench({"overhead", "--x", "a b"}).out, "[overhead][--x][a b]");
    EXPECT_EQ(bench({"--help"}).out, "[--help]");
}

TEST_F(Cli, BenchSaysWhenItIsNotInstalled) {
    fs::copy_file(HEADWAY_CLI_PATH, path("headway"));
    const Finished finished =
        test::run_process({path("headway"), "bench"}, {{"PATH", boards_.path().string()}});
    expect_one_line(finished, 1, "headway-bench is not installed");
}

}  // namespace
}  // namespace headway
