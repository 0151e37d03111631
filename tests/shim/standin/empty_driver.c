/* A driver that does nothing, to time the way to it. */
int cuInit(unsigned flags);
int cuLaunchKernel(void);
int cuStreamSynchronize(void);

__attribute__((visibility("default"))) int cuInit(unsigned flags) {
    return flags == 0 ? 0 : 1;
}

__attribute__((visibility("default"))) int cuLaunchKernel(void) {
    return 0;
}

__attribute__((visibility("default"))) int cuStreamSynchronize(void) {
    return 0;
}
