/* Tensors too large for numbers: input and output as pictures, and a magnifier between them: on the patch under the
 * kernel, or on the stamp of a transposed convolution. It looks at the step, or at what is pointed at. */
#include "short_number.h"
#include "slide.h"

#include "app/system/memory.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    NUMBERS_MOST = 576 /* 24 x 24: larger planes have no room for numbers */,
    PATCH_MOST = 2048,
    JOINED_MOST = 4096
};

typedef struct photo {
    stage *s;
    int index;
    window w;
    operand input, output, patch, weight;
    bool weighted;
    bool stamps;   /* a transposed convolution: the window lies on the output */
    bool foreseen; /* the step that is looked at has not come yet */
    int64_t steps; /* done at the stage's moment */
    role pointed;  /* what is pointed at or pinned: a cell of the input or of the output; ROLE_NONE: nothing */
    int64_t cell;  /* which */
    int64_t low[2], high[2]; /* rows and columns of the other tensor that it is joined to; empty when low > high */
    plane from, to;
    float value[PATCH_MOST];
    block blocks[2];
    int count;
} photo;

static bool is_large(const conv_shape *shape) {
    return shape->size[shape->rank - 1] * shape->size[shape->rank - 2] > NUMBERS_MOST;
}

bool slide_is_photo(const stage *s, int index) {
    const conv_layout *l = s->scene->parts[index].layout;
    conv_kind kind = l->spec.op->kind;
    const document *d = s->document;
    if (l->dims != 2) return false;
    if (kind == CONV_TRANSPOSE) /* overlaps are counted in cells */
        return !d->counts && !d->zero_insertion && (is_large(&l->input[0]) || is_large(&l->output));
    if (kind != CONV_CONV && kind != CONV_MAX_POOL && kind != CONV_AVG_POOL) return false;
    return is_large(&l->input[0]);
}

/* ---- what is looked at ---- */

static const conv_shape *stepped_shape(const photo *g) {
    const conv_layout *l = g->w.layout;
    return g->stamps ? &l->input[0] : &l->output;
}

/* The window of a step; of the last one that moves it where the step only adds the bias. */
static bool look_at(photo *g, int64_t step) {
    stage own = *g->s;
    int64_t last = conv_shape_count(stepped_shape(g)) - 1;
    own.moment = step == own.moment.step && step <= last ? own.moment : (moment){step < last ? step : last, 1};
    return window_at(&own, g->index, &g->w);
}

/* The cell that is pointed at, else the pinned one, when it is one of this picture. */
static void find_pointed(photo *g) {
    const document *d = g->s->document;
    const tag *h = &g->s->settings->hover;
    const scene_part *p = &g->s->scene->parts[g->index];
    const bool here = h->kind == TAG_CELL && h->part == g->index && h->layer == p->focus;
    if (here && (h->role == ROLE_INPUT || h->role == ROLE_OUTPUT))
        g->pointed = h->role, g->cell = h->index;
    else if (g->index == 0 && d->pinned_output >= 0)
        g->pointed = ROLE_OUTPUT, g->cell = d->pinned_output;
    else if (g->index == 0 && d->pinned_input >= 0)
        g->pointed = ROLE_INPUT, g->cell = d->pinned_input;
    const conv_shape *shape = g->pointed == ROLE_INPUT ? &p->layout->input[0] : &p->layout->output;
    if (g->cell < 0 || g->cell >= conv_shape_count(shape)) g->pointed = ROLE_NONE;
}

static void row_and_column(const conv_shape *shape, int64_t index, int64_t at[2]) {
    at[1] = index % shape->size[shape->rank - 1];
    at[0] = index / shape->size[shape->rank - 1] % shape->size[shape->rank - 2];
}

/* The step to look at for a cell that is joined to several: one in their middle. Their hull is kept. */
static int64_t middle_user(photo *g, const conv_tap *taps, int64_t count) {
    const conv_shape *shape = stepped_shape(g);
    int64_t best = -1;
    g->low[0] = g->low[1] = INT64_MAX;
    g->high[0] = g->high[1] = -1;
    for (int64_t i = 0; i < count; i++) {
        int64_t other = g->stamps ? taps[i].input : taps[i].output, at[2];
        if (other < 0) continue;
        row_and_column(shape, other, at);
        for (int k = 0; k < 2; k++) {
            if (at[k] < g->low[k]) g->low[k] = at[k];
            if (at[k] > g->high[k]) g->high[k] = at[k];
        }
        if (best < 0 || i <= count / 2) best = other;
    }
    return best;
}

