#include "shim/opencl/device_name.h"

#include "board/layout.h"
#include "shim/opencl/dispatch.h"

#include <CL/cl_ext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace headway::opencl {

namespace {

constexpr cl_uint kDeviceCountMax = 64;
constexpr std::size_t kTextBytes = 128;  // of a name; a longer one is not asked for

struct DeviceText {
    char platform[kTextBytes] = {};
    char device[kTextBytes] = {};

    bool operator==(const DeviceText& other) const noexcept {
        return std::strcmp(platform, other.platform) == 0 && std::strcmp(device, other.device) == 0;
    }
};

cl_platform_id platform_of(cl_device_id device) noexcept {
    cl_platform_id platform = nullptr;
    target()->clGetDeviceInfo(
        device, CL_DEVICE_PLATFORM, sizeof(cl_platform_id), &platform, nullptr);
    return platform;
}

bool read_text(cl_device_id device, DeviceText* out) noexcept {
    const cl_icd_dispatch& cl = *target();
    const cl_platform_id platform = platform_of(device);
    return platform != nullptr &&
           cl.clGetPlatformInfo(
               platform, CL_PLATFORM_NAME, sizeof(out->platform), out->platform, nullptr) ==
               CL_SUCCESS &&
           cl.clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof(out->device), out->device, nullptr) ==
               CL_SUCCESS;
}

// How many devices of the same name come before this one on its platform.
unsigned same_before(cl_device_id device, const DeviceText& text) noexcept {
    cl_device_id devices[kDeviceCountMax];
    cl_uint count = 0;
    if (target()->clGetDeviceIDs(
            platform_of(device), CL_DEVICE_TYPE_ALL, kDeviceCountMax, devices, &count) !=
        CL_SUCCESS) {
        return 0;
    }
    unsigned same = 0;
    for (cl_uint i = 0; i < std::min(count, kDeviceCountMax) && devices[i] != device; ++i) {
        DeviceText other;
        if (read_text(devices[i], &other) && other == text) ++same;
    }
    return same;
}

// Appends the letters and digits of `text`; what is between them becomes one '_'.
std::size_t append_reduced(char* out, std::size_t length, std::size_t limit, const char* text) {
    bool gap = false;
    const std::size_t first = length;
    for (; *text != '\0' && length + 1 < limit; ++text) {
        const bool plain = (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') ||
                           (*text >= 'A' && *text <= 'Z') || *text == '.';
        if (!plain) {
            gap = length > first;
            continue;
        }
        if (gap && length + 2 < limit) out[length++] = '_';
        gap = false;
        out[length++] = *text;
    }
    out[length] = '\0';
    return length;
}

bool name_by_uuid(cl_device_id device, char* out) noexcept {
    if (!has_extension(device, "cl_khr_device_uuid")) return false;
    unsigned char uuid[16] = {};
    if (target()->clGetDeviceInfo(device, CL_DEVICE_UUID_KHR, sizeof(uuid), uuid, nullptr) !=
        CL_SUCCESS) {
        return false;
    }
    auto length = static_cast<std::size_t>(std::snprintf(out, board::kDeviceNameBytes, "GPU-"));
    for (std::size_t i = 0; i < sizeof(uuid); ++i) {
        const char* const dash = i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "";
        length += static_cast<std::size_t>(
            std::snprintf(out + length, board::kDeviceNameBytes - length, "%s%02x", dash, uuid[i]));
    }
    return true;
}

}  // namespace

bool has_extension(cl_device_id device, const char* extension) noexcept {
    std::size_t bytes = 0;
    if (target()->clGetDeviceInfo(device, CL_DEVICE_EXTENSIONS, 0, nullptr, &bytes) != CL_SUCCESS ||
        bytes == 0) {
        return false;
    }
    auto* const list = static_cast<char*>(std::calloc(bytes + 1, 1));
    if (list == nullptr) return false;
    bool found = false;
    if (target()->clGetDeviceInfo(device, CL_DEVICE_EXTENSIONS, bytes, list, nullptr) ==
        CL_SUCCESS) {
        const std::size_t length = std::strlen(extension);
        for (const char* at = list; !found && (at = std::strstr(at, extension)) != nullptr;
             at += length) {
            const bool begins = at == list || at[-1] == ' ';
            found = begins && (at[length] == ' ' || at[length] == '\0');
        }
    }
    std::free(list);
    return found;
}

bool name_board(cl_device_id device, char* out) noexcept {
    if (name_by_uuid(device, out)) return true;
    DeviceText text;
    if (!read_text(device, &text)) return false;
    constexpr std::size_t kNumberBytes = 4;  // ":63"
    constexpr std::size_t kPlatformLimit = 7 + 18;
    std::size_t length =
        static_cast<std::size_t>(std::snprintf(out, board::kDeviceNameBytes, "opencl:"));
    length = append_reduced(out, length, kPlatformLimit, text.platform);
    out[length++] = '-';
    length = append_reduced(out, length, board::kDeviceNameBytes - kNumberBytes, text.device);
    if (const unsigned before = same_before(device, text); before != 0) {
        std::snprintf(out + length, board::kDeviceNameBytes - length, ":%u", before + 1);
    }
    return true;
}

}  // namespace headway::opencl
