#include "base/process.h"

#include "base/unique_fd.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace headway {

namespace {

constexpr std::uint64_t kPidMask = (1U << 22) - 1;
constexpr std::uint64_t kNamespaceMask = (1U << 10) - 1;

std::uint64_t namespace_inode() noexcept {
    struct stat info {};

    return ::stat("/proc/self/ns/pid", &info) == 0 ? info.st_ino : 0;
}

struct ProcessFacts {
    std::uint64_t start_ticks = 0;  // 0: unknown
    bool defunct = false;           // a zombie with no thread left: it runs nothing
    ImageMark image = 0;
};

// Where a program's stack begins is chosen at random by each exec(). It is told to processes of the
// same user only; others read 0.
ImageMark mark_of_stack(std::uint64_t start) noexcept {
    return static_cast<ImageMark>((start >> 4) ^ (start >> 36));
}

// Fields 3, 20, 22 and 28 of /proc/PID/stat. The second field, the name, may itself hold spaces and
// parentheses, so fields are counted from the last ')'.
ProcessFacts read_facts(std::uint32_t pid) noexcept {
    ProcessFacts facts;
    char path[32];
    std::snprintf(path, sizeof(path), "/proc/%u/stat", pid);
    const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return facts;
    char text[1024];
    const ssize_t count = ::read(file.get(), text, sizeof(text) - 1);
    if (count <= 0) return facts;
    text[count] = '\0';
    char state = '?';
    std::uint64_t threads = 0;
    const char* field = std::strrchr(text, ')');
    for (int index = 3; field != nullptr && index <= 28; ++index) {
        field = std::strchr(field + 1, ' ');
        if (field == nullptr) return facts;
        if (index == 3) state = field[1];
        if (index == 20) threads = std::strtoull(field + 1, nullptr, 10);
        if (index == 22) facts.start_ticks = std::strtoull(field + 1, nullptr, 10);
        if (index == 28) facts.image = mark_of_stack(std::strtoull(field + 1, nullptr, 10));
    }
    // A leader that has exited while its other threads go on is a zombie too, and is not dead.
    facts.defunct = (state == 'Z' || state == 'X') && threads <= 1;
    return facts;
}

}  // namespace

ProcessWord make_process_word(std::uint32_t pid,
                              std::uint64_t namespace_id,
                              std::uint64_t start) noexcept {
    return ((pid & kPidMask) << 42) | ((namespace_id & kNamespaceMask) << 32) |
           static_cast<std::uint32_t>(start);
}

ProcessWord this_process() noexcept {
    static std::atomic<ProcessWord> cached{0};
    const auto pid = static_cast<std::uint32_t>(::getpid());
    // Relaxed: the word carries all of its own data, and two threads would store the same value.
    ProcessWord word = cached.load(std::memory_order_relaxed);
    if (word == 0 || process_pid(word) != pid) {
        word = make_process_word(pid, namespace_inode(), read_facts(pid).start_ticks);
        cached.store(word, std::memory_order_relaxed);
    }
    return word;
}

ImageMark this_image() noexcept {
    static std::atomic<ImageMark> cached{0};
    ImageMark image = cached.load(std::memory_order_relaxed);
    if (image == 0) {
        image = read_facts(static_cast<std::uint32_t>(::getpid())).image;
        cached.store(image, std::memory_order_relaxed);
    }
    return image;
}

bool process_alive(ProcessWord word) noexcept {
    return process_runs(word, 0);
}

bool process_runs(ProcessWord word, ImageMark image) noexcept {
    constexpr std::uint64_t kNamespaceField = kNamespaceMask << 32;
    if ((word & kNamespaceField) != (this_process() & kNamespaceField)) return true;
    const std::uint32_t pid = process_pid(word);
    if (pid == 0) return false;
    if (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return false;
    const ProcessFacts facts = read_facts(pid);
    if (facts.defunct) return false;
    if (image != 0 && facts.image != 0 && image != facts.image) return false;
    const auto start = static_cast<std::uint32_t>(facts.start_ticks);
    return start == 0 || static_cast<std::uint32_t>(word) == 0 ||
           start == static_cast<std::uint32_t>(word);
}

}  // namespace headway
