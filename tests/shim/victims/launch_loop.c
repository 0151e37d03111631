/* Prints the nanoseconds that one kernel launch takes: the least of many batches, and their median.
 *
 * launch_loop [stay|-] [cold]
 *   stay  ends when its standard input does
 *   cold  runs other code on other data between two launches, as a program does: what a launch
 *         needs is then no longer in the processor's nearest caches
 */
#include "driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { kBatches = 200, kLaunches = 2000, kColdLaunches = 20 };

/* As much as a framework touches from one launch to the next: several first-level caches. */
enum { kOtherCode = 96 << 10, kOtherData = 192 << 10, kLine = 64 };

typedef int (*Launch)(Handle,
                      unsigned,
                      unsigned,
                      unsigned,
                      unsigned,
                      unsigned,
                      unsigned,
                      unsigned,
                      Handle,
                      void**,
                      void**);

static double now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void* left, const void* right) {
    const double a = *(const double*)left;
    const double b = *(const double*)right;
    return (a > b) - (a < b);
}

static void (*other_code)(void);
static volatile char* other_data;

static int make_other_work(void) {
    unsigned char* code = mmap(
        NULL, kOtherCode, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    other_data = malloc(kOtherData);
    if (code == MAP_FAILED || other_data == NULL) return 0;
#if defined(__x86_64__)
    /* One jump per line to the next line, and a return at the end. */
    for (int at = 0; at + kLine < kOtherCode; at += kLine) {
        code[at] = 0xeb;
        code[at + 1] = kLine - 2;
    }
    code[kOtherCode - kLine] = 0xc3;
    memcpy((void*)&other_code, &code, sizeof other_code);
#endif
    return 1;
}

static void do_other_work(void) {
    if (other_code != NULL) other_code();
    for (int at = 0; at < kOtherData; at += kLine)
        other_data[at]++;
}

int main(int argc, char** argv) {
    const int cold = argc > 2 && strcmp(argv[2], "cold") == 0;
    if (cold && !make_other_work()) return 3;
    void* library = dlopen("libcuda.so.1", RTLD_NOW);
    if (library == NULL) return 1;
    int (*init)(unsigned) = (int (*)(unsigned))dlsym(library, "cuInit");
    const Launch launch = (Launch)dlsym(library, "cuLaunchKernel");
    if (init(0) != 0) return 2;
    static double each[kBatches];
    for (int batch = 0; batch < kBatches; ++batch) {
        const int launches = cold ? kColdLaunches : kLaunches;
        double in_launches = 0;
        double start = now_ns();
        for (int i = 0; i < launches; ++i) {
            if (cold) {
                do_other_work();
                start = now_ns();
            }
            launch(NULL, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
            if (cold) in_launches += now_ns() - start;
        }
        if (!cold) in_launches = now_ns() - start;
        each[batch] = in_launches / launches;
    }
    qsort(each, kBatches, sizeof each[0], compare);
    printf("%.2f %.2f\n", each[0], each[kBatches / 2]);
    fflush(stdout);
    if (argc > 1 && strcmp(argv[1], "stay") == 0) {
        while (getchar() != EOF) {
        }
    }
    return 0;
}
