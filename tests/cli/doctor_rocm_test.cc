// `headway doctor` about ROCm, on machines that are made up of files.
#include "cli/doctor/rocm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

namespace headway::doctor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

int opens(const std::string&) {
    return 0;
}

int refused(const std::string&) {
    return EACCES;
}

int forbidden(const std::string&) {
    return EPERM;
}

// What Linux 6.8 with amdgpu-dkms shows of one GPU of a server with eight MI308X, as far as it is
// read here.
constexpr const char* kGpu =
    "cpu_cores_count 0\nsimd_count 320\nmem_banks_count 1\nmax_waves_per_simd 8\n"
    "simd_per_cu 4\ngfx_target_version 90402\nvendor_id 4098\ndevice_id 29858\n"
    "location_id 49408\ndomain 0\ndrm_render_minor 128\nnum_cp_queues 24\n"
    "unique_id 13190712418385103231\nnum_xcc 4\ncapability 746299008\ndebug_prop 1511\n";

class DoctorOfRocm : public testing::Test {
 protected:
    DoctorOfRocm() { fs::create_directories(root_); }

    ~DoctorOfRocm() override { fs::remove_all(root_); }

    void write(const std::string& path, const std::string& text) const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text;
    }

    void add_node(int node, const std::string& id, const std::string& properties) const {
        const std::string folder = "sys/class/kfd/kfd/topology/nodes/" + std::to_string(node);
        fs::create_directories(root_ / folder);
        if (!id.empty()) write(folder + "/gpu_id", id + "\n");
        if (!properties.empty()) write(folder + "/properties", properties);
    }

    void make_mi308x() const {
        write("dev/kfd", "");
        write("sys/module/amdgpu/version", "6.10.5\n");
        write("sys/module/amdgpu/parameters/cwsr_enable", "1\n");
        write("sys/module/amdgpu/parameters/sched_policy", "0\n");
        write("sys/module/amdgpu/parameters/mes", "0\n");
        write("opt/rocm/.info/version", "6.3.1-48\n");
        write("opt/rocm-6.3.1/lib/libamdhip64.so.6.3.60301", "");
        fs::create_symlink("libamdhip64.so.6.3.60301",
                           root_ / "opt/rocm-6.3.1/lib/libamdhip64.so.6");
        fs::copy_file(HEADWAY_FAKE_HSA, root_ / "opt/rocm-6.3.1/lib/libhsa-runtime64.so.1");
        add_node(0, "0", "cpu_cores_count 96\nsimd_count 0\nlocation_id 0\n");
        add_node(1, "36171", kGpu);
    }

    RocmMachine machine(int (*open)(const std::string&) = &opens) const {
        return {root_.string(), open, {}, "lib/libheadway_hip.so"};
    }

    static const Finding& find(const Section& section, const std::string& subject) {
        static const Finding none{"", State::kMissing, "no such finding", ""};
        for (const Finding& finding : section.findings) {
            if (finding.subject == subject) return finding;
        }
        return none;
    }

    const fs::path root_ =
        fs::temp_directory_path() / ("headway-rocm-" + std::to_string(::getpid()));
};

TEST_F(DoctorOfRocm, WithoutRocmIsOneLine) {
    const Section section = examine_rocm(machine());
    ASSERT_EQ(section.findings.size(), 1U);
    EXPECT_EQ(section.findings[0].state, State::kMissing);
    EXPECT_THAT(section.findings[0].text, HasSubstr("no GPU driver"));
}

TEST_F(DoctorOfRocm, DescribesAnMi308x) {
    make_mi308x();
    const Section section = examine_rocm(machine());
    for (const Finding& finding : section.findings)
        EXPECT_EQ(finding.state, State::kOk) << finding.subject << ": " << finding.text;
    EXPECT_EQ(find(section, "AMD node 1").text,
              "MI308X (gfx942), 80 compute units, 0000:c1:00.0, KFD id 36171");
    EXPECT_THAT(find(section, "amdgpu").text, HasSubstr("6.10.5"));
    EXPECT_THAT(find(section, "preemption").text, HasSubstr("CWSR"));
    EXPECT_THAT(find(section, "queues").text, HasSubstr("firmware (mes: 0)"));
    EXPECT_THAT(find(section, "HIP runtime").text,
                HasSubstr("opt/rocm-6.3.1/lib/libamdhip64.so.6.3.60301, version 6.3.60301"));
    EXPECT_THAT(find(section, "ROCm").text, HasSubstr("6.3.1-48"));
    EXPECT_THAT(find(section, "queue control").text, HasSubstr("untested on hardware"));
    EXPECT_EQ(find(section, "HIP library").text, "lib/libheadway_hip.so");
}

