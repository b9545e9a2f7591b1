/* The widgets: what they answer to events, without any window. */
#include "app/window/parameter.h"
#include "app/window/ui.h"
#include <criterion/criterion.h>
#include <string.h>

typedef struct bench {
    ui u;
    fonts *fonts;
    display_list list;
    double time;
    ui_answer answer;
    char value[64];
    bool clicked;
    double slider;
    int step;
    ui_scroll scroll;
} bench;

static bench *make(void) {
    static bench b; /* each test is a process of its own */
    failure f = {0};
    memset(&b, 0, sizeof b);
    cr_assert(fonts_create(&b.fonts, &f), "%s", f.error.message);
    b.u.fonts = b.fonts;
    b.u.theme = theme_get(THEME_LIGHT);
    b.u.scale = 1;
    strcpy(b.value, "abc");
    return &b;
}

static const box button_box = {10, 10, 80, 30}, field_box = {10, 60, 200, 30}, slider_box = {10, 110, 218, 30},
                 stepper_box = {10, 160, 120, 30};

static void pass(bench *b, window_event e) {
    display_list_clear(&b->list, 400, 300, (color){255, 255, 255, 255});
    b->u.list = &b->list;
    b->time += 0.01;
    ui_begin(&b->u, &e, b->time);
    const button look = {.label = "Press"};
    b->clicked = ui_button(&b->u, "button", button_box, &look);
    ui_answer did = ui_text_field(&b->u, "field", field_box, FACE_WORDS, 14, b->value, "hint", true);
    if (did != UI_NOTHING) b->answer = did;
    if (did == UI_EDITED || did == UI_COMMITTED) strcpy(b->value, b->u.field.text);
    ui_slider(&b->u, "slider", slider_box, &b->slider, 0, true);
    ui_answer typed;
    b->step = ui_stepper(&b->u, "stepper", stepper_box, "3", false, &typed);
    ui_end(&b->u);
}

static void settle(bench *b) {
    for (int i = 0; i < 4 && b->u.again; i++) pass(b, (window_event){.kind = EVENT_NONE});
}

static bool click_is_taken(bench *b, float x, float y) {
    pass(b, (window_event){.kind = EVENT_MOVE, .at = {x, y}});
    pass(b, (window_event){.kind = EVENT_PRESS, .button = BUTTON_LEFT, .clicks = 1, .at = {x, y}});
    settle(b);
    pass(b, (window_event){.kind = EVENT_RELEASE, .button = BUTTON_LEFT, .at = {x, y}});
    bool clicked = b->clicked;
    settle(b);
    return clicked;
}

static void key(bench *b, int k, unsigned modifiers) {
    pass(b, (window_event){.kind = EVENT_KEY, .key = k, .modifiers = modifiers});
    settle(b);
}

static void text(bench *b, const char *words) {
    window_event e = {.kind = EVENT_TEXT};
    strcpy(e.text, words);
    pass(b, e);
    settle(b);
}

Test(ui, a_click_is_a_press_and_a_release_on_the_button) {
    bench *b = make();
    cr_expect(click_is_taken(b, 50, 25));
    pass(b, (window_event){.kind = EVENT_PRESS, .button = BUTTON_LEFT, .at = {50, 25}});
    pass(b, (window_event){.kind = EVENT_RELEASE, .button = BUTTON_LEFT, .at = {300, 25}});
    cr_expect_not(b->clicked, "let go elsewhere");
    cr_expect_not(click_is_taken(b, 300, 250));
}

Test(ui, tab_goes_round_and_enter_presses) {
    bench *b = make();
    pass(b, (window_event){.kind = EVENT_NONE});
    key(b, KEY_TAB, 0);
    cr_expect_eq(b->u.focus, ui_hash("button"));
    cr_expect(b->u.focus_seen);
    pass(b, (window_event){.kind = EVENT_KEY, .key = KEY_ENTER});
    cr_expect(b->clicked);
    key(b, KEY_TAB, 0);
    cr_expect_eq(b->u.focus, ui_hash("field"));
    key(b, KEY_TAB, MODIFIER_SHIFT);
    cr_expect_eq(b->u.focus, ui_hash("button"));
    key(b, KEY_TAB, MODIFIER_SHIFT);
    cr_expect_eq(b->u.focus, ui_hash("stepper"), "round");
}

Test(field, typing_and_keys) {
    bench *b = make();
    click_is_taken(b, 200, 75);
    cr_expect_eq(b->u.field.id, ui_hash("field"));
    key(b, KEY_END, 0);
    text(b, "d");
    cr_expect_str_eq(b->value, "abcd");
    key(b, KEY_BACKSPACE, 0);
    key(b, KEY_HOME, 0);
    key(b, KEY_DELETE, 0);
    cr_expect_str_eq(b->u.field.text, "bc");
    text(b, "\xe5\x8d\xb7\xe7\xa7\xaf");
    key(b, KEY_LEFT, 0);
    key(b, KEY_BACKSPACE, 0);
    cr_expect_str_eq(b->u.field.text,
                     "\xe7\xa7\xaf"
                     "bc",
                     "whole characters");
    key(b, KEY_ENTER, 0);
    cr_expect_eq(b->answer, UI_COMMITTED);
    cr_expect_eq(b->u.field.id, 0u);
}

