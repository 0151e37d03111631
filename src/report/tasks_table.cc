#include "report/format.h"
#include "report/tables.h"

namespace headway::report {

Table tasks_table(const Analysis& analysis) {
    Table table;
    table.title = "Total time, and low's tasks";
    table.note =
        "From the common start to the end of the last task; P50 to max are of low's tasks.";
    table.columns = {{"scenario", "", true},
                     {"total", "s"},
                     {"tasks/s", ""},
                     {"low tasks", ""},
                     {"P50", "ms"},
                     {"P99", "ms"},
                     {"max", "ms"}};
    for (const Group& group : analysis.groups) {
        if (!group.total_time_s) continue;
        table.rows.push_back({group.label,
                              number_text(group.total_time_s),
                              number_text(group.tasks_per_s),
                              count_text(group.low.requests),
                              number_text(group.low.p50_ms),
                              number_text(group.low.p99_ms),
                              number_text(group.low.max_ms)});
    }
    return table;
}

}  // namespace headway::report
