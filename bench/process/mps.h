// An MPS (NVIDIA's Multi-Process Service) of the benchmark's own.
#pragma once

#include "bench/process/helper_process.h"
#include "bench/process/private_folder.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The control program, looked for in PATH.
inline constexpr const char* kMpsControl = "nvidia-cuda-mps-control";

// How long it may take. A daemon and a server need a second or two to come up, and less to go:
// these only end a hang.
struct MpsLimits {
    std::chrono::milliseconds up{15'000};
    std::chrono::milliseconds answer{5'000};
    std::chrono::milliseconds quit{5'000};
};

// A control daemon and its server, which live as long as the object. Both talk through a folder
// that nobody else knows, so that an MPS that is running already neither notices nor serves
// anything here. Used by one thread at a time.
class MpsDaemon {
 public:
    // Starts them, and makes sure that they answer: a CUDA program that finds no MPS where it is
    // told to look goes on without one, and says nothing. Blocks for up to half a minute; gives up
    // at once on Ctrl-C. Throws Unavailable with the reason.
    explicit MpsDaemon(const MpsLimits& limits = {});
    // Asks them to quit and kills what is still there after some seconds.
    ~MpsDaemon();
    MpsDaemon(const MpsDaemon&) = delete;
    MpsDaemon& operator=(const MpsDaemon&) = delete;

    // The variables that make a process a client of this MPS, at full share and normal priority.
    nlohmann::json client_environment() const;

 private:
    std::string ask(const std::string& command) const;
    std::vector<int> servers() const;
    void wait_until_up();
    void start_server();
    void stop() noexcept;
    std::string last_words() const;

    MpsLimits limits_;
    std::string program_;
    PrivateFolder folder_;
    std::unique_ptr<HelperProcess> daemon_;
};

// The variables that keep a process from any MPS: `empty_folder` must be one, and stay it.
nlohmann::json no_mps_environment(const std::string& empty_folder);

}  // namespace headway::bench
