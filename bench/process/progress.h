// Tells a person how far the run is, on standard error: one line that is rewritten on a terminal,
// one line per step elsewhere.
#pragma once

#include <cstdint>
#include <string>

namespace headway::bench {

// The variable that holds what a suite of benchmarks puts in front of each line: which one it is.
inline constexpr const char* kProgressPrefix = "HEADWAY_BENCH_SUITE";

// Not thread-safe.
class Progress {
 public:
    explicit Progress(int steps);
    // Leaves the terminal on a fresh line.
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // Step number `index` (from 0) begins.
    void begin_step(int index, const std::string& label);

    // The step's current part, and how many seconds it should take (0: unknown).
    void begin_phase(const std::string& phase, double seconds);

    // Shows the time. Cheap; call it a few times a second.
    void tick();

    // The step's outcome, or anything else that should stay readable: a line of its own.
    void note(const std::string& line);

 private:
    void clear();

    std::string prefix_;
    int steps_;
    int index_ = 0;
    bool terminal_;
    bool line_shown_ = false;
    std::string label_;
    std::string phase_;
    double phase_s_ = 0;
    std::uint64_t phase_begin_ns_ = 0;
    std::uint64_t begin_ns_;
};

}  // namespace headway::bench
