// A process with one lane on the host CPU, for tests that watch lanes from outside.
//   lane_worker NAME PRIORITY PIECES PIECE_US PAUSE_US
// works in requests of PIECES pieces of PIECE_US each and pauses PAUSE_US between them, until its
// standard input ends. Says "ready" once it has done the first request.
#include "headway/headway.hpp"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

void work(microseconds length) {
    headway_begin();
    const Clock::time_point end = Clock::now() + length;
    while (Clock::now() < end) {
    }
    headway_end();
}

bool input_ended() {
    pollfd input = {STDIN_FILENO, POLLIN, 0};
    char byte = 0;
    return ::poll(&input, 1, 0) == 1 && ::read(STDIN_FILENO, &byte, 1) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) return 2;
    headway::LaneOptions options;
    options.name = argv[1];
    options.priority = std::atoi(argv[2]);
    const int pieces = std::atoi(argv[3]);
    const microseconds piece(std::atoi(argv[4]));
    const microseconds pause(std::atoi(argv[5]));
    const headway::Lane lane = headway::Lane::open(options);
    const headway::LaneScope scope(lane);
    bool ready = false;
    while (!input_ended()) {
        for (int i = 0; i < pieces; ++i)
            work(piece);
        if (!ready) {
            std::puts("ready");
            std::fflush(stdout);
            ready = true;
        }
        if (pause.count() == 0) continue;
        headway_lane_idle(lane.get());
        std::this_thread::sleep_for(pause);
    }
    return 0;
}
