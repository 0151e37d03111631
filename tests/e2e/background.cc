#include "tests/e2e/background.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace headway::e2e {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

Folder::Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "headway-e2e-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> read_lines(const std::filesystem::path& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        lines.push_back(line);
    return lines;
}

Background::Background(std::vector<std::string> argv, const Environment& environment) {
    std::vector<std::string> settings{"PATH=/usr/bin:/bin"};
    for (const auto& [name, value] : environment)
        settings.push_back(name + "=" + value);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string out = folder_ / "out";
    const std::string err = folder_ / "err";
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    const int failed = posix_spawn(&pid_,
                                   argv[0].c_str(),
                                   &actions,
                                   nullptr,
                                   pointers_to(argv).data(),
                                   pointers_to(settings).data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        std::fprintf(stderr, "cannot start %s\n", argv[0].c_str());
        std::abort();
    }
}

Background::~Background() {
    if (ended_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Background::signal(int number) const {
    ::kill(pid_, number);
}

bool Background::says_more() const {
    const std::size_t lines = output().size();
    return wait_until([&] { return output().size() > lines; });
}

int Background::wait() {
    if (ended_) return status_;
    int status = 0;
    const bool in_time =
        wait_until([&] { return ::waitpid(pid_, &status, WNOHANG) != 0; }, std::chrono::minutes(2));
    if (!in_time) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, &status, 0);
    }
    ended_ = true;
    status_ = !in_time ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status_;
}

int Background::stop() {
    signal(SIGTERM);
    return wait();
}

}  // namespace headway::e2e
