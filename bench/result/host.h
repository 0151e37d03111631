// The machine that a result was measured on.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace headway::bench {

// The result file's "host": cpu, cores, gpu, driver, torch, kernel; null where there is none.
nlohmann::json describe_host(const std::string& device);

// The result file's "headway": version and commit.
nlohmann::json describe_build();

// Now, in UTC, as ISO 8601.
std::string timestamp();

}  // namespace headway::bench
