// Writes invented result files, and their pages, for tests of programs: two-models, single,
// overhead. A page is left out where Chart.js is not installed.
#include "report/report.h"
#include "tests/report/sample.h"

#include <fstream>
#include <iostream>
#include <string>

namespace {

using namespace headway::report;

bool write_sample(const std::string& stem, const nlohmann::json& file) {
    const std::string text = file.dump();
    std::ofstream(stem + ".json") << text;
    const auto result = parse_result(text);
    if (!result.ok()) {
        std::cerr << stem << ": " << result.status().message() << "\n";
        return false;
    }
    std::ofstream(stem + ".html", std::ios::trunc);
    const auto page = render_html(result.value());
    if (!page.ok()) std::cerr << "no page: " << page.status().message() << "\n";
    if (page.ok()) std::ofstream(stem + ".html") << page.value();
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: write_sample FOLDER\n";
        return 2;
    }
    const std::string folder = argv[1];
    const bool written = write_sample(folder + "/two-models", test::sample_two_models(5, 240)) &&
                         write_sample(folder + "/single", test::sample_two_models(1, 4000)) &&
                         write_sample(folder + "/overhead", test::sample_overhead(3));
    return written ? 0 : 1;
}
