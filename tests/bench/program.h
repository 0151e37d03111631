// headway-bench as a user runs it, for tests that start it.
#pragma once

#include "tests/cli/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

using Json = nlohmann::json;
using test::Finished;
using test::run_process;

class Program : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "headway-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        // Boards of its own: other runs on this machine are no competitors.
        ::setenv("HEADWAY_BOARD_DIR", name.c_str(), 1);
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const char* name) const { return (folder_ / name).string(); }

    // two-models with short scenarios, `extra` arguments on top, and the result file of
    // path("r.json").
    std::vector<std::string> short_run(const std::vector<std::string>& extra) const {
        std::vector<std::string> words = {HEADWAY_BENCH_PATH,
                                          "two-models",
                                          "--duration",
                                          "1",
                                          "--warm-up",
                                          "0.2",
                                          "--repeats",
                                          "1",
                                          "--low-batch",
                                          "1",
                                          "--json",
                                          path("r.json")};
        words.insert(words.end(), extra.begin(), extra.end());
        return words;
    }

    Json read_result() const {
        std::ifstream file(path("r.json"));
        return Json::parse(file);
    }

    std::filesystem::path folder_;
};

inline const Json* find(const Json& result, const std::string& name) {
    for (const Json& entry : result.at("scenarios")) {
        if (entry.at("name") == name) return &entry;
    }
    return nullptr;
}

// A run that is still going; its standard error is read from here.
class Running {
 public:
    explicit Running(const std::vector<std::string>& words) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
        std::vector<std::string> copies = words;
        std::vector<char*> argv;
        for (std::string& word : copies)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(ends[1], STDERR_FILENO);
            ::dup2(ends[1], STDOUT_FILENO);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        output_ = ends[0];
    }

    ~Running() {
        if (pid_ > 0) ::kill(pid_, SIGKILL);
        ::close(output_);
    }

    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // Reads until `text` has been said; false if the output ended or a minute passed without any.
    bool wait_for(const std::string& text) {
        while (said_.find(text) == std::string::npos) {
            if (!read_more()) return false;
        }
        return true;
    }

    // Waits until the program has its own handler for Ctrl-C: before that a signal just ends it.
    // False after half a minute.
    bool wait_for_handler() const {
        for (int attempt = 0; attempt < 300; ++attempt) {
            std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
            for (std::string line; std::getline(status, line);) {
                if (line.rfind("SigCgt:", 0) != 0) continue;
                const std::uint64_t caught = std::stoull(line.substr(7), nullptr, 16);
                if ((caught >> (SIGINT - 1) & 1) != 0) return true;
            }
            ::usleep(100'000);
        }
        return false;
    }

    pid_t pid() const { return pid_; }

    int interrupt_and_wait() {
        ::kill(pid_, SIGINT);
        return wait();
    }

    // Reads to the end of the output and returns the exit status; -1 if a signal ended it.
    int wait() {
        while (read_more()) {
        }
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    const std::string& said() const { return said_; }

 private:
    bool read_more() {
        pollfd wanted{output_, POLLIN, 0};
        if (::poll(&wanted, 1, 60'000) <= 0) return false;
        std::array<char, 4096> chunk{};
        const ssize_t bytes = ::read(output_, chunk.data(), chunk.size());
        if (bytes > 0) said_.append(chunk.data(), static_cast<std::size_t>(bytes));
        return bytes > 0;
    }

    pid_t pid_ = -1;
    int output_ = -1;
    std::string said_;
};

}  // namespace headway::bench
