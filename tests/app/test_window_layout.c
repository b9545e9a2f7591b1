/* Every lesson's every page in both languages, at all sizes and scales, in the whole window: no word is cut off or lies
 * on another, no control is out of reach. And every menu, dialog, question, game and case of the clinic. The themes
 * differ in colours alone.
 *
 * Usually each page is looked at once in each language, sizes and scales in turn; in the long form in all of them. */
#include "app/window/game_play.h"
#include "app/window/predict.h"
#include "sheet.h"
#include <stdarg.h>

static const struct { int width, height; } sizes[] = {{960, 600}, {1280, 800}, {1440, 900}, {1920, 1080}, {3840, 2160}};
static const float scales[] = {0.75f, 1, 1.5f, 2, 3};
enum { SIZES = sizeof sizes / sizeof *sizes, SCALES = sizeof scales / sizeof *scales, COMBINATIONS = SIZES * SCALES };

typedef struct survey {
    harness *h;
    sheet sheet;
    char what[256]; /* what is looked at now */
    int seen, faults;
} survey;

/* Every fault counts; the first ones are told. */
__attribute__((format(printf, 2, 3))) static void fault(survey *s, const char *format, ...) {
    enum { TOLD = 400 };
    if (++s->faults > TOLD) return;
    va_list arguments;
    char text[512];
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s: %s\n", s->what, text);
}

static survey begin(void) {
    survey s = {.h = start_sized(sizes[0].width, sizes[0].height)};
    cr_assert(language_load(ASSETS, NULL));
    s.h->w.settings.reduced_motion = true;
    return s;
}

static void end(survey *s) {
    const int seen = s->seen, faults = s->faults;
    sheet_destroy(&s->sheet);
    stop(s->h);
    fprintf(stderr, "%d windows looked at\n", seen);
    cr_assert_gt(seen, 0);
    cr_assert_eq(faults, 0, "%d faults in %d windows", faults, seen);
}

/* ---- what is wrong with a window ---- */

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

static const char *const region_names[REGION_COUNT] = {
    [REGION_LESSONS] = "lessons",           [REGION_BAR] = "bar",
    [REGION_STAGE] = "tabs and pages",      [REGION_FIGURE] = "figure",
    [REGION_INSPECTOR] = "inspector",       [REGION_TRANSPORT] = "transport",
    [REGION_OVERLAY] = "what lies over all"};

/* Dots alone stand for what a picture leaves out; behind words they say that the words were cut. */
static bool is_shortened(const mark *m) {
    const char *dots = "\xe2\x80\xa6", *words = mark_words(m);
    return ends_with(words, dots) && strcmp(words, dots) != 0 && !ends_with(words, "+\xe2\x80\xa6") &&
           !ends_with(words, "\xe2\x80\xa6\xe2\x80\xa6");
}

/* Where even the least type does not fit, a long expression is cut (it is typed into a field that scrolls). A sum that
 * leaves out its middle says so with dots, wherever the line breaks. */
static bool may_be_short(const window_state *w, const mark *m) {
    const item *it = m->item;
    if (it->tag.kind == TAG_CONTROL && it->tag.index == (int64_t)ui_hash("expression"))
        return it->size <= 9.1f * w->ui.scale;
    return m->region == REGION_INSPECTOR && strstr(mark_words(m), " + ");
}

/* A scroll area may cut at its top and foot: what is cut there can be scrolled to. */
static void check_text(survey *s, const mark *m) {
    const window_state *w = &s->h->w;
    const box window = {0, 0, (float)w->width, (float)w->height}, panel = w->regions[m->region].box, b = m->box;
    const bool scrolls = m->region != REGION_FIGURE && !box_holds(m->clip, window, 0.5f);
    if (is_shortened(m) && !may_be_short(w, m))
        fault(s, "%s: \"%s\" is cut short", region_names[m->region], mark_words(m));
    const bool edited =
        m->item->tag.kind == TAG_CONTROL && w->ui.field.id && m->item->tag.index == (int64_t)w->ui.field.id;
    if (edited) return; /* a field scrolls with its cursor */
    if (b.x < m->clip.x - 1 || b.x + b.width > m->clip.x + m->clip.width + 1)
        fault(s, "\"%s\" is cut off at the side", mark_words(m));
    if (!scrolls && (b.y < m->clip.y - 1 || b.y + b.height > m->clip.y + m->clip.height + 1))
        fault(s, "\"%s\" is cut off above or below", mark_words(m));
    if (m->region != REGION_OVERLAY && !scrolls && !box_holds(panel, b, 1.5f))
        fault(s, "\"%s\" leaves its panel", mark_words(m));
}

