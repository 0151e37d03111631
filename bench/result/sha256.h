#pragma once

#include <cstddef>
#include <string>

namespace headway::bench {

// Lower-case hex SHA-256 of `bytes` bytes at `data`. Throws Failure if OpenSSL refuses.
std::string sha256_hex(const void* data, std::size_t bytes);

}  // namespace headway::bench
