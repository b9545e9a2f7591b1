/* Holds every fast routine of every instruction set to plain loops, in the spirit of dav1d's checkasm: random
 * arguments, exact bits, and memory that ends at a page which may not be touched.
 *
 *     kernels_check            checks
 *     kernels_check --bench    also prints the cycles and nanoseconds of a call for each set: transposes and transforms
 * of as many channels as the set has lanes */
#include "check.h"
#include "conv/engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const kernels *tested;
int failures;
static uint64_t seed = 1;

int pick(int first, int last) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return first + (int)((seed >> 33) % (uint64_t)(last - first + 1));
}

guarded take(int64_t count) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = (size_t)count * sizeof(float);
    guarded g = {.size = (bytes + page - 1) / page * page + 2 * page, .count = count};
    g.block = mmap(NULL, g.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.block == MAP_FAILED || mprotect((char *)g.block + page, g.size - 2 * page, PROT_READ | PROT_WRITE) != 0)
        exit(1);
    g.at = (float *)(void *)((char *)g.block + g.size - page - bytes);
    for (int64_t i = 0; i < count; i++) g.at[i] = (float)pick(-1000, 1000) * 0.0137f;
    return g;
}

void give(guarded *g) {
    munmap(g->block, g->size);
}

guarded take_row(int64_t count) {
    guarded g = take(count);
    if (pick(0, 1)) return g;
    float *front = (float *)(void *)((char *)g.block + sysconf(_SC_PAGESIZE));
    memmove(front, g.at, (size_t)count * sizeof *front);
    g.at = front;
    return g;
}

void expect(const char *what, const float *right, const float *got, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        if (memcmp(&right[i], &got[i], sizeof *got) == 0) continue;
        printf("%s: %s: float %lld is %.9g, not %.9g\n", tested->name, what, (long long)i, (double)got[i],
               (double)right[i]);
        failures++;
        return;
    }
}

float *copy_of(const guarded *g) {
    float *copy = malloc((size_t)g->count * sizeof *copy);
    if (copy == NULL) exit(1);
    memcpy(copy, g->at, (size_t)g->count * sizeof *copy);
    return copy;
}

static const struct {
    const char *name;
    void (*check)(void);
} routines[] = {{"tile", check_tile},
                {"copy", check_copy},
                {"transpose", check_transpose},
                {"interleave", check_interleave},
                {"spread", check_spread},
                {"blend", check_blend},
                {"exponentials", check_exponentials},
                {"divide", check_divide},
                {"elementwise", check_elementwise},
                {"maximum", check_maximum},
                {"line_sums", check_line_sums},
                {"pack", check_pack},
                {"rows", check_rows},
                {"flat", check_flat},
                {"channels", check_channels},
                {"winograd", check_winograd}};

int main(int argc, char **argv) {
    const kernels *const sets[] = {kernels_avx512, kernels_avx2, kernels_neon, kernels_plain};
    static const unsigned masks[] = {CONV_CPU_AVX512, CONV_CPU_AVX2, CONV_CPU_NEON, CONV_CPU_PLAIN};
    conv_engine *engine = NULL;
    if (conv_engine_create(NULL, &engine, NULL) != CONV_OK) return 1;
    unsigned here = conv_engine_cpu(engine);
    conv_engine_destroy(engine);
    for (int s = 0; s < 4; s++) {
        tested = sets[s];
        if (tested == NULL || (masks[s] & here) != masks[s]) continue;
        for (size_t r = 0; r < sizeof routines / sizeof *routines; r++) {
            int before = failures;
            for (int i = 0; i < 1500 && failures == before; i++) routines[r].check();
            printf("%-8s %-12s %s\n", tested->name, routines[r].name, failures == before ? "ok" : "WRONG");
        }
        if (argc > 1 && strcmp(argv[1], "--bench") == 0) bench_all();
    }
    return failures > 0;
}
