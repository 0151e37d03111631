// What an error number of the system means.
#pragma once

#include <cstring>

namespace headway {

// The words of `error`, for as long as the object lives. Unlike strerror() it is thread-safe in
// every glibc, and unlike strerrordesc_np() (glibc 2.32) it is in every one that a guest may meet.
class ErrnoText {
 public:
    explicit ErrnoText(int error) noexcept : text_(::strerror_r(error, buffer_, sizeof(buffer_))) {}

    ErrnoText(const ErrnoText&) = delete;
    ErrnoText& operator=(const ErrnoText&) = delete;
    ErrnoText(ErrnoText&&) = delete;
    ErrnoText& operator=(ErrnoText&&) = delete;
    ~ErrnoText() = default;

    const char* c_str() const noexcept { return text_; }

 private:
    char buffer_[128] = {};
    const char* text_;  // in buffer_, or a constant of the library's
};

}  // namespace headway
