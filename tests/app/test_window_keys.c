/* Every key of the help does what its line says. The keys come from the table that the help is made of: a new line of
 * it without a word here about what it changes fails, as does a second key (F1 for ?) that does something else. */
#include "app/window/report.h"
#include "window_harness.h"

typedef void preparation(harness *h);

/* What changes in the report of the window (report.h) when an action is done. */
typedef struct effect {
    const char *changes;  /* a name of the report */
    const char *to;       /* its value then, as JSON; NULL: any other than before */
    preparation *prepare; /* NULL: nothing */
} effect;

static void playing(harness *h) {
    press_key(h, KEY_HOME, 0);
}

static void in_the_middle(harness *h) {
    playback_seek(&h->w, h->w.play.first + 2);
}

static void second_page(harness *h) {
    state_open_page(&h->w, 1);
    playback_seek(&h->w, h->w.play.last);
}

static void second_lesson(harness *h) {
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, h->w.lessons.entries[1].id, 0, false, &f));
}

static void changed(harness *h) {
    change c = {.kind = CHANGE_CELL, .role = ROLE_INPUT, .index = 0, .real = 77};
    cr_assert(state_change(&h->w, &c, NULL));
}

static void undone(harness *h) {
    changed(h);
    press_key(h, 'z', MODIFIER_CONTROL);
}

static void zoomed(harness *h) {
    press_key(h, '=', MODIFIER_CONTROL);
}

static void another_view(harness *h) {
    press_key(h, '5', 0);
}

static void pointing(harness *h) {
    press_key(h, KEY_RIGHT, MODIFIER_SHIFT);
    press_key(h, KEY_RIGHT, MODIFIER_SHIFT);
    press_key(h, KEY_DOWN, MODIFIER_SHIFT);
}

static void inked(harness *h) {
    press_key(h, 'd', 0);
    box f = h->w.layout.figure;
    press_at(h, f.x + 50, f.y + 50);
    send(h, (window_event){.kind = EVENT_MOVE, .at = {f.x + 90, f.y + 90}});
    release_at(h, f.x + 90, f.y + 90);
    cr_assert_gt(h->w.present.ink_count, 1);
}

static void transposed(harness *h) {
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, "transposed", 0, false, &f));
}

static void with_help(harness *h) {
    action_run(&h->w, ACTION_HELP);
}

