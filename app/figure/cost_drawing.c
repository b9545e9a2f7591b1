/* The cost view drawn: a row for each way, a column of bars for each thing that is counted. */
#include "app/system/number.h"
#include "cost_ways.h"
#include "short_number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STAGES_SHOWN = 3 };

typedef struct gauge {
    const char *title;
    role role;
    double most;
} gauge;

static double gauge_value(const way *w, int which) {
    return which == 0 ? (double)w->multiply_adds : which == 1 ? (double)w->parameters : w->time;
}

static void gauge_text(const way *w, int which, char *text, int size) {
    double value = gauge_value(w, which);
    if (which < 2)
        number_write_grouped((int64_t)value, text, (size_t)size);
    else
        short_number(text, size, value, NUMBER_DIGITS);
}

enum { GAUGES_MOST = 3 };

/* Few ways have tall rows: there is room to say how each count comes about, and to compare it with the first one's. */
#define ROW_MOST 150.0f
#define ROW_FEW 200.0f
#define ROW_TALL 118.0f

static bool tall(const stage *s, float row) {
    return row >= ROW_TALL * s->unit;
}

static float number_size(const stage *s, float row) {
    return tall(s, row) ? 17 * s->unit : fminf(14 * s->unit, row * 0.4f);
}

/* A count as a multiple of the first way's. */
static bool ratio_text(const ways *all, int i, int which, char *text, int size) {
    const double first = gauge_value(&all->way[0], which), value = gauge_value(&all->way[i], which);
    char number[NUMBER_SIZE];
    if (i == 0 || first <= 0 || value < 0) return false;
    short_number(number, sizeof number, value / first, NUMBER_DIGITS);
    snprintf(text, (size_t)size, "×%s", number);
    return true;
}

static float numbers_width(const stage *s, const ways *all, int which, float size) {
    float width = 0;
    for (int i = 0; i < all->count; i++) {
        char text[48];
        if (gauge_value(&all->way[i], which) < 0) continue;
        gauge_text(&all->way[i], which, text, sizeof text);
        width = fmaxf(width, stage_width(s, FACE_MONO, size, text));
    }
    return width;
}

/* How a layer's count comes about, in numbers and in words; that of several layers is the sum of theirs. */
static bool reckoning(const stage *s, const way *w, int which, char *numbers, size_t size, const char **words) {
    const conv_layout *l = &w->layouts[0];
    if (!w->whole || which > 1 || w->stages < 1 || w->stages > STAGES_SHOWN) return false;
    numbers[0] = 0;
    for (int k = 0; k < w->stages && w->stages > 1; k++) {
        char text[32];
        const conv_cost *c = &w->layouts[k].cost;
        number_write_grouped(which ? c->parameters : c->multiply_adds, text, sizeof text);
        const size_t used = strlen(numbers);
        snprintf(numbers + used, size - used, "%s%s", k ? " + " : "", text);
    }
    *words = tr(s->language, N_("layer by layer"));
    if (w->stages > 1) return true;
    const bool scatter = l->spec.op->kind == CONV_TRANSPOSE;
    if ((l->spec.op->kind != CONV_CONV && !scatter) || l->spec.groups < 1) return false;
    char one[32], other[32];
    int64_t cells = 1;
    for (int i = 0; i < l->dims; i++) cells *= l->axis[i].kernel;
    if (which == 0) {
        number_write_grouped(conv_shape_count(scatter ? &l->input[0] : &l->output), one, sizeof one);
        number_write_grouped((scatter ? l->out_channels : l->in_channels) / l->spec.groups, other, sizeof other);
        snprintf(numbers, size, "%s × %s × %lld", one, other, (long long)cells);
        *words = tr(s->language, scatter ? N_("inputs × channels × kernel") : N_("outputs × channels × kernel"));
        return true;
    }
    number_write_grouped(conv_shape_count(&l->weight), one, sizeof one);
    number_write_grouped(l->bias.rank ? conv_shape_count(&l->bias) : 0, other, sizeof other);
    snprintf(numbers, size, "%s + %s", one, other);
    *words = tr(s->language, N_("weights + biases"));
    return true;
}

