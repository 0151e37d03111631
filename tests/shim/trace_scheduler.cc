// A scheduler for tests: looks at every call, holds none, and writes down what the hooks tell it.
//   TRACE_LOG         file for the lines
//   TRACE_IDLE=1      look at nothing: calls take the fast path
//   TRACE_PRIORITY    the priority that it wants for new streams
#include "shim/gpu/guard.h"
#include "shim/gpu/scheduler.h"
#include "tests/shim/standin/call_log.h"

#include <cstdarg>
#include <cstdlib>
#include <new>

namespace headway::gpu {
namespace {

alignas(standin::CallLog) char g_log_memory[sizeof(standin::CallLog)];
const standin::CallLog* g_log;

// Never destroyed: calls come until the very end of the process.
__attribute__((constructor)) void open_log() noexcept {
    g_log = ::new (static_cast<void*>(g_log_memory)) standin::CallLog("TRACE_LOG");
    if (std::getenv("TRACE_IDLE") != nullptr) idle_value.store(1, std::memory_order_relaxed);
}

__attribute__((format(printf, 1, 2))) void write(const char* format, ...) noexcept {
    char line[400];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    g_log->write_text(line);
}

unsigned long long hex(std::uint64_t value) noexcept {
    return value;
}

constexpr const char* kReasons[kBypassCount] = {
    "capturing", "inside", "exiting", "callback", "own thread"};
constexpr const char* kScopes[] = {"context", "stream", "event"};

const char* name_of(Scope scope) noexcept {
    return kScopes[static_cast<int>(scope)];
}

}  // namespace

// Not equal: every call is looked at.
constinit std::atomic<std::uint64_t> idle_word{1};
constinit std::atomic<const std::atomic<std::uint64_t>*> idle_watch{&idle_word};
constinit std::atomic<std::uint64_t> idle_value{0};
constinit thread_local PassedCalls passed_calls{};

void flush_passed(CallClass) noexcept {}

void note_bypassed(CallClass, Bypass reason) noexcept {
    write("bypassed: %s", kReasons[static_cast<int>(reason)]);
}

void before_launch(const LaunchFacts& facts, Ticket*) noexcept {
    write("before %s stream %llx function %llx grid %u %u %u block %u %u %u shared %u bytes %llu%s",
          info(facts.entry).symbol,
          hex(facts.stream),
          hex(facts.function),
          facts.grid[0],
          facts.grid[1],
          facts.grid[2],
          facts.block[0],
          facts.block[1],
          facts.block[2],
          facts.shared_bytes,
          hex(facts.bytes),
          facts.blocking ? " blocking" : "");
}

void after_launch(const LaunchFacts& facts, Ticket*, Result result) noexcept {
    write("after %s: %d", info(facts.entry).symbol, result);
}

void on_sync_enter(Scope scope, std::uintptr_t, Ticket*) noexcept {
    write("wait for %s", name_of(scope));
}

void on_sync_exit(Scope scope, std::uintptr_t, Ticket*, Result result) noexcept {
    write("waited for %s: %d", name_of(scope), result);
}

void on_query(Scope scope, std::uintptr_t, Result result) noexcept {
    write("asked %s: %d", name_of(scope), result);
}

void on_host_function(std::uintptr_t) noexcept {
    write("host function");
}

void on_event_record(std::uintptr_t, std::uintptr_t, Result result) noexcept {
    write("event recorded: %d", result);
}

void on_event_destroy(std::uintptr_t) noexcept {
    write("event destroyed");
}

bool adjust_stream_priority(std::uint32_t, int* priority) noexcept {
    const char* const wanted = std::getenv("TRACE_PRIORITY");
    if (wanted == nullptr) return false;
    *priority = std::atoi(wanted);
    return true;
}

void on_stream_create(std::uintptr_t) noexcept {
    write("stream created");
}

void on_stream_destroy(std::uintptr_t) noexcept {
    write("stream destroyed");
}

void before_capture(std::uintptr_t) noexcept {}

void on_capture(std::uintptr_t, bool begins) noexcept {
    write("capture %s", begins ? "begins" : "ends");
}

void on_context_destroy(std::uintptr_t) noexcept {
    write("context destroyed");
}

void on_primary_context_end(int device) noexcept {
    write("primary context of %d ends", device);
}

void on_init() noexcept {
    write("init");
}

void on_fork_child() noexcept {
    write("forked");
}

void on_exit() noexcept {
    write("exit");
}

}  // namespace headway::gpu
