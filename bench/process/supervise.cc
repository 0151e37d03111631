#include "bench/process/supervise.h"

#include "bench/process/group.h"

#include <utility>

namespace headway::bench {

ChildReport supervise(const nlohmann::json& job, int cpus, Progress& progress) {
    GroupReport group = supervise_group({{"", job}}, cpus, progress);
    ChildReport report;
    report.end = group.end;
    report.message = std::move(group.message);
    if (report.end == ChildEnd::kDone) report.result = std::move(group.results.front());
    return report;
}

}  // namespace headway::bench
