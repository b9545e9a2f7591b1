/* The best rank-1 split of a kernel, by one-sided Jacobi rotations (Hestenes 1958) in double precision. */
#include "conv/analysis.h"
#include "refuse.h"
#include "rounding.h"
#include <math.h>
#include <string.h>

enum { LARGEST_SIDE = 64, SWEEPS = 60 };

typedef struct decomposition {
    int64_t rows, columns;
    double a[LARGEST_SIDE * LARGEST_SIDE]; /* becomes U times the singular values */
    double v[LARGEST_SIDE * LARGEST_SIDE];
} decomposition;

/* Turns columns p and q until they are orthogonal. Returns whether they were not. */
static bool rotate(decomposition *d, int64_t p, int64_t q) {
    double pp = 0, qq = 0, pq = 0;
    for (int64_t i = 0; i < d->rows; i++) {
        double x = d->a[i * d->columns + p], y = d->a[i * d->columns + q];
        pp += x * x;
        qq += y * y;
        pq += x * y;
    }
    if (fabs(pq) <= 1e-15 * sqrt(pp * qq) || pq == 0) return false;
    double zeta = (qq - pp) / (2 * pq);
    double t = (zeta >= 0 ? 1 : -1) / (fabs(zeta) + sqrt(1 + zeta * zeta));
    double c = 1 / sqrt(1 + t * t), s = c * t;
    for (int64_t i = 0; i < d->rows + d->columns; i++) {
        double *row = i < d->rows ? d->a + i * d->columns : d->v + (i - d->rows) * d->columns;
        double x = row[p], y = row[q];
        row[p] = c * x - s * y;
        row[q] = s * x + c * y;
    }
    return true;
}

static double column_norm(const decomposition *d, int64_t j) {
    double sum = 0;
    for (int64_t i = 0; i < d->rows; i++) sum += d->a[i * d->columns + j] * d->a[i * d->columns + j];
    return sqrt(sum);
}

static void decompose(decomposition *d, const float *kernel) {
    for (int64_t i = 0; i < d->rows * d->columns; i++) d->a[i] = (double)kernel[i];
    memset(d->v, 0, sizeof d->v);
    for (int64_t j = 0; j < d->columns; j++) d->v[j * d->columns + j] = 1;
    bool turned = true;
    for (int sweep = 0; sweep < SWEEPS && turned; sweep++) {
        turned = false;
        for (int64_t p = 0; p < d->columns; p++)
            for (int64_t q = p + 1; q < d->columns; q++) turned = rotate(d, p, q) || turned;
    }
}

/* The largest singular value's column, and how many are not negligible beside it. */
static int64_t first_triple(const decomposition *d, double *largest, int *rank) {
    int64_t best = 0;
    *largest = -1;
    for (int64_t j = 0; j < d->columns; j++) {
        double norm = column_norm(d, j);
        if (norm > *largest) {
            *largest = norm;
            best = j;
        }
    }
    *rank = 0;
    for (int64_t j = 0; j < d->columns; j++) *rank += *largest > 0 && column_norm(d, j) > 1e-6 * *largest;
    return best;
}

conv_status conv_separate(const float *kernel, int64_t height, int64_t width, float *column, float *row,
                          float *residual, double *error_norm, int *rank, conv_error *error) {
    if (height < 1 || width < 1 || height > LARGEST_SIDE || width > LARGEST_SIDE)
        return refuse(error, CONV_TOO_LARGE, "kernel_size",
                      "a kernel of {0} to {1} cells a side can be split, not {2} x {3}", number(1),
                      number(LARGEST_SIDE), number(height), number(width));
    for (int64_t i = 0; i < height * width; i++)
        if (!isfinite(kernel[i]))
            return refuse(error, CONV_BAD_ARGUMENT, "weight", "a kernel with infinite weights or NaN cannot be split");
    fenv_t callers = rounding_enter();
    decomposition d = {.rows = height, .columns = width};
    decompose(&d, kernel);
    double largest, left = 0;
    int64_t best = first_triple(&d, &largest, rank);
    double share = largest > 0 ? sqrt(largest) : 0, sign = 1;
    for (int64_t i = height - 1; i >= 0; i--) {
        double u = d.a[i * width + best];
        if (fabs(u) > 1e-12 * largest) sign = u < 0 ? -1 : 1;
    }
    for (int64_t i = 0; i < height; i++)
        column[i] = largest > 0 ? (float)(sign * d.a[i * width + best] / largest * share) : 0;
    for (int64_t j = 0; j < width; j++) row[j] = (float)(sign * d.v[j * width + best] * share);
    for (int64_t i = 0; i < height * width; i++) {
        double missed = (double)kernel[i] - (double)column[i / width] * (double)row[i % width];
        if (residual != NULL) residual[i] = (float)missed;
        left += missed * missed;
    }
    *error_norm = sqrt(left);
    rounding_leave(&callers);
    return CONV_OK;
}
