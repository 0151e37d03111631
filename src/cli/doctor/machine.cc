// Processor, kernel, and the folder of the boards.
#include "board/board.h"
#include "board/inspect.h"
#include "board/layout.h"
#include "cli/doctor/sections.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace headway::doctor {
namespace {

constexpr const char* kOwnFolder = "set HEADWAY_BOARD_DIR to a folder of your own on a tmpfs";

std::string cpu_model() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.rfind("model name", 0) != 0) continue;
        const std::size_t colon = line.find(": ");
        if (colon != std::string::npos) return line.substr(colon + 2);
    }
    return "unknown";
}

Finding cores() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
    const int usable =
        ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 0;
    Finding finding{"cores", State::kOk, fmt::format("{}, of which {} usable", online, usable), ""};
    if (usable == 1) {
        finding.state = State::kNote;
        finding.text += ": two models on the CPU will share one core";
    }
    return finding;
}

// A folder that exists: whether boards can be opened in it, by the same rules as the library.
Finding existing_folder(const std::string& path, const struct stat& info) {
    if (!S_ISDIR(info.st_mode)) {
        return {"board folder", State::kProblem, path + " is not a folder", kOwnFolder};
    }
    if (info.st_uid != ::geteuid() || (info.st_mode & S_IWOTH) != 0) {
        return {"board folder",
                State::kProblem,
                path + " belongs to another user or is writable by all, so it is not used",
                kOwnFolder};
    }
    if (::access(path.c_str(), W_OK | X_OK) != 0) {
        return {"board folder",
                State::kProblem,
                fmt::format("{} can't be written to: {}", path, ::strerrordesc_np(errno)),
                kOwnFolder};
    }
    return {"board folder", State::kOk, path, ""};
}

Finding board_folder(const std::string& path) {
    struct stat info {};

    if (::stat(path.c_str(), &info) == 0) return existing_folder(path, info);
    const std::size_t slash = path.find_last_of('/');
    const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (::access(parent.c_str(), W_OK | X_OK) != 0) {
        return {
            "board folder",
            State::kProblem,
            fmt::format("{} is not there and can't be made: {}", path, ::strerrordesc_np(errno)),
            kOwnFolder};
    }
    return {"board folder", State::kOk, path + " (made by the first lane)", ""};
}

// /dev/shm of a container is often tiny or full.
Finding free_space(const std::string& path) {
    struct statvfs info {};

    std::string place = path;
    while (::statvfs(place.c_str(), &info) != 0) {
        const std::size_t slash = place.find_last_of('/');
        if (slash == std::string::npos || slash == 0) {
            return {"free space", State::kNote, "unknown", ""};
        }
        place.resize(slash);
    }
    const std::uint64_t bytes = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
    Finding finding{"free space", State::kOk, fmt::format("{} MiB on {}", bytes >> 20, place), ""};
    if (bytes < board::kBoardBytes) {
        finding.state = State::kProblem;
        finding.text += fmt::format("; a board needs {} KiB", board::kBoardBytes >> 10);
        finding.remedy = "free some, or " + std::string(kOwnFolder);
    }
    return finding;
}

Finding bad_board(const board::BoardInfo& info) {
    const bool named = info.error.find(info.path) != std::string::npos;
    return {"board",
            State::kProblem,
            fmt::format("{}{}; until then its device runs unscheduled",
                        named ? "" : info.path + ": ",
                        info.error),
            ""};
}

}  // namespace

Section examine_machine() {
    Section section{"Machine", {}};
    utsname system{};
    section.findings.push_back({"processor", State::kOk, cpu_model(), ""});
    section.findings.push_back(cores());
    if (::uname(&system) == 0) {
        section.findings.push_back(
            {"kernel", State::kOk, fmt::format("{} {}", system.sysname, system.release), ""});
    }
    return section;
}

Section examine_boards() {
    Section section{"Boards", {}};
    char directory[4096];
    const Status found = board::board_directory(directory, sizeof directory);
    if (!found.ok()) {
        section.findings.push_back({"board folder", State::kProblem, found.message(), kOwnFolder});
        return section;
    }
    section.findings.push_back(board_folder(directory));
    section.findings.push_back(free_space(directory));
    for (const board::BoardInfo& info : board::list_boards(directory)) {
        if (info.error.empty()) {
            section.findings.push_back({"board " + info.device,
                                        State::kOk,
                                        fmt::format("{} lanes", info.lanes.size()),
                                        ""});
            for (Finding& finding : examine_lanes(info))
                section.findings.push_back(std::move(finding));
        } else {
            section.findings.push_back(bad_board(info));
        }
    }
    return section;
}

}  // namespace headway::doctor