/* Under a bar. */
static void draw_reckoning(const stage *s, const way *w, int which, point at, float width) {
    char numbers[128];
    const char *words;
    const float high = TYPE_SMALL * s->unit;
    if (!reckoning(s, w, which, numbers, sizeof numbers, &words)) return;
    if (!stage_fits(s, FACE_MONO, high, numbers, width) || !stage_fits(s, FACE_WORDS, high, words, width)) return;
    stage_text_fitted(s, at.x, at.y + high * 0.9f, ANCHOR_LEFT, FACE_MONO, high, s->theme->ink_soft, numbers, width);
    stage_text_fitted(s, at.x, at.y + high * 2.3f, ANCHOR_LEFT, FACE_WORDS, high, s->theme->ink_soft, words, width);
}

/* Lines across the bar of several layers: what each of them adds. Those too close to the one before are left out. */
static void part_bar(const stage *s, const way *w, int which, box bar) {
    const double sum = gauge_value(w, which);
    const float line = fmaxf(1, 1.6f * s->unit);
    float before = bar.x + 2;
    for (int k = 0; k + 1 < w->segments && sum > 0; k++) {
        const float x = bar.x + bar.width * (float)((double)w->ends[k][which] / sum);
        if (x < before || x > bar.x + bar.width - 2) continue;
        before = x + 2 * line;
        draw_line(s->list, (point){x, bar.y}, (point){x, bar.y + bar.height},
                  (paint){.stroke = s->theme->background, .width = line});
    }
}

/* The number behind its bar, or over it. */
static void draw_gauge(const stage *s, const ways *all, int which, const gauge *g, box area, float row, bool over) {
    float u = s->unit, size = number_size(s, row), numbers = numbers_width(s, all, which, size) + 8 * u;
    float high = over ? fminf(row * 0.16f, 20 * u) : fminf(row * 0.3f, (tall(s, row) ? 52 : 38) * u);
    const char *title = tr(s->language, g->title);
    const bool whole = stage_width(s, FACE_WORDS_BOLD, TYPE_LABEL * u, title) <= area.width;
    const bool words = strchr(title, ' ') || (unsigned char)title[0] >= 0x80; /* it can be broken well */
    const int lines = !whole && (words || !stage_fits(s, FACE_WORDS_BOLD, TYPE_LABEL * u, title, area.width)) ? 2 : 1;
    if (lines == 1)
        stage_text_fitted(s, area.x, area.y - 16 * u, ANCHOR_LEFT, FACE_WORDS_BOLD, TYPE_LABEL * u,
                          stage_ink(s, g->role), title, area.width);
    else
        stage_paragraph(s, (point){area.x, area.y - (6 + TYPE_LABEL * 1.38f * 2) * u}, area.width, FACE_WORDS_BOLD,
                        TYPE_LABEL * u, stage_ink(s, g->role), title, lines);
    const float widest = numbers_width(s, all, which, size);
    if (over && widest > area.width) size *= fmaxf(0.6f, area.width / widest);
    for (int i = 0; i < all->count; i++) {
        double value = gauge_value(&all->way[i], which);
        float y = area.y + ((float)i + 0.5f) * row + (over ? size * 0.5f : 0);
        if (value < 0) continue;
        float length = g->most > 0 ? (float)(value / g->most) * (area.width - (over ? 0 : numbers)) : 0;
        const color strong = s->theme->roles[g->role].strong;
        const color fill = i == 0 ? strong : color_mixed(s->theme->background, strong, 0.55f);
        draw_rect(s->list, (box){area.x, y - high / 2, fmaxf(2 * u, length), high}, 3 * u, (paint){.fill = fill});
        if (which < 2) part_bar(s, &all->way[i], which, (box){area.x, y - high / 2, length, high});
        char text[48], ratio[NUMBER_SIZE + 8];
        gauge_text(&all->way[i], which, text, sizeof text);
        if (tall(s, row)) draw_reckoning(s, &all->way[i], which, (point){area.x, y + high / 2 + 3 * u}, area.width);
        const bool compared = !over && tall(s, row) && ratio_text(all, i, which, ratio, sizeof ratio);
        if (compared)
            stage_text(s, area.x + length + 8 * u, y + size * 0.72f, ANCHOR_LEFT, FACE_MONO, TYPE_SMALL * u,
                       s->theme->ink_soft, ratio);
        if (over && !stage_fits(s, FACE_MONO, size, text, area.width))
            short_number(text, NUMBER_SIZE, value, NUMBER_DIGITS);
        if (over)
            stage_text_fitted(s, area.x, y - high / 2 - size * 0.75f, ANCHOR_LEFT, FACE_MONO, size, s->theme->ink, text,
                              area.width);
        else
            stage_text(s, area.x + length + 8 * u, y - (compared ? size * 0.5f : 0), ANCHOR_LEFT, FACE_MONO, size,
                       s->theme->ink, text);
    }
}

