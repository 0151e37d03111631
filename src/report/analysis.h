// What a result says, in words and tables, independent of the form it is printed in. Internal to
// the report library. Functions may throw std::bad_alloc; the render functions catch it.
#pragma once

#include "report/result.h"

#include <string>
#include <vector>

namespace headway::report {

// A table whose first column is text on the left and whose other columns are numbers on the right
// (unless `left`). Cells are printable text, not yet escaped for any format.
struct Column {
    std::string title;
    std::string unit;  // "" for none
    bool left = false;
};

struct Table {
    std::string title;
    std::string note;  // one sentence under the table, or ""
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;
};

// All repeats of one scenario (and workload), each number the median over the repeats that have it.
struct Group {
    std::string name;
    std::string workload;
    std::string label;  // name, with the workload in front where there is one
    std::vector<const Scenario*> repeats;
    HighNumbers high;  // without the lists
    LowNumbers low;
    Number total_time_s, tasks_per_s;
    bool has_high = false;
    bool has_low = false;
};

enum class Outputs { kUnknown, kEqual, kDifferent };

struct Analysis {
    std::string title;
    std::string high_model;
    std::string low_model;
    std::vector<std::string> sentences;  // the summary, in plain words
    std::vector<std::string> warnings;   // partial run, smaller batch, outputs that differ
    std::vector<Group> groups;           // alone first, then native, then headway, then others
    std::vector<Table> tables;
    std::vector<Bar> bars;  // the verdict, each with a detail
    Number exclusive_bound_per_s;
    std::size_t repeats = 0;  // of the scenario that has most
    Outputs outputs = Outputs::kUnknown;
};

// `result` must outlive the analysis, which points into it.
Analysis analyse(const BenchResult& result);

// The group of that name, or null.
const Group* find_group(const Analysis& analysis, std::string_view name);

// The median of values, which must not be empty; the mean of the middle two for an even count.
double median(std::vector<double> values);

// The ratio of that name, or null.
const Ratio* find_ratio(const BenchResult& result, std::string_view name);

// What each bar of the verdict asks for, by its name; "" for an unknown one.
std::string bar_meaning(std::string_view name);

}  // namespace headway::report
