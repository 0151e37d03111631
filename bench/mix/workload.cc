#include "bench/mix/workload.h"

#include "bench/failure.h"
#include "headway/headway.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace headway::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameMax = 20;
constexpr double kRateMax = 100'000;
constexpr double kSecondsMax = 3'600;

constexpr std::pair<const char*, Arrivals> kArrivals[] = {
    {"uniform", Arrivals::kUniform}, {"poisson", Arrivals::kPoisson}, {"onoff", Arrivals::kOnOff}};

// One table of the file: each function takes a key and says where it is wrong. Throws Failure.
class Table {
 public:
    Table(const toml::table& table, std::string file, std::string shown)
        : table_(table), file_(std::move(file)), shown_(std::move(shown)) {}

    [[noreturn]] void fail(const toml::source_region& place,
                           const std::string& key,
                           const std::string& text) const {
        throw Failure(fmt::format("{}:{}:{}: {}: {}",
                                  file_,
                                  place.begin.line,
                                  place.begin.column,
                                  shown_of(key),
                                  text),
                      kExitBadArguments);
    }

    // What is wrong with the value of a key, or with the table where it is missing.
    [[noreturn]] void refuse(const std::string& key, const std::string& text) const {
        const toml::node* const node = table_.get(key);
        fail(node == nullptr ? table_.source() : node->source(), key, text);
    }

    // Nothing else is in the table.
    void allow_only(const std::vector<std::string>& known) const {
        for (const auto& [key, value] : table_) {
            const std::string name(key.str());
            if (std::find(known.begin(), known.end(), name) != known.end()) continue;
            fail(key.source(),
                 name,
                 fmt::format("no such key; there are: {}", fmt::join(known, ", ")));
        }
    }

    bool has(const std::string& key) const { return table_.contains(key); }

    const toml::node& require(const std::string& key) const {
        if (const toml::node* const node = table_.get(key)) return *node;
        refuse(key, "it is missing");
    }

    std::string text(const std::string& key) const {
        const auto* const text = require(key).as_string();
        if (text == nullptr || text->get().empty()) refuse(key, "it must be a text");
        return text->get();
    }

    int whole(const std::string& key, int min, int max) const {
        const auto* const number = require(key).as_integer();
        if (number == nullptr || number->get() < min || number->get() > max) {
            refuse(key, fmt::format("it must be a whole number from {} to {}", min, max));
        }
        return static_cast<int>(number->get());
    }

    double positive(const std::string& key, double max) const {
        const auto number = require(key).value<double>();
        if (!number || !(*number > 0) || *number > max) {
            refuse(key, fmt::format("it must be a number above 0 and at most {}", max));
        }
        return *number;
    }

    Table table(const std::string& key) const {
        const auto* const table = require(key).as_table();
        if (table == nullptr) refuse(key, "it must be a table");
        return {*table, file_, shown_of(key)};
    }

    nlohmann::json scalars() const {
        nlohmann::json json = nlohmann::json::object();
        for (const auto& [key, value] : table_) {
            const std::string name(key.str());
            if (const auto* number = value.as_integer()) {
                json[name] = number->get();
            } else if (const auto* real = value.as_floating_point()) {
                json[name] = real->get();
            } else if (const auto* truth = value.as_boolean()) {
                json[name] = truth->get();
            } else if (const auto* text = value.as_string()) {
                json[name] = text->get();
            } else {
                refuse(name, "it must be a number, a text, true or false");
            }
        }
        return json;
    }

 private:
    std::string shown_of(const std::string& key) const {
        return shown_.empty() ? key : shown_ + "." + key;
    }

    const toml::table& table_;
    std::string file_;
    std::string shown_;
};

Arrivals read_arrivals(const Table& table) {
    std::vector<std::string> words;
    const std::string word = table.text("arrivals");
    for (const auto& [name, arrivals] : kArrivals) {
        if (word == name) return arrivals;
        words.emplace_back(name);
    }
    table.refuse("arrivals", fmt::format("it must be one of {}", fmt::join(words, ", ")));
}

MemberLoad read_load(const Table& table, bool high) {
    MemberLoad load;
    std::vector<std::string> known = {"parameters"};
    if (high) known.insert(known.end(), {"rate", "arrivals", "on_s", "off_s"});
    table.allow_only(known);
    if (table.has("parameters")) load.parameters = table.table("parameters").scalars();
    if (!high) return load;
    load.rate_per_s = table.positive("rate", kRateMax);
    load.arrivals = read_arrivals(table);
    for (const auto& [key, value] :
         {std::pair("on_s", &load.on_s), std::pair("off_s", &load.off_s)}) {
        if (!table.has(key)) continue;
        if (load.arrivals != Arrivals::kOnOff) table.refuse(key, "only with arrivals = \"onoff\"");
        *value = table.positive(key, kSecondsMax);
    }
    if (load.arrivals == Arrivals::kOnOff && load.rate_per_s * (load.on_s + load.off_s) < 1) {
        table.refuse("rate", "that is less than one request in each burst");
    }
    return load;
}

