/* A thread with a lane of its own on an OpenCL device, opened before the first OpenCL call. */
#include "support.h"

#include <headway/headway.h>

int main(void) {
    headway_lane_options_t options;
    headway_lane_t* lane = NULL;
    headway_lane_options_init(&options);
    options.device = "opencl:0";
    options.name = "thread";
    options.priority = 5;
    if (headway_lane_open(&options, &lane) != HEADWAY_OK) {
        printf("%s\n", headway_last_error());
        return 1;
    }
    if (headway_lane_enter(lane) != HEADWAY_OK) return 1;
    struct Cl cl;
    cl_int status = CL_SUCCESS;
    cl_open(&cl);
    cl_command_queue queue = clCreateCommandQueue(cl.context, cl.device, 0, &status);
    MUST(status);
    cl_mem out = clCreateBuffer(cl.context, CL_MEM_READ_WRITE, 8, NULL, &status);
    MUST(status);
    for (int i = 0; i < 30; ++i)
        spin(&cl, queue, out, 100);
    MUST(clFinish(queue));
    headway_counters_t counters = {.struct_size = sizeof counters};
    if (headway_lane_counters(lane, &counters) != HEADWAY_OK) return 1;
    printf("launches %llu\n", (unsigned long long)(counters.gated + counters.passed));
    /* Closed with a marker in flight. */
    spin(&cl, queue, out, 2000000);
    headway_lane_leave(lane);
    headway_lane_close(lane);
    spin(&cl, queue, out, 100); /* in the process's lane */
    MUST(clFinish(queue));
    MUST(clReleaseMemObject(out));
    MUST(clReleaseCommandQueue(queue));
    cl_close(&cl);
    return 0;
}
