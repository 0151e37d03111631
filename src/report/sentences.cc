#include "report/sentences.h"

#include "report/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace headway::report {
namespace {

// Both models with nothing scheduled: as threads, or as processes under the device's own slicing.
const Group* baseline(const Analysis& analysis) {
    const Group* native = find_group(analysis, "native");
    return native != nullptr ? native : find_group(analysis, "time-slicing");
}

Number p99(const Group* group) {
    return group == nullptr ? Number() : group->high.p99_ms;
}

Number low_rate(const Group* group) {
    return group == nullptr ? Number() : group->low.iterations_per_s;
}

// "P99 latency of ResNet-18 beside ResNet-50: 43 ms with Headway, 210 ms without, 38 ms alone."
std::string latency_sentence(const Analysis& analysis) {
    const Number headway = p99(find_group(analysis, "headway"));
    const Number native = p99(baseline(analysis));
    const Number alone = p99(find_group(analysis, "high-alone"));
    std::vector<std::string> parts;
    if (headway) parts.push_back(ms_text(*headway) + " with Headway");
    if (native) parts.push_back(ms_text(*native) + " without");
    if (alone) parts.push_back(ms_text(*alone) + " alone");
    if (parts.empty()) return {};
    const bool shared = headway || native;
    return fmt::format("P99 latency of {}{}{}: {}.",
                       analysis.high_model,
                       shared ? " beside " : "",
                       shared ? analysis.low_model : "",
                       fmt::join(parts, ", "));
}

std::string throughput_sentence(const BenchResult& result, const Analysis& analysis) {
    const Number headway = low_rate(find_group(analysis, "headway"));
    const Number native = low_rate(baseline(analysis));
    const Number alone = low_rate(find_group(analysis, "low-alone"));
    if (!headway) return {};
    std::vector<std::string> others;
    if (native) others.push_back(significant(*native) + " without");
    if (alone) others.push_back(significant(*alone) + " alone");
    std::string text =
        fmt::format("Meanwhile {} iterations/s of {}", significant(*headway), analysis.low_model);
    if (!others.empty()) text += fmt::format(" ({})", fmt::join(others, ", "));
    const Ratio* ratio = find_ratio(result, "low_vs_exclusive_bound");
    if (ratio != nullptr && ratio->median) {
        text += fmt::format(
            ", {} of what {} leaves it", percent_text(*ratio->median), analysis.high_model);
    }
    return text + ".";
}

// "With nobody competing, a pass under Headway takes this many times its native time: 1.002 (high),
// 0.999 (low)."
std::string overhead_sentence(const BenchResult& result) {
    constexpr std::string_view kEnding = "_vs_native";
    if (result.benchmark != "overhead") return {};
    std::vector<std::string> parts;
    for (const Ratio& ratio : result.summary) {
        const std::string_view name = ratio.name;
        const bool of_a_case =
            name.size() > kEnding.size() && name.substr(name.size() - kEnding.size()) == kEnding;
        if (!of_a_case || !ratio.median) continue;
        const std::string model(name.substr(0, name.size() - kEnding.size()));
        parts.push_back(fmt::format("{} ({})", ratio_text(ratio.median), printable(model, 40)));
    }
    if (parts.empty()) return {};
    const std::string* const armed = result.find_config("armed");
    return fmt::format("With {}, a pass under Headway takes this many times its native time: {}.",
                       armed != nullptr && *armed == "yes" ? "an idle higher lane on the device"
                                                           : "nobody competing",
                       fmt::join(parts, ", "));
}

// "With nobody competing, clpeak's kernel latency under Headway is 1.002 times the native one."
std::string opencl_latency_sentence(const BenchResult& result) {
    const Ratio* const ratio = find_ratio(result, "latency_vs_native");
    if (result.benchmark != "opencl-latency" || ratio == nullptr || !ratio->median) return {};
    return fmt::format(
        "With nobody competing, clpeak's kernel latency under Headway is {} times the native one.",
        ratio_text(ratio->median));
}

// "Beside kernels of 10 ms an empty kernel's P99 is 240 us with Headway, 1,650 us under the
// driver's time-slicing, 100 us alone."
std::string preempt_sentence(const BenchResult& result, const Analysis& analysis) {
    if (result.benchmark != "preempt") return {};
    std::vector<std::string> parts;
    for (const auto& [name, where] : {std::pair("headway_p99_us", " us with Headway"),
                                      std::pair("time_slicing_p99_us", " us without"),
                                      std::pair("alone_p99_us", " us alone")}) {
        const Ratio* const ratio = find_ratio(result, name);
        if (ratio != nullptr && ratio->median) {
            parts.push_back(significant(*ratio->median) + where);
        }
    }
    if (parts.empty()) return {};
    return fmt::format(
        "P99 of an empty kernel beside {}: {}.", analysis.low_model, fmt::join(parts, ", "));
}

// "A request that comes at any moment of a pass of resnet50 waits 1.84 ms on average for the
// operator that runs, 10.1 ms at most. Of that wait convolutions are 81 %, ..."
std::string operators_sentence(const BenchResult& result, const Analysis& analysis) {
    if (result.benchmark != "operators") return {};
    const Ratio* const wait = find_ratio(result, "wait_ms");
    const Ratio* const longest = find_ratio(result, "longest_ms");
    const Ratio* const pass = find_ratio(result, "pass_ms");
    const Ratio* const time_share = find_ratio(result, "convolution_share");
    const Ratio* const wait_share = find_ratio(result, "convolution_wait_share");
    for (const Ratio* const ratio : {wait, longest, pass, time_share, wait_share}) {
        if (ratio == nullptr || !ratio->median) return {};
    }
    return fmt::format(
        "A request that comes at any moment of a pass of {} waits {} on average for the operator "
        "that runs, {} at most. Of that wait convolutions are {}, of the pass's {} {}.",
        analysis.high_model,
        ms_text(*wait->median),
        ms_text(*longest->median),
        percent_text(*wait_share->median),
        ms_text(*pass->median),
        percent_text(*time_share->median));
}

// "On a driver that does nothing, Headway's library adds to a launch: 1.0 ns (alone), 117 ns (idle
// higher)."
std::string launch_sentence(const BenchResult& result) {
    constexpr std::string_view kEnding = "_added_ns";
    constexpr std::string_view kLeast = "_least_added_ns";
    if (result.benchmark != "shim-launch") return {};
    std::vector<std::string> parts;
    for (const Ratio& ratio : result.summary) {
        const std::string_view name = ratio.name;
        const auto ends_with = [name](std::string_view end) {
            return name.size() > end.size() && name.substr(name.size() - end.size()) == end;
        };
        if (!ends_with(kEnding) || ends_with(kLeast) || !ratio.median) continue;
        std::string what(name.substr(0, name.size() - kEnding.size()));
        std::replace(what.begin(), what.end(), '_', ' ');
        parts.push_back(fmt::format("{} ns ({})", significant(*ratio.median), printable(what, 40)));
    }
    if (parts.empty()) return {};
    return fmt::format("On a driver that does nothing, Headway's library adds to a launch: {}.",
                       fmt::join(parts, ", "));
}

// A percentile that fewer than one request lies above is the maximum by another name.
std::string few_requests_warning(const BenchResult& result, const Analysis& analysis) {
    constexpr double kEnough = 100;
    if (result.benchmark != "two-models" && result.benchmark != "mix") return {};
    for (const Group& group : analysis.groups) {
        if (!group.high.requests || *group.high.requests >= kEnough) continue;
        return fmt::format(
            "Only {} requests in a scenario: P99 and above rest on a single request.",
            count_text(group.high.requests));
    }
    return {};
}

std::string unfinished_warning(const Group& group) {
    double unfinished = 0;
    for (const Scenario* scenario : group.repeats) {
        if (scenario->high) unfinished += scenario->high->unfinished.value_or(0);
    }
    if (!(unfinished > 0)) return {};
    return fmt::format(
        "{}: {} requests were given up and are in no percentile; the rate is above what "
        "the device serves.",
        group.label,
        count_text(unfinished));
}

// For benchmarks of other kinds: the ratio that is farthest from 1.
std::string ratio_sentence(const BenchResult& result) {
    const Ratio* farthest = nullptr;
    for (const Ratio& ratio : result.summary) {
        if (!ratio.median) continue;
        if (farthest == nullptr || std::abs(*ratio.median - 1) > std::abs(*farthest->median - 1)) {
            farthest = &ratio;
        }
    }
    if (farthest == nullptr) return {};
    return fmt::format("Of {} ratios, {} is the farthest from 1: {}.",
                       result.summary.size(),
                       printable(farthest->name, 60),
                       ratio_text(farthest->median));
}

// Marked runs are in every number; a reader should know how many there are and why.
std::string marks_warning(const BenchResult& result) {
    std::size_t marked = 0;
    std::string example;
    for (const Scenario& scenario : result.scenarios) {
        if (scenario.marks.empty()) continue;
        if (++marked == 1) {
            example = fmt::format("{}, repeat {}: {}",
                                  printable(scenario.name, 40),
                                  scenario.repeat + 1,
                                  printable(scenario.marks.front(), 120));
        }
    }
    if (marked == 0) return {};
    return fmt::format(
        "{} of {} scenario runs are marked as throttled or outlying and count like the others "
        "({}).",
        marked,
        result.scenarios.size(),
        example);
}

std::string fallback_warning(const Group& group) {
    for (const Scenario* scenario : group.repeats) {
        if (!scenario->low || scenario->low->batch_fallbacks.empty()) continue;
        return fmt::format(
            "{}: the low model ran at batch {} because {} did not fit in memory.",
            group.label,
            count_text(scenario->low->batch),
            printable(fmt::format("{}", fmt::join(scenario->low->batch_fallbacks, ", ")), 100));
    }
    return {};
}

}  // namespace

