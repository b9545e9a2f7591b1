/* The views that count and measure. */
#include "app/system/number.h"
#include "shown.h"

TestSuite(figure_cost, .init = shown_begin, .fini = shown_end);

Test(figure_cost, views_that_measure_show_it_only_when_asked) {
    shown v;
    failure f;
    show(&v, "nn.Conv2d(8, 8, 3, padding=1)", NULL);
    v.document.view = VIEW_COST;
    draw(&v, 0, 0);
    size_t before = v.list.item_count;
    cr_assert(figure_prepare(&v.scene, VIEW_COST, &f));
    draw(&v, 0, 0);
    cr_expect_gt(v.list.item_count, before);
    v.document.view = VIEW_ENGINE;
    draw(&v, 0, 0);
    before = v.list.item_count;
    cr_assert(figure_prepare(&v.scene, VIEW_ENGINE, &f));
    draw(&v, 0, 0);
    cr_expect_gt(v.list.item_count, before);
    shown other; /* carried to another scene it is the same picture */
    show(&other, "nn.Conv2d(8, 8, 3, padding=1)", NULL);
    other.document.view = VIEW_ENGINE;
    cr_assert(figure_carry(&other.scene, &v.scene, &f));
    draw(&other, 0, 0);
    cr_expect(display_list_equal(&v.list, &other.list));
    hide(&other);
    hide(&v);
}

/* Numbers as the cost view writes them: "11,160". */
static bool shows_number(const shown *v, int64_t number) {
    char text[48];
    number_write_grouped(number, text, sizeof text);
    return count_texts(v, TAG_LABEL, ROLE_NONE, text) > 0;
}

Test(figure_cost, a_networks_cost_is_the_sum_of_its_layers) {
    shown v;
    const conv_shape shape = {3, {4, 12, 12}};
    show(&v, "nn.Sequential(nn.Conv2d(4, 8, 3), nn.ReLU(), nn.Conv2d(8, 6, 3), nn.MaxPool2d(2), nn.Conv2d(6, 2, 1))",
         &shape);
    v.document.view = VIEW_COST;
    draw(&v, 0, 1);
    const conv_network *network = v.scene.parts[0].network;
    conv_cost sum = conv_network_cost(network);
    int64_t adds = 0, parameters = 0;
    for (int i = 0; i < conv_network_count(network); i++) {
        const conv_cost *c = &conv_network_layout(network, i)->cost;
        adds += c->multiply_adds;
        parameters += c->parameters;
        if (c->multiply_adds > 0) cr_expect(shows_number(&v, c->multiply_adds), "layer %d", i);
        if (c->multiply_adds > 0) cr_expect(shows_number(&v, c->parameters), "layer %d", i);
    }
    cr_expect_eq(adds, sum.multiply_adds);
    cr_expect_eq(parameters, sum.parameters);
    cr_expect(shows_number(&v, sum.multiply_adds), "the network's multiply-adds");
    cr_expect(shows_number(&v, sum.parameters), "the network's parameters");
    static const char *const names[] = {"the whole", "with depthwise", "layer 1", "layer 3", "layer 5"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, names[i]) + count_texts(&v, TAG_NONE, ROLE_NONE, names[i]),
                     1, "\"%s\" is not said once", names[i]);
    hide(&v);
}

/* Lines across bars, in the colour of the ground. */
static int cuts(const shown *v) {
    const color c = theme_get(v->set.theme)->background;
    int count = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        const color s = t->paint.stroke;
        count += t->kind == ITEM_POLYLINE && s.r == c.r && s.g == c.g && s.b == c.b;
    }
    return count;
}

/* What each layer adds is seen in the whole network's bar, however many layers there are. */
Test(figure_cost, a_networks_bar_is_cut_at_its_layers) {
    for (int layers = 2; layers <= 40; layers += 19) {
        shown v;
        const conv_shape shape = {3, {1, 8, 8}};
        char text[4096];
        int used = snprintf(text, sizeof text, "nn.Sequential(");
        for (int k = 0; k < layers; k++)
            used += snprintf(text + used, sizeof text - (size_t)used, "nn.Conv2d(1, 1, 3, padding=1), nn.ReLU()%s",
                             k + 1 < layers ? ", " : ")");
        show(&v, text, &shape);
        v.document.view = VIEW_COST;
        v.set.width = 2400;
        draw(&v, 0, 1);
        cr_expect_eq(cuts(&v), 2 * (layers - 1), "%d layers: %d cuts in two bars", layers, cuts(&v));
        hide(&v);
    }
}

