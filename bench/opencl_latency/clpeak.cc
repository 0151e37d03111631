#include "bench/opencl_latency/clpeak.h"

#include "base/unique_fd.h"
#include "bench/failure.h"
#include "bench/process/interrupt.h"
#include "bench/process/shim.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <regex>
#include <vector>

namespace headway::bench {
namespace {

std::vector<std::string> command_line(const ClpeakSetup& setup, bool headway) {
    std::vector<std::string> words = {setup.program,
                                      "--platform",
                                      std::to_string(setup.platform),
                                      "--device",
                                      std::to_string(setup.device),
                                      "--kernel-latency"};
    if (headway) words.insert(words.begin(), {find_headway(), "run", "--stats", "--"});
    return words;
}

struct Ended {
    int status = 0;   // as waitpid() has it
    std::string out;  // both outputs
};

Ended run_and_read(std::vector<std::string> words) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw Failure(fmt::format("can't make a pipe: {}", std::strerror(errno)));
    }
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDERR_FILENO);
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    write_end = UniqueFd();
    if (error == ENOENT) {
        throw Failure(fmt::format("{} is not installed (Debian: clpeak)", words[0]));
    }
    if (error != 0) throw Failure(fmt::format("can't run {}: {}", words[0], std::strerror(error)));
    Ended ended;
    std::array<char, 4096> chunk{};
    for (ssize_t bytes = 0; (bytes = ::read(read_end.get(), chunk.data(), chunk.size())) != 0;) {
        if (bytes > 0) ended.out.append(chunk.data(), static_cast<std::size_t>(bytes));
        if (bytes < 0 && errno != EINTR) break;
    }
    while (::waitpid(pid, &ended.status, 0) < 0 && errno == EINTR) {
    }
    return ended;
}

std::optional<std::string> find_number(const std::string& text, const char* pattern) {
    std::smatch match;
    if (!std::regex_search(text, match, std::regex(pattern))) return std::nullopt;
    return match[1].str();
}

}  // namespace

std::optional<ClpeakResult> run_clpeak(const ClpeakSetup& setup, bool headway) {
    const Ended ended = run_and_read(command_line(setup, headway));
    if (interrupted()) return std::nullopt;
    const auto latency = find_number(ended.out, R"(Kernel launch latency : ([0-9.]+) us)");
    if (ended.status != 0 || !latency) {
        throw Failure(fmt::format("{} {}measured no kernel latency on device {} of platform {}",
                                  setup.program,
                                  headway ? "under Headway " : "",
                                  setup.device,
                                  setup.platform));
    }
    ClpeakResult result;
    result.latency_us = std::stod(*latency);
    const auto passed = find_number(ended.out, R"(headway: lane [^\n]* passed (\d+))");
    const auto gated = find_number(ended.out, R"(headway: lane [^\n]* gated (\d+))");
    if (headway != passed.has_value()) {
        throw Failure(headway ? "clpeak ran under `headway run`, and had no lane: does its ICD "
                                "loader know OPENCL_LAYERS?"
                              : "clpeak without Headway has a lane; start headway-bench without "
                                "`headway run`");
    }
    if (passed) result.passed = std::stoull(*passed);
    if (gated) result.gated = std::stoull(*gated);
    return result;
}

}  // namespace headway::bench
