#include "cli/doctor/measure.h"

#include "base/clock.h"
#include "base/unique_fd.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::doctor {
namespace {

constexpr std::uint64_t kLimitNs = 120 * kNsPerS;
constexpr std::size_t kErrorsMax = 64 << 10;

// What the benchmark is told: three scenarios of two seconds.
const std::vector<std::string>& arguments() {
    static const std::vector<std::string> words = {"preempt",
                                                   "--scenarios",
                                                   "alone,time-slicing,headway",
                                                   "--repeats",
                                                   "1",
                                                   "--warm-up",
                                                   "0.5",
                                                   "--duration",
                                                   "2"};
    return words;
}

// A folder for the result file, removed at the end.
class TemporaryFolder {
 public:
    TemporaryFolder() {
        std::error_code error;
        std::string pattern = std::filesystem::temp_directory_path(error) / "headway-doctor-XXXXXX";
        if (!error && ::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    TemporaryFolder(TemporaryFolder&&) = delete;
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;

    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }

    const std::string& path() const { return path_; }

 private:
    std::string path_;
};

struct Ended {
    int error = 0;   // errno of the start; 0: it ran
    int status = 0;  // as waitpid() gives it
    std::string errors;
};

// Starts the program with its standard error in a pipe. Returns errno.
int start(std::vector<std::string> words, int error_fd, pid_t* out_child) {
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, error_fd, STDERR_FILENO);
    const int error = ::posix_spawnp(out_child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

// Until the program closes its end or the time is up; false for the latter.
bool read_errors(int fd, std::string& text) {
    const std::uint64_t deadline_ns = now_ns() + kLimitNs;
    char buffer[4096];
    for (;;) {
        const std::uint64_t now = now_ns();
        if (now >= deadline_ns) return false;
        pollfd waiting{fd, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>((deadline_ns - now) / kNsPerMs) + 1);
        if (ready < 0 && errno != EINTR) return true;
        if (ready <= 0) continue;
        const ssize_t count = ::read(fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return true;
        if (text.size() < kErrorsMax) text.append(buffer, static_cast<std::size_t>(count));
    }
}

Ended run(std::vector<std::string> words) {
    Ended ended;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        ended.error = errno;
        return ended;
    }
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    pid_t child = 0;
    ended.error = start(std::move(words), write_end.get(), &child);
    write_end = UniqueFd();
    if (ended.error != 0) return ended;
    // It supervises children of its own, and ends them when it is asked to end.
    if (!read_errors(read_end.get(), ended.errors)) ::kill(child, SIGTERM);
    while (::waitpid(child, &ended.status, 0) < 0 && errno == EINTR) {
    }
    return ended;
}

std::string last_line(std::string text) {
    text.erase(std::min(text.find_last_not_of(" \r\n") + 1, text.size()));
    return text.substr(text.find_last_of("\r\n") + 1);
}

// The "median" of an entry of the result's summary, or -1.
double median(const nlohmann::json& result, const std::string& name) {
    const nlohmann::json::json_pointer place("/summary/" + name + "/median");
    const bool there = result.contains(place) && result.at(place).is_number();
    return there ? result.at(place).get<double>() : -1;
}

struct Row {
    const char* subject;
    const char* key;  // of its percentiles in the summary
    const char* what;
};

constexpr Row kRows[] = {
    {"alone", "alone", "an empty kernel, with nothing else on the GPU"},
    {"native", "time_slicing", "beside another process's 10 ms kernels, by the driver alone"},
    {"Headway", "headway", "the same under Headway"},
};

void add_rows(const nlohmann::json& result, Section& section, Examination& examination) {
    for (const Row& row : kRows) {
        const double p50 = median(result, fmt::format("{}_p50_us", row.key));
        const double p99 = median(result, fmt::format("{}_p99_us", row.key));
        if (p50 < 0 || p99 < 0) {
            section.findings.push_back(
                {row.subject, State::kProblem, "the result has no such numbers", ""});
            continue;
        }
        examination.measured[fmt::format("{}_p50_us", row.key)] = p50;
        examination.measured[fmt::format("{}_p99_us", row.key)] = p99;
        section.findings.push_back(
            {row.subject,
             State::kOk,
             fmt::format("P50 {:.0f} us, P99 {:.0f} us: {}", p50, p99, row.what),
             ""});
    }
}

Finding failure(const Ended& ended) {
    if (ended.error == ENOENT) {
        return {"latency",
                State::kMissing,
                "not measured: headway-bench is not installed beside this program or in PATH",
                "it is built where LibTorch was found (libtorch-dev)"};
    }
    if (ended.error != 0) {
        return {"latency",
                State::kProblem,
                fmt::format("headway-bench does not start: {}", ::strerrordesc_np(ended.error)),
                ""};
    }
    const std::string said = last_line(ended.errors);
    // Exit status 2: it can't be measured here.
    const bool impossible = WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 2;
    return {"latency",
            impossible ? State::kMissing : State::kProblem,
            "not measured: " + (said.empty() ? "headway-bench failed and said nothing" : said),
            ""};
}

}  // namespace

void measure_preemption(const std::string& bench, Examination& examination) {
    Section section{"Preemption", {}};
    const TemporaryFolder folder;
    const std::string file = folder.path() + "/preempt.json";
    std::vector<std::string> words = {bench};
    words.insert(words.end(), arguments().begin(), arguments().end());
    words.insert(words.end(), {"--json", file});
    const Ended ended = run(std::move(words));
    if (ended.error != 0 || ended.status != 0) {
        section.findings.push_back(failure(ended));
    } else {
        std::ifstream stream(file);
        const auto result = nlohmann::json::parse(
            std::string(std::istreambuf_iterator<char>(stream), {}), nullptr, false);
        add_rows(result, section, examination);
    }
    examination.sections.push_back(std::move(section));
}

}  // namespace headway::doctor
