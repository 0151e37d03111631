#include "bench/two_models/external.h"

#include "bench/failure.h"
#include "bench/process/find_program.h"

#include <fmt/format.h>
#include <wordexp.h>

#include <algorithm>
#include <cctype>

namespace headway::bench {
namespace {

constexpr std::size_t kNameLengthMax = 40;  // what a report shows of a name

[[noreturn]] void refuse(const std::string& line) {
    throw Failure(line, kExitBadArguments);
}

bool is_name(const std::string& text) {
    const auto fits = [](unsigned char letter) {
        return std::islower(letter) != 0 || std::isdigit(letter) != 0 || letter == '-';
    };
    return !text.empty() && text.size() <= kNameLengthMax && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), fits);
}

const char* why_not(int error) {
    switch (error) {
        case WRDE_BADCHAR:
            return "one of |&;<>(){} or a line break outside quotes";
        case WRDE_CMDSUB:
            return "a command substitution, which is not supported";
        case WRDE_SYNTAX:
            return "a quote or bracket that isn't closed";
        case WRDE_BADVAL:
            return "a variable that isn't set; put what the command itself should expand into "
                   "'...'";
        default:
            return "too many words";
    }
}

std::vector<std::string> split(const External& external) {
    wordexp_t words{};
    const int error = ::wordexp(external.command.c_str(), &words, WRDE_NOCMD | WRDE_UNDEF);
    std::vector<std::string> copies;
    if (error == 0) copies.assign(words.we_wordv, words.we_wordv + words.we_wordc);
    if (error == 0 || error == WRDE_NOSPACE) ::wordfree(&words);
    if (error != 0) {
        refuse(fmt::format("--external {}: the command has {}", external.name, why_not(error)));
    }
    if (copies.empty()) refuse(fmt::format("--external {}: there is no command", external.name));
    return copies;
}

}  // namespace

External parse_external(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
        refuse(fmt::format("--external: must be NAME=COMMAND, not {}", text));
    }
    External external = {text.substr(0, equals), text.substr(equals + 1)};
    if (!is_name(external.name)) {
        refuse(
            fmt::format("--external: the name must be up to {} lower-case letters, digits and "
                        "dashes, not {}",
                        kNameLengthMax,
                        external.name));
    }
    return external;
}

std::string external_text(const External& external) {
    return external.name + "=" + external.command;
}

const External* find_external(const std::vector<External>& externals, const std::string& name) {
    for (const External& external : externals) {
        if (external.name == name) return &external;
    }
    return nullptr;
}

std::vector<std::string> external_words(const External& external) {
    std::vector<std::string> words = split(external);
    const auto program = find_program(words.front());
    if (!program) {
        refuse(fmt::format("--external {}: {}: no such program{}",
                           external.name,
                           words.front(),
                           words.front().find('/') == std::string::npos ? " in PATH" : ""));
    }
    words.front() = *program;
    return words;
}

void check_externals(const std::vector<External>& externals,
                     const std::vector<std::string>& taken,
                     Placement placement) {
    std::vector<std::string> names = taken;
    for (const External& external : externals) {
        if (placement != Placement::kProcesses) {
            refuse(
                fmt::format("--external {}: a command needs processes; add --placement processes",
                            external.name));
        }
        if (std::find(names.begin(), names.end(), external.name) != names.end()) {
            refuse(fmt::format("--external {}: there is a scenario of that name; choose another",
                               external.name));
        }
        names.push_back(external.name);
        external_words(external);
    }
}

}  // namespace headway::bench
