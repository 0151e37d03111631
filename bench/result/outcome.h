// How a run ended.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// NOLINTNEXTLINE(bugprone-exception-escape): a default json allocates nothing
struct RunOutcome {
    nlohmann::json result;  // the result file's content, partial or not
    bool interrupted = false;
    std::string failure;  // why the run ended early, "" if it did not
};

}  // namespace headway::bench
