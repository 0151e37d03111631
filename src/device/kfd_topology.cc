#include "device/kfd_topology.h"

#include "base/unique_fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace headway::device::kfd {

namespace {

// Nodes are numbered from 0 without gaps; CPUs are nodes, too.
constexpr int kNodeCountMax = 128;
constexpr std::size_t kFileBytesMax = 4096;  // what one file of sysfs holds at most

// The low half of a node's location is bus, device and function; above are partitions.
constexpr unsigned long kLocationMask = 0xFFFF;

struct PciAddress {
    unsigned domain;
    unsigned location;
};

bool read_pci_address(const char* text, PciAddress* out) noexcept {
    unsigned bus = 0;
    unsigned slot = 0;
    unsigned function = 0;
    // NOLINTNEXTLINE(cert-err34-c): a wrong address is one that no node has
    if (std::sscanf(text, "%x:%x:%x.%x", &out->domain, &bus, &slot, &function) != 4) return false;
    out->location = (bus & 0xFF) << 8 | (slot & 0x1F) << 3 | (function & 7);
    return true;
}

// False: not there, or not to be read by this process.
bool read_file(const char* folder,
               int node,
               const char* name,
               char (&out)[kFileBytesMax]) noexcept {
    char path[512];
    const int length = std::snprintf(path, sizeof(path), "%s/%d/%s", folder, node, name);
    if (length < 0 || static_cast<std::size_t>(length) >= sizeof(path)) return false;
    const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return false;
    const ssize_t bytes = ::read(file.get(), out, sizeof(out) - 1);
    if (bytes <= 0) return false;
    out[bytes] = '\0';
    return true;
}

// The number after a name at the start of a line.
bool read_property(const char* properties, const char* name, unsigned long* out) noexcept {
    const std::size_t length = std::strlen(name);
    for (const char* line = properties; line != nullptr; line = std::strchr(line, '\n')) {
        if (*line == '\n') ++line;
        if (std::strncmp(line, name, length) != 0 || line[length] != ' ') continue;
        *out = std::strtoul(line + length, nullptr, 10);
        return true;
    }
    return false;
}

// The GPU's id if the node is at this address, else 0.
std::uint32_t match_node(const char* folder, int node, const PciAddress& address) noexcept {
    char text[kFileBytesMax];
    if (!read_file(folder, node, "gpu_id", text)) return 0;
    const auto id = static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
    unsigned long location = 0;
    unsigned long domain = 0;
    if (id == 0 || !read_file(folder, node, "properties", text)) return 0;
    if (!read_property(text, "location_id", &location)) return 0;
    read_property(text, "domain", &domain);  // older drivers have none
    const bool matches = (location & kLocationMask) == address.location && domain == address.domain;
    return matches ? id : 0;
}

bool node_exists(const char* folder, int node) noexcept {
    char path[512];
    const int length = std::snprintf(path, sizeof(path), "%s/%d", folder, node);
    if (length < 0 || static_cast<std::size_t>(length) >= sizeof(path)) return false;
    return ::access(path, F_OK) == 0;
}

}  // namespace

std::uint32_t find_gpu_id(const char* nodes_folder, const char* pci_address) noexcept {
    PciAddress address{};
    if (pci_address == nullptr || !read_pci_address(pci_address, &address)) return 0;
    std::uint32_t found = 0;
    for (int node = 0; node < kNodeCountMax && node_exists(nodes_folder, node); ++node) {
        const std::uint32_t id = match_node(nodes_folder, node, address);
        if (id == 0) continue;
        if (found != 0) return 0;
        found = id;
    }
    return found;
}

}  // namespace headway::device::kfd
