/* The engine view: a real run that was recorded before (figure_prepare): which thread computed which tile, when, and
 * how the algorithms compare. */
#include "app/system/memory.h"
#include "recall.h"
#include "short_number.h"
#include "views.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EVENTS_MOST = 4096, RUNS_MOST = 8, TRIES = 3, BLOCKS_MOST = 16 };
enum {
    PLAIN_MOST = 20000000 /* multiply-adds: the reference takes its time */,
    LONG_NS = 100000000 /* runs of that length together are enough: the reader waits */
};

typedef struct recorded {
    conv_algorithm algorithm;
    int64_t total_ns;
} recorded;

typedef struct runs {
    recorded run[RUNS_MOST]; /* every algorithm that can do it; the plan's own choice first */
    int count;
    conv_observation seen; /* of the first */
    conv_event events[EVENTS_MOST];
    int threads;
} runs;

static recall_key key_of(const scene *s, int index) {
    return (recall_key){RECALL_RUNS, index, s->parts[index].focus, 0, 0};
}

/* The fastest of a few runs. `seen` keeps its events when it is not NULL. */
static bool record(scene *s, int index, conv_engine *engine, conv_algorithm algorithm, float *output, runs *all,
                   bool keep) {
    scene_part *p = &s->parts[index];
    conv_plan *plan = NULL;
    conv_plan_options options = {.algorithm = algorithm};
    conv_event *events = keep ? memory_zeroed(EVENTS_MOST, sizeof *events) : NULL;
    bool ok = (!keep || events) && conv_plan_create(engine, &p->layout->spec, p->layout->input, p->layout->input_count,
                                                    &p->operands, &options, &plan, NULL) == CONV_OK;
    recorded best = {algorithm, INT64_MAX};
    for (int64_t i = 0, spent = 0; ok && i < TRIES && spent < LONG_NS; i++) { /* one alone may have been held up */
        conv_observation seen = {.events = events, .capacity = events ? EVENTS_MOST : 0};
        ok = conv_plan_run(plan, &p->operands, output, NULL, &seen, NULL) == CONV_OK;
        spent += seen.total_ns;
        if (!ok || seen.total_ns >= best.total_ns) continue;
        best = (recorded){conv_plan_algorithm(plan), seen.total_ns};
        if (!keep) continue;
        int64_t count = seen.count < EVENTS_MOST ? seen.count : EVENTS_MOST;
        memcpy(all->events, events, (size_t)count * sizeof *events);
        all->seen = seen;
        all->seen.count = count;
    }
    if (ok) all->run[all->count++] = best;
    conv_plan_destroy(plan);
    memory_free(events);
    return ok;
}

bool engine_known(scene *s, int index) {
    return recall(s, key_of(s, index));
}

bool engine_record(scene *s, int index, conv_engine *engine, const atomic_bool *stop, failure *f) {
    const conv_layout *l = s->parts[index].layout;
    if (recall(s, key_of(s, index))) return true;
    runs *all = memory_zeroed(1, sizeof *all);
    float *output = memory_zeroed((size_t)conv_shape_count(&l->output), sizeof *output);
    bool ok = all && output && !stopped(stop) && record(s, index, engine, CONV_AUTO, output, all, true);
    for (int a = CONV_PLAIN; ok && !stopped(stop) && a < CONV_ALGORITHM_COUNT && all->count < RUNS_MOST; a++)
        if ((conv_algorithm)a != all->run[0].algorithm && (a != CONV_PLAIN || l->cost.multiply_adds <= PLAIN_MOST))
            record(s, index, engine, (conv_algorithm)a, output, all, false);
    memory_free(output);
    if (ok && !stopped(stop)) {
        all->threads = conv_engine_threads(engine);
        all->seen.events = NULL;
        return recall_keep_flat(s, key_of(s, index), all, sizeof *all) || fail_memory(f);
    }
    memory_free(all);
    return !stopped(stop) && fail(f, N_("the run could not be recorded"), "");
}

/* ---- drawing ---- */

