/* An ICD loader as small as the test program opencl_life, the doctor and the layer need it, which
 * knows no layers: it asks the first platform named in /etc/OpenCL/vendors for its table, and hands
 * every call over. */
#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl_icd.h>

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The first member of every object of a platform is its table. */
#define TABLE(object) (*(const cl_icd_dispatch* const*)(object))

typedef void* (*GetFunction)(const char*);
typedef cl_int (*GetPlatforms)(cl_uint, cl_platform_id*, cl_uint*);

static int read_library(char* out, int bytes) {
    DIR* folder = opendir("/etc/OpenCL/vendors");
    int found = 0;
    for (struct dirent* entry; folder != NULL && !found && (entry = readdir(folder)) != NULL;) {
        char path[512];
        if (strstr(entry->d_name, ".icd") == NULL) continue;
        snprintf(path, sizeof path, "/etc/OpenCL/vendors/%s", entry->d_name);
        FILE* file = fopen(path, "re");
        found = file != NULL && fgets(out, bytes, file) != NULL;
        if (file != NULL) fclose(file);
    }
    if (folder != NULL) closedir(folder);
    if (found) out[strcspn(out, "\r\n")] = '\0';
    return found;
}

cl_int clGetPlatformIDs(cl_uint count, cl_platform_id* platforms, cl_uint* out_count) {
    char name[256];
    void* library = read_library(name, sizeof name) ? dlopen(name, RTLD_NOW | RTLD_LOCAL) : NULL;
    GetFunction get =
        library != NULL ? (GetFunction)dlsym(library, "clGetExtensionFunctionAddress") : NULL;
    GetPlatforms all = get != NULL ? (GetPlatforms)get("clIcdGetPlatformIDsKHR") : NULL;
    if (all != NULL) return all(count, platforms, out_count);
    if (out_count != NULL) *out_count = 0;
    return -1001; /* CL_PLATFORM_NOT_FOUND_KHR */
}

cl_int clGetPlatformInfo(
    cl_platform_id platform, cl_platform_info name, size_t bytes, void* value, size_t* out_bytes) {
    return TABLE(platform)->clGetPlatformInfo(platform, name, bytes, value, out_bytes);
}

cl_int clGetDeviceIDs(cl_platform_id platform,
                      cl_device_type type,
                      cl_uint count,
                      cl_device_id* devices,
                      cl_uint* out_count) {
    return TABLE(platform)->clGetDeviceIDs(platform, type, count, devices, out_count);
}

cl_int clGetDeviceInfo(
    cl_device_id device, cl_device_info name, size_t bytes, void* value, size_t* out_bytes) {
    return TABLE(device)->clGetDeviceInfo(device, name, bytes, value, out_bytes);
}

cl_context clCreateContext(const cl_context_properties* properties,
                           cl_uint count,
                           const cl_device_id* devices,
                           void(CL_CALLBACK* notify)(const char*, const void*, size_t, void*),
                           void* data,
                           cl_int* error) {
    return TABLE(devices[0])->clCreateContext(properties, count, devices, notify, data, error);
}

cl_int clReleaseContext(cl_context context) {
    return context != NULL ? TABLE(context)->clReleaseContext(context) : CL_INVALID_CONTEXT;
}

cl_program clCreateProgramWithSource(
    cl_context context, cl_uint count, const char** text, const size_t* sizes, cl_int* error) {
    return TABLE(context)->clCreateProgramWithSource(context, count, text, sizes, error);
}

cl_int clBuildProgram(cl_program program,
                      cl_uint count,
                      const cl_device_id* devices,
                      const char* options,
                      void(CL_CALLBACK* notify)(cl_program, void*),
                      void* data) {
    return TABLE(program)->clBuildProgram(program, count, devices, options, notify, data);
}

cl_int clReleaseProgram(cl_program program) {
    return TABLE(program)->clReleaseProgram(program);
}

