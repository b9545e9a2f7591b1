/* The table of fast routines of one instruction set. Each set's table comes from the same source, compiled for it. */
#ifndef ENGINE_KERNELS_H
#define ENGINE_KERNELS_H

#include "patches.h"

enum { TILE_ROWS = 8, TILE_VECTORS = 2, MOST_LANES = 16, ROWS_TAPS = 32 };

/* What a register tile begins with: 0; the sums that are in c; or 0, and c is added at the end (a sum in parts, which
 * rounds less). */
typedef enum tile_start { TILE_FRESH, TILE_GO_ON, TILE_ADD } tile_start;

/* A register tile of a matrix product: for `rows` rows i and `columns` columns j,
 *     c[i][j] = a chain over k = 0 .. depth-1 of fma(b[k][j], a[i][k], .); then, perhaps, the bias.
 * b is read in whole vectors: TILE_VECTORS of them when columns > lanes, else one. */
typedef struct tile_call {
    int rows;    /* 1 .. TILE_ROWS */
    int columns; /* 1 .. TILE_VECTORS * lanes */
    int64_t depth;
    const float *a; /* a[i][k] at a + k * a_step + i, or, when a_row is not 0, at a + k + i * a_row */
    int64_t a_step, a_row;
    const float *const *a_line; /* not NULL: a[i][k] is at a_line[i] + a_at[k] */
    const int32_t *a_at;
    const float *b; /* b[k] at b + k * b_step */
    int64_t b_step;
    const float *ahead;  /* not NULL: b of a later call, fetched into the cache on the way; for a in rows */
    const int32_t *b_at; /* not NULL: b[k] is at b + b_at[k]; a is packed or listed */
    float *c;            /* c[i] at c + i * c_row */
    int64_t c_row;
    tile_start start;
    const float *row_bias;    /* one for each row, or NULL; added last */
    const float *column_bias; /* one for each column, or NULL; whole vectors are read */
} tile_call;

/* Output rows straight from input rows, for few channels: each vector of a row that is loaded serves several output
 * rows or channels. Output column x reads cell first + x * step + tap[t] of a row at kernel column t; cells before a
 * row and behind it are 0 and are not touched. */
typedef struct rows_call {
    const float *const *line; /* [planes][plane_rows]: where input rows begin, the first output's first row foremost */
    int planes;               /* input planes: channels times kernel depth, in chain order */
    int plane_rows;
    int64_t first, size; /* size: cells of an input row */
    int step;            /* 1 or 2 */
    int stride;          /* input rows between output rows */
    int64_t dilation;    /* and between kernel rows */
    int kernel_rows, kernel_columns;
    const int32_t *tap;    /* at most ROWS_TAPS, ascending */
    const float *weight;   /* [planes][kernel_rows][kernel_columns] for each output channel */
    int64_t weight_step;   /* between output channels */
    const float *bias;     /* one for each output channel, or NULL */
    int outputs;           /* output channels */
    int64_t rows, columns; /* of the output */
    float *output;
    int64_t output_plane, output_row;
} rows_call;

/* Planes of a depthwise layer of stride 1, each as one long row: output cell q adds weight[t] times cell q + shift[t]
 * of the plane, or times 0 where its lane is not inside. Lanes that are not inside are not touched. */
typedef struct flat_call {
    const float *plane; /* of the first channel */
    int64_t plane_step, planes;
    int64_t cells, vectors; /* of an output plane */
    int taps;
    const int32_t *shift;
    const uint32_t *inside; /* [taps][vectors]: bit i for lane i */
    const float *weight;    /* of each channel: taps, and then the bias */
    bool bias;              /* is added */
    float *output;          /* planes follow each other */
} flat_call;

/* Planes of a depthwise layer, `channels` of them, at most as many as a vector has lanes, at once. `room` is a padded
 * plane of vectors of channels: what is padding in it is 0 and stays so. Output (y, x) adds weight[v][u] times cell
 * (y * stride + v * dilation_rows, x * step + u * dilation_columns) of it. */
