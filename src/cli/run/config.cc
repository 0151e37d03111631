#include "cli/run/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace headway::cli {
namespace {

namespace fs = std::filesystem;

// Reads one file; stops at the first error.
class Reader {
 public:
    explicit Reader(const std::string& file)
        : file_(file), folder_(fs::absolute(file).parent_path()) {}

    ConfigError read(std::vector<Program>* out_programs);

 private:
    bool fail(const toml::source_region& place, std::string_view key, std::string_view text);
    bool unknown(const toml::key& key,
                 const std::string& shown,
                 const std::vector<std::string>& names);
    bool read_document(const toml::table& document, std::vector<Program>* out_programs);
    bool read_table(const toml::table& table,
                    const std::string& shown,
                    bool is_program,
                    Program* program);
    bool read_command(const toml::node& node, const std::string& shown, Program* program);
    bool read_environment(const toml::node& node, const std::string& shown, Program* program);
    bool read_folder(const toml::node& node, const std::string& shown, Program* program);
    bool read_option(const toml::node& node,
                     const std::string& shown,
                     const RunOption& option,
                     Program* program);

    std::string file_;
    fs::path folder_;
    ConfigError error_;
};

bool Reader::fail(const toml::source_region& place, std::string_view key, std::string_view text) {
    error_.text =
        fmt::format("{}:{}:{}: {}: {}", file_, place.begin.line, place.begin.column, key, text);
    return false;
}

bool Reader::unknown(const toml::key& key,
                     const std::string& shown,
                     const std::vector<std::string>& names) {
    const std::string near = most_like(key.str(), names);
    return fail(
        key.source(),
        shown,
        near.empty() ? "no such key" : fmt::format("no such key; is it \"{}\" you mean?", near));
}

// Numbers and truth values as text, for options and for variables.
std::optional<std::string> text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* truth = node.as_boolean()) return std::string(truth->get() ? "true" : "false");
    return std::nullopt;
}

bool Reader::read_command(const toml::node& node, const std::string& shown, Program* program) {
    program->words.clear();
    if (const auto* line = node.as_string()) {
        if (line->get().empty()) return fail(node.source(), shown, "it is empty");
        program->words = {"/bin/sh", "-c", line->get()};
        return true;
    }
    const auto* words = node.as_array();
    if (words == nullptr || words->empty()) {
        return fail(node.source(), shown, "it is an array of words, or a line for the shell");
    }
    for (const toml::node& word : *words) {
        if (!word.is_string()) return fail(word.source(), shown, "each word is a string");
        program->words.push_back(word.as_string()->get());
    }
    if (program->words.front().empty()) return fail(node.source(), shown, "it is empty");
    return true;
}

bool Reader::read_environment(const toml::node& node, const std::string& shown, Program* program) {
    const auto* table = node.as_table();
    if (table == nullptr) return fail(node.source(), shown, "it is a table of variables");
    for (const auto& [key, value] : *table) {
        const std::string name(key.str());
        const std::string place = fmt::format("{}.{}", shown, name);
        if (name.empty() || name.find('=') != std::string::npos) {
            return fail(key.source(), place, "not the name of a variable");
        }
        if (name == "LD_PRELOAD") {
            return fail(key.source(), place, "set it outside: headway run keeps what is there");
        }
        const std::optional<std::string> text = text_of(value);
        if (!text || text->find('\0') != std::string::npos) {
            return fail(value.source(), place, "it is a string or a whole number");
        }
        program->environment[name] = *text;
    }
    return true;
}

bool Reader::read_folder(const toml::node& node, const std::string& shown, Program* program) {
    const auto* text = node.as_string();
    if (text == nullptr || text->get().empty()) {
        return fail(node.source(), shown, "it is the name of a folder");
    }
    program->folder = (folder_ / text->get()).lexically_normal().string();
    return true;
}