static color thread_color(const runs *all, int thread) {
    int count = all->threads > 1 ? all->threads : 2;
    return theme_heat(0.38f + 0.5f * (float)(thread % count) / (float)(count - 1));
}

/* The blocks of channels that tiles were cut into, in order. Returns how many. */
static int channel_blocks(const runs *all, int64_t *first, int64_t *last) {
    int count = 0;
    for (int64_t i = 0; i < all->seen.count; i++) {
        const conv_event *e = &all->events[i];
        if (e->channel_last <= e->channel_first) continue; /* work that serves all tiles */
        int at = 0;
        while (at < count && first[at] < e->channel_first) at++;
        if ((at < count && first[at] == e->channel_first) || count == BLOCKS_MOST) continue;
        memmove(first + at + 1, first + at, (size_t)(count - at) * sizeof *first);
        memmove(last + at + 1, last + at, (size_t)(count - at) * sizeof *last);
        first[at] = e->channel_first;
        last[at] = e->channel_last;
        count++;
    }
    return count;
}

static const char *const tiles_title = N_("tiles of the output, by thread");

/* Times beside each other have one unit: the one that the longest reads well in. */
static double time_in(int64_t ns, bool micro) {
    return (double)ns / (micro ? 1e3 : 1e6);
}

/* A title takes two lines where it is longer than its column. */
static float title_room(const stage *s, const char *title, float width) {
    const float size = TYPE_LABEL * s->unit;
    return (stage_width(s, FACE_WORDS_BOLD, size, tr(s->language, title)) > width ? 2 : 1) * size * 1.38f + 8 * s->unit;
}

static void draw_title(const stage *s, const char *title, box area, color ink) {
    stage_paragraph(s, (point){area.x, area.y}, area.width, FACE_WORDS_BOLD, TYPE_LABEL * s->unit, ink,
                    tr(s->language, title), 2);
}

/* The cells of a large tile. */
static void draw_cells(const stage *s, box b, float side, float high, color ground) {
    const paint thin = {.stroke = color_faded(theme_on(s->theme, ground), 0.28f), .width = s->line};
    const float room = 0.5f;
    for (int k = 1; side * (float)k < b.width - room; k++) {
        const float x = b.x + side * (float)k;
        draw_line(s->list, (point){x, b.y}, (point){x, b.y + b.height}, thin);
    }
    for (int k = 1; high * (float)k < b.height - room; k++) {
        const float y = b.y + high * (float)k;
        draw_line(s->list, (point){b.x, y}, (point){b.x + b.width, y}, thin);
    }
}

/* Whose tile it is, where that can be said in it. */
static void name_tile(const stage *s, box b, color ground, int thread) {
    const float type = TYPE_LABEL * s->unit;
    char text[64];
    tr_format(s->language, text, sizeof text, N_("thread {0}"), "d", (int64_t)thread);
    const float wide = stage_width(s, FACE_WORDS_BOLD, type, text) + 12 * s->unit;
    if (wide > b.width || b.height < 2 * type) return;
    const point middle = {b.x + b.width / 2, b.y + b.height / 2};
    draw_rect(s->list, (box){middle.x - wide / 2, middle.y - 0.85f * type, wide, 1.7f * type}, 4 * s->unit,
              (paint){.fill = ground});
    stage_text(s, middle.x, middle.y, ANCHOR_MIDDLE, FACE_WORDS_BOLD, type, theme_on(s->theme, ground), text);
}

/* A block of channels as it is drawn. */
typedef struct tiled {
    const runs *all;
    int dims;
    int64_t channel, columns;
    point origin;
    float side, high; /* of a cell */
} tiled;

