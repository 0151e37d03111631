/* Finds driver functions in every way that programs use, and prints whose function each one is:
 * "headway", "driver" or "none". Not linked to libcuda.so.1.
 *   look_ups dlopen NAME... | proc | noload | close | outer LIBRARY */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef int (*GetProc2)(const char*, void**, int, uint64_t, int*);
typedef int (*GetProc1)(const char*, void**, int, uint64_t);

static const char* owner(void* function) {
    Dl_info info;
    void* library = NULL;
    if (function == NULL) return "none";
    if (dladdr1(function, &info, &library, RTLD_DL_LINKMAP) == 0) return "unknown";
    return dlsym(library, "headway_cuda_shim") != NULL ? "headway" : "driver";
}

static void open_by_name(const char* name) {
    void* library = dlopen(name, RTLD_NOW);
    const char* slash = strrchr(name, '/');
    void* function = library != NULL ? dlsym(library, "cuLaunchKernel") : NULL;
    printf("dlopen %s: %s\n", slash != NULL ? slash : name, owner(function));
    library = dlmopen(LM_ID_BASE, name, RTLD_NOW);
    function = library != NULL ? dlsym(library, "cuLaunchKernel") : NULL;
    printf("dlmopen %s: %s\n", slash != NULL ? slash : name, owner(function));
}

static void ask(GetProc2 get, const char* name, int version, uint64_t flags) {
    void* function = NULL;
    Dl_info info;
    int status = -1;
    const int result = get(name, &function, version, flags, &status);
    memset(&info, 0, sizeof(info));
    if (function != NULL) dladdr(function, &info);
    printf("%s %d %d: %s %s, result %d, status %d\n",
           name,
           version,
           (int)flags,
           owner(function),
           info.dli_sname != NULL ? info.dli_sname : "-",
           result,
           status);
}

static void proc(void) {
    static const char* const names[] = {"cuLaunchKernel",
                                        "cuCtxSynchronize",
                                        "cuMemcpyBatchAsync",
                                        "cuMemcpyHtoD",
                                        "cuMemPrefetchAsync",
                                        "cuStreamBeginCapture",
                                        "cuGetProcAddress",
                                        "cuCtxGetCurrent",
                                        "cuNoSuchFunction"};
    static const int versions[] = {2000, 4000, 7000, 10010, 11030, 12000, 12080, 13000, 13090};
    void* library = dlopen("libcuda.so.1", RTLD_NOW);
    GetProc2 get = (GetProc2)dlsym(library, "cuGetProcAddress_v2");
    for (unsigned n = 0; n < sizeof(names) / sizeof(names[0]); ++n) {
        for (unsigned v = 0; v < sizeof(versions) / sizeof(versions[0]); ++v) {
            for (uint64_t flags = 0; flags < 3; ++flags)
                ask(get, names[n], versions[v], flags);
        }
    }
    void* itself = NULL;
    get("cuGetProcAddress", &itself, 12000, 0, NULL);
    printf("_v2 returns itself: %d\n", itself == (void*)get);
    GetProc1 first = (GetProc1)dlsym(library, "cuGetProcAddress");
    first("cuGetProcAddress", &itself, 11030, 0);
    printf("first returns itself: %d\n", itself == (void*)first);
    printf("no place for the answer: %d\n", get("cuInit", NULL, 12000, 0, NULL));
}

int main(int argc, char** argv) {
    for (int i = 2; i < argc && strcmp(argv[1], "dlopen") == 0; ++i)
        open_by_name(argv[i]);
    if (strcmp(argv[1], "proc") == 0) proc();
    if (strcmp(argv[1], "noload") == 0) {
        printf("loaded before: %d\n", dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD) != NULL);
        void* library = dlopen("libcuda.so.1", RTLD_NOW);
        printf("opened: %d\n", library != NULL);
        printf("loaded after: %d\n", dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD) != NULL);
    }
    if (strcmp(argv[1], "close") == 0) {
        for (int i = 0; i < 3; ++i) {
            void* library = dlopen("libcuda.so.1", RTLD_NOW);
            int (*init)(unsigned) = (int (*)(unsigned))dlsym(library, "cuInit");
            printf("init %d, close %d\n", init(0), dlclose(library));
        }
    }
    if (strcmp(argv[1], "outer") == 0) {
        void* outer = dlopen(argv[2], RTLD_NOW);
        int (*inner)(void) =
            outer != NULL ? (int (*)(void))dlsym(outer, "outer_opens_inner") : NULL;
        printf("inner: %d\n", inner != NULL ? inner() : -1);
    }
    return 0;
}
