#include "bench/result/outputs.h"

#include "bench/failure.h"
#include "report/report.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace headway::bench {
namespace {

struct Wanted {
    const char* option;
    const std::string* path;
};

std::vector<Wanted> wanted_files(const OutputPaths& paths) {
    std::vector<Wanted> wanted;
    for (const Wanted& file : {Wanted{"--json", &paths.json},
                               Wanted{"--html", &paths.html},
                               Wanted{"--markdown", &paths.markdown}}) {
        if (!file.path->empty()) wanted.push_back(file);
    }
    return wanted;
}

[[noreturn]] void refuse(const Wanted& file, const std::string& why) {
    throw Failure(
        fmt::format("{} {}: {}; name a file that can be written", file.option, *file.path, why),
        kExitBadArguments);
}

// Replacing a file in one step needs the right to write in its folder as well.
void check_writable(const Wanted& file) {
    struct stat info {};

    const std::string& path = *file.path;
    if (::stat(path.c_str(), &info) == 0) {
        if (S_ISDIR(info.st_mode)) refuse(file, "is a directory");
        if (::access(path.c_str(), W_OK) != 0) refuse(file, std::strerror(errno));
        if (!S_ISREG(info.st_mode)) return;
    }
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        refuse(file, fmt::format("folder {}: {}", folder, std::strerror(errno)));
    }
}

report::BenchResult read_back(const nlohmann::json& result) {
    Result<report::BenchResult> parsed = report::parse_result(result.dump());
    if (parsed.ok()) return std::move(parsed.value());
    throw Failure(fmt::format("this program wrote a result that it can't read: {}",
                              parsed.status().message()));
}

// A page with no measurements: shows before the run whether pages can be made here.
void check_page(const OutputPaths& paths) {
    if (paths.html.empty()) return;
    const Result<std::string> page = report::render_html(report::BenchResult());
    if (page.ok()) return;
    throw Failure(fmt::format("--html: {}", page.status().message()), kExitBadArguments);
}

// Remembers the first problem and goes on, so that one bad file does not cost the others.
class Attempts {
 public:
    void write(const std::string& path, const Result<std::string>& text) {
        if (path.empty()) return;
        const Status status = text.ok() ? report::write_file(path, text.value()) : text.status();
        if (!status.ok() && first_.empty()) {
            first_ = fmt::format("{}: {}", path, status.message());
        }
    }

    void print(const Result<std::string>& text) {
        if (!text.ok() && first_.empty()) first_ = text.status().message();
        if (!text.ok()) return;
        const bool written =
            std::fputs(text.value().c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
        if (!written && first_.empty()) first_ = "can't write to standard output";
    }

    void finish() const {
        if (!first_.empty()) throw Failure(first_);
    }

 private:
    std::string first_;
};

}  // namespace

void add_output_options(CLI::App& app, OutputPaths& paths) {
    const char* const group = "Output (a table always goes to standard output)";
    app.add_option("--json", paths.json, "Write the result file, for `headway report`")
        ->type_name("FILE")
        ->group(group);
    app.add_option("--html", paths.html, "Write one page with plots that opens offline")
        ->type_name("FILE")
        ->group(group);
    app.add_option("--markdown", paths.markdown, "Write the table as Markdown")
        ->type_name("FILE")
        ->group(group);
}

void check_outputs(const OutputPaths& paths) {
    const std::vector<Wanted> wanted = wanted_files(paths);
    for (const Wanted& file : wanted)
        check_writable(file);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        for (std::size_t j = i + 1; j < wanted.size(); ++j) {
            if (*wanted[i].path == *wanted[j].path) {
                refuse(wanted[j], fmt::format("{} names the same file", wanted[i].option));
            }
        }
    }
    check_page(paths);
}

void write_outputs(const OutputPaths& paths, const nlohmann::json& result) {
    const report::BenchResult parsed = read_back(result);
    Attempts attempts;
    attempts.write(paths.json, result.dump(1) + '\n');
    if (!paths.html.empty()) attempts.write(paths.html, report::render_html(parsed));
    if (!paths.markdown.empty()) attempts.write(paths.markdown, report::render_markdown(parsed));
    attempts.print(report::render_table(parsed));
    attempts.finish();
}

}  // namespace headway::bench
