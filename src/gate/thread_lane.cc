#include "gate/thread_lane.h"

#include <utility>

namespace headway::gate {

thread_local ThreadLane ThreadLane::current_;

ThreadLane::~ThreadLane() {
    while (lane_ != nullptr)
        leave(lane_);
}

bool ThreadLane::enter(SharedLane* lane) noexcept {
    if (depth_ == depth_max_) return false;
    if (lane_ != nullptr) flush_passed();
    lane->add_user();
    stack_[depth_++] = lane;
    lane_ = lane;
    return true;
}

void ThreadLane::enter_base(SharedLane* lane) noexcept {
    if (lane_ != nullptr) return;
    depth_max_ = kDepthMax + 1;
    enter(lane);
}

bool ThreadLane::leave(SharedLane* lane) noexcept {
    if (lane_ == nullptr || lane_ != lane) return false;
    // Left in the middle of its work. An outer lane's work goes on.
    if (pass_.gated() && pass_depth_ == depth_) end_gated();
    flush_passed();
    --depth_;
    lane_ = depth_ != 0 ? stack_[depth_ - 1] : nullptr;
    lane->remove_user();
    return true;
}

void ThreadLane::flush_passed() noexcept {
    lane_->lane().count_passed(std::exchange(passed_count_, 0));
}

void ThreadLane::begin_gated() noexcept {
    flush_passed();
    pass_depth_ = depth_;
    pass_ = lane_->lane().before(Launch{});
}

void ThreadLane::end_gated() noexcept {
    stack_[pass_depth_ - 1]->lane().after(Launch{}, pass_, true);
    pass_ = Pass{};
}

}  // namespace headway::gate
