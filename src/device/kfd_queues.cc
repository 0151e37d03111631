#include "device/kfd_queues.h"

#include "base/clock.h"
#include "base/no_cancel.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <time.h>

#include <algorithm>
#include <new>

namespace headway::device {

namespace {

constexpr std::uint64_t kLookAgainNs = 50 * kNsPerUs;

void sleep_a_little() noexcept {
    const timespec time{0, static_cast<long>(kLookAgainNs)};
    ::nanosleep(&time, nullptr);
}

void count(std::atomic<std::uint32_t>& counter) noexcept {
    counter.fetch_add(1, std::memory_order_relaxed);
}

// Keeps the order of the process's own queues within the driver's lowest level.
constexpr std::uint32_t lowered(std::uint32_t priority) noexcept {
    return std::min(priority, kfd::kPriorityMax) * kfd::kPriorityLowMax / kfd::kPriorityMax;
}

static_assert(lowered(kfd::kPriorityMax) == kfd::kPriorityLowMax && lowered(0) == 0);

bool same(const kfd::UpdateQueue& a, const kfd::UpdateQueue& b) noexcept {
    return a.percentage == b.percentage && a.priority == b.priority;
}

}  // namespace

bool KfdQueues::lock() noexcept {
    if (lock_.try_lock()) return true;
    const std::uint64_t deadline_ns = now_ns() + kPatienceNs;
    do {
        sleep_a_little();
        if (lock_.try_lock()) return true;
    } while (now_ns() < deadline_ns);
    return false;
}

int KfdQueues::pass(int fd, unsigned long request, void* argument) noexcept {
    const kfd::Ioctl known = ioctl_.load(std::memory_order_acquire);
    const kfd::Ioctl call = known != nullptr ? known : &::ioctl;
    const bool follow = mode() != Mode::kOff && argument != nullptr;
    const kfd::Call kind = follow ? kfd::kind_of(request) : kfd::Call::kOther;
    if (kind == kfd::Call::kOther) return call(fd, request, argument);
    const NoCancel no_cancel;
    const int errno_before = errno;
    const bool locked = lock();
    errno = errno_before;
    const int result = call(fd, request, argument);
    const int errno_after = errno;
    if (locked) {
        if (result == 0) learn(kind, fd, argument);
        lock_.unlock();
    } else if (result == 0) {
        // What is known of the queues is no longer true, and a call based on it could do harm.
        count(lost_);
        set_mode(Mode::kOff);
    }
    errno = errno_after;
    return result;
}

// The caller holds the lock.
void KfdQueues::learn(kfd::Call call, int fd, const void* argument) noexcept {
    switch (call) {
        case kfd::Call::kCreate:
            add(fd, kfd::read_create(argument));
            break;
        case kfd::Call::kDestroy:
            if (Queue* const gone = find(kfd::read_destroy(argument).queue_id)) remove(*gone);
            break;
        case kfd::Call::kUpdate: {
            const kfd::UpdateQueue given = kfd::read_update(argument);
            Queue* const queue = find(given.queue_id);
            if (queue == nullptr) break;
            queue->own = given;
            if (!queue->gives_way) break;
            queue->gives_way = false;  // the library's call has replaced ours
            giving_way_.fetch_sub(1, std::memory_order_release);
            if (mode() == Mode::kPriority) make_way(*queue);
            break;
        }
        case kfd::Call::kOther:
            break;
    }
}

// The caller holds the lock.
void KfdQueues::add(int fd, const kfd::CreateQueue& made) noexcept {
    if (made.type != kfd::kTypeCompute && made.type != kfd::kTypeComputeAql) return;
    const auto place = std::find_if(
        queues_.begin(), queues_.end(), [](const Queue& queue) { return queue.fd < 0; });
    if (place == queues_.end()) {
        count(unseen_);
        return;
    }
    *place = {fd,
              made.gpu_id,
              {made.ring_address, made.queue_id, made.ring_bytes, made.percentage, made.priority},
              false};
    count(queue_count_);
    const Gpu* const owner = gpu(made.gpu_id);
    const bool outranked = owner != nullptr && owner->outranked;
    if (outranked && mode() == Mode::kPriority) make_way(*place);
}

// The caller holds the lock.
void KfdQueues::remove(Queue& queue) noexcept {
    if (queue.gives_way) giving_way_.fetch_sub(1, std::memory_order_release);
    queue = {};
    queue_count_.fetch_sub(1, std::memory_order_relaxed);
}

// The caller holds the lock. Ids are the process's, whichever file and GPU a queue is of.
KfdQueues::Queue* KfdQueues::find(std::uint32_t queue_id) noexcept {
    for (Queue& queue : queues_) {
        if (queue.fd >= 0 && queue.own.queue_id == queue_id) return &queue;
    }
    return nullptr;
}

// The caller holds the lock. Null: no id, or no place.
KfdQueues::Gpu* KfdQueues::gpu(std::uint32_t id) noexcept {
    if (id == 0) return nullptr;
    for (Gpu& place : gpus_) {
        if (place.id == 0) place.id = id;
        if (place.id == id) return &place;
    }
    return nullptr;
}

// The caller holds the lock.
bool KfdQueues::update(Queue& queue, const kfd::UpdateQueue& wish) noexcept {
    const kfd::Ioctl known = ioctl_.load(std::memory_order_acquire);
    const std::uint64_t start_ns = now_ns();
    const bool done = kfd::update_queue(known != nullptr ? known : &::ioctl, queue.fd, wish);
    const auto us = static_cast<std::uint32_t>((now_ns() - start_ns) / kNsPerUs);
    longest_us_.store(std::max(us, longest_us_.load(std::memory_order_relaxed)),
                      std::memory_order_relaxed);
    if (!done) count(failed_);
    return done;
}

// The caller holds the lock. A queue that the library itself has taken off stays off.
void KfdQueues::make_way(Queue& queue) noexcept {
    kfd::UpdateQueue wish = queue.own;
    if (mode() == Mode::kPriority) wish.priority = lowered(queue.own.priority);
    if (mode() == Mode::kPercentage) wish.percentage &= ~kfd::kPercentageMask;
    if (queue.gives_way || same(wish, queue.own)) return;
    if (!update(queue, wish)) {
        switch_off();
        return;
    }
    queue.gives_way = true;
    giving_way_.fetch_add(1, std::memory_order_relaxed);
    count(changed_);
}

// The caller holds the lock. False: it could not be given back.
bool KfdQueues::give_back(Queue& queue) noexcept {
    if (!queue.gives_way) return true;
    bool done = false;
    for (int attempt = 0; attempt < kRestoreAttempts && !done; ++attempt)
        done = update(queue, queue.own);
    count(done ? restored_ : stranded_);
    queue.gives_way = false;
    giving_way_.fetch_sub(1, std::memory_order_release);
    return done;
}

// The caller holds the lock. For good: a kernel that refuses one call is not asked for another.
void KfdQueues::switch_off() noexcept {
    set_mode(Mode::kOff);
    for (Queue& queue : queues_)
        give_back(queue);
}

// The caller holds the lock.
bool KfdQueues::any_gives_way(std::uint32_t gpu_id) const noexcept {
    return std::any_of(queues_.begin(), queues_.end(), [gpu_id](const Queue& queue) {
        return queue.gives_way && queue.gpu_id == gpu_id;
    });
}

// The caller holds the lock.
void KfdQueues::set_outranked(Gpu& place, bool outranked) noexcept {
    place.outranked = outranked;
    for (Queue& queue : queues_) {
        if (queue.fd < 0 || queue.gpu_id != place.id) continue;
        if (outranked && mode() != Mode::kOff) make_way(queue);
        if (!outranked && !give_back(queue)) switch_off();
    }
}

bool KfdQueues::give_way(std::uint32_t gpu_id, bool outranked) noexcept {
    if (mode() == Mode::kOff) return false;
    const NoCancel no_cancel;
    const int saved_errno = errno;
    bool changed = false;
    bool gives_way = false;
    if (lock()) {
        Gpu* const place = gpu(gpu_id);
        changed = place != nullptr && place->outranked != outranked;
        if (changed) set_outranked(*place, outranked);
        gives_way = any_gives_way(gpu_id);
        lock_.unlock();
    }
    if (changed && gives_way && mode() == Mode::kPercentage) {
        end_pulse(gpu_id);
        gives_way = false;
    }
    errno = saved_errno;
    return gives_way;
}

void KfdQueues::end_pulse(std::uint32_t gpu_id) noexcept {
    const std::uint64_t deadline_ns = now_ns() + kPulseNs;
    // Acquire; pairs with the release where a queue gets back what it had.
    while (now_ns() < deadline_ns && giving_way_.load(std::memory_order_acquire) != 0)
        sleep_a_little();
    if (!lock()) {
        count(stranded_);
        return;
    }
    for (Queue& queue : queues_) {
        if (queue.gpu_id == gpu_id && !give_back(queue)) switch_off();
    }
    lock_.unlock();
}

void KfdQueues::restore() noexcept {
    if (mode() == Mode::kOff) return;
    const int saved_errno = errno;
    if (lock()) {
        switch_off();
        lock_.unlock();
    }
    errno = saved_errno;
}

void KfdQueues::forget() noexcept {
    ::new (&lock_) BoundedLock;  // a thread that is not in this process may have held it
    queues_ = {};
    gpus_ = {};
    giving_way_.store(0, std::memory_order_relaxed);
    queue_count_.store(0, std::memory_order_relaxed);
}

KfdQueues::Counts KfdQueues::counts() const noexcept {
    constexpr auto kOrder = std::memory_order_relaxed;
    return {queue_count_.load(kOrder),
            unseen_.load(kOrder),
            changed_.load(kOrder),
            restored_.load(kOrder),
            failed_.load(kOrder),
            stranded_.load(kOrder),
            lost_.load(kOrder),
            longest_us_.load(kOrder)};
}

}  // namespace headway::device
