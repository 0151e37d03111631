// An ordinary program of the CUDA runtime. Against the stand-in the runtime gives up after its look-ups and
// cuInit, since the stand-in has none of the driver's private tables; with a GPU it runs its kernel.
#include <cuda_runtime.h>

#include <cstdio>

__global__ void store_one(int* value) { *value = 1; }

int main() {
    int devices = 0;
    const cudaError_t counted = cudaGetDeviceCount(&devices);
    std::printf("devices: %s %d\n", cudaGetErrorName(counted), devices);
    if (devices == 0) return 0;
    int* value = nullptr;
    int host = 0;
    cudaMalloc(&value, sizeof(int));
    store_one<<<1, 1>>>(value);
    const cudaError_t copied = cudaMemcpy(&host, value, sizeof(int), cudaMemcpyDeviceToHost);
    std::printf("kernel: %s %d\n", cudaGetErrorName(copied), host);
    return 0;
}
