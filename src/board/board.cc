#include "board/board.h"

#include "base/env.h"
#include "base/errno_text.h"
#include "base/unique_fd.h"
#include "board/futex.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <utility>

namespace headway::board {

namespace {

constexpr std::size_t kPathBytes = 512;

bool name_is_safe(const char* device) noexcept {
    constexpr const char* kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
    const std::size_t length = std::strlen(device);
    return length > 0 && length < kDeviceNameBytes && device[0] != '.' &&
           std::strspn(device, kAllowed) == length;
}

// Makes the folder (one level) and checks that nobody else can plant files in it: in a shared place
// like /dev/shm another user could have made it first.
Status make_directory(const char* path) noexcept {
    if (::mkdir(path, 0700) != 0 && errno != EEXIST) {
        return Status::error(
            Code::kUnavailable,
            "cannot make the board folder %s: %s; set HEADWAY_BOARD_DIR to a folder "
            "that you can write to",
            path,
            ErrnoText(errno).c_str());
    }

    struct stat info {};

    if (::stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return Status::error(Code::kUnavailable, "the board folder %s is not a folder", path);
    }
    const bool private_place = info.st_uid == ::geteuid() && (info.st_mode & S_IWOTH) == 0;
    if (!private_place) {
        return Status::error(
            Code::kUnavailable,
            "the board folder %s belongs to another user or is writable by all; set "
            "HEADWAY_BOARD_DIR to a folder of your own",
            path);
    }
    return {};
}

// Makes a complete board under a temporary name and gives it its real name only if there is none,
// so that no process ever sees half a board and of two creators one wins. Success also if another
// won.
Status create_file(const char* path, const char* device) noexcept {
    char temporary[kPathBytes];
    const int length = std::snprintf(temporary,
                                     sizeof(temporary),
                                     "%s.%d.%p",
                                     path,
                                     ::getpid(),
                                     static_cast<const void*>(&temporary));
    if (length < 0 || static_cast<std::size_t>(length) >= sizeof(temporary)) {
        return Status::error(Code::kInvalidArgument, "the board path %s is too long", path);
    }
    const UniqueFd file(
        ::open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.valid()) {
        return Status::error(
            Code::kUnavailable, "cannot create the board %s: %s", path, ErrnoText(errno).c_str());
    }
    BoardHeader header{};
    header.magic = kMagic;
    header.version = kLayoutVersion;
    header.file_bytes = static_cast<std::uint32_t>(kBoardBytes);
    std::snprintf(header.device, sizeof(header.device), "%s", device);
    // posix_fallocate, not ftruncate: a full /dev/shm must fail here, not as SIGBUS in a guest
    // later.
    int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(kBoardBytes));
    if (error == 0 && ::pwrite(file.get(), &header, sizeof(header), 0) != sizeof(header))
        error = EIO;
    if (error == 0 && ::link(temporary, path) != 0 && errno != EEXIST) error = errno;
    ::unlink(temporary);
    if (error != 0) {
        return Status::error(
            Code::kUnavailable, "cannot create the board %s: %s", path, ErrnoText(error).c_str());
    }
    return {};
}

}  // namespace

Status board_directory(char* out, std::size_t bytes) noexcept {
    const char* configured = env_text("HEADWAY_BOARD_DIR", nullptr);
    const int length = configured != nullptr
                           ? std::snprintf(out, bytes, "%s", configured)
                           : std::snprintf(out, bytes, "/dev/shm/headway-%u", ::geteuid());
    if (length < 0 || static_cast<std::size_t>(length) >= bytes) {
        return Status::error(Code::kInvalidArgument, "HEADWAY_BOARD_DIR is too long");
    }
    return {};
}

Board::Board(Board&& other) noexcept
    : header_(std::exchange(other.header_, nullptr)),
      slots_(std::exchange(other.slots_, nullptr)) {}

Board& Board::operator=(Board&& other) noexcept {
    std::swap(header_, other.header_);
    std::swap(slots_, other.slots_);
    return *this;
}

Board::~Board() {
    close();
}

void Board::close() noexcept {
    if (header_ != nullptr && !abandoned_) ::munmap(header_, kBoardBytes);
    header_ = nullptr;
    slots_ = nullptr;
}

