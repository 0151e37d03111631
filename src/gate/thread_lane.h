// The lanes that a thread has entered, and the work that it is doing in the innermost one.
#pragma once

#include "gate/shared_lane.h"

#include <array>
#include <cstdint>

namespace headway::gate {

// One per thread; used by its thread only. Leaves all lanes when the thread ends.
class ThreadLane {
 public:
    static constexpr std::uint32_t kDepthMax = 16;

    // The calling thread's.
    static ThreadLane& current() noexcept { return current_; }

    ThreadLane() noexcept = default;
    ThreadLane(const ThreadLane&) = delete;
    ThreadLane& operator=(const ThreadLane&) = delete;
    ThreadLane(ThreadLane&&) = delete;
    ThreadLane& operator=(ThreadLane&&) = delete;
    ~ThreadLane();

    // Makes `lane` the innermost lane and becomes one of its users. False: kDepthMax lanes deep
    // already.
    bool enter(SharedLane* lane) noexcept;

    // Makes `lane` the one that the thread is in below those that it enters, until it ends. Only
    // while it is in none; not counted in kDepthMax.
    void enter_base(SharedLane* lane) noexcept;

    // Leaves the innermost lane, which must be `lane`. False: it is not.
    bool leave(SharedLane* lane) noexcept;

    // The innermost lane, or null.
    SharedLane* lane() const noexcept { return lane_; }

    // One piece of synchronous work. Pairs nest, and only the outermost is gated. begin() may hold.
    // Not in a lane on a device that works asynchronously: there its launches are gated.
    void begin() noexcept {
        if (nesting_++ != 0 || lane_ == nullptr || !lane_->lane().synchronous()) return;
        if (lane_->lane().alone()) {
            if (++passed_count_ == kPassedFlushCount) flush_passed();
            return;
        }
        begin_gated();
    }

    void end() noexcept {
        if (nesting_ == 0 || --nesting_ != 0) return;
        if (pass_.gated()) end_gated();
    }

 private:
    // Launches made alone are counted here, where no other thread writes, and added up this rarely.
    static constexpr std::uint32_t kPassedFlushCount = 64;

    void begin_gated() noexcept;
    void end_gated() noexcept;
    void flush_passed() noexcept;

    static thread_local ThreadLane current_;

    SharedLane* lane_ = nullptr;  // stack_[depth_ - 1], or null
    std::uint32_t nesting_ = 0;
    std::uint32_t passed_count_ = 0;
    std::uint32_t depth_ = 0;
    // The pass is of stack_[pass_depth_ - 1], which need not be the innermost any more.
    Pass pass_;
    std::uint32_t pass_depth_ = 0;
    std::uint32_t depth_max_ = kDepthMax;
    std::array<SharedLane*, kDepthMax + 1> stack_{};
};

}  // namespace headway::gate
