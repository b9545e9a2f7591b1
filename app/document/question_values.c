/* Questions about numbers. Wrong answers are other numbers of the same computation: running sums, neighbours, the
 * flipped kernel. */
#include "app/system/memory.h"
#include "app/system/number.h"
#include "question_kinds.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS = 4 };

static void wrong_value(answer *a, float value, const char *reason) {
    char text[40];
    answer_wrong(a, number_write((double)value, DIGITS, text, sizeof text), reason);
}

/* All taps that reach an output element; the caller frees them. */
static conv_tap *taps_of(const scene_part *p, int64_t output, int64_t *count, float *result, failure *f) {
    conv_tap *taps = NULL;
    conv_error error;
    *count = 0;
    if (conv_trace_output(p->plan, &p->operands, output, NULL, 0, count, result, &error) != CONV_OK) {
        fail_engine(f, &error);
        return NULL;
    }
    taps = memory_resize(NULL, *count ? (size_t)*count : 1, sizeof *taps);
    if (!taps) {
        fail_memory(f);
        return NULL;
    }
    if (conv_trace_output(p->plan, &p->operands, output, taps, *count, count, result, &error) != CONV_OK) {
        memory_free(taps);
        fail_engine(f, &error);
        return NULL;
    }
    return taps;
}

/* The bias of the output element's channel. */
static float bias_of(const scene_part *p, int64_t output) {
    const conv_layout *l = p->layout;
    int64_t at[CONV_MAX_DIMS];
    const int axis = l->output.rank - l->dims - 1;
    conv_shape_position(&l->output, output, at);
    return axis >= 0 && at[axis] < conv_shape_count(&l->bias) ? p->operands.bias[at[axis]] : p->operands.bias[0];
}

/* "1×2 + 0×3 + ... + 1 = 7", shortened in the middle. */
static void explain_sum(answer *a, const scene_part *p, int64_t output, const conv_tap *taps, int64_t count) {
    enum { SHOWN = 12 };
    char x[40], w[40], piece[96];
    for (int64_t i = 0; i < count; i++) {
        if (count > SHOWN && i == SHOWN - 1) answer_explain(a, " + ...");
        if (count > SHOWN && i >= SHOWN - 1 && i < count - 1) continue;
        const bool negative = taps[i].factor < 0;
        snprintf(piece, sizeof piece, "%s%s×%s%s%s", i ? " + " : "",
                 number_write((double)taps[i].value, DIGITS, x, sizeof x), negative ? "(" : "",
                 number_write((double)taps[i].factor, DIGITS, w, sizeof w), negative ? ")" : "");
        answer_explain(a, piece);
    }
    if (p->layout->bias.rank && p->operands.bias) {
        const float bias = bias_of(p, output);
        number_write((double)bias, DIGITS, w, sizeof w);
        snprintf(piece, sizeof piece, bias < 0 ? " + (%s)" : " + %s", w);
        answer_explain(a, piece);
    }
    answer_explain(a, " = ");
    answer_explain(a, a->right);
}

/* Whether an output element is its products added up: a maximum and the like are not. */
static bool adds_up(const conv_layout *l) {
    const conv_kind kind = l->spec.op->kind;
    return l->flow == CONV_SCATTER || kind == CONV_CONV || kind == CONV_DEFORM || kind == CONV_LINEAR;
}

/* The same element of the layer whose kernel is read the other way round. */
static bool flipped_value(const scene *s, const scene_part *p, int64_t output, float *value) {
    const conv_layout *l = p->layout;
    if (l->spec.op->kind != CONV_CONV) return false;
    conv_spec spec = l->spec;
    spec.flip = !spec.flip;
    conv_plan *plan;
    const conv_plan_options options = {.algorithm = CONV_PLAIN};
    if (conv_plan_create(s->engine, &spec, l->input, l->input_count, &p->operands, &options, &plan, NULL) != CONV_OK)
        return false;
    const int64_t outputs = conv_shape_count(&l->output);
    float *numbers = memory_resize(NULL, (size_t)outputs, sizeof *numbers);
    const bool ok = numbers && conv_plan_run_steps(plan, &p->operands, output, output + 1, numbers, NULL) == CONV_OK;
    if (ok) *value = numbers[output];
    memory_free(numbers);
    conv_plan_destroy(plan);
    return ok;
}

