#include "arithmetic.h"
#include "operand.h"
#include "short_number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TERM_SIZE = 96, TERMS_MOST = 4096 };

/* How an operation's terms are joined: opening, join, closing. */
typedef struct grammar {
    const char *open, *join, *close;
} grammar;

static const grammar grammars[CONV_KIND_COUNT] = {
    [CONV_CONV] = {"", " + ", ""},
    [CONV_TRANSPOSE] = {"[", ", ", "]"},
    [CONV_FOLD] = {"[", ", ", "]"},
    [CONV_MAX_POOL] = {"max(", ", ", ")"},
    [CONV_ADAPTIVE_MAX_POOL] = {"max(", ", ", ")"},
    [CONV_AVG_POOL] = {"(", " + ", ")"},
    [CONV_ADAPTIVE_AVG_POOL] = {"(", " + ", ")"},
    [CONV_RELU] = {"relu(", ", ", ")"},
    [CONV_LEAKY_RELU] = {"leaky_relu(", ", ", ")"},
    [CONV_TANH] = {"tanh(", ", ", ")"},
    [CONV_SIGMOID] = {"sigmoid(", ", ", ")"},
    [CONV_SILU] = {"silu(", ", ", ")"},
    [CONV_RELU6] = {"relu6(", ", ", ")"},
    [CONV_HARDSIGMOID] = {"hardsigmoid(", ", ", ")"},
    [CONV_HARDSWISH] = {"hardswish(", ", ", ")"},
    [CONV_SOFTMAX] = {"softmax(", ", ", ")"},
    [CONV_BATCH_NORM] = {"(", " + ", ""},
};

static const grammar *grammar_of(conv_kind kind) {
    static const grammar sum = {"", " + ", ""};
    return grammars[kind].join ? &grammars[kind] : &sum;
}

static void put_number(char *text, int size, float value, bool wrapped) {
    char number[NUMBER_SIZE];
    short_number(number, sizeof number, (double)value, NUMBER_DIGITS);
    snprintf(text, (size_t)size, wrapped && number[0] == '-' ? "(%s)" : "%s", number);
}

void arithmetic_symbol(char *text, int size, const conv_layout *l, const conv_shape *shape, role r, int64_t index) {
    operand o = {.role = r, .shape = *shape, .kept = l->dims};
    char letter[8], indices[32];
    operand_symbol(&o, index, letter, indices, sizeof indices);
    int at = snprintf(text, (size_t)size, "%s", letter);
    for (const char *c = indices; *c && at + 4 < size; c++) {
        if (*c >= '0' && *c <= '9')
            at += snprintf(text + at, (size_t)(size - at), "\xe2\x82%c", 0x80 + (*c - '0'));
        else
            at += snprintf(text + at, (size_t)(size - at), "%c", *c);
    }
}

static bool weighs(const conv_layout *l, const conv_tap *t) {
    conv_kind kind = l->spec.op->kind;
    if (l->flow == CONV_COPY) return false;
    return (t->weight >= 0 && kind != CONV_BATCH_NORM) || kind == CONV_UPSAMPLE;
}

static void put_term(const window *w, const conv_tap *t, bool labels, char *term) {
    const conv_layout *l = w->layout;
    bool scatter = l->flow == CONV_SCATTER;
    char a[48], b[48];
    if (labels && t->input >= 0)
        arithmetic_symbol(a, sizeof a, l, &l->input[t->which], ROLE_INPUT, t->input);
    else
        put_number(a, sizeof a, t->value, scatter || weighs(l, t) || strstr(grammar_of(l->spec.op->kind)->join, "+"));
    if (labels && t->weight >= 0)
        arithmetic_symbol(b, sizeof b, l, &l->weight, ROLE_WEIGHT, t->weight);
    else
        put_number(b, sizeof b, t->factor, !scatter);
    if (scatter)
        snprintf(term, TERM_SIZE, "%s", t->weight >= 0 ? b : a);
    else if (weighs(l, t))
        snprintf(term, TERM_SIZE, labels ? "%s·%s" : "%s×%s", a, b);
    else
        snprintf(term, TERM_SIZE, "%s", a);
}

