// What a program printed, line by line.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace headway::test {

// How many of the lines contain the text.
inline int count_lines(const std::vector<std::string>& lines, const std::string& text) {
    return static_cast<int>(std::count_if(lines.begin(), lines.end(), [&](const auto& line) {
        return line.find(text) != std::string::npos;
    }));
}

// The lines joined, for failure messages.
inline std::string text_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += line + "\n";
    return text;
}

}  // namespace headway::test
