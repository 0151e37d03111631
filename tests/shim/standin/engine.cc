#include "tests/shim/standin/engine.h"

#include <time.h>

#include <chrono>
#include <set>
#include <thread>
#include <utility>

namespace headway::standin {
namespace {

std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// The one execution unit: taken by the waiting command of the best priority.
class Device {
 public:
    void run(int priority, std::uint64_t duration_us) {
        std::unique_lock lock(mutex_);
        waiting_.insert(priority);
        changed_.wait(lock, [&] { return !busy_ && *waiting_.begin() == priority; });
        waiting_.erase(waiting_.find(priority));
        busy_ = true;
        lock.unlock();
        std::this_thread::sleep_for(std::chrono::microseconds(duration_us));
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::multiset<int> waiting_;
    bool busy_ = false;
};

// Never destroyed: streams run until the process ends.
Device& device() {
    static auto* const instance = new Device;
    return *instance;
}

thread_local bool t_in_host_function = false;

}  // namespace

void Stream::push(Command command) {
    const std::lock_guard lock(mutex_);
    if (capture_) {
        capture_->commands.push_back(std::move(command));
        return;
    }
    queue_.push_back(std::move(command));
    ++pushed_;
    if (!started_) {
        started_ = true;
        std::thread(&Stream::run, this).detach();
    }
    changed_.notify_all();
}

void Stream::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return !queue_.empty(); });
        const Command command = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        if (command.duration_us != 0) device().run(priority_, command.duration_us);
        if (command.effect) command.effect();
        lock.lock();
        ++done_;
        changed_.notify_all();
    }
}

void Stream::wait() {
    std::unique_lock lock(mutex_);
    const std::uint64_t target = pushed_;
    changed_.wait(lock, [&] { return done_ >= target; });
}

bool Stream::idle() {
    const std::lock_guard lock(mutex_);
    return done_ == pushed_;
}

std::shared_ptr<Graph> Stream::capture() {
    const std::lock_guard lock(mutex_);
    return capture_;
}

void Stream::set_capture(std::shared_ptr<Graph> graph) {
    const std::lock_guard lock(mutex_);
    capture_ = std::move(graph);
}

void record_event(const std::shared_ptr<Event>& event, Stream& stream) {
    std::uint64_t generation = 0;
    {
        const std::lock_guard lock(event->mutex);
        event->capture = stream.capture();
        if (event->capture) return;
        event->done = false;
        generation = ++event->generation;
    }
    stream.push({0, [event, generation] {
                     const std::lock_guard lock(event->mutex);
                     if (event->generation != generation) return;
                     event->done = true;
                     event->time_ns = now_ns();
                     event->changed.notify_all();
                 }});
}

bool in_host_function() {
    return t_in_host_function;
}

void push_host_function(Stream& stream, std::function<void()> function) {
    stream.push({0, [function = std::move(function)] {
                     t_in_host_function = true;
                     function();
                     t_in_host_function = false;
                 }});
}

}  // namespace headway::standin
