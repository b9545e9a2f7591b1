/* Random events: no crash, no stuck state, whatever comes in whatever order. Seeded, so that a failure comes again. */
#include "window_harness.h"
#include <stdlib.h>

static uint64_t state;

static uint32_t draw(uint32_t below) { /* xorshift64* */
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 2685821657736338717ull) >> 33) % below;
}

static window_event random_event(const harness *h, bool *held) {
    static const int keys[] = {KEY_SPACE,   KEY_LEFT,      KEY_RIGHT, KEY_UP,    KEY_DOWN,   KEY_HOME,      KEY_END,
                               KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_TAB,   KEY_ENTER, KEY_ESCAPE, KEY_BACKSPACE, KEY_DELETE,
                               KEY_F1,      KEY_F2,        KEY_F5,    KEY_F6,    KEY_F9,     KEY_F10};
    static const char *const texts[] = {"1", "3", "nn.Conv2d(1, 1, 3)", "\xe5\x8d\xb7", ",", "-2.5", "zzz"};
    window_event e = {0};
    point at = {(float)draw((uint32_t)h->w.width), (float)draw((uint32_t)h->w.height)};
    if (draw(3) == 0 && h->w.ui.control_count) {
        box b = h->w.ui.controls[draw((uint32_t)h->w.ui.control_count)].box;
        at = (point){b.x + b.width / 2, b.y + b.height / 2};
    }
    e.at = at;
    switch (draw(12)) {
    case 0:
    case 1:
    case 2:
        e.kind = EVENT_MOVE;
        break;
    case 3:
    case 4:
        e.kind = *held ? EVENT_RELEASE : EVENT_PRESS;
        e.button = BUTTON_LEFT;
        e.clicks = 1 + (int)draw(3);
        *held = !*held;
        break;
    case 5:
        e.kind = EVENT_WHEEL;
        e.wheel = (point){0, (float)draw(7) - 3};
        break;
    case 6:
    case 7:
        e.kind = EVENT_KEY;
        e.key = keys[draw(sizeof keys / sizeof *keys)];
        e.modifiers = draw(4) == 0 ? draw(4) : 0;
        break;
    case 8:
        e.kind = EVENT_KEY;
        e.key = 33 + (int)draw(94);
        e.modifiers =
            draw(3) == 0 && e.key != 's' && e.key != 'e' && e.key != 'S' && e.key != 'E' ? MODIFIER_CONTROL : 0;
        break;
    case 9:
        e.kind = EVENT_TEXT;
        snprintf(e.text, sizeof e.text, "%s", texts[draw(sizeof texts / sizeof *texts)]);
        break;
    case 10:
        e.kind = draw(4) ? EVENT_COMPOSE : EVENT_LEAVE;
        snprintf(e.text, sizeof e.text, "%s", draw(2) ? "ni" : "");
        break;
    default:
        if (draw(8) == 0) {
            e.kind = EVENT_RESIZE;
            e.width = 320 + (int)draw(1600);
            e.height = 240 + (int)draw(900);
            e.ratio = 1;
        } else {
            e.kind = EVENT_MOVE;
        }
        break;
    }
    return e;
}

/* The window can always be brought back to rest. */
static void calm_down(harness *h) {
    send(h, (window_event){.kind = EVENT_RELEASE, .button = BUTTON_LEFT});
    send(h, (window_event){.kind = EVENT_COMPOSE});
    for (int i = 0; i < 12; i++) press_key(h, KEY_ESCAPE, 0);
    cr_assert_eq(h->w.popup, POPUP_NONE);
    cr_assert_eq(h->w.ui.field.id, 0u, "%s still edits; composed \"%s\", focus %u, layer %d of %d, popup %d, blank %d",
                 h->w.ui.field.text, h->w.ui.field.composed, h->w.ui.focus, h->w.ui.layer, h->w.ui.top_layer,
                 (int)h->w.popup, (int)h->w.present.blank);
    cr_assert_eq(h->w.easel.grip, GRIP_NONE);
    cr_assert_eq(h->w.easel.editing.kind, TAG_NONE);
    for (int i = 0; i < 2 && h->w.play.playing; i++)
        press_key(h, KEY_SPACE, 0); /* a single step becomes play, play becomes pause */
    cr_assert_not(h->w.play.playing);
    press_key(h, KEY_HOME, 0);
    int64_t first = playback_done(&h->w);
    press_key(h, KEY_END, 0);
    cr_assert(playback_done(&h->w) > first || h->w.play.last == h->w.play.first, "the steps still move");
}

static void storm(uint64_t seed, int events) {
    harness *h = start_lesson("conv2d");
    bool held = false;
    state = seed;
    for (int sent = 0; sent < events;) {
        window_event batch[8];
        int count = h->w.popup == POPUP_MENU ? 1 : 1 + (int)draw(8);
        for (int i = 0; i < count; i++) batch[i] = random_event(h, &held);
        frame(h, batch, count, 1.0 / 60);
        if (h->w.popup == POPUP_SAVE || h->w.popup == POPUP_EXPORT) popup_close(&h->w); /* no files from a storm */
        cr_assert_not(h->w.ui.failed);
        cr_assert(h->w.scene_open);
        sent += count;
        if (draw(400) == 0) {
            calm_down(h);
            held = false;
        }
    }
    calm_down(h);
    stop(h);
}

Test(random, storm_1) {
    storm(1, 6000);
}
Test(random, storm_2) {
    storm(0x9e3779b97f4a7c15ull, 6000);
}
Test(random, storm_3) {
    storm(20240607, 6000);
}
