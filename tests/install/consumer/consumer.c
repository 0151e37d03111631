/* Uses the installed C API from C11: one gated piece of work, and its place in the counters. */
#include <headway/headway.h>
#include <stdio.h>

static int fail(const char* step) {
    fprintf(stderr, "%s: %s\n", step, headway_last_error());
    return 1;
}

int main(void) {
    headway_lane_options_t options;
    headway_lane_options_init(&options);
    options.priority = 10;
    options.name = "consumer-c";

    headway_lane_t* lane = NULL;
    if (headway_lane_open(&options, &lane) != HEADWAY_OK) return fail("open");
    if (headway_lane_enter(lane) != HEADWAY_OK) return fail("enter");
    headway_begin();
    headway_end();
    if (headway_lane_leave(lane) != HEADWAY_OK) return fail("leave");

    headway_counters_t counters = {.struct_size = sizeof(counters)};
    if (headway_lane_counters(lane, &counters) != HEADWAY_OK) return fail("counters");
    headway_lane_close(lane);
    printf("headway %s from C\n", headway_version());
    return counters.bypassed == 0 ? 0 : 1;
}
