#include "shim/cuda/ld_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace headway::gpu {
namespace {

// The format since glibc 2.2, possibly behind an old-format part: 48 bytes of header, then one
// record a library, then the texts. Offsets of texts count from the header.
constexpr char kMagic[] = "glibc-ld.so.cache1.1";
constexpr char kOldMagic[] = "ld.so-1.7.0";
constexpr std::size_t kHeaderBytes = 48;
constexpr std::size_t kOldHeaderBytes = 16;
constexpr std::size_t kOldRecordBytes = 12;

struct Record {
    std::uint32_t flags;
    std::uint32_t name;  // offset of the library's name
    std::uint32_t path;  // offset of its path
    std::uint32_t os_version;
    std::uint64_t hardware;
};

// Flags of a library of this machine's 64-bit ABI.
#if defined(__x86_64__)
constexpr std::uint32_t kWantedFlags = 0x0303;
#elif defined(__aarch64__)
constexpr std::uint32_t kWantedFlags = 0x0a03;
#endif

std::uint32_t read_u32(const char* at) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return value;
}

}  // namespace

LdCache::LdCache(const char* path) noexcept {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    const off_t bytes = lseek(fd, 0, SEEK_END);
    if (bytes >= static_cast<off_t>(kHeaderBytes)) {
        void* const mapping =
            mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ, MAP_PRIVATE, fd, 0);
        if (mapping != MAP_FAILED) {
            file_ = static_cast<const char*>(mapping);
            file_bytes_ = static_cast<std::size_t>(bytes);
        }
    }
    close(fd);
    if (file_ == nullptr) return;

    std::size_t start = 0;
    if (std::memcmp(file_, kOldMagic, sizeof(kOldMagic) - 1) == 0) {
        const std::size_t old_count = read_u32(file_ + 12);
        start = (kOldHeaderBytes + old_count * kOldRecordBytes + 7) / 8 * 8;
    }
    if (start > file_bytes_ || file_bytes_ - start < kHeaderBytes) return;
    if (std::memcmp(file_ + start, kMagic, sizeof(kMagic) - 1) != 0) return;
    cache_ = file_ + start;
    cache_bytes_ = file_bytes_ - start;
    const std::size_t count = read_u32(cache_ + 20);
    if (count <= (cache_bytes_ - kHeaderBytes) / sizeof(Record)) {
        count_ = static_cast<std::uint32_t>(count);
    }
}

LdCache::~LdCache() {
    if (file_ != nullptr) munmap(const_cast<char*>(file_), file_bytes_);
}

const char* LdCache::next(const char* library) noexcept {
    while (position_ < count_) {
        Record record{};
        std::memcpy(&record, cache_ + kHeaderBytes + position_ * sizeof(Record), sizeof(Record));
        ++position_;
        const char* const name = text(record.name);
        if (record.flags != kWantedFlags || name == nullptr) continue;
        if (std::strcmp(name, library) == 0) return text(record.path);
    }
    return nullptr;
}

const char* LdCache::text(std::uint32_t offset) const noexcept {
    if (offset >= cache_bytes_) return nullptr;
    const char* const start = cache_ + offset;
    return std::memchr(start, '\0', cache_bytes_ - offset) != nullptr ? start : nullptr;
}

}  // namespace headway::gpu
