// What the gate needs of a device. One small interface; a device is a folder-mate of this file.
#pragma once

#include <atomic>
#include <cstdint>

namespace headway::device {

// A stream (queue) of a device, as its own API names it; 0 is the default one.
using StreamHandle = std::uint64_t;

// Thread-safe; owned by whoever opened the lane, and outlives it.
class Device {
 public:
    Device() = default;
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    Device(Device&&) = delete;
    Device& operator=(Device&&) = delete;

    // True if a launch has completed when the call that makes it returns. Then the lane needs no
    // markers and no window, and the three functions after this
    // one are never called.
    virtual bool synchronous() const noexcept = 0;

    enum class Registration : std::uint8_t {
        kDone,
        kNotNow,   // try again at a later launch
        kRefused,  // this lane gets no markers, hence no window
    };

    // Makes `progress` writable by the device for the lane that owns it. Called by a launching
    // thread, before the first marker of each attach; may be slow. `progress` lies in a page that
    // belongs to this lane alone.
    virtual Registration register_progress(std::atomic<std::uint32_t>* progress,
                                           std::uint32_t count) noexcept = 0;

    // Undoes register_progress().
    virtual void unregister_progress(std::atomic<std::uint32_t>* progress) noexcept = 0;

    // Asks the device to store `value` to *word once everything launched on `stream` before this
    // call has completed. Does not wait. False: the device refused; nothing will be written.
    virtual bool write_marker(StreamHandle stream,
                              std::atomic<std::uint32_t>* word,
                              std::uint32_t value) noexcept = 0;

    // Where this process stands among those that use the device.
    enum class Standing : std::uint8_t {
        kFree,       // nobody outranks it
        kOutranked,  // lanes of another process outrank all of its lanes
        // And so do those of every other process on the board, and its work may be long or their
        // requests come when nobody expects them. Never two processes at a time: of two that a GPU
        // gives the shortest timeslices, neither may get anything done between two switches.
        kInTheWay,
    };

    // The more it is in the way, the sooner should the device take this process's work off for
    // others. Called by a launching thread when its standing has changed; may make system calls.
    // Returns the timeslice in force in microseconds, 0: the device's own.
    virtual std::uint32_t give_way(Standing standing) noexcept = 0;

    // Whether the device works for one process at a time, and changes between them at a cost, as a
    // GPU does that has to switch contexts. Then processes of equal priority that are gated use it
    // in shifts: each with its small window beside the others would leave it little but switches.
    // Called by launching threads when the lanes on the board have changed.
    virtual bool one_process_at_a_time() const noexcept { return false; }

 protected:
    ~Device() = default;
};

}  // namespace headway::device