Test(field, selection_and_words) {
    bench *b = make();
    strcpy(b->value, "one two_2 three");
    click_is_taken(b, 205, 75);
    key(b, KEY_END, 0);
    key(b, KEY_LEFT, MODIFIER_CONTROL);
    key(b, KEY_LEFT, MODIFIER_CONTROL | MODIFIER_SHIFT);
    text(b, "X ");
    cr_expect_str_eq(b->u.field.text, "one X three");
    key(b, 'a', MODIFIER_CONTROL);
    pass(b, (window_event){.kind = EVENT_KEY, .key = 'x', .modifiers = MODIFIER_CONTROL});
    cr_assert_not_null(b->u.copied);
    cr_expect_str_eq(b->u.copied, "one X three");
    cr_expect_str_eq(b->u.field.text, "");
    pass(b, (window_event){.kind = EVENT_KEY, .key = 'v', .modifiers = MODIFIER_CONTROL});
    cr_expect(b->u.wants_paste);
    pass(b, (window_event){.kind = EVENT_CLIPBOARD, .long_text = "pasted"});
    cr_expect_str_eq(b->u.field.text, "pasted");
    key(b, KEY_ESCAPE, 0);
    cr_expect_eq(b->answer, UI_CANCELLED);
}

Test(field, leaving_after_a_change_commits) {
    bench *b = make();
    click_is_taken(b, 200, 75);
    text(b, "!");
    b->answer = UI_NOTHING;
    click_is_taken(b, 50, 25);
    cr_expect_eq(b->answer, UI_COMMITTED);
    click_is_taken(b, 200, 75);
    b->answer = UI_NOTHING;
    key(b, KEY_TAB, 0);
    cr_expect_eq(b->answer, UI_CANCELLED, "nothing was changed");
}

Test(field, too_long_a_text_is_refused_whole) {
    static char longest[UI_FIELD_SIZE + 100];
    bench *b = make();
    memset(longest, 'x', sizeof longest - 1);
    click_is_taken(b, 200, 75);
    key(b, 'a', MODIFIER_CONTROL);
    ui_begin(&b->u, &(window_event){.kind = EVENT_CLIPBOARD, .long_text = longest}, 5);
    ui_text_field(&b->u, "field", field_box, FACE_WORDS, 14, b->value, NULL, true);
    ui_end(&b->u);
    cr_expect_str_eq(b->u.field.text, "abc");
}

Test(slider, follows_the_mouse_and_stays_in_its_range) {
    bench *b = make();
    pass(b, (window_event){.kind = EVENT_PRESS, .button = BUTTON_LEFT, .at = {119, 125}});
    cr_expect_float_eq(b->slider, 0.5, 0.01);
    pass(b, (window_event){.kind = EVENT_MOVE, .at = {900, 10}});
    cr_expect_eq(b->slider, 1);
    pass(b, (window_event){.kind = EVENT_MOVE, .at = {-900, 10}});
    cr_expect_eq(b->slider, 0);
    pass(b, (window_event){.kind = EVENT_RELEASE, .button = BUTTON_LEFT, .at = {0, 0}});
    key(b, KEY_UP, 0);
    cr_expect_float_eq(b->slider, 0.05, 1e-9);
}

Test(stepper, ends_keys_and_typing) {
    bench *b = make();
    pass(b, (window_event){.kind = EVENT_PRESS, .button = BUTTON_LEFT, .at = {15, 175}});
    pass(b, (window_event){.kind = EVENT_RELEASE, .button = BUTTON_LEFT, .at = {15, 175}});
    cr_expect_eq(b->step, -1);
    ui_focus(&b->u, ui_hash("stepper"), true);
    pass(b, (window_event){.kind = EVENT_KEY, .key = KEY_UP});
    cr_expect_eq(b->step, 1);
    pass(b, (window_event){.kind = EVENT_KEY, .key = '7'});
    cr_expect_eq(b->u.field.id, ui_hash("stepper"));
    cr_expect_str_eq(b->u.field.text, "7");
}

Test(ui, words_that_do_not_fit_end_in_an_ellipsis) {
    bench *b = make();
    display_list_clear(&b->list, 400, 300, (color){0});
    b->u.list = &b->list;
    ui_text(&b->u, (box){0, 0, 60, 20}, ANCHOR_LEFT, FACE_WORDS, 14, (color){0, 0, 0, 255},
            "far too long for sixty pixels");
    cr_assert_eq(b->list.item_count, 1u);
    cr_expect_leq(b->list.items[0].box.width, 60.5f);
    cr_expect(strstr(b->list.text, "\xe2\x80\xa6"));
}

/* ---- values as they are typed ---- */

Test(values, as_in_python_and_in_words) {
    conv_value v;
    cr_assert(parameter_read("3", &v) && v.kind == CONV_VALUE_INT && v.scalar.integer == 3);
    cr_assert(parameter_read(" (2, 3) ", &v) && v.kind == CONV_VALUE_TUPLE && v.count == 2 && v.item[1].integer == 3);
    cr_assert(parameter_read("2,3", &v) && v.kind == CONV_VALUE_TUPLE && v.count == 2);
    cr_assert(parameter_read("3x5", &v) && v.kind == CONV_VALUE_TUPLE && v.item[0].integer == 3 &&
              v.item[1].integer == 5);
    cr_assert(parameter_read("'same'", &v) && v.kind == CONV_VALUE_TEXT && strcmp(v.text, "same") == 0);
    cr_assert(parameter_read("True", &v) && v.kind == CONV_VALUE_BOOL && v.scalar.integer == 1);
    cr_assert(parameter_read("no", &v) && v.kind == CONV_VALUE_BOOL && v.scalar.integer == 0);
    cr_assert(parameter_read("None", &v) && v.kind == CONV_VALUE_NONE);
    cr_assert(parameter_read("0.5", &v) && v.kind == CONV_VALUE_REAL);
    cr_assert(parameter_read("(3,)", &v) && v.kind == CONV_VALUE_TUPLE && v.count == 1);
    cr_expect_not(parameter_read("", &v));
    cr_expect_not(parameter_read("1,,2", &v));
    cr_expect_not(parameter_read("1,2,3,4,5,6,7,8,9", &v));
}
