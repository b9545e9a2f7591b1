/* Other views of a linear operation: its sparse matrix, and a kernel's split into two 1-D passes. */
#ifndef CONV_ANALYSIS_H
#define CONV_ANALYSIS_H

#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The matrix C of y = C x (+ bias), input and output flattened in C order; in compressed sparse rows. Entries keep the
 * weight they repeat, so that weight sharing can be shown. Taps of one cell that coincide (replicate padding) are
 * separate entries in chain order. Of the four cells that bilinear sampling reads, those with a share of 0 are no
 * entries. */
typedef struct conv_matrix {
    int64_t rows, columns, entries;
    int64_t *row_begin; /* rows + 1 */
    int64_t *column;    /* entries */
    int64_t *weight;    /* entries: flat index into the weight; -1: none */
    float *value;       /* entries */
    conv_allocator allocator;
} conv_matrix;

/* Builds the matrix for one sample (batch index 0). Refuses operations that are not linear, and more than `entry_limit`
 * entries. */
conv_status conv_matrix_create(const conv_plan *plan, const conv_operands *operands, int64_t entry_limit,
                               conv_matrix *matrix, conv_error *error);
void conv_matrix_destroy(conv_matrix *matrix);

/* The transpose, as a new matrix. */
conv_status conv_matrix_transpose(const conv_matrix *matrix, conv_matrix *transpose, conv_error *error);

/* y = C x, each row one chain of fused multiply-adds. No bias. */
void conv_matrix_apply(const conv_matrix *matrix, const float *x, float *y);

/* The best rank-1 split of a height x width kernel: column[i] * row[j] nearest to it in the Frobenius norm (the first
 * singular triple, Eckart-Young; its singular value shared evenly, the first non-zero weight of `column` positive).
 * `residual`, unless NULL, receives kernel minus split; *error_norm its Frobenius norm, *rank the numerical rank
 * (singular values above 1e-6 of the first). */
conv_status conv_separate(const float *kernel, int64_t height, int64_t width, float *column, float *row,
                          float *residual, double *error_norm, int *rank, conv_error *error);

/* The operation whose forward pass is the gradient of a convolution with respect to its input: the transposed
 * convolution with the same weights (and output_padding such that the shape comes out). Refused for padding modes other
 * than zeros. */
conv_status conv_backward_spec(const conv_layout *layout, conv_spec *backward, conv_error *error);

/* Output gradient to input gradient of one operation at the given operands. */
conv_status conv_plan_backward(conv_plan *plan, const conv_operands *operands, const float *output_gradient,
                               float *const *input_gradients, conv_error *error);

#ifdef __cplusplus
}
#endif

#endif
