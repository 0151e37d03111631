// What a machine has of AMD's ROCm, and what is wrong with it. Internal to the doctor.
#pragma once

#include "cli/doctor/doctor.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headway::doctor {

// Where to look; a test looks at a made-up machine.
struct RocmMachine {
    std::string root;                             // comes before every path of the system's
    int (*open_device)(const std::string& path);  // for reading and writing: 0, or an errno
    std::vector<std::string> folders;             // of libraries, before those of the system
    std::string shim;                             // Headway's library for HIP; "": not there
};

// This machine. The folders are those of LD_LIBRARY_PATH and of the Python environment in use.
RocmMachine this_machine();

// One GPU of the driver's topology.
struct AmdGpu {
    int node = 0;
    bool hidden = false;  // the rest could not be read: it belongs to other containers
    std::uint32_t gpu_id = 0;
    std::string marketing_name;  // "": a device that is not known here
    std::string gfx;             // "gfx942"
    std::uint32_t compute_units = 0;
    std::string pci_address;         // "0000:c1:00.0"
    std::uint32_t partition = 0;     // its number in a GPU that is partitioned
    std::uint64_t context_save = 0;  // bytes; 0: not told, as by drivers before 2026
};

struct HipRuntime {
    std::string path;
    std::string version;  // of its file name: "6.2.41134", "6"; "": none
};

struct RocmFacts {
    bool has_device = false;  // /dev/kfd
    int device_error = 0;     // why it can't be used; an errno
    std::string device_group;
    std::uint32_t device_mode = 0;
    std::string driver_version;  // of a driver that is not the kernel's own; "": that, or none
    bool has_driver = false;
    std::string rocm_version;             // of /opt/rocm; "": not there
    std::string cwsr, sched_policy, mes;  // parameters of the driver; "": not told
    std::vector<AmdGpu> gpus;
    std::vector<HipRuntime> runtimes;
    std::string hsa_runtime;  // the first one's libhsa-runtime64; "": not found
};

// Reads files only. Blocks on the disk.
RocmFacts read_rocm(const RocmMachine& machine);

// The section of a machine: one line where nothing of ROCm is there.
Section examine_rocm(const RocmMachine& machine);

}  // namespace headway::doctor
