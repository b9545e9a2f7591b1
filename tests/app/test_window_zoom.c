/* Zooming by the wheel keeps what lies under the pointer where it is, in every view and style, in and out again. */
#include "window_harness.h"
#include <math.h>

/* The box of an item that is drawn of a cell. */
static bool box_of_cell(harness *h, tag t, box *found) {
    const display_list *l = h->w.seen;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if ((it->kind != ITEM_RECT && it->kind != ITEM_POLYGON) || it->tag.kind != TAG_CELL || it->tag.role != t.role ||
            it->tag.index != t.index || it->tag.part != t.part || it->tag.layer != t.layer)
            continue;
        *found = item_bounds(l, it);
        found->x += h->w.layout.figure.x;
        found->y += h->w.layout.figure.y;
        return true;
    }
    return false;
}

static point middle_of(box b) {
    return (point){b.x + b.width / 2, b.y + b.height / 2};
}

static void wheel(harness *h, point at, float notches) {
    send(h, (window_event){.kind = EVENT_WHEEL, .at = at, .wheel = {0, notches}});
}

static void stays(harness *h, tag t, const char *what) {
    box before, after;
    if (!box_of_cell(h, t, &before) || before.width < 2) return;
    point at = middle_of(before);
    if (!ui_inside(h->w.layout.figure, at)) return;
    move_to(h, at.x, at.y);
    static const float notches[] = {1, 1, 2, 3, -4, -3, -2};
    for (size_t i = 0; i < sizeof notches / sizeof *notches; i++) {
        wheel(h, at, notches[i]);
        if (!box_of_cell(h, t, &after)) {
            cr_expect_gt(h->w.easel.zoom, 1.5f, "%s: the cell is gone at zoom %g", what, (double)h->w.easel.zoom);
            break;
        }
        point now = middle_of(after);
        float off = hypotf(now.x - at.x, now.y - at.y);
        cr_expect_leq(off, 2.0f, "%s: role %d cell %d moved by %.1f px at zoom %g", what, (int)t.role, (int)t.index,
                      (double)off, (double)h->w.easel.zoom);
        if (off > 2) break;
    }
    press_key(h, '0', 0);
    cr_expect_eq(h->w.easel.zoom, 1);
}

static void lesson_stays(const char *id) {
    harness *h = start_lesson(id);
    h->w.settings.reduced_motion = true;
    for (int view = VIEW_SLIDE; view <= VIEW_FIELD; view++) {
        for (int style = 0; style < (view == VIEW_SLIDE ? 2 : 1); style++) {
            press_key(h, '1' + view, 0);
            if (style) press_key(h, 'i', 0);
            playback_seek(&h->w, h->w.play.first + 1);
            idle(h);
            tag cells[3] = {{0}};
            size_t seen = 0;
            const display_list *l = h->w.seen;
            for (size_t i = 0; i < l->item_count; i++) seen += l->items[i].tag.kind == TAG_CELL;
            size_t count = 0;
            for (size_t i = 0; i < l->item_count; i++) {
                if (l->items[i].tag.kind != TAG_CELL) continue;
                if (count == 0) cells[0] = l->items[i].tag;
                if (count == seen / 2) cells[1] = l->items[i].tag;
                if (count + 1 == seen) cells[2] = l->items[i].tag;
                count++;
            }
            for (int k = 0; k < 3 && seen; k++) {
                char what[96];
                snprintf(what, sizeof what, "%s, view %d, style %d", id, view, style);
                stays(h, cells[k], what);
            }
        }
        if (view == VIEW_SLIDE) press_key(h, 'i', 0);
    }
    stop(h);
}

Test(zoom, conv2d) {
    lesson_stays("conv2d");
}
Test(zoom, channels) {
    lesson_stays("channels");
}
Test(zoom, transposed) {
    lesson_stays("transposed");
}
Test(zoom, conv1d) {
    lesson_stays("conv1d");
}
Test(zoom, conv3d) {
    lesson_stays("conv3d");
}
Test(zoom, dcgan) {
    lesson_stays("dcgan");
}
Test(zoom, field_stack) {
    lesson_stays("field-stack");
}
Test(zoom, two_parts) {
    lesson_stays("cross-correlation");
}

/* A photo has no cells: its frame stays. The wheel works with whole notches and with a trackpad's small ones. */
Test(zoom, the_picture_grows_about_the_pointer) {
    harness *h = start_lesson("first-look");
    const display_list *l = h->w.seen;
    box before = {0}, after = {0};
    for (size_t i = 0; i < l->item_count && before.width < 1; i++) {
        if (l->items[i].kind == ITEM_PICTURE) before = l->items[i].box;
    }
    cr_assert_gt(before.width, 50);
    box f = h->w.layout.figure;
    point at = {f.x + before.x + before.width * 0.75f, f.y + before.y + before.height * 0.25f};
    for (int i = 0; i < 12; i++) wheel(h, at, 0.25f);
    l = h->w.seen;
    for (size_t i = 0; i < l->item_count && after.width < 1; i++) {
        if (l->items[i].kind == ITEM_PICTURE) after = l->items[i].box;
    }
    cr_expect_gt(after.width, before.width * 1.3f);
    cr_expect_float_eq(f.x + after.x + after.width * 0.75f, at.x, 3);
    cr_expect_float_eq(f.y + after.y + after.height * 0.25f, at.y, 3);
    stop(h);
}

/* In a small window of large type the words stand beside the picture: the pointer is kept there too. */
Test(zoom, beside_its_words) {
    harness *h = start_sized(960, 600);
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, "conv2d", 0, false, &f));
    h->w.settings.scale = 3;
    idle(h);
    playback_seek(&h->w, h->w.play.last);
    idle(h);
    for (int64_t i = 0; i < 25; i += 8) stays(h, (tag){.kind = TAG_CELL, .role = ROLE_INPUT, .index = i}, "300%");
    stop(h);
}