TEST_F(DoctorOfRocm, SaysHowToGetPermission) {
    make_mi308x();
    const Section section = examine_rocm(machine(&refused));
    const Finding& device = find(section, "/dev/kfd");
    EXPECT_EQ(device.state, State::kProblem);
    EXPECT_THAT(device.text, HasSubstr("this process is not in that"));
    EXPECT_THAT(device.remedy, HasSubstr("usermod -aG"));
    EXPECT_THAT(find(examine_rocm(machine(&forbidden)), "/dev/kfd").remedy,
                HasSubstr("--device=/dev/kfd"));
}

TEST_F(DoctorOfRocm, AContainerWithoutTheDeviceIsTold) {
    make_mi308x();
    fs::remove(root_ / "dev/kfd");
    const Section section = examine_rocm(machine());
    EXPECT_EQ(find(section, "/dev/kfd").state, State::kProblem);
    EXPECT_THAT(find(section, "/dev/kfd").text, HasSubstr("though the amdgpu driver is loaded"));
    EXPECT_THAT(find(section, "/dev/kfd").remedy, HasSubstr("docker run --device=/dev/kfd"));
}

TEST_F(DoctorOfRocm, ARuntimeAloneIsNoProblem) {
    write("opt/rocm-7.0.0/lib/libamdhip64.so.7", "");
    const Section section = examine_rocm(machine());
    EXPECT_EQ(find(section, "/dev/kfd").state, State::kMissing);
    EXPECT_EQ(find(section, "AMD GPU").state, State::kMissing);
    EXPECT_THAT(find(section, "HIP runtime").text, HasSubstr("version 7"));
}

TEST_F(DoctorOfRocm, GpusOfOthersAndPartitionsAreNamed) {
    make_mi308x();
    add_node(2, "", "");
    add_node(3,
             "20001",
             "simd_count 152\nsimd_per_cu 4\ngfx_target_version 90402\ndevice_id 29857\n"
             "location_id 268436992\ndomain 2\ncwsr_size 46137344\n");
    const Section section = examine_rocm(machine());
    EXPECT_EQ(find(section, "AMD node 2").state, State::kNote);
    EXPECT_EQ(find(section, "AMD node 3").text,
              "MI300X (gfx942), 38 compute units, 0002:06:00.0, KFD id 20001, partition 1, 44 MiB "
              "to save a queue");
}

TEST_F(DoctorOfRocm, OtherSettingsOfTheDriverAreNoted) {
    make_mi308x();
    write("sys/module/amdgpu/parameters/cwsr_enable", "0\n");
    write("sys/module/amdgpu/parameters/sched_policy", "2\n");
    const Section section = examine_rocm(machine());
    EXPECT_EQ(find(section, "preemption").state, State::kNote);
    EXPECT_EQ(find(section, "queues").state, State::kNote);
}

// The loader's cache, a Python environment, and a plain name.
TEST_F(DoctorOfRocm, RuntimesAreFoundWhereverTheyAre) {
    write("dev/kfd", "");
    write("srv/hip/lib/libamdhip64.so.5.7.50702", "");
    std::string cache = "glibc-ld.so.cache1.1";
    cache += std::string("\0\1\2/srv/hip/lib/libother.so\0", 28);
    cache += std::string("/srv/hip/lib/libamdhip64.so.5.7.50702\0", 38);
    cache += std::string("/libamdhip64.so\0/gone/libamdhip64.so.6", 38);
    write("etc/ld.so.cache", cache);
    write("venv/lib/python3.12/site-packages/torch/lib/libamdhip64.so", "");
    RocmMachine here = machine();
    here.folders = {(root_ / "venv/lib/python3.12/site-packages/torch/lib").string()};
    const RocmFacts facts = read_rocm(here);
    ASSERT_EQ(facts.runtimes.size(), 2U);
    EXPECT_THAT(facts.runtimes[0].path, HasSubstr("torch/lib/libamdhip64.so"));
    EXPECT_EQ(facts.runtimes[0].version, "");
    EXPECT_EQ(facts.runtimes[1].version, "5.7.50702");
}

TEST_F(DoctorOfRocm, WithoutItsLibraryNothingIsScheduled) {
    make_mi308x();
    RocmMachine here = machine();
    here.shim.clear();
    EXPECT_EQ(find(examine_rocm(here), "HIP library").state, State::kProblem);
}

// On whatever machine the test runs.
TEST_F(DoctorOfRocm, ThisMachineIsExamined) {
    EXPECT_FALSE(examine_rocm(this_machine()).findings.empty());
}

}  // namespace
}  // namespace headway::doctor