cl_kernel clCreateKernel(cl_program program, const char* name, cl_int* error) {
    return TABLE(program)->clCreateKernel(program, name, error);
}

cl_int clReleaseKernel(cl_kernel kernel) {
    return TABLE(kernel)->clReleaseKernel(kernel);
}

cl_int clSetKernelArg(cl_kernel kernel, cl_uint index, size_t bytes, const void* value) {
    return TABLE(kernel)->clSetKernelArg(kernel, index, bytes, value);
}

cl_command_queue clCreateCommandQueue(cl_context context,
                                      cl_device_id device,
                                      cl_command_queue_properties properties,
                                      cl_int* error) {
    return TABLE(context)->clCreateCommandQueue(context, device, properties, error);
}

cl_int clRetainCommandQueue(cl_command_queue queue) {
    return TABLE(queue)->clRetainCommandQueue(queue);
}

cl_int clReleaseCommandQueue(cl_command_queue queue) {
    return TABLE(queue)->clReleaseCommandQueue(queue);
}

cl_mem clCreateBuffer(
    cl_context context, cl_mem_flags flags, size_t bytes, void* host, cl_int* error) {
    return TABLE(context)->clCreateBuffer(context, flags, bytes, host, error);
}

cl_int clReleaseMemObject(cl_mem memory) {
    return TABLE(memory)->clReleaseMemObject(memory);
}

cl_int clEnqueueNDRangeKernel(cl_command_queue queue,
                              cl_kernel kernel,
                              cl_uint dimensions,
                              const size_t* offset,
                              const size_t* global,
                              const size_t* local,
                              cl_uint count,
                              const cl_event* events,
                              cl_event* event) {
    return TABLE(queue)->clEnqueueNDRangeKernel(
        queue, kernel, dimensions, offset, global, local, count, events, event);
}

cl_int clEnqueueReadBuffer(cl_command_queue queue,
                           cl_mem memory,
                           cl_bool blocking,
                           size_t offset,
                           size_t bytes,
                           void* host,
                           cl_uint count,
                           const cl_event* events,
                           cl_event* event) {
    return TABLE(queue)->clEnqueueReadBuffer(
        queue, memory, blocking, offset, bytes, host, count, events, event);
}

cl_int clEnqueueMarkerWithWaitList(cl_command_queue queue,
                                   cl_uint count,
                                   const cl_event* events,
                                   cl_event* event) {
    return TABLE(queue)->clEnqueueMarkerWithWaitList(queue, count, events, event);
}

cl_int clSetEventCallback(cl_event event,
                          cl_int type,
                          void(CL_CALLBACK* notify)(cl_event, cl_int, void*),
                          void* data) {
    return TABLE(event)->clSetEventCallback(event, type, notify, data);
}

cl_int clFlush(cl_command_queue queue) {
    return TABLE(queue)->clFlush(queue);
}

cl_int clFinish(cl_command_queue queue) {
    return queue != NULL ? TABLE(queue)->clFinish(queue) : CL_INVALID_COMMAND_QUEUE;
}

cl_int clWaitForEvents(cl_uint count, const cl_event* events) {
    if (count == 0 || events == NULL) return CL_INVALID_VALUE;
    return events[0] != NULL ? TABLE(events[0])->clWaitForEvents(count, events) : CL_INVALID_EVENT;
}

cl_int clGetEventInfo(
    cl_event event, cl_event_info name, size_t bytes, void* value, size_t* out_bytes) {
    if (event == NULL) return CL_INVALID_EVENT;
    return TABLE(event)->clGetEventInfo(event, name, bytes, value, out_bytes);
}

cl_int clReleaseEvent(cl_event event) {
    return event != NULL ? TABLE(event)->clReleaseEvent(event) : CL_INVALID_EVENT;
}

void* clGetExtensionFunctionAddressForPlatform(cl_platform_id platform, const char* name) {
    if (platform == NULL) return NULL;
    return TABLE(platform)->clGetExtensionFunctionAddressForPlatform(platform, name);
}
