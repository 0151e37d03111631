#include "gate/thread_lane.h"

#include <utility>

namespace headway::gate {

thread_local ThreadLane ThreadLane::current_;

ThreadLane::~ThreadLane() {
    while (lane_ != nullptr)
        leave(lane_);
}

bool ThreadLane::enter(SharedLane* lane) noexcept {
    if (depth_ == kDepthMax) return false;
    if (lane_ != nullptr) flush_passed();
    lane->add_user();
    stack_[depth_++] = lane;
    lane_ = lane;
    return true;
}

bool ThreadLane::leave(SharedLane* lane) noexcept {
    if (lane_ == nullptr || lane_ != lane) return false;
    if (pass_.gated()) end_gated();  // left in the middle of its work
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
    pass_ = lane_->lane().before(Launch{});
}

void ThreadLane::end_gated() noexcept {
    lane_->lane().after(Launch{}, pass_, true);
    pass_ = Pass{};
}

}  // namespace headway::gate
