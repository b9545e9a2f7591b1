/* Tensors too large for numbers: input and output as pictures, and a magnifier on the patch under the kernel. */
#include "short_number.h"
#include "slide.h"

#include "app/system/memory.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NUMBERS_MOST = 576 /* 24 x 24: larger planes have no room for numbers */, PATCH_MOST = 2048 };

typedef struct photo {
    stage *s;
    int index;
    window w;
    operand input, output, patch, weight;
    bool weighted;
    plane from, to;
    float value[PATCH_MOST];
    block blocks[2];
    int count;
} photo;

bool slide_is_photo(const stage *s, int index) {
    const conv_layout *l = s->scene->parts[index].layout;
    conv_kind kind = l->spec.op->kind;
    if (l->dims != 2 || l->flow == CONV_SCATTER) return false;
    if (kind != CONV_CONV && kind != CONV_MAX_POOL && kind != CONV_AVG_POOL) return false;
    const conv_shape *in = &l->input[0];
    return in->size[in->rank - 1] * in->size[in->rank - 2] > NUMBERS_MOST;
}

/* What the taps read, channel by channel in the shape of the kernel. */
static void read_patch(photo *g) {
    const conv_layout *l = g->w.layout;
    int64_t kernel = 1;
    conv_shape shape = {.rank = l->dims + 1};
    for (int i = 0; i < l->dims; i++) {
        shape.size[i + 1] = l->axis[i].kernel;
        kernel *= l->axis[i].kernel;
    }
    int64_t channels = g->w.in_group;
    if (channels > 3) channels = 3;
    if (channels * kernel > PATCH_MOST) channels = PATCH_MOST / kernel;
    shape.size[0] = channels;
    for (int64_t i = 0; i < channels * kernel; i++) g->value[i] = NAN;
    int64_t base = l->spec.op->kind == CONV_CONV ? g->w.group * g->w.in_group : g->w.channel;
    for (int64_t i = 0; i < g->w.count; i++) {
        const conv_tap *t = &g->w.taps[i];
        int64_t c = t->channel - base;
        if (c < 0 || c >= channels) continue;
        g->value[(c * l->axis[0].kernel + t->kernel[0]) * l->axis[1].kernel + t->kernel[1]] = t->value;
    }
    float scale = g->input.scale;
    operand_plain(g->s, &g->patch, ROLE_INPUT, g->index, &shape, g->value);
    g->patch.scale = scale;
    g->patch.symbols = false;
}

static void add_blocks(photo *g) {
    stage *s = g->s;
    block *b = &g->blocks[g->count++];
    *b = (block){.gap = 10, .role = ROLE_INPUT, .foot = g->weighted ? 0 : 40};
    snprintf(b->title, sizeof b->title, "%s", tr(s->language, N_("under the kernel")));
    for (int64_t c = 0; c < g->patch.planes; c++) block_add(b, &g->patch, c, 0);
    b->across = b->count;
    if (g->patch.planes < g->w.in_group) {
        char text[96];
        slide_remark(b, tr_format(s->language, text, sizeof text, N_("{0} of {1} channels"), "dd", g->patch.planes,
                                  g->w.in_group));
    }
    if (!g->weighted) return;
    b = &g->blocks[g->count++];
    *b = (block){.gap = 10, .role = ROLE_WEIGHT, .foot = 40};
    operand_title(s, &g->weight, b->title, sizeof b->title);
    for (int64_t c = 0; c < g->patch.planes; c++) block_add(b, &g->weight, g->w.channel * g->w.in_group + c, 0);
    b->across = b->count;
    char text[96];
    if (g->w.layout->out_channels > 1)
        slide_remark(b, tr_format(s->language, text, sizeof text, N_("filter {0} of {1}"), "dd", g->w.channel,
                                  g->w.layout->out_channels));
}

/* Which input cell a cell of the magnifier shows, so that pointing at one is pointing at the other. */
static void paint_patch(const stage *s, const plane *p, grid_cell *c, void *context) {
    const photo *g = context;
    (void)s;
    int64_t base = g->w.layout->spec.op->kind == CONV_CONV ? g->w.group * g->w.in_group : g->w.channel;
    c->index = -1;
    for (int64_t i = 0; i < g->w.count; i++) {
        const conv_tap *t = &g->w.taps[i];
        if (t->channel == base + p->lead && t->kernel[0] == c->row && t->kernel[1] == c->column) c->index = t->input;
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
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = p->of->role, .index = -1});
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

static void draw_frame(const stage *s, box b) {
    paint back = stage_stroke(s, s->theme->background, 5), front = stage_stroke(s, s->theme->highlight, 2.4f);
    draw_rect(s->list, b, 1.5f * s->unit, back);
    draw_rect(s->list, b, 1.5f * s->unit, front);
}

