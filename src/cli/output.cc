#include "cli/output.h"

#include "cli/commands.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace headway::cli {

int print(std::string_view text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (written && std::fflush(stdout) == 0) return kExitDone;
    if (errno != EPIPE) {
        fmt::print(
            stderr, "headway: can't write to standard output: {}\n", ::strerrordesc_np(errno));
    }
    return kExitFailed;
}

void complain(std::string_view command, std::string_view text) {
    fmt::print(stderr, "headway {}: {}\n", command, text);
}

}  // namespace headway::cli