/* Where an event's tile lies; false: it is not of this block. */
static bool tile_of(const tiled *t, int64_t event, box *found) {
    const conv_event *e = &t->all->events[event];
    const int d = t->dims;
    if (e->batch != 0 || e->channel_first != t->channel || (d == 3 && e->first[0] != 0)) return false;
    const int64_t top = d >= 2 ? e->first[d - 2] : 0, foot = d >= 2 ? e->last[d - 2] : 1;
    const int64_t left = d ? e->first[d - 1] : 0, right = d ? e->last[d - 1] : t->columns;
    *found = (box){t->origin.x + t->side * (float)left, t->origin.y + t->high * (float)top,
                   t->side * (float)(right - left), t->high * (float)(foot - top)};
    return true;
}

/* Whether a later tile lies over a tile, as where the work is done in several phases. */
static bool is_overlaid(const tiled *t, int64_t event, box b) {
    const float slack = 1;
    box c;
    for (int64_t i = event + 1; i < t->all->seen.count; i++)
        if (tile_of(t, i, &c) && c.x + slack < b.x + b.width && b.x + slack < c.x + c.width &&
            c.y + slack < b.y + b.height && b.y + slack < c.y + c.height)
            return true;
    return false;
}

/* The places that tiles are boxes of: the output's rows and columns, an unfolding's windows. */
static void grid_of(const conv_layout *l, int64_t *rows, int64_t *columns) {
    *columns = l->dims ? l->axis[l->dims - 1].out : conv_shape_count(&l->output);
    *rows = l->dims >= 2 ? l->axis[l->dims - 2].out : 1;
}

/* The tiles of one block of channels, first sample, over these places. */
static void draw_block(const stage *s, const runs *all, const conv_layout *l, int64_t first, int64_t last, point origin,
                       float side, float high) {
    int64_t rows, columns;
    char text[64];
    grid_of(l, &rows, &columns);
    if (last - first > 1)
        tr_format(s->language, text, sizeof text, N_("channels {0} to {1}"), "dd", first, last - 1);
    else
        tr_format(s->language, text, sizeof text, N_("channel {0}"), "d", first);
    if (!stage_fits(s, FACE_WORDS, TYPE_SMALL * s->unit, text, side * (float)columns))
        snprintf(text, sizeof text, last - first > 1 ? "%lld–%lld" : "%lld", (long long)first, (long long)last - 1);
    if (stage_fits(s, FACE_WORDS, TYPE_SMALL * s->unit, text, side * (float)columns))
        stage_text_fitted(s, origin.x, origin.y - 9 * s->unit, ANCHOR_LEFT, FACE_WORDS, TYPE_SMALL * s->unit,
                          s->theme->ink_soft, text, side * (float)columns);
    draw_rect(s->list, (box){origin.x, origin.y, side * (float)columns, high * (float)rows}, 0,
              (paint){.fill = s->theme->panel, .stroke = s->theme->roles[ROLE_OUTPUT].line, .width = s->line});
    const tiled t = {all, l->dims, first, columns, origin, side, high};
    const float least = 14 * s->unit;
    box b;
    for (int64_t i = 0; i < all->seen.count; i++) {
        if (!tile_of(&t, i, &b)) continue;
        const color ground = thread_color(all, all->events[i].thread);
        draw_rect(s->list, b, 0, (paint){.fill = ground, .stroke = s->theme->background, .width = s->line});
        if (side >= least) draw_cells(s, b, side, high, ground);
    }
    for (int64_t i = 0; high >= least && i < all->seen.count; i++)
        if (tile_of(&t, i, &b) && !is_overlaid(&t, i, b))
            name_tile(s, b, thread_color(all, all->events[i].thread), all->events[i].thread);
}

/* The output as its blocks of channels, in as many columns as give the largest cells; a few cells are no larger than
 * what stands beside them is `tall`. A single row is a band in the middle of that. */
