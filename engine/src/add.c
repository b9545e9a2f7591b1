/* The sum of several inputs of one shape: what joins a skip connection by addition. */
#include "kinds.h"
#include "refuse.h"
#include "shape.h"

static conv_status shape(conv_layout *layout, conv_error *error) {
    for (int i = 1; i < layout->input_count; i++)
        if (!conv_shape_equal(&layout->input[i], &layout->input[0]))
            return refuse(error, CONV_BAD_SHAPE, "input",
                          "inputs of shape {0} and {1} cannot be added: crop or pad one", shape_word(&layout->input[0]),
                          shape_word(&layout->input[i]));
    shape_pointwise(layout);
    return CONV_OK;
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    (void)indices;
    for (int64_t o = first; o < last; o++) {
        float sum = 0;
        for (int i = 0; i < layout->input_count; i++) sum += operands->input[i][o];
        output[o] = sum;
    }
}

static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    chain c = {.visit = visit, .context = context};
    for (int i = 0; i < layout->input_count; i++) {
        conv_tap tap = {.input = output, .weight = -1, .output = output, .which = i, .factor = 1};
        tap.value = operands->input[i] != NULL ? operands->input[i][output] : 0;
        chain_add(&c, &tap);
    }
}

const kind add_kind = {.shape = shape, .outputs = outputs, .taps = taps};