static bool touches(const window *w, const photo *g) {
    for (int64_t i = 0; i < w->count; i++)
        if ((g->stamps ? w->taps[i].output : w->taps[i].input) == g->cell) return true;
    return false;
}

/* Turns the magnifier to what is pointed at. One that already shows the cell stays: its own cells can be pointed at. */
static bool turn_to_pointed(photo *g) {
    const scene_part *p = &g->s->scene->parts[g->index];
    const bool own_step = g->pointed == (g->stamps ? ROLE_INPUT : ROLE_OUTPUT);
    g->low[0] = 0;
    g->high[0] = -1;
    if (g->pointed == ROLE_NONE) return true;
    int64_t step = g->cell;
    if (!own_step) {
        int64_t count = 0;
        conv_tap *taps = memory_zeroed(JOINED_MOST, sizeof *taps);
        if (!taps) return false;
        conv_status status =
            g->stamps ? conv_trace_output(p->plan, &p->operands, g->cell, taps, JOINED_MOST, &count, NULL, NULL)
                      : conv_trace_input(p->plan, &p->operands, 0, g->cell, taps, JOINED_MOST, &count, NULL);
        step = status == CONV_OK ? middle_user(g, taps, count < JOINED_MOST ? count : JOINED_MOST) : -1;
        memory_free(taps);
        if (touches(&g->w, g)) return true;
    }
    g->foreseen = step >= g->steps;
    return step < 0 || look_at(g, step);
}

/* ---- the magnifier ---- */

/* The first channel that the magnifier shows: of the input, or of the output for a stamp. */
static int64_t base_channel(const photo *g) {
    if (g->stamps) return g->w.group * g->w.out_group;
    return g->w.layout->spec.op->kind == CONV_CONV ? g->w.group * g->w.in_group : g->w.channel;
}

/* What the taps read (a stamp: what they add), channel by channel in the shape of the kernel. */
static void read_patch(photo *g) {
    const conv_layout *l = g->w.layout;
    int64_t kernel = 1;
    conv_shape shape = {.rank = l->dims + 1};
    for (int i = 0; i < l->dims; i++) {
        shape.size[i + 1] = l->axis[i].kernel;
        kernel *= l->axis[i].kernel;
    }
    int64_t channels = g->stamps ? g->w.out_group : g->w.in_group;
    if (channels > 3) channels = 3;
    if (channels * kernel > PATCH_MOST) channels = PATCH_MOST / kernel;
    shape.size[0] = channels;
    for (int64_t i = 0; i < channels * kernel; i++) g->value[i] = NAN;
    for (int64_t i = 0; i < g->w.count; i++) {
        const conv_tap *t = &g->w.taps[i];
        int64_t c = t->channel - base_channel(g);
        if (c < 0 || c >= channels) continue;
        g->value[(c * l->axis[0].kernel + t->kernel[0]) * l->axis[1].kernel + t->kernel[1]] =
            g->stamps ? t->product : t->value;
    }
    operand_plain(g->s, &g->patch, g->stamps ? ROLE_OUTPUT : ROLE_INPUT, g->index, &shape, g->value);
    g->patch.addends = g->stamps;
    g->patch.scale = g->stamps ? g->output.scale : g->input.scale;
    g->patch.symbols = false;
}

static void add_patch(photo *g) {
    stage *s = g->s;
    char text[96];
    const int64_t all = g->stamps ? g->w.out_group : g->w.in_group;
    block *b = &g->blocks[g->count++];
    *b = (block){.gap = 10, .role = g->patch.role, .foot = g->weighted && !g->stamps ? 0 : 40};
    snprintf(b->title, sizeof b->title, "%s", tr(s->language, g->stamps ? N_("the stamp") : N_("under the kernel")));
    for (int64_t c = 0; c < g->patch.planes; c++) block_add(b, &g->patch, c, 0);
    b->across = b->count;
    if (g->patch.planes < all)
        slide_remark(b,
                     tr_format(s->language, text, sizeof text, N_("{0} of {1} channels"), "dd", g->patch.planes, all));
}

