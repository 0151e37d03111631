#include "tests/cli/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace headway::test {
namespace {

std::string contents(std::FILE* file) {
    std::string text;
    char buffer[4096];
    std::rewind(file);
    for (std::size_t count = 1; count > 0;) {
        count = std::fread(buffer, 1, sizeof buffer, file);
        text.append(buffer, count);
    }
    std::fclose(file);
    return text;
}

[[noreturn]] void become(const std::vector<std::string>& argv,
                         const std::map<std::string, std::string>& extra,
                         int out,
                         int err) {
    std::vector<char*> words;
    for (const std::string& word : argv)
        words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    for (const auto& [name, value] : extra)
        ::setenv(name.c_str(), value.c_str(), 1);
    const int empty = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(empty, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execvp(words[0], words.data());
    ::_exit(127);
}

}  // namespace

Finished run_process(const std::vector<std::string>& argv,
                     const std::map<std::string, std::string>& extra) {
    std::FILE* out = std::tmpfile();
    std::FILE* err = std::tmpfile();
    if (out == nullptr || err == nullptr) ::abort();
    const pid_t child = ::fork();
    if (child < 0) ::abort();
    if (child == 0) become(argv, extra, ::fileno(out), ::fileno(err));
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    Finished finished;
    finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    finished.out = contents(out);
    finished.err = contents(err);
    return finished;
}

}  // namespace headway::test
