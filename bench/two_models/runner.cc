#include "bench/two_models/runner.h"

#include "bench/failure.h"
#include "bench/process/group.h"
#include "bench/process/interrupt.h"
#include "bench/process/progress.h"
#include "bench/result/host.h"
#include "bench/result/machine_watch.h"
#include "bench/result/marks.h"
#include "bench/two_models/alternative.h"
#include "bench/two_models/entry.h"
#include "bench/two_models/members.h"
#include "bench/two_models/plan.h"
#include "bench/two_models/scenarios.h"
#include "bench/two_models/summary.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace headway::bench {
namespace {

std::string outcome_line(const nlohmann::json& entry) {
    std::vector<std::string> parts;
    if (entry.contains("high")) {
        const nlohmann::json& high = entry.at("high");
        parts.push_back(fmt::format("high P50 {:.1f} ms, P99 {:.1f} ms",
                                    high.at("p50_ms").get<double>(),
                                    high.at("p99_ms").get<double>()));
    }
    if (entry.contains("low")) {
        parts.push_back(fmt::format("low {:.2f} iterations/s",
                                    entry.at("low").at("iterations_per_s").get<double>()));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

class Runner {
 public:
    explicit Runner(const Options& options)
        : options_(options),
          plan_(interleave(options.scenarios, options.repeats, options.seed)),
          low_batch_(options.low_batch),
          progress_(static_cast<int>(plan_.size())) {}

    RunOutcome run();

 private:
    void run_step(const Step& step);
    void measure(const Step& step);
    GroupReport attempt(const Step& step, const nlohmann::json& variables);
    void skip(const Step& step, const std::string& why);
    std::size_t wanted() const;
    void halve_batch(const Step& step, const std::string& why);
    nlohmann::json assemble();

    const Options& options_;
    std::vector<Step> plan_;
    int low_batch_;  // of the next scenario
    Progress progress_;
    std::vector<int> fallbacks_;                  // batches that did not fit, of the current step
    std::map<std::string, std::string> skipped_;  // scenario -> why
    std::size_t skipped_steps_ = 0;
    nlohmann::json scenarios_ = nlohmann::json::array();
    RunOutcome outcome_;
};

GroupReport Runner::attempt(const Step& step, const nlohmann::json& variables) {
    Options options = options_;
    options.low_batch = low_batch_;
    try {
        return supervise_group(members_of(options, step, variables), options_.cpus, progress_);
    } catch (const Failure& failure) {
        // What runs under somebody else's scheduler may fail by that alone.
        if (!is_foreign(*find_scenario(step.scenario, options.externals))) throw;
        throw Unavailable(failure.what());
    }
}

void Runner::skip(const Step& step, const std::string& why) {
    ++skipped_steps_;
    if (!skipped_.try_emplace(step.scenario, why).second) return;
    progress_.note(fmt::format("{} is skipped: {}", step.scenario, why));
}

// The entries that a complete run has.
std::size_t Runner::wanted() const {
    return plan_.size() - skipped_steps_;
}

// Later scenarios start at the smaller batch too, so that as many as possible compare equal work.
void Runner::halve_batch(const Step& step, const std::string& why) {
    if (!find_scenario(step.scenario, options_.externals)->low || low_batch_ == 1) {
        throw Failure(
            fmt::format("{}: {}: there is not enough memory even {}; free some, or use a "
                        "smaller --dtype",
                        step.scenario,
                        why,
                        low_batch_ == 1 ? "for batch 1" : "for the high model"));
    }
    fallbacks_.push_back(low_batch_);
    progress_.note(fmt::format("low's batch {} does not fit in memory ({}); going on with {}",
                               low_batch_,
                               why,
                               low_batch_ / 2));
    low_batch_ /= 2;
}

// What could not run once is not tried again: it would only fail in the same way, and take time.
void Runner::run_step(const Step& step) {
    const auto before = skipped_.find(step.scenario);
    if (before != skipped_.end()) return skip(step, before->second);
    try {
        measure(step);
    } catch (const Unavailable& why) {
        skip(step, why.what());
    }
}

void Runner::measure(const Step& step) {
    fallbacks_.clear();
    const Alternative alternative(options_, step.scenario);
    MachineWatch watch(options_.device);
    GroupReport report = attempt(step, alternative.variables());
    while (report.end == ChildEnd::kOutOfMemory) {
        halve_batch(step, report.message);
        report = attempt(step, alternative.variables());
    }
    if (report.end == ChildEnd::kInterrupted) {
        outcome_.interrupted = true;
        return;
    }
    nlohmann::json entry = entry_of(step, options_.device, report.results);
    entry["machine"] = watch.finish();
    if (!fallbacks_.empty()) entry["low"]["batch_fallbacks"] = fallbacks_;
    progress_.note(outcome_line(entry));
    scenarios_.push_back(std::move(entry));
}

nlohmann::json Runner::assemble() {
    add_exclusive_bounds(scenarios_, options_.rate);
    mark_repeats(scenarios_);
    const nlohmann::json summary = summarise_ratios(scenarios_, options_.seed);
    nlohmann::json config = to_json(options_);
    config["baseline"] = options_.placement == Placement::kProcesses ? "time-slicing" : "native";
    config["high_model"] = high_model_name(options_);
    config["low_model"] = low_model_name(options_);
    if (options_.matmul_side == 0) config.erase("matmul_side");
    if (options_.externals.empty()) config.erase("external");
    nlohmann::json result = {{"schema", "headway.bench/1"},
                             {"benchmark", options_.benchmark},
                             {"headway", describe_build()},
                             {"host", describe_host(options_.device)},
                             {"config", config},
                             {"scenarios", scenarios_},
                             {"summary", summary},
                             {"verdict", judge({scenarios_, summary, wanted()})},
                             {"partial", scenarios_.size() < wanted()},
                             {"created", timestamp()}};
    if (!skipped_.empty()) result["skipped"] = skipped_;
    return result;
}

RunOutcome Runner::run() {
    try {
        for (std::size_t i = 0; i < plan_.size() && !outcome_.interrupted; ++i) {
            progress_.begin_step(
                static_cast<int>(i),
                fmt::format(
                    "repeat {}/{}, {}", plan_[i].repeat + 1, options_.repeats, plan_[i].scenario));
            run_step(plan_[i]);
        }
    } catch (const Failure& failure) {
        outcome_.failure = failure.what();
    }
    if (scenarios_.empty() && !skipped_.empty() && outcome_.failure.empty()) {
        outcome_.failure = "every scenario was skipped";
    }
    outcome_.result = assemble();
    return std::move(outcome_);
}

}  // namespace

RunOutcome run_two_models(const Options& options) {
    catch_interrupts();
    return Runner(options).run();
}

}  // namespace headway::bench
