/* The victims' driver calls as CUDA has them. */
#ifndef HEADWAY_TESTS_SHIM_CUDA_DRIVER_H
#define HEADWAY_TESTS_SHIM_CUDA_DRIVER_H

#define VICTIM_DEVICE "cuda:0"
#define VICTIM_LIBRARY "libcuda.so"

#include "tests/shim/victims/driver_calls.h"

int cuLaunchKernel_ptsz(Handle function,
                        unsigned grid_x,
                        unsigned grid_y,
                        unsigned grid_z,
                        unsigned block_x,
                        unsigned block_y,
                        unsigned block_z,
                        unsigned shared_bytes,
                        Handle stream,
                        void** parameters,
                        void** extra);

#endif
