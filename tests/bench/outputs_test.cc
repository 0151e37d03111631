#include "bench/result/outputs.h"

#include "bench/failure.h"
#include "bench/result/sha256.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace headway::bench {
namespace {

class Outputs : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "headway-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const char* name) const { return (folder_ / name).string(); }

    std::filesystem::path folder_;
};

void expect_refused(const OutputPaths& paths, const std::string& named) {
    try {
        check_outputs(paths);
        FAIL() << "was not refused";
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.code(), kExitBadArguments);
        EXPECT_NE(std::string(failure.what()).find(named), std::string::npos) << failure.what();
    }
}

TEST_F(Outputs, CheckLeavesNoTraceAndTouchesNothing) {
    std::ofstream(path("old.json")) << "precious";
    check_outputs({path("old.json"), "", path("new.md")});
    std::string text;
    std::ifstream(path("old.json")) >> text;
    EXPECT_EQ(text, "precious");
    EXPECT_FALSE(std::filesystem::exists(path("new.md")));
}

TEST_F(Outputs, RefusesAFolderAMissingFolderAndOneFileTwice) {
    expect_refused({folder_.string(), "", ""}, "directory");
    expect_refused({path("missing/x.json"), "", ""}, "--json");
    expect_refused({path("x"), "", path("x")}, "same file");
}

TEST_F(Outputs, RefusesAReadOnlyFile) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    std::ofstream(path("old.json")) << "precious";
    std::filesystem::permissions(path("old.json"), std::filesystem::perms::owner_read);
    expect_refused({path("old.json"), "", ""}, "Permission denied");
}

TEST(Sha256, AgreesWithItsStandard) {
    // FIPS 180-2, appendix B.1.
    EXPECT_EQ(sha256_hex("abc", 3),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace headway::bench
