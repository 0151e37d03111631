#include "bench/two_models/options.h"
#include "headway/headway.h"

#include <fmt/format.h>

namespace headway::bench {

// The names are those of the command line.
NLOHMANN_JSON_SERIALIZE_ENUM(Arrivals,
                             {{Arrivals::kUniform, "uniform"}, {Arrivals::kPoisson, "poisson"}})
NLOHMANN_JSON_SERIALIZE_ENUM(
    Dtype, {{Dtype::kFp32, "fp32"}, {Dtype::kFp16, "fp16"}, {Dtype::kBf16, "bf16"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Architecture,
                             {{Architecture::kResNet18, "resnet18"},
                              {Architecture::kResNet50, "resnet50"},
                              {Architecture::kProducts, "matmul"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Task, {{Task::kInference, "inference"}, {Task::kTraining, "training"}})
NLOHMANN_JSON_SERIALIZE_ENUM(StreamKind,
                             {{StreamKind::kDefault, "default"}, {StreamKind::kPool, "pool"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Placement,
                             {{Placement::kThreads, "threads"},
                              {Placement::kProcesses, "processes"}})

void to_json(nlohmann::json& json, const External& external) {
    json = external_text(external);
}

void from_json(const nlohmann::json& json, External& external) {
    external = parse_external(json.get<std::string>());
}

namespace {

// Visits every option once, for both directions.
template <typename OptionsType, typename Visitor>
void visit(OptionsType& options, Visitor&& field) {
    field("device", options.device);
    field("scenarios", options.scenarios);
    field("external", options.externals);
    field("repeats", options.repeats);
    field("duration", options.duration);
    field("warm_up", options.warm_up);
    field("rate", options.rate);
    field("arrivals", options.arrivals);
    field("seed", options.seed);
    field("high_model", options.high_model);
    field("low_model", options.low_model);
    field("matmul_side", options.matmul_side);
    field("high_batch", options.high_batch);
    field("low_batch", options.low_batch);
    field("low_task", options.low_task);
    field("low_count", options.low_count);
    field("high_priority", options.high_priority);
    field("low_priority", options.low_priority);
    field("threshold", options.threshold);
    field("batch_size", options.batch_size);
    field("budget_us", options.budget_us);
    field("linger_us", options.linger_us);
    field("max_hold_ms", options.max_hold_ms);
    field("timeslice_us", options.timeslice_us);
    field("dtype", options.dtype);
    field("tf32", options.tf32);
    field("stream", options.stream);
    field("placement", options.placement);
    field("high_graph", options.high_graph);
    field("low_graph", options.low_graph);
    field("threads", options.threads);
    field("cpus", options.cpus);
    field("memory_cap_mib", options.memory_cap_mib);
}

}  // namespace

nlohmann::json to_json(const Options& options) {
    nlohmann::json json;
    visit(options, [&](const char* name, const auto& value) { json[name] = value; });
    return json;
}

Options options_from_json(const nlohmann::json& json) {
    Options options;
    visit(options, [&](const char* name, auto& value) { json.at(name).get_to(value); });
    return options;
}

std::string high_model_name(const Options& options) {
    if (options.high_model != Architecture::kProducts) return "ResNet-18";
    return fmt::format("{0} products {1}x{1}", kHighProducts, options.matmul_side);
}

std::string low_model_name(const Options& options) {
    if (options.low_model == Architecture::kProducts) {
        return fmt::format("{0} products {1}x{1}", kLowProducts, 2 * options.matmul_side);
    }
    return options.low_task == Task::kTraining ? "ResNet-50 training" : "ResNet-50";
}

unsigned linger_of(const Options& options) {
    if (options.linger_us == "auto") return HEADWAY_LINGER_AUTO;
    return static_cast<unsigned>(std::stoul(options.linger_us));
}

}  // namespace headway::bench
