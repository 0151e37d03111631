#include "bench/suite/overview.h"

#include "bench/failure.h"
#include "report/format.h"
#include "report/report.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace headway::bench {
namespace {

using report::html_escaped;
using report::markdown_escaped;
using report::printable;

struct Entry {
    std::string name;
    report::BenchResult result;
};

std::string path_in(const std::string& folder, const std::string& file) {
    return (std::filesystem::path(folder) / file).string();
}

void write(const std::string& path, const Result<std::string>& text) {
    const Status status = text.ok() ? report::write_file(path, text.value()) : text.status();
    if (!status.ok()) throw Failure(fmt::format("{}: {}", path, status.message()));
}

std::vector<Entry> load_all(const std::string& folder, const std::vector<std::string>& names) {
    std::vector<Entry> entries;
    for (const std::string& name : names) {
        const std::string path = path_in(folder, name + ".json");
        if (!std::filesystem::exists(path)) continue;
        Result<report::BenchResult> result = report::load_result(path);
        if (!result.ok()) throw Failure(fmt::format("{}: {}", path, result.status().message()));
        entries.push_back({name, std::move(result.value())});
    }
    return entries;
}

// "minimum met, ideal not met".
std::string verdict_of(const report::BenchResult& result) {
    std::vector<std::string> parts;
    for (const report::Bar& bar : result.verdict) {
        const char* const met = !bar.met ? "not decided" : *bar.met ? "met" : "not met";
        parts.push_back(fmt::format("{} {}", printable(bar.name, 40), met));
    }
    if (result.partial) parts.emplace_back("interrupted");
    return fmt::format("{}", fmt::join(parts, ", "));
}

// "p99_vs_alone 1.021, ...", in the order of the file.
std::string ratios_of(const report::BenchResult& result) {
    std::vector<std::string> parts;
    for (const report::Ratio& ratio : result.summary) {
        parts.push_back(
            fmt::format("{} {}", printable(ratio.name, 60), report::ratio_text(ratio.median)));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string markdown(const std::vector<Entry>& entries) {
    std::string text = "# Benchmarks\n\n| benchmark | verdict | ratios |\n| :-- | :-- | :-- |\n";
    for (const Entry& entry : entries) {
        text += fmt::format("| {} | {} | {} |\n",
                            markdown_escaped(entry.name),
                            markdown_escaped(verdict_of(entry.result)),
                            markdown_escaped(ratios_of(entry.result)));
    }
    for (const Entry& entry : entries) {
        const Result<std::string> one = report::render_markdown(entry.result);
        if (!one.ok()) throw Failure(one.status().message());
        text += fmt::format("\n# {}\n\n{}", markdown_escaped(entry.name), one.value());
    }
    return text;
}

std::string html(const std::vector<Entry>& entries) {
    std::string rows;
    for (const Entry& entry : entries) {
        rows +=
            fmt::format("<tr><td><a href=\"{0}.html\">{0}</a></td><td>{1}</td><td>{2}</td></tr>\n",
                        html_escaped(entry.name),
                        html_escaped(verdict_of(entry.result)),
                        html_escaped(ratios_of(entry.result)));
    }
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
        "charset=\"utf-8\"><title>Benchmarks</title>\n"
        "<style>body{{font-family:sans-serif;margin:2em}}td,th{{text-align:left;vertical-align:top;"
        "padding:.3em 1em .3em 0;border-bottom:1px solid #ccc}}</style></head>\n"
        "<body><h1>Benchmarks</h1><table><tr><th>benchmark</th><th>verdict</th><th>ratios</th></"
        "tr>\n"
        "{}</table></body></html>\n",
        rows);
}

// False, with a line on standard error, where pages can't be made.
bool write_pages(const std::string& folder, const std::vector<Entry>& entries) {
    const Result<std::string> trial = report::render_html(report::BenchResult());
    if (!trial.ok()) {
        fmt::print(stderr, "headway-bench: no HTML pages: {}\n", trial.status().message());
        return false;
    }
    for (const Entry& entry : entries)
        write(path_in(folder, entry.name + ".html"), report::render_html(entry.result));
    write(path_in(folder, "report.html"), html(entries));
    return true;
}

}  // namespace

std::string write_overview(const std::string& folder, const std::vector<std::string>& names) {
    const std::vector<Entry> entries = load_all(folder, names);
    if (entries.empty()) return {};
    write(path_in(folder, "report.md"), markdown(entries));
    const bool pages = write_pages(folder, entries);
    std::string text;
    for (const Entry& entry : entries)
        text += fmt::format("{:<26}{}\n", entry.name, verdict_of(entry.result));
    return text + fmt::format("report: {}{}\n",
                              path_in(folder, "report.md"),
                              pages ? ", " + path_in(folder, "report.html") : std::string());
}

}  // namespace headway::bench