Result<Board> Board::open(const char* device) noexcept {
    if (device == nullptr || !name_is_safe(device)) {
        return Status::error(Code::kInvalidArgument,
                             "not a device name: \"%.40s\"",
                             device != nullptr ? device : "");
    }
    char path[kPathBytes - 64];
    if (Status status = board_directory(path, sizeof(path) - 64); !status.ok()) return status;
    if (Status status = make_directory(path); !status.ok()) return status;
    const std::size_t length = std::strlen(path);
    std::snprintf(path + length, sizeof(path) - length, "/%s.board", device);
    for (int attempt = 0; attempt < 2; ++attempt) {
        const UniqueFd file(::open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW));
        if (file.valid()) return map(file.get(), true, path);
        if (errno != ENOENT) {
            return Status::error(
                Code::kUnavailable, "cannot open the board %s: %s", path, ErrnoText(errno).c_str());
        }
        if (Status status = create_file(path, device); !status.ok()) return status;
    }
    return Status::error(Code::kUnavailable, "the board %s vanishes as soon as it is made", path);
}

Result<Board> Board::open_read_only(const char* path) noexcept {
    const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file.valid()) {
        return Status::error(errno == ENOENT ? Code::kNotFound : Code::kUnavailable,
                             "cannot open the board %s: %s",
                             path,
                             ErrnoText(errno).c_str());
    }
    return map(file.get(), false, path);
}

Result<Board> Board::map(int fd, bool writable, const char* path) noexcept {
    struct stat info {};

    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size != static_cast<off_t>(kBoardBytes)) {
        return Status::error(
            Code::kCorrupt,
            "%s is not a board of this version (wrong size); stop the programs that "
            "use it and delete it",
            path);
    }
    const int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void* memory = ::mmap(nullptr, kBoardBytes, protection, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        return Status::error(
            Code::kUnavailable, "cannot map the board %s: %s", path, ErrnoText(errno).c_str());
    }
    Board board;
    board.header_ = std::launder(static_cast<BoardHeader*>(memory));
    board.slots_ = std::launder(reinterpret_cast<LaneSlot*>(board.header_ + 1));
    const std::uint32_t version = board.header_->version;
    if (board.header_->magic != kMagic || version != kLayoutVersion ||
        board.header_->file_bytes != kBoardBytes) {
        return Status::error(
            Code::kCorrupt,
            "%s is not a board of this version (%s); stop the programs that use it "
            "and delete it",
            path,
            board.header_->magic == kMagic ? "another layout version" : "not a board");
    }
    return board;
}

bool Board::try_claim(std::uint32_t index, ProcessWord expected, ProcessWord self) noexcept {
    // Acquire: what the slot's last owner wrote before giving it back comes first.
    return slots_[index].owner.compare_exchange_strong(expected, self, std::memory_order_acq_rel);
}

// The caller has claimed the slot. Takes the lane off the board and resets what the next owner, or
// a lower lane that still looks, could misread.
void Board::clear(std::uint32_t index) noexcept {
    LaneSlot& slot = slots_[index];
    const std::uint64_t bit = std::uint64_t{1} << index;
    header_->attached.fetch_and(~bit, std::memory_order_acq_rel);
    header_->busy.fetch_and(~bit, std::memory_order_acq_rel);
    slot.busy_until_ns.store(0, std::memory_order_relaxed);
    slot.running.store(0, std::memory_order_relaxed);
    slot.awaited.store(0, std::memory_order_relaxed);
    slot.held_since_ns.store(0, std::memory_order_relaxed);
    slot.image.store(0, std::memory_order_relaxed);
    slot.expected_ns.store(0, std::memory_order_relaxed);
    slot.expected_slack_us.store(0, std::memory_order_relaxed);
    slot.leeway_us.store(0, std::memory_order_relaxed);
    slot.period_us.store(0, std::memory_order_relaxed);
    slot.timeslice_us.store(0, std::memory_order_relaxed);
    slot.budget_us.store(0, std::memory_order_relaxed);
    slot.window_us.store(0, std::memory_order_relaxed);
    slot.active_since_ns.store(0, std::memory_order_relaxed);
    slot.active_until_ns.store(0, std::memory_order_relaxed);
    slot.trace_first.store(slot.trace_count.load(std::memory_order_relaxed),
                           std::memory_order_relaxed);
    for (const CounterField& counter : kCounterFields) {
        (slot.*counter.field).store(0, std::memory_order_relaxed);
    }
    for (auto& progress : slot.progress)
        progress.store(0, std::memory_order_relaxed);
}

