// A board written by a stranger: random bytes on a live board never crash a lane, hold it beyond
// its bound, or break what `headway status` prints.
#include "base/clock.h"
#include "base/process.h"
#include "board/inspect.h"
#include "device/host.h"
#include "gate/lane.h"
#include "tests/support/stub_device.h"
#include "tests/support/temporary_boards.h"

#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

namespace {

using namespace headway;  // NOLINT(google-build-using-namespace): one short file

test::TemporaryBoards& boards() {
    static test::TemporaryBoards folder;
    return folder;
}

void require(bool condition) {
    if (!condition) std::abort();
}

// Overwrites the shared words of a mapped board, which a running lane then reads.
void scribble(board::Board& board, const std::uint8_t* data, std::size_t size) {
    auto* bytes = reinterpret_cast<std::uint8_t*>(&board.header());
    for (std::size_t at = 0; at + 4 <= size; at += 4) {
        // Three bytes of place, one of value: anywhere after the header's first line.
        const std::size_t place = (static_cast<std::size_t>(data[at]) << 16) +
                                  (static_cast<std::size_t>(data[at + 1]) << 8) + data[at + 2];
        bytes[board::kLineBytes + place % (board::kBoardBytes - board::kLineBytes)] = data[at + 3];
    }
}

// Beside the lane, one that outranks it, and an equal of another process.
void run_lane_on(device::Device& device, const std::uint8_t* data, std::size_t size) {
    gate::Lane lane(device, gate::real_platform());
    gate::LaneOptions options;
    options.max_hold_ms = 2;
    require(lane.open(options).ok());
    Result<board::Board> stranger = board::Board::open("cpu");
    require(stranger.ok());
    require(stranger.value().attach(10, "higher").ok());
    const Result<std::uint32_t> equal = stranger.value().attach(0, "equal");
    require(equal.ok());
    stranger.value().slot(equal.value()).owner =
        make_process_word(1, (this_process() >> 32) + 1, 1);
    scribble(stranger.value(), data, size);
    const std::uint64_t start = now_ns();
    for (int i = 0; i < 3; ++i)
        lane.after({}, lane.before({}), true);
    require(now_ns() - start < kNsPerS);
    lane.idle();
    lane.close();
    (void)board::list_boards(boards().path());
    std::filesystem::remove(boards().board("cpu"));  // each run starts with a good board
}

void inspect_file_of(const std::uint8_t* data, std::size_t size) {
    const std::filesystem::path path = boards().board("fuzz");
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    std::filesystem::resize_file(path, board::kBoardBytes);
    (void)board::inspect_board(path);
    std::filesystem::remove(path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    inspect_file_of(data, size);
    device::HostDevice host;
    run_lane_on(host, data, size);
    test::StubDevice gpu(test::StubDevice::Markers::kRefused, true);
    run_lane_on(gpu, data, size);
    return 0;
}
