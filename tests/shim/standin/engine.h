// The device of the stand-in driver: streams that run commands in order, on threads, one command on
// the device at a time. "Running" is sleeping for the command's declared duration. With
// STANDIN_DEVICE several processes share the device; with STANDIN_RUNS each kernel is logged as it
// starts.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace headway::standin {

struct Command {
    std::uint64_t duration_us = 0;  // device time; 0 does not occupy the device
    std::function<void()> effect;   // run when the time is over; may be empty
    std::string name = {};          // of the kernel; empty for anything else
};

struct Graph {
    std::vector<Command> commands;
};

// A kernel: its name says how long it runs, "anything_250us"; 0 without that.
struct Function {
    std::string name;
    std::uint64_t duration_us = 0;
};

class Stream {
 public:
    // Lower numbers go first on the device, as in CUDA.
    explicit Stream(int priority) : priority_(priority) {}

    // Appends a command, or records it if a graph is being captured here.
    void push(Command command);

    // Waits until everything pushed so far has run.
    void wait();

    bool idle();

    int priority() const { return priority_; }

    // The graph that this stream records into; null when it is not capturing.
    std::shared_ptr<Graph> capture();
    void set_capture(std::shared_ptr<Graph> graph);

 private:
    void run();

    const int priority_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Command> queue_;
    std::shared_ptr<Graph> capture_;
    std::uint64_t pushed_ = 0;
    std::uint64_t done_ = 0;
    bool started_ = false;
};

struct Event {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = true;  // an event that was never recorded counts as done
    std::uint64_t generation = 0;
    std::uint64_t time_ns = 0;
    std::shared_ptr<Graph> capture;  // set if it was last recorded in a capture
};

// Records an event on a stream; completes when the stream gets there.
void record_event(const std::shared_ptr<Event>& event, Stream& stream);

// True while the calling thread runs a host function that was enqueued on a stream.
bool in_host_function();

// Enqueues a host function.
void push_host_function(Stream& stream, std::function<void()> function);

}  // namespace headway::standin
