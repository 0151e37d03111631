// NVIDIA's management library, as far as the doctor asks it. For use in a probe's child process.
#pragma once

#include <string>

namespace headway::doctor {

class Nvml {
 public:
    // Loads the library and starts it. Without it all answers are "".
    Nvml();

    // "580.65.06"
    std::string driver_version() const;

    // Whether the device of this UUID (without its prefix) is a MIG instance, or MIG is on: a
    // phrase.
    std::string mig_of(const std::string& uuid) const;

 private:
    void* library_ = nullptr;
};

}  // namespace headway::doctor