/* What stands in the same place must be hidden by something between. */
static void check_pairs(survey *s) {
    sheet *t = &s->sheet;
    for (size_t i = 0; i < t->text_count; i++) {
        const mark *a = &t->texts[i];
        const box mine = ui_intersect(a->box, a->clip);
        if (mine.height < 2) continue;
        for (size_t k = i + 1; k < t->text_count; k++) {
            const mark *b = &t->texts[k];
            if (b->box.y > a->box.y + a->box.height) break;
            const box both = ui_intersect(mine, ui_intersect(b->box, b->clip));
            if (both.width < 1.5f || both.height < 1.5f) continue;
            size_t from = a->order < b->order ? a->order : b->order, to = a->order + b->order - from;
            if (!is_hidden(t, both, from, to)) fault(s, "\"%s\" lies on \"%s\"", mark_words(a), mark_words(b));
        }
    }
}

/* Nothing of the same part of the window is drawn over a piece of a word. */
static void check_covered(survey *s) {
    const sheet *t = &s->sheet;
    for (size_t i = 0; i < t->text_count; i++) {
        const mark *m = &t->texts[i];
        for (size_t k = 0; k < t->cover_count; k++) {
            const mark *c = &t->covers[k];
            if (c->order < m->order || c->region != m->region || m->region == REGION_OVERLAY ||
                !box_meets(c->box, m->box, 1.5f) || box_holds(c->box, m->box, 0.5f))
                continue;
            if (is_hidden(t, m->box, m->order, SIZE_MAX)) continue;
            fault(s, "\"%s\" is drawn over in part", mark_words(m));
            break;
        }
    }
}

/* Every control lies in the window, and none lies on another. The stage may have a card over it. */
static void check_controls(survey *s) {
    const window_state *w = &s->h->w;
    const ui *u = &w->ui;
    const box window = {0, 0, (float)w->width, (float)w->height};
    for (size_t i = 0; i < u->control_count; i++) {
        const ui_control *c = &u->controls[i];
        if (!c->visible) continue;
        if (!box_holds(window, c->box, 1)) fault(s, "the control %s is not in the window", c->name);
        if (strcmp(c->name, "stage") == 0) continue;
        for (size_t k = i + 1; k < u->control_count; k++) {
            const ui_control *other = &u->controls[k];
            if (other->visible && other->layer == c->layer && strcmp(other->name, "stage") != 0 &&
                box_meets(c->box, other->box, 2))
                fault(s, "the control %s lies on %s", other->name, c->name);
        }
    }
}

/* Tab goes through all controls, and each is seen when it has the focus: what lies outside is scrolled to. */
static void check_reach(survey *s) {
    ui *u = &s->h->w.ui;
    int expected = 0, reached = 0;
    ui_id first = 0;
    for (size_t i = 0; i < u->control_count; i++) {
        const ui_control *c = &u->controls[i];
        expected += c->focusable && c->enabled && c->layer == u->top_layer;
    }
    for (int k = 0; k <= expected; k++) {
        press_key(s->h, KEY_TAB, 0);
        if (u->focus == first) break;
        if (!first) first = u->focus;
        const ui_control *c = NULL;
        for (size_t i = 0; i < u->control_count && !c; i++) c = u->controls[i].id == u->focus ? &u->controls[i] : NULL;
        reached++;
        if (!c || !c->visible || c->box.height < ui_px(u, 8))
            fault(s, "the control %s has the focus but is not seen", c ? c->name : "that");
    }
    if (reached != expected) fault(s, "Tab reaches %d of %d controls", reached, expected);
    ui_focus(u, 0, false);
    idle(s->h);
}

/* Nor what sets a caption in lines: tabs, ends of lines, the sign of code. */
static void no_spaces(char *text) {
    char *to = text;
    for (const char *c = text; *c; c++) {
        if (!strchr(" \t\n`", *c)) *to++ = *c; /* a table's marks too */
    }
    *to = 0;
}

static void no_marks(char *text) {
    char *to = text;
    for (const char *c = text; *c;) {
        if (strncmp(c, "[[", 2) == 0 && strchr(c, '|'))
            c = strchr(c, '|') + 1;
        else if (strncmp(c, "]]", 2) == 0)
            c += 2;
        else
            *to++ = *c++;
    }
    *to = 0;
}

