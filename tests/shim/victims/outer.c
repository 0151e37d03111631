/* A library with DT_RUNPATH $ORIGIN that opens its neighbour by name, as Python wheels do. */
#include <dlfcn.h>
#include <stddef.h>

int outer_opens_inner(void);

__attribute__((visibility("default"))) int outer_opens_inner(void) {
    void* inner = dlopen("libshim_test_inner.so", RTLD_NOW);
    int (*answer)(void) = inner != NULL ? (int (*)(void))dlsym(inner, "inner_answer") : NULL;
    return answer != NULL ? answer() : -2;
}
