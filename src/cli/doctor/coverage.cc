// What of the installed CUDA driver Headway covers.
#include "cli/doctor/driver_functions.h"
#include "cli/doctor/elf_symbols.h"
#include "cli/doctor/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <regex>
#include <vector>

namespace headway::doctor {
namespace {

constexpr std::size_t kNamesShown = 8;

// Functions that put work on a device; the same rule as in the shim's test of its table.
bool puts_work_on_device(const std::string& name) {
    static const std::regex work(
        "cu(Launch(?!HostFunc)|GraphLaunch|Memcpy|Memset|MemPrefetch|MemDiscard|MemBatch).*");
    return std::regex_match(name, work);
}

// Not "cudbg...", "cuda...": those are no part of the driver API.
bool is_driver_function(const std::string& name) {
    return name.size() > 2 && name.rfind("cu", 0) == 0 && name[2] >= 'A' && name[2] <= 'Z';
}

const DriverFunction* find_function(const std::string& name) {
    const auto* const found =
        std::find_if(std::begin(kDriverFunctions),
                     std::end(kDriverFunctions),
                     [&](const DriverFunction& function) { return name == function.name; });
    return found == std::end(kDriverFunctions) ? nullptr : found;
}

std::string some_of(const std::vector<std::string>& names) {
    const auto shown = static_cast<std::ptrdiff_t>(std::min(names.size(), kNamesShown));
    std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
    if (names.size() > kNamesShown) text += fmt::format(" and {} more", names.size() - kNamesShown);
    return text;
}

Finding functions_finding(std::size_t exported, const std::vector<std::string>& unknown) {
    Finding finding{"functions",
                    State::kOk,
                    fmt::format("the driver exports {}; {} of them are in Headway's table of {}",
                                exported,
                                exported - unknown.size(),
                                std::size(kDriverFunctions)),
                    ""};
    if (unknown.empty()) return finding;
    finding.state = State::kNote;
    finding.text += "; not " + some_of(unknown);
    finding.remedy =
        "programs that link to these or look them up by dlsym do not find them; add "
        "them to src/shim/cuda/api/driver_api.tbl";
    return finding;
}

Finding hooks_finding(const std::vector<std::string>& missed, std::size_t hooked) {
    if (missed.empty()) {
        return {"launches and copies",
                State::kOk,
                fmt::format("all {} that the driver exports are scheduled", hooked),
                ""};
    }
    return {"launches and copies",
            State::kProblem,
            fmt::format("{} run unscheduled: {}", missed.size(), some_of(missed)),
            "add them to src/shim/cuda/api/driver_api.tbl, or use a newer Headway"};
}

}  // namespace

std::vector<Finding> examine_coverage(const std::string& driver_path) {
    const std::optional<ElfSymbols> symbols = read_elf_symbols(driver_path);
    if (!symbols) {
        return {{"functions", State::kNote, driver_path + " has no list of symbols to read", ""}};
    }
    std::vector<std::string> unknown;
    std::vector<std::string> missed;
    std::size_t exported = 0;
    std::size_t hooked = 0;
    for (const std::string& name : symbols->functions) {
        if (!is_driver_function(name)) continue;
        ++exported;
        const DriverFunction* const known = find_function(name);
        if (known == nullptr) unknown.push_back(name);
        if (!puts_work_on_device(name)) continue;
        if (known != nullptr && known->hooked) {
            ++hooked;
        } else {
            missed.push_back(name);
        }
    }
    const bool has_ioctl = symbols->imports.count("ioctl") != 0;
    return {functions_finding(exported, unknown),
            hooks_finding(missed, hooked),
            {"timeslice",
             has_ioctl ? State::kOk : State::kMissing,
             has_ioctl ? "the driver calls ioctl, so its channel groups can be seen; whether it "
                         "grants a timeslice shows with --measure"
                       : "not possible: the driver does not import ioctl, so its channel groups "
                         "can't be seen",
             ""}};
}

}  // namespace headway::doctor
