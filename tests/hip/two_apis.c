/* One process with lanes on the devices of two APIs: each call must reach the library that it is
 * about. Prints "what result" lines. */
#include "headway/headway.h"

#include <stdio.h>

static headway_lane_t* open_on(const char* device, int priority) {
    headway_lane_options_t options;
    headway_lane_t* lane = NULL;
    headway_lane_options_init(&options);
    options.device = device;
    options.priority = priority;
    printf("open %s %d\n", device, (int)headway_lane_open(&options, &lane));
    return lane;
}

static void use(const char* device, headway_lane_t* lane) {
    headway_counters_t counters = {.struct_size = sizeof(counters)};
    printf("enter %s %d\n", device, (int)headway_lane_enter(lane));
    printf("priority %s %d\n", device, (int)headway_lane_set_priority(lane, 3));
    printf("counters %s %d\n", device, (int)headway_lane_counters(lane, &counters));
    printf("leave %s %d\n", device, (int)headway_lane_leave(lane));
}

int main(void) {
    headway_lane_t* cuda = open_on("cuda:0", 1);
    headway_lane_t* hip = open_on("hip:0", 2);
    headway_lane_t* cpu = open_on("cpu", 3);
    open_on("hip:9", 0);
    printf("why: %s\n", headway_last_error());
    open_on("cuda:9", 0);
    printf("why: %s\n", headway_last_error());
    use("cuda", cuda);
    use("hip", hip);
    use("cpu", cpu);
    /* Nested, across the two. */
    headway_lane_enter(cuda);
    headway_lane_enter(hip);
    printf("leave both %d %d\n", (int)headway_lane_leave(cuda), (int)headway_lane_leave(hip));
    headway_lane_close(hip);
    headway_lane_close(cuda);
    headway_lane_close(cpu);
    return 0;
}