/* The page's title and caption are there to their last letter. */
static void check_caption(survey *s) {
    window_state *w = &s->h->w;
    const document *d = state_document(w);
    const display_list *l = &w->regions[REGION_FIGURE].list;
    static char drawn[16384];
    size_t used = 0;
    if (w->settings.language >= LANGUAGE_COUNT || !d->caption_en) return;
    if (w->lesson_open && d->view != w->lesson.pages[w->page].document.view) return; /* the view has words of its own */
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if (it->kind != ITEM_TEXT || it->tag.kind != TAG_CAPTION || used + it->count >= sizeof drawn) continue;
        memcpy(drawn + used, l->text + it->first, it->count);
        used += it->count;
    }
    drawn[used] = 0;
    no_spaces(drawn);
    const bool chinese = w->settings.language == LANGUAGE_ZH;
    const char *const texts[] = {chinese ? d->title_zh : d->title_en, chinese ? d->caption_zh : d->caption_en};
    for (int i = 0; i < 2; i++) {
        char filled[4096];
        failure f = {0};
        if (!texts[i]) continue;
        if (!lesson_fill(texts[i], &w->scene, w->play.at, w->settings.language, filled, sizeof filled, &f)) {
            fault(s, "\"%s\" cannot be filled", texts[i]);
            continue;
        }
        no_marks(filled);
        char whole[4096];
        snprintf(whole, sizeof whole, "%s", filled);
        no_spaces(whole);
        if (!strstr(drawn, whole)) fault(s, "the caption is not there in full: \"%s\"", filled);
    }
}

/* The figure has some room. */
static void check_figure(survey *s) {
    const window_state *w = &s->h->w;
    const box f = w->layout.figure;
    if (f.height < (float)w->height * 0.3f || f.width < (float)w->width * 0.3f)
        fault(s, "the figure has only %g x %g pixels", (double)f.width, (double)f.height);
}

static void judge_texts(survey *s) {
    sheet *t = &s->sheet;
    sheet_take(t, &s->h->w);
    for (size_t i = 0; i < t->text_count; i++) check_text(s, &t->texts[i]);
    if (t->text_count) qsort(t->texts, t->text_count, sizeof *t->texts, mark_higher);
    check_pairs(s);
    check_covered(s);
}

static void judge(survey *s) {
    s->seen++;
    judge_texts(s);
    check_controls(s);
}

/* What has to be scrolled to, piece by piece. */
static void judge_scrolled(survey *s, ui_scroll *scroll, float height) {
    for (float from = scroll->offset; height > 20 && scroll->offset + height + 1 < scroll->content;) {
        scroll->offset += height * 0.7f;
        idle(s->h);
        judge_texts(s);
        if (scroll->offset <= from) break;
        from = scroll->offset;
    }
    scroll->offset = 0;
    idle(s->h);
}

/* ---- all combinations ---- */

static void resize(survey *s, int combination) {
    window_state *w = &s->h->w;
    int k = combination / SCALES;
    window_event e = {.kind = EVENT_RESIZE, .width = sizes[k].width, .height = sizes[k].height, .ratio = 1};
    w->settings.scale = scales[combination % SCALES];
    send(s->h, e);
    idle(s->h);
}

static void name_it(survey *s, const char *subject, int combination) {
    int k = combination / SCALES;
    snprintf(s->what, sizeof s->what, "%s, %s, %dx%d at %d%%", subject, language_code(s->h->w.settings.language),
             sizes[k].width, sizes[k].height, (int)lroundf(scales[combination % SCALES] * 100));
}

/* Calls look for the combinations whose turn it is: usually every one of `every` in both languages (a single one in
 * one of them where every is COMBINATIONS), all in the long form. */
static void each_combination(survey *s, int turn, int every, const char *subject, void (*look)(survey *)) {
    const bool all = test_extent() == EXTENT_ALL;
    if (test_extent() == EXTENT_FEW && turn % 5 != 0) return;
    for (int l = 0; l < LANGUAGE_COUNT; l++) {
        if (!all && every >= COMBINATIONS && (turn + l) % LANGUAGE_COUNT != 0) continue;
        for (int c = 0; c < COMBINATIONS; c++) {
            if (!all && (c + 7 * turn + 13 * l) % every != 0) continue;
            s->h->w.settings.language = (language)l;
            resize(s, c);
            name_it(s, subject, c);
            look(s);
        }
    }
}

/* ---- lessons ---- */

