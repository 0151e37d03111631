// What Headway's library adds to a kernel launch: a program that only launches, on a driver that
// does nothing, with lanes beside it that never work.
#pragma once

#include <cstdint>
#include <vector>

namespace headway::bench {

struct LaunchCase {
    const char* name;
    const char* what;     // one line
    bool shim;            // the library is preloaded
    int higher;           // idle lanes of higher priority on the board
    int lower;            // and of lower
    double added_ns_max;  // the bar for what the library adds; 0: none
    bool cold = false;    // the program runs other code on other data between two launches
};

const std::vector<LaunchCase>& launch_cases();

struct LaunchTimes {
    double least_ns = 0;   // of many batches of launches, each divided by its number
    double median_ns = 0;  // of the same
    // Of the program's lane; 0 without one.
    std::uint64_t gated = 0;
    std::uint64_t markers = 0;
};

// Runs the program once, on a board of its own. Throws Failure if it fails, or if its launches did
// not go the way that the case is about. Takes less than a second.
LaunchTimes measure_launches(const LaunchCase& launch_case);

}  // namespace headway::bench
