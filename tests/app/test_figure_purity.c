/* A figure depends on its arguments alone. */
#include "shown.h"

TestSuite(figure_purity, .init = shown_begin, .fini = shown_end);

/* A figure depends on its arguments alone: drawn on a fresh scene, and on one that has drawn all others in some order.
 */
Test(figure_purity, is_a_pure_function) {
    static const char *const cases[] = {"nn.Conv2d(2, 2, 3, padding=1)",
                                        "nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1)", "nn.Conv3d(1, 1, 2)",
                                        "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 1, 2))"};
    static const float sizes[][2] = {{640, 480}, {960, 600}, {1280, 720}, {1920, 1080}, {3840, 2160}};
    enum { SIZES = 5, PICTURES = VIEW_COUNT * SIZES };
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        static display_list alone[PICTURES];
        shown all;
        show(&all, cases[n], NULL);
        uint32_t random = 2463534242u + (uint32_t)n;
        for (int round = 0; round < 3; round++)
            for (int k = 0; k < PICTURES; k++) {
                random ^= random << 13, random ^= random >> 17, random ^= random << 5;
                const int which = round == 0 ? k : (int)(random % PICTURES), view = which % VIEW_COUNT,
                          size = which / VIEW_COUNT;
                shown fresh, *v = round == 0 ? &fresh : &all;
                if (round == 0) show(&fresh, cases[n], NULL);
                v->document.view = (view_id)view;
                v->document.style = (style_id)(which % STYLE_COUNT);
                v->set.width = sizes[size][0];
                v->set.height = sizes[size][1];
                v->set.theme = (theme_id)(which % THEME_COUNT);
                v->set.language = (language)(which / 2 % LANGUAGE_COUNT);
                v->set.hover = (tag){.kind = which % 3 ? TAG_NONE : TAG_CELL, .role = ROLE_INPUT, .index = which % 9};
                draw(v, (int64_t)which % v->scene.steps, which % 4 * 0.33);
                if (round) {
                    cr_expect(display_list_equal(&alone[which], &v->list), "%s, view %d, %g wide", cases[n], view,
                              (double)sizes[size][0]);
                    continue;
                }
                alone[which] = fresh.list;
                memset(&fresh.list, 0, sizeof fresh.list);
                hide(&fresh);
            }
        for (int k = 0; k < PICTURES; k++) display_list_destroy(&alone[k]);
        hide(&all);
    }
}

Test(figure_purity, memory_that_runs_out_is_survived) {
    static const view_id views[] = {VIEW_SLIDE, VIEW_MATRIX, VIEW_FIELD, VIEW_COST};
    for (int k = 0; k < 4; k++)
        for (long n = 1; n < 40; n++) {
            shown v;
            failure f = {0};
            show(&v, "nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, output_padding=1)", NULL);
            v.document.view = views[k];
            v.document.zero_insertion = true;
            v.set.moment = (moment){4, 1};
            memory_fail_at(n);
            bool drawn = figure_draw(&v.list, &v.scene, &v.set, &f);
            memory_fail_at(0);
            cr_expect(drawn || f.error.format || v.list.failed, "view %d, allocation %ld", k, n);
            draw(&v, 4, 1); /* and the next frame is whole again */
            hide(&v);
        }
}
