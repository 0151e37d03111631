#include "tests/shim/run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace headway::shim_test {
namespace {

constexpr std::chrono::seconds kLimit{120};

std::vector<std::string> read_lines(const std::filesystem::path& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        lines.push_back(line);
    return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// The exit status of a child, or -1 after the limit, when it is killed.
int wait_for(pid_t child) {
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            ADD_FAILURE() << "the program did not end";
            return -1;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

RunResult run(Shim shim, const std::vector<std::string>& argv, const Environment& environment) {
    std::string pattern = std::filesystem::temp_directory_path() / "headway_shim_XXXXXX";
    const std::filesystem::path directory = mkdtemp(pattern.data());
    Environment all = environment;
    all.emplace("PATH", "/usr/bin:/bin");
    all.emplace("STANDIN_LOG", directory / "driver");
    all.emplace("APP_LOG", directory / "app");
    all.emplace("TRACE_LOG", directory / "trace");
    if (shim == Shim::kInstalled) all.emplace("LD_PRELOAD", HEADWAY_SHIM);
    if (shim == Shim::kTrace || shim == Shim::kIdle) all.emplace("LD_PRELOAD", HEADWAY_TRACE_SHIM);
    if (shim == Shim::kIdle) all.emplace("TRACE_IDLE", "1");
    // Boards of its own: other programs of this user must not be rivals.
    all.emplace("HEADWAY_BOARD_DIR", directory / "boards");
    std::vector<std::string> settings;
    for (const auto& [name, value] : all)
        settings.push_back(name + "=" + value);
    std::vector<std::string> arguments = argv;

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string out = directory / "out";
    const std::string err = directory / "err";
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    pid_t child = 0;
    const int failed = posix_spawn(&child,
                                   arguments[0].c_str(),
                                   &actions,
                                   nullptr,
                                   pointers_to(arguments).data(),
                                   pointers_to(settings).data());
    posix_spawn_file_actions_destroy(&actions);
    RunResult result;
    EXPECT_EQ(failed, 0) << arguments[0];
    if (failed == 0) result.exit_status = wait_for(child);
    result.output = read_lines(out);
    result.errors = read_lines(err);
    result.driver_log = read_lines(directory / "driver");
    result.app_log = read_lines(directory / "app");
    result.trace = read_lines(directory / "trace");
    std::filesystem::remove_all(directory);
    return result;
}

}  // namespace headway::shim_test
