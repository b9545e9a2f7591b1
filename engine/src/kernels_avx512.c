/* Compiled with this set's flags (see engine/CMakeLists.txt); without them, a build without the set. */
#include "kernels.h"

#if defined(__AVX512F__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__FMA__)
#define SIMD_AVX512
#include "kernel_set.h"
static const kernels set = KERNEL_SET("AVX-512");
const kernels *const kernels_avx512 = &set;
#else
const kernels *const kernels_avx512 = NULL;
#endif
