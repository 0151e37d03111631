// What a loop does that waits for another thread for a moment.
#pragma once

namespace headway {

// Leaves the processor's units to its other thread, for some ten nanoseconds.
inline void relax_processor() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace headway
