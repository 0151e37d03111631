#include "bench/micro/shim_launch/measure.h"

#include "base/unique_fd.h"
#include "bench/failure.h"
#include "board/board.h"
#include "tests/support/temporary_boards.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

namespace headway::bench {
namespace {

// The board of the empty driver's one device: the UUID that it tells.
constexpr const char* kBoard = "GPU-01010101-0101-0101-0101-010101010101";
constexpr int kHigher = 10;
constexpr int kLower = -10;
constexpr std::uint64_t kGatedMin = 1000;

// The lanes beside the program. They attach and do nothing, as a model between two requests does.
class IdleLanes {
 public:
    explicit IdleLanes(const LaunchCase& launch_case)
        : board_(std::move(board::Board::open(kBoard).value())) {
        for (int i = 0; i < launch_case.higher; ++i)
            attach(kHigher);
        for (int i = 0; i < launch_case.lower; ++i)
            attach(kLower);
    }

    // What the program's lane has counted: it took the next place, and is still there.
    void read_program(LaunchTimes* times) const {
        const board::LaneSlot& slot = board_.slot(static_cast<std::uint32_t>(slots_.size()));
        times->gated = slot.gated.load(std::memory_order_relaxed);
        times->markers = slot.markers.load(std::memory_order_relaxed);
    }

 private:
    void attach(std::int32_t priority) {
        const Result<std::uint32_t> slot = board_.attach(priority, "idle");
        if (!slot.ok() || slot.value() != slots_.size()) throw Failure("no place on the board");
        slots_.push_back(slot.value());
    }

    board::Board board_;
    std::vector<std::uint32_t> slots_;
};

std::vector<std::string> environment_of(const LaunchCase& launch_case,
                                        const test::TemporaryBoards& boards) {
    std::vector<std::string> variables = {"PATH=/usr/bin:/bin",
                                          "LD_LIBRARY_PATH=" HEADWAY_EMPTY_DRIVER_DIR,
                                          "HEADWAY_BOARD_DIR=" + boards.path().string()};
    if (launch_case.shim) variables.emplace_back("LD_PRELOAD=" HEADWAY_SHIM);
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

// The launching program, which stays on the board after its measurement until it is let go.
class Program {
 public:
    Program(std::vector<std::string> variables, bool cold) {
        int in[2];
        int out[2];
        if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw Failure("no pipe");
        const UniqueFd child_in(in[0]);
        const UniqueFd child_out(out[1]);
        input_ = UniqueFd(in[1]);
        output_ = UniqueFd(out[0]);
        std::vector<std::string> words = {HEADWAY_LAUNCH_LOOP, "stay", cold ? "cold" : "warm"};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, child_in.get(), STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, child_out.get(), STDOUT_FILENO);
        const int error = ::posix_spawn(&child_,
                                        words[0].c_str(),
                                        &actions,
                                        nullptr,
                                        pointers_to(words).data(),
                                        pointers_to(variables).data());
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0) throw Failure(fmt::format("can't start {}", words[0]));
    }

    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    Program(Program&&) = delete;
    Program& operator=(Program&&) = delete;

    ~Program() {
        input_ = UniqueFd();
        while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    // Waits for its line, or its end.
    std::string line() const {
        std::string text;
        char letter = 0;
        while (::read(output_.get(), &letter, 1) == 1 && letter != '\n')
            text += letter;
        return text;
    }

 private:
    UniqueFd input_;
    UniqueFd output_;
    pid_t child_ = 0;
};

}  // namespace

const std::vector<LaunchCase>& launch_cases() {
    static const std::vector<LaunchCase> table = {
        {"native", "without Headway", false, 0, 0, 0},
        {"alone", "nobody else on the device", true, 0, 0, 50},
        {"idle-higher", "one idle lane of higher priority", true, 1, 0, 300},
        {"idle-lower", "one idle lane of lower priority", true, 0, 1, 300},
        {"idle-63", "63 idle lanes, higher and lower", true, 32, 31, 300},
        {"native-cold", "without Headway, other work between launches", false, 0, 0, 0, true},
        {"alone-cold", "nobody else on the device, other work between", true, 0, 0, 0, true},
        {"idle-higher-cold", "one idle lane of higher priority, other work", true, 1, 0, 0, true},
    };
    return table;
}

LaunchTimes measure_launches(const LaunchCase& launch_case) {
    const test::TemporaryBoards boards;
    const IdleLanes lanes(launch_case);
    const Program program(environment_of(launch_case, boards), launch_case.cold);
    const std::string text = program.line();
    LaunchTimes times;
    if (std::sscanf(text.c_str(), "%lf %lf", &times.least_ns, &times.median_ns) != 2) {
        throw Failure("the launching program printed no times: " + text);
    }
    lanes.read_program(&times);
    const bool competes = launch_case.higher + launch_case.lower > 0;
    if ((times.gated >= kGatedMin) != competes) {
        throw Failure(fmt::format("{}: {} launches were gated", launch_case.name, times.gated));
    }
    if ((times.markers > 0) != (launch_case.higher > 0)) {
        throw Failure(fmt::format("{}: {} markers", launch_case.name, times.markers));
    }
    return times;
}

}  // namespace headway::bench
