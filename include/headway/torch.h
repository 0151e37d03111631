/* The LibTorch operator gate (libheadway_torch): on a CPU, every top-level ATen operator that a
 * thread runs while it is in a lane is gated like a launch. Neither torch nor the model changes. */
#ifndef HEADWAY_TORCH_H
#define HEADWAY_TORCH_H

#include "headway/headway.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Installs the gate for all threads of the process. Idempotent; thread-safe; does not block.
 * With HEADWAY_DISABLE=1 in the environment it installs nothing and returns HEADWAY_OK.
 * Errors: UNAVAILABLE (LibTorch refused the callback). */
HEADWAY_API headway_status_t headway_torch_install(void) HEADWAY_NOEXCEPT;

/* Removes the gate again. An operator that is running in another thread ends as it began.
 * Idempotent; thread-safe; does not block. */
HEADWAY_API void headway_torch_remove(void) HEADWAY_NOEXCEPT;

/* The version of LibTorch that this library was built for, "MAJOR.MINOR.PATCH". Another minor
 * version has other structures in its operators' callbacks. A static string. */
HEADWAY_API const char* headway_torch_built_with(void) HEADWAY_NOEXCEPT;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* HEADWAY_TORCH_H */