static void add_weight(photo *g) {
    stage *s = g->s;
    char text[96];
    const int64_t each = g->stamps ? g->w.out_group : g->w.in_group;
    block *b = &g->blocks[g->count++];
    *b = (block){.gap = 10, .role = ROLE_WEIGHT, .foot = g->stamps ? 0 : 40};
    operand_title(s, &g->weight, b->title, sizeof b->title);
    for (int64_t c = 0; c < g->patch.planes; c++) block_add(b, &g->weight, g->w.channel * each + c, 0);
    b->across = b->count;
    if (g->w.layout->spec.flip) slide_remark(b, tr(s->language, N_("turned round")));
    if (!g->stamps && g->w.layout->out_channels > 1)
        slide_remark(b, tr_format(s->language, text, sizeof text, N_("filter {0} of {1}"), "dd", g->w.channel,
                                  g->w.layout->out_channels));
}

/* In the order of the work: the patch, then the kernel; the kernel, then its stamp. */
static void add_blocks(photo *g) {
    if (g->stamps && g->weighted) add_weight(g);
    add_patch(g);
    if (!g->stamps && g->weighted) add_weight(g);
}

/* Which cell of the tensor a cell of the magnifier shows, so that pointing at one is pointing at the other. */
static void paint_patch(const stage *s, const plane *p, grid_cell *c, void *context) {
    const photo *g = context;
    (void)s;
    const int64_t base = base_channel(g);
    c->index = -1;
    for (int64_t i = 0; i < g->w.count; i++) {
        const conv_tap *t = &g->w.taps[i];
        if (t->channel == base + p->lead && t->kernel[0] == c->row && t->kernel[1] == c->column)
            c->index = g->stamps ? t->output : t->input;
    }
}

static void place_picture(const stage *s, plane *p, const operand *o, int64_t lead, box area, float size) {
    *p = (plane){.of = o, .lead = lead, .known = INT64_MAX, .right = {size, 0}, .down = {0, size}};
    float width = (float)o->columns * size, height = (float)o->rows * size;
    (void)s;
    p->origin = (point){floorf(area.x + (area.width - width) / 2), floorf(area.y + (area.height - height) / 2)};
}

static void picture_title(const stage *s, const plane *p, const char *remark) {
    float u = s->unit;
    char text[128];
    operand_title(s, p->of, text, sizeof text);
    float width = p->right.x * (float)p->of->columns + 30 * u; /* a little of the gap beside it */
    width = fminf(width, s->area.x + s->area.width - p->origin.x);
    if (!stage_fits(s, FACE_WORDS_BOLD, TYPE_LABEL * u, text, width)) /* its size alone */
        memmove(text, text + strcspn(text, "0123456789"), strlen(text + strcspn(text, "0123456789")) + 1);
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = p->of->role, .index = -1});
    stage_words_ground(s, (point){p->origin.x, p->origin.y - 14 * u}, FACE_WORDS_BOLD, TYPE_LABEL * u * 0.84f, text);
    stage_text_fitted(s, p->origin.x, p->origin.y - 14 * u, ANCHOR_LEFT, FACE_WORDS_BOLD, TYPE_LABEL * u,
                      stage_ink(s, p->of->role), text, width);
    if (remark[0])
        stage_text_fitted(s, p->origin.x, p->origin.y + p->down.y * (float)p->of->rows + 14 * u, ANCHOR_LEFT,
                          FACE_WORDS, TYPE_SMALL * u, s->theme->ink_soft, remark, width);
}

/* A frame on a picture stays visible however small its cells are. */
static box frame_box(const stage *s, const plane *p, float row, float column, float rows, float columns) {
    point a = plane_at(p, row, column);
    float width = fmaxf(columns * p->right.x, 7 * s->unit), height = fmaxf(rows * p->down.y, 7 * s->unit);
    float grow_x = (width - columns * p->right.x) / 2, grow_y = (height - rows * p->down.y) / 2;
    return (box){a.x - grow_x, a.y - grow_y, width, height};
}