/* A scatter without weights that brings one value to one place: folding adds it there, unpooling puts it there. */
static bool moves_one(const window *w) {
    return w->layout->flow == CONV_SCATTER && w->count == 1 && w->taps[0].weight < 0 && w->taps[0].input >= 0 &&
           w->taps[0].output >= 0;
}

/* What stands behind the terms: bias, divisor, statistics, and the result. */
static void put_ending(const stage *s, const window *w, bool labels, char *text, int size) {
    const conv_layout *l = w->layout;
    const conv_operands *o = &s->scene->parts[w->part].operands;
    conv_kind kind = l->spec.op->kind;
    char a[48], b[48];
    int at = snprintf(text, (size_t)size, "%s", moves_one(w) && !labels ? "" : grammar_of(kind)->close);
    if (kind == CONV_AVG_POOL || kind == CONV_ADAPTIVE_AVG_POOL) {
        float divisor =
            w->count && w->taps[0].factor > 0 && w->taps[0].factor < 1 ? 1 / w->taps[0].factor : (float)w->count;
        put_number(a, sizeof a, roundf(divisor), true);
        at += snprintf(text + at, (size_t)(size - at), " ÷ %s", a);
    } else if (kind == CONV_BATCH_NORM && o->running_mean && o->running_var) {
        put_number(a, sizeof a, o->running_mean[w->channel], true);
        put_number(b, sizeof b, o->running_var[w->channel], true);
        at += snprintf(text + at, (size_t)(size - at), " - %s) ÷ √(%s + ε)", a, b);
        if (o->weight && o->bias) {
            put_number(a, sizeof a, o->weight[w->channel], true);
            put_number(b, sizeof b, o->bias[w->channel], true);
            at += snprintf(text + at, (size_t)(size - at), " × %s + %s", a, b);
        }
    } else if (o->bias && l->bias.rank && kind != CONV_TRANSPOSE) {
        int64_t i = w->channel < conv_shape_count(&l->bias) ? w->channel : 0;
        if (kind == CONV_LINEAR) i = w->step % conv_shape_count(&l->bias);
        if (labels)
            arithmetic_symbol(a, sizeof a, l, &l->bias, ROLE_BIAS, i);
        else
            put_number(a, sizeof a, o->bias[i], true);
        at += snprintf(text + at, (size_t)(size - at), " + %s", a);
    }
    if (l->flow == CONV_SCATTER || (l->flow == CONV_COPY && !labels)) return;
    if (labels)
        arithmetic_symbol(a, sizeof a, l, &l->output, ROLE_OUTPUT, w->step);
    else
        put_number(a, sizeof a, w->result, false);
    snprintf(text + at, (size_t)(size - at), " = %s", w->finished || labels ? a : "?");
}

