// Reads what there is of ROCm: the driver's files in /dev and /sys, and libraries by their names.
#include "base/library_path.h"
#include "base/unique_fd.h"
#include "cli/doctor/rocm.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <utility>

namespace headway::doctor {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRuntime = "libamdhip64.so";

std::string first_line(const fs::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

// PCI device ids of the MI300 series, by AMD's own lists (amdgpu.ids, rvs).
const char* marketing_name(std::uint64_t device_id) {
    constexpr std::array<std::pair<std::uint64_t, const char*>, 8> kNames = {{
        {0x74A0, "MI300A"},
        {0x74A1, "MI300X"},
        {0x74A2, "MI308X"},
        {0x74A5, "MI325X"},
        {0x74A8, "MI308X HF"},
        {0x74A9, "MI300X HF"},
        {0x74B5, "MI300X VF"},
        {0x74BC, "MI308X HF VF"},
    }};
    for (const auto& [id, name] : kNames) {
        if (id == device_id) return name;
    }
    return "";
}

// 90402 is gfx942: two decimal digits each, the last two written in hexadecimal.
std::string gfx_name(std::uint64_t version) {
    if (version == 0) return "";
    return fmt::format("gfx{}{:x}{:x}", version / 10000, version / 100 % 100, version % 100);
}

using Properties = std::map<std::string, std::uint64_t>;

Properties read_properties(const std::string& path) {
    Properties properties;
    std::ifstream file(path);
    std::string name;
    std::uint64_t value = 0;
    while (file >> name >> value)
        properties[name] = value;
    return properties;
}

AmdGpu read_gpu(int node, std::uint32_t gpu_id, const Properties& properties) {
    const auto get = [&properties](const char* name) -> std::uint64_t {
        const auto found = properties.find(name);
        return found == properties.end() ? 0 : found->second;
    };
    const std::uint64_t simds_per_unit = std::max<std::uint64_t>(get("simd_per_cu"), 1);
    const std::uint64_t location = get("location_id");
    AmdGpu gpu;
    gpu.node = node;
    gpu.gpu_id = gpu_id;
    gpu.hidden = properties.empty();
    gpu.marketing_name = marketing_name(get("device_id"));
    gpu.gfx = gfx_name(get("gfx_target_version"));
    gpu.compute_units = static_cast<std::uint32_t>(get("simd_count") / simds_per_unit);
    gpu.pci_address = fmt::format("{:04x}:{:02x}:{:02x}.{}",
                                  get("domain"),
                                  location >> 8 & 0xFF,
                                  location >> 3 & 0x1F,
                                  location & 7);
    gpu.partition = static_cast<std::uint32_t>(location >> 28);
    gpu.context_save = get("cwsr_size");
    return gpu;
}

// CPUs are nodes, too, with the id 0. A node whose id can't be read is a GPU that this container
// may not use.
std::vector<AmdGpu> read_gpus(const std::string& nodes) {
    std::vector<AmdGpu> gpus;
    std::error_code error;
    for (int node = 0; fs::exists(nodes + "/" + std::to_string(node), error); ++node) {
        const std::string folder = nodes + "/" + std::to_string(node);
        const std::string id = first_line(folder + "/gpu_id");
        const std::uint64_t number = std::strtoul(id.c_str(), nullptr, 10);
        if (!id.empty() && number == 0) continue;
        gpus.push_back(read_gpu(
            node, static_cast<std::uint32_t>(number), read_properties(folder + "/properties")));
    }
    return gpus;
}

void read_device(const RocmMachine& machine, RocmFacts& facts) {
    const std::string path = machine.root + "/dev/kfd";

    struct stat info {};

    if (::stat(path.c_str(), &info) != 0) return;
    facts.has_device = true;
    facts.device_error = machine.open_device(path);
    facts.device_mode = info.st_mode & 07777;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    const group* const owner = ::getgrgid(info.st_gid);
    facts.device_group = owner != nullptr ? owner->gr_name : fmt::format("number {}", info.st_gid);
}

// The names that the loader's cache has for a library. It is a file of names that end with a zero;
// what stands around them does not matter here.
std::vector<std::string> cached_paths(const std::string& cache) {
    std::ifstream file(cache, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    std::vector<std::string> paths;
    const std::string wanted = std::string("/") + kRuntime;
    for (std::size_t at = text.find(wanted); at != std::string::npos;
         at = text.find(wanted, at + 1)) {
        const std::size_t before = text.rfind('\0', at);
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        const std::size_t end = std::min(text.find('\0', at), text.size());
        if (end - begin < PATH_MAX && text[begin] == '/') {
            paths.push_back(text.substr(begin, end - begin));
        }
    }
    return paths;
}

std::vector<std::string> matching_folders(const std::string& parent,
                                          const std::string& stem,
                                          const std::string& rest) {
    std::vector<std::string> folders;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(parent, error)) {
        if (entry.path().filename().string().rfind(stem, 0) != 0) continue;
        folders.push_back(entry.path().string() + rest);
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

// Every file of the runtime once, however many links lead to it.
void add_runtime(const std::string& path, RocmFacts& facts) {
    std::error_code error;
    const fs::path file = fs::canonical(path, error);
    if (error) return;
    for (const HipRuntime& known : facts.runtimes) {
        if (known.path == file.string()) return;
    }
    const std::string name = file.filename().string();
    const std::size_t version = name.find(".so.");
    facts.runtimes.push_back(
        {file.string(), version == std::string::npos ? "" : name.substr(version + 4)});
}

void read_runtimes(const RocmMachine& machine, RocmFacts& facts) {
    std::vector<std::string> folders = machine.folders;
    for (const std::string& path : cached_paths(machine.root + "/etc/ld.so.cache"))
        folders.push_back(fs::path(machine.root + path).parent_path().string());
    for (const char* rest : {"/lib", "/lib64"}) {
        for (const std::string& folder : matching_folders(machine.root + "/opt", "rocm", rest))
            folders.push_back(folder);
    }
    for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"})
        folders.push_back(machine.root + folder);
    for (const std::string& folder : folders) {
        std::vector<std::string> files = matching_folders(folder, kRuntime, "");
        for (const std::string& file : files)
            add_runtime(file, facts);
    }
    if (facts.runtimes.empty()) return;
    const std::string beside = fs::path(facts.runtimes[0].path).parent_path().string();
    for (const std::string& file : matching_folders(beside, "libhsa-runtime64.so", ""))
        facts.hsa_runtime = file;
}

int open_device(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    return file.valid() ? 0 : errno;
}

// PyTorch's wheel brings a runtime along, and newer ones have it from a wheel of AMD's.
void add_python_folders(const fs::path& prefix, std::vector<std::string>& folders) {
    for (const fs::path& lib : {prefix / "lib", prefix / "local" / "lib"}) {
        for (const std::string& python : matching_folders(lib.string(), "python3", "")) {
            for (const char* packages : {"site-packages", "dist-packages"}) {
                for (const char* package : {"torch", "_rocm_sdk_core"})
                    folders.push_back((fs::path(python) / packages / package / "lib").string());
            }
        }
    }
}

}  // namespace

RocmMachine this_machine() {
    RocmMachine machine{"", &open_device, {}, ""};
    // NOLINTBEGIN(concurrency-mt-unsafe): one thread
    const auto variable = [](const char* name) -> std::string {
        const char* const value = std::getenv(name);
        return value != nullptr ? value : "";
    };
    // NOLINTEND(concurrency-mt-unsafe)
    const fs::path named = variable("HEADWAY_HIP_RUNTIME");
    if (!named.empty()) machine.folders.push_back(named.parent_path().string());
    std::istringstream list(variable("LD_LIBRARY_PATH"));
    for (std::string folder; std::getline(list, folder, ':');) {
        if (!folder.empty()) machine.folders.push_back(folder);
    }
    for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
        const std::string prefix = variable(name);
        if (!prefix.empty()) add_python_folders(prefix, machine.folders);
    }
    const std::string home = variable("HOME");
    if (!home.empty()) add_python_folders(fs::path(home) / ".local", machine.folders);
    add_python_folders("/usr", machine.folders);
    add_python_folders("/opt/venv", machine.folders);  // of AMD's images
    char path[PATH_MAX];
    if (find_own_library("libheadway_hip.so", path, sizeof path)) machine.shim = path;
    return machine;
}

RocmFacts read_rocm(const RocmMachine& machine) {
    RocmFacts facts;
    const fs::path module = machine.root + "/sys/module/amdgpu";
    std::error_code error;
    facts.has_driver = fs::exists(module, error);
    facts.driver_version = first_line(module / "version");
    facts.cwsr = first_line(module / "parameters" / "cwsr_enable");
    facts.sched_policy = first_line(module / "parameters" / "sched_policy");
    facts.mes = first_line(module / "parameters" / "mes");
    facts.rocm_version = first_line(machine.root + "/opt/rocm/.info/version");
    read_device(machine, facts);
    facts.gpus = read_gpus(machine.root + "/sys/class/kfd/kfd/topology/nodes");
    read_runtimes(machine, facts);
    return facts;
}

}  // namespace headway::doctor