/* A wide window begins far beside the picture: its frame ends where the whole ends, so that all its sides are seen. */
static box kept_on_stage(const stage *s, box b) {
    const float edge = 3 * s->unit, right = s->settings->width - edge, bottom = s->settings->height - edge;
    const float x = fmaxf(b.x, edge), y = fmaxf(b.y, edge);
    const box kept = {x, y, fminf(b.x + b.width, right) - x, fminf(b.y + b.height, bottom) - y};
    return s->settings->zoom == 1 && kept.width > 2 * edge && kept.height > 2 * edge ? kept : b;
}

static void draw_frame(const stage *s, box b) {
    paint back = stage_stroke(s, s->theme->background, 5), front = stage_stroke(s, s->theme->highlight, 2.4f);
    draw_rect(s->list, b, 1.5f * s->unit, back);
    draw_rect(s->list, b, 1.5f * s->unit, front);
}

/* "Σ = 7" under the last block; "5 × K = the stamp" for a stamp. Returns where the line ends. */
static point draw_result(const photo *g, const block *last) {
    const stage *s = g->s;
    char result[NUMBER_SIZE], text[STAGE_TEXT];
    float u = s->unit, y = last->box.y + last->box.height + 22 * u;
    if (g->stamps) {
        short_number(result, sizeof result, (double)g->input.values[g->w.step], NUMBER_DIGITS);
        snprintf(text, sizeof text, "%s × K", result);
    } else {
        const char *sign = g->weighted ? "Σ" : g->w.layout->spec.op->kind == CONV_MAX_POOL ? "max" : "mean";
        short_number(result, sizeof result, (double)g->w.result, NUMBER_DIGITS);
        snprintf(text, sizeof text, "%s = %s", sign, g->foreseen ? "?" : result);
    }
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = ROLE_OUTPUT, .index = -1});
    const float width =
        stage_width(s, FACE_MONO_BOLD, 18 * u, text); /* it ends where the block does: the line is free */
    const float right = fmaxf(last->box.x + last->box.width, last->box.x + width);
    stage_text(s, right, y, ANCHOR_RIGHT, FACE_MONO_BOLD, 18 * u, s->theme->roles[ROLE_OUTPUT].ink, text);
    stage_tag(s, tag_none());
    return (point){right + 8 * u, y};
}

/* Lines from the tensor that is read over the magnifier to the one that is written. */
static void draw_lines(const photo *g, box frame, box cell) {
    const stage *s = g->s;
    const paint out = stage_stroke(s, color_faded(s->theme->roles[ROLE_OUTPUT].strong, 0.8f), 1.8f);
    if (g->count == 0) { /* no room for what lies between: the line says where it goes */
        box from = g->stamps ? cell : frame, to = g->stamps ? frame : cell;
        draw_line(s->list, (point){from.x + from.width, from.y + from.height / 2}, (point){to.x, to.y + to.height / 2},
                  out);
        return;
    }
    const block *first = &g->blocks[0], *last = &g->blocks[g->count - 1];
    if (!g->stamps) {
        slide_rays(s, (point){frame.x + frame.width, frame.y}, (point){frame.x + frame.width, frame.y + frame.height},
                   plane_box(&first->planes[0]), s->theme->roles[ROLE_INPUT].strong);
        if (slide_known(s)) draw_line(s->list, draw_result(g, last), (point){cell.x, cell.y + cell.height / 2}, out);
        return;
    }
    box kernel = plane_box(&first->planes[0]), stamp = plane_box(&last->planes[last->count - 1]);
    draw_line(s->list, (point){cell.x + cell.width, cell.y + cell.height / 2},
              (point){kernel.x, kernel.y + kernel.height / 2},
              stage_stroke(s, color_faded(s->theme->roles[ROLE_INPUT].strong, 0.8f), 1.8f));
    draw_line(s->list, (point){stamp.x + stamp.width, stamp.y}, (point){frame.x, frame.y}, out);
    draw_line(s->list, (point){stamp.x + stamp.width, stamp.y + stamp.height}, (point){frame.x, frame.y + frame.height},
              out);
    draw_result(g, last);
}

/* The cell that is pointed at, on its picture and in the magnifier, and the part of the other picture it is joined to.
 */
