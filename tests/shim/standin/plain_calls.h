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

template <>
struct None<Entry::cuDriverGetVersion> {
    static Result call(int* version) {
        return enter<Entry::cuDriverGetVersion>([&] {
            *version = kDriverVersion;
            return kSuccess;
        });
    }
};

// The driver's private tables are unknown; the CUDA runtime gives up on a driver without them.
template <>
struct None<Entry::cuGetExportTable> {
    static Result call(const void** table, const void*) {
        return enter<Entry::cuGetExportTable>([&] {
            *table = nullptr;
            return cuda::kErrorNotFound;
        });
    }
};

template <>
struct None<Entry::cuDeviceGetCount> {
    static Result call(int* count) {
        return enter<Entry::cuDeviceGetCount>([&] {
            *count = device_count();
            return kSuccess;
        });
    }
};

template <>
struct None<Entry::cuDeviceGet> {
    static Result call(int* device, int ordinal) {
        return enter<Entry::cuDeviceGet>([&] {
            *device = ordinal;
            return ordinal >= 0 && ordinal < device_count() ? kSuccess : 101;
        });
    }
};

template <>
struct None<Entry::cuDeviceGetName> {
    static Result call(char* name, int bytes, int) {
        return enter<Entry::cuDeviceGetName>([&] {
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

template <>
struct None<Entry::cuDeviceGetUuid> : DeviceUuid<Entry::cuDeviceGetUuid> {};

template <>
struct None<Entry::cuDeviceGetUuid_v2> : DeviceUuid<Entry::cuDeviceGetUuid_v2> {};

template <>
struct None<Entry::cuDeviceGetAttribute> {
    static Result call(int* value, int attribute, int) {
        return enter<Entry::cuDeviceGetAttribute>(
            [&] {
                constexpr int kMajor = 75;
                constexpr int kUnified = 41;
                *value = attribute == kMajor ? 9 : attribute == kUnified ? 1 : 0;
                return kSuccess;
            },
            attribute);
    }
};

template <>
struct None<Entry::cuDeviceTotalMem_v2> {
    static Result call(std::size_t* bytes, int) {
        return enter<Entry::cuDeviceTotalMem_v2>([&] {
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

template <>
struct None<Entry::cuCtxSetCurrent> {
    static Result call(void* context) {
        return enter<Entry::cuCtxSetCurrent>([&] {
            current_context = context != nullptr ? static_cast<char*>(context) : contexts;
            return kSuccess;
        });
    }
};

template <>
struct None<Entry::cuDevicePrimaryCtxRetain> {
    static Result call(void** context, int device) {
        return enter<Entry::cuDevicePrimaryCtxRetain>([&] {
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

template <>
struct None<Entry::cuCtxCreate_v2> : OutContext<Entry::cuCtxCreate_v2> {};

template <>
struct None<Entry::cuCtxCreate_v4> : OutContext<Entry::cuCtxCreate_v4> {};

template <>
struct None<Entry::cuCtxGetCurrent> : OutContext<Entry::cuCtxGetCurrent> {};

template <>
struct None<Entry::cuCtxPopCurrent_v2> : OutContext<Entry::cuCtxPopCurrent_v2> {};

template <>
struct None<Entry::cuStreamGetCtx> : OutContext<Entry::cuStreamGetCtx> {};

template <>
struct None<Entry::cuCtxGetDevice> {
    static Result call(int* device) {
        return enter<Entry::cuCtxGetDevice>([&] {
            *device = static_cast<int>(current_context - contexts);
            return kSuccess;
        });
    }
};

template <>
struct None<Entry::cuCtxGetStreamPriorityRange> {
    static Result call(int* least, int* greatest) {
        return enter<Entry::cuCtxGetStreamPriorityRange>([&] {
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

template <>
struct None<Entry::cuModuleLoadData> : OutHandle<Entry::cuModuleLoadData> {};

template <>
struct None<Entry::cuLibraryLoadData> : OutHandle<Entry::cuLibraryLoadData> {};

template <Entry kEntry>
struct OutFunction {
    static Result call(void** function, void*, const char* name) {
        return enter<kEntry>([&] {
            *function = add_function(name);
            return kSuccess;
        });
    }
};

template <>
struct None<Entry::cuModuleGetFunction> : OutFunction<Entry::cuModuleGetFunction> {};

template <>
struct None<Entry::cuLibraryGetKernel> : OutFunction<Entry::cuLibraryGetKernel> {};

template <>
struct None<Entry::cuMemAlloc_v2> {
    static Result call(std::uint64_t* address, std::size_t bytes) {
        return enter<Entry::cuMemAlloc_v2>([&] {
            *address = reinterpret_cast<std::uint64_t>(std::calloc(1, bytes));
            return *address != 0 ? kSuccess : 2;
        });
    }
};

template <>
struct None<Entry::cuMemFree_v2> {
    static Result call(std::uint64_t address) {
        return enter<Entry::cuMemFree_v2>([&] {
            wait_for_all_streams();
            std::free(reinterpret_cast<void*>(address));
            return kSuccess;
        });
    }
};

template <>
struct None<Entry::cuMemHostRegister_v2> {
    static Result call(void* address, std::size_t, unsigned) {
        return enter<Entry::cuMemHostRegister_v2>(
            [&] { return register_page(address) ? kSuccess : kErrorAlreadyRegistered; });
    }
};

template <>
struct None<Entry::cuMemHostUnregister> {
    static Result call(void* address) {
        return enter<Entry::cuMemHostUnregister>(
            [&] { return unregister_page(address) ? kSuccess : kErrorNotRegistered; });
    }
};

template <>
struct None<Entry::cuMemHostGetDevicePointer_v2> {
    static Result call(std::uint64_t* device_address, void* host_address, unsigned) {
        return enter<Entry::cuMemHostGetDevicePointer_v2>([&] {
            if (is_stale(reinterpret_cast<std::uintptr_t>(host_address))) return kErrorInvalidValue;
            *device_address = reinterpret_cast<std::uint64_t>(host_address);
            return kSuccess;
        });
    }
};

}  // namespace headway::standin
