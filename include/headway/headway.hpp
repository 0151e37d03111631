// The C++ form of headway.h: RAII over the same calls, nothing else.
//
//     headway::Lane lane = headway::Lane::open({.priority = 10});
//     {
//         headway::LaneScope scope(lane);   // this thread's work is now scheduled
//         model.forward(input);
//     }
#pragma once

#include "headway/headway.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace headway {

// A call of headway.h that failed. what() is headway_last_error().
class Error : public std::runtime_error {
 public:
    explicit Error(headway_status_t status)
        : std::runtime_error(std::string(headway_status_string(status)) + ": " +
                             headway_last_error()),
          status_(status) {}

    headway_status_t status() const noexcept { return status_; }

 private:
    headway_status_t status_;
};

// How a lane is opened; the fields and defaults of headway_lane_options_t.
struct LaneOptions {
    int priority = 0;
    std::string device = "cpu";
    std::string name = {};
    unsigned threshold = 4;
    unsigned batch_size = 2;
    unsigned budget_us = 400;
    unsigned linger_us = HEADWAY_LINGER_AUTO;
    unsigned max_hold_ms = 1000;
};

// Owns one open lane. Movable, not copyable; thread-safe as the C calls are.
class Lane {
 public:
    // Opens a lane. Throws Error.
    static Lane open(const LaneOptions& options) {
        headway_lane_options_t c_options;
        headway_lane_options_init(&c_options);
        c_options.priority = options.priority;
        c_options.device = options.device.c_str();
        c_options.name = options.name.empty() ? nullptr : options.name.c_str();
        c_options.threshold = options.threshold;
        c_options.batch_size = options.batch_size;
        c_options.budget_us = options.budget_us;
        c_options.linger_us = options.linger_us;
        c_options.max_hold_ms = options.max_hold_ms;
        headway_lane_t* handle = nullptr;
        check(headway_lane_open(&c_options, &handle));
        return Lane(handle);
    }

    Lane(Lane&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

    Lane& operator=(Lane&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }

    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    ~Lane() { headway_lane_close(handle_); }

    // Throws Error if out of range.
    void set_priority(int priority) { check(headway_lane_set_priority(handle_, priority)); }

    headway_counters_t counters() const {
        headway_counters_t counters{};
        counters.struct_size = sizeof(counters);
        check(headway_lane_counters(handle_, &counters));
        return counters;
    }

    // The C handle, still owned by this object.
    headway_lane_t* get() const noexcept { return handle_; }

    // Throws Error unless `status` is HEADWAY_OK.
    static void check(headway_status_t status) {
        if (status != HEADWAY_OK) throw Error(status);
    }

 private:
    explicit Lane(headway_lane_t* handle) noexcept : handle_(handle) {}

    headway_lane_t* handle_;
};

// The calling thread's work belongs to a lane for the life of this object. It must end on the
// thread that made it, and scopes end in the reverse order of their making.
class LaneScope {
 public:
    // Throws Error if scopes nest too deep.
    explicit LaneScope(const Lane& lane) : handle_(lane.get()) {
        Lane::check(headway_lane_enter(handle_));
    }

    LaneScope(const LaneScope&) = delete;
    LaneScope& operator=(const LaneScope&) = delete;
    LaneScope(LaneScope&&) = delete;
    LaneScope& operator=(LaneScope&&) = delete;

    ~LaneScope() { headway_lane_leave(handle_); }

 private:
    headway_lane_t* handle_;
};

}  // namespace headway
