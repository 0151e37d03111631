// A workload of `headway-bench mix`: which programs run together. From a file such as
// bench/mixes/gpt2-training.toml:
//
//   about = "one line"
//
//   [[member]]
//   name = "gpt2"                   of its scenario gpt2-alone
//   about = "GPT-2 size, decoding"
//   role = "high"                   requests by a clock; "low": iterations without a pause
//   priority = 10
//   program = "gpt2_decode.py"      of bench/mixes/programs, or beside the file
//
//   [member.gpu]                    and [member.cpu]
//   rate = 2                        high only: requests/s, the mean over bursts and pauses
//   arrivals = "uniform"            or "poisson", or "onoff" with on_s and off_s
//   parameters = { layers = 12 }    of the program
#pragma once

#include "bench/load/arrivals.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// What a member does on one kind of device.
struct MemberLoad {
    double rate_per_s = 0;  // 0: low
    Arrivals arrivals = Arrivals::kUniform;
    double on_s = 1;
    double off_s = 2;
    nlohmann::json parameters = nlohmann::json::object();  // numbers, texts, booleans
};

struct MixMember {
    std::string name;
    std::string about;
    bool high = false;
    int priority = 0;
    std::string program;  // as the file names it
    std::string path;     // where that is
    MemberLoad cpu;
    MemberLoad gpu;

    const MemberLoad& on(const std::string& device) const { return device == "cpu" ? cpu : gpu; }
};

// The high ones as the file has them, at least one, and then the low one.
struct Workload {
    std::string name;  // of the file, without its folder and ending
    std::string about;
    std::vector<MixMember> members;
};

// Reads a file. Programs are looked for beside it and then in `programs_folder`. Throws
// Failure(kExitBadArguments) with FILE:LINE:COLUMN: KEY: what is wrong.
Workload read_workload(const std::string& file, const std::string& programs_folder);

// "uniform", "poisson" or "onoff".
const char* arrivals_name(Arrivals arrivals) noexcept;

}  // namespace headway::bench