std::vector<std::string> summary_sentences(const BenchResult& result, const Analysis& analysis) {
    std::vector<std::string> sentences = {latency_sentence(analysis),
                                          throughput_sentence(result, analysis)};
    sentences.erase(std::remove(sentences.begin(), sentences.end(), std::string()),
                    sentences.end());
    if (std::string text = overhead_sentence(result); !text.empty()) sentences = {text};
    if (std::string text = opencl_latency_sentence(result); !text.empty()) sentences = {text};
    if (std::string text = preempt_sentence(result, analysis); !text.empty()) sentences = {text};
    if (std::string text = launch_sentence(result); !text.empty()) sentences = {text};
    if (std::string text = operators_sentence(result, analysis); !text.empty()) sentences = {text};
    if (sentences.empty()) {
        if (std::string text = ratio_sentence(result); !text.empty()) sentences.push_back(text);
    }
    return sentences;
}

std::vector<std::string> warnings(const BenchResult& result, const Analysis& analysis) {
    std::vector<std::string> texts;
    if (result.partial) {
        texts.emplace_back("The run was interrupted: only the scenarios that finished are here.");
    }
    for (const auto& [name, why] : result.skipped) {
        texts.push_back(
            fmt::format("{} was skipped: {}.", printable(name, 40), printable(why, 300)));
    }
    if (result.scenarios.empty()) texts.emplace_back("No scenario finished.");
    if (analysis.outputs == Outputs::kDifferent) {
        texts.emplace_back(
            "The models' outputs are not the same in all scenarios: these numbers compare "
            "different "
            "work.");
    }
    if (std::string text = few_requests_warning(result, analysis); !text.empty()) {
        texts.push_back(text);
    }
    if (std::string text = marks_warning(result); !text.empty()) texts.push_back(text);
    for (const Group& group : analysis.groups) {
        if (std::string text = fallback_warning(group); !text.empty()) texts.push_back(text);
        if (std::string text = unfinished_warning(group); !text.empty()) texts.push_back(text);
    }
    return texts;
}

}  // namespace headway::report
