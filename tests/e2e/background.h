// A program that runs beside the test: started, signalled, waited for.
#pragma once

#include "tests/support/lines.h"

#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace headway::e2e {

using Environment = std::map<std::string, std::string>;

// A folder that is removed at the end of the scope.
class Folder {
 public:
    Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    Folder(Folder&&) = delete;
    Folder& operator=(Folder&&) = delete;
    ~Folder();

    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
    std::filesystem::path path_;
};

// The lines of a file; none if there is no such file.
std::vector<std::string> read_lines(const std::filesystem::path& path);

// Polls until `condition` holds or `limit` is over; says whether it holds.
template <typename Condition>
bool wait_until(const Condition& condition,
                std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        ::usleep(500);
    }
    return true;
}

// Killed at the end of the scope if it still runs.
class Background {
 public:
    // Starts argv[0] with exactly `environment` and PATH. Its output goes to files that the object
    // owns. Ends the test program if it can't be started.
    Background(std::vector<std::string> argv, const Environment& environment);
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    Background(Background&&) = delete;
    Background& operator=(Background&&) = delete;
    ~Background();

    pid_t pid() const { return pid_; }

    // Sends a signal. The program must not have been waited for.
    void signal(int number) const;

    // Waits until the program has written a line more to its output than it had at the call.
    bool says_more() const;

    // The exit status, or 128 + the signal that killed it. After two minutes it is killed, and
    // -1 returned.
    int wait();

    // Sends SIGTERM, and waits.
    int stop();

    std::vector<std::string> output() const { return read_lines(folder_ / "out"); }

    std::vector<std::string> errors() const { return read_lines(folder_ / "err"); }

 private:
    Folder folder_;
    pid_t pid_ = 0;
    int status_ = -1;
    bool ended_ = false;
};

using test::count_lines;
using test::text_of;

}  // namespace headway::e2e