static void draw_tiles(const stage *s, const runs *all, int index, box area, float tall) {
    const conv_layout *l = s->scene->parts[index].layout;
    int64_t first[BLOCKS_MOST + 1], last[BLOCKS_MOST + 1];
    float u = s->unit, head = title_room(s, tiles_title, area.width), label = 22 * u, gap = 10 * u, best = 0;
    int count = channel_blocks(all, first, last), across = 1;
    int64_t rows, columns;
    grid_of(l, &rows, &columns);
    for (int k = 1; k <= count; k++) {
        int lines = (count + k - 1) / k;
        float wide = (area.width - gap * (float)(k - 1)) / (float)k / (float)columns;
        float high = ((area.height - head) / (float)lines - label) / (float)rows;
        if (fminf(wide, high) > best) {
            best = fminf(wide, high);
            across = k;
        }
    }
    const float lines = ceilf((float)count / (float)across);
    best = fminf(best, fmaxf(40 * u, ((tall - head) / lines - label) / (float)rows));
    const float room = (tall - head) / lines - label, band = 96 * u;
    const float high = rows == 1 ? fmaxf(best, fminf(room, band)) : best;
    const float pitch = high * (float)rows + label, drop = rows == 1 ? fmaxf(0, (tall - head - pitch * lines) / 2) : 0;
    draw_title(s, tiles_title, area, stage_ink(s, ROLE_OUTPUT));
    for (int i = 0; i < count && best > 0; i++) {
        point at = {area.x + (float)(i % across) * (best * (float)columns + gap),
                    area.y + head + label + drop + (float)(i / across) * pitch};
        draw_block(s, all, l, first[i], last[i], at, best, high);
    }
}

/* "what each thread did, 6.1 µs in all" */
static void timeline_title(const stage *s, const runs *all, char *text, int size) {
    const bool micro = all->seen.total_ns < 1000000;
    char number[NUMBER_SIZE];
    short_number(number, sizeof number, time_in(all->seen.total_ns, micro), NUMBER_DIGITS);
    tr_format(s->language, text, size,
              micro ? N_("what each thread did, {0} µs in all") : N_("what each thread did, {0} ms in all"), "s",
              number);
}

static void draw_timeline(const stage *s, const runs *all, box area) {
    char text[96];
    timeline_title(s, all, text, sizeof text);
    float u = s->unit, head = title_room(s, text, area.width), words = 74 * u,
          row = (area.height - head) / (float)all->threads;
    draw_title(s, text, area, s->theme->ink);
    float total = all->seen.total_ns > 0 ? (float)all->seen.total_ns : 1, width = area.width - words;
    for (int t = 0; t < all->threads; t++) {
        float y = area.y + head + row * (float)t;
        tr_format(s->language, text, sizeof text, N_("thread {0}"), "d", (int64_t)t);
        stage_text_fitted(s, area.x, y + row * 0.45f, ANCHOR_LEFT, FACE_WORDS, TYPE_SMALL * u, s->theme->ink, text,
                          words - 8 * u);
        draw_rect(s->list, (box){area.x + words, y + row * 0.12f, width, row * 0.66f}, 2 * u,
                  (paint){.fill = s->theme->panel, .stroke = s->theme->panel_line, .width = s->line});
    }
    for (int64_t i = 0; i < all->seen.count; i++) {
        const conv_event *e = &all->events[i];
        if (e->thread >= all->threads) continue;
        float y = area.y + head + row * (float)e->thread;
        float x = area.x + words + width * (float)e->begin_ns / total;
        float w = fmaxf(1, width * (float)(e->end_ns - e->begin_ns) / total);
        draw_rect(s->list, (box){x, y + row * 0.12f, w, row * 0.66f}, 0,
                  (paint){.fill = thread_color(all, e->thread), .stroke = s->theme->background, .width = 0.6f});
    }
}

static const char *algorithms_title(bool micro) {
    return micro ? N_("the same layer by each algorithm, microseconds")
                 : N_("the same layer by each algorithm, milliseconds");
}

/* Of the runs whose bars are whole: the plain reference would make all others look alike, its bar is broken off. */
static int64_t longest(const runs *all) {
    int64_t most = 1;
    for (int i = 0; i < all->count; i++)
        if ((all->run[i].algorithm != CONV_PLAIN || all->count == 1) && all->run[i].total_ns > most)
            most = all->run[i].total_ns;
    return most;
}