bool Reader::read_option(const toml::node& node,
                         const std::string& shown,
                         const RunOption& option,
                         Program* program) {
    const std::optional<std::string> text = text_of(node);
    const bool fits = option.kind == OptionKind::kSwitch   ? node.is_boolean()
                      : option.kind == OptionKind::kNumber ? node.is_integer() || node.is_string()
                                                           : node.is_string();
    if (!text || !fits) {
        const char* const takes = option.kind == OptionKind::kSwitch   ? "it is true or false"
                                  : option.kind == OptionKind::kNumber ? "it is a whole number"
                                                                       : "it is a string";
        return fail(node.source(), shown, takes);
    }
    const std::string given =
        option.kind == OptionKind::kFolder ? (folder_ / *text).string() : *text;
    const Result<std::string> value = option_value(option, given);
    if (!value.ok()) return fail(node.source(), shown, value.status().message());
    program->options[option.variable] = value.value();
    return true;
}

bool Reader::read_table(const toml::table& table,
                        const std::string& shown,
                        bool is_program,
                        Program* program) {
    for (const auto& [key, value] : table) {
        const std::string name(key.str());
        const std::string place = fmt::format("{}.{}", shown, name);
        const RunOption* const option = find_run_option(name);
        bool read = true;
        if (option != nullptr) {
            read = read_option(value, place, *option, program);
        } else if (name == "command" && is_program) {
            read = read_command(value, place, program);
        } else if (name == "env") {
            read = read_environment(value, place, program);
        } else if (name == "cwd") {
            read = read_folder(value, place, program);
        } else {
            std::vector<std::string> names = {"env", "cwd"};
            if (is_program) names.emplace_back("command");
            for (const RunOption& known : run_options()) {
                names.emplace_back(known.key);
            }
            read = unknown(key, place, names);
        }
        if (!read) return false;
    }
    if (const Status status = check_together(program->options); !status.ok()) {
        return fail(table.source(), shown, status.message());
    }
    return true;
}

bool Reader::read_document(const toml::table& document, std::vector<Program>* out_programs) {
    Program defaults;
    const toml::table* programs = nullptr;
    for (const auto& [key, value] : document) {
        const std::string name(key.str());
        if (name != "defaults" && name != "program") {
            return unknown(key, name, {"defaults", "program"});
        }
        const auto* table = value.as_table();
        if (table == nullptr) return fail(value.source(), name, "it is a table");
        if (name == "program") {
            programs = table;
        } else if (!read_table(*table, name, false, &defaults)) {
            return false;
        }
    }
    if (programs == nullptr || programs->empty()) {
        return fail(document.source(), "program", "no [program.NAME] in this file");
    }
    std::vector<std::pair<toml::source_position, Program>> found;
    for (const auto& [key, value] : *programs) {
        Program program = defaults;
        program.name = std::string(key.str());
        const std::string shown = "program." + program.name;
        const auto* table = value.as_table();
        if (table == nullptr) return fail(value.source(), shown, "it is a table");
        // Else all would be shown under the name of their interpreter, say python3.
        program.options.try_emplace("HEADWAY_NAME", program.name);
        if (!read_table(*table, shown, true, &program)) return false;
        if (program.words.empty()) return fail(key.source(), shown, "it has no command");
        found.emplace_back(key.source().begin, std::move(program));
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& left, const auto& right) {
        return left.first < right.first;
    });
    for (auto& [place, program] : found) {
        out_programs->push_back(std::move(program));
    }
    return true;
}

ConfigError Reader::read(std::vector<Program>* out_programs) {
    std::ifstream stream(file_, std::ios::binary);
    if (!stream || fs::is_directory(file_)) {
        return {fmt::format("{}: {}", file_, stream ? "it is a folder" : ::strerrordesc_np(errno))};
    }
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    try {
        read_document(toml::parse(text, file_), out_programs);
    } catch (const toml::parse_error& error) {
        error_.text = fmt::format("{}:{}:{}: {}",
                                  file_,
                                  error.source().begin.line,
                                  error.source().begin.column,
                                  error.description());
    }
    return error_;
}

}  // namespace

ConfigError read_config(const std::string& file, std::vector<Program>* out_programs) {
    return Reader(file).read(out_programs);
}

}  // namespace headway::cli