static void draw_pointed(const photo *g) {
    const stage *s = g->s;
    if (g->pointed == ROLE_NONE) return;
    const bool in = g->pointed == ROLE_INPUT;
    const color c = s->theme->roles[g->pointed].strong;
    const plane *mine = in ? &g->from : &g->to, *other = in ? &g->to : &g->from;
    int64_t at[2];
    row_and_column(in ? &g->input.shape : &g->output.shape, g->cell, at);
    box pixel = frame_box(s, mine, (float)at[0], (float)at[1], 1, 1);
    draw_rect(s->list, pixel, 0, stage_stroke(s, s->theme->background, 4.5f));
    draw_rect(s->list, pixel, 0, stage_stroke(s, c, 2.4f));
    if (g->low[0] <= g->high[0]) {
        box hull = frame_box(s, other, (float)g->low[0], (float)g->low[1], (float)(g->high[0] - g->low[0] + 1),
                             (float)(g->high[1] - g->low[1] + 1));
        draw_rect(s->list, hull, 0, stage_stroke(s, s->theme->background, 4.5f));
        draw_rect(s->list, hull, 0, stage_stroke(s, c, 2.4f));
    }
    const int64_t base = base_channel(g);
    for (int b = 0; b < g->count; b++)
        for (int k = 0; k < g->blocks[b].count && g->blocks[b].planes[k].of == &g->patch; k++)
            for (int64_t i = 0; i < g->w.count; i++) {
                const conv_tap *t = &g->w.taps[i];
                if ((g->stamps ? t->output : t->input) == g->cell && g->patch.role == g->pointed &&
                    t->channel == base + g->blocks[b].planes[k].lead)
                    plane_outline(s, &g->blocks[b].planes[k], (float)t->kernel[0], (float)t->kernel[1], 1, 1, 0,
                                  stage_stroke(s, c, 3));
            }
}

static void draw_pictures(photo *g, float size, box left, box right) {
    stage *s = g->s;
    const conv_layout *l = g->w.layout;
    const bool rgb = g->input.photo && g->input.planes == 3; /* a grouped layer reads one channel: still it is shown */
    const bool conv = l->spec.op->kind == CONV_CONV;
    int64_t in = conv ? g->w.group * g->w.in_group : g->w.channel, out = g->w.channel;
    if (g->stamps) out = g->w.group * g->w.out_group;
    place_picture(s, &g->from, &g->input, rgb ? 0 : g->w.sample * l->in_channels + in, left, size);
    place_picture(s, &g->to, &g->output, g->w.sample * l->out_channels + out, right, size);
    if (g->stamps) {
        g->to.values = scene_state(s->scene, g->index, g->steps, s->failure);
        g->to.known = slide_known(s);
    } else {
        g->to.known = slide_known(s) < g->steps ? 0 : g->steps;
    }
    plane_draw(s, &g->from, NULL, NULL);
    plane_draw(s, &g->to, NULL, NULL);
    stage_tag(s, tag_none());
}

/* Over the pictures, and over a frame that reaches into their padding. */
static void draw_titles(const photo *g) {
    const stage *s = g->s;
    const conv_layout *l = g->w.layout;
    const bool rgb = g->input.photo && g->input.planes == 3;
    const int64_t in = g->from.lead % l->in_channels, out = g->to.lead % l->out_channels;
    char text[96] = "";
    if (!rgb && l->in_channels > 1 && (g->stamps || g->w.in_group > 1))
        tr_format(s->language, text, sizeof text, N_("channel {0} of {1}"), "dd", in, l->in_channels);
    picture_title(s, &g->from, text);
    text[0] = 0;
    if (l->out_channels > 1)
        tr_format(s->language, text, sizeof text, N_("channel {0} of {1}"), "dd", out, l->out_channels);
    picture_title(s, &g->to, text);
    stage_tag(s, tag_none());
}

