#include "bench/threads/entry.h"

#include "base/clock.h"
#include "bench/result/numbers.h"

#include <algorithm>

namespace headway::bench {
namespace {

using Json = nlohmann::json;
using Tasks = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

double ms_between(std::uint64_t begin_ns, std::uint64_t end_ns) {
    return static_cast<double>(end_ns - begin_ns) / static_cast<double>(kNsPerMs);
}

Tasks tasks_of(const std::vector<TaskLog>& logs, bool high) {
    Tasks tasks;
    for (const TaskLog& log : logs) {
        if (log.high == high) tasks.insert(tasks.end(), log.tasks_ns.begin(), log.tasks_ns.end());
    }
    std::sort(tasks.begin(), tasks.end());
    return tasks;
}

// From the start to the end of the last of them.
double seconds_of(const Tasks& tasks, std::uint64_t origin_ns) {
    std::uint64_t end_ns = origin_ns;
    for (const auto& task : tasks)
        end_ns = std::max(end_ns, task.second);
    return ms_between(origin_ns, end_ns) / 1000;
}

Json class_json(const Tasks& tasks, std::uint64_t origin_ns, const char* rate_name) {
    std::vector<double> arrivals_ms;
    std::vector<double> latencies_ms;
    for (const auto& [begin_ns, end_ns] : tasks) {
        arrivals_ms.push_back(ms_between(origin_ns, begin_ns));
        latencies_ms.push_back(ms_between(begin_ns, end_ns));
    }
    Json json = latency_json(latencies_ms);
    json[rate_name] = rounded(static_cast<double>(tasks.size()) / seconds_of(tasks, origin_ns));
    json["arrivals_ms"] = rounded(arrivals_ms);
    json["latencies_ms"] = rounded(latencies_ms);
    return json;
}

void add_counters(Json& sum, const Json& counters) {
    if (sum.is_null()) sum = Json::object();
    for (const auto& [name, value] : counters.items())
        sum[name] = sum.value(name, std::uint64_t{0}) + value.get<std::uint64_t>();
}

// One hash if all threads have the same, else every different one: then no two scenarios agree.
std::string common_hash(const std::vector<TaskLog>& logs) {
    std::string common;
    for (const TaskLog& log : logs) {
        if (common.find(log.output_sha256) != std::string::npos) continue;
        common += (common.empty() ? "" : " and ") + log.output_sha256;
    }
    return common;
}

}  // namespace

Json entry_of(const std::vector<TaskLog>& logs,
              std::uint64_t origin_ns,
              const std::string& output_name) {
    Json entry = {{"output_sha256", {{output_name, common_hash(logs)}}}};
    Tasks all;
    for (const bool high : {true, false}) {
        const Tasks tasks = tasks_of(logs, high);
        if (tasks.empty()) continue;
        entry[high ? "high" : "low"] =
            class_json(tasks, origin_ns, high ? "completed_rps" : "iterations_per_s");
        all.insert(all.end(), tasks.begin(), tasks.end());
    }
    const double total_s = seconds_of(all, origin_ns);
    entry["total_time_s"] = total_s;
    entry["tasks_per_s"] = rounded(static_cast<double>(all.size()) / total_s);
    for (const TaskLog& log : logs) {
        if (!log.counters.is_null())
            add_counters(entry["counters"][log.high ? "high" : "low"], log.counters);
    }
    return entry;
}

}  // namespace headway::bench
