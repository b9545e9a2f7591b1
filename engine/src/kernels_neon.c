/* NEON belongs to every aarch64: no flags are needed. */
#include "kernels.h"

#if defined(__aarch64__)
#define SIMD_NEON
#include "kernel_set.h"
static const kernels set = KERNEL_SET("NEON");
const kernels *const kernels_neon = &set;
#else
const kernels *const kernels_neon = NULL;
#endif
