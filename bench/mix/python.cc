#include "bench/mix/python.h"

#include "bench/failure.h"
#include "bench/mix/catalog.h"
#include "bench/process/child.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <vector>

namespace headway::bench {
namespace {

constexpr std::chrono::milliseconds kTick{250};

// Its last word: the event "result" or "failure", or null if it has said neither.
nlohmann::json ask(const std::string& program, const std::string& device) {
    ChildProcess child(
        {{"program", {program, "-B", mix_programs_folder() + "/probe.py"}}, {"device", device}}, 0);
    nlohmann::json last;
    while (!child.ended()) {
        while (const auto event = child.next_event(kTick))
            last = *event;
    }
    return last;
}

}  // namespace

PythonFacts find_python(const std::string& program, const std::string& device) {
    // Debian's has python3-torch, where a developer's own often has not.
    std::vector<std::string> candidates = {"python3", "/usr/bin/python3"};
    if (!program.empty()) candidates = {program};
    std::vector<std::string> problems;
    for (const std::string& candidate : candidates) {
        const nlohmann::json said = ask(candidate, device);
        if (said.is_object() && said.at("event") == "result") {
            return {candidate,
                    said.at("python").get<std::string>(),
                    said.at("torch").get<std::string>()};
        }
        problems.push_back(fmt::format(
            "{}: {}",
            candidate,
            said.is_object() ? said.at("message").get<std::string>() : "it ended without a word"));
    }
    throw Failure(fmt::format("--python: {}; name a Python whose PyTorch can use {} (Debian's: "
                              "python3-torch)",
                              fmt::join(problems, "; "),
                              device),
                  kExitBadArguments);
}

}  // namespace headway::bench
