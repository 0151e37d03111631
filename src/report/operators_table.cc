#include "report/format.h"
#include "report/tables.h"

#include <algorithm>
#include <string>

namespace headway::report {
namespace {

// The ratio "X_share" of the class of that name, in percent.
std::string share(const BenchResult& result, std::string name, const char* ending) {
    std::replace(name.begin(), name.end(), ' ', '_');
    const Ratio* const ratio = find_ratio(result, name + ending);
    return ratio == nullptr || !ratio->median ? std::string() : percent_text(*ratio->median);
}

}  // namespace

Table operators_table(const BenchResult& result, const Analysis& analysis) {
    Table table;
    table.title = "Operators" + of_model(analysis.high_model);
    table.note =
        "Each operator of a pass, alone on the device. The wait is that of a request that comes at "
        "any moment of the pass, for the operator that runs then.";
    table.columns = {{"class", "", true},
                     {"in a pass", ""},
                     {"P50", "ms"},
                     {"max", "ms"},
                     {"of the time", ""},
                     {"of the wait", ""}};
    for (const Group& group : analysis.groups) {
        if (!group.has_high) continue;
        table.rows.push_back({group.label,
                              count_text(group.high.requests),
                              number_text(group.high.p50_ms),
                              number_text(group.high.max_ms),
                              share(result, group.name, "_share"),
                              share(result, group.name, "_wait_share")});
    }
    return table;
}

}  // namespace headway::report
