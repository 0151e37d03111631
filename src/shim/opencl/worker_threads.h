// The threads with which a platform on the CPU runs its kernels. The operating system shares the
// cores between the processes; while lanes of another process outrank this one, these threads run
// only when no other thread wants the core (SCHED_IDLE). It takes even a running kernel off then,
// as a short timeslice does on a GPU.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace headway::opencl {

// Thread-safe, and never destroyed.
class WorkerThreads {
 public:
    // The device is the CPU; before that, nothing here does anything.
    void enable() noexcept { enabled_.store(true, std::memory_order_relaxed); }

    // As Device::give_way(), `outranked`: not free. Not where this process could not take the
    // threads back (that needs CAP_SYS_NICE or RLIMIT_NICE), nor with HEADWAY_TIMESLICE_US=off.
    // Threads go down at their next callback, and come back at once. Makes system calls.
    std::uint32_t give_way(bool outranked) noexcept;

    // On a thread that the driver calls back on: such a thread has just run a kernel, unless it is
    // the program's own.
    void on_callback() noexcept;

 private:
    static constexpr std::uint32_t kThreadCountMax = 512;  // further ones stay as they are

    void remember(pid_t thread) noexcept;
    void bring_back() noexcept;

    std::atomic<bool> enabled_{false};
    // Odd: the threads should be down. Changes with every change of that. Sequentially consistent:
    // a thread that goes down looks at it again, and whoever changes it looks at the threads.
    std::atomic<std::uint32_t> turn_{0};
    std::array<std::atomic<pid_t>, kThreadCountMax> threads_{};
};

// The calling thread is one of the program's: it stays as it is, also where the driver calls back
// on it.
void note_program_thread() noexcept;

}  // namespace headway::opencl
