#include "slide_sum.h"
#include "arithmetic.h"
#include "partials.h"
#include "short_number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PARTIALS_MOST = 16 };
#define FOOT_ROOM 54.0f
#define SUM_SIZE 17.0f
#define NODE_RADIUS 23.0f

static bool bias_of(const stage *s, const window *w, float *value) {
    const float *biases = s->scene->parts[w->part].operands.bias;
    if (!biases || !w->layout->bias.rank) return false;
    int64_t count = conv_shape_count(&w->layout->bias);
    *value = biases[w->layout->spec.op->kind == CONV_LINEAR ? w->step % count : w->channel];
    return true;
}

/* The sum of the products that are done; 0 before the first. */
static float sum_so_far(const window *w) {
    return w->done ? w->taps[w->done - 1].sum : 0;
}

/* "Σ = 6 + 1 = 7" as far as the step has come. */
static void sum_text(const stage *s, const window *w, char *text, size_t size) {
    char sum[NUMBER_SIZE], number[NUMBER_SIZE];
    float bias;
    if (s->document->labels) {
        const conv_layout *l = w->layout;
        char added[48] = "", result[40];
        if (!w->finished) {
            snprintf(text, size, "Σ");
            return;
        }
        if (bias_of(s, w, &bias)) {
            const bool linear = l->spec.op->kind == CONV_LINEAR;
            arithmetic_symbol(result, sizeof result, l, &l->bias, ROLE_BIAS,
                              linear ? w->step % conv_shape_count(&l->bias) : w->channel);
            snprintf(added, sizeof added, " + %s", result);
        }
        arithmetic_symbol(result, sizeof result, l, &l->output, ROLE_OUTPUT, w->step);
        snprintf(text, size, "Σ%s = %s", added, result);
        return;
    }
    short_number(sum, sizeof sum, (double)sum_so_far(w), NUMBER_DIGITS);
    int at = snprintf(text, size, "Σ = %s", sum);
    if (!w->finished || !bias_of(s, w, &bias)) return;
    short_number(number, sizeof number, fabs((double)bias), NUMBER_DIGITS);
    at += snprintf(text + at, size - (size_t)at, " %s %s", bias < 0 ? "-" : "+", number);
    short_number(number, sizeof number, (double)w->result, NUMBER_DIGITS);
    snprintf(text + at, size - (size_t)at, " = %s", number);
}

static bool sums(const stage *s, const window *w) {
    return w->settled && slide_known(s) && w->count;
}

/* The sum alone, where its words have no room. */
static void sum_alone(const window *w, char *text, size_t size) {
    short_number(text, (int)size, (double)(w->finished ? w->result : sum_so_far(w)), 2);
}

/* Where the line stands when it is complete: it ends where the products end, so that the way from there to the output
 * crosses neither them nor the kernel. It may reach into the gap beside them, not over it: else the sum stands alone.
 */
static point sum_place(const stage *s, const window *w, const block *kernel, float *width, bool *alone) {
    char text[3 * NUMBER_SIZE + 16];
    window all = *w;
    all.done = all.count;
    all.finished = true;
    sum_text(s, &all, text, sizeof text);
    float u = s->unit, left = kernel->box.x, most = left + fmaxf(kernel->box.width, kernel->words) + 34 * u;
    float own = stage_width(s, FACE_MONO_BOLD, SUM_SIZE * u, text), end = left;
    if (kernel->count) {
        box last = plane_box(&kernel->planes[kernel->count - 1]);
        end = last.x + last.width;
    }
    *alone = own > fminf(fmaxf(end, left + own), most) - left + 1;
    if (*alone) {
        sum_alone(&all, text, sizeof text);
        own = stage_width(s, FACE_MONO_BOLD, SUM_SIZE * u, text);
    }
    const float right = fmaxf(fminf(end, most), left + own);
    *width = own;
    return (point){right - *width, kernel->box.y + kernel->box.height + 24 * u};
}

point sum_end(const stage *s, const window *w, const block *kernel, point target) {
    float width;
    bool alone;
    if (!sums(s, w)) return (point){NAN, NAN};
    point at = sum_place(s, w, kernel, &width, &alone);
    if (target.y > at.y + 30 * s->unit) return (point){at.x + width / 2, at.y + 13 * s->unit}; /* it stands below */
    at.x += width + 8 * s->unit;
    return at;
}