bool is_name(const std::string& name) {
    return name.size() <= kNameMax &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

std::string find_program(const Table& table, const fs::path& beside, const fs::path& programs) {
    const std::string program = table.text("program");
    for (const fs::path& folder : {beside, programs}) {
        const fs::path path = folder / program;
        if (fs::is_regular_file(path)) return path.lexically_normal().string();
    }
    table.refuse("program",
                 fmt::format("there is no {} in {} or in {}",
                             program,
                             beside.lexically_normal().string(),
                             programs.lexically_normal().string()));
}

MixMember read_member(const Table& table, const fs::path& beside, const fs::path& programs) {
    table.allow_only({"name", "about", "role", "priority", "program", "gpu", "cpu"});
    MixMember member;
    member.name = table.text("name");
    if (!is_name(member.name)) {
        table.refuse("name",
                     fmt::format("it must be made of a-z, 0-9 and -, at most {}", kNameMax));
    }
    member.about = table.text("about");
    const std::string role = table.text("role");
    if (role != "high" && role != "low") table.refuse("role", "it must be high or low");
    member.high = role == "high";
    if (member.high && (member.name == "low" || member.name == "high")) {
        table.refuse("name", "scenarios and counters have this name already");
    }
    member.priority = table.whole("priority", HEADWAY_PRIORITY_MIN, HEADWAY_PRIORITY_MAX);
    member.program = table.text("program");
    member.path = find_program(table, beside, programs);
    member.gpu = read_load(table.table("gpu"), member.high);
    member.cpu = read_load(table.table("cpu"), member.high);
    return member;
}

// What one member alone can't show.
void check_together(const Table& document, const std::vector<MixMember>& members) {
    const auto is_low = [](const MixMember& member) { return !member.high; };
    const auto lows = std::count_if(members.begin(), members.end(), is_low);
    if (lows != 1 || members.size() < 2) {
        document.refuse("member", "there must be one with the role low, and one or more high");
    }
    const int low_priority = members.back().priority;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::string& name = members[i].name;
        if (members[i].high && members[i].priority <= low_priority) {
            document.refuse("member", fmt::format("{} has no priority above that of low", name));
        }
        for (std::size_t j = i + 1; j < members.size(); ++j) {
            if (members[j].name == name) {
                document.refuse("member", fmt::format("two have the name {}", name));
            }
        }
    }
}

Workload read_document(const toml::table& table,
                       const std::string& file,
                       const fs::path& programs) {
    const Table document(table, file, "");
    document.allow_only({"about", "member"});
    Workload workload;
    workload.name = fs::path(file).stem().string();
    workload.about = document.text("about");
    const auto* const list = document.require("member").as_array();
    if (list == nullptr || !list->is_homogeneous<toml::table>()) {
        document.refuse("member", "it must be a list of tables, each under [[member]]");
    }
    const fs::path beside = fs::absolute(file).parent_path();
    for (const toml::node& node : *list) {
        const std::string shown = fmt::format("member[{}]", workload.members.size());
        workload.members.push_back(
            read_member(Table(*node.as_table(), file, shown), beside, programs));
    }
    std::stable_partition(workload.members.begin(),
                          workload.members.end(),
                          [](const MixMember& member) { return member.high; });
    check_together(document, workload.members);
    return workload;
}

}  // namespace

const char* arrivals_name(Arrivals arrivals) noexcept {
    for (const auto& [name, value] : kArrivals) {
        if (value == arrivals) return name;
    }
    return "";
}

Workload read_workload(const std::string& file, const std::string& programs_folder) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream || fs::is_directory(file)) {
        throw Failure(
            fmt::format(
                "--workload {}: {}", file, stream ? "it is a folder" : std::strerror(errno)),
            kExitBadArguments);
    }
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    toml::table table;
    try {
        table = toml::parse(text, file);
    } catch (const toml::parse_error& error) {
        throw Failure(fmt::format("{}:{}:{}: {}",
                                  file,
                                  error.source().begin.line,
                                  error.source().begin.column,
                                  error.description()),
                      kExitBadArguments);
    }
    return read_document(table, file, programs_folder);
}

}  // namespace headway::bench
