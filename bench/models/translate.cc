#include "bench/models/translate.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace headway::bench {
namespace {

// LibTorch, its allocators and the libraries below it say "out of memory" in many ways.
bool means_out_of_memory(std::string_view text) {
    constexpr std::array<std::string_view, 6> kPhrases = {"out of memory",
                                                          "can't allocate memory",
                                                          "not enough memory",
                                                          "Cannot allocate memory",
                                                          "ALLOC_FAILED",
                                                          "bad_alloc"};
    for (const std::string_view phrase : kPhrases) {
        if (text.find(phrase) != std::string_view::npos) return true;
    }
    return false;
}

// The first line, without the "[enforce fail at FILE:LINE] condition. " that some messages begin
// with.
std::string first_line(std::string_view text) {
    std::string_view line = text.substr(0, text.find('\n'));
    if (const std::size_t end = line.find(". ");
        line.rfind("[enforce fail", 0) == 0 && end < line.size()) {
        line.remove_prefix(end + 2);
    }
    return std::string(line);
}

}  // namespace

void throw_as_ours(const char* message) {
    const std::string line = first_line(message);
    if (means_out_of_memory(line)) throw OutOfMemory(line);
    const bool dtype_missing = line.find("not implemented for '") != std::string::npos;
    throw Failure(fmt::format(
        "LibTorch: {}{}", line, dtype_missing ? "; use --dtype fp32 or bf16 on this device" : ""));
}

}  // namespace headway::bench