/* In the long form at the beginning, within a step of the middle, and at the end; else at one of them. */
static void look_at_page(survey *s) {
    window_state *w = &s->h->w;
    const int64_t first = w->play.first, last = w->play.last, middle = first + (last - first) / 2;
    for (int k = 0; k < 3; k++) {
        if (!(test_extent() == EXTENT_ALL) && k != s->seen % 3) continue;
        playback_seek(w, k == 0 ? first : last);
        if (k == 1) w->play.at = (moment){middle, 0.5};
        idle(s->h);
        judge(s);
        check_figure(s);
        check_caption(s);
        if (!(test_extent() == EXTENT_ALL)) break;
    }
    if (w->layout.inspector.width > 0) judge_scrolled(s, &w->scroll_inspector, w->layout.inspector.height);
}

static void look_at_lessons(int share, int shares) {
    survey s = begin();
    window_state *w = &s.h->w;
    int turn = share;
    for (int i = 0; i < w->lessons.count; i++) {
        failure f = {0};
        if (i % shares != share) continue;
        cr_assert(state_open_lesson(w, w->lessons.entries[i].id, 0, false, &f), "%s", f.error.message);
        for (int p = 0; p < w->lesson.page_count; p++) {
            char subject[96];
            cr_assert(state_open_page(w, p));
            w->play.playing = false;
            snprintf(subject, sizeof subject, "%s %d", w->lesson.id, p + 1);
            each_combination(&s, turn++, COMBINATIONS, subject, look_at_page);
        }
    }
    end(&s);
}

Test(window_layout, lessons_1) {
    look_at_lessons(0, 4);
}
Test(window_layout, lessons_2) {
    look_at_lessons(1, 4);
}
Test(window_layout, lessons_3) {
    look_at_lessons(2, 4);
}
Test(window_layout, lessons_4) {
    look_at_lessons(3, 4);
}

/* ---- questions ---- */

static void ask_and_look(survey *s, int chosen) {
    window_state *w = &s->h->w;
    w->predict = (prediction){.chosen = -1};
    predict_toggle(w);
    cr_assert(w->predict.asking, "%s: no question", s->what);
    if (chosen >= 0)
        predict_choose(w, chosen ? (w->predict.answer.right_choice + chosen) % w->predict.answer.choice_count
                                 : w->predict.answer.right_choice);
    idle(s->h);
    judge(s);
    if (test_extent() == EXTENT_ALL && s->seen % 40 == 0) check_reach(s);
}

static void look_at_question(survey *s) {
    const int turn = s->seen % 3 - 1;
    for (int k = -1; k < 2; k++) {
        if (test_extent() == EXTENT_ALL || k == turn) ask_and_look(s, k);
    }
    predict_toggle(&s->h->w);
    idle(s->h);
}

Test(window_layout, questions) {
    survey s = begin();
    window_state *w = &s.h->w;
    for (int i = 0; i < w->lessons.count; i++) {
        failure f = {0};
        cr_assert(state_open_lesson(w, w->lessons.entries[i].id, 0, false, &f), "%s", f.error.message);
        cr_assert(state_open_lesson(w, w->lesson.id, w->lesson.question.page, false, &f), "%s", f.error.message);
        char subject[96];
        snprintf(subject, sizeof subject, "the question of %s", w->lesson.id);
        each_combination(&s, i, COMBINATIONS, subject, look_at_question);
    }
    end(&s);
}

/* ---- games and the clinic ---- */

static void look_at_game(survey *s) {
    judge(s);
    check_figure(s);
    check_caption(s);
    wait_seconds(s->h, 0.1); /* the notice stands over the figure, then it goes */
}

Test(window_layout, games_and_clinic) {
    survey s = begin();
    window_state *w = &s.h->w;
    failure f = {0};
    int played = 0;
    cr_assert(state_open_lesson(w, "first-look", 0, false, &f));
    const int rows = game_play_rows(w);
    for (int row = 0; row < rows; row++) {
        char subject[96], words[64];
        game_play_rows(w);
        if (!game_play_playable(w, row)) continue;
        snprintf(subject, sizeof subject, "%s", game_play_words(w, row, LANGUAGE_EN, words, sizeof words));
        game_play_choose(w, row);
        w->play.playing = false;
        idle(s.h);
        each_combination(&s, played++, COMBINATIONS, subject, look_at_game);
        if (strstr(state_document(w)->lesson ? state_document(w)->lesson : "", "game:")) { /* a hint stands first now */
            cr_assert(state_open_lesson(w, "first-look", 0, false, &f));
        }
    }
    cr_assert_geq(played, 13, "%d games and cases", played);
    end(&s);
}

