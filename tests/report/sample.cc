#include "tests/report/sample.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace headway::report::test {
namespace {

using nlohmann::json;

constexpr double kRatePerS = 8;

double quantile(const std::vector<double>& sorted, double share) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(rank, sorted.size() - 1)];
}

// `base_ms` of service, and waits of up to `wait_ms` for `waiting` of the requests.
json high_numbers(
    std::mt19937& random, int requests, double base_ms, double waiting, double wait_ms) {
    std::vector<double> latencies_ms;
    std::vector<double> arrivals_ms;
    std::gamma_distribution<double> noise(1.5, base_ms * 0.03);
    std::uniform_real_distribution<double> uniform(0, 1);
    double sum_ms = 0;
    for (int i = 0; i < requests; ++i) {
        const double wait = uniform(random) < waiting ? uniform(random) * wait_ms : 0;
        latencies_ms.push_back(base_ms + noise(random) + wait);
        arrivals_ms.push_back(i * 1000 / kRatePerS);
        sum_ms += latencies_ms.back();
    }
    std::vector<double> sorted = latencies_ms;
    std::sort(sorted.begin(), sorted.end());
    return {{"requests", requests},
            {"p50_ms", quantile(sorted, 0.5)},
            {"p90_ms", quantile(sorted, 0.9)},
            {"p95_ms", quantile(sorted, 0.95)},
            {"p99_ms", quantile(sorted, 0.99)},
            {"p999_ms", quantile(sorted, 0.999)},
            {"max_ms", sorted.back()},
            {"mean_ms", sum_ms / requests},
            {"mean_service_ms", base_ms * 1.04},
            {"completed_rps", kRatePerS},
            {"latencies_ms", latencies_ms},
            {"arrivals_ms", arrivals_ms}};
}

json low_numbers(double iterations_per_s) {
    return {{"iterations_per_s", iterations_per_s},
            {"images_per_s", iterations_per_s * 4},
            {"batch", 4},
            {"batch_fallbacks", json::array()}};
}

json counters(double held) {
    return {{"passed", 128},
            {"gated", held * 3},
            {"held", held},
            {"bypassed", 0},
            {"markers", 900},
            {"hold_ns", held * 2.1e6},
            {"window_ns", 3.2e7},
            {"hold_timeouts", 0}};
}

json scenario(const char* name, int repeat) {
    return {{"name", name},
            {"repeat", repeat},
            {"memory_mib", {{"used", 612}, {"free", 3100}}},
            {"counters", json::object()},
            {"output_sha256", json::object()}};
}

void add_repeat(json& scenarios, std::mt19937& random, int repeat, int requests) {
    json high_alone = scenario("high-alone", repeat);
    high_alone["high"] = high_numbers(random, requests, 24, 0.02, 8);
    json low_alone = scenario("low-alone", repeat);
    low_alone["low"] = low_numbers(3.1);
    json native = scenario("native", repeat);
    native["high"] = high_numbers(random, requests, 31, 0.7, 60);
    native["low"] = low_numbers(2.72);
    json headway = scenario("headway", repeat);
    headway["high"] = high_numbers(random, requests, 24.5, 0.3, 9);
    headway["low"] = low_numbers(2.43);
    headway["counters"] = {{"high", counters(0)}, {"low", counters(1430)}};
    for (json* with_high : {&high_alone, &native, &headway}) {
        (*with_high)["output_sha256"]["high"] = std::string(64, 'a');
    }
    for (json* with_low : {&low_alone, &native, &headway}) {
        (*with_low)["output_sha256"]["low"] = std::string(64, 'b');
    }
    for (const json& one : {native, headway, low_alone, high_alone})
        scenarios.push_back(one);
}

json envelope(const char* benchmark) {
    return {
        {"schema", "headway.bench/1"},
        {"benchmark", benchmark},
        {"headway", {{"version", "0.0.0-sample"}, {"commit", "0123456789ab"}}},
        {"host",
         {{"cpu", "Imaginary CPU (test data)"},
          {"cores", 2},
          {"gpu", nullptr},
          {"kernel", "6.1.0"}}},
        {"config", {{"device", "cpu"}, {"rate", kRatePerS}, {"scenarios", {"native", "headway"}}}},
        {"scenarios", json::array()},
        {"summary", json::object()},
        {"verdict", json::object()},
        {"partial", false}};
}

json ratio(double median) {
    return {{"median", median}, {"ci95", {median * 0.97, median * 1.04}}};
}

}  // namespace

json sample_two_models(int repeats, int requests) {
    std::mt19937 random(7);
    json result = envelope("two-models");
    for (int repeat = 0; repeat < repeats; ++repeat) {
        add_repeat(result["scenarios"], random, repeat, requests);
    }
    result["summary"] = {{"p50_vs_alone", ratio(1.05)},
                         {"p99_vs_alone", ratio(1.16)},
                         {"p50_vs_native", ratio(0.5)},
                         {"p99_vs_native", ratio(0.38)},
                         {"low_vs_alone", ratio(0.784)},
                         {"low_vs_native", ratio(0.893)},
                         {"low_vs_exclusive_bound", ratio(0.979)}};
    result["verdict"] = {
        {"minimum", {{"met", true}, {"detail", ""}}},
        {"ideal", {{"met", true}, {"detail", "P50 0.50 and P99 0.38 of native"}}},
        {"ours", {{"met", false}, {"detail", "P99 is 1.16 of alone, 1.05 asked for"}}}};
    return result;
}

json sample_overhead(int pairs) {
    std::mt19937 random(7);
    json result = envelope("overhead");
    for (int pair = 0; pair < pairs; ++pair) {
        for (const char* name : {"native", "headway"}) {
            json high = scenario(name, pair);
            high["workload"] = "high";
            high["high"] = high_numbers(random, 12, 24, 0, 0);
            high["high"].erase("latencies_ms");
            high["high"].erase("arrivals_ms");
            high["high"].erase("completed_rps");
            json low = scenario(name, pair);
            low["workload"] = "low";
            low["low"] = low_numbers(3.1);
            result["scenarios"].push_back(high);
            result["scenarios"].push_back(low);
        }
    }
    result["summary"] = {{"low_vs_native", ratio(1.002)}, {"high_vs_native", ratio(0.998)}};
    result["verdict"] = {{"alone is free", {{"met", true}, {"detail", "both within 1 %"}}}};
    return result;
}

}  // namespace headway::report::test
