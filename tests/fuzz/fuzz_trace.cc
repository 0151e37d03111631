// Trace events written by a stranger: the recorder reads or drops them, and what it writes is JSON.
#include "cli/trace/chrome.h"
#include "cli/trace/recorder.h"
#include "tests/support/temporary_boards.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace {

using namespace headway;  // NOLINT(google-build-using-namespace): one short file

// Fills the pages of the first lanes, from their first byte, with what is left of the input.
void scribble(board::Board& board, const std::uint8_t* data, std::size_t size) {
    for (std::uint32_t index = 0; index < 4 && size > 0; ++index) {
        const std::size_t bytes = std::min(size, sizeof(board::LaneSlot));
        std::memcpy(reinterpret_cast<char*>(&board.slot(index)), data, bytes);
        board.header().attached.fetch_or(std::uint64_t{1} << index);
        data += bytes;
        size -= bytes;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const test::TemporaryBoards boards;
    std::filesystem::remove(boards.board("cpu"));
    cli::Recorder recorder;
    if (!recorder.start("cpu").ok()) std::abort();
    Result<board::Board> stranger = board::Board::open("cpu");
    if (!stranger.ok()) std::abort();
    // In two steps, so that lanes come, go and change between two looks.
    scribble(stranger.value(), data, size / 2);
    recorder.poll();
    scribble(stranger.value(), data + size / 2, size - size / 2);
    recorder.poll();
    const cli::Trace trace = recorder.finish();
    char* text = nullptr;
    std::size_t bytes = 0;
    std::FILE* const file = ::open_memstream(&text, &bytes);
    if (!cli::write_chrome_trace(trace, file).ok()) std::abort();
    std::fclose(file);
    if (!nlohmann::json::accept(text, text + bytes)) std::abort();
    std::free(text);
    return 0;
}
