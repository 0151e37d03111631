#include "bench/load/arrivals.h"

#include "base/clock.h"

#include <algorithm>
#include <cmath>

namespace headway::bench {

ArrivalSchedule::ArrivalSchedule(const ArrivalPlan& plan) : plan_(plan), generator_(plan.seed) {
    if (plan.kind != Arrivals::kOnOff) return;
    // So many whole bursts with their pauses before the window that they cover the warm-up.
    const double period_s = plan.on_s + plan.off_s;
    stretch_end_s_ = plan.warm_up_s - period_s * std::ceil(plan.warm_up_s / period_s);
}

void ArrivalSchedule::draw(double begin_s, double length_s, double requests) {
    stretch_s_.resize(static_cast<std::size_t>(std::llround(requests)));
    std::uniform_real_distribution<double> anywhere(begin_s, begin_s + length_s);
    for (double& time_s : stretch_s_)
        time_s = anywhere(generator_);
    std::sort(stretch_s_.begin(), stretch_s_.end());
    stretch_next_ = 0;
}

void ArrivalSchedule::fill_stretch() {
    if (plan_.kind == Arrivals::kOnOff) {
        const double period_s = plan_.on_s + plan_.off_s;
        draw(stretch_end_s_, plan_.on_s, plan_.rate_per_s * period_s);
        stretch_end_s_ += period_s;
        // The first burst may have begun before the warm-up did.
        while (stretch_next_ < stretch_s_.size() && stretch_s_[stretch_next_] < 0)
            ++stretch_next_;
        return;
    }
    const bool in_warm_up = stretch_end_s_ < plan_.warm_up_s;
    const double begin_s = stretch_end_s_;
    const double length_s = in_warm_up ? plan_.warm_up_s : plan_.duration_s;
    draw(begin_s, length_s, plan_.rate_per_s * length_s);
    stretch_end_s_ = begin_s + length_s;
}

Arrival ArrivalSchedule::next() {
    double time_s = 0;
    if (plan_.kind == Arrivals::kUniform) {
        time_s = static_cast<double>(uniform_count_++) / plan_.rate_per_s;
    } else {
        while (stretch_next_ == stretch_s_.size())
            fill_stretch();
        time_s = stretch_s_[stretch_next_++];
    }
    const double into_window_s = time_s - plan_.warm_up_s;
    const bool measured = into_window_s >= 0 && into_window_s < plan_.duration_s;
    return {static_cast<std::uint64_t>(time_s * static_cast<double>(kNsPerS)), measured};
}

}  // namespace headway::bench
