#include "device/amd_kfd.h"

#include <errno.h>

#include <cstring>

namespace headway::device::kfd {

namespace {

// Longer than any version has been; the newest known has 96 bytes.
constexpr unsigned kCreateBytesMax = 256;

constexpr int kAttempts = 8;

template <typename Type>
Type read_as(const void* memory) noexcept {
    Type value;
    std::memcpy(&value, memory, sizeof(value));
    return value;
}

}  // namespace

Call kind_of(unsigned long request) noexcept {
    if (_IOC_TYPE(request) != kType) return Call::kOther;
    const unsigned bytes = _IOC_SIZE(request);
    switch (_IOC_NR(request)) {
        case _IOC_NR(kCreateRequest):
            return bytes >= sizeof(CreateQueue) && bytes <= kCreateBytesMax ? Call::kCreate
                                                                            : Call::kOther;
        case _IOC_NR(kDestroyRequest):
            return bytes == sizeof(DestroyQueue) ? Call::kDestroy : Call::kOther;
        case _IOC_NR(kUpdateRequest):
            return bytes == sizeof(UpdateQueue) ? Call::kUpdate : Call::kOther;
        default:
            return Call::kOther;
    }
}

CreateQueue read_create(const void* argument) noexcept {
    return read_as<CreateQueue>(argument);
}

DestroyQueue read_destroy(const void* argument) noexcept {
    return read_as<DestroyQueue>(argument);
}

UpdateQueue read_update(const void* argument) noexcept {
    return read_as<UpdateQueue>(argument);
}

bool update_queue(Ioctl ioctl, int fd, const UpdateQueue& update) noexcept {
    UpdateQueue argument = update;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        if (ioctl(fd, kUpdateRequest, &argument) == 0) return true;
        if (errno != EINTR && errno != EAGAIN) return false;
    }
    return false;
}

}  // namespace headway::device::kfd
