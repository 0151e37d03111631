// What the stand-in does for calls that the shim forwards untouched. Calls without a form here are
// logged by name and succeed.
#pragma once

#include "tests/shim/standin/shapes.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace headway::standin {

// The arguments that can travel in integer registers: enough for a call that is only logged.
template <Entry kEntry>
struct None {
    static Result call(void*, void*, void*, void*, void*, void*) {
        return enter<kEntry>([] { return kSuccess; });
    }
};

inline constexpr int kDriverVersion = 13000;
inline constexpr int kDeviceCountMax = 8;

inline int device_count() {
    const char* const text = std::getenv("STANDIN_DEVICES");
    const int count = text != nullptr ? std::atoi(text) : 1;
    return count < kDeviceCountMax ? count : kDeviceCountMax;
}

template <Entry kEntry>
struct DriverVersion {
    static Result call(int* version) {
        return enter<kEntry>([&] {
            *version = kDriverVersion;
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct DeviceCount {
    static Result call(int* count) {
        return enter<kEntry>([&] {
            *count = device_count();
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct DeviceGet {
    static Result call(int* device, int ordinal) {
        return enter<kEntry>([&] {
            *device = ordinal;
            return ordinal >= 0 && ordinal < device_count() ? kSuccess : 101;
        });
    }
};

template <Entry kEntry>
struct DeviceName {
    static Result call(char* name, int bytes, int) {
        return enter<kEntry>([&] {
            std::snprintf(name, static_cast<std::size_t>(bytes), "Stand-in GPU");
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct DeviceUuid {
    static Result call(unsigned char* uuid, int device) {
        return enter<kEntry>([&] {
            for (int i = 0; i < 16; ++i)
                uuid[i] = static_cast<unsigned char>(i + 1);
            uuid[15] = static_cast<unsigned char>(uuid[15] + device);
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct DeviceAttribute {
    static Result call(int* value, int attribute, int) {
        return enter<kEntry>(
            [&] {
                constexpr int kMajor = 75;
                constexpr int kUnified = 41;
                constexpr int kMpsEnabled = 133;
                const bool in_mps = std::getenv("STANDIN_MPS") != nullptr;
                *value = attribute == kMajor                  ? 9
                         : attribute == kUnified              ? 1
                         : attribute == kMpsEnabled && in_mps ? 1
                                                              : 0;
                return kSuccess;
            },
            attribute);
    }
};

template <Entry kEntry>
struct DeviceMemory {
    static Result call(std::size_t* bytes, int) {
        return enter<kEntry>([&] {
            *bytes = std::size_t{1} << 30;
            return kSuccess;
        });
    }
};

// One context a device. A thread that has set none is on the first device.
inline char contexts[kDeviceCountMax];
inline thread_local char* current_context = contexts;

inline void* the_context() {
    return current_context;
}

template <Entry kEntry>
struct SetContext {
    static Result call(void* context) {
        return enter<kEntry>([&] {
            current_context = context != nullptr ? static_cast<char*>(context) : contexts;
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct RetainContext {
    static Result call(void** context, int device) {
        return enter<kEntry>([&] {
            if (device < 0 || device >= device_count()) return 101;
            *context = contexts + device;
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct OutContext {
    static Result call(void** context, void*, void*, void*) {
        return enter<kEntry>([&] {
            *context = the_context();
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct CurrentDevice {
    static Result call(int* device) {
        return enter<kEntry>([&] {
            *device = static_cast<int>(current_context - contexts);
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct PriorityRange {
    static Result call(int* least, int* greatest) {
        return enter<kEntry>([&] {
            if (least != nullptr) *least = 0;
            if (greatest != nullptr) *greatest = -5;
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct OutHandle {
    static Result call(void** handle, void*, void*, void*, void*, void*) {
        return enter<kEntry>([&] {
            *handle = the_context();
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct OutFunction {
    static Result call(void** function, void*, const char* name) {
        return enter<kEntry>([&] {
            *function = add_function(name);
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct Alloc {
    static Result call(std::uint64_t* address, std::size_t bytes) {
        return enter<kEntry>([&] {
            *address = reinterpret_cast<std::uint64_t>(std::calloc(1, bytes));
            return *address != 0 ? kSuccess : 2;
        });
    }
};

template <Entry kEntry>
struct Free {
    static Result call(std::uint64_t address) {
        return enter<kEntry>([&] {
            wait_for_all_streams();
            std::free(reinterpret_cast<void*>(address));
            return kSuccess;
        });
    }
};

template <Entry kEntry>
struct HostRegister {
    static Result call(void* address, std::size_t, unsigned) {
        return enter<kEntry>(
            [&] { return register_page(address) ? kSuccess : kErrorAlreadyRegistered; });
    }
};

template <Entry kEntry>
struct HostUnregister {
    static Result call(void* address) {
        return enter<kEntry>(
            [&] { return unregister_page(address) ? kSuccess : kErrorNotRegistered; });
    }
};

template <Entry kEntry>
struct DevicePointer {
    static Result call(std::uint64_t* device_address, void* host_address, unsigned) {
        return enter<kEntry>([&] {
            if (is_stale(reinterpret_cast<std::uintptr_t>(host_address))) return kErrorInvalidValue;
            *device_address = reinterpret_cast<std::uint64_t>(host_address);
            return kSuccess;
        });
    }
};

}  // namespace headway::standin
