#include "copying.h"
#include <string.h>

void copy_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last, float *output,
                  int64_t *indices) {
    const kind *row = kind_of(layout->spec.op);
    (void)indices;
    if (first >= last) return;
    element at = output_element(layout, first);
    for (int64_t o = first; o < last;) {
        copied from = {0};
        row->source(layout, o, &at, &from);
        const float *cell = from.input < 0 ? &from.constant : &operands->input[from.which][from.input];
        int64_t run = from.run < last - o ? from.run : last - o, step = from.input < 0 ? 0 : from.step;
        if (run <= 1) {
            output[o++] = *cell;
            element_advance(layout, &at);
            continue;
        }
        if (step == 1)
            memcpy(output + o, cell, (size_t)run * sizeof *cell);
        else
            for (int64_t i = 0; i < run; i++) output[o + i] = cell[i * step];
        o += run;
        if (o < last) at = output_element(layout, o);
    }
}

void copy_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
               void *context) {
    copied from = {0};
    element at = output_element(layout, output);
    kind_of(layout->spec.op)->source(layout, output, &at, &from);
    conv_tap tap = {.input = from.input,
                    .weight = -1,
                    .output = output,
                    .which = from.which,
                    .channel = from.channel,
                    .in_padding = from.in_padding,
                    .factor = 1};
    memcpy(tap.kernel, from.kernel, sizeof tap.kernel);
    memcpy(tap.position, from.position, sizeof tap.position);
    memcpy(tap.location, from.location, sizeof tap.location);
    const float *input = operands->input[from.which];
    tap.value = from.input < 0 ? from.constant : input != NULL ? input[from.input] : 0;
    tap.product = tap.sum = tap.value;
    visit(context, &tap);
}