/* The left end of the only label that says so. */
static float label_left(const shown *v, const char *words) {
    float left = NAN;
    int count = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind != ITEM_TEXT || t->tag.kind != TAG_LABEL || strcmp(v->list.text + t->first, words) != 0) continue;
        left = t->box.x;
        count++;
    }
    cr_expect_eq(count, 1, "%s stands there %d times", words, count);
    return left;
}

/* Beside nn.Conv2d(1, 1, 3) of 9 × 1 × 9 and 9 + 1: each count in its own column, with its multiple of the layer's. */
Test(figure_cost, a_way_in_two_layers_is_compared_in_each_count) {
    shown v;
    show(&v, "nn.Conv2d(1, 1, 3)", NULL);
    v.document.view = VIEW_COST;
    draw(&v, 0, 0);
    const float adds = label_left(&v, "9 × 1 × 9"), parameters = label_left(&v, "9 + 1");
    cr_expect_lt(adds, parameters);
    cr_expect_float_eq(label_left(&v, "45 + 27"), adds, 0.5);
    cr_expect_float_eq(label_left(&v, "3 + 4"), parameters, 0.5);
    const float fewer = label_left(&v, "×0.889"), weights = label_left(&v, "×0.7");
    cr_expect(fewer > adds && fewer < parameters && weights > parameters, "72 of 81 at %g, 7 of 10 at %g",
              (double)fewer, (double)weights);
    hide(&v);
}

/* Few ways use the room that they have, in its middle, and say how their counts come about. */
Test(figure_cost, few_ways_fill_the_stage) {
    static const struct {
        const char *expression, *reckoning, *other;
    } cases[] = {{"nn.Conv2d(1, 1, 3)", "9 × 1 × 9", "45 + 27"},
                 {"nn.ConvTranspose2d(8, 4, 3)", "72 × 4 × 9", "288 + 4"},
                 {"nn.ConvTranspose2d(8, 4, 3, groups=2, bias=False)", "72 × 2 × 9", "144 + 0"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        shown v;
        failure f;
        show(&v, cases[k].expression, k ? &(conv_shape){3, {8, 3, 3}} : NULL);
        v.document.view = VIEW_COST;
        cr_assert(figure_prepare(&v.scene, VIEW_COST, &f));
        draw(&v, 0, 0);
        cr_expect_geq(count_texts(&v, TAG_LABEL, ROLE_NONE, cases[k].reckoning), 1, "%s", cases[k].reckoning);
        cr_expect_geq(count_texts(&v, TAG_LABEL, ROLE_NONE, cases[k].other), 1, "%s", cases[k].other);
        float top = INFINITY, bottom = 0;
        for (size_t i = 0; i < v.list.item_count; i++) {
            const item *t = &v.list.items[i];
            if (t->tag.kind != TAG_LABEL || t->kind != ITEM_RECT) continue;
            top = fminf(top, t->box.y);
            bottom = fmaxf(bottom, t->box.y + t->box.height);
        }
        const float middle = (top + bottom) / 2 / v.set.height;
        cr_expect(middle > 0.42f && middle < 0.68f, "%s: the bars' middle is at %g", cases[k].expression,
                  (double)middle);
        hide(&v);
    }
}

/* Bars beside each other have one unit; one channel is not a range of channels. */
Test(figure_cost, a_tiny_layer_is_told_well) {
    shown v;
    failure f;
    show(&v, "nn.Conv2d(1, 1, 3)", NULL);
    v.document.view = VIEW_ENGINE;
    cr_assert(figure_prepare(&v.scene, VIEW_ENGINE, &f));
    draw(&v, 0, 0);
    cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, "channel 0"), 1);
    cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, "channels 0 to 0"), 0);
    float tile = 0;
    for (size_t i = 0; i < v.list.item_count; i++) {
        const item *t = &v.list.items[i];
        if (t->kind == ITEM_RECT && t->box.x < v.set.width * 0.35f && t->box.height > tile) tile = t->box.height;
    }
    cr_expect_gt(tile, 0.25f * v.set.height, "the tiles fill their side: %g", (double)tile);
    hide(&v);
}

