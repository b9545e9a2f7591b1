/* Every lesson is played in the window: forwards to its end and backwards to its beginning, in both languages, at the
 * least size and at full HD. The picture after a step is the same whichever way it was come to; the numbers drawn in
 * the output's cells are those of the engine's full run on several threads.
 *
 * Usually each lesson is played once in each language and size, on one of its pages; in the long form on all of them.
 */
#include "app/figure/short_number.h"
#include "window_harness.h"
#include <math.h>
#include <stdlib.h>

enum { STEPS_MOST = 40, STEPS_SHORT = 4, PICTURE_CELLS = 4096, SIZES = 2, LISTS = 3 };
static const int sizes[SIZES][2] = {{960, 600}, {1920, 1080}};
static const region_id compared[LISTS] = {REGION_FIGURE, REGION_INSPECTOR, REGION_TRANSPORT};

typedef struct snapshot {
    int64_t done;
    display_list lists[LISTS];
} snapshot;

typedef struct play_test {
    harness *h;
    conv_engine *threads; /* the full run's engine */
    snapshot seen[STEPS_MOST];
    int count, pages, pictures, numbers;
    char what[160];
} play_test;

/* The lists are taken; the window makes new ones. */
static void take(play_test *t, int k) {
    window_state *w = &t->h->w;
    for (int i = 0; i < LISTS; i++) {
        display_list *from = &w->regions[compared[i]].list, *to = &t->seen[k].lists[i];
        display_list old = *to;
        *to = *from;
        *from = old;
    }
    t->seen[k].done = playback_done(w);
}

static void compare(play_test *t, int k) {
    window_state *w = &t->h->w;
    static const char *const names[LISTS] = {"figure", "inspector", "transport"};
    cr_expect_eq(playback_done(w), t->seen[k].done, "%s: step %lld", t->what, (long long)t->seen[k].done);
    for (int i = 0; i < LISTS; i++) {
        cr_expect(display_list_equal(&t->seen[k].lists[i], &w->regions[compared[i]].list),
                  "%s: backwards the %s after step %lld is another than forwards", t->what, names[i],
                  (long long)t->seen[k].done);
    }
    t->pictures++;
}

static bool is_number(const char *text, double value) {
    char shown[64];
    for (int digits = 1; digits <= 9; digits++) {
        if (short_number(shown, sizeof shown, value, digits) && strcmp(shown, text) == 0) return true;
    }
    return false;
}

/* Each number that stands in a cell of the output is the full run's; an addend wears its sign, a plus too. */
static void check_numbers(play_test *t, const scene *full, const display_list *l) {
    if (full->document->labels) return; /* symbols, with their indices */
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if (it->kind != ITEM_TEXT || it->tag.kind != TAG_CELL || it->tag.role != ROLE_OUTPUT ||
            it->anchor != ANCHOR_MIDDLE) /* in a corner: how many stamps landed */
            continue;
        const char *text = l->text + it->first;
        cr_assert(it->tag.part >= 0 && it->tag.part < full->part_count, "%s", t->what);
        const scene_part *p = &full->parts[it->tag.part];
        char *end;
        double drawn = strtod(text, &end);
        if (it->tag.layer != p->focus || end == text || *end || isnan(drawn) || *text == '+' ||
            it->face == FACE_MONO_BOLD)
            continue;                                                       /* no number: a symbol, a sign */
        if (conv_shape_count(&p->layout->output) > PICTURE_CELLS) continue; /* a magnified patch shows the stamp */
        cr_assert(it->tag.index >= 0 && it->tag.index < conv_shape_count(&p->layout->output), "%s", t->what);
        cr_expect(is_number(text, (double)p->output[it->tag.index]), "%s: cell %lld shows %s, the engine has %.9g",
                  t->what, (long long)it->tag.index, text, (double)p->output[it->tag.index]);
        t->numbers++;
    }
}

/* The state after the last step is the full run's, bit for bit. */
static void check_end(play_test *t, const scene *full) {
    window_state *w = &t->h->w;
    for (int i = 0; i < full->part_count; i++) {
        failure f = {0};
        const float *state = scene_state(&w->scene, i, w->scene.steps, &f);
        const size_t count = (size_t)conv_shape_count(&full->parts[i].layout->output);
        cr_assert_not_null(state, "%s: %s", t->what, f.error.message);
        cr_expect_eq(memcmp(state, full->parts[i].output, count * sizeof *state), 0,
                     "%s: the last step's state is not the full run's", t->what);
    }
}