static void draw_result(const photo *g, const block *last, box target) {
    const stage *s = g->s;
    char result[NUMBER_SIZE], text[NUMBER_SIZE + 8];
    if (!slide_known(s)) return;
    short_number(result, sizeof result, (double)g->w.result, NUMBER_DIGITS);
    const char *sign = g->weighted ? "Σ" : g->w.layout->spec.op->kind == CONV_MAX_POOL ? "max" : "mean";
    snprintf(text, sizeof text, "%s = %s", sign, result);
    float u = s->unit, y = last->box.y + last->box.height + 22 * u;
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = ROLE_OUTPUT, .index = -1});
    float width =
        stage_text(s, last->box.x, y, ANCHOR_LEFT, FACE_MONO_BOLD, 18 * u, s->theme->roles[ROLE_OUTPUT].ink, text);
    stage_tag(s, tag_none());
    draw_line(s->list, (point){last->box.x + width + 8 * u, y}, (point){target.x, target.y + target.height / 2},
              stage_stroke(s, color_faded(s->theme->roles[ROLE_OUTPUT].strong, 0.8f), 1.8f));
}

static void draw_all(photo *g, float size, box middle, box left, box right) {
    stage *s = g->s;
    static const signed char patterns[2][8] = {{0, 0}, {0, 1}};
    float cell_size = g->count == 0 ? 0
                                    : arrange_best(s, g->blocks, g->count, false, middle, 54 * s->unit, patterns,
                                                   g->count > 1 ? 2 : 1);
    arrange_place(s, g->blocks, g->count, false, middle, cell_size);
    arrange_numbers(s, &g->patch, false, cell_size);
    if (g->weighted) arrange_numbers(s, &g->weight, false, cell_size);
    int64_t lead = g->w.sample * g->w.layout->in_channels, channel = g->w.group * g->w.in_group;
    bool rgb = g->input.photo && g->input.planes == 3; /* a grouped layer reads one channel: still the photo is shown */
    bool conv = g->w.layout->spec.op->kind == CONV_CONV;
    place_picture(s, &g->from, &g->input, rgb ? 0 : lead + (conv ? channel : g->w.channel), left, size);
    place_picture(s, &g->to, &g->output, g->w.sample * g->w.layout->out_channels + g->w.channel, right, size);
    int64_t steps = g->w.step + (g->w.finished ? 1 : 0);
    g->to.known = slide_known(s) < steps ? 0 : steps;
    plane_draw(s, &g->from, NULL, NULL);
    plane_draw(s, &g->to, NULL, NULL);
    char text[96] = "";
    if (!rgb && g->w.in_group > 1)
        tr_format(s->language, text, sizeof text, N_("channel {0} of {1}"), "dd", channel, g->w.layout->in_channels);
    picture_title(s, &g->from, text);
    text[0] = 0;
    if (g->w.layout->out_channels > 1)
        tr_format(s->language, text, sizeof text, N_("channel {0} of {1}"), "dd", g->w.channel,
                  g->w.layout->out_channels);
    picture_title(s, &g->to, text);
    stage_tag(s, tag_none());
    box frame = frame_box(s, &g->from, g->w.first[1], g->w.first[2], g->w.size[1], g->w.size[2]);
    int64_t at[CONV_MAX_DIMS];
    conv_shape_position(&g->output.shape, g->w.step, at);
    box target = frame_box(s, &g->to, (float)at[g->output.shape.rank - 2], (float)at[g->output.shape.rank - 1], 1, 1);
    if (g->count == 0) /* no room for what lies between: the line says where it goes */
        draw_line(s->list, (point){frame.x + frame.width, frame.y + frame.height / 2},
                  (point){target.x, target.y + target.height / 2},
                  stage_stroke(s, color_faded(s->theme->roles[ROLE_OUTPUT].strong, 0.8f), 1.8f));
    if (g->count > 0) {
        slide_rays(s, (point){frame.x + frame.width, frame.y}, (point){frame.x + frame.width, frame.y + frame.height},
                   plane_box(&g->blocks[0].planes[0]), s->theme->roles[ROLE_INPUT].strong);
        draw_result(g, &g->blocks[g->count - 1], target);
    }
    for (int b = 0; b < g->count; b++) {
        block_words(s, &g->blocks[b]);
        for (int i = 0; i < g->blocks[b].count; i++)
            plane_draw(s, &g->blocks[b].planes[i], b == 0 ? paint_patch : NULL, g);
    }
    stage_tag(s, tag_none());
    if (g->count > 0) slide_invitation(s, g->index, g->blocks, g->count);
    draw_frame(s, frame);
    draw_frame(s, target);
}

float slide_photo(stage *s, int index, float most, bool draw) {
    photo *g = memory_zeroed(1, sizeof *g);
    if (!g) return -1;
    *g = (photo){.s = s, .index = index};
    float size = -1;
    if (!window_at(s, index, &g->w)) goto done;
    if (!operand_of(s, index, ROLE_INPUT, 0, &g->input) || !operand_of(s, index, ROLE_OUTPUT, 0, &g->output)) goto done;
    g->weighted = operand_of(s, index, ROLE_WEIGHT, 0, &g->weight);
    memset(g->input.before, 0, sizeof g->input.before);
    memset(g->input.after, 0, sizeof g->input.after);
    read_patch(g);
    box a = s->area;
    const bool roomy = a.width >= 340 * s->unit; /* for window and kernel between the pictures */
    if (roomy) add_blocks(g);
    float u = s->unit, gap = (roomy ? 40 : 16) * u, words = 28 * u, middle = roomy ? a.width * 0.25f : 8 * u;
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
