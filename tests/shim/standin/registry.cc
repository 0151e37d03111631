// Faults, the log, and the handles that the program holds.
#include "tests/shim/standin/standin.h"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace headway::standin {
namespace {

// "name=number" or "name:nth=number", by name.
struct Rule {
    int nth = 0;  // 0: every call
    int value = 0;
};

using Rules = std::map<std::string, Rule, std::less<>>;

Rules read_rules(const char* variable) {
    Rules rules;
    const char* text = std::getenv(variable);
    std::string_view rest = text != nullptr ? text : "";
    while (!rest.empty()) {
        const std::string_view item = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), item.size() + 1));
        const std::size_t equals = item.find('=');
        if (equals == std::string_view::npos) continue;
        std::string name(item.substr(0, equals));
        Rule rule;
        rule.value = std::atoi(std::string(item.substr(equals + 1)).c_str());
        if (const std::size_t colon = name.find(':'); colon != std::string::npos) {
            rule.nth = std::atoi(name.c_str() + colon + 1);
            name.resize(colon);
        }
        rules[name] = rule;
    }
    return rules;
}

// Everything lives until the process ends: streams' threads never stop.
struct Registry {
    std::mutex mutex;
    std::map<std::uintptr_t, Stream*> streams;
    std::vector<Stream*> ended;  // destroyed, perhaps with work that still runs
    std::map<const void*, std::shared_ptr<Event>> events;
    std::map<const void*, Function*> functions;
    std::map<const void*, std::shared_ptr<Graph>> graphs;
    std::map<Entry, int> calls;
    Stream* legacy = new Stream(0);
    Rules failures = read_rules("STANDIN_FAIL");
    Rules delays = read_rules("STANDIN_DELAY_US");
    bool log_only = std::getenv("STANDIN_MODE") != nullptr;
    std::atomic<pid_t> initialised_pid{0};
    std::map<std::uintptr_t, bool>
        pages;  // host pages that were registered: whether they still are
};

Registry& registry() {
    static auto* const instance = new Registry;
    return *instance;
}

Stream& own_stream() {
    thread_local auto* const stream = [] {
        auto* const made = new Stream(0);
        const std::lock_guard lock(registry().mutex);
        registry().streams[reinterpret_cast<std::uintptr_t>(made)] = made;
        return made;
    }();
    return *stream;
}

int result_of_name(const char* symbol) {
    unsigned hash = 7;
    for (const char* c = symbol; *c != '\0'; ++c)
        hash = hash * 31 + static_cast<unsigned char>(*c);
    return static_cast<int>(hash % 900 + 1);
}

}  // namespace

const CallLog& log() {
    static const auto* const instance = new CallLog("STANDIN_LOG");
    return *instance;
}

bool preempted(Entry entry, Result* out_result) {
    Registry& all = registry();
    const char* const symbol = gpu::info(entry).symbol;
    if (all.log_only) {
        *out_result = result_of_name(symbol);
        return true;
    }
    if (const pid_t pid = all.initialised_pid; pid != 0 && pid != getpid()) {
        *out_result = gpu::kErrorNotInitialized;
        return true;
    }
    const std::lock_guard lock(all.mutex);
    const int call = ++all.calls[entry];
    const auto rule = all.failures.find(std::string_view(symbol));
    if (rule == all.failures.end()) return false;
    if (rule->second.nth != 0 && rule->second.nth != call) return false;
    *out_result = rule->second.value;
    return true;
}

void delay(Entry entry) {
    const Rules& delays = registry().delays;
    const auto rule = delays.find(std::string_view(gpu::info(entry).symbol));
    if (rule == delays.end()) return;
    std::this_thread::sleep_for(std::chrono::microseconds(rule->second.value));
}

void set_initialised() {
    registry().initialised_pid = getpid();
}

