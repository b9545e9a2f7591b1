/* Every operation's picture in every size, language, theme, style and view: no word is cut off, none lies over another,
 * and the same arguments give the same list. */
#include "app/figure/figure.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct subject {
    const char *expression;
    int64_t input[6]; /* ended by 0; none: chosen */
} subject;

static const subject subjects[] = {
    {"nn.Conv2d(1, 1, 3)", {0}},
    {"nn.Conv2d(3, 2, 3, stride=2, padding=1)", {0}},
    {"nn.Conv2d(1, 1, 3, dilation=2, padding=2, padding_mode='reflect')", {1, 8, 8}},
    {"nn.Conv2d(4, 4, 3, groups=2)", {0}},
    {"nn.Conv2d(64, 128, 3, groups=4)", {2, 64, 28, 28}},
    {"nn.Conv2d(5, 3, 5)", {5, 12, 12}},
    {"nn.Conv2d(1, 1, 3)", {1, 7, 90}},
    {"nn.Conv1d(4, 3, 3, padding=1)", {0}},
    {"nn.Conv3d(2, 2, 2, padding=1)", {0}},
    {"nn.ConvTranspose1d(2, 1, 3, stride=2)", {0}},
    {"nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, output_padding=1)", {0}},
    {"nn.ConvTranspose2d(3, 2, 3)", {0}},
    {"nn.ConvTranspose3d(1, 1, 2, stride=2)", {0}},
    {"torchvision.ops.DeformConv2d(1, 1, 3, padding=1)", {1, 1, 5, 5}},
    {"nn.Unfold(3, padding=1)", {1, 1, 4, 4}},
    {"nn.Fold((4, 4), 2)", {1, 4, 9}},
    {"nn.MaxPool2d(2, padding=1)", {1, 6, 6}},
    {"nn.AvgPool1d(3)", {1, 9}},
    {"nn.AdaptiveAvgPool2d(2)", {1, 1, 5, 5}},
    {"nn.Upsample(scale_factor=2, mode='bilinear')", {1, 1, 3, 3}},
    {"nn.ReflectionPad2d(1)", {1, 1, 4, 4}},
    {"nn.ReLU()", {1, 4, 4}},
    {"nn.BatchNorm2d(2)", {1, 2, 4, 4}},
    {"nn.Softmax(dim=1)", {2, 5}},
    {"nn.Linear(6, 4)", {1, 6}},
    {"nn.Flatten()", {1, 2, 3, 3}},
    {"nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 1, 3))", {1, 12, 12}},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static const float sizes[][2] = {{960, 600}, {1280, 720}, {640, 480}, {1920, 1080}, {3840, 2160}};
enum { SIZES = sizeof sizes / sizeof *sizes };

static fonts *typefaces;
static conv_engine *engine;

static void set_up(void) {
    failure f;
    cr_assert(fonts_create(&typefaces, &f));
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
    language_load(SOURCE_DIR "/assets", &f);
}

static void tear_down(void) {
    conv_engine_destroy(engine);
    fonts_destroy(typefaces);
}

TestSuite(figure_layout, .init = set_up, .fini = tear_down);

static void open_subject(const subject *t, document *d, scene *s) {
    failure f = {0};
    conv_shape shape = {0};
    for (int i = 0; i < 6 && t->input[i]; i++) shape.size[shape.rank++] = t->input[i];
    cr_assert(document_from_expression(d, t->expression, shape.rank ? &shape : NULL, &f), "%s: %s", t->expression,
              f.error.message);
    cr_assert(scene_open(s, d, engine, NULL, &f), "%s: %s", t->expression, f.error.message);
}

/* Ink of a line of text: capitals over the baseline, without the air of the line. */
static box ink(const item *i) {
    float left = i->anchor == ANCHOR_LEFT ? 0 : i->anchor == ANCHOR_MIDDLE ? 0.5f : 1;
    return (box){i->box.x - left * i->box.width + 0.4f, i->box.y - 0.7f * i->size, i->box.width - 0.8f, 0.7f * i->size};
}

static bool meet(box a, box b) {
    float slack = 0.6f;
    return a.x + slack < b.x + b.width && b.x + slack < a.x + a.width && a.y + slack < b.y + b.height &&
           b.y + slack < a.y + a.height;
}

static int by_top(const void *a, const void *b) {
    const item *x = *(const item *const *)a, *y = *(const item *const *)b;
    float p = ink(x).y, q = ink(y).y;
    return p < q ? -1 : p > q;
}

static void check_words(const display_list *l, const char *what) {
    static const item *texts[20000];
    int count = 0;
    for (size_t i = 0; i < l->item_count; i++)
        if (l->items[i].kind == ITEM_TEXT && count < 20000) texts[count++] = &l->items[i];
    cr_assert_gt(count, 0, "%s: no words", what);
    qsort(texts, (size_t)count, sizeof *texts, by_top);
    for (int i = 0; i < count; i++) {
        box a = ink(texts[i]);
        const char *words = l->text + texts[i]->first;
        cr_expect(a.x >= -1 && a.y >= -1 && a.x + a.width <= l->width + 1 && a.y + a.height <= l->height + 1,
                  "%s: '%s' is cut off", what, words);
        for (int k = i + 1; k < count; k++) {
            box b = ink(texts[k]);
            if (b.y > a.y + a.height) break;
            cr_expect(!meet(a, b), "%s: '%s' lies over '%s'", what, words, l->text + texts[k]->first);
        }
    }
}

static void draw(display_list *l, scene *s, const figure_settings *t, const char *what) {
    failure f = {0};
    cr_assert(figure_draw(l, s, t, &f), "%s: %s", what, f.error.message);
    cr_assert(!l->failed);
}

static void check_subject(const subject *t, view_id view, style_id style, bool labels) {
    document d;
    scene s;
    display_list l, again;
    memset(&l, 0, sizeof l);
    memset(&again, 0, sizeof again);
    open_subject(t, &d, &s);
    d.view = view;
    d.style = style;
    d.labels = labels;
    d.counts = true;
    for (int k = 0; k < SIZES; k++)
        for (int n = 0; n < 3; n++) {
            figure_settings set;
            char what[256];
            figure_defaults(&set);
            set.width = sizes[k][0];
            set.height = sizes[k][1];
            set.scale = k < 2 && n == 2 ? 2.0f : k == 3 && n == 1 ? 3.0f : k == 2 ? 0.75f : 1;
            set.fonts = typefaces;
            set.language = n == 1 ? LANGUAGE_ZH : LANGUAGE_EN;
            set.theme = (theme_id)((k + n) % THEME_COUNT);
            set.moment = (moment){n == 0 ? s.steps - 1 : n == 1 ? s.steps / 2 : 0, n == 1 ? 0.5 : 1};
            snprintf(what, sizeof what, "%s, view %d, style %d, %gx%g at %g, language %d", t->expression, (int)view,
                     (int)style, (double)set.width, (double)set.height, (double)set.scale, (int)set.language);
            draw(&l, &s, &set, what);
            check_words(&l, what);
            if (k > 1) continue;
            draw(&again, &s, &set, what);
            cr_expect(display_list_equal(&l, &again), "%s: drawn twice, two pictures", what);
        }
    display_list_destroy(&l);
    display_list_destroy(&again);
    scene_close(&s);
    document_destroy(&d);
}

Test(figure_layout, flat) {
    for (int i = 0; i < SUBJECTS; i++) check_subject(&subjects[i], VIEW_SLIDE, STYLE_FLAT, false);
}

Test(figure_layout, isometric) {
    for (int i = 0; i < SUBJECTS; i++) check_subject(&subjects[i], VIEW_SLIDE, STYLE_ISOMETRIC, false);
}

Test(figure_layout, symbols) {
    for (int i = 0; i < SUBJECTS; i++) check_subject(&subjects[i], VIEW_SLIDE, STYLE_FLAT, true);
}

Test(figure_layout, matrix) {
    for (int i = 0; i < SUBJECTS; i++) check_subject(&subjects[i], VIEW_MATRIX, STYLE_FLAT, false);
}

Test(figure_layout, field) {
    for (int i = 0; i < SUBJECTS; i++) check_subject(&subjects[i], VIEW_FIELD, STYLE_FLAT, false);
}

Test(figure_layout, cost_and_engine) {
    for (int i = 0; i < SUBJECTS; i++) {
        check_subject(&subjects[i], VIEW_COST, STYLE_FLAT, false);
        check_subject(&subjects[i], VIEW_ENGINE, STYLE_FLAT, false);
    }
}
