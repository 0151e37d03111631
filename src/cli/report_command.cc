#include "cli/commands.h"
#include "cli/output.h"
#include "report/report.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace headway::cli {
namespace {

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string chosen_format(const ReportOptions& options) {
    if (!options.format.empty()) return options.format;
    if (ends_with(options.output, ".html") || ends_with(options.output, ".htm")) return "html";
    return ends_with(options.output, ".md") ? "markdown" : "table";
}

bool same_file(const std::string& left, const std::string& right) {
    struct stat a {};

    struct stat b {};

    return ::stat(left.c_str(), &a) == 0 && ::stat(right.c_str(), &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int refuse(std::string_view text) {
    complain("report", text);
    return kExitBadArguments;
}

}  // namespace

int run_report(const ReportOptions& options) {
    const std::string format = chosen_format(options);
    if (format == "html" && options.output.empty() && ::isatty(STDOUT_FILENO) == 1) {
        return refuse("a page is not for a terminal: add -o FILE.html");
    }
    if (!options.output.empty() && same_file(options.file, options.output)) {
        return refuse(
            fmt::format("{} is the result itself: choose another output", options.output));
    }
    const Result<report::BenchResult> result = report::load_result(options.file);
    if (!result.ok()) return refuse(fmt::format("{}: {}", options.file, result.status().message()));
    const Result<std::string> text = format == "html" ? report::render_html(result.value())
                                     : format == "markdown"
                                         ? report::render_markdown(result.value())
                                         : report::render_table(result.value());
    if (!text.ok()) {
        complain("report", text.status().message());
        return kExitFailed;
    }
    if (options.output.empty()) return print(text.value());
    const Status written = report::write_file(options.output, text.value());
    if (written.ok()) return kExitDone;
    return refuse(fmt::format("{}: {}", options.output, written.message()));
}

}  // namespace headway::cli