void* exported(Entry entry) {
    static void* const self = [] {
        Dl_info where{};
        dladdr(reinterpret_cast<void*>(&set_initialised), &where);
        return dlopen(where.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    }();
    return self != nullptr ? dlsym(self, gpu::info(entry).symbol) : nullptr;
}

Stream* find_stream(std::uintptr_t handle, bool per_thread_form) {
    if (handle == 0) return per_thread_form ? &own_stream() : registry().legacy;
    if (handle == gpu::kLegacyStream) return registry().legacy;
    if (handle == gpu::kPerThreadStream) return &own_stream();
    const std::lock_guard lock(registry().mutex);
    const auto found = registry().streams.find(handle);
    return found != registry().streams.end() ? found->second : nullptr;
}

std::uintptr_t add_stream(int priority) {
    auto* const stream = new Stream(priority);
    const auto handle = reinterpret_cast<std::uintptr_t>(stream);
    const std::lock_guard lock(registry().mutex);
    registry().streams[handle] = stream;
    return handle;
}

bool remove_stream(std::uintptr_t handle) {
    const std::lock_guard lock(registry().mutex);
    const auto found = registry().streams.find(handle);
    if (found == registry().streams.end()) return false;
    // What it holds still runs, as on a GPU.
    registry().ended.push_back(found->second);
    registry().streams.erase(found);
    return true;
}

std::shared_ptr<Event> find_event(const void* handle) {
    const std::lock_guard lock(registry().mutex);
    const auto found = registry().events.find(handle);
    return found != registry().events.end() ? found->second : nullptr;
}

void* add_event() {
    auto event = std::make_shared<Event>();
    void* const handle = event.get();
    const std::lock_guard lock(registry().mutex);
    registry().events[handle] = std::move(event);
    return handle;
}

bool remove_event(const void* handle) {
    const std::lock_guard lock(registry().mutex);
    return registry().events.erase(handle) != 0;
}

Function* find_function(const void* handle) {
    const std::lock_guard lock(registry().mutex);
    const auto found = registry().functions.find(handle);
    return found != registry().functions.end() ? found->second : nullptr;
}

void* add_function(const char* name) {
    auto* const function = new Function{name, 0};
    const std::size_t start = function->name.rfind('_');
    if (start != std::string::npos && function->name.ends_with("us")) {
        function->duration_us =
            static_cast<std::uint64_t>(std::atoll(function->name.c_str() + start + 1));
    }
    const std::lock_guard lock(registry().mutex);
    registry().functions[function] = function;
    return function;
}

std::shared_ptr<Graph> find_graph(const void* handle) {
    const std::lock_guard lock(registry().mutex);
    const auto found = registry().graphs.find(handle);
    return found != registry().graphs.end() ? found->second : nullptr;
}

void* add_graph(std::shared_ptr<Graph> graph) {
    void* const handle = new char;
    const std::lock_guard lock(registry().mutex);
    registry().graphs[handle] = std::move(graph);
    return handle;
}

void wait_for_all_streams() {
    std::vector<Stream*> streams{registry().legacy};
    {
        const std::lock_guard lock(registry().mutex);
        for (const auto& [handle, stream] : registry().streams)
            streams.push_back(stream);
        streams.insert(streams.end(), registry().ended.begin(), registry().ended.end());
    }
    for (Stream* stream : streams)
        stream->wait();
}

namespace {

std::uintptr_t page_of(std::uintptr_t address) {
    return address & ~std::uintptr_t{4095};
}

}  // namespace

bool register_page(const void* address) {
    const std::lock_guard lock(registry().mutex);
    bool& registered = registry().pages[page_of(reinterpret_cast<std::uintptr_t>(address))];
    return !std::exchange(registered, true);
}

bool unregister_page(const void* address) {
    {
        const std::lock_guard lock(registry().mutex);
        const auto found =
            registry().pages.find(page_of(reinterpret_cast<std::uintptr_t>(address)));
        if (found == registry().pages.end() || !std::exchange(found->second, false)) return false;
    }
    wait_for_all_streams();
    return true;
}

bool is_stale(std::uintptr_t address) {
    const std::lock_guard lock(registry().mutex);
    const auto found = registry().pages.find(page_of(address));
    return found != registry().pages.end() && !found->second;
}

bool any_capture() {
    const std::lock_guard lock(registry().mutex);
    for (const auto& [handle, stream] : registry().streams) {
        if (stream->capture()) return true;
    }
    return false;
}

}  // namespace headway::standin
