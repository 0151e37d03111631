// Lanes of several processes on a GPU that serves one of them at a time, in virtual time.
#pragma once

#include "base/clock.h"
#include "base/process.h"
#include "board/board.h"
#include "tests/support/shared_gpu.h"
#include "tests/unit/lane_fixture.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace headway::gate {

class ProcessesFixture : public LaneFixture {
 protected:
    struct Process {
        std::uint32_t slot;
        std::int32_t priority;
        test::SharedGpu::Process* device;
        std::unique_ptr<Lane> lane;
        std::uint64_t longest_call_ns = 0;  // that a launch was kept
        // What a test notes of it, and tells it.
        std::uint64_t done_ns = 0;
        std::uint64_t iteration_end_ns = 0;
        bool dead = false;
    };

    ProcessesFixture() : board_(std::move(board::Board::open("cpu").value())) {}

    // A lane in a process of its own, as far as the board tells; one that nobody here can judge to
    // be dead, since it lives in another namespace.
    Process& add(std::int32_t priority, std::uint64_t max_hold_ms = 1000) {
        const auto slot = static_cast<std::uint32_t>(processes_.size());
        return add_lane(priority,
                        max_hold_ms,
                        gpu_.add_process(),
                        make_process_word(slot + 1, (this_process() >> 32) + 1, 1));
    }

    // A lane of another thread of the first process.
    Process& add_thread(std::int32_t priority) {
        if (processes_.empty()) return add(priority);
        const Process& first = *processes_.front();
        return add_lane(priority, 1000, *first.device, board_.slot(first.slot).owner.load());
    }

    Process& add_lane(std::int32_t priority,
                      std::uint64_t max_hold_ms,
                      test::SharedGpu::Process& device,
                      ProcessWord owner) {
        LaneOptions options = with_priority(priority);
        options.max_hold_ms = static_cast<std::uint32_t>(max_hold_ms);
        const auto slot = static_cast<std::uint32_t>(processes_.size());  // the first that is free
        processes_.push_back(std::make_unique<Process>(Process{slot, priority, &device, nullptr}));
        processes_.back()->lane = open(options, device);
        set_owner(*processes_.back(), owner);
        return *processes_.back();
    }

    void set_owner(const Process& process, ProcessWord owner) {
        board_.slot(process.slot).owner = owner;
        board_.announce();
    }

    // Launches a kernel, as a shim does.
    void launch_kernel(Process& process, std::uint64_t key, std::uint64_t length_ns) {
        const Launch launch{key, 0};
        const std::uint64_t begin_ns = time.now_ns();
        const bool free = process.lane->alone() || process.lane->try_credit(launch);
        const Pass pass = free ? Pass{} : process.lane->before(launch);
        process.longest_call_ns = std::max(process.longest_call_ns, time.now_ns() - begin_ns);
        process.device->launch(length_ns);
        process.lane->after(launch, pass, true);
    }

    // Waits until everything is complete.
    static void synchronise(Process& process) {
        const Pass wait = process.lane->begin_wait();
        process.device->synchronise();
        process.lane->end_wait(wait, true);
    }

    test::SharedGpu gpu_{time};
    board::Board board_;
    std::vector<std::unique_ptr<Process>> processes_;
};

}  // namespace headway::gate