void sum_line(const stage *s, const window *w, const block *kernel) {
    char text[3 * NUMBER_SIZE + 16];
    float width;
    bool alone;
    if (!sums(s, w)) return;
    sum_text(s, w, text, sizeof text);
    point at = sum_place(s, w, kernel, &width, &alone);
    if (alone || !stage_fits(s, FACE_MONO_BOLD, SUM_SIZE * s->unit, text, width + 1)) {
        sum_alone(w, text, sizeof text);
        width = s->area.width;
    }
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = ROLE_OUTPUT, .part = w->part, .index = -1});
    stage_text_fitted(s, at.x, at.y, ANCHOR_LEFT, FACE_MONO_BOLD, SUM_SIZE * s->unit, s->theme->ink, text, width + 1);
    stage_tag(s, tag_none());
}

static point node_of(const stage *s, const block *kernel) {
    return (point){kernel->box.x + kernel->box.width + kernel->margin * 0.68f * s->unit,
                   kernel->box.y + kernel->box.height / 2};
}

/* The slices of the current filter as they stand in the block. */
static const plane *slice_at(const window *w, const block *kernel, const operand *weight, int64_t c) {
    int64_t each = w->layout->dims == 1 ? 1 : w->in_group;
    return block_find(kernel, weight, w->channel * each + c, weight->slices / 2);
}

point sum_flow_end(const stage *s, const block *kernel) {
    point node = node_of(s, kernel);
    return (point){node.x + NODE_RADIUS * s->unit, node.y};
}

void sum_flow_lines(const stage *s, const window *w, const block *kernel, const operand *weight) {
    point node = node_of(s, kernel);
    color amber = s->theme->roles[ROLE_WEIGHT].strong;
    node.x -= NODE_RADIUS * s->unit; /* all meet at its left: the bias stands free under it */
    int64_t each = w->layout->dims == 1 ? 1 : w->in_group;
    for (int64_t c = 0; c < each; c++) {
        const plane *p = slice_at(w, kernel, weight, c);
        if (p) draw_line(s->list, plane_right(p), node, stage_stroke(s, color_faded(amber, 0.8f), 1.8f));
    }
}

/* Where a channel's sum stands on its line. A line that begins behind other planes of the kernel comes out beside them:
 * its number stands nearer to the node, clear of those planes and of the numbers on the other lines. */
static point flow_number(const block *kernel, point from, point node) {
    const float edge = kernel->box.x + kernel->box.width;
    if (from.x >= edge - 1 || node.x <= from.x) return point_mixed(from, node, kernel->pile ? 0.34f : 0.5f);
    const point out = point_mixed(from, node, (edge - from.x) / (node.x - from.x));
    return point_mixed(out, node, 0.62f);
}

/* A number on a line, with the background behind it. */
static void number_on_line(const stage *s, point at, float value, color ink) {
    char text[NUMBER_SIZE];
    float size = 15 * s->unit;
    short_number(text, sizeof text, (double)value, NUMBER_DIGITS);
    float width = stage_width(s, FACE_MONO, size, text) + 6 * s->unit;
    draw_rect(s->list, (box){at.x - width / 2, at.y - size * 0.62f, width, size * 1.24f}, 3 * s->unit,
              (paint){.fill = s->theme->background});
    stage_text(s, at.x, at.y, ANCHOR_MIDDLE, FACE_MONO, size, ink, text);
}

