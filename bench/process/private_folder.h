// A folder for this process alone that goes with the object.
#pragma once

#include <string>

namespace headway::bench {

class PrivateFolder {
 public:
    // Makes an empty folder that only this user may enter, where temporary files go. Throws
    // Failure.
    PrivateFolder();
    // Removes it with all that is in it.
    ~PrivateFolder();
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;

    const std::string& path() const noexcept { return path_; }

 private:
    std::string path_;
};

}  // namespace headway::bench
