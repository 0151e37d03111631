#include "bench/two_models/entry.h"

#include "bench/result/numbers.h"

#include <algorithm>
#include <cstdint>

namespace headway::bench {
namespace {

using Json = nlohmann::json;

bool has_counters(const Json& side) {
    return side.contains("counters") && !side.at("counters").is_null();
}

// Adds the numbers of `more` to those of `sum`, field by field.
void add_up(Json& sum, const Json& more) {
    if (sum.is_null()) sum = Json::object();
    for (const auto& [name, value] : more.items()) {
        if (value.is_number_unsigned()) {
            sum[name] = sum.value(name, std::uint64_t{0}) + value.get<std::uint64_t>();
        } else if (value.is_number()) {
            sum[name] = sum.value(name, 0.0) + value.get<double>();
        }
    }
}

// Every process has memory of its own, but all see the same device.
Json memory_of(const std::string& device, const std::vector<Json>& results) {
    double used = 0;
    double free = 0;
    bool known = false;
    for (const Json& result : results) {
        const Json& memory = result.at("memory");
        if (memory.is_null()) continue;
        const double one_used = memory.at("used").get<double>();
        const double one_free = memory.at("free").get<double>();
        used = device == "cpu" ? used + one_used : std::max(used, one_used);
        free = known ? std::min(free, one_free) : one_free;
        known = true;
    }
    return known ? Json({{"used", rounded(used)}, {"free", rounded(free)}}) : Json();
}

Json low_of(const std::vector<const Json*>& lows) {
    Json low = lows.front()->at("numbers");
    if (lows.size() == 1) return low;
    const Json batch = low.at("batch");
    low = Json();
    Json each = Json::array();
    for (const Json* side : lows) {
        add_up(low, side->at("numbers"));
        each.push_back(side->at("numbers"));
        if (has_counters(*side)) each.back()["counters"] = side->at("counters");
    }
    low["batch"] = batch;
    low["each"] = each;
    return low;
}

// Models that do the same work must have the same output: two different ones under one name make a
// hash that no other scenario has.
void add_output(Json& outputs, const Json& side) {
    Json& known = outputs[side.at("output_name").get<std::string>()];
    const auto hash = side.at("output_sha256").get<std::string>();
    if (known.is_null()) {
        known = hash;
    } else if (known != hash) {
        known = known.get<std::string>() + " and " + hash;
    }
}

}  // namespace

Json entry_of(const Step& step, const std::string& device, const std::vector<Json>& results) {
    Json entry = {{"name", step.scenario}, {"repeat", step.repeat}};
    if (Json memory = memory_of(device, results); !memory.is_null()) entry["memory_mib"] = memory;
    std::vector<const Json*> lows;
    for (const Json& result : results) {
        for (const Json& side : result.at("sides")) {
            const bool high = side.at("high").get<bool>();
            if (high) {
                entry["high"] = side.at("numbers");
            } else {
                lows.push_back(&side);
            }
            if (side.contains("output_sha256")) add_output(entry["output_sha256"], side);
            if (!has_counters(side)) continue;
            add_up(entry["counters"][high ? "high" : "low"], side.at("counters"));
        }
    }
    if (!lows.empty()) entry["low"] = low_of(lows);
    return entry;
}

}  // namespace headway::bench
