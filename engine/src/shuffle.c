/* ChannelShuffle, PixelShuffle and PixelUnshuffle: whole channels, or cells and channels, change places.
 * https://pytorch.org/docs/1.13/generated/torch.nn.PixelShuffle.html
 *
 * With r the factor, output channel c of PixelShuffle reads at (h, w) channel c r^2 + (h % r) r + w % r at
 * (h / r, w / r); PixelUnshuffle is its inverse. */
#include "copying.h"
#include "geometry.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include "split.h"
#include <inttypes.h>
#include <stdio.h>

static conv_status channel_shape(conv_layout *layout, conv_error *error) {
    const conv_shape *input = &layout->input[0];
    int64_t groups = layout->spec.groups;
    if (input->rank < 3)
        return refuse(error, CONV_BAD_SHAPE, "input",
                      "ChannelShuffle takes a batch: 3 axes or more, the second of channels; this one has {0}: {1}",
                      number(input->rank), shape_word(input));
    if (input->size[1] % groups != 0)
        return refuse(error, CONV_BAD_SHAPE, "groups", "{0} channels cannot be shared out to {1} groups",
                      number(input->size[1]), number(groups));
    shape_pointwise(layout);
    return CONV_OK;
}

/* Takes the flat index of an element of the output to that of the input, or the other way with the other count of
 * groups: dealing C cards to g players is undone by dealing them to C / g. */
static int64_t dealt(const conv_shape *shape, int64_t index, int64_t groups) {
    int64_t plane = 1, channels = shape->size[1];
    for (int i = 2; i < shape->rank; i++) plane *= shape->size[i];
    int64_t row = index / plane, channel = row % channels;
    int64_t source = channel % groups * (channels / groups) + channel / groups;
    return (row - channel + source) * plane + index % plane;
}

static void channel_source(const conv_layout *layout, int64_t output, const element *at, copied *from) {
    (void)at;
    int64_t plane = 1;
    for (int i = 2; i < layout->input[0].rank; i++) plane *= layout->input[0].size[i];
    from->input = dealt(&layout->input[0], output, layout->spec.groups);
    from->run = plane - output % plane;
    from->step = 1;
}

static void channel_readers(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                            void *context) {
    const conv_shape *shape = &layout->input[0];
    copy_taps(layout, operands, dealt(shape, input, shape->size[1] / layout->spec.groups), visit, context);
}

static conv_status pixel_channels(conv_layout *layout, bool up, conv_error *error) {
    int64_t r = layout->spec.shuffle_factor, square;
    const char *parameter = up ? "upscale_factor" : "downscale_factor";
    conv_status status = shape_read_input(layout, 2, error);
    if (status == CONV_OK) status = shape_multiply(r, r, &square, parameter, error);
    if (status != CONV_OK) return status;
    if (!up) return shape_multiply(layout->in_channels, square, &layout->out_channels, parameter, error);
    if (layout->in_channels % square != 0)
        return refuse(error, CONV_BAD_SHAPE, parameter,
                      "upscale_factor {0} needs a multiple of {1} channels, and the input has {2}", number(r),
                      number(square), number(layout->in_channels));
    layout->out_channels = layout->in_channels / square;
    return CONV_OK;
}

static conv_status shuffle_shape(conv_layout *layout, conv_error *error) {
    conv_status status = pixel_channels(layout, true, error);
    for (int i = 0; i < 2 && status == CONV_OK; i++)
        status = shape_multiply(layout->axis[i].in, layout->spec.shuffle_factor, &layout->axis[i].out, "upscale_factor",
                                error);
    if (status == CONV_OK) shape_write_output(layout);
    return status;
}

static conv_status unshuffle_shape(conv_layout *layout, conv_error *error) {
    int64_t r = layout->spec.shuffle_factor;
    conv_status status = pixel_channels(layout, false, error);
    for (int i = 0; i < 2 && status == CONV_OK; i++) {
        conv_axis *axis = &layout->axis[i];
        if (axis->in % r != 0)
            return refuse(error, CONV_BAD_SHAPE, "downscale_factor",
                          "downscale_factor {0} does not divide the {1} cells of axis {2}", number(r), number(axis->in),
                          number(layout->input[0].rank - 2 + i));
        axis->out = axis->in / r;
    }
    if (status == CONV_OK) shape_write_output(layout);
    return status;
}

/* An element of the many channels, and the element of the large picture that goes with it. */
static void to_fine(int64_t r, const element *coarse, element *fine) {
    int64_t phase = coarse->channel % (r * r);
    *fine = (element){.batch = coarse->batch, .channel = coarse->channel / (r * r)};
    fine->cell[0] = coarse->cell[0] * r + phase / r;
    fine->cell[1] = coarse->cell[1] * r + phase % r;
}

static void to_coarse(int64_t r, const element *fine, element *coarse) {
    int64_t phase = fine->cell[0] % r * r + fine->cell[1] % r;
    *coarse = (element){.batch = fine->batch, .channel = fine->channel * r * r + phase};
    coarse->cell[0] = fine->cell[0] / r;
    coarse->cell[1] = fine->cell[1] / r;
}

