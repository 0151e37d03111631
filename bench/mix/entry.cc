#include "bench/failure.h"
#include "bench/load/open_loop.h"
#include "bench/mix/measure.h"
#include "bench/mix/scenarios.h"
#include "bench/result/numbers.h"

#include <fmt/format.h>

#include <algorithm>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

constexpr double kNsPerMillisecond = 1e6;

Json percentiles(const std::vector<double>& values_ms) {
    const LatencySummary summary = summarise(values_ms);
    return {{"p50", rounded(summary.p50)},
            {"p90", rounded(summary.p90)},
            {"p99", rounded(summary.p99)},
            {"max", rounded(summary.max)},
            {"mean", rounded(summary.mean)}};
}

// When the pieces of the answers were there, in ms: the first from the scheduled arrival, each
// other from the one before.
void add_tokens(Json& high, const Json& numbers) {
    std::vector<double> first_ms;
    std::vector<double> between_ms;
    for (const Json& request : numbers.at("pieces_ns")) {
        const auto pieces_ns = request.get<std::vector<double>>();
        if (pieces_ns.size() < 2) return;
        first_ms.push_back(pieces_ns.front() / kNsPerMillisecond);
        for (std::size_t i = 1; i < pieces_ns.size(); ++i)
            between_ms.push_back((pieces_ns[i] - pieces_ns[i - 1]) / kNsPerMillisecond);
    }
    high["first_token_ms"] = percentiles(first_ms);
    high["first_tokens_ms"] = rounded(first_ms);
    high["between_tokens_ms"] = percentiles(between_ms);
}

Json high_numbers(const Json& numbers, const MixMember& member, double duration_s) {
    OpenLoopResult result;
    const Json& pieces = numbers.at("pieces_ns");
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const double latency_ns = pieces[i].back().get<double>();
        const double begin_ns = numbers.at("begins_ns").at(i).get<double>();
        result.arrivals_ms.push_back(numbers.at("arrivals_ns").at(i).get<double>() /
                                     kNsPerMillisecond);
        result.latencies_ms.push_back(latency_ns / kNsPerMillisecond);
        result.services_ms.push_back((latency_ns - begin_ns) / kNsPerMillisecond);
    }
    result.unfinished = numbers.at("unfinished").get<std::uint64_t>();
    if (result.latencies_ms.empty()) {
        throw Failure(
            fmt::format("{}: no request finished in time; lower its rate, or raise "
                        "--duration",
                        member.name));
    }
    Json high = requests_json(result, duration_s);
    add_tokens(high, numbers);
    return high;
}

Json low_numbers(const Json& numbers) {
    const double per_s =
        numbers.at("iterations").get<double>() / numbers.at("seconds").get<double>();
    const int batch = numbers.at("batch").get<int>();
    Json low = {{"iterations", numbers.at("iterations")},
                {"iterations_per_s", per_s},
                {"images_per_s", per_s * batch},
                {"batch", batch}};
    if (!numbers.at("losses").empty()) low["losses"] = numbers.at("losses");
    return low;
}

// Every process has memory of its own, but all see the same GPU.
void add_memory(Json& entry, const std::string& device, double used_mib) {
    Json& memory = entry["memory_mib"];
    const double known = memory.is_null() ? 0 : memory.get<double>();
    memory = rounded(device == "cpu" ? known + used_mib : std::max(known, used_mib));
}

void add_counters(Json& entry, const Json& counters, const MixMember& member, const char* key) {
    if (!counters.is_null()) {
        entry["counters"][key] = counters;
        return;
    }
    throw Failure(
        fmt::format("{}: Headway has not scheduled it: it has no lane on the device's board "
                    "(a line above may say why)",
                    member.name));
}

}  // namespace

Json mix_entry(const MixOptions& options, const Step& step, const std::vector<Json>& results) {
    const MixScenario scenario = mix_scenario(options.workload, step.scenario);
    const MixMember* const first = &options.workload.members.front();
    Json entry = {{"name", step.scenario}, {"repeat", step.repeat}};
    for (std::size_t i = 0; i < results.size(); ++i) {
        const MixMember& member = *scenario.members[i];
        const Json& numbers = results[i].at("numbers");
        const bool is_other = member.high && &member != first;
        const std::string key = is_other ? member.name : member.high ? "high" : "low";
        Json written =
            member.high ? high_numbers(numbers, member, options.duration_s) : low_numbers(numbers);
        if (is_other) {
            entry["members"].push_back(
                {{"name", member.name}, {"role", "high"}, {"numbers", std::move(written)}});
        } else {
            entry[key] = std::move(written);
        }
        const Json& hash = results[i].at("output_sha256");
        if (!hash.is_null()) entry["output_sha256"][member.name] = hash;
        add_memory(entry, options.device, results[i].at("memory").get<double>());
        if (scenario.headway) {
            add_counters(entry, results[i].at("counters"), member, key.c_str());
        }
    }
    return entry;
}

}  // namespace headway::bench
