#include "base/unique_fd.h"
#include "report/report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace headway::report {
namespace {

Status system_error(const char* what) {
    return Status::error(Code::kUnavailable, "%s: %s", what, ::strerrordesc_np(errno));
}

Status write_all(int fd, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = ::write(fd, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("can't write");
        done += static_cast<std::size_t>(count);
    }
    return {};
}

// For what is there already and is no regular file, such as /dev/stdout.
Status write_into(const std::string& path, const std::string& text) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return file.valid() ? write_all(file.get(), text) : system_error("can't open for writing");
}

// The permissions that open() would give a new file: mkostemp() makes it private. The mask can only
// be read by setting it, which other threads could see, so it is taken from /proc.
mode_t new_file_mode() {
    mode_t mask = 022;
    if (std::FILE* file = std::fopen("/proc/self/status", "re")) {
        char line[256];
        unsigned value = 0;
        while (std::fgets(line, sizeof line, file) != nullptr) {
            if (std::sscanf(line, "Umask: %o", &value) == 1) mask = value;
        }
        std::fclose(file);
    }
    return 0666U & ~mask;
}

// Through a neighbour and a rename, so that a full disk or a crash leaves the old file as it was.
Status replace(const std::string& path, const std::string& text, mode_t mode) {
    std::string temporary = path + ".XXXXXX";
    const UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.valid()) return system_error("can't create a file there");
    Status status = write_all(file.get(), text);
    if (status.ok() && ::fchmod(file.get(), mode) != 0) status = system_error("can't set its mode");
    if (status.ok() && ::fsync(file.get()) != 0) status = system_error("can't write");
    if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
        status = system_error("can't put it in place");
    }
    if (!status.ok()) ::unlink(temporary.c_str());
    return status;
}

Status write_path(const std::string& path, const std::string& text) {
    struct stat info {};

    if (::stat(path.c_str(), &info) != 0) {
        if (errno != ENOENT || ::lstat(path.c_str(), &info) == 0) {
            return system_error("can't write");
        }
        return replace(path, text, new_file_mode());
    }
    if (S_ISDIR(info.st_mode)) return Status::error(Code::kInvalidArgument, "is a directory");
    if (!S_ISREG(info.st_mode)) return write_into(path, text);
    if (::access(path.c_str(), W_OK) != 0) return system_error("can't overwrite");
    // The file that a link names is replaced, not the link.
    char* target = ::realpath(path.c_str(), nullptr);
    if (target == nullptr) return system_error("can't follow the link");
    const std::string resolved = target;
    std::free(target);
    return replace(resolved, text, info.st_mode & 07777U);
}

}  // namespace

Status write_file(const std::string& path, const std::string& text) noexcept {
    try {
        return write_path(path, text);
    } catch (const std::exception& error) {
        return Status::error(Code::kUnavailable, "can't write: %s", error.what());
    }
}

}  // namespace headway::report
