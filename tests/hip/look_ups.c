/* Finds the runtime's functions in the ways of programs that are not linked to it (Triton, ctypes),
 * and prints whose function each one is: "headway", "runtime" or "none".
 *   look_ups open NAME... | proc NAME | noload NAME | close NAME */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef int (*GetProc)(const char*, void**, int, uint64_t, int*);

static const char* owner(void* function) {
    Dl_info info;
    void* library = NULL;
    if (function == NULL) return "none";
    if (dladdr1(function, &info, &library, RTLD_DL_LINKMAP) == 0) return "unknown";
    return dlsym(library, "headway_hip_shim") != NULL ? "headway" : "runtime";
}

static void open_by_name(const char* name) {
    void* library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    const char* slash = strrchr(name, '/');
    void* function = library != NULL ? dlsym(library, "hipModuleLaunchKernel") : NULL;
    printf("dlopen %s: %s\n", slash != NULL ? slash : name, owner(function));
}

static void ask(GetProc get, const char* name, uint64_t flags) {
    void* function = NULL;
    Dl_info info;
    int status = -1;
    const int result = get(name, &function, 60443483, flags, &status);
    memset(&info, 0, sizeof(info));
    if (function != NULL) dladdr(function, &info);
    printf("%s %d: %s %s, result %d, status %d\n",
           name,
           (int)flags,
           owner(function),
           info.dli_sname != NULL ? info.dli_sname : "-",
           result,
           status);
}

static void proc(const char* name) {
    static const char* const names[] = {"hipModuleLaunchKernel",
                                        "hipLaunchKernel",
                                        "hipMemcpyAsync",
                                        "hipMemcpyAsync_spt",
                                        "hipStreamSynchronize",
                                        "hipGetDevice",
                                        "hipNoSuchFunction"};
    void* library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    GetProc get = (GetProc)dlsym(library, "hipGetProcAddress");
    for (unsigned n = 0; n < sizeof(names) / sizeof(names[0]); ++n) {
        ask(get, names[n], 0);
        ask(get, names[n], 2);
    }
    printf("no place for the status: %d\n", get("hipInit", &library, 600, 0, NULL));
    printf("no place for the answer: %d\n", get("hipInit", NULL, 600, 0, NULL));
}

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    for (int i = 2; i < argc && strcmp(argv[1], "open") == 0; ++i)
        open_by_name(argv[i]);
    if (strcmp(argv[1], "proc") == 0) proc(argv[2]);
    if (strcmp(argv[1], "noload") == 0) {
        printf("loaded before: %d\n", dlopen(argv[2], RTLD_NOW | RTLD_NOLOAD) != NULL);
        void* library = dlopen(argv[2], RTLD_NOW);
        printf("opened: %d\n", library != NULL);
        printf("loaded after: %d\n", dlopen(argv[2], RTLD_NOW | RTLD_NOLOAD) != NULL);
    }
    for (int i = 0; i < 3 && strcmp(argv[1], "close") == 0; ++i) {
        void* library = dlopen(argv[2], RTLD_NOW);
        int (*init)(unsigned) = (int (*)(unsigned))dlsym(library, "hipInit");
        printf("init %d, close %d\n", init(0), dlclose(library));
    }
    return 0;
}
