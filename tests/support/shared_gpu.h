// A GPU in virtual time that several processes share as they do a real one: it works for one of
// them at a time, changes to the next when that one's timeslice is over or it has nothing to do,
// and each change takes a while.
#pragma once

#include "base/clock.h"
#include "device/device.h"
#include "tests/support/virtual_time.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace headway::test {

class SharedGpu {
 public:
    static constexpr std::uint64_t kChangeNs = 180 * kNsPerUs;
    static constexpr std::uint64_t kTimesliceNs = 2 * kNsPerMs;
    static constexpr std::uint64_t kShortTimesliceNs = 20 * kNsPerUs;  // of one that gives way

    explicit SharedGpu(VirtualTime& time) : time_(time) {}

    // The GPU as one process has it, with one stream.
    class Process final : public device::Device {
     public:
        Process(SharedGpu& gpu, std::size_t number) : gpu_(gpu), number_(number) {}

        ~Process() = default;

        bool synchronous() const noexcept override { return false; }

        Registration register_progress(std::atomic<std::uint32_t>*,
                                       std::uint32_t) noexcept override {
            return Registration::kDone;
        }

        void unregister_progress(std::atomic<std::uint32_t>*) noexcept override {}

        bool write_marker(device::StreamHandle,
                          std::atomic<std::uint32_t>* word,
                          std::uint32_t value) noexcept override {
            commands_.push_back({0, [word, value] { word->store(value); }});
            gpu_.start();
            return true;
        }

        std::uint32_t give_way(Standing standing) noexcept override {
            gives_way_ = standing == Standing::kInTheWay;
            return gives_way_ ? kShortTimesliceNs / kNsPerUs : 0;
        }

        bool one_process_at_a_time() const noexcept override { return gpu_.one_at_a_time; }

        void launch(std::uint64_t length_ns) {
            commands_.push_back({length_ns, {}});
            gpu_.start();
        }

        // Lets time pass until everything is complete, or all but the `count` latest commands.
        void synchronise(std::size_t count = 0) {
            while (commands_.size() > count)
                gpu_.time_.pause_until(gpu_.time_.now_ns() + 5 * kNsPerUs);
        }

        // The length of all commands that are complete.
        std::uint64_t done_ns() const { return done_ns_; }

     private:
        friend class SharedGpu;

        struct Command {
            std::uint64_t left_ns = 0;
            std::function<void()> then;
        };

        SharedGpu& gpu_;
        const std::size_t number_;
        std::deque<Command> commands_;
        std::uint64_t done_ns_ = 0;
        bool gives_way_ = false;
    };

    Process& add_process() {
        processes_.push_back(std::make_unique<Process>(*this, processes_.size()));
        return *processes_.back();
    }

    std::uint64_t done_ns() const {
        std::uint64_t sum = 0;
        for (const auto& process : processes_)
            sum += process->done_ns_;
        return sum;
    }

    std::uint64_t change_count() const { return change_count_; }

    bool one_at_a_time = true;  // what it says of itself

 private:
    void start() {
        if (running_) return;
        running_ = true;
        time_.at(time_.now_ns(), [this] { step(); });
    }

    Process* next_process() {
        for (std::size_t i = 1; i <= processes_.size(); ++i) {
            Process& process = *processes_[(current_ + i) % processes_.size()];
            if (!process.commands_.empty()) return &process;
        }
        return nullptr;
    }

    // Works on until the next thing happens.
    void step() {
        Process* process = processes_[current_].get();
        if (process->commands_.empty() || slice_left_ns_ == 0) {
            process = next_process();
            if (process == nullptr) {
                running_ = false;
                return;
            }
            slice_left_ns_ = process->gives_way_ ? kShortTimesliceNs : kTimesliceNs;
            if (process->number_ != current_) {
                current_ = process->number_;
                change_count_ += 1;
                time_.at(time_.now_ns() + kChangeNs, [this] { step(); });
                return;
            }
        }
        const std::uint64_t part_ns = std::min(process->commands_.front().left_ns, slice_left_ns_);
        time_.at(time_.now_ns() + part_ns, [this, process, part_ns] {
            finish(*process, part_ns);
            step();
        });
    }

    void finish(Process& process, std::uint64_t part_ns) {
        slice_left_ns_ -= part_ns;
        process.done_ns_ += part_ns;
        Process::Command& command = process.commands_.front();
        command.left_ns -= part_ns;
        if (command.left_ns != 0) return;
        if (command.then) command.then();
        process.commands_.pop_front();
    }

    VirtualTime& time_;
    std::vector<std::unique_ptr<Process>> processes_;
    std::size_t current_ = 0;
    std::uint64_t slice_left_ns_ = kTimesliceNs;
    std::uint64_t change_count_ = 0;
    bool running_ = false;
};

}  // namespace headway::test
