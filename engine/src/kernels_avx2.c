/* Compiled with this set's flags (see engine/CMakeLists.txt); without them, a build without the set. */
#include "kernels.h"

#if defined(__AVX2__) && defined(__FMA__)
#define SIMD_AVX2
#include "kernel_set.h"
static const kernels set = KERNEL_SET("AVX2");
const kernels *const kernels_avx2 = &set;
#else
const kernels *const kernels_avx2 = NULL;
#endif
