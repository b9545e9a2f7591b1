/* The sparse matrix of a linear operation, read off the taps of its outputs. */
#include "conv/analysis.h"
#include "kind.h"
#include "memory.h"
#include "plan.h"
#include "refuse.h"
#include "rounding.h"
#include <math.h>
#include <string.h>

/* First the entries are counted, then written. */
typedef struct builder {
    conv_matrix *matrix; /* column NULL: only count */
    int64_t at;
    float slope;
    bool samples;
} builder;

static void add_entry(builder *b, int64_t column, int64_t weight, float value) {
    if (b->matrix->column != NULL) {
        b->matrix->column[b->at] = column;
        b->matrix->weight[b->at] = weight;
        b->matrix->value[b->at] = value;
    }
    b->at++;
}

static void add_tap(void *context, const conv_tap *tap) {
    builder *b = context;
    if (b->samples) {
        for (int i = 0; i < 4; i++)
            if (tap->sample[i] >= 0 && tap->sample_weight[i] != 0)
                add_entry(b, tap->sample[i], tap->weight, tap->factor * tap->sample_weight[i]);
    } else if (tap->input >= 0) {
        add_entry(b, tap->input, tap->weight, tap->factor * b->slope);
    }
}

static bool take_entries(conv_matrix *m) {
    m->column = memory_take(&m->allocator, m->entries, sizeof *m->column);
    m->weight = memory_take(&m->allocator, m->entries, sizeof *m->weight);
    m->value = memory_take(&m->allocator, m->entries, sizeof *m->value);
    return m->column != NULL && m->weight != NULL && m->value != NULL;
}

/* Sizes of the first sample. */
static conv_status measure(const conv_layout *layout, conv_matrix *m, conv_error *error) {
    if (!layout->spec.op->linear)
        return refuse(error, CONV_UNSUPPORTED, "", "{0} is not linear: it has no matrix", word(layout->spec.op->name));
    if (layout->input_count != 1)
        return refuse(error, CONV_UNSUPPORTED, "", "{0} has several inputs: it has no single matrix",
                      word(layout->spec.op->name));
    bool sample = layout->batched && layout->batch > 0;
    int64_t batch = sample ? layout->batch : 1;
    m->rows = conv_shape_count(&layout->output) / batch;
    m->columns = conv_shape_count(&layout->input[0]) / batch;
    return CONV_OK;
}

conv_status conv_matrix_create(const conv_plan *plan, const conv_operands *operands, int64_t entry_limit,
                               conv_matrix *matrix, conv_error *error) {
    const conv_layout *layout = &plan->layout;
    const kind *row = kind_of(layout->spec.op);
    conv_matrix m = {.allocator = plan->engine->allocator};
    conv_status status = measure(layout, &m, error);
    if (status != CONV_OK) return status;
    conv_operands merged = plan_operands(plan, operands);
    merged.input[0] = NULL;
    m.row_begin = memory_take(&m.allocator, m.rows + 1, sizeof *m.row_begin);
    if (m.row_begin == NULL) return refuse_memory(error);
    builder b = {.matrix = &m, .slope = 1, .samples = layout->spec.op->kind == CONV_DEFORM};
    fenv_t callers = rounding_enter(); /* both times: which shares are 0 depends on it */
    for (int64_t o = 0; o < m.rows && b.at <= entry_limit; o++) {
        m.row_begin[o] = b.at;
        row->taps(layout, &merged, o, add_tap, &b);
    }
    rounding_leave(&callers);
    if (b.at > entry_limit) {
        conv_matrix_destroy(&m);
        return refuse(error, CONV_TOO_LARGE, "input",
                      "the matrix would have more than {0} entries: use a smaller input", number(entry_limit));
    }
    m.entries = m.row_begin[m.rows] = b.at;
    if (!take_entries(&m)) {
        conv_matrix_destroy(&m);
        return refuse_memory(error);
    }
    callers = rounding_enter();
    b.at = 0;
    for (int64_t o = 0; o < m.rows; o++) {
        if (row->slope != NULL) b.slope = row->slope(layout, &merged, o);
        row->taps(layout, &merged, o, add_tap, &b);
    }
    rounding_leave(&callers);
    *matrix = m;
    return CONV_OK;
}

void conv_matrix_destroy(conv_matrix *matrix) {
    memory_give(&matrix->allocator, matrix->row_begin);
    memory_give(&matrix->allocator, matrix->column);
    memory_give(&matrix->allocator, matrix->weight);
    memory_give(&matrix->allocator, matrix->value);
    *matrix = (conv_matrix){.allocator = matrix->allocator};
}

/* Entries sorted by column, each column's in the order of its rows. */
conv_status conv_matrix_transpose(const conv_matrix *matrix, conv_matrix *transpose, conv_error *error) {
    conv_matrix t = {
        .rows = matrix->columns, .columns = matrix->rows, .entries = matrix->entries, .allocator = matrix->allocator};
    t.row_begin = memory_take(&t.allocator, t.rows + 1, sizeof *t.row_begin);
    if (t.row_begin == NULL || !take_entries(&t)) {
        conv_matrix_destroy(&t);
        return refuse_memory(error);
    }
    memset(t.row_begin, 0, (size_t)(t.rows + 1) * sizeof *t.row_begin);
    for (int64_t e = 0; e < matrix->entries; e++) t.row_begin[matrix->column[e] + 1]++;
    for (int64_t r = 0; r < t.rows; r++) t.row_begin[r + 1] += t.row_begin[r];
    /* Each row's begin moves to its end while it is filled; then all move back by one row. */
    for (int64_t r = 0; r < matrix->rows; r++)
        for (int64_t e = matrix->row_begin[r]; e < matrix->row_begin[r + 1]; e++) {
            int64_t to = t.row_begin[matrix->column[e]]++;
            t.column[to] = r;
            t.weight[to] = matrix->weight[e];
            t.value[to] = matrix->value[e];
        }
    memmove(t.row_begin + 1, t.row_begin, (size_t)t.rows * sizeof *t.row_begin);
    t.row_begin[0] = 0;
    *transpose = t;
    return CONV_OK;
}

void conv_matrix_apply(const conv_matrix *matrix, const float *x, float *y) {
    fenv_t callers = rounding_enter();
    for (int64_t r = 0; r < matrix->rows; r++) {
        float sum = 0;
        for (int64_t e = matrix->row_begin[r]; e < matrix->row_begin[r + 1]; e++)
            sum = fmaf(x[matrix->column[e]], matrix->value[e], sum);
        y[r] = sum;
    }
    rounding_leave(&callers);
}
