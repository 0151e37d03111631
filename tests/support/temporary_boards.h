// A board folder of the test's own, removed at its end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace headway::test {

// Sets HEADWAY_BOARD_DIR for this process and its children. One at a time.
class TemporaryBoards {
 public:
    TemporaryBoards() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "headway-test-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
        ::setenv("HEADWAY_BOARD_DIR", path_.c_str(), 1);
    }

    TemporaryBoards(const TemporaryBoards&) = delete;
    TemporaryBoards& operator=(const TemporaryBoards&) = delete;
    TemporaryBoards(TemporaryBoards&&) = delete;
    TemporaryBoards& operator=(TemporaryBoards&&) = delete;

    ~TemporaryBoards() {
        ::unsetenv("HEADWAY_BOARD_DIR");
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const { return path_; }

    std::filesystem::path board(const std::string& device) const {
        return path_ / (device + ".board");
    }

 private:
    std::filesystem::path path_;
};

}  // namespace headway::test
