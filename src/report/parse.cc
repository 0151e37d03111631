#include "report/parse.h"

#include "report/format.h"

#include <fmt/format.h>

namespace headway::report {
namespace {

HighNumbers read_high(const Fields& fields) {
    HighNumbers high;
    high.requests = fields.number("requests");
    high.p50_ms = fields.number("p50_ms");
    high.p90_ms = fields.number("p90_ms");
    high.p95_ms = fields.number("p95_ms");
    high.p99_ms = fields.number("p99_ms");
    high.p999_ms = fields.number("p999_ms");
    high.max_ms = fields.number("max_ms");
    high.mean_ms = fields.number("mean_ms");
    high.mean_service_ms = fields.number("mean_service_ms");
    high.completed_rps = fields.number("completed_rps");
    high.unfinished = fields.number("unfinished");
    high.latencies_ms = fields.numbers("latencies_ms");
    high.arrivals_ms = fields.numbers("arrivals_ms");
    if (!high.arrivals_ms.empty() && high.arrivals_ms.size() != high.latencies_ms.size()) {
        fields.complaint().say(fmt::format("{} must be as long as latencies_ms ({}), not {}",
                                           fields.path_of("arrivals_ms"),
                                           high.latencies_ms.size(),
                                           high.arrivals_ms.size()));
    }
    return high;
}

LowNumbers read_low(const Fields& fields) {
    LowNumbers low;
    low.iterations_per_s = fields.number("iterations_per_s");
    low.images_per_s = fields.number("images_per_s");
    low.batch = fields.number("batch");
    low.exclusive_bound_per_s = fields.number("exclusive_bound_per_s");
    low.requests = fields.number("requests");
    low.p50_ms = fields.number("p50_ms");
    low.p99_ms = fields.number("p99_ms");
    low.max_ms = fields.number("max_ms");
    low.batch_fallbacks = fields.words("batch_fallbacks");
    return low;
}

NamedNumbers read_memory(const Fields& fields) {
    const auto value = fields.json().find("memory_mib");
    if (value != fields.json().end() && value->is_number()) return {{"used", value->get<double>()}};
    const Json* object = fields.object("memory_mib");
    if (object == nullptr) return {};
    return Fields(*object, fields.path_of("memory_mib"), fields.complaint()).all_numbers();
}

NamedTexts read_hashes(const Fields& fields) {
    const auto value = fields.json().find("output_sha256");
    if (value != fields.json().end() && value->is_string()) {
        return {{"", value->get<std::string>()}};
    }
    const Json* object = fields.object("output_sha256");
    if (object == nullptr) return {};
    return Fields(*object, fields.path_of("output_sha256"), fields.complaint()).all_texts();
}

std::map<std::string, NamedNumbers> read_counters(const Fields& fields) {
    std::map<std::string, NamedNumbers> lanes;
    const Json* counters = fields.object("counters");
    if (counters == nullptr) return lanes;
    const std::string path = fields.path_of("counters");
    for (const auto& [name, value] : counters->items()) {
        if (value.is_number()) {
            lanes[""].emplace_back(name, value.get<double>());
        } else if (value.is_object()) {
            const std::string lane_path = fmt::format("{}.{}", path, name);
            lanes[name] = Fields(value, lane_path, fields.complaint()).all_numbers();
        } else if (!value.is_null()) {
            fields.complaint().say(fmt::format(
                "{}.{} must be a number or an object, not {}", path, name, type_name(value)));
        }
    }
    return lanes;
}

Scenario read_scenario(const Fields& fields) {
    Scenario scenario;
    scenario.name = fields.required_text("name");
    scenario.repeat = fields.required_index("repeat");
    scenario.workload = fields.text("workload");
    if (const Json* high = fields.object("high")) {
        scenario.high = read_high(Fields(*high, fields.path_of("high"), fields.complaint()));
    }
    if (const Json* low = fields.object("low")) {
        scenario.low = read_low(Fields(*low, fields.path_of("low"), fields.complaint()));
    }
    scenario.total_time_s = fields.number("total_time_s");
    scenario.tasks_per_s = fields.number("tasks_per_s");
    scenario.marks = fields.words("marks");
    scenario.memory_mib = read_memory(fields);
    scenario.counters = read_counters(fields);
    scenario.output_sha256 = read_hashes(fields);
    return scenario;
}

std::vector<Scenario> read_scenarios(const Json& list, Complaint& complaint) {
    std::vector<Scenario> scenarios;
    for (const Json& item : list) {
        const std::string path = fmt::format("scenarios[{}]", scenarios.size());
        if (!item.is_object()) {
            complaint.say(fmt::format("{} must be an object, not {}", path, type_name(item)));
            break;
        }
        scenarios.push_back(read_scenario(Fields(item, path, complaint)));
        if (!complaint.empty()) break;
    }
    return scenarios;
}

Ratio read_ratio(const std::string& name, const Fields& fields) {
    Ratio ratio;
    ratio.name = name;
    ratio.median = fields.number("median");
    const std::vector<double> interval = fields.numbers("ci95");
    if (interval.size() == 2) {
        ratio.ci95 = {interval[0], interval[1]};
    } else if (!interval.empty()) {
        fields.complaint().say(fields.path_of("ci95") + " must be a list of two numbers");
    }
    return ratio;
}

std::vector<Ratio> read_summary(const Json& summary, Complaint& complaint) {
    std::vector<Ratio> ratios;
    for (const auto& [name, value] : summary.items()) {
        const std::string path = fmt::format("summary.{}", name);
        if (value.is_null()) continue;
        if (!value.is_object()) {
            complaint.say(fmt::format("{} must be an object, not {}", path, type_name(value)));
            break;
        }
        ratios.push_back(read_ratio(name, Fields(value, path, complaint)));
    }
    return ratios;
}

Bar read_bar(const std::string& name, const Json& value, Complaint& complaint) {
    Bar bar;
    bar.name = name;
    const std::string path = fmt::format("verdict.{}", name);
    if (value.is_boolean()) {
        bar.met = value.get<bool>();
    } else if (value.is_object()) {
        const Fields fields(value, path, complaint);
        if (const auto met = value.find("met"); met != value.end() && !met->is_null()) {
            bar.met = fields.required_flag("met");
        }
        bar.detail = fields.text("detail");
    } else if (!value.is_null()) {
        complaint.say(fmt::format("{} must be an object, not {}", path, type_name(value)));
    }
    return bar;
}

// Says early and plainly that a file is something else than a result.
Status check_kind(const Json& document) {
    if (!document.is_object()) {
        return Status::error(
            Code::kCorrupt, "not a result file: it holds %s, not an object", type_name(document));
    }
    const auto schema = document.find("schema");
    if (schema == document.end() || !schema->is_string()) {
        return Status::error(Code::kCorrupt, "not a result file of headway-bench: no field schema");
    }
    const std::string found = printable(schema->get<std::string>(), 60);
    if (found == kSchema) return {};
    if (found.rfind("headway.bench/", 0) == 0) {
        return Status::error(
            Code::kCorrupt,
            "schema is %s, and this program reads headway.bench/1: use the version "
            "of Headway that wrote the file",
            found.c_str());
    }
    return Status::error(
        Code::kCorrupt, "not a result file of headway-bench: schema is \"%s\"", found.c_str());
}

void read_origin(const Fields& root, BenchResult& result) {
    result.benchmark = root.required_text("benchmark");
    result.created = root.text("created");
    if (const Json* headway = root.required_object("headway")) {
        const Fields fields(*headway, "headway", root.complaint());
        result.version = fields.required_text("version");
        result.commit = fields.required_text("commit");
    }
    if (const Json* host = root.required_object("host")) {
        result.host = Fields(*host, "host", root.complaint()).all_texts();
    }
    if (const Json* config = root.required_object("config")) {
        result.config = Fields(*config, "config", root.complaint()).all_texts();
    }
}

const std::string* find_text(const NamedTexts& texts, std::string_view name) {
    for (const auto& [key, value] : texts) {
        if (key == name) return &value;
    }
    return nullptr;
}

}  // namespace

const std::string* BenchResult::find_config(std::string_view name) const {
    return find_text(config, name);
}

const std::string* BenchResult::find_host(std::string_view name) const {
    return find_text(host, name);
}

Result<BenchResult> interpret(const Json& document) {
    const Status kind = check_kind(document);
    if (!kind.ok()) return kind;
    Complaint complaint;
    const Fields root(document, "", complaint);
    BenchResult result;
    read_origin(root, result);
    if (const Json* scenarios = root.required_list("scenarios")) {
        result.scenarios = read_scenarios(*scenarios, complaint);
    }
    if (const Json* skipped = root.object("skipped")) {
        result.skipped = Fields(*skipped, "skipped", complaint).all_texts();
    }
    if (const Json* summary = root.required_object("summary")) {
        result.summary = read_summary(*summary, complaint);
    }
    if (const Json* verdict = root.required_object("verdict")) {
        for (const auto& [name, value] : verdict->items()) {
            result.verdict.push_back(read_bar(name, value, complaint));
        }
    }
    result.partial = root.required_flag("partial");
    if (complaint.empty()) return result;
    return Status::error(Code::kCorrupt, "%s", printable(complaint.text(), 240).c_str());
}

}  // namespace headway::report
