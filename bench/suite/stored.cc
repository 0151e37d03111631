#include "bench/suite/stored.h"

#include "report/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

namespace headway::bench {
namespace {

// (name in the file, value) of each option of a command line.
std::vector<std::pair<std::string, std::string>> options_of(
    const std::vector<std::string>& arguments) {
    std::vector<std::pair<std::string, std::string>> options;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        std::string name = arguments[i].substr(2);
        const bool flag = i + 1 == arguments.size() || arguments[i + 1].rfind("--", 0) == 0;
        const bool negative = flag && name.rfind("no-", 0) == 0;
        if (negative) name.erase(0, 3);
        std::replace(name.begin(), name.end(), '-', '_');
        options.emplace_back(name, flag ? (negative ? "no" : "yes") : arguments[++i]);
    }
    return options;
}

// As values are written by hand and as the reader shows them: 3 and 3.0, "a,b" and "a, b".
bool agrees(const std::string& wanted, const std::string& stored) {
    char* wanted_end = nullptr;
    char* stored_end = nullptr;
    const double wanted_number = std::strtod(wanted.c_str(), &wanted_end);
    const double stored_number = std::strtod(stored.c_str(), &stored_end);
    if (*wanted_end == '\0' && *stored_end == '\0') return wanted_number == stored_number;
    const auto compact = [](std::string text) {
        text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
        return text;
    };
    return compact(stored) == compact(wanted);
}

std::optional<std::string> difference_in(const nlohmann::json& fields,
                                         const char* name,
                                         const std::string* stored) {
    const std::string now = fields.at(name).is_string() ? fields.at(name).get<std::string>() : "";
    const std::string then = stored == nullptr ? "" : *stored;
    if (now == then) return std::nullopt;
    return fmt::format("{} is {} there, {} here", name, then, now);
}

std::optional<std::string> difference(const report::BenchResult& result,
                                      const SuiteItem& item,
                                      const Origin& origin) {
    if (result.benchmark != item.arguments.front()) {
        return fmt::format("it is of the benchmark {}", result.benchmark);
    }
    for (const auto& [name, wanted] : options_of(item.arguments)) {
        const std::string* const stored = result.find_config(name);
        if (stored == nullptr || !agrees(wanted, *stored)) {
            return fmt::format(
                "{} is {} there, {} here", name, stored == nullptr ? "absent" : *stored, wanted);
        }
    }
    if (auto found = difference_in(origin.build, "version", &result.version)) return found;
    if (auto found = difference_in(origin.build, "commit", &result.commit)) return found;
    for (const char* part : {"cpu", "gpu"}) {
        if (auto found = difference_in(origin.host, part, result.find_host(part))) return found;
    }
    return std::nullopt;
}

}  // namespace

StoredResult find_stored(const std::string& path, const SuiteItem& item, const Origin& origin) {
    if (!std::filesystem::exists(path)) return {};
    const Result<report::BenchResult> result = report::load_result(path);
    if (!result.ok()) return {Stored::kOther, result.status().message()};
    if (auto why = difference(result.value(), item, origin)) return {Stored::kOther, *why};
    return {result.value().partial ? Stored::kPartial : Stored::kComplete, {}};
}

}  // namespace headway::bench