static void draw_all(photo *g, float size, box middle, box left, box right) {
    stage *s = g->s;
    static const signed char patterns[2][8] = {{0, 0}, {0, 1}};
    float cell_size = g->count == 0 ? 0
                                    : arrange_best(s, g->blocks, g->count, false, middle, 54 * s->unit, patterns,
                                                   g->count > 1 ? 2 : 1);
    arrange_place(s, g->blocks, g->count, false, middle, cell_size);
    for (int b = 0; b < g->count; b++) slide_turn_kernel(g->w.layout, &g->blocks[b], &g->weight, 1);
    arrange_numbers(s, &g->patch, false, cell_size);
    if (g->weighted) arrange_numbers(s, &g->weight, false, cell_size);
    draw_pictures(g, size, left, right);
    const plane *framed = g->stamps ? &g->to : &g->from, *stepped = g->stamps ? &g->from : &g->to;
    box frame = frame_box(s, framed, g->w.first[1], g->w.first[2], g->w.size[1], g->w.size[2]);
    int64_t at[2];
    row_and_column(stepped_shape(g), g->w.step, at);
    box cell = frame_box(s, stepped, (float)at[0], (float)at[1], 1, 1);
    frame = kept_on_stage(s, frame);
    draw_lines(g, frame, cell);
    for (int b = 0; b < g->count; b++) {
        block_words(s, &g->blocks[b]);
        for (int i = 0; i < g->blocks[b].count; i++)
            plane_draw(s, &g->blocks[b].planes[i], g->blocks[b].planes[i].of == &g->patch ? paint_patch : NULL, g);
    }
    stage_tag(s, tag_none());
    if (g->count > 0) slide_invitation(s, g->index, g->blocks, g->count);
    draw_frame(s, frame);
    draw_frame(s, cell);
    draw_titles(g);
    draw_pointed(g);
    slide_light(s, &g->from);
    slide_light(s, &g->to);
    for (int b = 0; b < g->count; b++)
        for (int i = 0; i < g->blocks[b].count; i++) slide_light(s, &g->blocks[b].planes[i]);
}

/* Finds what the magnifier looks at. */
static bool begin(photo *g) {
    if (!window_at(g->s, g->index, &g->w)) return false;
    g->stamps = g->w.layout->flow == CONV_SCATTER;
    g->steps = g->w.step + (g->w.finished ? 1 : 0);
    find_pointed(g);
    return (!g->w.bias_step || look_at(g, g->w.step)) && turn_to_pointed(g);
}

moment slide_photo_moment(stage *s, int index) {
    photo *g = memory_zeroed(1, sizeof *g);
    moment m = s->moment;
    if (g) {
        *g = (photo){.s = s, .index = index};
        if (begin(g) && g->pointed != ROLE_NONE && !g->foreseen && g->w.step != m.step) m = (moment){g->w.step, 1};
    }
    memory_free(g);
    return m;
}

float slide_photo(stage *s, int index, float most, bool draw) {
    photo *g = memory_zeroed(1, sizeof *g);
    if (!g) return -1;
    *g = (photo){.s = s, .index = index};
    float size = -1;
    if (!begin(g)) goto done;
    if (!operand_of(s, index, ROLE_INPUT, 0, &g->input) || !operand_of(s, index, ROLE_OUTPUT, 0, &g->output)) goto done;
    g->weighted = operand_of(s, index, ROLE_WEIGHT, 0, &g->weight);
    memset(g->input.before, 0, sizeof g->input.before);
    memset(g->input.after, 0, sizeof g->input.after);
    memset(g->output.before, 0, sizeof g->output.before);
    memset(g->output.after, 0, sizeof g->output.after);
    read_patch(g);
    box a = s->area;
    /* Window and kernel stand between the pictures: one under the other, in a low area side by side. */
    const float u = s->unit, rows = (float)(g->patch.rows * (g->weighted ? 2 : 1));
    const bool tall = a.height >= (130 + 12 * rows) * u, roomy = a.width >= (tall ? 340 : 545) * u;
    if (roomy) add_blocks(g);
    const float gap = (roomy ? 40 : 16) * u, words = 28 * u;
    const float middle = !roomy ? 8 * u : tall ? a.width * 0.25f : fmaxf(a.width * 0.25f, 260 * u);
    float side = (a.width - middle - 2 * gap) / 2, high = a.height - 2 * words;
    const operand *largest = g->input.columns >= g->output.columns ? &g->input : &g->output;
    size = fminf(most, fminf(side / (float)largest->columns, high / (float)largest->rows));
    size = fminf(size, 40 * u);
    if (draw)
        draw_all(g, size, (box){a.x + side + gap, a.y, middle, a.height}, (box){a.x, a.y + words, side, high},
                 (box){a.x + a.width - side, a.y + words, side, high});
done:
    memory_free(g);
    return size;
}
