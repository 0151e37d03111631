/* lacking LAYER all|fill|markers|flush|short: plays an ICD loader whose platforms lack some
 * functions, and a program on it. What the layer has no function for goes to the platform, as a
 * loader does it. */
#include "support.h"

#include <CL/cl_layer.h>

#include <dlfcn.h>
#include <string.h>

static cl_icd_dispatch g_platform; /* what this loader has */
static const cl_icd_dispatch* g_layer;

#define CALL(name) (g_layer->name != NULL ? g_layer->name : g_platform.name)

static void fill_table(const char* what) {
    g_platform.clCreateCommandQueue = clCreateCommandQueue;
    g_platform.clRetainCommandQueue = clRetainCommandQueue;
    g_platform.clReleaseCommandQueue = clReleaseCommandQueue;
    g_platform.clEnqueueNDRangeKernel = clEnqueueNDRangeKernel;
    g_platform.clEnqueueReadBuffer = clEnqueueReadBuffer;
    g_platform.clEnqueueFillBuffer = clEnqueueFillBuffer;
    g_platform.clEnqueueMarkerWithWaitList = clEnqueueMarkerWithWaitList;
    g_platform.clGetDeviceInfo = clGetDeviceInfo;
    g_platform.clGetDeviceIDs = clGetDeviceIDs;
    g_platform.clGetPlatformInfo = clGetPlatformInfo;
    g_platform.clGetEventInfo = clGetEventInfo;
    g_platform.clSetEventCallback = clSetEventCallback;
    g_platform.clReleaseEvent = clReleaseEvent;
    g_platform.clFlush = clFlush;
    g_platform.clFinish = clFinish;
    if (strcmp(what, "fill") == 0) g_platform.clEnqueueFillBuffer = NULL;
    if (strcmp(what, "markers") == 0) g_platform.clEnqueueMarkerWithWaitList = NULL;
    if (strcmp(what, "flush") == 0) g_platform.clFlush = NULL;
}

/* What a loader, or somebody who takes the layer for something else, may get wrong. */
static void call_badly(__typeof__(&clInitLayer) init, __typeof__(&clGetLayerInfo) info) {
    cl_uint count = 0;
    char name[16] = "";
    size_t bytes = 0;
    printf("no table %d\n", init(10, NULL, &count, &g_layer));
    printf("no count %d\n", init(10, &g_platform, NULL, &g_layer));
    printf("no layer %d\n", init(10, &g_platform, &count, NULL));
    printf("nowhere %d\n", info(CL_LAYER_NAME, 0, NULL, NULL));
    printf("too small %d\n", info(CL_LAYER_NAME, 3, name, NULL));
    printf("unknown %d\n", info(0x1234, sizeof name, name, &bytes));
    printf("name %d ", info(CL_LAYER_NAME, sizeof name, name, &bytes));
    printf("%s %zu\n", name, bytes);
}

static void work(struct Cl* cl) {
    cl_int status = CL_SUCCESS;
    cl_ulong result = 0;
    const size_t one = 1;
    const cl_ulong rounds = 100000, zero = 0;
    cl_command_queue queue = CALL(clCreateCommandQueue)(cl->context, cl->device, 0, &status);
    MUST(status);
    cl_mem out = clCreateBuffer(cl->context, CL_MEM_READ_WRITE, 8, NULL, &status);
    MUST(status);
    MUST(clSetKernelArg(cl->spin, 0, sizeof out, &out));
    MUST(clSetKernelArg(cl->spin, 1, sizeof rounds, &rounds));
    if (CALL(clEnqueueFillBuffer) != NULL) {
        MUST(CALL(clEnqueueFillBuffer)(queue, out, &zero, sizeof zero, 0, 8, 0, NULL, NULL));
    } else {
        printf("no fills here\n");
    }
    for (int i = 0; i < 30; ++i) {
        MUST(CALL(clEnqueueNDRangeKernel)(queue, cl->spin, 1, NULL, &one, &one, 0, NULL, NULL));
    }
    MUST(CALL(clFinish)(queue));
    MUST(CALL(clEnqueueReadBuffer)(queue, out, CL_TRUE, 0, 8, &result, 0, NULL, NULL));
    printf("result %llx\n", (unsigned long long)result);
    MUST(clReleaseMemObject(out));
    MUST(CALL(clReleaseCommandQueue)(queue));
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    setvbuf(stdout, NULL, _IONBF, 0); /* what came before a crash is to be seen */
    void* layer = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (layer == NULL) return 1;
    __typeof__(&clInitLayer) init = (__typeof__(&clInitLayer))dlsym(layer, "clInitLayer");
    call_badly(init, (__typeof__(&clGetLayerInfo))dlsym(layer, "clGetLayerInfo"));
    fill_table(argv[2]);
    /* An old loader: its table ends before the functions of OpenCL 1.2. */
    const cl_uint all = sizeof g_platform / sizeof(void*);
    const cl_uint entries =
        strcmp(argv[2], "short") == 0
            ? (cl_uint)(offsetof(cl_icd_dispatch, clCreateSubDevices) / sizeof(void*))
            : all;
    cl_uint count = 0;
    MUST(init(entries, &g_platform, &count, &g_layer));
    printf("entries %s\n", count == entries ? "all" : "others");
    printf("gated %s\n", g_layer->clEnqueueNDRangeKernel != NULL ? "yes" : "no");
    struct Cl cl;
    cl_open(&cl);
    work(&cl);
    cl_close(&cl);
    const cl_icd_dispatch* second = NULL;
    MUST(init(all, &g_platform, &count, &second));
    printf("a second loader gets %s\n", second->clEnqueueNDRangeKernel ? "something" : "nothing");
    return 0;
}