typedef struct channels_call {
    const float *input; /* planes follow each other, those of the output as well */
    int64_t plane;      /* cells of an input plane */
    int channels;
    const int32_t *place; /* [plane]: which vector of the room each cell is */
    float *room;
    int64_t room_row; /* vectors */
    int stride, step; /* between output rows, between output columns: 1 or 2 */
    int64_t dilation_rows, dilation_columns;
    int kernel_rows, kernel_columns;
    const float *weight; /* vectors of channels: [kernel_rows][kernel_columns], and then the bias */
    bool bias;           /* is added */
    int64_t rows, columns;
    float *sums; /* room for an output plane of vectors */
    float *output;
} channels_call;

/* Winograd's transforms of an axis are known by their points, 3 to 6, or 1 where there is none; those at stride 2,
 * which have odd cells beside them (five or nine components), by numbers of their own. */
enum { WINOGRAD_TWO_AND_ODD = 7, WINOGRAD_FOUR_AND_ODD = 9 };

/* Components to outputs, each a vector of channels. */
typedef struct winograd_tile {
    const float *components;
    int64_t component_step;
    const float *bias; /* a vector, or NULL */
    float *outputs;
    int64_t row_step, column_step;
    int transform;     /* in each direction that has more than one output */
    int rows, columns; /* of the outputs */
} winograd_tile;

typedef struct kernels {
    const char *name;
    int lanes;
    int tile_rows; /* rows of a register tile that do best */
    void (*tile)(const tile_call *call);
    void (*rows)(const rows_call *call);
    void (*flat)(const flat_call *call);
    void (*channels)(const channels_call *call);
    /* Copies `count` cells of a row of `size` cells, from cell `first` on, every step-th; cells outside the row are 0.
     * Writes whole vectors: up to lanes - 1 floats more than count. */
    void (*copy)(float *to, const float *row, int64_t size, int64_t first, int64_t step, int64_t count);
    /* Gathers what windows read into a panel, see kernel_pack.h. */
    void (*pack)(const patches *p, const float *input, int64_t first, int64_t count, int64_t k_first, int64_t k_last,
                 float *to, int64_t width, int64_t panel_step);
    /* to[j * to_step + i] = from[i * from_step + j] for i < rows, j < columns, both at most lanes. */
    void (*transpose)(const float *from, int64_t from_step, int rows, int columns, float *to, int64_t to_step);
    /* to[2 * i] = even[i], to[2 * i + 1] = odd[i] for i < count. */
    void (*interleave)(float *to, const float *even, const float *odd, int64_t count);
    /* to[i * step] = from[i] for i < count; what lies between is not touched: others may be writing it. */
    void (*spread)(float *to, int64_t step, const float *from, int64_t count);
    /* sum[i] = fma(cells[i], outer * share[i], sum[i]) for i < count: one tap of the linear upsampling of a row. */
    void (*blend)(float *sum, const float *cells, const float *share, float outer, int64_t count);
    /* to[i] = e^(from[i] - less[i]), to[i] /= by[i] for i < count; with a step of 0 all by the first. */
    void (*exponentials)(float *to, const float *from, const float *less, int less_step, int64_t count);
    void (*divide)(float *to, const float *by, int by_step, int64_t count);
    /* By kind of activation: to[i] = its function of from[i], see elementwise.h, for i < count. slope: LeakyReLU's. */
    void (*elementwise[CONV_KIND_COUNT])(float *to, const float *from, float slope, int64_t count);
    /* The largest; NaN when there is one. */
    float (*maximum)(const float *from, int64_t count);
    /* sum[j] += from[j * step + i] for i < count, one after the other, for each of j < lines, at most lanes. */
    void (*line_sums)(float *sum, const float *from, int64_t step, int lines, int64_t count);
    /* One tile of Winograd, `lanes` channels at once, see kernel_winograd.h: components by the transforms `high` and
     * `wide` from as many pixels, and outputs from components; false when some are not finite. */
    void (*winograd_input)(const float *pixels, int64_t row_step, int64_t column_step, int high, int wide,
                           float *components, int64_t component_step);
    bool (*winograd_output)(const winograd_tile *tile);
} kernels;

/* The table of the best set in a mask; that of plain C when there is none. */
const kernels *kernels_for(unsigned cpu);

/* The instruction sets that this build has. */
unsigned kernels_built(void);

/* One for each set; NULL: not in this build. */
extern const kernels *const kernels_avx512, *const kernels_avx2, *const kernels_neon, *const kernels_plain;

#endif