/* A tile says whose it is where no later one lies over it: no name is cut. */
Test(figure_cost, names_of_tiles_lie_free) {
    static const struct {
        const char *expression;
        conv_shape input;
    } cases[] = {{"nn.Conv2d(4, 4, 3, padding=1)", {3, {4, 16, 16}}},
                 {"nn.ConvTranspose2d(2, 2, 3, stride=2)", {3, {2, 6, 6}}},
                 {"nn.Conv2d(16, 16, 3)", {3, {16, 14, 14}}}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        shown v;
        failure f;
        show(&v, cases[k].expression, &cases[k].input);
        v.document.view = VIEW_ENGINE;
        cr_assert(figure_prepare(&v.scene, VIEW_ENGINE, &f));
        for (int n = 0; n < 3; n++) {
            v.set.width = (float)(960 << n);
            v.set.height = v.set.width * 0.6f;
            draw(&v, 0, 0);
            for (size_t i = 0; i < v.list.item_count; i++) {
                const item *t = &v.list.items[i];
                if (t->kind != ITEM_TEXT || t->face != FACE_WORDS_BOLD || strncmp(v.list.text + t->first, "thread ", 7))
                    continue;
                const box b = item_bounds(&v.list, t);
                for (size_t j = i + 1; j < v.list.item_count; j++) {
                    const item *over = &v.list.items[j];
                    cr_expect(over->kind != ITEM_RECT || over->paint.fill.a == 0 || over->box.x > b.x + b.width ||
                                  over->box.x + over->box.width < b.x || over->box.y > b.y + b.height ||
                                  over->box.y + over->box.height < b.y,
                              "%s: something lies over a thread's name", cases[k].expression);
                }
            }
        }
        hide(&v);
    }
}

/* Operations with more tensors than a weight and a bias are measured like all others. */
Test(figure_cost, whatever_can_be_run_is_measured) {
    static const char *const expressions[] = {"torchvision.ops.DeformConv2d(1, 1, 3)", "nn.BatchNorm2d(2)",
                                              "nn.Conv2d(1, 1, 3)", "nn.Unfold(2)"};
    const color bar = theme_get(THEME_LIGHT)->roles[ROLE_OUTPUT].strong;
    for (size_t k = 0; k < sizeof expressions / sizeof *expressions; k++) {
        shown v;
        failure f = {0};
        int bars = 0;
        show(&v, expressions[k], NULL);
        v.document.view = VIEW_COST;
        cr_assert(figure_prepare(&v.scene, VIEW_COST, &f), "%s", f.error.message);
        draw(&v, 0, 1);
        for (size_t i = 0; i < v.list.item_count; i++)
            bars += v.list.items[i].kind == ITEM_RECT && !memcmp(&v.list.items[i].paint.fill, &bar, sizeof bar);
        cr_expect_eq(bars, 1, "%s: %d bars of time", expressions[k], bars);
        hide(&v);
    }
}

/* The tiles of a run cover all places that there are: an unfolding's are its windows, not the columns it writes. */
Test(figure_cost, tiles_cover_the_grid) {
    static const char *const expressions[] = {"nn.Unfold(2)", "nn.Fold((3, 4), 2)", "nn.Conv2d(1, 1, 3)",
                                              "nn.ConvTranspose2d(1, 1, 3, stride=2)", "nn.Conv1d(1, 1, 3)"};
    const color line = theme_get(THEME_LIGHT)->roles[ROLE_OUTPUT].line;
    for (size_t k = 0; k < sizeof expressions / sizeof *expressions; k++) {
        shown v;
        failure f = {0};
        box grid = {0}, tiles = {INFINITY, INFINITY, -INFINITY, -INFINITY}; /* of tiles: their corners */
        show(&v, expressions[k], NULL);
        v.document.view = VIEW_ENGINE;
        cr_assert(figure_prepare(&v.scene, VIEW_ENGINE, &f), "%s", f.error.message);
        draw(&v, 0, 1);
        for (size_t i = 0; i < v.list.item_count; i++) {
            const item *t = &v.list.items[i];
            if (t->kind != ITEM_RECT || (grid.width > 0 && t->box.x + t->box.width > grid.x + grid.width + 1)) continue;
            if (!memcmp(&t->paint.stroke, &line, sizeof line)) {
                grid = t->box;
            } else if (grid.width > 0) {
                tiles.x = fminf(tiles.x, t->box.x), tiles.y = fminf(tiles.y, t->box.y);
                tiles.width = fmaxf(tiles.width, t->box.x + t->box.width);
                tiles.height = fmaxf(tiles.height, t->box.y + t->box.height);
            }
        }
        cr_assert_gt(grid.width, 0, "%s", expressions[k]);
        cr_expect(fabsf(tiles.x - grid.x) < 1 && fabsf(tiles.y - grid.y) < 1 &&
                      fabsf(tiles.width - grid.x - grid.width) < 1 && fabsf(tiles.height - grid.y - grid.height) < 1,
                  "%s: tiles to (%g, %g), the grid to (%g, %g)", expressions[k], (double)tiles.width,
                  (double)tiles.height, (double)(grid.x + grid.width), (double)(grid.y + grid.height));
        hide(&v);
    }
}