/* ---- menus, dialogs, and what else the window can look like ---- */

static float popup_height(const window_state *w) { /* of what scrolls, about */
    return fminf(w->scroll_popup.content, (float)w->height * 0.6f);
}

static popup_id shown_popup;

static void look_at_popup(survey *s) {
    window_state *w = &s->h->w;
    const ui_control *menu = ui_find(&w->ui, "menu");
    popup_open(w, shown_popup, menu ? menu->box : (box){0, 0, 1, 1});
    idle(s->h);
    judge(s);
    if (w->scroll_popup.content > 0) judge_scrolled(s, &w->scroll_popup, popup_height(w));
    check_reach(s);
    popup_close(w);
    idle(s->h);
}

Test(window_layout, menus_and_dialogs) {
    static const char *const names[POPUP_COUNT] = {[POPUP_MENU] = "the menu",
                                                   [POPUP_INPUT] = "presets for the input",
                                                   [POPUP_WEIGHT] = "presets for weights",
                                                   [POPUP_VIEW] = "the menu of views",
                                                   [POPUP_HELP] = "the help",
                                                   [POPUP_EXPORT] = "the export dialog",
                                                   [POPUP_OPEN] = "the open dialog",
                                                   [POPUP_SAVE] = "the save dialog",
                                                   [POPUP_GAMES] = "the menu of games"};
    survey s = begin();
    failure f = {0};
    cr_assert(state_open_lesson(&s.h->w, "transposed", 0, false, &f));
    for (int p = POPUP_NONE + 1; p < POPUP_COUNT; p++) {
        cr_assert_not_null(names[p]);
        shown_popup = (popup_id)p;
        each_combination(&s, p, COMBINATIONS, names[p], look_at_popup);
    }
    end(&s);
}

static void look_at_notes(survey *s) {
    window_state *w = &s->h->w;
    w->present.notes = true;
    idle(s->h);
    judge(s);
    judge_scrolled(s, &w->scroll_notes, w->layout.notes.height * 0.7f);
    w->present.on = true;
    idle(s->h);
    judge(s);
    ask_and_look(s, -1);
    predict_toggle(w);
    w->present.on = w->present.notes = false;
}

static void look_at_panels(survey *s) {
    window_state *w = &s->h->w;
    for (int panel = 0; panel <= 2; panel++) {
        w->narrow_panel = panel;
        idle(s->h);
        idle(s->h);
        judge(s);
        check_reach(s);
        if (w->layout.lessons.width > 0) judge_scrolled(s, &w->scroll_lessons, w->layout.lessons.height * 0.8f);
        if (w->layout.inspector.width > 0) judge_scrolled(s, &w->scroll_inspector, w->layout.inspector.height);
    }
    w->narrow_panel = 0;
}

static void look_at_refusals(survey *s) {
    window_state *w = &s->h->w;
    press_key(s->h, 'l', MODIFIER_CONTROL);
    type_text(s->h, "nn.Conv2d(1, 1, 3, strid=2)");
    judge(s);
    press_key(s->h, KEY_ESCAPE, 0);
    press_key(s->h, KEY_ESCAPE, 0);
    state_notice(
        w, true,
        w->settings.language == LANGUAGE_ZH
            ? "这里放一段很长的提示，看它在窄窗口里怎样换行：输入的通道数必须能被组数整除，输出的通道数也一样。"
            : "A long notice, to see how it breaks where the window is narrow: the number of input "
              "channels must be divisible by the number of groups, and that of the output, too.");
    idle(s->h);
    judge(s);
    w->notice_until = 0;
    idle(s->h);
}

static void look_at_views(survey *s) {
    window_state *w = &s->h->w;
    for (int k = 0; k < VIEW_COUNT + 2; k++) {
        if (test_extent() != EXTENT_ALL && (k + s->seen) % 3 != 0) continue;
        const change view = {.kind = CHANGE_VIEW, .number = k < VIEW_COUNT ? k : VIEW_SLIDE},
                     labels = {.kind = CHANGE_LABELS, .number = k == VIEW_COUNT},
                     style = {.kind = CHANGE_STYLE, .number = k > VIEW_COUNT ? STYLE_ISOMETRIC : STYLE_FLAT};
        state_change(w, &view, NULL);
        state_change(w, &labels, NULL);
        state_change(w, &style, NULL);
        playback_seek(w, (w->play.first + w->play.last + 1) / 2);
        idle(s->h);
        char what[sizeof s->what];
        memcpy(what, s->what, sizeof what);
        snprintf(s->what, sizeof s->what, "%.200s, view %d", what, k);
        judge(s);
        check_caption(s);
        memcpy(s->what, what, sizeof what);
    }
}