/* The names and the numbers get the room they need, the bars what is left. */
static void draw_algorithms(const stage *s, const runs *all, box area) {
    const int64_t most = longest(all);
    const bool micro = most < 1000000;
    const char *title = algorithms_title(micro);
    float u = s->unit, words = 0, numbers = 0, head = title_room(s, title, area.width);
    float row = (area.height - head) / (float)all->count, size = fminf(14 * u, row * 0.8f);
    char number[RUNS_MOST][NUMBER_SIZE];
    for (int i = 0; i < all->count; i++) {
        const double time = time_in(all->run[i].total_ns, micro);
        if (time < 1e5)
            short_number(number[i], NUMBER_SIZE, time, NUMBER_DIGITS);
        else
            tr_format(s->language, number[i], NUMBER_SIZE, "{0}", "d", (int64_t)time);
        numbers = fmaxf(numbers, stage_width(s, FACE_MONO, size, number[i]));
        words = fmaxf(words, stage_width(s, FACE_MONO_BOLD, size, conv_algorithm_name(all->run[i].algorithm)));
    }
    const float shrunk = fminf(1, (area.width - 44 * u) / (words + numbers));
    size *= shrunk;
    numbers *= shrunk;
    words = words * shrunk + 12 * u;
    const float whole = fmaxf(area.width - words - numbers - 8 * u, 2 * u);
    draw_title(s, title, area, s->theme->ink);
    for (int i = 0; i < all->count; i++) {
        const recorded *r = &all->run[i];
        float y = area.y + head + row * ((float)i + 0.5f), length = whole * (float)r->total_ns / (float)most;
        const bool broken = r->total_ns > most;
        length = fminf(length, whole);
        stage_text(s, area.x, y, ANCHOR_LEFT, i ? FACE_MONO : FACE_MONO_BOLD, size, s->theme->ink,
                   conv_algorithm_name(r->algorithm));
        draw_rect(s->list, (box){area.x + words, y - row * 0.28f, fmaxf(2 * u, length), row * 0.56f}, 3 * u,
                  (paint){.fill = i ? s->theme->ink_faint : s->theme->roles[ROLE_OUTPUT].strong});
        for (int k = 0; broken && length > 30 * u && k < 2; k++) /* it goes on */
            draw_rect(s->list,
                      (box){area.x + words + length - (22 - 10 * (float)k) * u, y - row * 0.3f, 4 * u, row * 0.6f}, 0,
                      (paint){.fill = s->theme->background});
        stage_text(s, area.x + words + length + 8 * u, y, ANCHOR_LEFT, FACE_MONO, size, s->theme->ink, number[i]);
    }
}

float engine_picture(stage *s, int index, float most, bool draw) {
    (void)most;
    if (!draw)
        return fminf(s->area.width * 0.55f,
                     s->area.height); /* parts lie beside each other where they keep their shape */
    const runs *all = recall(s->scene, key_of(s->scene, index));
    if (!all) {
        stage_message(s,
                      tr(s->language, s->settings->measuring ? N_("measuring…") : N_("No run has been recorded yet.")));
        return 0;
    }
    box a = s->area;
    char text[96];
    timeline_title(s, all, text, sizeof text);
    const float u = s->unit, gap = 34 * u, left = a.width * 0.46f, x = a.x + left + gap, right = a.width - left - gap;
    const float upper = fminf(a.height * 0.42f, title_room(s, text, right) + 76 * u * (float)all->threads);
    const float lower =
        fminf(a.height - upper - gap, title_room(s, algorithms_title(true), right) + 60 * u * (float)all->count);
    stage_tag(s, (tag){.kind = TAG_LABEL, .part = index, .index = -1});
    draw_tiles(s, all, index, (box){a.x, a.y, left, a.height}, upper + gap + lower);
    draw_timeline(s, all, (box){x, a.y, right, upper});
    draw_algorithms(s, all, (box){x, a.y + upper + gap, right, lower});
    stage_tag(s, tag_none());
    return 0;
}
