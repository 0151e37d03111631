// The folder of a process's own: whatever was put into it goes with it, and nothing else does.
#include "bench/process/private_folder.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

// LibTorch's wheels bring functions of std::filesystem along, which come before libstdc++'s in a
// program that is linked with it. This one stands in for them, and removes nothing.
std::uintmax_t std::filesystem::remove_all(const path&, std::error_code&) {
    return 0;
}

namespace headway::bench {
namespace {

bool exists(const std::string& path) {
    struct stat info {};

    return ::lstat(path.c_str(), &info) == 0;
}

void make_file(const std::string& path) {
    std::ofstream(path) << "something";
}

// As a daemon leaves it behind.
void make_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ASSERT_LT(path.size(), sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    const int socket_fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(socket_fd, 0);
    EXPECT_EQ(::bind(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(socket_fd);
}

TEST(PrivateFolder, GoesWithWhatIsInIt) {
    std::optional<PrivateFolder> folder(std::in_place);
    const std::string path = folder->path();
    ASSERT_TRUE(exists(path));
    for (const char* name : {"/pipe", "/log", "/log/older", "/empty"})
        ASSERT_EQ(::mkdir((path + name).c_str(), 0700), 0);
    make_file(path + "/log/server.log");
    make_file(path + "/log/older/control.log");
    make_socket(path + "/pipe/control");
    ASSERT_EQ(::mkfifo((path + "/pipe/log").c_str(), 0600), 0);
    folder.reset();
    EXPECT_FALSE(exists(path));
}

TEST(PrivateFolder, LeavesWhatItsLinksLeadTo) {
    const PrivateFolder other;
    make_file(other.path() + "/kept");
    std::optional<PrivateFolder> folder(std::in_place);
    const std::string path = folder->path();
    ASSERT_EQ(::symlink(other.path().c_str(), (path + "/folder").c_str()), 0);
    ASSERT_EQ(::symlink((other.path() + "/kept").c_str(), (path + "/file").c_str()), 0);
    ASSERT_EQ(::symlink("/nowhere/at/all", (path + "/dangling").c_str()), 0);
    folder.reset();
    EXPECT_FALSE(exists(path));
    EXPECT_TRUE(exists(other.path() + "/kept"));
}

}  // namespace
}  // namespace headway::bench
