// A report as plain text for a terminal.
#include "report/analysis.h"
#include "report/format.h"
#include "report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace headway::report {
namespace {

// Columns a text takes on a terminal; our own texts and model names have no wide characters.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
    }));
}

std::string padded(const std::string& text, std::size_t width, bool left) {
    const std::size_t have = width_of(text);
    const std::string space(width > have ? width - have : 0, ' ');
    return left ? text + space : space + text;
}

std::string heading(const Column& column) {
    return column.unit.empty() || column.unit == column.title
               ? column.title
               : fmt::format("{} [{}]", column.title, column.unit);
}

std::string line_of(const std::vector<std::string>& cells,
                    const Table& table,
                    const std::vector<std::size_t>& widths) {
    std::string line = "  ";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += padded(cells[i], widths[i], table.columns[i].left);
        if (i + 1 < cells.size()) line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

std::string table_text(const Table& table) {
    std::vector<std::string> head;
    std::vector<std::size_t> widths;
    for (const Column& column : table.columns) {
        head.push_back(heading(column));
        widths.push_back(width_of(head.back()));
    }
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    }
    std::string text = table.title + "\n" + line_of(head, table, widths);
    for (const auto& row : table.rows) {
        text += line_of(row, table, widths);
    }
    return text;
}

const char* met_word(const Bar& bar) {
    if (!bar.met) return "not decided";
    return *bar.met ? "met" : "not met";
}

std::string render(const BenchResult& result) {
    const Analysis analysis = analyse(result);
    std::string text = analysis.title + "\n\n";
    for (const std::string& sentence : analysis.sentences) {
        text += sentence + "\n";
    }
    if (analysis.outputs == Outputs::kEqual) text += "The outputs are equal in all scenarios.\n";
    for (const std::string& warning : analysis.warnings) {
        text += "Note: " + warning + "\n";
    }
    for (const Table& table : analysis.tables) {
        text += "\n" + table_text(table);
        if (!table.note.empty()) text += "  " + table.note + "\n";
    }
    if (!analysis.bars.empty()) text += "\nVerdict\n";
    for (const Bar& bar : analysis.bars) {
        text += fmt::format("  {:<8}  {:<11}  {}\n", bar.name, met_word(bar), bar.detail);
    }
    text += fmt::format(
        "\nHeadway {} ({})\n", printable(result.version, 40), printable(result.commit, 60));
    return text;
}

}  // namespace

Result<std::string> render_table(const BenchResult& result) noexcept {
    try {
        return render(result);
    } catch (const std::exception& error) {
        return Status::error(Code::kUnavailable, "can't write the table: %s", error.what());
    }
}

}  // namespace headway::report
