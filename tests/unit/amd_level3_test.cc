// The switch for AMD's queue control, and the three calls that a shim makes.
#include "device/amd_level3.h"

#include "device/kfd_topology.h"
#include "tests/unit/kfd/sequence.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace headway::device {
namespace {

namespace fs = std::filesystem;
using CallIoctl = int (*)(int, unsigned long, void*);

int g_failures = 0;

void check(bool holds, const char* what) {
    if (holds) return;
    g_failures += 1;
    fprintf(stderr, "not so: %s\n", what);
}

void make_queue(void* library, std::uint32_t id) {
    kfd::CreateQueue made{};
    made.gpu_id = test::kfd::kGpuId;
    made.type = kfd::kTypeComputeAql;
    made.percentage = 100;
    made.priority = 7;
    made.queue_id = id;
    reinterpret_cast<CallIoctl>(dlsym(library, "fake_hsa_ioctl"))(5, kfd::kCreateRequest, &made);
}

void* open_library(const char* path) {
    return dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND);
}

int& fake_kfd_call_count() {
    static int* const count =
        static_cast<int*>(dlsym(open_library(HEADWAY_FAKE_KFD), "fake_kfd_call_count"));
    return *count;
}

// Runs after Headway's own function at exit, which is registered later.
void after_exit() {
    // Two made, two lowered, two restored.
    check(fake_kfd_call_count() == 6, "everything is given back at exit");
    _exit(g_failures);
}

// A process with the switch at `mode`: both libraries are there.
[[noreturn]] void run_program(const char* mode) {
    setenv("HEADWAY_AMD_LEVEL3", mode, 1);
    void* const runtime = open_library(HEADWAY_FAKE_HSA);
    fake_kfd_call_count() = 0;
    std::atexit(&after_exit);
    check(watch_amd_queues(), "the runtime is found");
    make_queue(runtime, 0);
    void* const thunk = open_library(HEADWAY_FAKE_KMT);
    check(watch_amd_queues(), "and what comes later");
    make_queue(thunk, 1);
    check(amd_queues().counts().queues == 2, "both are followed");
    check(amd_queues().give_way(test::kfd::kGpuId, true), "they give way");
    check(!amd_queues_give_way("ffff:ff:1f.7", true), "a GPU that is not there");
    std::exit(0);
}

[[noreturn]] void run_without(const char* mode) {
    setenv("HEADWAY_AMD_LEVEL3", mode, 1);
    void* const runtime = open_library(HEADWAY_FAKE_HSA);
    check(!watch_amd_queues(), "nothing is led");
    make_queue(runtime, 0);
    check(amd_queues().counts().queues == 0, "nothing is followed");
    check(!amd_queues_give_way("0000:c1:00.0", true), "nothing gives way");
    _exit(g_failures);
}

// AMD's own library, where the system has it as one of its own (Debian does).
[[noreturn]] void run_real_library() {
    setenv("HEADWAY_AMD_LEVEL3", "percentage", 1);
    check(watch_amd_queues(), "its ioctl is led");
    _exit(g_failures);
}

TEST(AmdLevel3Test, TheRealLibraryIsLed) {
    void* const library = dlopen("libhsakmt.so.1", RTLD_NOW);
    if (library == nullptr) GTEST_SKIP() << "libhsakmt is not installed";
    EXPECT_EXIT(run_real_library(), testing::ExitedWithCode(0), "untested on hardware");
    dlclose(library);
}

TEST(AmdLevel3Test, SwitchedOnItSaysThatItIsUntestedAndGivesBackAtExit) {
    EXPECT_EXIT(run_program("priority"),
                testing::ExitedWithCode(0),
                "^headway: AMD queue control is untested on hardware [^\n]*\n$");
}

TEST(AmdLevel3Test, SwitchedOffItIsNotThere) {
    EXPECT_EXIT(run_without("off"), testing::ExitedWithCode(0), "^$");
    EXPECT_EXIT(run_without(""), testing::ExitedWithCode(0), "^$");
}

TEST(AmdLevel3Test, NonsenseIsOffAndSaidOnce) {
    EXPECT_EXIT(run_without("3"),
                testing::ExitedWithCode(0),
                "^headway: HEADWAY_AMD_LEVEL3 is not off, priority or percentage; off is used\n$");
}

TEST(AmdLevel3Test, AGpuIsFoundByItsAddress) {
    const fs::path nodes = fs::temp_directory_path() / ("kfd-nodes-" + std::to_string(getpid()));
    const auto add = [&nodes](int node, const char* id, const char* properties) {
        fs::create_directories(nodes / std::to_string(node));
        std::ofstream(nodes / std::to_string(node) / "gpu_id") << id << "\n";
        std::ofstream(nodes / std::to_string(node) / "properties") << properties;
    };
    add(0, "0", "cpu_cores_count 96\nlocation_id 0\n");
    add(1, "36171", "simd_count 320\nlocation_id 49408\ndomain 0\n");
    add(2, "10241", "simd_count 320\nlocation_id 49408\ndomain 1\n");
    add(3, "20000", "location_id 1536\ndomain 0\n");
    add(4, "20001", "location_id 268436992\ndomain 0\n");  // a second partition of 06:00.0
    EXPECT_EQ(kfd::find_gpu_id(nodes.c_str(), "0000:c1:00.0"), 36171U);
    EXPECT_EQ(kfd::find_gpu_id(nodes.c_str(), "0001:C1:00.0"), 10241U);
    EXPECT_EQ(kfd::find_gpu_id(nodes.c_str(), "0000:c2:00.0"), 0U);
    EXPECT_EQ(kfd::find_gpu_id(nodes.c_str(), "0000:06:00.0"), 0U) << "in partitions";
    EXPECT_EQ(kfd::find_gpu_id(nodes.c_str(), "nonsense"), 0U);
    EXPECT_EQ(kfd::find_gpu_id(nodes.c_str(), nullptr), 0U);
    EXPECT_EQ(kfd::find_gpu_id("/nowhere", "0000:c1:00.0"), 0U);
    fs::remove_all(nodes);
}

}  // namespace
}  // namespace headway::device
