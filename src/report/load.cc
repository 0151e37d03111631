// From a path to text, and from text to checked JSON with every limit in force.
#include "base/unique_fd.h"
#include "report/parse.h"
#include "report/result.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>

namespace headway::report {
namespace {

// Nesting and number of values, found without building anything: a few bytes of JSON can otherwise
// ask for a hundred times their size in memory.
struct Extent {
    int depth_max = 0;
    std::size_t values = 1;
};

Extent measure(std::string_view text) noexcept {
    Extent extent;
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
            continue;
        }
        if (c == '"') in_string = true;
        if (c == ',') ++extent.values;
        if (c == '[' || c == '{') ++extent.values, ++depth;
        if (c == ']' || c == '}') --depth;
        if (depth > extent.depth_max) extent.depth_max = depth;
    }
    return extent;
}

Status check_limits(std::string_view text) noexcept {
    if (text.size() > kFileBytesMax) {
        return Status::error(Code::kCorrupt, "larger than %zu MiB", kFileBytesMax >> 20);
    }
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return Status::error(Code::kCorrupt, "the file is empty");
    }
    const Extent extent = measure(text);
    if (extent.depth_max > kDepthMax) {
        return Status::error(Code::kCorrupt, "nested deeper than %d levels", kDepthMax);
    }
    if (extent.values > kValuesMax) {
        return Status::error(Code::kCorrupt, "more than %zu values", kValuesMax);
    }
    return {};
}

Status describe_parse_error(const Json::parse_error& error, std::string_view text) {
    if (error.byte >= text.size()) {
        return Status::error(Code::kCorrupt,
                             "the JSON ends in the middle, at byte %zu: is the file cut off?",
                             text.size());
    }
    return Status::error(Code::kCorrupt, "not JSON: unexpected input at byte %zu", error.byte);
}

Result<std::string> read_file(const std::string& path) {
    // O_NONBLOCK: opening a named pipe must not wait for its writer.
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.valid()) return Status::error(Code::kNotFound, "%s", ::strerrordesc_np(errno));

    struct stat info {};

    if (::fstat(file.get(), &info) != 0) {
        return Status::error(Code::kUnavailable, "%s", ::strerrordesc_np(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return Status::error(Code::kInvalidArgument, "not a regular file");
    }
    if (info.st_size < 0 || static_cast<std::size_t>(info.st_size) > kFileBytesMax) {
        return Status::error(Code::kCorrupt, "larger than %zu MiB", kFileBytesMax >> 20);
    }
    std::string text(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const ssize_t count = ::read(file.get(), text.data() + have, text.size() - have);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return Status::error(Code::kUnavailable, "%s", ::strerrordesc_np(errno));
        if (count == 0) break;
        have += static_cast<std::size_t>(count);
    }
    text.resize(have);
    return text;
}

}  // namespace

Result<BenchResult> parse_result(std::string_view json_text) noexcept {
    // The JSON library reports by exceptions; none of them leaves this function.
    try {
        const Status limits = check_limits(json_text);
        if (!limits.ok()) return limits;
        return interpret(Json::parse(json_text));
    } catch (const Json::parse_error& error) {
        return describe_parse_error(error, json_text);
    } catch (const std::exception& error) {
        return Status::error(Code::kCorrupt, "can't be read: %s", error.what());
    }
}

Result<BenchResult> load_result(const std::string& path) noexcept {
    try {
        const Result<std::string> text = read_file(path);
        if (!text.ok()) return text.status();
        return parse_result(text.value());
    } catch (const std::exception& error) {
        return Status::error(Code::kUnavailable, "can't be read: %s", error.what());
    }
}

}  // namespace headway::report
