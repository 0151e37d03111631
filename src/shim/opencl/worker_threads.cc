#include "shim/opencl/worker_threads.h"

#include "base/env.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace headway::opencl {

namespace {

// A thread that wakes takes the core from an idle one at once; there is no slice to wait for.
constexpr std::uint32_t kSliceUs = 1;

constinit thread_local bool t_is_programs = false;
constinit thread_local std::uint32_t t_turn_seen = 0;

bool set_policy(pid_t thread, int policy) noexcept {
    const sched_param parameter{};
    return ::sched_setscheduler(thread, policy, &parameter) == 0;
}

// Tried with what can be undone by anybody: a better nice value for a moment needs the same right
// as the way back from SCHED_IDLE.
bool may_come_back() noexcept {
    errno = 0;
    const int nice = ::getpriority(PRIO_PROCESS, 0);
    if (errno != 0 || ::setpriority(PRIO_PROCESS, 0, nice - 1) != 0) return false;
    return ::setpriority(PRIO_PROCESS, 0, nice) == 0;
}

bool is_allowed() noexcept {
    enum : int { kUnknown, kYes, kNo };

    static constinit std::atomic<int> g_answer{kUnknown};
    int answer = g_answer.load(std::memory_order_relaxed);
    if (answer == kUnknown) {
        const bool off = std::strcmp(env_text("HEADWAY_TIMESLICE_US", "auto"), "off") == 0;
        answer = !off && may_come_back() ? kYes : kNo;
        g_answer.store(answer, std::memory_order_relaxed);
    }
    return answer == kYes;
}

bool is_own_thread(pid_t thread) noexcept {
    char path[64];
    std::snprintf(path, sizeof(path), "/proc/self/task/%d", static_cast<int>(thread));
    return ::access(path, F_OK) == 0;
}

}  // namespace

void note_program_thread() noexcept {
    t_is_programs = true;
}

std::uint32_t WorkerThreads::give_way(bool outranked) noexcept {
    if (!enabled_.load(std::memory_order_relaxed)) return 0;
    const int saved_errno = errno;  // the program's own errno must not change under it
    const bool down = outranked && is_allowed();
    std::uint32_t turn = turn_.load();
    while ((turn % 2 != 0) != down && !turn_.compare_exchange_weak(turn, turn + 1)) {
    }
    if (!down) bring_back();
    errno = saved_errno;
    return down ? kSliceUs : 0;
}

void WorkerThreads::on_callback() noexcept {
    if (t_is_programs || !enabled_.load(std::memory_order_relaxed)) return;
    for (std::uint32_t turn = turn_.load(); turn != t_turn_seen; turn = turn_.load()) {
        t_turn_seen = turn;
        const int policy = ::sched_getscheduler(0);
        if (turn % 2 == 0) {
            if (policy == SCHED_IDLE) set_policy(0, SCHED_OTHER);
        } else if (policy == SCHED_OTHER) {
            // Known before it goes down, or nobody would bring it back.
            remember(static_cast<pid_t>(::syscall(SYS_gettid)));
            set_policy(0, SCHED_IDLE);
        }
    }
}

void WorkerThreads::remember(pid_t thread) noexcept {
    for (std::atomic<pid_t>& place : threads_) {
        pid_t known = place.load();
        if (known == thread) return;
        if (known == 0 && place.compare_exchange_strong(known, thread)) return;
    }
}

// The number of a thread that has ended may be another process's by now.
void WorkerThreads::bring_back() noexcept {
    for (std::atomic<pid_t>& place : threads_) {
        const pid_t thread = place.load();
        if (thread == 0) return;
        if (is_own_thread(thread) && ::sched_getscheduler(thread) == SCHED_IDLE) {
            set_policy(thread, SCHED_OTHER);
        }
    }
}

}  // namespace headway::opencl
