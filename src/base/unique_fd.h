// Owns one file descriptor and closes it.
#pragma once

#include <unistd.h>

#include <utility>

namespace headway {

class UniqueFd {
 public:
    UniqueFd() noexcept = default;

    explicit UniqueFd(int fd) noexcept : fd_(fd) {}

    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }

    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;

    ~UniqueFd() {
        if (fd_ >= 0) ::close(fd_);
    }

    bool valid() const noexcept { return fd_ >= 0; }

    int get() const noexcept { return fd_; }

 private:
    int fd_ = -1;
};

}  // namespace headway
