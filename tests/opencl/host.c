/* host PLUGIN: calls the plugin's main(), which is linked with an ICD loader; nobody but the plugin
 * sees that. Without a plugin there is no loader, and a preloaded library may answer all the same.
 */
#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>

#include <dlfcn.h>
#include <stdio.h>

/* The function, whoever answers for it. */
#define ENTRY(name) ((__typeof__(&name))dlsym(RTLD_DEFAULT, #name))

static int without_loader(void) {
    cl_uint count = 1;
    cl_int error = 0;
    if (ENTRY(clGetPlatformIDs) == NULL) return 0;
    printf("platforms %d", ENTRY(clGetPlatformIDs)(0, NULL, &count));
    printf(" %u\n", count);
    printf("context %d", ENTRY(clCreateContext)(NULL, 0, NULL, NULL, NULL, &error) != NULL);
    printf(" %d\nfinish %d\n", error, ENTRY(clFinish)(NULL));
    return 0;
}

int main(int argc, char** argv) {
    char* words[] = {argv[0], "early", NULL};
    if (argc < 2) return without_loader();
    void* plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    int (*entry)(int, char**) = NULL;
    if (plugin != NULL) *(void**)&entry = dlsym(plugin, "plugin_main");
    if (entry == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    return entry(2, words);
}