/* In `text` where it has to be made. */
static const char *way_name(const stage *s, const way *w, char *text, int size) {
    const char *own = w->name[s->language];
    if (w->layer) return tr_format(s->language, text, size, N_("layer {0}"), "d", (int64_t)w->layer);
    return *own || !*w->name[LANGUAGE_EN] ? own : tr(s->language, w->name[LANGUAGE_EN]);
}

/* What stands for a way: its name and its layers as code, without the words that need no saying. */
typedef struct legend {
    char code[STAGES_SHOWN][256];
    int count;
} legend;

static void read_legend(const way *w, legend *l) {
    static const char said[] = "kernel_size=";
    l->count = w->stages < STAGES_SHOWN ? w->stages : STAGES_SHOWN;
    for (int k = 0; k < l->count; k++) {
        conv_spec_text(&w->specs[k], l->code[k], sizeof l->code[k]);
        char *at = strstr(l->code[k], said);
        if (at) memmove(at, at + strlen(said), strlen(at + strlen(said)) + 1);
    }
    if (w->stages > STAGES_SHOWN) snprintf(l->code[STAGES_SHOWN - 1], sizeof *l->code, "…");
}

/* Name and code one under the other, the block's middle at `middle`; returns its height. Long code takes two lines. */
static float draw_legend(const stage *s, const way *w, const legend *l, float x, float middle, float width, float u,
                         bool draw) {
    const float name = TYPE_LABEL * u, code = 12.5f * u;
    char numbered[64];
    const char *title = way_name(s, w, numbered, sizeof numbered);
    const int name_lines = stage_fits(s, FACE_WORDS_BOLD, name, title, width) ? 1 : 2;
    float height = name * 1.45f * (float)name_lines, y = middle;
    int lines[STAGES_SHOWN];
    for (int k = 0; k < l->count; k++) {
        text_line broken[4];
        lines[k] = text_break(s->fonts, FACE_MONO, code, l->code[k], width, broken, 4);
        lines[k] = lines[k] > 3 ? 3 : lines[k];
        height += code * 1.38f * (float)lines[k];
    }
    if (!draw) return height;
    y -= height / 2;
    if (name_lines == 1)
        stage_text_fitted(s, x, y + name * 0.6f, ANCHOR_LEFT, FACE_WORDS_BOLD, name, s->theme->ink, title, width);
    else
        stage_paragraph(s, (point){x, y}, width, FACE_WORDS_BOLD, name, s->theme->ink, title, name_lines);
    y += name * 1.45f * (float)name_lines;
    for (int k = 0; k < l->count; k++)
        y += stage_paragraph(s, (point){x, y}, width, FACE_MONO, code, s->theme->ink_soft, l->code[k], lines[k]);
    return height;
}

