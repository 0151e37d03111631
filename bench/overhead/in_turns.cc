#include "bench/overhead/in_turns.h"

#include "bench/failure.h"
#include "bench/overhead/turn_child.h"
#include "bench/process/environment.h"
#include "bench/process/interrupt.h"
#include "bench/process/shim.h"

#include <fmt/format.h>

#include <chrono>
#include <random>
#include <utility>

namespace headway::bench {
namespace {

constexpr std::chrono::milliseconds kTick{250};

nlohmann::json optional_text(const std::optional<unsigned>& number) {
    return number ? nlohmann::json(std::to_string(*number)) : nlohmann::json();
}

// What the shim reads: the lane of a process, as `headway run` would give it.
nlohmann::json lane_variables(const OverheadOptions& options, bool rival) {
    const Options& models = options.models;
    nlohmann::json variables = without_lane_variables();
    variables.update(
        {{"HEADWAY_PRIORITY", std::to_string(rival ? models.high_priority : models.low_priority)},
         {"HEADWAY_NAME", rival ? "bench-rival" : "bench-measured"},
         {"HEADWAY_THRESHOLD", optional_text(options.threshold)},
         {"HEADWAY_BATCH_SIZE", optional_text(options.batch_size)},
         {"HEADWAY_BUDGET_US", optional_text(options.budget_us)}});
    return variables;
}

nlohmann::json with_shim(nlohmann::json job, const OverheadOptions& options, bool rival) {
    if (options.models.device == "cpu") return job;
    job["preload"] = find_cuda_shim();
    job["environment"] = lane_variables(options, rival);
    return job;
}

nlohmann::json job_of(const OverheadOptions& options,
                      const OverheadCase& overhead_case,
                      bool scheduled) {
    const nlohmann::json job = {{"task", kTurnTask},
                                {"options", to_json(options.models)},
                                {"case", overhead_case.name},
                                {"block_s", options.block_s},
                                {"scheduled", scheduled}};
    return scheduled ? with_shim(job, options, false) : job;
}

// One pair of processes.
class Round {
 public:
    Round(const OverheadOptions& options, const OverheadCase& overhead_case)
        : native_("without Headway", job_of(options, overhead_case, false), options.models.cpus),
          scheduled_("with Headway", job_of(options, overhead_case, true), options.models.cpus) {}

    bool wait_until_loaded(Progress& progress) {
        return native_.await("ready", progress) && scheduled_.await("ready", progress);
    }

    // A block of one side; nothing after Ctrl-C.
    std::optional<nlohmann::json> block(bool scheduled, Progress& progress) {
        TurnProcess& side = scheduled ? scheduled_ : native_;
        side.tell("block");
        auto event = side.await("block", progress);
        if (!event) return std::nullopt;
        return std::move(event->at("entry"));
    }

    bool end(Progress& progress) { return native_.end(progress) && scheduled_.end(progress); }

 private:
    TurnProcess native_;
    TurnProcess scheduled_;
};

// Runs one block of each side, in an order drawn from `generator`. False after Ctrl-C.
bool measure_pair(Round& round,
                  int index,
                  std::mt19937_64& generator,
                  Progress& progress,
                  nlohmann::json& scenarios) {
    const bool scheduled_first = generator() % 2 == 0;
    nlohmann::json pair = nlohmann::json::array();
    for (const bool scheduled : {scheduled_first, !scheduled_first}) {
        auto entry = round.block(scheduled, progress);
        if (!entry) return false;
        (*entry)["repeat"] = index;
        pair.push_back(std::move(*entry));
    }
    for (nlohmann::json& entry : pair)
        scenarios.push_back(std::move(entry));
    return true;
}

}  // namespace

TurnProcess::TurnProcess(std::string label, const nlohmann::json& job, int cpus)
    : label_(std::move(label)), child_(job, cpus) {}

std::optional<nlohmann::json> TurnProcess::await(const char* kind, Progress& progress) {
    while (true) {
        auto event = child_.next_event(kTick);
        if (interrupted()) return std::nullopt;
        progress.tick();
        if (!event && child_.ended()) {
            throw Failure(fmt::format("{}: the process ended before its work was done", label_));
        }
        if (!event) continue;
        const auto heard = event->at("event").get<std::string>();
        if (heard == kind) return event;
        if (heard == "failure" || heard == "out_of_memory") {
            throw Failure(fmt::format("{}: {}", label_, event->at("message").get<std::string>()));
        }
    }
}

bool TurnProcess::end(Progress& progress) {
    tell("end");
    if (!await("result", progress)) return false;
    while (!child_.ended()) {
        static_cast<void>(child_.next_event(kTick));
        if (interrupted()) return false;
    }
    const ChildProcess::Exit exit = child_.wait();
    if (exit.code == 0 && exit.signal == 0) return true;
    throw Failure(fmt::format("{}: the process did not end well", label_));
}

std::unique_ptr<TurnProcess> start_idle_rival(const OverheadOptions& options) {
    const nlohmann::json job = {{"task", kRivalTask}, {"options", to_json(options.models)}};
    return std::make_unique<TurnProcess>(
        "the idle higher lane", with_shim(job, options, true), options.models.cpus);
}

bool measure_in_turns(const OverheadOptions& options,
                      const OverheadCase& overhead_case,
                      Progress& progress,
                      nlohmann::json& scenarios) {
    std::mt19937_64 generator(options.models.seed);
    int index = 0;
    for (int done = 0; done < options.rounds; ++done) {
        progress.begin_phase(fmt::format("round {}/{}, load", done + 1, options.rounds), 0);
        Round round(options, overhead_case);
        if (!round.wait_until_loaded(progress)) return false;
        const int end = options.pairs * (done + 1) / options.rounds;
        progress.begin_phase(fmt::format("round {}/{}", done + 1, options.rounds),
                             2.5 * options.block_s * (end - index));
        for (; index < end; ++index) {
            if (!measure_pair(round, index, generator, progress, scenarios)) return false;
        }
        if (!round.end(progress)) return false;
    }
    return true;
}

}  // namespace headway::bench
