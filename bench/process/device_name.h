// How a device is written: "cpu" or "cuda:N".
#pragma once

#include <string>

namespace headway::bench {

inline constexpr int kNoGpu = -1;
inline constexpr int kNotADevice = -2;

// N of "cuda:N", kNoGpu for "cpu", kNotADevice for anything else.
int gpu_index(const std::string& device) noexcept;

}  // namespace headway::bench
