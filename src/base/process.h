// Which process a lane belongs to, in a form that survives the reuse of process ids.
#pragma once

#include <cstdint>

namespace headway {

// A process in one 64-bit word, so that a slot is claimed and signed by a single compare-and-swap:
//   bits 63..42  process id (Linux allows at most 2^22)
//   bits 41..32  tag of the pid namespace (a process id means nothing outside its own)
//   bits 31..0   low bits of the start time in clock ticks since boot
// 0 is no process.
using ProcessWord = std::uint64_t;

// The calling process. Reads /proc once and again after a fork. Thread-safe.
ProcessWord this_process() noexcept;

// Whether the process still runs. True also when this cannot be judged from here (another pid
// namespace, no /proc): a lane is reaped only when its owner is certainly dead. Costs one or two
// system calls; does not block.
bool process_alive(ProcessWord word) noexcept;

// Which program a process runs: a mark that changes when it replaces itself by exec(), while its
// word stays as it is. 0 is not known.
using ImageMark = std::uint32_t;

// The calling process's. Reads /proc once. Thread-safe.
ImageMark this_image() noexcept;

// Whether the process still runs the program that had this mark. As process_alive() otherwise, and
// true also when either mark is not known.
bool process_runs(ProcessWord word, ImageMark image) noexcept;

// The process id in its own namespace.
inline std::uint32_t process_pid(ProcessWord word) noexcept {
    return static_cast<std::uint32_t>(word >> 42);
}

// Packs the fields above; out-of-range bits are dropped.
ProcessWord make_process_word(std::uint32_t pid,
                              std::uint64_t namespace_inode,
                              std::uint64_t start_ticks) noexcept;

}  // namespace headway