static const effect effects_of[ACTION_COUNT] = {
    [ACTION_PLAY] = {"playing", "true", playing},
    [ACTION_FORWARD] = {"step", "3", in_the_middle},
    [ACTION_BACK] = {"step", "1", in_the_middle},
    [ACTION_CLICKER_FORWARD] = {"step", "3", in_the_middle},
    [ACTION_CLICKER_BACK] = {"step", "1", in_the_middle},
    [ACTION_START] = {"step", "0", in_the_middle},
    [ACTION_END] = {"step", "25", in_the_middle},
    [ACTION_FASTER] = {"speed", "2", NULL},
    [ACTION_SLOWER] = {"speed", "0.5", NULL},
    [ACTION_LOOP] = {"loop", "true", NULL},
    [ACTION_NEXT_PAGE] = {"page", "2", second_page},
    [ACTION_PREVIOUS_PAGE] = {"page", "0", second_page},
    [ACTION_NEXT_LESSON] = {"lesson", NULL, second_lesson},
    [ACTION_PREVIOUS_LESSON] = {"lesson", NULL, second_lesson},
    [ACTION_PREDICT] = {"predict", NULL, NULL},
    [ACTION_NOTES] = {"notes", "true", NULL},
    [ACTION_RESET] = {"input", NULL, changed},
    [ACTION_VIEW_SLIDE] = {"view", "\"slide\"", another_view},
    [ACTION_VIEW_MATRIX] = {"view", "\"matrix\"", NULL},
    [ACTION_VIEW_FIELD] = {"view", "\"field\"", NULL},
    [ACTION_VIEW_COST] = {"view", "\"cost\"", NULL},
    [ACTION_VIEW_ENGINE] = {"view", "\"engine\"", NULL},
    [ACTION_ISOMETRIC] = {"style", "\"isometric\"", NULL},
    [ACTION_LABELS] = {"labels", "true", NULL},
    [ACTION_COUNTS] = {"counts", "true", NULL},
    [ACTION_ZERO_INSERTION] = {"zero_insertion", "true", transposed},
    [ACTION_ZOOM_IN] = {"zoom", "1.25", NULL},
    [ACTION_ZOOM_OUT] = {"zoom", "0.8", NULL},
    [ACTION_FIT] = {"zoom", "1", zoomed},
    [ACTION_CELL_LEFT] = {"hover", NULL, pointing},
    [ACTION_CELL_RIGHT] = {"hover", NULL, pointing},
    [ACTION_CELL_UP] = {"hover", NULL, pointing},
    [ACTION_CELL_DOWN] = {"hover", NULL, pointing},
    [ACTION_EDIT_CELL] = {"focus", "\"cell\"", pointing},
    [ACTION_PIN] = {"pinned_input", NULL, pointing},
    [ACTION_PRESENT] = {"presenting", "true", NULL},
    [ACTION_FULLSCREEN] = {"", NULL, NULL},
    [ACTION_BLANK] = {"blank", "true", NULL},
    [ACTION_CURTAIN] = {"curtain", "true", NULL},
    [ACTION_SPOTLIGHT] = {"spotlight", "true", NULL},
    [ACTION_PEN] = {"pen", "true", NULL},
    [ACTION_ERASE] = {"ink", "0", inked},
    [ACTION_EXPRESSION] = {"focus", "\"expression\"", NULL},
    [ACTION_SEARCH] = {"focus", "\"search\"", NULL},
    [ACTION_LESSONS_PANEL] = {"lessons_panel", "false", NULL},
    [ACTION_INSPECTOR_PANEL] = {"inspector_panel", "false", NULL},
    [ACTION_NEXT_PANEL] = {"focus", NULL, NULL},
    [ACTION_LANGUAGE] = {"language", "\"zh\"", NULL},
    [ACTION_THEME] = {"theme", "\"dark\"", NULL},
    [ACTION_LARGER] = {"scale", NULL, NULL},
    [ACTION_SMALLER] = {"scale", NULL, NULL},
    [ACTION_MOTION] = {"reduced_motion", "false", NULL},
    [ACTION_MENU] = {"popup", "\"menu\"", NULL},
    [ACTION_HELP] = {"popup", "\"help\"", NULL},
    [ACTION_CANCEL] = {"popup", "\"none\"", with_help},
    [ACTION_OPEN] = {"popup", "\"open\"", NULL},
    [ACTION_SAVE] = {"popup", "\"save\"", NULL},
    [ACTION_EXPORT] = {"popup", "\"export\"", NULL},
    [ACTION_UNDO] = {"input", NULL, changed},
    [ACTION_REDO] = {"input", NULL, undone},
    [ACTION_COPY] = {"notice", "\"The expression is copied.\"", NULL},
    [ACTION_COPY_PYTORCH] = {"notice", "\"The PyTorch code is copied.\"", NULL},
    [ACTION_PASTE] = {"", NULL, NULL},
    [ACTION_QUIT] = {"", NULL, NULL},
};

/* The value of a name in the window's report: up to the comma or bracket that ends it. */
static void value_of(harness *h, const char *name, char *value, size_t size) {
    char key[64];
    char *report = report_text(&h->w);
    cr_assert_not_null(report);
    snprintf(key, sizeof key, "\"%s\": ", name);
    const char *at = strstr(report, key);
    cr_assert_not_null(at, "the report has no \"%s\"", name);
    at += strlen(key);
    int depth = 0;
    bool text = false;
    size_t used = 0;
    for (; *at && used + 1 < size; at++) {
        if (*at == '"') text = !text;
        if (!text && depth == 0 && (*at == ',' || *at == '}' || *at == '\n')) break;
        depth += text ? 0 : (*at == '[' || *at == '{') - (*at == ']' || *at == '}');
        value[used++] = *at;
    }
    value[used] = 0;
    memory_free(report);
}

/* What goes to the surroundings leaves no trace in the report. */
static bool asked_for(const harness *h, action a) {
    const effects *e = &h->w.effects;
    return a == ACTION_FULLSCREEN ? e->fullscreen : a == ACTION_PASTE ? e->paste : a == ACTION_QUIT ? e->quit : false;
}

static void does_it(const key_binding *b) {
    char before[4096], after[4096];
    const effect *e = &effects_of[b->action];
    const char *help = action_help(b->action);
    cr_assert_not_null(e->changes, "\"%s\" stands in the help, and no test says what it does", help);
    harness *h = start_lesson("stride");
    h->w.settings.reduced_motion = true;
    idle(h);
    if (e->prepare) e->prepare(h);
    idle(h);
    if (*e->changes) value_of(h, e->changes, before, sizeof before);
    press_key(h, b->key, b->modifiers);
    if (!*e->changes) {
        cr_expect(asked_for(h, b->action), "\"%s\" (key %d) is not asked for", help, b->key);
    } else {
        idle(h);
        value_of(h, e->changes, after, sizeof after);
        cr_expect_str_neq(after, before, "\"%s\" (%s, key %d): %s stays %s", help, b->shown, b->key, e->changes,
                          before);
        if (e->to)
            cr_expect_str_eq(after, e->to, "\"%s\" (%s, key %d): %s is %s, not %s", help, b->shown, b->key, e->changes,
                             after, e->to);
    }
    stop(h);
}

