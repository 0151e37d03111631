// Numbers and foreign text in a form that a person reads. Pure functions; thread-safe.
#pragma once

#include "report/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace headway::report {

// The text without control characters (a result file must not steer a terminal), cut to about
// `bytes_max` bytes with an ellipsis, never inside a UTF-8 sequence.
std::string printable(std::string_view text, std::size_t bytes_max);

// Three significant digits or all digits before the point, whichever is more: 0.213, 43.1, 1,234.
std::string significant(double value);

// significant(), or a dash for a missing or not finite number.
std::string number_text(const Number& value);

// A ratio with three decimals (1.002 is not 1.00 here), or a dash.
std::string ratio_text(const Number& value);

// A whole number with thousands separators, or a dash.
std::string count_text(const Number& value);

// "43.1 ms".
std::string ms_text(double value_ms);

// "97 %", of a ratio of 0.97.
std::string percent_text(double ratio);

// The text for use in HTML, in content and in quoted attributes.
std::string html_escaped(std::string_view text);

// The text for use in a Markdown table cell.
std::string markdown_escaped(std::string_view text);

}  // namespace headway::report
