// The benchmark's own MPS. NVIDIA's control program needs a GPU, so a script stands in for it: it
// writes down what it was asked and where, and behaves as FAKE_MPS says. Everything else is real.
#include "bench/process/mps.h"

#include "bench/failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

namespace headway::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

// The server is a real process with the name of NVIDIA's, in a session of its own: a daemon that is
// killed does not take it along.
constexpr const char* kControl = R"sh(#!/bin/sh
pipe="$CUDA_MPS_PIPE_DIRECTORY"
say() { echo "$*" >> "$FAKE_MPS_LOG"; }
if [ "$1" = -f ]; then
    say "daemon $$ pipe $pipe log $CUDA_MPS_LOG_DIRECTORY gpus ${CUDA_VISIBLE_DEVICES-all}"
    [ "$FAKE_MPS" = dead ] && { echo "no GPU is to be had"; exit 1; }
    echo $$ > "$pipe/control"
    while [ -e "$pipe/control" ]; do sleep 0.02; done
    exit 0
fi
read -r command
say "asked $pipe $command"
[ -e "$pipe/control" ] || { echo "Cannot find MPS control daemon process"; exit 0; }
case "$command" in
get_server_list)
    [ -e "$pipe/server" ] && cat "$pipe/server" ;;
start_server*)
    [ "$FAKE_MPS" = serverless ] && exit 0
    setsid "$FAKE_MPS_SERVER" 1000 > /dev/null 2>&1 &
    echo $! > "$pipe/server"
    say "serves $!" ;;
quit)
    [ "$FAKE_MPS" = deaf ] && exit 0
    kill "$(cat "$pipe/server")"
    rm "$pipe/control" ;;
esac
exit 0
)sh";

class Mps : public testing::Test {
 protected:
    void SetUp() override {
        folder_ = std::filesystem::path(scratch_.path());
        std::filesystem::create_directories(folder_ / "bin");
        std::filesystem::create_directories(folder_ / "somebody");
        std::filesystem::create_directories(folder_ / "tmp");
        std::ofstream(folder_ / "bin" / kMpsControl) << kControl;
        std::filesystem::permissions(folder_ / "bin" / kMpsControl,
                                     std::filesystem::perms::owner_all);
        const std::string server = (folder_ / "nvidia-cuda-mps-server").string();
        std::filesystem::copy_file("/bin/sleep", server);
        set("FAKE_MPS_LOG", (folder_ / "log").string());
        set("FAKE_MPS_SERVER", server);
        set("FAKE_MPS", "");
        set("PATH", (folder_ / "bin").string() + ":/usr/bin:/bin");
        set("TMPDIR", (folder_ / "tmp").string());
        // Of an MPS that somebody has running already.
        set("CUDA_MPS_PIPE_DIRECTORY", (folder_ / "somebody").string());
        set("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", "10");
        set("CUDA_VISIBLE_DEVICES", "1");
    }

    // Puts the variables back.
    void TearDown() override {
        for (const auto& [name, value] : before_) {
            if (value) {
                ::setenv(name.c_str(), value->c_str(), 1);
            } else {
                ::unsetenv(name.c_str());
            }
        }
    }

    void set(const char* name, const std::string& value) {
        const char* const was = ::getenv(name);
        before_.try_emplace(name, was == nullptr ? std::nullopt : std::optional<std::string>(was));
        ::setenv(name, value.c_str(), 1);
    }

    std::string log() const {
        std::ifstream file(folder_ / "log");
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }

    // The process number after the first "WORD " of the log.
    int number_after(const std::string& word) const {
        const std::string text = log();
        const std::size_t at = text.find(word + " ");
        return at == std::string::npos ? 0 : std::stoi(text.substr(at + word.size() + 1));
    }

    void expect_nothing_left() const {
        EXPECT_TRUE(std::filesystem::is_empty(folder_ / "tmp"));
        EXPECT_TRUE(std::filesystem::is_empty(folder_ / "somebody"));
        EXPECT_THAT(log(), Not(HasSubstr("somebody")));
        const int daemon = number_after("daemon");
        ASSERT_GT(daemon, 0) << log();
        EXPECT_TRUE(::kill(daemon, 0) != 0 && errno == ESRCH);
    }

    // Whether it has ended: it may be a zombie, whose parent is not this process.
    static bool has_ended(int pid) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        std::string text;
        std::getline(file, text);
        const std::size_t after_name = text.rfind(')');
        return after_name == std::string::npos || text[after_name + 2] == 'Z';
    }

    // The reason why it can't be had; "" if it can.
    static std::string reason(const MpsLimits& limits = {}) {
        try {
            const MpsDaemon daemon(limits);
        } catch (const Unavailable& why) {
            return why.what();
        }
        return {};
    }

    std::map<std::string, std::optional<std::string>> before_;
    PrivateFolder scratch_;
    std::filesystem::path folder_;
};

TEST_F(Mps, HasFoldersOfItsOwnAndQuits) {
    int server = 0;
    {
        const MpsDaemon daemon;
        server = number_after("serves");
        ASSERT_GT(server, 0) << log();
        EXPECT_FALSE(has_ended(server));
        const nlohmann::json variables = daemon.client_environment();
        const auto pipe = variables.at("CUDA_MPS_PIPE_DIRECTORY").get<std::string>();
        EXPECT_TRUE(std::filesystem::exists(pipe + "/control"));
        EXPECT_THAT(log(), HasSubstr("pipe " + pipe + " log "));
        EXPECT_THAT(log(), HasSubstr("gpus all"));
        EXPECT_THAT(log(), Not(HasSubstr("quit")));
        EXPECT_TRUE(variables.at("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE").is_null());
    }
    EXPECT_THAT(log(), HasSubstr(" quit"));
    EXPECT_TRUE(has_ended(server));
    expect_nothing_left();
}

TEST_F(Mps, IsUnavailableWithoutTheControlProgram) {
    set("PATH", (folder_ / "tmp").string());
    EXPECT_THAT(reason(), HasSubstr("no nvidia-cuda-mps-control in PATH"));
}

TEST_F(Mps, IsUnavailableIfTheDaemonDoesNotComeUp) {
    set("FAKE_MPS", "dead");
    EXPECT_THAT(reason(), HasSubstr("no GPU is to be had"));
    expect_nothing_left();
}

TEST_F(Mps, IsUnavailableIfTheServerDoesNotStart) {
    set("FAKE_MPS", "serverless");
    MpsLimits limits;
    // The daemon needs the first of it.
    limits.up = std::chrono::milliseconds(3'000);
    EXPECT_THAT(reason(limits), HasSubstr("did not"));
    expect_nothing_left();
}

TEST_F(Mps, IsKilledIfItDoesNotQuit) {
    set("FAKE_MPS", "deaf");
    MpsLimits limits;
    limits.quit = std::chrono::milliseconds(200);
    EXPECT_EQ(reason(limits), "");
    const int server = number_after("serves");
    ASSERT_GT(server, 0) << log();
    for (int i = 0; i < 200 && !has_ended(server); ++i)
        ::usleep(50'000);
    EXPECT_TRUE(has_ended(server));
    expect_nothing_left();
}

TEST(NoMps, LooksWhereThereIsNone) {
    EXPECT_EQ(no_mps_environment("/empty").at("CUDA_MPS_PIPE_DIRECTORY"), "/empty");
}

}  // namespace
}  // namespace headway::bench
