#include "bench/result/sha256.h"

#include "bench/failure.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace headway::bench {

std::string sha256_hex(const void* data, std::size_t bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int digest_bytes = 0;
    if (EVP_Digest(data, bytes, digest.data(), &digest_bytes, EVP_sha256(), nullptr) != 1) {
        throw Failure("OpenSSL has no SHA-256 here; install Debian's libssl3");
    }
    std::string hex;
    for (unsigned int i = 0; i < digest_bytes; ++i)
        hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

}  // namespace headway::bench