Test(keys, every_key_of_the_help_does_what_it_says) {
    cr_assert_gt(key_binding_count, 60);
    for (int i = 0; i < key_binding_count; i++) does_it(&key_bindings[i]);
}

/* Clickers send PageDown and PageUp: at the end of a page they turn it, and while a question stands they reveal and go
 * on. */
Test(keys, a_clicker_leads_through_a_whole_lesson_and_back) {
    harness *h = start_lesson("conv2d");
    h->w.settings.reduced_motion = true;
    int presses = 0, last = h->w.lesson.page_count - 1;
    while ((h->w.page < last || !playback_at_end(&h->w)) && presses++ < 2000) {
        press_key(h, KEY_PAGE_DOWN, 0);
        wait_seconds(h, 0.05);
    }
    cr_expect_eq(h->w.page, last);
    cr_expect(playback_at_end(&h->w));
    while ((h->w.page > 0 || playback_done(&h->w) > h->w.play.first) && presses++ < 4000) press_key(h, KEY_PAGE_UP, 0);
    cr_expect_eq(h->w.page, 0);
    cr_expect_eq(playback_done(&h->w), h->w.play.first);
    stop(h);
}

/* A page of thousands of steps takes one click, played or not; the end of the lesson is said. */
Test(keys, a_clicker_gets_over_a_picture_of_thousands_of_steps) {
    harness *h = start_lesson("first-look");
    cr_assert_gt(h->w.play.last - h->w.play.first, 1000);
    press_key(h, KEY_PAGE_DOWN, 0);
    cr_expect_eq(h->w.page, 0);
    cr_expect(playback_at_end(&h->w) && !h->w.play.playing);
    press_key(h, KEY_PAGE_UP, 0);
    cr_expect_eq(playback_done(&h->w), h->w.play.first);
    for (int presses = 0; presses < 2 * h->w.lesson.page_count; presses++) press_key(h, KEY_PAGE_DOWN, 0);
    cr_expect_eq(h->w.page, h->w.lesson.page_count - 1);
    cr_expect(playback_at_end(&h->w));
    press_key(h, KEY_PAGE_DOWN, 0);
    cr_expect_eq(h->w.page, h->w.lesson.page_count - 1);
    cr_expect(strstr(h->w.notice, "Ctrl+PageDown") && !h->w.notice_bad, "%s", h->w.notice);
    stop(h);
}

/* Chinese is typed into the search by an input method: composed, then committed as text. */
Test(keys, an_input_method_searches_the_lessons_in_chinese) {
    harness *h = start_lesson("conv2d");
    h->w.settings.language = LANGUAGE_ZH;
    press_key(h, 'f', MODIFIER_CONTROL);
    cr_expect(h->w.effects.text_input, "text input is on");
    cr_expect_gt(h->w.effects.text_box.height, 5, "the method's window knows where");
    window_event compose = {.kind = EVENT_COMPOSE};
    snprintf(compose.text, sizeof compose.text, "zhuan zhi");
    send(h, compose);
    cr_expect_str_eq(h->w.search, "", "what is composed is not searched for yet");
    cr_expect(shows_text(&h->w.regions[REGION_LESSONS].list, "zhuan zhi"), "but it is seen");
    press_key(h, KEY_ENTER, 0); /* belongs to the method */
    cr_expect_str_eq(h->w.lesson.id, "conv2d");
    send(h, (window_event){.kind = EVENT_COMPOSE});
    type_text(h, "\xe8\xbd\xac\xe7\xbd\xae\xe5\x8d\xb7\xe7\xa7\xaf"); /* transposed convolution */
    cr_expect_str_eq(h->w.search, "\xe8\xbd\xac\xe7\xbd\xae\xe5\x8d\xb7\xe7\xa7\xaf");
    press_key(h, KEY_ENTER, 0);
    cr_expect_not_null(strstr(h->w.lesson.title.text[LANGUAGE_ZH], "\xe8\xbd\xac\xe7\xbd\xae"), "%s opened",
                       h->w.lesson.id);
    stop(h);
}
