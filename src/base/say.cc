#include "base/say.h"

#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace headway {

void say_once(const char* format, ...) noexcept {
    static std::atomic_flag said = ATOMIC_FLAG_INIT;
    if (said.test_and_set(std::memory_order_relaxed)) return;
    char line[320] = "headway: ";
    const std::size_t prefix_bytes = std::strlen(line);
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line + prefix_bytes, sizeof(line) - prefix_bytes - 1, format, arguments);
    va_end(arguments);
    const std::size_t bytes = std::strlen(line);  // with room for one more
    line[bytes] = '\n';
    // One write, so that lines of several processes don't mix; there is nobody to tell if it fails.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line, bytes + 1);
}

}  // namespace headway