static int64_t input_index(const conv_layout *layout, const element *at) {
    const conv_axis *axis = layout->axis;
    return ((at->batch * layout->in_channels + at->channel) * axis[0].in + at->cell[0]) * axis[1].in + at->cell[1];
}

static int64_t output_index(const conv_layout *layout, const element *at) {
    const conv_axis *axis = layout->axis;
    return ((at->batch * layout->out_channels + at->channel) * axis[0].out + at->cell[0]) * axis[1].out + at->cell[1];
}

static void take(const conv_layout *layout, const element *source, copied *from) {
    from->input = input_index(layout, source);
    from->channel = source->channel;
    for (int i = 0; i < 2; i++) {
        from->position[i] = source->cell[i];
        from->location[i] = (float)source->cell[i];
    }
}

static void shuffle_source(const conv_layout *layout, int64_t output, const element *at, copied *from) {
    element source;
    (void)output;
    to_coarse(layout->spec.shuffle_factor, at, &source);
    take(layout, &source, from);
}

/* Row by row: each of the r channels that a row is made of in turn. */
static void shuffle_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                            float *output, int64_t *indices) {
    int64_t r = layout->spec.shuffle_factor, width = layout->axis[1].out;
    (void)indices;
    for (int64_t o = first, count; o < last; o += count) {
        element at = output_element(layout, o), source;
        count = at_most(width - at.cell[1], last - o);
        float *to = output + o;
        for (int64_t k = 0; k < at_most(r, count); k++, at.cell[1]++) {
            to_coarse(r, &at, &source);
            const float *from = operands->input[0] + input_index(layout, &source);
            int64_t cells = divide_up(count - k, r);
            if (r == 2)
                for (int64_t i = 0; i < cells; i++) to[2 * i + k] = from[i];
            else
                for (int64_t i = 0; i < cells; i++) to[r * i + k] = from[i];
        }
    }
}

static void unshuffle_source(const conv_layout *layout, int64_t output, const element *at, copied *from) {
    element source;
    (void)output;
    to_fine(layout->spec.shuffle_factor, at, &source);
    take(layout, &source, from);
    from->run = layout->axis[1].out - at->cell[1];
    from->step = layout->spec.shuffle_factor;
}

static bool enlarges(const conv_layout *layout) {
    return layout->spec.op->kind == CONV_PIXEL_SHUFFLE;
}

static void pixel_readers(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                          void *context) {
    element at = input_element(layout, input), reader;
    if (enlarges(layout))
        to_fine(layout->spec.shuffle_factor, &at, &reader);
    else
        to_coarse(layout->spec.shuffle_factor, &at, &reader);
    copy_taps(layout, operands, output_index(layout, &reader), visit, context);
}

/* By the axis alone: of an unshuffled channel it is one of r cells, and the channel tells which. */
static void reach(const conv_layout *layout, int i, int64_t out_first, int64_t out_last, int64_t *first,
                  int64_t *last) {
    int64_t r = layout->spec.shuffle_factor;
    (void)i;
    *first = 0;
    *last = -1;
    if (out_first > out_last) return;
    *first = enlarges(layout) ? out_first / r : out_first * r;
    *last = enlarges(layout) ? out_last / r : out_last * r + r - 1;
}

static conv_field field(conv_field before, const conv_layout *layout, int i) {
    double r = (double)layout->spec.shuffle_factor;
    (void)i;
    if (!enlarges(layout)) before.span += (r - 1) * before.jump;
    before.jump = enlarges(layout) ? before.jump / r : before.jump * r;
    return before;
}

static void formula(const conv_layout *layout, int i, bool symbols, char *text, int size) {
    const conv_axis *axis = &layout->axis[i];
    const char *sign = enlarges(layout) ? "×" : " / ";
    if (symbols)
        snprintf(text, (size_t)size, "%s_in%s%s", axis_letter(layout->dims, i), sign,
                 enlarges(layout) ? "upscale_factor" : "downscale_factor");
    else
        snprintf(text, (size_t)size, "%" PRId64 "%s%" PRId64 " = %" PRId64, axis->in, sign, layout->spec.shuffle_factor,
                 axis->out);
}

const kind channel_shuffle_kind = {.shape = channel_shape,
                                   .source = channel_source,
                                   .outputs = copy_outputs,
                                   .taps = copy_taps,
                                   .readers = channel_readers};
const kind pixel_shuffle_kind = {.shape = shuffle_shape,
                                 .source = shuffle_source,
                                 .outputs = shuffle_outputs,
                                 .taps = copy_taps,
                                 .readers = pixel_readers,
                                 .reach = reach,
                                 .field = field,
                                 .formula = formula};
const kind pixel_unshuffle_kind = {.shape = unshuffle_shape,
                                   .source = unshuffle_source,
                                   .outputs = copy_outputs,
                                   .taps = copy_taps,
                                   .readers = pixel_readers,
                                   .reach = reach,
                                   .field = field,
                                   .formula = formula};