Result<std::uint32_t> Board::attach(std::int32_t priority, const char* name) noexcept {
    const ProcessWord self = this_process();
    for (int attempt = 0; attempt < 2; ++attempt) {
        for (std::uint32_t index = 0; index < kLaneCountMax; ++index) {
            if (!try_claim(index, 0, self)) continue;
            LaneSlot& slot = slots_[index];
            clear(index);
            slot.priority.store(priority, std::memory_order_relaxed);
            slot.image.store(this_image(), std::memory_order_relaxed);
            slot.generation.fetch_add(1, std::memory_order_relaxed);
            std::strncpy(slot.name, name, kLaneNameBytes - 1);
            slot.name[kLaneNameBytes - 1] = '\0';
            // Release: pairs with the acquire of whoever sees the bit and then reads the slot.
            header_->attached.fetch_or(std::uint64_t{1} << index, std::memory_order_release);
            announce();
            return index;
        }
        if (reap() == 0) break;
    }
    return Status::error(Code::kFull,
                         "all %u lanes of the board are taken; this one runs unscheduled "
                         "(headway status shows who holds them)",
                         kLaneCountMax);
}

void Board::detach(std::uint32_t index) noexcept {
    if (slots_[index].owner.load(std::memory_order_acquire) != this_process()) return;
    clear(index);
    slots_[index].owner.store(0, std::memory_order_release);
    announce();
}

std::uint32_t Board::reap() noexcept {
    const ProcessWord self = this_process();
    std::uint32_t reaped = 0;
    for (std::uint32_t index = 0; index < kLaneCountMax; ++index) {
        const ProcessWord owner = slots_[index].owner.load(std::memory_order_acquire);
        // A lane without an owner is what is left when a stranger wrote on the board: free it too.
        const bool ghost =
            owner == 0 && (header_->attached.load(std::memory_order_acquire) >> index & 1) != 0;
        // Read after `owner`, whose release came after this word's reset: never another lane's.
        ImageMark image = slots_[index].image.load(std::memory_order_relaxed);
        const bool runs = owner == self ? image == 0 || image == this_image()
                                        : owner != 0 && process_runs(owner, image);
        if (!ghost && (owner == 0 || runs)) continue;
        // This process's own number, from before an exec(): there the owner can't tell who was
        // first.
        if (owner == self && !slots_[index].image.compare_exchange_strong(image, 0)) continue;
        // Of several reapers one wins, and signs: if it dies here itself, the next one finds it
        // dead.
        if (!try_claim(index, owner, self)) continue;
        clear(index);
        slots_[index].owner.store(0, std::memory_order_release);
        ++reaped;
    }
    if (reaped != 0) announce();
    return reaped;
}

bool Board::begin_trace(std::uint64_t now_ns) noexcept {
    ProcessWord expected = header_->tracer.load(std::memory_order_acquire);
    if (expected != 0 && trace_is_live(now_ns)) return false;
    header_->tracer_beat_ns.store(now_ns, std::memory_order_relaxed);
    if (!header_->tracer.compare_exchange_strong(
            expected, this_process(), std::memory_order_acq_rel)) {
        return false;
    }
    announce();
    return true;
}

bool Board::trace_is_live(std::uint64_t now_ns) const noexcept {
    const std::uint64_t beat_ns = header_->tracer_beat_ns.load(std::memory_order_relaxed);
    // A beat from the future is a stranger's: then it is not believed for ever either.
    return now_ns < beat_ns + kTracerLeaseNs && beat_ns < now_ns + kTracerLeaseNs;
}

void Board::end_trace(ProcessWord tracer) noexcept {
    if (tracer == 0) return;
    if (header_->tracer.compare_exchange_strong(tracer, 0, std::memory_order_acq_rel)) announce();
}

void Board::announce() noexcept {
    // Release: whoever sees the new epoch also sees the membership that it stands for.
    header_->epoch.fetch_add(1, std::memory_order_acq_rel);
    header_->wake_count.fetch_add(1, std::memory_order_acq_rel);
    futex_wake_all(header_->wake_count);
}

}  // namespace headway::board