static int characters(const char *text) {
    int count = 0;
    for (; *text; text++) count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* "1, 2" */
static void put_place(char *text, int size, const conv_shape *shape, int64_t index) {
    int64_t position[CONV_MAX_DIMS];
    conv_shape_position(shape, index, position);
    int at = 0;
    text[0] = 0;
    for (int i = 0; i < shape->rank && at < size; i++)
        at += snprintf(text + at, (size_t)(size - at), "%s%lld", i ? ", " : "", (long long)position[i]);
}

/* What stands before the terms: a scatter names the value that stamps. */
static void put_opening(const window *w, bool labels, char *text, int size) {
    const conv_layout *l = w->layout;
    const char *open = grammar_of(l->spec.op->kind)->open;
    char a[48];
    const conv_tap *t = w->taps;
    if (l->flow == CONV_COPY && w->count == 1 && !labels) {
        char from[64] = "", to[64];
        if (t->input >= 0) put_place(from, sizeof from, &l->input[t->which], t->input);
        put_place(to, sizeof to, &l->output, w->step);
        snprintf(text, (size_t)size, from[0] ? "y[%s] = x[%s] = " : "y[%s] = ", to,
                 from); /* else the padding's value */
        return;
    }
    if (moves_one(w) && !labels) {
        char from[64], to[64];
        put_place(from, sizeof from, &l->input[t->which], t->input);
        put_place(to, sizeof to, &l->output, t->output);
        snprintf(text, (size_t)size, "y[%s] %s x[%s] = ", to, l->spec.op->kind == CONV_FOLD ? "+=" : "=", from);
        return;
    }
    if (l->flow != CONV_SCATTER || !w->count || w->bias_step || w->taps[0].weight < 0) {
        snprintf(text, (size_t)size, "%s", open);
        return;
    }
    if (labels)
        arithmetic_symbol(a, sizeof a, l, &l->input[0], ROLE_INPUT, w->step);
    else
        put_number(a, sizeof a, w->taps[0].value, false);
    snprintf(text, (size_t)size, "%s × %s", a, open);
}

static int append(char *text, int size, int at, const char *more) {
    int length = (int)strlen(more);
    if (at + length >= size) return at;
    memcpy(text + at, more, (size_t)length + 1);
    return at + length;
}

char *arithmetic_text(const stage *s, const window *w, bool labels, int most, char *text, int size, int *split) {
    const grammar *g = grammar_of(w->layout->spec.op->kind);
    char opening[80], ending[192], term[TERM_SIZE];
    text[0] = 0;
    *split = 0;
    if (!w->count || w->bias_step) return text;
    put_opening(w, labels, opening, sizeof opening);
    put_ending(s, w, labels, ending, sizeof ending);
    int64_t count = w->count < TERMS_MOST ? w->count : TERMS_MOST;
    if (most > size - 1) most = size - 1;
    int join = characters(g->join), room = most - characters(opening) - characters(ending), used = 0;
    const int bytes_kept = (int)(strlen(opening) + strlen(ending) + 2 * strlen(g->join)) + TERM_SIZE + 8;
    int bytes = 0; /* a sign may take several */
    int64_t front = 0;
    for (; front < count; front++) { /* how many terms fit */
        put_term(w, &w->taps[front], labels, term);
        int more = characters(term) + (front ? join : 0);
        bytes += (int)strlen(term) + (front ? (int)strlen(g->join) : 0);
        if (used + more > room || bytes + bytes_kept > size) break;
        used += more;
    }
    char last[TERM_SIZE] = "";
    if (front < count) { /* the first ones, an ellipsis, the last one */
        put_term(w, &w->taps[w->count - 1], labels, last);
        int need = 1 + join * 2 + characters(last) + 4;
        while (front > 1 && used + need > room) {
            front--;
            put_term(w, &w->taps[front], labels, term);
            used -= characters(term) + join;
        }
    }
    int at = append(text, size, 0, opening);
    for (int64_t i = 0; i < front; i++) {
        put_term(w, &w->taps[i], labels, term);
        if (i) at = append(text, size, at, g->join);
        at = append(text, size, at, term);
        if (i < w->done) *split = at;
    }
    if (front < count) {
        at = append(text, size, at, g->join);
        at = append(text, size, at, "…");
        at = append(text, size, at, g->join);
        at = append(text, size, at, last);
        if (w->done == w->count) *split = at;
    }
    at = append(text, size, at, ending);
    if (w->finished) *split = at;
    return text;
}

char *figure_arithmetic(scene *s, int index, moment m, bool labels, char *text, int size) {
    figure_settings settings;
    failure f = {0};
    window w;
    int split;
    figure_defaults(&settings);
    if (size > 0) text[0] = 0;
    stage st = {.scene = s, .document = s->document, .settings = &settings, .moment = m, .failure = &f};
    if (size < 2 || index < 0 || index >= s->part_count || !window_at(&st, index, &w)) return text;
    w.finished = true;
    w.done = w.count;
    return arithmetic_text(&st, &w, labels, size - 1, text, size, &split);
}