/* Type as large as lets the tallest fit its row; where that would be too small to read, the code is left out. */
static float legend_unit(const stage *s, const ways *all, float width, float row, bool *code) {
    enum { SIZES = 9 }; /* down to half of the usual one */
    legend words;
    float u = s->unit;
    *code = true;
    for (int k = 0; k < SIZES; k++, u *= 0.92f) {
        float tallest = 0;
        for (int i = 0; i < all->count; i++) {
            read_legend(&all->way[i], &words);
            tallest = fmaxf(tallest, draw_legend(s, &all->way[i], &words, 0, 0, width, u, false));
        }
        if (tallest <= row * 0.94f) return u;
    }
    *code = false;
    return fminf(s->unit, row / (TYPE_LABEL * 1.5f));
}

static void draw_names(const stage *s, const ways *all, box area, float row) {
    legend words;
    bool code;
    const float u = legend_unit(s, all, area.width, row, &code);
    for (int i = 0; i < all->count; i++) {
        float y = area.y + ((float)i + 0.5f) * row;
        read_legend(&all->way[i], &words);
        if (!code) words.count = 0;
        draw_legend(s, &all->way[i], &words, area.x, y, area.width, u, true);
        if (i)
            draw_line(s->list, (point){s->area.x, y - row / 2}, (point){s->area.x + s->area.width, y - row / 2},
                      (paint){.stroke = s->theme->panel_line, .width = s->line});
    }
}

float cost_picture(stage *s, int index, float most, bool draw) {
    ways listed;
    (void)most;
    if (!draw) return 0;
    const ways *all = recall(s->scene, cost_key(s->scene, index));
    const bool measured = all != NULL, measuring = !measured && s->settings->measuring;
    if (!all) {
        listed.micro = false;
        cost_list(s->scene, index, &listed);
        all = &listed;
    }
    gauge gauges[GAUGES_MOST] = {{N_("multiply-adds"), ROLE_INPUT, 0},
                                 {N_("parameters"), ROLE_WEIGHT, 0},
                                 {N_("milliseconds, measured here"), ROLE_OUTPUT, 0}};
    for (int i = 0; i < all->count; i++)
        for (int k = 0; k < GAUGES_MOST; k++) gauges[k].most = fmax(gauges[k].most, gauge_value(&all->way[i], k));
    if (all->micro) gauges[2].title = N_("microseconds, measured here");
    float u = s->unit, head = 46 * u, gap = 26 * u, names = s->area.width * 0.34f;
    int columns = measured || measuring ? GAUGES_MOST : 2;
    const float room = s->area.height - head, ways_count = (float)(all->count ? all->count : 1);
    float row = fminf(room / ways_count, (all->count < 3 ? ROW_FEW : ROW_MOST) * u);
    float top = s->area.y + head + fmaxf(0, room - row * ways_count) * 0.4f,
          width = (s->area.width - names - gap * (float)columns) / (float)columns;
    bool over = false; /* where a bar would have too little beside its number, all numbers stand over theirs */
    for (int k = 0; k < columns; k++) over = over || width - numbers_width(s, all, k, number_size(s, row)) < 90 * u;
    stage_tag(s, (tag){.kind = TAG_LABEL, .part = index, .index = -1});
    draw_names(s, all, (box){s->area.x, top, names, s->area.height - head}, row);
    for (int k = 0; k < columns; k++)
        draw_gauge(s, all, k, &gauges[k],
                   (box){s->area.x + names + gap + (float)k * (width + gap), top, width, s->area.height - head}, row,
                   over);
    if (measuring) /* where the first number will be */
        stage_text_fitted(s, s->area.x + names + gap + 2 * (width + gap), top + 0.5f * row, ANCHOR_LEFT, FACE_WORDS,
                          TYPE_LABEL * u, s->theme->ink_soft, tr(s->language, N_("measuring…")), width);
    stage_tag(s, tag_none());
    return 0;
}
