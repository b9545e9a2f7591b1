/* Gradients with respect to inputs, by way of the taps unless the kind knows a quicker one. */
#include "conv/analysis.h"
#include "kind.h"
#include "plan.h"
#include "refuse.h"
#include "rounding.h"
#include <math.h>
#include <string.h>

typedef struct share {
    float *const *gradients;
    float gradient; /* of the output element */
    bool chosen_only, samples;
} share;

static void share_out(void *context, const conv_tap *tap) {
    const share *s = context;
    if (s->samples) {
        for (int i = 0; i < 4; i++)
            if (tap->sample[i] >= 0)
                s->gradients[0][tap->sample[i]] += s->gradient * tap->factor * tap->sample_weight[i];
    } else if (tap->input >= 0 && (tap->chosen || !s->chosen_only)) {
        float *to = &s->gradients[tap->which][tap->input];
        *to = fmaf(s->gradient, tap->factor, *to);
    }
}

static void backward_by_taps(const conv_layout *layout, const conv_operands *operands, const float *output_gradient,
                             float *const *input_gradients) {
    const kind *row = kind_of(layout->spec.op);
    conv_kind id = layout->spec.op->kind;
    share s = {.gradients = input_gradients, .samples = id == CONV_DEFORM};
    s.chosen_only = id == CONV_MAX_POOL || id == CONV_ADAPTIVE_MAX_POOL;
    int64_t outputs = conv_shape_count(&layout->output);
    for (int64_t o = 0; o < outputs; o++) {
        if (output_gradient[o] == 0) continue;
        s.gradient = output_gradient[o];
        if (row->slope != NULL) s.gradient *= row->slope(layout, operands, o);
        row->taps(layout, operands, o, share_out, &s);
    }
}

conv_status conv_plan_backward(conv_plan *plan, const conv_operands *operands, const float *output_gradient,
                               float *const *input_gradients, conv_error *error) {
    const conv_layout *layout = &plan->layout;
    const kind *row = kind_of(layout->spec.op);
    if (!layout->spec.op->linear && !row->has_gradient)
        return refuse(error, CONV_UNSUPPORTED, "", "there is no gradient through {0} here",
                      word(layout->spec.op->name));
    conv_status status = plan_check_operands(plan, operands, error);
    if (status != CONV_OK) return status;
    conv_operands merged = plan_operands(plan, operands);
    fenv_t callers = rounding_enter();
    for (int i = 0; i < layout->input_count; i++)
        memset(input_gradients[i], 0, (size_t)conv_shape_count(&layout->input[i]) * sizeof(float));
    if (row->backward != NULL)
        row->backward(layout, &merged, output_gradient, input_gradients);
    else
        backward_by_taps(layout, &merged, output_gradient, input_gradients);
    rounding_leave(&callers);
    return CONV_OK;
}

conv_status conv_backward_spec(const conv_layout *layout, conv_spec *backward, conv_error *error) {
    const conv_spec *forward = &layout->spec;
    static const char *const names[] = {"ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"};
    if (forward->op->kind != CONV_CONV)
        return refuse(error, CONV_UNSUPPORTED, "", "{0} is no convolution", word(forward->op->name));
    if (forward->padding_mode != CONV_ZEROS)
        return refuse(error, CONV_UNSUPPORTED, "padding_mode",
                      "the gradient is a transposed convolution for padding_mode='zeros' only");
    conv_spec spec;
    conv_spec_init(&spec, conv_op_find(names[layout->dims - 1]));
    spec.in_channels = forward->out_channels;
    spec.out_channels = forward->in_channels;
    spec.groups = forward->groups;
    spec.bias = false;
    spec.flip = forward->flip;
    for (int i = 0; i < layout->dims; i++) {
        const conv_axis *axis = &layout->axis[i];
        if (axis->pad_before != axis->pad_after)
            return refuse(error, CONV_UNSUPPORTED, "padding",
                          "padding='same' is uneven here ({0} and {1}): no transposed convolution pads so",
                          number(axis->pad_before), number(axis->pad_after));
        spec.kernel_size[i] = axis->kernel;
        spec.stride[i] = axis->stride;
        spec.dilation[i] = axis->dilation;
        spec.padding[i] = axis->pad_before;
        /* Input cells behind the last window, which no tap reads. */
        spec.output_padding[i] =
            axis->in - ((axis->out - 1) * axis->stride - 2 * axis->pad_before + conv_axis_extent(axis));
    }
    *backward = spec;
    return CONV_OK;
}