/* Plays by the clock, at the highest speed, until it stops at the end. */
static void play_by_clock(play_test *t) {
    window_state *w = &t->h->w;
    const double speed = w->settings.speed;
    w->settings.speed = 16;
    playback_reset(w, true);
    for (int k = 0; k < 4000 && w->play.playing; k++) frame(t->h, NULL, 0, 0.1);
    cr_expect(playback_at_end(w), "%s: it does not come to its end", t->what);
    w->settings.speed = speed;
}

static void play_page(play_test *t, const scene *full) {
    window_state *w = &t->h->w;
    const int64_t first = w->play.first, last = w->play.last, steps = last - first;
    const int most = test_extent() == EXTENT_ALL ? STEPS_MOST : STEPS_SHORT;
    t->count = steps + 1 <= most ? (int)steps + 1 : most;
    if (test_extent() == EXTENT_ALL || t->pages % 4 == 0) play_by_clock(t);
    for (int k = 0; k < t->count; k++) { /* forwards, by the key */
        int64_t done = t->count > 1 ? first + steps * k / (t->count - 1) : first;
        playback_seek(w, done > first ? done - 1 : first);
        idle(t->h);
        if (done > first) press_key(t->h, KEY_RIGHT, 0);
        take(t, k);
    }
    if (last >= w->scene.steps) {
        check_end(t, full);
        check_numbers(t, full, &t->seen[t->count - 1].lists[0]);
    }
    for (int k = t->count - 1; k >= 0; k--) { /* backwards */
        int64_t done = t->seen[k].done;
        playback_seek(w, done < last ? done + 1 : last);
        idle(t->h);
        if (done < last) press_key(t->h, KEY_LEFT, 0);
        compare(t, k);
    }
    t->pages++;
}

static void open_page(play_test *t, int lesson_index, int page, language l, int size) {
    window_state *w = &t->h->w;
    failure f = {0};
    w->settings.language = l;
    window_event e = {.kind = EVENT_RESIZE, .width = sizes[size][0], .height = sizes[size][1], .ratio = 1};
    send(t->h, e);
    cr_assert(state_open_lesson(w, w->lessons.entries[lesson_index].id, page, false, &f), "%s", f.error.message);
    snprintf(t->what, sizeof t->what, "%s, page %d, %s, %dx%d", w->lesson.id, page + 1, language_code(l),
             sizes[size][0], sizes[size][1]);
    idle(t->h);
}

static void play_combination(language l, int size) {
    play_test t = {.h = start_sized(sizes[size][0], sizes[size][1])};
    window_state *w = &t.h->w;
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 3;
    cr_assert_eq(conv_engine_create(&options, &t.threads, NULL), CONV_OK);
    cr_assert(language_load(ASSETS, NULL));
    w->settings.reduced_motion = true;
    for (int i = 0; i < w->lessons.count; i++) {
        for (int p = 0; p < w->lessons.entries[i].pages; p++) {
            if (test_extent() == EXTENT_FEW && i % 8 != size + 2 * (int)l) continue;
            if (test_extent() != EXTENT_ALL && p != (i + 2 * size + (int)l) % w->lessons.entries[i].pages) continue;
            scene full;
            failure f = {0};
            char folder[PATH_SIZE];
            open_page(&t, i, p, l, size);
            lesson_folder(&w->lesson, folder, sizeof folder);
            cr_assert(scene_open(&full, &w->lesson.pages[p].document, t.threads, folder, &f), "%s: %s", t.what,
                      f.error.message);
            play_page(&t, &full);
            scene_close(&full);
        }
    }
    for (int k = 0; k < STEPS_MOST; k++) {
        for (int i = 0; i < LISTS; i++) display_list_destroy(&t.seen[k].lists[i]);
    }
    fprintf(stderr, "%s at %dx%d: %d pages, %d pictures, %d numbers\n", language_code(l), sizes[size][0],
            sizes[size][1], t.pages, t.pictures, t.numbers);
    cr_expect_geq(t.pages, w->lessons.count / (test_extent() == EXTENT_FEW ? 9 : 1));
    cr_expect_gt(t.numbers, test_extent() == EXTENT_FEW ? 0 : 60); /* some pages are photographs */
    stop(t.h);
    conv_engine_destroy(t.threads);
}

Test(lesson_pictures, english_small) {
    play_combination(LANGUAGE_EN, 0);
}
Test(lesson_pictures, english_full_hd) {
    play_combination(LANGUAGE_EN, 1);
}
Test(lesson_pictures, chinese_small) {
    play_combination(LANGUAGE_ZH, 0);
}
Test(lesson_pictures, chinese_full_hd) {
    play_combination(LANGUAGE_ZH, 1);
}