Test(window_layout, notes_and_presenting) {
    survey s = begin();
    failure f = {0};
    cr_assert(state_open_lesson(&s.h->w, "transposed", 1, false, &f));
    each_combination(&s, 0, 1, "notes and presenting", look_at_notes);
    end(&s);
}

Test(window_layout, panels) {
    survey s = begin();
    failure f = {0};
    cr_assert(state_open_lesson(&s.h->w, "grouped", 0, false, &f));
    each_combination(&s, 0, COMBINATIONS, "the panels", look_at_panels);
    end(&s);
}

Test(window_layout, refusals) {
    survey s = begin();
    failure f = {0};
    cr_assert(state_open_lesson(&s.h->w, "stride", 0, false, &f));
    each_combination(&s, 0, 3, "refusals", look_at_refusals);
    end(&s);
}

static void look_at_all_views(int share, int shares) {
    survey s = begin();
    window_state *w = &s.h->w;
    for (int i = share; i < w->lessons.count; i += shares) {
        failure f = {0};
        cr_assert(state_open_lesson(w, w->lessons.entries[i].id, 0, false, &f), "%s", f.error.message);
        each_combination(&s, i, COMBINATIONS, w->lesson.id, look_at_views);
    }
    end(&s);
}

Test(window_layout, views_1) {
    look_at_all_views(0, 2);
}
Test(window_layout, views_2) {
    look_at_all_views(1, 2);
}

/* ---- themes ---- */

/* Two lists put the same things at the same places, whatever their colours. */
static bool same_places(const display_list *a, const display_list *b) {
    if (a->item_count != b->item_count || a->point_count != b->point_count) return false;
    if (a->point_count && memcmp(a->points, b->points, a->point_count * sizeof *a->points) != 0) return false;
    for (size_t i = 0; i < a->item_count; i++) {
        const item *x = &a->items[i], *y = &b->items[i];
        if (x->kind != y->kind || memcmp(&x->box, &y->box, sizeof x->box) != 0 || x->radius != y->radius ||
            x->count != y->count || x->size != y->size || x->face != y->face || x->anchor != y->anchor ||
            x->paint.width != y->paint.width || x->paint.dash != y->paint.dash)
            return false;
        if (x->kind == ITEM_TEXT && memcmp(a->text + x->first, b->text + y->first, x->count) != 0) return false;
    }
    return true;
}

/* Every page in every theme: only colours differ. So what holds in one theme holds in all. */
Test(window_layout, themes_move_nothing) {
    harness *h = start_sized(1280, 800);
    window_state *w = &h->w;
    int compared = 0;
    cr_assert(language_load(ASSETS, NULL));
    w->settings.reduced_motion = true;
    for (int i = 0; i < w->lessons.count; i++) {
        failure f = {0};
        cr_assert(state_open_lesson(w, w->lessons.entries[i].id, 0, false, &f), "%s", f.error.message);
        for (int p = 0; p < w->lesson.page_count; p++) {
            display_list lists[REGION_COUNT];
            memset(lists, 0, sizeof lists);
            if (test_extent() != EXTENT_ALL && (i + 3 * p) % (test_extent() == EXTENT_FEW ? 29 : 7) != 0) continue;
            cr_assert(state_open_page(w, p));
            w->settings.language = (language)((i + p) % LANGUAGE_COUNT);
            w->settings.scale = scales[(i + 2 * p) % SCALES];
            playback_seek(w, (w->play.first + w->play.last + 1) / 2);
            for (int t = 0; t < THEME_COUNT; t++) {
                w->settings.theme = (theme_id)t;
                idle(h);
                idle(h);
                for (int r = 0; r < REGION_COUNT; r++) {
                    if (t > 0) {
                        cr_expect(same_places(&lists[r], &w->regions[r].list), "%s, page %d: region %d differs in %s",
                                  w->lesson.id, p + 1, r, theme_get((theme_id)t)->name);
                        compared++;
                        continue;
                    }
                    display_list kept = lists[r];
                    lists[r] = w->regions[r].list;
                    w->regions[r].list = kept;
                }
            }
            for (int r = 0; r < REGION_COUNT; r++) display_list_destroy(&lists[r]);
        }
    }
    cr_assert_gt(compared, 20);
    stop(h);
}
