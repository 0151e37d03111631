// Leading one import of one library through another function.
#include "device/import_hook.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstdarg>

namespace headway::device {
namespace {

using Ioctl = int (*)(int, unsigned long, ...);
using CallIoctl = int (*)(int, unsigned long, void*);

constexpr int kLed = 17;  // what a call returns that came through the replacement

int g_remember_count = 0;
void* g_bound = nullptr;
int g_led_count = 0;

void remember(void* bound) noexcept {
    g_remember_count += 1;
    g_bound = bound;
}

int replacement(int, unsigned long, ...) {
    g_led_count += 1;
    return kLed;
}

constexpr char kUnbound = 0;

const ImportLead kLead{
    "ioctl", reinterpret_cast<void*>(&replacement), &remember, const_cast<char*>(&kUnbound)};

void* open_library(const char* path) {
    void* const library = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND);
    EXPECT_NE(library, nullptr) << dlerror();
    return library;
}

int call(void* library) {
    return reinterpret_cast<CallIoctl>(dlsym(library, "fake_hsa_ioctl"))(5, 7, nullptr);
}

class ImportHookTest : public testing::Test {
 protected:
    ImportHookTest() {
        g_remember_count = 0;
        g_led_count = 0;
        g_bound = nullptr;
    }
};

TEST_F(ImportHookTest, ALibraryWhoseTableIsReadOnlyIsLed) {
    void* const library = open_library(HEADWAY_FAKE_HSA);
    ASSERT_TRUE(lead_import(library, kLead));
    EXPECT_EQ(call(library), kLed);
    EXPECT_EQ(g_remember_count, 1);
    void* const kfd = open_library(HEADWAY_FAKE_KFD);
    EXPECT_EQ(g_bound, dlsym(kfd, "ioctl")) << "what it was bound to";
}

TEST_F(ImportHookTest, ALibraryThatIsBoundAtItsFirstCallStaysLed) {
    void* const library = open_library(HEADWAY_FAKE_KMT);
    ASSERT_EQ(lead_imports("libhsakmt", kLead), 1U);
    EXPECT_EQ(g_bound, &kUnbound) << "not bound yet";
    EXPECT_EQ(call(library), kLed);
    EXPECT_EQ(call(library), kLed);
    EXPECT_EQ(g_led_count, 2);
}

TEST_F(ImportHookTest, WhatIsLedIsNotLedTwice) {
    void* const library = open_library(HEADWAY_FAKE_HSA);
    ASSERT_TRUE(lead_import(library, kLead));
    g_remember_count = 0;
    EXPECT_TRUE(lead_import(library, kLead));
    EXPECT_EQ(lead_imports("libhsa-runtime64", kLead), 1U);
    EXPECT_EQ(g_remember_count, 0) << "the replacement must not be taken for what it replaces";
}

TEST_F(ImportHookTest, OtherNamesAndOtherImportsAreLeftAlone) {
    open_library(HEADWAY_FAKE_KMT);
    EXPECT_EQ(lead_imports("libhsa", kLead), 0U);
    EXPECT_EQ(lead_imports("libhsakm", kLead), 0U);
    EXPECT_EQ(lead_imports("hsakmt", kLead), 0U);
    EXPECT_FALSE(lead_import(dlopen("libm.so.6", RTLD_NOW), kLead));
    EXPECT_EQ(g_remember_count, 0);
}

}  // namespace
}  // namespace headway::device
