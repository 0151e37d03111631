#include "report/chartjs.h"

#include "base/env.h"
#include "report/chartjs_path.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace headway::report {
namespace {

constexpr std::size_t kScriptBytesMax = std::size_t{4} << 20;  // Chart.js has 0.2 MiB

Status unusable(const char* path, const char* why) {
    return Status::error(Code::kNotFound,
                         "HTML needs Chart.js, but %s: %s (install libjs-chart.js, or set "
                         "HEADWAY_CHARTJS to chart.min.js or chart.umd.js)",
                         path,
                         why);
}

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<std::string> load_chartjs() {
    const char* path = env_text("HEADWAY_CHARTJS", kChartJsPath);
    const std::unique_ptr<std::FILE, Close> file(std::fopen(path, "re"));
    if (!file) return unusable(path, ::strerrordesc_np(errno));
    std::string text(kScriptBytesMax, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0) return unusable(path, ::strerrordesc_np(errno));
    if (text.substr(0, 200).find("Chart.js v") == std::string::npos) {
        return unusable(path, "is not Chart.js as one plain script");
    }
    if (text.size() == kScriptBytesMax || text.find("</script") != std::string::npos) {
        return unusable(path, "can't stand inside an HTML page");
    }
    return text;
}

}  // namespace headway::report
