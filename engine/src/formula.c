#include "formula.h"
#include "geometry.h"
#include "shape.h"
#include <inttypes.h>
#include <stdio.h>

#define D PRId64

/* Both sides of the padding: "2×1", or "1 + 2" where 'same' pads unevenly. */
static void padding_sum(const conv_axis *axis, char *text, int size) {
    if (axis->pad_before == axis->pad_after)
        snprintf(text, (size_t)size, "2×%" D, axis->pad_before);
    else
        snprintf(text, (size_t)size, "(%" D " + %" D ")", axis->pad_before, axis->pad_after);
}

void formula_slide(const conv_layout *layout, int i, bool symbols, char *text, int size) {
    const conv_axis *axis = &layout->axis[i];
    bool ceil_mode = layout->spec.ceil_mode;
    const char *rounding = ceil_mode ? "ceil" : "floor";
    const char *letter = axis_letter(layout->dims, i);
    bool dilated = conv_param_find(layout->spec.op, "dilation") >= 0;
    char sum[64];
    if (symbols) {
        bool same = layout->spec.padding_kind == CONV_PADDING_SAME;
        snprintf(sum, sizeof sum, same ? "dilation[%d]×(kernel_size[%d] - 1)" : "2×padding[%d]", i, i);
        if (dilated)
            snprintf(text, (size_t)size, "%s((%s_in + %s - dilation[%d]×(kernel_size[%d] - 1) - 1) / stride[%d] + 1)",
                     rounding, letter, sum, i, i, i);
        else
            snprintf(text, (size_t)size, "%s((%s_in + %s - kernel_size[%d]) / stride[%d] + 1)", rounding, letter, sum,
                     i, i);
        return;
    }
    padding_sum(axis, sum, (int)sizeof sum);
    int length;
    if (dilated)
        length = snprintf(text, (size_t)size, "%s((%" D " + %s - %" D "×(%" D " - 1) - 1) / %" D " + 1)", rounding,
                          axis->in, sum, axis->dilation, axis->kernel, axis->stride);
    else
        length = snprintf(text, (size_t)size, "%s((%" D " + %s - %" D ") / %" D " + 1)", rounding, axis->in, sum,
                          axis->kernel, axis->stride);
    if (length >= size) return;
    /* With ceil_mode a window that would begin in the padding behind the input is left out. */
    int64_t span = axis->in + axis->pad_before + axis->pad_after - conv_axis_extent(axis);
    int64_t windows = (ceil_mode ? (span + axis->stride - 1 < 0 ? -1 : (span + axis->stride - 1) / axis->stride)
                                 : span / axis->stride) +
                      1;
    if (windows != axis->out) length += snprintf(text + length, (size_t)(size - length), " - %" D, windows - axis->out);
    if (length < size) snprintf(text + length, (size_t)(size - length), " = %" D, axis->out);
}

void formula_transposed(const conv_layout *layout, int i, bool symbols, char *text, int size) {
    const conv_axis *axis = &layout->axis[i];
    const conv_spec *spec = &layout->spec;
    bool unpool = spec->op->kind == CONV_MAX_UNPOOL;
    const char *letter = axis_letter(layout->dims, i);
    if (symbols && unpool)
        snprintf(text, (size_t)size, "(%s_in - 1)×stride[%d] - 2×padding[%d] + kernel_size[%d]", letter, i, i, i);
    else if (symbols)
        snprintf(text, (size_t)size,
                 "(%s_in - 1)×stride[%d] - 2×padding[%d] + dilation[%d]×(kernel_size[%d] - 1) + output_padding[%d] + 1",
                 letter, i, i, i, i, i);
    else if (unpool)
        snprintf(text, (size_t)size, "(%" D " - 1)×%" D " - 2×%" D " + %" D " = %" D, axis->in, axis->stride,
                 spec->padding[i], axis->kernel, axis->out);
    else
        snprintf(text, (size_t)size, "(%" D " - 1)×%" D " - 2×%" D " + %" D "×(%" D " - 1) + %" D " + 1 = %" D,
                 axis->in, axis->stride, spec->padding[i], axis->dilation, axis->kernel, spec->output_padding[i],
                 axis->out);
}
