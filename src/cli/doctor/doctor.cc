#include "cli/doctor/doctor.h"

#include "base/version.h"
#include "cli/doctor/rocm.h"
#include "cli/doctor/sections.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace headway::doctor {
namespace {

const char* mark(State state) {
    switch (state) {
        case State::kOk:
            return "ok";
        case State::kNote:
            return "note";
        case State::kMissing:
            return "-";
        case State::kProblem:
            return "PROBLEM";
    }
    return "";
}

const char* json_name(State state) {
    switch (state) {
        case State::kOk:
            return "ok";
        case State::kNote:
            return "note";
        case State::kMissing:
            return "missing";
        case State::kProblem:
            return "problem";
    }
    return "";
}

}  // namespace

Examination examine() {
    Examination examination;
    examination.sections = {examine_machine(),
                            examine_boards(),
                            examine_torch(),
                            examine_gpu(),
                            examine_rocm(this_machine()),
                            examine_opencl(),
                            examine_environment()};
    Section conclusion = conclude(examination.sections);
    examination.can_schedule = has_state(conclusion, State::kOk);
    examination.sections.push_back(std::move(conclusion));
    return examination;
}

std::string as_text(const Examination& examination) {
    std::string text = fmt::format("Headway {} ({})\n", kVersion, kCommit);
    for (const Section& section : examination.sections) {
        text += fmt::format("\n{}\n", section.title);
        for (const Finding& finding : section.findings) {
            text += fmt::format(
                "  {:<7}  {:<18}  {}\n", mark(finding.state), finding.subject, finding.text);
            if (!finding.remedy.empty()) text += fmt::format("  {:29}-> {}\n", "", finding.remedy);
        }
    }
    return text;
}

std::string as_json(const Examination& examination) {
    nlohmann::json json = {{"schema", "headway.doctor/1"},
                           {"version", kVersion},
                           {"commit", kCommit},
                           {"can_schedule", examination.can_schedule},
                           {"sections", nlohmann::json::array()}};
    for (const Section& section : examination.sections) {
        nlohmann::json findings = nlohmann::json::array();
        for (const Finding& finding : section.findings) {
            findings.push_back({{"subject", finding.subject},
                                {"state", json_name(finding.state)},
                                {"text", finding.text},
                                {"remedy", finding.remedy}});
        }
        json["sections"].push_back({{"title", section.title}, {"findings", findings}});
    }
    if (!examination.measured.empty()) json["measured"] = examination.measured;
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace headway::doctor
