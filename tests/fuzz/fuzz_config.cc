// headway.toml from a stranger: read or refused, never a crash.
#include "cli/run/config.h"
#include "tests/support/temporary_boards.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const headway::test::TemporaryBoards folder;
    const std::string file = folder.path() / "headway.toml";
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    std::vector<headway::cli::Program> programs;
    const std::string error = headway::cli::read_config(file, &programs).text;
    if (error.empty() != !programs.empty()) std::abort();
    for (const headway::cli::Program& program : programs) {
        if (program.words.empty()) std::abort();
    }
    return 0;
}
