// Status and Result: how a function of this project says that it failed. No exceptions, no heap.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <utility>

namespace headway {

enum class Code {
    kOk = 0,
    kInvalidArgument,  // the caller's value is out of range
    kNotFound,         // no such device, file or lane
    kUnavailable,      // the system refuses, for now or for good
    kFull,             // a fixed table has no free entry
    kCorrupt,          // data that another process wrote does not fit its format
};

// A code and one line of text for a person. Copyable; holds at most kMessageBytes - 1 characters.
class [[nodiscard]] Status {
 public:
    static constexpr std::size_t kMessageBytes = 256;

    Status() noexcept = default;

    // Formats as printf does; a text that is too long is cut.
    __attribute__((format(printf, 2, 3))) static Status error(Code code,
                                                              const char* format,
                                                              ...) noexcept {
        Status status;
        status.code_ = code;
        std::va_list arguments;
        va_start(arguments, format);
        std::vsnprintf(status.message_, kMessageBytes, format, arguments);
        va_end(arguments);
        return status;
    }

    bool ok() const noexcept { return code_ == Code::kOk; }

    Code code() const noexcept { return code_; }

    // Empty when ok. Owned by this object.
    const char* message() const noexcept { return message_; }

 private:
    Code code_ = Code::kOk;
    char message_[kMessageBytes] = {};
};

// Either a T or the Status that says why there is none. T is default-constructible and movable.
template <typename T>
class [[nodiscard]] Result {
 public:
    // Not explicit: a function returns a value or an error as it is.
    // NOLINTBEGIN(google-explicit-constructor)
    Result(T value) noexcept : value_(std::move(value)) {}

    Result(const Status& status) noexcept : status_(status) {}

    // NOLINTEND(google-explicit-constructor)

    bool ok() const noexcept { return status_.ok(); }

    const Status& status() const noexcept { return status_; }

    // Only when ok().
    T& value() noexcept { return value_; }

    const T& value() const noexcept { return value_; }

 private:
    Status status_;
    T value_{};
};

}  // namespace headway
