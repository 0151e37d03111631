#include "cli/commands.h"
#include "cli/find_bench.h"
#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace headway::cli {
namespace {

bool names_no_benchmark(const std::vector<std::string>& arguments) {
    if (arguments.empty()) return true;
    const std::string& first = arguments.front();
    return first[0] == '-' && first != "-h" && first != "--help" && first != "--version";
}

}  // namespace

int run_bench(const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {find_bench()};
    if (names_no_benchmark(arguments)) words.emplace_back("two-models");
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::signal(SIGPIPE, SIG_DFL);  // an ignored signal would stay ignored in the new program
    ::execvp(argv[0], argv.data());
    complain("bench",
             errno == ENOENT
                 ? std::string("headway-bench is not installed beside this program or in "
                               "PATH; it is built where LibTorch was found (libtorch-dev)")
                 : fmt::format("can't run {}: {}", words[0], ::strerrordesc_np(errno)));
    return kExitFailed;
}

}  // namespace headway::cli
