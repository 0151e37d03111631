// Reads the loader's cache (/etc/ld.so.cache), the usual way in which a library of a system is
// found.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headway::gpu {

// The paths that the cache has for a library name, in the cache's order. Any damage reads as an
// empty cache. Not thread-safe; holds the file mapped while it lives.
class LdCache {
 public:
    explicit LdCache(const char* path = "/etc/ld.so.cache") noexcept;
    ~LdCache();
    LdCache(const LdCache&) = delete;
    LdCache& operator=(const LdCache&) = delete;
    LdCache(LdCache&&) = delete;
    LdCache& operator=(LdCache&&) = delete;

    // The next path for `library`, or null at the end. Owned by this object.
    const char* next(const char* library) noexcept;

 private:
    // The text at an offset of the cache, or null unless it ends within the file.
    const char* text(std::uint32_t offset) const noexcept;

    const char* file_ = nullptr;  // the whole mapping
    std::size_t file_bytes_ = 0;
    const char* cache_ = nullptr;  // the new-format part of it, from which offsets count
    std::size_t cache_bytes_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t position_ = 0;
};

}  // namespace headway::gpu
