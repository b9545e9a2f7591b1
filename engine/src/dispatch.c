#include "kernels.h"

#include "conv/engine.h"

unsigned kernels_built(void) {
    unsigned cpu = CONV_CPU_PLAIN;
    if (kernels_avx512 != NULL) cpu |= CONV_CPU_AVX512;
    if (kernels_avx2 != NULL) cpu |= CONV_CPU_AVX2;
    if (kernels_neon != NULL) cpu |= CONV_CPU_NEON;
    return cpu;
}

const kernels *kernels_for(unsigned cpu) {
    cpu &= kernels_built();
    if (cpu & CONV_CPU_AVX512) return kernels_avx512;
    if (cpu & CONV_CPU_AVX2) return kernels_avx2;
    if (cpu & CONV_CPU_NEON) return kernels_neon;
    return kernels_plain;
}
