/* The expression over the stage: typed, refused, mended. */
#include "window_harness.h"

#define CONV "nn.Conv2d(1, 1, 3)"

static const conv_spec *spec(harness *h) {
    return &state_part(&h->w)->layers[0].spec;
}

Test(expression, applies_on_enter) {
    harness *h = start(CONV);
    type_expression(h, "nn.Conv2d(1, 2, 3, stride=2)");
    cr_expect_eq(spec(h)->out_channels, 1);
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(spec(h)->out_channels, 2);
    cr_expect_eq(spec(h)->stride[0], 2);
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_eq(spec(h)->out_channels, 1);
    stop(h);
}

Test(expression, errors_live_with_their_column) {
    harness *h = start(CONV);
    type_expression(h, "nn.Conv2d(1, 2, kernal_size=3)");
    cr_expect(h->w.expression_error[0] != 0);
    cr_expect_eq(h->w.expression_column, 17);
    cr_expect(shows_text(&h->w.regions[REGION_OVERLAY].list, "kernal_size"));
    press_key(h, KEY_ESCAPE, 0);
    cr_expect_eq(spec(h)->out_channels, 1);
    cr_expect_eq(h->w.expression_error[0], 0);
    stop(h);
}

Test(expression, what_enter_refuses_stays_to_be_mended) {
    static const char *const refused[] = {"nn.Conv2d(1, 2, kernal_size=3)", "nn.Conv2d(1, 1, 3, padding=-1)"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        harness *h = start(CONV);
        type_expression(h, refused[i]);
        press_key(h, KEY_ENTER, 0);
        cr_expect_eq(h->w.ui.focus, ui_hash("expression"), "%s", refused[i]);
        cr_expect_str_eq(h->w.ui.field.text, refused[i]);
        cr_expect(h->w.expression_error[0] != 0, "%s", refused[i]);
        cr_expect_eq(h->w.notice[0], 0, "said once: %s", h->w.notice);
        press_key(h, 'a', MODIFIER_CONTROL);
        type_text(h, "nn.Conv2d(1, 2, 3)");
        press_key(h, KEY_ENTER, 0);
        cr_expect_eq(spec(h)->out_channels, 2);
        cr_expect_eq(h->w.expression_error[0], 0);
        stop(h);
    }
}

Test(expression, who_leaves_a_refused_one_is_told_until_something_goes_well) {
    harness *h = start(CONV);
    type_expression(h, "nn.Conv2d(1, 2, kernal_size=3)");
    press_key(h, KEY_TAB, 0);
    cr_expect(h->w.notice[0] != 0 && h->w.notice_bad);
    cr_expect_eq(spec(h)->out_channels, 1);
    type_expression(h, "nn.Conv2d(1, 2, 3)");
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(spec(h)->out_channels, 2);
    cr_expect_eq(h->w.notice[0], 0);
    stop(h);
}

Test(expression, letters_typed_are_no_shortcuts) {
    harness *h = start(CONV);
    press_key(h, 'l', MODIFIER_CONTROL);
    language before = h->w.settings.language;
    for (const char *c = "ltbcq ?+-12"; *c; c++) press_key(h, *c, 0);
    cr_expect_eq(h->w.settings.language, before);
    cr_expect_not(h->w.present.blank);
    cr_expect_not(h->w.play.playing);
    cr_expect_eq(h->w.popup, POPUP_NONE);
    stop(h);
}

Test(expression, composition_of_an_input_method) {
    harness *h = start(CONV);
    press_key(h, 'f', MODIFIER_CONTROL);
    window_event e = {.kind = EVENT_COMPOSE};
    snprintf(e.text, sizeof e.text, "zhuan");
    send(h, e);
    cr_expect_str_eq(h->w.ui.field.composed, "zhuan");
    press_key(h, KEY_ENTER, 0); /* the input method's own */
    cr_expect_eq(h->w.search[0], 0);
    type_text(h, "\xe8\xbd\xac\xe7\xbd\xae");
    cr_expect_str_eq(h->w.search, "\xe8\xbd\xac\xe7\xbd\xae");
    cr_expect_eq(h->w.ui.field.composed[0], 0);
    stop(h);
}
