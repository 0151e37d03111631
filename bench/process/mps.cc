#include "bench/process/mps.h"

#include "bench/failure.h"
#include "bench/process/find_program.h"
#include "bench/process/interrupt.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <regex>
#include <sstream>

namespace headway::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{100};

// Of a socket's path: what sockaddr_un holds, less the names below the folder.
constexpr std::size_t kFolderLengthMax = 80;

// The names of the processes of MPS, as far as the kernel keeps them.
constexpr const char* kProcessName = "nvidia-cuda-mps";

std::string last_line(const std::string& text) {
    std::istringstream lines(text);
    std::string last;
    for (std::string line; std::getline(lines, line);) {
        if (line.find_first_not_of(" \t\r") != std::string::npos) last = line;
    }
    return last;
}

std::string contents(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// Whether this is still the process of MPS that had the number, and not another one.
bool is_mps_process(int pid) {
    return contents(fmt::format("/proc/{}/comm", pid)).rfind(kProcessName, 0) == 0;
}

// Asks until `done` or the time is over. False if it is over, or `given_up`.
template <typename Condition>
bool within(milliseconds limit, bool (*given_up)(), Condition&& done) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!done()) {
        if (given_up() || std::chrono::steady_clock::now() >= deadline) return false;
        ::usleep(static_cast<useconds_t>(std::chrono::microseconds(kPoll).count()));
    }
    return true;
}

bool never() {
    return false;
}

std::string found_control() {
    if (auto program = find_program(kMpsControl)) return *program;
    throw Unavailable(
        fmt::format("there is no {} in PATH; it comes with NVIDIA's driver", kMpsControl));
}

}  // namespace

MpsDaemon::MpsDaemon(const MpsLimits& limits) : limits_(limits), program_(found_control()) {
    if (folder_.path().size() > kFolderLengthMax) {
        throw Unavailable(fmt::format(
            "{} is too long for a socket's path; set TMPDIR to a shorter one", folder_.path()));
    }
    for (const char* name : {"/pipe", "/log"})
        ::mkdir((folder_.path() + name).c_str(), 0700);
    nlohmann::json environment = client_environment();
    // The server is to see every GPU: clients are then told theirs by the numbers that they know.
    environment["CUDA_VISIBLE_DEVICES"] = nullptr;
    // In the foreground: with -d it would be no child of this process, and could not be ended for
    // certain.
    daemon_ =
        std::make_unique<HelperProcess>(std::vector<std::string>{program_, "-f"}, environment, "");
    try {
        wait_until_up();
        start_server();
    } catch (...) {
        stop();
        throw;
    }
}

MpsDaemon::~MpsDaemon() {
    stop();
}

nlohmann::json MpsDaemon::client_environment() const {
    return {{"CUDA_MPS_PIPE_DIRECTORY", folder_.path() + "/pipe"},
            {"CUDA_MPS_LOG_DIRECTORY", folder_.path() + "/log"},
            {"CUDA_MPS_CLIENT_PRIORITY", nullptr},
            {"CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", nullptr},
            {"CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", nullptr}};
}

// What the daemon answers, "" if it doesn't.
std::string MpsDaemon::ask(const std::string& command) const {
    HelperProcess control({program_}, client_environment(), command + "\n");
    if (control.wait(limits_.answer) != 0) return {};
    const std::string answer = control.said();
    // Not every version says by its exit status that nobody was there to answer.
    return answer.find("Cannot find") == std::string::npos ? answer + "\n" : std::string();
}

// The process numbers of its servers, one a line in the answer.
std::vector<int> MpsDaemon::servers() const {
    std::vector<int> pids;
    std::istringstream lines(ask("get_server_list"));
    static const std::regex number(R"(^\s*(\d{1,9})\b)");
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_search(line, match, number)) pids.push_back(std::stoi(match[1].str()));
    }
    return pids;
}

std::string MpsDaemon::last_words() const {
    const std::string logs = folder_.path() + "/log";
    for (const char* name : {"/server.log", "/control.log"}) {
        const std::string line = last_line(contents(logs + name));
        if (!line.empty()) return ": " + line;
    }
    const std::string line = last_line(daemon_->said());
    return line.empty() ? line : ": " + line;
}

void MpsDaemon::wait_until_up() {
    bool gone = false;
    const bool up = within(limits_.up, interrupted, [&] {
        gone = daemon_->wait(milliseconds(0)).has_value();
        return gone || !ask("get_server_list").empty();
    });
    if (gone) throw Unavailable(fmt::format("{} -f ended at once{}", kMpsControl, last_words()));
    if (!up) throw Unavailable(fmt::format("{} doesn't answer{}", kMpsControl, last_words()));
}

// It would start with the first client; but then a client that can't have one is just none.
void MpsDaemon::start_server() {
    ask(fmt::format("start_server -uid {}", ::getuid()));
    if (within(limits_.up, interrupted, [&] { return !servers().empty(); })) return;
    throw Unavailable(fmt::format("the server of MPS did not start{}", last_words()));
}

void MpsDaemon::stop() noexcept {
    try {
        const std::vector<int> left = servers();
        ask("quit");
        daemon_->wait(limits_.quit);
        daemon_.reset();  // kills it if it is still there
        // A daemon that was killed has told its servers nothing.
        const auto gone = [&] { return std::none_of(left.begin(), left.end(), is_mps_process); };
        if (within(limits_.quit, never, gone)) return;
        for (const int pid : left) {
            if (is_mps_process(pid)) ::kill(pid, SIGKILL);
        }
    } catch (...) {
        daemon_.reset();
    }
}

nlohmann::json no_mps_environment(const std::string& empty_folder) {
    return nlohmann::json::object({{"CUDA_MPS_PIPE_DIRECTORY", empty_folder}});
}

}  // namespace headway::bench
