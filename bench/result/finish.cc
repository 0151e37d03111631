#include "bench/result/finish.h"

#include "bench/failure.h"

#include <fmt/format.h>

namespace headway::bench {

int finish(const OutputPaths& paths, const RunOutcome& outcome) {
    const std::size_t finished = outcome.result.at("scenarios").size();
    if (finished > 0) write_outputs(paths, outcome.result);
    const std::string kept =
        finished > 0
            ? fmt::format("{} finished scenario runs are kept, marked as partial", finished)
            : std::string("nothing had finished, so nothing was written");
    if (!outcome.failure.empty()) {
        fmt::print(stderr, "headway-bench: {} ({})\n", outcome.failure, kept);
        return kExitFailed;
    }
    if (outcome.interrupted) {
        fmt::print(stderr, "headway-bench: interrupted; {}\n", kept);
        return kExitFailed;
    }
    return kExitDone;
}

}  // namespace headway::bench
