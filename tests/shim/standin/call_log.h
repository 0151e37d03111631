// The text form of one driver call, written by the stand-in driver and by programs that call it, so
// that the two logs can be compared line by line.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace headway::standin {

template <typename Type>
std::uint64_t as_number(Type value) {
    if constexpr (std::is_class_v<Type>) {
        // A structure by value: every byte of it counts.
        std::uint64_t number = sizeof(Type);
        unsigned char bytes[sizeof(Type)];
        std::memcpy(bytes, &value, sizeof(Type));
        for (const unsigned char byte : bytes)
            number = number * 257 + byte;
        return number;
    } else if constexpr (std::is_pointer_v<Type>) {
        return reinterpret_cast<std::uint64_t>(value);
    } else if constexpr (std::is_enum_v<Type>) {
        return static_cast<std::uint64_t>(value);
    } else {
        return static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<Type>>(value));
    }
}

// A file that lines are appended to; each line is one write, so processes and threads may share it.
class CallLog {
 public:
    // The file named by an environment variable; without it, lines are dropped.
    explicit CallLog(const char* variable) {
        if (const char* path = std::getenv(variable); path != nullptr) {
            fd_ = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        }
    }

    template <typename... Args>
    void write_call(const char* symbol, int result, Args... args) const {
        if (fd_ < 0) return;
        char line[512];
        std::size_t bytes = append(line, 0, "%s(", symbol);
        [[maybe_unused]] const char* separator = "";
        ((bytes = append(line, bytes, "%s%" PRIx64, separator, as_number(args)), separator = ", "),
         ...);
        bytes = append(line, bytes, ") = %d\n", result);
        [[maybe_unused]] const ssize_t written = ::write(fd_, line, bytes);
    }

    void write_text(const char* text) const {
        if (fd_ < 0) return;
        char line[512];
        const std::size_t bytes = append(line, 0, "%s\n", text);
        [[maybe_unused]] const ssize_t written = ::write(fd_, line, bytes);
    }

 private:
    template <typename... Args>
    static std::size_t append(char (&line)[512],
                              std::size_t bytes,
                              const char* format,
                              Args... args) {
        const int added = std::snprintf(line + bytes, sizeof(line) - bytes, format, args...);
        const std::size_t total = bytes + static_cast<std::size_t>(added > 0 ? added : 0);
        return total < sizeof(line) ? total : sizeof(line) - 1;
    }

    int fd_ = -1;
};

}  // namespace headway::standin
