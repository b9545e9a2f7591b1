/* Display lists as data: adding, pointing at, comparing, running out of memory. */
#include "app/figure/display_list.h"
#include "app/surface/text.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>

static const paint blue = {.fill = {0, 0, 255, 255}, .stroke = {0, 0, 0, 255}, .width = 2};

static tag cell(int64_t index) {
    return (tag){TAG_CELL, ROLE_INPUT, 0, 0, index};
}

static void draw_everything(display_list *l, const fonts *typefaces) {
    display_list_clear(l, 400, 300, (color){255, 255, 255, 255});
    l->current = cell(1);
    draw_rect(l, (box){10, 10, 50, 50}, 0, blue);
    l->current = cell(2);
    draw_circle(l, (point){100, 100}, 20, blue);
    l->current = cell(3);
    draw_polygon(l, (point[3]){{200, 10}, {260, 10}, {200, 70}}, 3, blue);
    l->current = cell(4);
    draw_line(l, (point){10, 200}, (point){110, 200}, blue);
    l->current = (tag){.kind = TAG_CAPTION};
    draw_text(l, typefaces, (point){300, 150}, ANCHOR_MIDDLE, FACE_WORDS, 20, (color){0, 0, 0, 255}, "caption");
    l->current = cell(5);
    draw_clip(l, (box){300, 200, 50, 50});
    draw_rect(l, (box){280, 180, 100, 100}, 0, blue);
    draw_clip(l, (box){0, 0, 10, 10});
    draw_rect(l, (box){280, 180, 100, 100}, 0, blue);
    draw_unclip(l);
    draw_unclip(l);
    draw_picture(l, (box){0, 250, 20, 20}, (color[4]){{1, 2, 3, 255}, {4, 5, 6, 255}, {7, 8, 9, 255}, {1, 1, 1, 255}},
                 2, 2, false);
}

Test(display_list, points_at_the_topmost_thing) {
    fonts *typefaces;
    cr_assert(fonts_create(&typefaces, NULL));
    display_list l = {0};
    draw_everything(&l, typefaces);
    static const struct {
        float x, y;
        tag_kind kind;
        int64_t index;
    } cases[] = {
        {30, 30, TAG_CELL, 1},   {9, 30, TAG_CELL, -1},    {100, 119, TAG_CELL, 2}, {115, 115, TAG_CELL, -1},
        {210, 20, TAG_CELL, 3},  {250, 60, TAG_CELL, -1},  {60, 202, TAG_CELL, 4},  {60, 206, TAG_CELL, -1},
        {310, 210, TAG_CELL, 5}, {290, 190, TAG_CELL, -1}, {300, 145, TAG_NONE, 0}, {300, 145, TAG_CELL, -1},
        {5, 255, TAG_NONE, 5},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        const item *i = display_list_at(&l, (point){cases[k].x, cases[k].y}, cases[k].kind);
        if (cases[k].index < 0)
            cr_expect_null(i, "case %zu", k);
        else
            cr_expect(i && i->tag.index == cases[k].index, "case %zu", k);
    }
    display_list_destroy(&l);
    fonts_destroy(typefaces);
}

Test(display_list, the_later_of_two_is_on_top) {
    display_list l = {0};
    display_list_clear(&l, 10, 10, (color){0});
    for (int k = 0; k < 3; k++) {
        l.current = cell(k);
        draw_rect(&l, (box){0, 0, 10, 10}, 0, blue);
    }
    cr_assert_eq(display_list_at(&l, (point){5, 5}, TAG_CELL)->tag.index, 2);
    display_list_destroy(&l);
}

/* A list without a polygon has no points to be looked at. */
Test(display_list, words_alone_are_pointed_at) {
    fonts *typefaces;
    cr_assert(fonts_create(&typefaces, NULL));
    display_list l = {0};
    display_list_clear(&l, 200, 40, (color){0});
    for (int64_t k = 0; k < 2; k++) {
        l.current = cell(k);
        draw_text(&l, typefaces, (point){10 + 90 * (float)k, 25}, ANCHOR_LEFT, FACE_WORDS, 20, (color){.a = 1}, "sum");
    }
    const item *i = display_list_at(&l, (point){110, 18}, TAG_NONE);
    cr_expect(i && i->tag.index == 1);
    cr_expect_null(display_list_at(&l, (point){190, 38}, TAG_NONE));
    display_list_destroy(&l);
    fonts_destroy(typefaces);
}

Test(display_list, equal_lists_draw_the_same) {
    fonts *typefaces;
    cr_assert(fonts_create(&typefaces, NULL));
    display_list a = {0}, b = {0};
    draw_everything(&a, typefaces);
    draw_rect(&b, (box){0, 0, 1, 1}, 0, blue); /* clearing forgets it */
    draw_everything(&b, typefaces);
    cr_assert(display_list_equal(&a, &b));
    for (size_t k = 0; k < b.item_count; k++) {
        if (b.items[k].kind == ITEM_UNCLIP) continue;
        float x = b.items[k].box.x;
        b.items[k].box.x += 1;
        cr_assert_not(display_list_equal(&a, &b), "item %zu moved", k);
        b.items[k].box.x = x;
    }
    b.points[1].y += 1;
    cr_assert_not(display_list_equal(&a, &b));
    b.points[1].y -= 1;
    b.text[0] = 'C';
    cr_assert_not(display_list_equal(&a, &b));
    b.text[0] = 'c';
    b.pixels[3].g = 9;
    cr_assert_not(display_list_equal(&a, &b));
    display_list_destroy(&a);
    display_list_destroy(&b);
    fonts_destroy(typefaces);
}

Test(display_list, says_when_memory_ran_out) {
    fonts *typefaces;
    cr_assert(fonts_create(&typefaces, NULL));
    display_list l = {0};
    memory_fail_at(0);
    draw_everything(&l, typefaces);
    cr_assert_not(l.failed);
    long needed = memory_count();
    cr_assert_gt(needed, 3);
    for (long n = 1; n <= needed; n++) {
        display_list_destroy(&l);
        memory_fail_at(n);
        draw_everything(&l, typefaces);
        memory_fail_at(0);
        cr_assert(l.failed, "allocation %ld of %ld", n, needed);
    }
    display_list_destroy(&l);
    fonts_destroy(typefaces);
}
