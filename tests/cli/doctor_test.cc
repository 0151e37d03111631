// `headway doctor`, run as a process on this very machine.
#include "tests/cli/process.h"
#include "tests/support/temporary_boards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

namespace headway {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Finished;
using testing::HasSubstr;

Finished doctor(const std::map<std::string, std::string>& variables = {}) {
    return test::run_process({HEADWAY_CLI_PATH, "doctor", "--json"}, variables);
}

// The finding about `subject`, or null.
json find(const Finished& finished, const std::string& subject) {
    const json examination = json::parse(finished.out);
    for (const json& section : examination["sections"]) {
        for (const json& finding : section["findings"]) {
            if (finding["subject"] == subject) return finding;
        }
    }
    return nullptr;
}

class Doctor : public testing::Test {
 protected:
    test::TemporaryBoards boards_;
};

TEST_F(Doctor, SaysTheSameToPeopleAndPrograms) {
    const Finished programs = doctor();
    const Finished people = test::run_process({HEADWAY_CLI_PATH, "doctor"});
    EXPECT_EQ(programs.status, 0) << programs.out << programs.err;
    EXPECT_EQ(people.status, 0);
    const json examination = json::parse(programs.out);
    EXPECT_EQ(examination["schema"], "headway.doctor/1");
    EXPECT_EQ(examination["can_schedule"], true);
    for (const json& section : examination["sections"]) {
        EXPECT_THAT(people.out, HasSubstr("\n" + section["title"].get<std::string>() + "\n"));
        for (const json& finding : section["findings"]) {
            EXPECT_THAT(people.out, HasSubstr(finding["subject"].get<std::string>()));
        }
    }
    EXPECT_EQ(find(programs, "board folder")["text"], boards_.path().string());
    // What it concludes depends on the machine; that it does, not.
    for (const char* subject : {"OpenCL", "HIP"}) {
        EXPECT_THAT(find(programs, subject)["text"].get<std::string>(),
                    testing::AnyOf(testing::StartsWith("schedules unmodified programs"),
                                   testing::HasSubstr(" above"),
                                   testing::StartsWith("no scheduling")));
    }
}

TEST_F(Doctor, LeavesNothingBehind) {
    doctor();
    EXPECT_TRUE(fs::is_empty(boards_.path()));
    const std::string unmade = (boards_.path() / "unmade").string();
    EXPECT_EQ(doctor({{"HEADWAY_BOARD_DIR", unmade}}).status, 0);
    EXPECT_FALSE(fs::exists(unmade));
}

TEST_F(Doctor, FindsAnUnusableBoardFolder) {
    const std::string file = (boards_.path() / "file").string();
    std::ofstream(file) << "x";
    const std::string open_to_all = (boards_.path() / "open").string();
    fs::create_directory(open_to_all);
    fs::permissions(open_to_all, fs::perms::all);
    for (const std::string& bad : {file, open_to_all, std::string("/proc/nowhere/boards")}) {
        const Finished finished = doctor({{"HEADWAY_BOARD_DIR", bad}});
        EXPECT_EQ(finished.status, 1) << bad;
        EXPECT_EQ(find(finished, "board folder")["state"], "problem") << bad;
        EXPECT_THAT(find(finished, "board folder")["remedy"].get<std::string>(),
                    HasSubstr("HEADWAY_BOARD_DIR"));
        EXPECT_EQ(find(finished, "CPU")["state"], "problem") << bad;
    }
}

TEST_F(Doctor, FindsABadBoardButCanGoOn) {
    std::ofstream(boards_.board("cuda")) << "no board";
    const Finished finished = doctor();
    EXPECT_EQ(finished.status, 0);
    EXPECT_EQ(find(finished, "board")["state"], "problem");
}

TEST_F(Doctor, ExplainsTheEnvironment) {
    const Finished disabled = doctor({{"HEADWAY_DISABLE", "1"}});
    EXPECT_EQ(disabled.status, 1) << "nothing can be scheduled";
    EXPECT_EQ(find(disabled, "CPU")["text"], "no scheduling: HEADWAY_DISABLE is set");
    EXPECT_EQ(find(doctor({{"HEADWAY_DISABLE", "maybe"}}), "HEADWAY_DISABLE")["state"], "problem");
    EXPECT_EQ(find(doctor({{"HEADWAY_DISABLE", "0"}}), "HEADWAY_DISABLE")["state"], "ok");
    const json misspelt = find(doctor({{"HEADWAY_DISABEL", "1"}}), "HEADWAY_DISABEL");
    EXPECT_EQ(misspelt["state"], "problem");
    EXPECT_EQ(misspelt["remedy"], "check its spelling");
}

// The names of the environment variables that the sources read.
std::set<std::string> variables_read(const fs::path& folder) {
    std::set<std::string> names;
    const std::regex call(
        "(?:env_(?:flag|text|number)|secure_getenv)\\(\\s*\"(HEADWAY_[A-Z0-9_]+)\"");
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
        std::ifstream file(entry.path());
        const std::string text(std::istreambuf_iterator<char>(file), {});
        for (std::sregex_iterator at(text.begin(), text.end(), call), end; at != end; ++at) {
            names.insert((*at)[1]);
        }
    }
    return names;
}

TEST_F(Doctor, KnowsEveryVariableThatIsRead) {
    const std::set<std::string> names = variables_read(HEADWAY_SOURCE_DIR "/src");
    EXPECT_GE(names.size(), 3U);
    for (const std::string& name : names) {
        const json finding = find(doctor({{name, "1"}}), name);
        EXPECT_NE(finding["text"], "no variable of this version") << name;
    }
}

}  // namespace
}  // namespace headway
