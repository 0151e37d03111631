// The loader's cache is read as the loader reads it, and damage is survived.
#include "shim/cuda/ld_cache.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace headway::gpu {
namespace {

constexpr std::size_t kHeaderBytes = 48;
constexpr std::size_t kRecordBytes = 24;
#if defined(__x86_64__)
constexpr std::uint32_t kThisMachine = 0x0303;
#else
constexpr std::uint32_t kThisMachine = 0x0a03;
#endif

struct Library {
    std::uint32_t flags;
    std::string name;
    std::string path;
};

void append_u32(std::string& bytes, std::size_t value) {
    const auto word = static_cast<std::uint32_t>(value);
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
}

std::string make_cache(const std::vector<Library>& libraries) {
    std::string bytes = "glibc-ld.so.cache1.1";
    append_u32(bytes, libraries.size());
    bytes.resize(kHeaderBytes);
    std::string texts;
    const std::size_t texts_start = kHeaderBytes + kRecordBytes * libraries.size();
    for (const Library& library : libraries) {
        append_u32(bytes, library.flags);
        append_u32(bytes, texts_start + texts.size());
        texts += library.name + '\0';
        append_u32(bytes, texts_start + texts.size());
        texts += library.path + '\0';
        bytes.append(12, '\0');
    }
    return bytes + texts;
}

class CacheFile {
 public:
    explicit CacheFile(const std::string& bytes)
        : path_(std::filesystem::temp_directory_path() /
                ("headway_cache_" + std::to_string(getpid()))) {
        std::ofstream(path_, std::ios::binary) << bytes;
    }

    CacheFile(const CacheFile&) = delete;
    CacheFile& operator=(const CacheFile&) = delete;
    CacheFile(CacheFile&&) = delete;
    CacheFile& operator=(CacheFile&&) = delete;

    ~CacheFile() { std::filesystem::remove(path_); }

    std::vector<std::string> paths_of(const char* library) const {
        LdCache cache(path_.c_str());
        std::vector<std::string> paths;
        while (const char* path = cache.next(library))
            paths.emplace_back(path);
        return paths;
    }

 private:
    std::filesystem::path path_;
};

const std::vector<Library> kLibraries = {{kThisMachine, "libc.so.6", "/lib/libc.so.6"},
                                         {0x0003, "libcuda.so.1", "/lib32/libcuda.so.1"},
                                         {kThisMachine, "libcuda.so.1", "/first/libcuda.so.1"},
                                         {kThisMachine, "libcuda.so.10", "/no/libcuda.so.10"},
                                         {kThisMachine, "libcuda.so.1", "/second/libcuda.so.1"}};

TEST(LdCache, GivesThePathsOfThisMachinesLibrariesInOrder) {
    const CacheFile file(make_cache(kLibraries));
    const std::vector<std::string> expected{"/first/libcuda.so.1", "/second/libcuda.so.1"};
    EXPECT_EQ(file.paths_of("libcuda.so.1"), expected);
    EXPECT_TRUE(file.paths_of("libcuda.so").empty());
}

TEST(LdCache, SkipsAnOldFormatInFront) {
    std::string bytes = "ld.so-1.7.0";
    bytes.resize(12);
    append_u32(bytes, 3);
    bytes.append(3 * 12, 'x');
    bytes.resize((bytes.size() + 7) / 8 * 8);
    const CacheFile file(bytes + make_cache(kLibraries));
    EXPECT_EQ(file.paths_of("libcuda.so.1").size(), 2U);
}

TEST(LdCache, SurvivesATruncatedFile) {
    const std::string whole = make_cache(kLibraries);
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        EXPECT_LE(CacheFile(whole.substr(0, bytes)).paths_of("libcuda.so.1").size(), 2U);
    }
}

TEST(LdCache, SurvivesEveryDamagedByte) {
    const std::string whole = make_cache(kLibraries);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const char value : {'\0', '\x7f', '\xff'}) {
            std::string damaged = whole;
            damaged[at] = value;
            const CacheFile file(damaged);
            EXPECT_LE(file.paths_of("libcuda.so.1").size(), kLibraries.size());
        }
    }
}

TEST(LdCache, HasTheCLibraryOfThisSystem) {
    if (!std::filesystem::exists("/etc/ld.so.cache")) GTEST_SKIP() << "no /etc/ld.so.cache here";
    LdCache cache;
    const char* const path = cache.next("libc.so.6");
    ASSERT_NE(path, nullptr);
    EXPECT_TRUE(std::filesystem::exists(path)) << path;
}

TEST(LdCache, IsEmptyWithoutAFile) {
    LdCache cache("/nonexistent");
    EXPECT_EQ(cache.next("libc.so.6"), nullptr);
}

}  // namespace
}  // namespace headway::gpu