bool question_value(const question *q, scene *s, answer *a, failure *f) {
    const scene_part *p = &s->parts[q->part];
    const conv_layout *l = p->layout;
    const int64_t outputs = conv_shape_count(&l->output);
    const int64_t output = q->step < outputs ? q->step : outputs - 1;
    int64_t count;
    float result = 0, flipped;
    char text[40];
    conv_tap *taps = taps_of(p, output, &count, &result, f);
    if (!taps) return false;
    answer_right(a, number_write((double)p->output[output], DIGITS, text, sizeof text));
    if (adds_up(l)) explain_sum(a, p, output, taps, count);
    if (l->flow == CONV_SCATTER) {
        if (count > 1) wrong_value(a, taps[count - 1].product, N_("Only the last stamp was counted: stamps add up."));
        if (count > 1) wrong_value(a, taps[0].product, N_("Only the first stamp was counted: stamps add up."));
    } else if (l->spec.op->kind == CONV_CONV) {
        if (flipped_value(s, p, output, &flipped)) {
            wrong_value(a, flipped,
                        l->spec.flip ? N_("The kernel was not flipped: that is cross-correlation.")
                                     : N_("The kernel was flipped: PyTorch does not flip it."));
        }
        for (int64_t i = 0; i + 1 < count; i++) {
            if (taps[i].channel == 0 && taps[i + 1].channel != 0)
                wrong_value(a, taps[i].sum, N_("Only the first input channel was summed."));
        }
        if (l->bias.rank && count) wrong_value(a, taps[count - 1].sum, N_("The bias was forgotten."));
        if (count > 1) wrong_value(a, taps[count - 2].sum, N_("The last product was left out."));
    } else if (l->spec.op->kind == CONV_MAX_POOL && count > 1) {
        wrong_value(a, taps[0].value, N_("That is the window's first number, not its largest."));
        wrong_value(a, taps[count - 1].value, N_("That is the window's last number, not its largest."));
    }
    if (output + 1 < outputs) wrong_value(a, p->output[output + 1], N_("That is the next cell."));
    if (output > 0) wrong_value(a, p->output[output - 1], N_("That is the cell before it."));
    for (int64_t i = 0; i < outputs && i < 64; i++) wrong_value(a, p->output[i], N_("That is another cell."));
    memory_free(taps);
    return true;
}

bool question_overlap(const question *q, scene *s, answer *a, failure *f) {
    const scene_part *p = &s->parts[q->part];
    const int64_t outputs = conv_shape_count(&p->layout->output);
    const int64_t output = q->step < outputs ? q->step : outputs - 1;
    int64_t *counts = memory_resize(NULL, (size_t)outputs, sizeof *counts);
    conv_error error;
    if (!counts) return fail_memory(f);
    if (conv_trace_overlap(p->plan, counts, &error) != CONV_OK) {
        memory_free(counts);
        return fail_engine(f, &error);
    }
    char text[32];
    answer_right(a, number_write_grouped(counts[output], text, sizeof text));
    int64_t taps_count;
    float result;
    conv_tap *taps = taps_of(p, output, &taps_count, &result, f);
    for (int64_t i = 0; taps && i < taps_count && i < 12; i++) {
        int64_t at[CONV_MAX_DIMS] = {0};
        char piece[64], place[48];
        conv_shape_position(&p->layout->input[0], taps[i].input, at);
        conv_shape position = {.rank = p->layout->input[0].rank};
        memcpy(position.size, at, sizeof position.size);
        snprintf(piece, sizeof piece, "%sx%s", i ? " + " : "", conv_shape_text(&position, place, (int)sizeof place));
        answer_explain(a, piece);
    }
    memory_free(taps);
    for (int64_t i = 0; i < outputs; i++) answer_wrong_count(a, counts[i], N_("That is the count of another cell."));
    int64_t area = 1;
    for (int axis = 0; axis < p->layout->dims; axis++) area *= p->layout->axis[axis].kernel;
    answer_wrong_count(a, area, N_("That would be so with stride 1, in the middle."));
    answer_wrong_count(a, counts[output] + 1, N_("One stamp too many."));
    memory_free(counts);
    return taps != NULL;
}
