/* Games and the bug clinic: what is said of them is what the engine says. */
#include "app/document/clinic.h"
#include "app/document/game.h"
#include "app/system/memory.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static conv_engine *engine;

static void open_engine(void) {
    setenv("CONVSCOPE_ASSETS", SOURCE_DIR "/assets", 1);
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
}

static void close_engine(void) {
    conv_engine_destroy(engine);
}

TestSuite(game, .init = open_engine, .fini = close_engine);

static void open_scene(scene *s, const document *d) {
    failure f = {0};
    cr_assert(scene_open(s, d, engine, NULL, &f), "%s", f.error.message);
}

static void expect_filled(const phrase *p, scene *s) {
    for (language l = 0; l < LANGUAGE_COUNT; l++) {
        char text[1024];
        failure f = {0};
        cr_assert(p->text[l] && *p->text[l]);
        cr_expect(lesson_fill(p->text[l], s, (moment){0, 1}, l, text, sizeof text, &f), "%s: %s", p->text[l],
                  f.error.message);
    }
}

Test(game, each_round_begins_unsolved_and_its_goal_solves_it) {
    game_list list;
    failure f = {0};
    cr_assert(game_list_load(SOURCE_DIR "/assets", &list, &f), "%d:%d: %s", f.line, f.column, f.error.message);
    cr_expect_eq(list.count, 3);
    for (int i = 0; i < list.count; i++) {
        const game *g = &list.games[i];
        for (int r = 0; r < g->round_count; r++) {
            scene player, goal;
            game_state state;
            open_scene(&player, &g->rounds[r].document);
            open_scene(&goal, &g->rounds[r].goal);
            cr_assert(game_judge(g, r, &player, &goal, &state, &f), "%s: %s", g->id, f.error.message);
            cr_expect_not(state.solved, "%s %d", g->id, r);
            cr_expect(state.remark);
            expect_filled(&g->rounds[r].task, &player);
            expect_filled(&g->rounds[r].hint, &player);
            cr_assert(game_judge(g, r, &goal, &goal, &state, &f), "%s: %s", g->id, f.error.message);
            cr_expect(state.solved, "%s %d: %s", g->id, r, state.remark);
            cr_expect_null(state.remark);
            expect_filled(&g->rounds[r].solved, &goal);
            scene_close(&player);
            scene_close(&goal);
        }
    }
    game_list_destroy(&list);
}

static game_state judge_stack(const game *g, const char *stack) {
    document d;
    scene player, goal;
    game_state state;
    failure f = {0};
    cr_assert(document_from_expression(&d, stack, &(conv_shape){.rank = 3, .size = {1, 41, 41}}, &f), "%s",
              f.error.message);
    open_scene(&player, &d);
    open_scene(&goal, &g->rounds[0].goal);
    cr_assert(game_judge(g, 0, &player, &goal, &state, &f), "%s", f.error.message);
    scene_close(&player);
    scene_close(&goal);
    document_destroy(&d);
    return state;
}

Test(game, a_field_with_holes_or_of_poolings_does_not_count) {
    game_list list;
    failure f = {0};
    cr_assert(game_list_load(SOURCE_DIR "/assets", &list, &f));
    const game *g = &list.games[2];
    cr_assert_eq(g->kind, GAME_REACH_FIELD);
    game_state leap = judge_stack(g, "nn.Conv2d(1, 1, 2, dilation=30, bias=False)");
    cr_expect_eq(leap.field[0], 31);
    cr_expect_not(leap.solved);
    cr_expect_eq(leap.holes, 31 * 31 - 4);
    game_state pool = judge_stack(g, "nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.MaxPool2d(31))");
    cr_expect_not(pool.solved);
    game_state dense = judge_stack(g, "nn.Conv2d(1, 1, 31, bias=False)");
    cr_expect(dense.solved, "%s", dense.remark);
    cr_expect_eq(dense.parameters, 961);
    cr_expect_eq(dense.best_parameters, 20);
    game_list_destroy(&list);
}

Test(game, a_judge_without_memory_says_so) {
    game_list list;
    scene player;
    failure f = {0};
    cr_assert(game_list_load(SOURCE_DIR "/assets", &list, &f));
    const game *g = &list.games[2];
    open_scene(&player, &g->rounds[0].goal);
    long n = 0;
    for (bool judged = false; !judged;) {
        game_state state;
        failure none = {0};
        memory_fail_at(++n);
        judged = game_judge(g, 0, &player, &player, &state, &none);
        const bool reached = memory_count() >= n;
        memory_fail_at(0);
        cr_expect_neq(judged, reached, "allocation %ld", n);
        if (!judged) cr_expect_str_eq(none.error.message, "there is not enough memory", "allocation %ld", n);
    }
    cr_expect_gt(n, 2, "the holes are counted in memory of their own");
    scene_close(&player);
    game_list_destroy(&list);
}

/* A shape may not be reached by what the task forbids. */
Test(game, barred_ways_do_not_count) {
    static const struct {
        int round;
        const char *way;
        bool fair;
    } ways[] = {
        {0, "nn.Conv2d(1, 1, 15, bias=False)", false},
        {0, "nn.MaxPool2d(2)", false},
        {0, "nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)", true},
        {1, "nn.Conv2d(1, 1, 7, bias=False)", false},
        {1, "nn.Conv2d(1, 1, 3, dilation=3)", true},
        {2, "nn.Upsample(scale_factor=2)", false},
        {2, "nn.ConvTranspose2d(1, 1, 2, stride=2, bias=False)", false},
        {2, "nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, output_padding=1, bias=False)", true},
    };
    game_list list;
    failure f = {0};
    cr_assert(game_list_load(SOURCE_DIR "/assets", &list, &f));
    const game *g = &list.games[1];
    cr_assert_eq(g->kind, GAME_REACH_SHAPE);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const game_round *r = &g->rounds[ways[i].round];
        conv_shape input = r->document.parts[0].input_shape;
        document d;
        scene player, goal;
        game_state state;
        if (strstr(ways[i].way, "Upsample")) input = (conv_shape){.rank = 4, .size = {1, 1, 7, 7}};
        cr_assert(document_from_expression(&d, ways[i].way, &input, &f), "%s", f.error.message);
        open_scene(&player, &d);
        open_scene(&goal, &r->goal);
        cr_assert(game_judge(g, ways[i].round, &player, &goal, &state, &f), "%s", f.error.message);
        cr_expect_eq(state.solved, ways[i].fair, "%s", ways[i].way);
        scene_close(&player);
        scene_close(&goal);
        document_destroy(&d);
    }
    game_list_destroy(&list);
}

Test(game, the_clinic_refuses_each_case_and_mends_it) {
    clinic c;
    failure f = {0};
    cr_assert(clinic_load(SOURCE_DIR "/assets", &c, &f), "%d:%d: %s", f.line, f.column, f.error.message);
    cr_expect_eq(c.count, 10);
    for (int i = 0; i < c.count; i++) {
        failure refusal = {0};
        scene s;
        cr_expect(clinic_refusal(&c.cases[i], &refusal), "%s is not refused", c.cases[i].id);
        cr_expect_gt(strlen(refusal.error.message), 20, "%s: %s", c.cases[i].id, refusal.error.message);
        cr_expect(strstr(c.cases[i].pytorch, "Error: "), "%s: %s", c.cases[i].id, c.cases[i].pytorch);
        open_scene(&s, &c.cases[i].mended);
        expect_filled(&c.cases[i].why, &s);
        scene_close(&s);
        for (int k = 0; k < i; k++) cr_expect_str_neq(c.cases[i].id, c.cases[k].id);
    }
    clinic_destroy(&c);
}
