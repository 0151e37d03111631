// Uses the installed C++ form: lanes, scopes, and an error as an exception.
#include <cstdio>
#include <exception>

#include <headway/headway.hpp>

namespace {

bool refuses_bad_priority(headway::Lane& lane) {
    try {
        lane.set_priority(HEADWAY_PRIORITY_MAX + 1);
    } catch (const headway::Error& error) {
        return error.status() == HEADWAY_INVALID_ARGUMENT;
    }
    return false;
}

int use_lane() {
    headway::Lane lane = headway::Lane::open({.priority = 10, .name = "consumer-cpp"});
    {
        const headway::LaneScope scope(lane);
        headway_begin();
        headway_end();
    }
    const bool refused = refuses_bad_priority(lane);
    const bool scheduled = lane.counters().bypassed == 0;
    std::printf("headway %s from C++\n", headway_version());
    return refused && scheduled ? 0 : 1;
}

}  // namespace

int main() {
    try {
        return use_lane();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
