/* Traces: the taps of a step, of an output element, of an input element, and how often elements are met. */
#include "conv/trace.h"
#include "geometry.h"
#include "kind.h"
#include "plan.h"
#include "refuse.h"
#include "rounding.h"
#include <string.h>

typedef struct collector {
    conv_tap *taps;
    int64_t capacity, count;
    float sum;
} collector;

static void collect(void *context, const conv_tap *tap) {
    collector *c = context;
    if (c->count < c->capacity) c->taps[c->count] = *tap;
    c->count++;
    c->sum = tap->sum;
}

static conv_status out_of_range(const char *what, int64_t index, int64_t count, conv_error *error) {
    return refuse(error, CONV_BAD_ARGUMENT, what, "{0} {1} does not exist: there are {2}", word(what), number(index),
                  number(count));
}

static void trace_output(const conv_layout *layout, const conv_operands *operands, int64_t output, collector *c,
                         float *result) {
    const kind *row = kind_of(layout->spec.op);
    row->taps(layout, operands, output, collect, c);
    if (result != NULL) *result = row->finish != NULL ? row->finish(layout, operands, output, c->sum) : c->sum;
}

/* Looks for one stamp in the chain of the output element that it lands on. */
static void find_stamp(void *context, const conv_tap *link) {
    conv_tap *stamp = context;
    if (link->input != stamp->input || link->weight != stamp->weight) return;
    stamp->sum = link->sum;
    stamp->landed = link->landed;
}

static void trace_scatter(const conv_layout *layout, const conv_operands *operands, int64_t step, collector *c) {
    const kind *row = kind_of(layout->spec.op);
    row->stamp(layout, operands, step, collect, c);
    int64_t kept = c->count < c->capacity ? c->count : c->capacity;
    for (int64_t i = 0; i < kept; i++)
        if (c->taps[i].output >= 0) row->taps(layout, operands, c->taps[i].output, find_stamp, &c->taps[i]);
}

static void trace_bias(const conv_layout *layout, const conv_operands *operands, collector *c) {
    int64_t outputs = conv_shape_count(&layout->output);
    for (int64_t o = 0; o < outputs && o < c->capacity; o++) {
        element at = output_element(layout, o);
        conv_tap *tap = &c->taps[o];
        collector links = {0};
        trace_output(layout, operands, o, &links, &tap->sum);
        float sum = tap->sum;
        *tap = (conv_tap){
            .input = -1, .weight = -1, .output = o, .channel = at.channel, .factor = 1, .landed = links.count};
        memcpy(tap->position, at.cell, sizeof tap->position);
        tap->value = tap->product = operands->bias != NULL ? operands->bias[at.channel] : 0;
        tap->sum = sum;
    }
    c->count = outputs;
}

conv_status conv_trace_step(const conv_plan *plan, const conv_operands *operands, int64_t step, conv_tap *taps,
                            int64_t capacity, int64_t *count, float *result, conv_error *error) {
    const conv_layout *layout = &plan->layout;
    if (step < 0 || step >= layout->steps) return out_of_range("step", step, layout->steps, error);
    if (layout->flow != CONV_SCATTER)
        return conv_trace_output(plan, operands, step, taps, capacity, count, result, error);
    conv_operands merged = plan_operands(plan, operands);
    collector c = {.taps = taps, .capacity = taps != NULL ? capacity : 0};
    fenv_t callers = rounding_enter();
    if (step < conv_shape_count(&layout->input[0]))
        trace_scatter(layout, &merged, step, &c);
    else
        trace_bias(layout, &merged, &c);
    rounding_leave(&callers);
    *count = c.count;
    return CONV_OK;
}

conv_status conv_trace_output(const conv_plan *plan, const conv_operands *operands, int64_t output, conv_tap *taps,
                              int64_t capacity, int64_t *count, float *result, conv_error *error) {
    const conv_layout *layout = &plan->layout;
    int64_t outputs = conv_shape_count(&layout->output);
    if (output < 0 || output >= outputs) return out_of_range("output", output, outputs, error);
    conv_operands merged = plan_operands(plan, operands);
    collector c = {.taps = taps, .capacity = taps != NULL ? capacity : 0};
    fenv_t callers = rounding_enter();
    trace_output(layout, &merged, output, &c, result);
    rounding_leave(&callers);
    *count = c.count;
    return CONV_OK;
}

/* Of all taps, those that read one input element. */
typedef struct reader_filter {
    collector *collector;
    int64_t input;
    int which;
} reader_filter;

static void collect_reader(void *context, const conv_tap *tap) {
    reader_filter *f = context;
    if (tap->input != f->input || tap->which != f->which) return;
    conv_tap reader = *tap;
    reader.sum = 0;
    collect(f->collector, &reader);
}

conv_status conv_trace_input(const conv_plan *plan, const conv_operands *operands, int which, int64_t input,
                             conv_tap *taps, int64_t capacity, int64_t *count, conv_error *error) {
    const conv_layout *layout = &plan->layout;
    const kind *row = kind_of(layout->spec.op);
    int64_t inputs = which >= 0 && which < layout->input_count ? conv_shape_count(&layout->input[which]) : 0;
    if (input < 0 || input >= inputs) return out_of_range("input", input, inputs, error);
    conv_operands merged = plan_operands(plan, operands);
    collector c = {.taps = taps, .capacity = taps != NULL ? capacity : 0};
    reader_filter filter = {&c, input, which};
    fenv_t callers = rounding_enter();
    if (row->readers != NULL) {
        row->readers(layout, &merged, input, collect, &c);
    } else if (row->stamp != NULL) {
        row->stamp(layout, &merged, input, collect, &c);
    } else {
        int64_t outputs = conv_shape_count(&layout->output);
        for (int64_t o = 0; o < outputs; o++) row->taps(layout, &merged, o, collect_reader, &filter);
    }
    rounding_leave(&callers);
    *count = c.count;
    return CONV_OK;
}
