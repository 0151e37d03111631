#include "device/nvidia_rm.h"

#include <linux/ioctl.h>

#include <cstring>

namespace headway::device::rm {

namespace {

// All of RM's ioctls are of type 'F'; these are their numbers.
constexpr unsigned kType = 'F';
constexpr unsigned kFree = 0x29;
constexpr unsigned kControl = 0x2A;
constexpr unsigned kAlloc = 0x2B;
constexpr unsigned kTransfer = 211;  // carries another one, whose argument is too large for a size

constexpr std::uint32_t kSetTimeslice = 0xA06C0103;
constexpr std::uint32_t kGetTimeslice = 0xA06C0104;
constexpr std::uint32_t kGetGid = 0x2080014A;

struct Transfer {
    std::uint32_t number;
    std::uint32_t bytes;
    alignas(8) std::uint64_t argument;
};

struct FreeArgument {  // NVOS00_PARAMETERS
    std::uint32_t client;
    std::uint32_t parent;
    std::uint32_t object;
    std::uint32_t status;
};

struct ControlArgument {  // NVOS54_PARAMETERS
    std::uint32_t client;
    std::uint32_t object;
    std::uint32_t command;
    std::uint32_t flags;
    alignas(8) std::uint64_t parameters;
    std::uint32_t parameter_bytes;
    std::uint32_t status;
};

static_assert(sizeof(ControlArgument) == 32);

struct AllocHead {  // what NVOS21_PARAMETERS and all forms of NVOS64_PARAMETERS begin with
    std::uint32_t client;
    std::uint32_t parent;
    std::uint32_t object;
    std::uint32_t object_class;
    alignas(8) std::uint64_t parameters;
};

static_assert(sizeof(AllocHead) == 24);

// Where the status stands, by the size of the argument. The 40-byte form moved it once: there an
// allocation counts as done, and the calls on an object that does not exist are refused.
constexpr unsigned kAllocBytesOld = 32;
constexpr unsigned kAllocBytesMiddle = 40;
constexpr unsigned kAllocBytesNew = 48;

struct GroupParameters {  // NV_CHANNEL_GROUP_ALLOCATION_PARAMETERS, as far as it is read
    std::uint32_t error_object;
    std::uint32_t ecc_error_object;
    std::uint32_t address_space;
    std::uint32_t engine;
};

struct GidParameters {  // NV2080_CTRL_GPU_GET_GID_INFO_PARAMS
    std::uint32_t index;
    std::uint32_t flags;  // 0: text, SHA-1
    std::uint32_t bytes;
    char data[256];
};

// An argument of the driver's, which need not be aligned for us.
template <typename Type>
Type read_as(const void* memory) noexcept {
    Type value;
    std::memcpy(&value, memory, sizeof(value));
    return value;
}

const void* pointer(std::uint64_t address) noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the driver's structures hold addresses as numbers
    return reinterpret_cast<const void*>(static_cast<std::uintptr_t>(address));
}

bool alloc_refused(const void* argument, unsigned bytes) noexcept {
    const auto* const words = static_cast<const char*>(argument);
    if (bytes == kAllocBytesOld) return read_as<std::uint32_t>(words + 28) != 0;
    if (bytes == kAllocBytesNew) return read_as<std::uint32_t>(words + 40) != 0;
    return bytes != kAllocBytesMiddle;
}

Event read_alloc(const void* argument, unsigned bytes) noexcept {
    if (alloc_refused(argument, bytes)) return {};
    const auto head = read_as<AllocHead>(argument);
    Event event{
        Event::Kind::kAllocated, head.client, head.parent, head.object, head.object_class, 0};
    if (head.object_class == kClassChannelGroup && head.parameters != 0) {
        event.engine = read_as<GroupParameters>(pointer(head.parameters)).engine;
    }
    return event;
}

Event read_free(const void* argument, unsigned bytes) noexcept {
    if (bytes != sizeof(FreeArgument)) return {};
    const auto freed = read_as<FreeArgument>(argument);
    if (freed.status != 0) return {};
    return {Event::Kind::kFreed, freed.client, freed.parent, freed.object, 0, 0};
}

// One object of the driver's, as the client has it.
struct Object {
    std::uint32_t client;
    std::uint32_t handle;
};

bool control(Ioctl ioctl,
             int fd,
             Object object,
             std::uint32_t command,
             void* parameters,
             std::uint32_t bytes) noexcept {
    ControlArgument argument{
        object.client,
        object.handle,
        command,
        0,
        static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(parameters)),
        bytes,
        0};
    constexpr unsigned long kRequest = _IOWR(kType, kControl, ControlArgument);
    return ioctl(fd, kRequest, &argument) == 0 && argument.status == 0;
}

}  // namespace

Event read_event(unsigned long request, const void* argument) noexcept {
    if (_IOC_TYPE(request) != kType || argument == nullptr) return {};
    unsigned number = _IOC_NR(request);
    unsigned bytes = _IOC_SIZE(request);
    if (number == kTransfer && bytes == sizeof(Transfer)) {
        const auto transfer = read_as<Transfer>(argument);
        number = transfer.number;
        bytes = transfer.bytes;
        argument = pointer(transfer.argument);
        if (argument == nullptr) return {};
    }
    if (number == kAlloc) return read_alloc(argument, bytes);
    if (number == kFree) return read_free(argument, bytes);
    return {};
}

bool get_timeslice(Ioctl ioctl,
                   int fd,
                   std::uint32_t client,
                   std::uint32_t group,
                   std::uint64_t* out_us) noexcept {
    return control(ioctl, fd, {client, group}, kGetTimeslice, out_us, sizeof(*out_us));
}

bool set_timeslice(
    Ioctl ioctl, int fd, std::uint32_t client, std::uint32_t group, std::uint64_t us) noexcept {
    return control(ioctl, fd, {client, group}, kSetTimeslice, &us, sizeof(us));
}

bool get_gpu_name(
    Ioctl ioctl, int fd, std::uint32_t client, std::uint32_t subdevice, char* out) noexcept {
    GidParameters gid{};
    if (!control(ioctl, fd, {client, subdevice}, kGetGid, &gid, sizeof(gid))) return false;
    if (std::memchr(gid.data, '\0', kGpuNameBytes) == nullptr) return false;
    if (std::strncmp(gid.data, "GPU-", 4) != 0) return false;
    std::memcpy(out, gid.data, kGpuNameBytes);
    return true;
}

}  // namespace headway::device::rm
