// Result files from anywhere: whatever the bytes, reading ends with a result or one printable line,
// and a result can be rendered.
#include "report/report.h"
#include "report/result.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

using namespace headway::report;

void require(bool condition) {
    if (!condition) std::abort();
}

void render_everything(const BenchResult& result) {
    const auto table = render_table(result);
    require(table.ok());
    require(table.value().find('\x1b') == std::string::npos);
    require(render_markdown(result).ok());
    // Without Chart.js there is no page, and that is no fault of the input.
    const auto page = render_html(result);
    if (page.ok()) require(page.value().find("<script>alert") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto result = parse_result({reinterpret_cast<const char*>(data), size});
    if (result.ok()) {
        render_everything(result.value());
    } else {
        const std::string_view message = result.status().message();
        require(!message.empty());
        require(message.find('\n') == std::string_view::npos);
    }
    return 0;
}
