#include "bench/preempt/spin_gpu.h"

#include "bench/failure.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <deque>
#include <vector>

namespace headway::bench {
namespace {

using Handle = void*;

constexpr int kSuccess = 0;
constexpr unsigned kEventDisableTiming = 2;

// The kernels use nothing that a newer GPU lacks. A driver may drop the oldest target one day.
constexpr std::array<const char*, 2> kTargets = {"sm_50", "sm_75"};

std::string spin_name(std::uint64_t spin_us) {
    return fmt::format("spin_{}us", spin_us);
}

constexpr const char* kEmptyName = "empty";

// The functions of the driver that are used here, by the names that it exports.
class Driver {
 public:
    // Throws Failure if there is no driver, or one without these functions.
    static const Driver& get() {
        static const Driver driver;
        return driver;
    }

    int (*init)(unsigned) = find<int(unsigned)>("cuInit");
    int (*device_count)(int*) = find<int(int*)>("cuDeviceGetCount");
    int (*device_get)(int*, int) = find<int(int*, int)>("cuDeviceGet");
    int (*context_retain)(Handle*, int) = find<int(Handle*, int)>("cuDevicePrimaryCtxRetain");
    int (*context_set)(Handle) = find<int(Handle)>("cuCtxSetCurrent");
    int (*context_synchronise)() = find<int()>("cuCtxSynchronize");
    int (*module_load)(Handle*, const void*) = find<int(Handle*, const void*)>("cuModuleLoadData");
    int (*module_function)(Handle*, Handle, const char*) =
        find<int(Handle*, Handle, const char*)>("cuModuleGetFunction");
    int (*event_create)(Handle*, unsigned) = find<int(Handle*, unsigned)>("cuEventCreate");
    int (*event_record)(Handle, Handle) = find<int(Handle, Handle)>("cuEventRecord");
    int (*event_synchronise)(Handle) = find<int(Handle)>("cuEventSynchronize");
    // function, grid, block, shared bytes, stream, parameters, extra
    using Launch = int(Handle,
                       unsigned,
                       unsigned,
                       unsigned,
                       unsigned,
                       unsigned,
                       unsigned,
                       unsigned,
                       Handle,
                       Handle*,
                       Handle*);
    Launch* launch = find<Launch>("cuLaunchKernel");
    int (*error_name)(int, const char**) = find<int(int, const char**)>("cuGetErrorName");

    // Throws unless `result` says success.
    void check(int result, const char* what) const {
        if (result == kSuccess) return;
        const char* name = nullptr;
        error_name(result, &name);
        throw Failure(fmt::format("the CUDA driver: {}: {} (error {})",
                                  what,
                                  name != nullptr ? name : "no such error",
                                  result));
    }

 private:
    // The library stays loaded for the life of the process.
    static void* library() {
        static void* const handle = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) throw Failure("there is no CUDA driver (libcuda.so.1)");
        return handle;
    }

    template <typename Function>
    static Function* find(const char* name) {
        void* const address = dlsym(library(), name);
        if (address == nullptr) throw Failure(fmt::format("the CUDA driver has no {}", name));
        return reinterpret_cast<Function*>(address);
    }
};

Handle load_module(const Driver& driver, std::uint64_t spin_us) {
    Handle module = nullptr;
    int result = kSuccess;
    for (const char* target : kTargets) {
        result = driver.module_load(&module, spin_ptx(target, spin_us).c_str());
        if (result == kSuccess) return module;
    }
    driver.check(result, "it can't compile the kernels");
    return nullptr;
}

}  // namespace

int spin_gpu_count() {
    int count = 0;
    try {
        const Driver& driver = Driver::get();
        if (driver.init(0) != kSuccess || driver.device_count(&count) != kSuccess) return 0;
    } catch (const Failure&) {
        return 0;
    }
    return count;
}

std::string spin_ptx(const std::string& target, std::uint64_t spin_us) {
    return fmt::format(R"(.version 7.0
.target {}
.address_size 64

.visible .entry {}()
{{
    .reg .pred %before;
    .reg .b64 %now, %end;
    mov.u64 %end, %globaltimer;
    add.u64 %end, %end, {};
again:
    mov.u64 %now, %globaltimer;
    setp.lt.u64 %before, %now, %end;
    @%before bra again;
    ret;
}}

.visible .entry {}()
{{
    ret;
}}
)",
                       target,
                       spin_name(spin_us),
                       spin_us * 1000,
                       kEmptyName);
}

struct SpinGpu::State {
    const Driver& driver = Driver::get();
    Handle spin = nullptr;
    Handle empty = nullptr;
    std::deque<Handle> unfinished;  // an event per spinning kernel, oldest first
    std::vector<Handle> free_events;

    Handle take_event();
};

Handle SpinGpu::State::take_event() {
    Handle event = nullptr;
    if (free_events.empty()) {
        driver.check(driver.event_create(&event, kEventDisableTiming), "cuEventCreate");
        return event;
    }
    event = free_events.back();
    free_events.pop_back();
    return event;
}

SpinGpu::SpinGpu(int ordinal, std::uint64_t spin_us) : state_(std::make_unique<State>()) {
    const Driver& driver = state_->driver;
    int device = 0;
    Handle context = nullptr;
    driver.check(driver.init(0), "cuInit");
    driver.check(driver.device_get(&device, ordinal), "there is no such GPU");
    driver.check(driver.context_retain(&context, device), "no context");
    driver.check(driver.context_set(context), "no context");
    const Handle module = load_module(driver, spin_us);
    driver.check(driver.module_function(&state_->spin, module, spin_name(spin_us).c_str()),
                 "no spinning kernel");
    driver.check(driver.module_function(&state_->empty, module, kEmptyName), "no empty kernel");
}

SpinGpu::~SpinGpu() {
    // The process is about to end; there is nobody left to tell about an error.
    static_cast<void>(state_->driver.context_synchronise());
}

void SpinGpu::spin(unsigned blocks, unsigned threads) {
    const Driver& driver = state_->driver;
    driver.check(
        driver.launch(state_->spin, blocks, 1, 1, threads, 1, 1, 0, nullptr, nullptr, nullptr),
        "the spinning kernel does not start");
    const Handle event = state_->take_event();
    state_->unfinished.push_back(event);
    driver.check(driver.event_record(event, nullptr), "cuEventRecord");
}

void SpinGpu::wait_for_spins(std::size_t unfinished_max) {
    while (state_->unfinished.size() > unfinished_max) {
        const Handle event = state_->unfinished.front();
        state_->driver.check(state_->driver.event_synchronise(event), "cuEventSynchronize");
        state_->unfinished.pop_front();
        state_->free_events.push_back(event);
    }
}

void SpinGpu::empty() {
    const Driver& driver = state_->driver;
    driver.check(driver.launch(state_->empty, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr),
                 "the empty kernel does not start");
}

void SpinGpu::synchronise() {
    state_->driver.check(state_->driver.context_synchronise(), "cuCtxSynchronize");
}

}  // namespace headway::bench
