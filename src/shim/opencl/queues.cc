#include "shim/opencl/queues.h"

#include "shim/opencl/dispatch.h"
#include "shim/opencl/spin_lock.h"

#include <atomic>
#include <cstdint>

namespace headway::opencl {

namespace {

constexpr std::uint32_t kQueueCountMax = 1024;  // further queues run unscheduled
constexpr std::uint32_t kUserEventCountMax = 256;

struct KnownQueue {
    QueueFacts facts;
    std::uint32_t references = 0;
};

struct UserEvent {
    cl_event event = nullptr;
    std::uint32_t references = 0;
};

// Open addressing: a lookup ends at the first free place.
constinit KnownQueue g_queues[kQueueCountMax];
constinit std::uint32_t g_queue_count = 0;
constinit SpinLock g_queue_lock;

constinit UserEvent g_user_events[kUserEventCountMax];
constinit SpinLock g_user_event_lock;
constinit std::atomic<std::uint32_t> g_user_event_count{0};

std::uint32_t first_place(cl_command_queue queue) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(queue);
    return static_cast<std::uint32_t>((address * 0x9E3779B97F4A7C15U) >> 54);
}

static_assert(kQueueCountMax == 1U << 10, "first_place() gives ten bits");

// The callers of these hold g_queue_lock. The queue's place, or the free one where it would go.
std::uint32_t place_of(cl_command_queue queue) noexcept {
    std::uint32_t place = first_place(queue);
    while (g_queues[place].facts.queue != nullptr && g_queues[place].facts.queue != queue)
        place = (place + 1) % kQueueCountMax;
    return place;
}

KnownQueue* find(cl_command_queue queue) noexcept {
    if (queue == nullptr) return nullptr;
    KnownQueue& known = g_queues[place_of(queue)];
    return known.facts.queue == queue ? &known : nullptr;
}

// Closes the gap, so that no lookup ends early.
void remove_at(std::uint32_t gap) noexcept {
    g_queues[gap] = {};
    --g_queue_count;
    for (std::uint32_t next = (gap + 1) % kQueueCountMax; g_queues[next].facts.queue != nullptr;
         next = (next + 1) % kQueueCountMax) {
        const KnownQueue moved = g_queues[next];
        g_queues[next] = {};
        g_queues[place_of(moved.facts.queue)] = moved;
    }
}

UserEvent* find_user_event(cl_event event) noexcept {
    for (UserEvent& known : g_user_events) {
        if (known.event == event) return &known;
    }
    return nullptr;
}

void forget_user_event(UserEvent& known) noexcept {
    known = {};
    g_user_event_count.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace

void queue_created(const QueueFacts& facts) noexcept {
    const SpinGuard guard(g_queue_lock);
    // One place stays free for ever, for lookups to end at.
    if (facts.queue == nullptr || g_queue_count + 1 == kQueueCountMax) return;
    KnownQueue& known = g_queues[place_of(facts.queue)];
    if (known.facts.queue == nullptr) ++g_queue_count;
    known = {facts, 1};
}

void queue_retained(cl_command_queue queue) noexcept {
    const SpinGuard guard(g_queue_lock);
    if (KnownQueue* const known = find(queue); known != nullptr) ++known->references;
}

bool queue_is_last_reference(cl_command_queue queue) noexcept {
    const SpinGuard guard(g_queue_lock);
    const KnownQueue* const known = find(queue);
    return known != nullptr && known->references == 1;
}

void queue_released(cl_command_queue queue) noexcept {
    const SpinGuard guard(g_queue_lock);
    KnownQueue* const known = find(queue);
    if (known == nullptr || --known->references != 0) return;
    remove_at(static_cast<std::uint32_t>(known - g_queues));
}

bool find_queue(cl_command_queue queue, QueueFacts* out) noexcept {
    const SpinGuard guard(g_queue_lock);
    const KnownQueue* const known = find(queue);
    if (known == nullptr) return false;
    *out = known->facts;
    return true;
}

bool retain_known_queue(cl_command_queue queue) noexcept {
    const SpinGuard guard(g_queue_lock);
    // Under the lock: the program gives its last reference back only after queue_released().
    return find(queue) != nullptr && target()->clRetainCommandQueue(queue) == CL_SUCCESS;
}

void user_event_created(cl_event event) noexcept {
    const SpinGuard guard(g_user_event_lock);
    UserEvent* const place = find_user_event(nullptr);
    // Without room it stays unknown: a wait that it could prolong ends by its deadline.
    if (place == nullptr) return;
    *place = {event, 1};
    g_user_event_count.fetch_add(1, std::memory_order_relaxed);
}

void event_retained(cl_event event) noexcept {
    if (event == nullptr || !user_event_pending()) return;
    const SpinGuard guard(g_user_event_lock);
    if (UserEvent* const known = find_user_event(event); known != nullptr) ++known->references;
}

void event_released(cl_event event) noexcept {
    if (event == nullptr || !user_event_pending()) return;
    const SpinGuard guard(g_user_event_lock);
    UserEvent* const known = find_user_event(event);
    if (known != nullptr && --known->references == 0) forget_user_event(*known);
}

void user_event_set(cl_event event) noexcept {
    if (event == nullptr || !user_event_pending()) return;
    const SpinGuard guard(g_user_event_lock);
    if (UserEvent* const known = find_user_event(event); known != nullptr)
        forget_user_event(*known);
}

bool user_event_pending() noexcept {
    return g_user_event_count.load(std::memory_order_relaxed) != 0;
}

}  // namespace headway::opencl
