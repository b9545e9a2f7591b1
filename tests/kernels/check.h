/* What the checks of the fast routines share: the set of routines under test, random arguments, memory that ends at a
 * page which may not be touched, and exact bits. */
#ifndef TESTS_KERNELS_CHECK_H
#define TESTS_KERNELS_CHECK_H

#include "kernels.h"
#include <stddef.h>
#include <stdint.h>

extern const kernels *tested;
extern int failures;

/* A random number, first and last included; every run draws the same ones. */
int pick(int first, int last);

/* Floats whose end is the end of what may be touched. Filled with random numbers. */
typedef struct guarded {
    float *at;
    void *block;
    size_t size;
    int64_t count;
} guarded;

guarded take(int64_t count);
/* A row of random numbers that either begins or ends where nothing may be touched. */
guarded take_row(int64_t count);
void give(guarded *g);
float *copy_of(const guarded *g); /* to be freed */

/* Counts a failure, and says the first float that is not right to the bit. */
void expect(const char *what, const float *right, const float *got, int64_t count);

/* Each of these makes up one call of a routine of the tested set, and holds what it gives to plain loops. */
void check_tile(void);
void check_pack(void);
void check_copy(void);
void check_transpose(void);
void check_interleave(void);
void check_spread(void);
void check_blend(void);
void check_exponentials(void);
void check_divide(void);
void check_elementwise(void);
void check_maximum(void);
void check_line_sums(void);
void check_rows(void);
void check_flat(void);
void check_channels(void);
void check_winograd(void);

/* Prints the cycles and nanoseconds of a call of each routine of the tested set. */
void bench_all(void);

#endif
