// A report as GitHub-flavoured Markdown.
#include "report/analysis.h"
#include "report/format.h"
#include "report/report.h"

#include <fmt/format.h>

#include <exception>

namespace headway::report {
namespace {

std::string row_of(const std::vector<std::string>& cells) {
    std::string line = "|";
    for (const std::string& cell : cells) {
        line += fmt::format(" {} |", cell);
    }
    return line + "\n";
}

std::string table_text(const Table& table) {
    std::vector<std::string> head;
    std::vector<std::string> rule;
    for (const Column& column : table.columns) {
        head.push_back(column.unit.empty() ? markdown_escaped(column.title)
                                           : markdown_escaped(column.title + " " + column.unit));
        rule.emplace_back(column.left ? ":--" : "--:");
    }
    std::string text = fmt::format("### {}\n\n", markdown_escaped(table.title));
    text += row_of(head) + row_of(rule);
    for (const auto& row : table.rows) {
        std::vector<std::string> cells;
        cells.reserve(row.size());
        for (const std::string& cell : row) {
            cells.push_back(markdown_escaped(cell));
        }
        text += row_of(cells);
    }
    if (!table.note.empty()) text += fmt::format("\n{}\n", markdown_escaped(table.note));
    return text + "\n";
}

std::string verdict_text(const std::vector<Bar>& bars) {
    if (bars.empty()) return {};
    std::string text = "### Verdict\n\n| bar | met | why |\n| :-- | :-- | :-- |\n";
    for (const Bar& bar : bars) {
        const char* met = !bar.met ? "not decided" : *bar.met ? "yes" : "**no**";
        text += fmt::format(
            "| {} | {} | {} |\n", markdown_escaped(bar.name), met, markdown_escaped(bar.detail));
    }
    return text + "\n";
}

std::string list_text(const char* title, const NamedTexts& entries) {
    std::string text;
    for (const auto& [name, value] : entries) {
        if (!text.empty()) text += ", ";
        text += fmt::format("{} {}",
                            markdown_escaped(printable(name, 60)),
                            markdown_escaped(printable(value, 200)));
    }
    return text.empty() ? text : fmt::format("{}: {}.\n\n", title, text);
}

std::string render(const BenchResult& result) {
    const Analysis analysis = analyse(result);
    std::string text = fmt::format("## {}\n\n", markdown_escaped(analysis.title));
    std::vector<std::string> sentences = analysis.sentences;
    if (analysis.outputs == Outputs::kEqual) {
        sentences.emplace_back("The outputs are equal in all scenarios.");
    }
    text += markdown_escaped(fmt::format("{}", fmt::join(sentences, " ")));
    text += "\n\n";
    for (const std::string& warning : analysis.warnings) {
        text += fmt::format("> **Note.** {}\n\n", markdown_escaped(warning));
    }
    for (const Table& table : analysis.tables) {
        text += table_text(table);
    }
    text += verdict_text(analysis.bars);
    text += list_text("Machine", result.host);
    text += list_text("Options", result.config);
    text += fmt::format("Headway {} ({}).\n",
                        markdown_escaped(printable(result.version, 40)),
                        markdown_escaped(printable(result.commit, 60)));
    return text;
}

}  // namespace

Result<std::string> render_markdown(const BenchResult& result) noexcept {
    try {
        return render(result);
    } catch (const std::exception& error) {
        return Status::error(Code::kUnavailable, "can't write Markdown: %s", error.what());
    }
}

}  // namespace headway::report
