// A scenario's entry in the result file, made of what its threads have noted.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

struct TaskLog {
    bool high = true;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> tasks_ns;  // begin and end, at least one
    std::string output_sha256;
    nlohmann::json counters;  // of the thread's lane, or null
};

// {"high": ..., "low": ..., "total_time_s", "tasks_per_s", "counters", "output_sha256"}: times
// count from `origin_ns`; a class without a thread is absent. `output_name` is what all threads
// computed. Pure.
nlohmann::json entry_of(const std::vector<TaskLog>& logs,
                        std::uint64_t origin_ns,
                        const std::string& output_name);

}  // namespace headway::bench
