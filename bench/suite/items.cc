#include "bench/suite/items.h"

#include "bench/mix/catalog.h"
#include "bench/two_queues/spin_queue.h"

#include <array>
#include <utility>

namespace headway::bench {
namespace {

using Words = std::vector<std::string>;

// Where an item belongs.
constexpr unsigned kReference = 1;
constexpr unsigned kOverhead = 2;
constexpr unsigned kAlternatives = 4;
constexpr unsigned kMixes = 8;
constexpr unsigned kVariants = 16;

struct Set {
    const char* name;
    unsigned items;
};

constexpr std::array<Set, 6> kSets = {{
    {"reference", kReference},
    {"variants", kVariants},
    {"overhead", kOverhead},
    {"alternatives", kAlternatives},
    {"mixes", kMixes},
    {"all", kReference | kVariants | kOverhead | kAlternatives | kMixes},
}};

// What is in the set of that name; nothing in one that there is not.
unsigned items_of(const std::string& name) {
    for (const Set& set : kSets) {
        if (name == set.name) return set.items;
    }
    return 0;
}

// What a Linux user would try on a CPU, and needs no rights for.
constexpr const char* kIdlePriority =
    R"(idle-priority=sh -c '[ "$HEADWAY_BENCH_ROLE" = low ] && exec chrt --idle 0 "$@"; )"
    R"(exec "$@"' sh)";

struct Row {
    const char* name;
    unsigned set;
    bool cpu;
    bool gpu;
    Words words;
    Words full;  // on top of `words`; CPU and GPU have the same if the benchmark's own defaults fit
    Words quick;  // in place of `full`: the same options with other values
};

// How long each scenario of two-models takes, by device.
Words load(bool quick, bool cpu) {
    if (quick && cpu) return {"--repeats", "3", "--duration", "8", "--warm-up", "1"};
    if (quick) return {"--repeats", "3", "--duration", "10", "--warm-up", "2"};
    if (cpu) return {"--repeats", "5", "--duration", "15", "--warm-up", "2"};
    return {"--repeats", "5", "--duration", "60", "--warm-up", "5"};
}

// The models of the fallback don't fit at first: 64 images in 500 MiB, 512 in 2 GiB of a GPU.
Words fallback(bool cpu) {
    Words words = {"two-models", "--scenarios", "native,headway", "--low-batch"};
    const Words sizes =
        cpu ? Words{"64", "--memory-cap-mib", "500"} : Words{"512", "--memory-cap-mib", "2048"};
    words.insert(words.end(), sizes.begin(), sizes.end());
    return words;
}

// Everything that stands beside Headway for two processes, in one interleaved run.
Words alternative_processes(bool cpu) {
    Words words = {"two-models", "--placement", "processes", "--scenarios"};
    if (cpu) {
        words.insert(words.end(),
                     {"high-alone,low-alone,time-slicing,idle-priority,headway",
                      "--external",
                      kIdlePriority});
    } else {
        words.emplace_back(
            "high-alone,low-alone,time-slicing,mps,mps-priority,mps-80,mps-50,headway");
    }
    return words;
}

// The same for two threads, which need streams of their own to have priorities.
Words alternative_threads() {
    return {"two-models",
            "--placement",
            "threads",
            "--stream",
            "pool",
            "--scenarios",
            "high-alone,low-alone,native,stream-priority,green-80,green-50,headway"};
}

// The reference test in its other forms.
std::vector<Row> variants() {
    const Words full = {"--repeats", "5", "--duration", "20", "--warm-up", "3"};
    const Words quick = load(true, false);
    const auto variant = [&](const char* name, Words more) {
        Words words = {"two-models", "--scenarios", "high-alone,low-alone,headway"};
        words.insert(words.end(), more.begin(), more.end());
        return Row{name, kVariants, false, true, std::move(words), full, quick};
    };
    return {
        variant("two-models-200rps", {"--placement", "threads", "--rate", "200"}),
        variant("two-models-graph", {"--placement", "threads", "--stream", "pool", "--high-graph"}),
        variant("two-models-processes-200rps", {"--placement", "processes", "--rate", "200"}),
        variant("two-models-processes-lowb8", {"--placement", "processes", "--low-batch", "8"}),
        variant("two-models-processes-strict-fp32", {"--placement", "processes", "--no-tf32"}),
        variant("two-models-processes-graph",
                {"--placement", "processes", "--stream", "pool", "--high-graph"}),
        variant("many-low-processes",
                {"--placement", "processes", "--low-count", "8", "--low-batch", "64"}),
        variant("training", {"--placement", "processes", "--low-task", "training"}),
    };
}

// What an OpenCL device gets.
std::vector<SuiteItem> opencl_items(unsigned wanted, const std::string& device, bool quick) {
    const Words loads = quick ? Words{"--repeats", "3", "--duration", "8", "--warm-up", "2"}
                              : Words{"--repeats", "5", "--duration", "15", "--warm-up", "3"};
    std::vector<SuiteItem> items;
    if ((wanted & kReference) != 0) {
        for (const char* placement : {"processes", "shared-queue"}) {
            const bool shared = placement[0] == 's';
            SuiteItem item{shared ? "two-queues-shared" : "two-queues",
                           {"two-queues", "--placement", placement, "--device", device}};
            item.arguments.insert(item.arguments.end(), loads.begin(), loads.end());
            items.push_back(std::move(item));
        }
    }
    // clpeak counts devices in another way: the first one of the first platform.
    if ((wanted & kOverhead) != 0 && device == "opencl:0") {
        items.push_back({"overhead", {"opencl-latency", "--pairs", quick ? "10" : "40"}});
    }
    return items;
}

// Each named workload of mix. On a CPU most of the time goes into starting Python in each scenario.
std::vector<SuiteItem> mix_items(const std::string& device, bool quick) {
    const bool cpu = device == "cpu";
    Words loads = {"--repeats", quick ? "3" : "5"};
    const Words times = quick && cpu ? Words{"--duration", "2", "--warm-up", "0.5"}
                        : cpu        ? Words{"--duration", "10", "--warm-up", "1"}
                        : quick      ? Words{"--duration", "8", "--warm-up", "2"}
                                     : Words{"--duration", "30", "--warm-up", "3"};
    loads.insert(loads.end(), times.begin(), times.end());
    std::vector<SuiteItem> items;
    for (const std::string& name : mix_names()) {
        SuiteItem item{"mix-" + name, {"mix", "--workload", name, "--device", device}};
        item.arguments.insert(item.arguments.end(), loads.begin(), loads.end());
        items.push_back(std::move(item));
    }
    return items;
}

std::vector<Row> rows(bool quick, bool cpu) {
    const Words loads = load(quick, cpu);
    const Words once = {"--repeats", "1", "--duration", "10", "--warm-up", "1"};
    const auto form = [&](const char* name, bool on_cpu, Words words) {
        words.insert(words.begin(), "two-models");
        return Row{name, kReference, on_cpu, true, std::move(words), loads, loads};
    };
    const Words full_tasks = {"--repeats", "5", "--tasks", "10"};
    // Ten tasks take a GPU no time at all; on a CPU, 16 threads take some 3 s for them.
    const Words quick_tasks = {"--repeats", "3", "--tasks", cpu ? "5" : "10"};
    const Words full_pairs = {"--pairs", cpu ? "60" : "40"};
    const Words quick_pairs = {"--pairs", cpu ? "20" : "10"};
    return {
        {"threads", kReference, true, true, {"threads"}, full_tasks, quick_tasks},
        {"threads-pool",
         kReference,
         false,
         true,
         {"threads", "--stream", "pool"},
         full_tasks,
         quick_tasks},
        {"two-matmul", kReference, true, true, {"two-matmul"}, loads, loads},
        {"two-matmul-pool",
         kReference,
         false,
         true,
         {"two-matmul", "--stream", "pool"},
         loads,
         loads},
        form("two-models-threads", true, {"--placement", "threads"}),
        form("two-models-threads-pool", false, {"--placement", "threads", "--stream", "pool"}),
        form("two-models-processes", true, {"--placement", "processes"}),
        form("two-models-strict-fp32", false, {"--placement", "threads", "--no-tf32"}),
        form("two-models-fp16", false, {"--placement", "threads", "--dtype", "fp16"}),
        {"two-models-fallback", kReference, true, true, fallback(cpu), once, once},
        {"operators", kReference, true, true, {"operators"}, {}, {}},
        {"overhead", kOverhead, true, true, {"overhead"}, full_pairs, quick_pairs},
        {"overhead-armed",
         kOverhead,
         false,
         true,
         {"overhead", "--armed"},
         full_pairs,
         quick_pairs},
        {"alternatives-processes",
         kAlternatives,
         true,
         true,
         alternative_processes(cpu),
         loads,
         loads},
        {"alternatives-threads", kAlternatives, false, true, alternative_threads(), loads, loads},
        {"preempt", kOverhead, false, true, {"preempt"}, {"--repeats", "5"}, {"--repeats", "3"}},
    };
}

}  // namespace

const std::vector<std::string>& suite_sets() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Set& set : kSets)
            all.emplace_back(set.name);
        return all;
    }();
    return names;
}

std::vector<SuiteItem> suite_items(const std::string& set, const std::string& device, bool quick) {
    const bool cpu = device == "cpu";
    const unsigned wanted = items_of(set);
    if (opencl_index(device) >= 0) return opencl_items(wanted, device, quick);
    std::vector<SuiteItem> items;
    std::vector<Row> all = rows(quick, cpu);
    for (Row& row : variants())
        all.push_back(std::move(row));
    for (const Row& row : all) {
        if ((row.set & wanted) == 0 || !(cpu ? row.cpu : row.gpu)) continue;
        SuiteItem item{row.name, row.words};
        item.arguments.insert(item.arguments.end(), {"--device", device});
        const Words& more = quick ? row.quick : row.full;
        item.arguments.insert(item.arguments.end(), more.begin(), more.end());
        items.push_back(std::move(item));
    }
    if ((wanted & kMixes) == 0) return items;
    for (SuiteItem& item : mix_items(device, quick))
        items.push_back(std::move(item));
    return items;
}

}  // namespace headway::bench
