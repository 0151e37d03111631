#include "tests/shim/standin/engine.h"

#include "tests/shim/standin/call_log.h"

#include <sys/file.h>
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

// A lock that processes share: of a file, so that the kernel gives it back when its owner is
// killed. Without a name in STANDIN_DEVICE it locks nothing.
class SharedLock {
 public:
    explicit SharedLock(const char* suffix) {
        if (const char* const path = std::getenv("STANDIN_DEVICE"); path != nullptr) {
            const std::string name = std::string(path) + suffix;
            fd_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        }
    }

    void lock() const {
        while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0) {
        }
    }

    void unlock() const {
        if (fd_ >= 0) ::flock(fd_, LOCK_UN);
    }

 private:
    int fd_ = -1;
};

// One turn on a device that several processes share. Who waits for the end of a turn keeps others
// from queueing up for the same one, so a process that wants many turns in a row gets every second
// one at most, however long the other takes to wake up.
class SharedTurn {
 public:
    SharedTurn() {
        next().lock();
        running().lock();
        next().unlock();
    }

    SharedTurn(const SharedTurn&) = delete;
    SharedTurn& operator=(const SharedTurn&) = delete;
    SharedTurn(SharedTurn&&) = delete;
    SharedTurn& operator=(SharedTurn&&) = delete;

    ~SharedTurn() { running().unlock(); }

 private:
    static const SharedLock& running() {
        static const SharedLock lock("");
        return lock;
    }

    static const SharedLock& next() {
        static const SharedLock lock(".next");
        return lock;
    }
};

// Where STANDIN_RUNS asks for it: one line per kernel, in the order in which they start.
void log_start(const std::string& name) {
    static const auto* const runs = new CallLog("STANDIN_RUNS");
    if (!name.empty()) runs->write_text(("start " + name).c_str());
}

// The one execution unit: taken by the waiting command of the best priority, among equals in turn.
class Device {
 public:
    void run(int priority, const Command& command) {
        std::unique_lock lock(mutex_);
        const std::pair turn_key{priority, next_ticket_++};
        waiting_.insert(turn_key);
        changed_.wait(lock, [&] { return !busy_ && *waiting_.begin() == turn_key; });
        waiting_.erase(turn_key);
        busy_ = true;
        lock.unlock();
        {
            const SharedTurn turn;
            log_start(command.name);
            std::this_thread::sleep_for(std::chrono::microseconds(command.duration_us));
        }
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::pair<int, std::uint64_t>> waiting_;  // by priority, then in order of arrival
    std::uint64_t next_ticket_ = 0;
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
        if (command.duration_us != 0) device().run(priority_, command);
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
