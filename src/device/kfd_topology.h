// Which of KFD's GPUs a HIP device is.
#pragma once

#include <cstdint>

namespace headway::device::kfd {

inline constexpr const char* kNodesFolder = "/sys/class/kfd/kfd/topology/nodes";

// The id by which KFD's ioctls name the GPU at a PCI address as HIP writes it ("0000:c1:00.0"),
// from the driver's files below `nodes_folder`. 0: there is none, or more than one (a GPU that is
// partitioned), or the process may not see it. Some system calls a GPU; allocates nothing.
std::uint32_t find_gpu_id(const char* nodes_folder, const char* pci_address) noexcept;

}  // namespace headway::device::kfd
