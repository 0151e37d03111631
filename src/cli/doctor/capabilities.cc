// What follows from the findings.
#include "base/env.h"
#include "cli/doctor/sections.h"

#include <algorithm>

namespace headway::doctor {
namespace {

const Section* find_section(const std::vector<Section>& sections, const char* title) {
    for (const Section& section : sections) {
        if (section.title == title) return &section;
    }
    return nullptr;
}

bool boards_work(const std::vector<Section>& sections) {
    const Section* boards = find_section(sections, "Boards");
    // A bad file of one device does not spoil the folder for the others.
    return boards != nullptr &&
           std::none_of(
               boards->findings.begin(), boards->findings.end(), [](const Finding& finding) {
                   return finding.state == State::kProblem && finding.subject != "board";
               });
}

bool gpu_found(const Section& gpu) {
    return std::any_of(gpu.findings.begin(), gpu.findings.end(), [](const Finding& finding) {
        return finding.subject.rfind("cuda:", 0) == 0 && finding.state != State::kProblem;
    });
}

bool library_works(const Section& gpu) {
    return std::any_of(gpu.findings.begin(), gpu.findings.end(), [](const Finding& finding) {
        return finding.subject == "CUDA library" && finding.state == State::kOk;
    });
}

bool has_finding(const Section& section, const char* subject) {
    return std::any_of(
        section.findings.begin(), section.findings.end(), [subject](const Finding& finding) {
            return finding.subject.rfind(subject, 0) == 0 && finding.state == State::kOk;
        });
}

Finding conclude_hip(const Section* rocm, bool boards) {
    if (rocm == nullptr || !has_finding(*rocm, "/dev/kfd") || !has_finding(*rocm, "AMD node")) {
        return {"HIP", State::kMissing, "no AMD GPU can be used here: see ROCm above", ""};
    }
    if (!has_finding(*rocm, "HIP library")) {
        return {"HIP", State::kProblem, "no scheduling: Headway's library is not there", ""};
    }
    if (env_flag("HEADWAY_DISABLE") || !boards) {
        return {"HIP", State::kProblem, "no scheduling, for the same reason", ""};
    }
    return {"HIP",
            State::kOk,
            "schedules unmodified programs under `headway run`; never run on AMD hardware by its "
            "authors, see docs/hip.md",
            ""};
}

// Its loader is the last thing that is looked at, and only where there is a platform.
Finding conclude_opencl(const Section* opencl, bool boards_work) {
    const bool loader_seen = opencl != nullptr && opencl->findings.back().subject == "ICD loader" &&
                             opencl->findings.back().state != State::kMissing;
    if (!loader_seen) return {"OpenCL", State::kMissing, "no: see OpenCL above", ""};
    if (opencl->findings.back().state == State::kProblem) {
        return {"OpenCL", State::kProblem, "no scheduling: see OpenCL above", ""};
    }
    if (env_flag("HEADWAY_DISABLE") || !boards_work) {
        return {"OpenCL", State::kProblem, "no scheduling, for the same reason", ""};
    }
    return {"OpenCL",
            State::kOk,
            "schedules unmodified programs under `headway run`, by thread and process",
            ""};
}

}  // namespace

bool has_state(const Section& section, State state) {
    return std::any_of(section.findings.begin(),
                       section.findings.end(),
                       [&](const Finding& finding) { return finding.state == state; });
}

Section conclude(const std::vector<Section>& sections) {
    Section section{"What Headway can do here", {}};
    const auto add = [&](const char* subject, State state, const char* text) {
        section.findings.push_back({subject, state, text, ""});
    };
    const Section* torch = find_section(sections, "LibTorch");
    if (env_flag("HEADWAY_DISABLE")) {
        add("CPU", State::kProblem, "no scheduling: HEADWAY_DISABLE is set");
    } else if (!boards_work(sections)) {
        add("CPU",
            State::kProblem,
            "no scheduling: lanes can't see each other without a board folder");
    } else {
        add("CPU, C API", State::kOk, "schedules work between headway_begin() and headway_end()");
        if (torch != nullptr && has_state(*torch, State::kOk)) {
            add("CPU, LibTorch",
                State::kOk,
                "schedules the operators of unmodified models, by thread");
        } else {
            add("CPU, LibTorch", State::kMissing, "no: see LibTorch above");
        }
    }
    const Section* gpu = find_section(sections, "GPU");
    if (gpu == nullptr || !gpu_found(*gpu)) {
        add("CUDA", State::kMissing, "no NVIDIA GPU can be used here: see GPU above");
    } else if (!library_works(*gpu)) {
        add("CUDA", State::kProblem, "no scheduling: Headway's library can't be preloaded");
    } else if (env_flag("HEADWAY_DISABLE") || !boards_work(sections)) {
        add("CUDA", State::kProblem, "no scheduling, for the same reason");
    } else {
        add("CUDA",
            State::kOk,
            "schedules unmodified programs under `headway run`, by thread and process");
    }
    section.findings.push_back(
        conclude_opencl(find_section(sections, "OpenCL"), boards_work(sections)));
    section.findings.push_back(conclude_hip(find_section(sections, "ROCm"), boards_work(sections)));
    return section;
}

}  // namespace headway::doctor
