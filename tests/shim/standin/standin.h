// A CUDA driver for tests, without a GPU: exports every symbol of the table under the driver's
// name, logs each call, and behaves like a driver where a test needs it.
//
// Environment:
//   STANDIN_LOG       file to which each call is appended as "symbol(hex arguments) = result"
//   STANDIN_MODE=log  calls do nothing but log, and return a number made from their symbol
//   STANDIN_FAIL      "symbol=700" or "symbol:3=700", comma-separated: that call, or the third,
//   fails STANDIN_DELAY_US  "symbol=50000", comma-separated: that call takes this long
//   STANDIN_LOG_LOOK_UPS=1  cuGetProcAddress is logged, too
//   STANDIN_DEVICES   how many devices there are (1)
//   STANDIN_RUNS      file to which each kernel appends "start NAME" when it starts on the device
//   STANDIN_DEVICE    file that stands for a device which all processes share that name it
//   STANDIN_ALIAS=1   cuGetProcAddress returns other addresses than dlsym
#pragma once

#include "driver_abi.h"
#include "shim/gpu/entries.h"
#include "tests/shim/standin/call_log.h"
#include "tests/shim/standin/engine.h"

#include <memory>

extern "C" {
extern void* const standin_table[];  // by row: the function behind the exported symbol (table.cc)
}

namespace headway::standin {

using gpu::Entry;
using gpu::Result;

inline constexpr Result kErrorInvalidValue = 1;
inline constexpr Result kErrorInvalidContext = 201;
inline constexpr Result kErrorInvalidHandle = 400;
inline constexpr Result kErrorAlreadyRegistered = 712;
inline constexpr Result kErrorNotRegistered = 713;
inline constexpr Result kErrorNotPermitted = 800;
inline constexpr Result kErrorCaptureImplicit = 906;

const CallLog& log();

// A call that returns at once with *out_result: the mode, an injected failure, or a forked child.
// Counts the call for STANDIN_FAIL. kNeedsInit: also if cuInit has not succeeded.
bool preempted(Entry entry, Result* out_result);

// STANDIN_DELAY_US.
void delay(Entry entry);

// cuInit succeeded in this process.
void set_initialised();

// Whether the library exports the row: a build of it may leave symbols out.
void* exported(Entry entry);

// Runs `body` unless the call is pre-empted, and logs it.
template <Entry kEntry, typename Body, typename... Args>
Result enter(const Body& body, Args... args) {
    Result result = gpu::kSuccess;
    if (!preempted(kEntry, &result)) result = body();
    delay(kEntry);
    log().write_call(gpu::info(kEntry).symbol, result, args...);
    return result;
}

// Handles. All are owned by the registry for the life of the process.
Stream* find_stream(std::uintptr_t handle, bool per_thread_form);
std::uintptr_t add_stream(int priority);
bool remove_stream(std::uintptr_t handle);
std::shared_ptr<Event> find_event(const void* handle);
void* add_event();
bool remove_event(const void* handle);
Function* find_function(const void* handle);
void* add_function(const char* name);
std::shared_ptr<Graph> find_graph(const void* handle);
void* add_graph(std::shared_ptr<Graph> graph);

// Host memory that the device may write, by pages. Unregistering waits for the device, as in CUDA.
// A page is stale after that, and must not be written to any more.
bool register_page(const void* address);
bool unregister_page(const void* address);
bool is_stale(std::uintptr_t address);

// Waits until all streams are idle.
void wait_for_all_streams();

// Whether any stream records a graph.
bool any_capture();

}  // namespace headway::standin
