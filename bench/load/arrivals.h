// When requests arrive: a schedule fixed before the run, whatever the server does (open loop).
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace headway::bench {

enum class Arrivals { kUniform, kPoisson, kOnOff };

struct ArrivalPlan {
    Arrivals kind = Arrivals::kUniform;
    double rate_per_s = 1;
    double warm_up_s = 0;   // arrivals before the measured window
    double duration_s = 1;  // the measured window
    std::uint64_t seed = 1;
    // kOnOff: bursts of `on_s` with pauses of `off_s` between them; the measured window begins with
    // a burst. `rate_per_s` is the mean: within a burst it is higher by (on + off) / on.
    double on_s = 1;
    double off_s = 2;
};

struct Arrival {
    std::uint64_t offset_ns = 0;  // from the start of the warm-up
    bool measured = false;        // within the measured window
};

// An endless stream of arrivals: warm-up, measured window, and after it as many as are asked for.
// Random arrivals are drawn per stretch of time with their number fixed to rate x length (uniform
// order statistics: a Poisson process given its count), so that every scenario and every repeat
// serves the same number of requests at exactly the rate asked for. A stretch is the warm-up, a
// window's length, or of kOnOff a burst with its pause. Not thread-safe.
class ArrivalSchedule {
 public:
    explicit ArrivalSchedule(const ArrivalPlan& plan);

    // The next arrival, in ascending order of time. Never ends; does not block.
    Arrival next();

 private:
    void fill_stretch();
    void draw(double begin_s, double length_s, double requests);

    ArrivalPlan plan_;
    std::mt19937_64 generator_;
    std::uint64_t uniform_count_ = 0;
    std::vector<double> stretch_s_;  // random: the current stretch's arrivals, ascending
    std::size_t stretch_next_ = 0;
    double stretch_end_s_ = 0;
};

}  // namespace headway::bench
