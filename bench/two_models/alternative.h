// What a scenario needs around its processes: an MPS of its own, or certainly none.
#pragma once

#include "bench/process/mps.h"
#include "bench/process/private_folder.h"
#include "bench/two_models/options.h"

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// For the time of one scenario run.
class Alternative {
 public:
    // Starts what the scenario needs. Blocks for up to half a minute where that is MPS. Throws
    // Unavailable if the scenario can't run here.
    Alternative(const Options& options, const std::string& scenario);

    // The variables that each of the scenario's processes gets; null if there are none.
    const nlohmann::json& variables() const noexcept { return variables_; }

 private:
    std::optional<MpsDaemon> mps_;
    std::optional<PrivateFolder> no_mps_;
    nlohmann::json variables_;
};

}  // namespace headway::bench
