#include "bench/process/environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>

namespace headway::bench {

Variables changed_environment(const nlohmann::json& changes) {
    Variables variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        variables[std::string(text.substr(0, equals))] = text.substr(equals + 1);
    }
    for (const auto& [name, value] : changes.items()) {
        variables.erase(name);
        if (!value.is_null()) variables[name] = value.get<std::string>();
    }
    return variables;
}

nlohmann::json without_lane_variables() {
    nlohmann::json changes;
    for (const char* name : {"HEADWAY_PRIORITY",
                             "HEADWAY_THRESHOLD",
                             "HEADWAY_BATCH_SIZE",
                             "HEADWAY_BUDGET_US",
                             "HEADWAY_LINGER_US",
                             "HEADWAY_MAX_HOLD_MS",
                             "HEADWAY_TIMESLICE_US",
                             "HEADWAY_NAME",
                             "HEADWAY_STATS",
                             "HEADWAY_TORCH"})
        changes[name] = nullptr;
    return changes;
}

std::vector<std::string> entries_of(const Variables& variables) {
    std::vector<std::string> entries;
    entries.reserve(variables.size());
    for (const auto& [name, value] : variables)
        entries.push_back(fmt::format("{}={}", name, value));
    return entries;
}

std::vector<char*> exec_pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace headway::bench