void sum_flow_node(stage *s, const window *w, const block *kernel, const operand *weight) {
    point node = node_of(s, kernel);
    float u = s->unit, radius = NODE_RADIUS * u, lowest = 0, sums[PARTIALS_MOST], bias;
    color amber = s->theme->roles[ROLE_WEIGHT].ink;
    int64_t each = w->layout->dims == 1 ? 1 : w->in_group, taps = w->in_group ? w->count / w->in_group : 0;
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = ROLE_WEIGHT, .part = w->part, .index = -1});
    if (slide_known(s) && w->settled && each > 1 && partials_at(s, w, sums, PARTIALS_MOST))
        for (int64_t c = 0, last = -1; c < each; c++) {
            const plane *p = slice_at(w, kernel, weight, c);
            if (!p || w->done < (c + 1) * taps) continue;
            point at = flow_number(kernel, plane_right(p), (point){node.x - radius, node.y});
            if (last >= 0 && fabsf(at.y - lowest) < 20 * u) continue; /* lines too near each other for all numbers */
            lowest = at.y;
            last = c;
            number_on_line(s, at, sums[c], amber);
        }
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = ROLE_OUTPUT, .part = w->part, .index = -1});
    draw_circle(s->list, node, radius,
                (paint){.fill = s->theme->background, .stroke = s->theme->highlight, .width = 2.2f * u});
    stage_text(s, node.x, node.y, ANCHOR_MIDDLE, FACE_WORDS_BOLD, 21 * u, s->theme->ink, "Σ");
    if (bias_of(s, w, &bias)) {
        char number[NUMBER_SIZE], text[96];
        short_number(number, sizeof number, (double)bias, NUMBER_DIGITS);
        tr_format(s->language, text, sizeof text, N_("+ bias {0}"), "s", number);
        float bottom = s->area.y + s->area.height - 10 * u;
        /* Above it a long number on a line may come near: then it begins under the node. */
        bool wide = stage_width(s, FACE_WORDS, 14 * u, text) > 60 * u;
        bool low = node.y + radius + 16 * u > bottom; /* no room under it: beside it */
        stage_text(s,
                   node.x + (low    ? radius * 0.8f
                             : wide ? -radius * 0.5f
                                    : 0),
                   fminf(node.y + radius + 16 * u, bottom), low || wide ? ANCHOR_LEFT : ANCHOR_MIDDLE, FACE_WORDS,
                   14 * u, s->theme->roles[ROLE_BIAS].ink, text);
    }
    stage_tag(s, tag_none());
}

/* ---- the foot of the stage ---- */

void sum_foot_reserve(stage *s) {
    s->area.height -= FOOT_ROOM * s->unit;
}

static int64_t taps_in_padding(const window *w) {
    int64_t count = 0;
    for (int64_t i = 0; i < w->count; i++) count += w->taps[i].in_padding;
    return count;
}

static void cost_line(const stage *s, const window *w, char *text, int size) {
    int64_t padding = taps_in_padding(w);
    bool scatter = w->layout->flow == CONV_SCATTER;
    text[0] = 0;
    if (w->bias_step)
        snprintf(text, (size_t)size, "%s",
                 tr(s->language, N_("the last step adds the bias, once to every output cell")));
    if (w->bias_step || !w->count || w->taps[0].weight < 0) return;
    if (padding && scatter)
        tr_format(s->language, text, size, N_("{0} multiply-adds, {1} cut off by padding"), "dd", w->count, padding);
    else if (padding)
        tr_format(s->language, text, size, N_("{0} multiply-adds, {1} reading padding"), "dd", w->count, padding);
    else if (w->count == 1)
        snprintf(text, (size_t)size, "%s", tr(s->language, N_("1 multiply-add")));
    else
        tr_format(s->language, text, size, N_("{0} multiply-adds"), "d", w->count);
}

void sum_foot(stage *s, int index, box whole) {
    window w;
    char text[STAGE_TEXT], cost[160];
    float u = s->unit, size = 15 * u, bottom = whole.y + whole.height;
    int split;
    if (!slide_known(s) || !window_at(s, index, &w)) return;
    int most = (int)(whole.width / stage_width(s, FACE_MONO, size, "0"));
    arithmetic_text(s, &w, s->document->labels, most, text, sizeof text, &split);
    cost_line(s, &w, cost, sizeof cost);
    char rest[STAGE_TEXT];
    snprintf(rest, sizeof rest, "%s", text + split);
    text[split] = 0;
    stage_tag(s, (tag){.kind = TAG_LABEL, .part = index, .index = -1});
    float y = bottom - (cost[0] ? 30 : 10) * u, x = whole.x;
    if (text[0]) x += stage_text(s, x, y, ANCHOR_LEFT, FACE_MONO, size, s->theme->ink, text);
    if (rest[0]) stage_text(s, x, y, ANCHOR_LEFT, FACE_MONO, size, s->theme->ink_faint, rest);
    if (cost[0])
        stage_text_fitted(s, whole.x, bottom - 8 * u, ANCHOR_LEFT, FACE_WORDS, TYPE_SMALL * u, s->theme->ink_soft, cost,
                          whole.width);
    stage_tag(s, tag_none());
}
