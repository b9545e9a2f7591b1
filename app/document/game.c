#include "game.h"

#include "app/system/file.h"
#include "app/system/memory.h"
#include "document_yaml.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { GAMES_MAX_BYTES = 1 << 20, GAMES_MOST = 64, ROUNDS_MOST = 64 };

static const char *const kind_names[] = {"find-kernel", "reach-shape", "reach-field", NULL};

static void game_destroy(game *g) {
    memory_free(g->id);
    phrase_destroy(&g->title);
    phrase_destroy(&g->rules);
    for (int i = 0; i < g->round_count; i++) {
        game_round *r = &g->rounds[i];
        document_destroy(&r->document);
        document_destroy(&r->goal);
        phrase_destroy(&r->task);
        phrase_destroy(&r->hint);
        phrase_destroy(&r->solved);
        memory_free(r->keep);
    }
    memory_free(g->rounds);
}

void game_list_destroy(game_list *list) {
    for (int i = 0; i < list->count; i++) game_destroy(&list->games[i]);
    memory_free(list->games);
    *list = (game_list){0};
}

/* ---- what a round may forbid to change ---- */

typedef struct kept {
    const char *name;
    size_t offset, count; /* int64_t numbers in conv_spec */
} kept;

static const kept keepable[] = {{"kernel_size", offsetof(conv_spec, kernel_size), CONV_MAX_SPATIAL},
                                {"stride", offsetof(conv_spec, stride), CONV_MAX_SPATIAL},
                                {"padding", offsetof(conv_spec, padding), CONV_MAX_SPATIAL},
                                {"dilation", offsetof(conv_spec, dilation), CONV_MAX_SPATIAL}};

static const kept *find_kept(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof keepable / sizeof *keepable; i++) {
        if (strlen(keepable[i].name) == length && strncmp(keepable[i].name, name, length) == 0) return &keepable[i];
    }
    return NULL;
}

static bool keeps(const conv_spec *player, const conv_spec *begun, const char *names) {
    for (const char *name = names; name && *name;) {
        const size_t length = strcspn(name, " ");
        const kept *k = find_kept(name, length);
        if (k &&
            memcmp((const char *)player + k->offset, (const char *)begun + k->offset, k->count * sizeof(int64_t)) != 0)
            return false;
        name += length + strspn(name + length, " ");
    }
    return true;
}

/* ---- reading ---- */

static const yaml_key round_keys[] = {
    {.name = "task", .kind = YAML_PHRASE, .offset = offsetof(game_round, task), .required = true},
    {.name = "hint", .kind = YAML_PHRASE, .offset = offsetof(game_round, hint), .required = true},
    {.name = "solved", .kind = YAML_PHRASE, .offset = offsetof(game_round, solved), .required = true},
    {.name = "keep", .kind = YAML_TEXT, .offset = offsetof(game_round, keep)},
    {.name = "goal", .kind = YAML_IGNORE, .required = true},
    {0}};

/* The goal is the player's document with what the goal says put in. */
static bool names_known(const yaml_tree *t, yaml_value v, const char *keep, failure *f) {
    for (const char *name = keep; name && *name;) {
        const size_t length = strcspn(name, " ");
        if (!find_kept(name, length)) {
            return yaml_fail(t, yaml_find(t, v, "keep"), f, N_("there is no parameter \"{0}\" to keep"), "s", name);
        }
        name += length + strspn(name + length, " ");
    }
    return true;
}

static bool read_round(const yaml_tree *t, yaml_value v, game_round *r, failure *f) {
    const yaml_map map = {round_keys, r};
    document_init(&r->document);
    document_init(&r->goal);
    if (!document_read_keys(t, v, &r->document, &map, 1, f) || !names_known(t, v, r->keep, f)) return false;
    if (!document_copy(&r->goal, &r->document, f)) {
        document_init(&r->goal);
        return false;
    }
    return document_read_keys(t, yaml_find(t, v, "goal"), &r->goal, NULL, 0, f);
}

static bool read_rounds(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    game *g = into;
    if (!yaml_expect_list(t, v, f)) return false;
    const int count = yaml_count(v);
    if (count < 1 || count > ROUNDS_MOST)
        return yaml_fail(t, v, f, N_("a game has 1 to {0} rounds"), "d", (int64_t)ROUNDS_MOST);
    g->rounds = memory_zeroed((size_t)count, sizeof *g->rounds);
    if (!g->rounds) return fail_memory(f);
    for (int i = 0; i < count; i++) {
        g->round_count = i + 1;
        if (!read_round(t, yaml_item(t, v, i), &g->rounds[i], f)) return false;
    }
    return true;
}

static const yaml_key game_keys[] = {
    {.name = "id", .kind = YAML_TEXT, .offset = offsetof(game, id), .required = true},
    {.name = "kind", .kind = YAML_CHOICE, .offset = offsetof(game, kind), .choices = kind_names, .required = true},
    {.name = "title", .kind = YAML_PHRASE, .offset = offsetof(game, title), .required = true},
    {.name = "rules", .kind = YAML_PHRASE, .offset = offsetof(game, rules), .required = true},
    {.name = "field", .kind = YAML_INTEGER, .offset = offsetof(game, field)},
    {.name = "rounds", .kind = YAML_CUSTOM, .read = read_rounds, .required = true},
    {0}};

static bool read_games(const yaml_tree *t, yaml_value root, game_list *list, failure *f) {
    if (!yaml_expect_list(t, root, f)) return false;
    const int count = yaml_count(root);
    if (count < 1 || count > GAMES_MOST)
        return yaml_fail(t, root, f, N_("there can be 1 to {0} games"), "d", (int64_t)GAMES_MOST);
    list->games = memory_zeroed((size_t)count, sizeof *list->games);
    if (!list->games) return fail_memory(f);
    for (int i = 0; i < count; i++) {
        list->count = i + 1;
        const yaml_map map = {game_keys, &list->games[i]};
        if (!yaml_read_maps(t, yaml_item(t, root, i), &map, 1, NULL, NULL, f)) return false;
    }
    return true;
}

bool game_list_load(const char *assets, game_list *list, failure *f) {
    *list = (game_list){0};
    char path[PATH_MAX], *text;
    size_t size;
    yaml_tree tree;
    if (snprintf(path, sizeof path, "%s/games.yaml", assets) >= (int)sizeof path)
        return fail(f, N_("there is no folder {0}"), "s", assets);
    if (!file_load(path, GAMES_MAX_BYTES, &text, &size, f)) return false;
    bool ok = yaml_tree_read(&tree, text, size, path, f);
    memory_free(text);
    if (!ok) return false;
    tree.base = tree.assets = assets;
    yaml_value root = yaml_root(&tree);
    ok = (root || fail(f, N_("the file is empty"), "")) && read_games(&tree, root, list, f);
    yaml_tree_destroy(&tree);
    if (!ok) game_list_destroy(list);
    return ok;
}

/* ---- judging ---- */

static void judge_kernel(const scene_part *p, const scene_part *goal, game_state *state) {
    const conv_shape *shape = &goal->layout->output;
    state->total = conv_shape_count(shape);
    if (!conv_shape_equal(&p->layout->output, shape)) {
        state->remark = N_("The output has another shape: change weights only.");
        return;
    }
    for (int64_t i = 0; i < state->total; i++) state->matching += p->output[i] == goal->output[i];
    state->solved = state->matching == state->total;
    if (!state->solved) state->remark = N_("Some output cells still differ from the goal.");
}

static void judge_shape(const game_round *r, const scene_part *p, const scene_part *goal, game_state *state) {
    const bool same_input = conv_shape_equal(&p->layout->input[0], &goal->layout->input[0]);
    const conv_spec *begun = &r->document.parts[0].layers[0].spec;
    const bool fair = conv_network_count(p->network) == 1 && p->layout->spec.op == begun->op &&
                      p->layout->spec.padding_kind == begun->padding_kind && keeps(&p->layout->spec, begun, r->keep);
    state->solved = same_input && fair && conv_shape_equal(&p->layout->output, &goal->layout->output);
    if (!same_input)
        state->remark = N_("The input must stay as it was.");
    else if (!fair)
        state->remark = N_("This way is barred in this round: read the task again.");
    else if (!state->solved)
        state->remark = N_("The output does not have the wanted shape yet.");
}

/* Cells inside the field of the output in the middle that no path reaches. With all weights 1 the gradient counts the
 * paths: it is never negative. */
static bool count_holes(scene *s, const scene_part *p, int64_t *holes, failure *f) {
    const int count = conv_network_count(p->network), last = count - 1;
    const conv_layout *out = conv_network_layout(p->network, last);
    const int64_t outputs = conv_shape_count(&out->output), inputs = conv_shape_count(&p->shown.input_shape);
    conv_network *paths = NULL;
    conv_error error;
    float *numbers = memory_resize(NULL, (size_t)(outputs + 2 * inputs), sizeof *numbers);
    if (!numbers) return fail_memory(f);
    float *gradient = numbers, *input = numbers + outputs, *seen = input + inputs;
    conv_status status =
        conv_network_create(s->engine, p->shown.layers, p->shown.layer_count, &p->shown.input_shape, &paths, &error);
    for (int i = 0; status == CONV_OK && i < count; i++) {
        const conv_layout *l = conv_network_layout(paths, i);
        const int64_t weights = l->weight.rank ? conv_shape_count(&l->weight) : 0,
                      biases = l->bias.rank ? conv_shape_count(&l->bias) : 0;
        if (weights == 0) continue;
        float *ones = memory_resize(NULL, (size_t)(weights + biases), sizeof *ones);
        if (!ones) {
            status = CONV_NO_MEMORY;
            break;
        }
        for (int64_t k = 0; k < weights + biases; k++) ones[k] = k < weights ? 1 : 0;
        const conv_operands operands = {.weight = ones, .bias = biases ? ones + weights : NULL};
        status = conv_network_set_weights(paths, i, &operands, &error);
        memory_free(ones);
    }
    for (int64_t i = 0; i < inputs; i++) input[i] = 1;
    for (int64_t i = 0; i < outputs; i++) gradient[i] = 0;
    int64_t middle[CONV_MAX_DIMS] = {0};
    for (int a = out->output.rank - out->dims; a < out->output.rank; a++) middle[a] = out->output.size[a] / 2;
    gradient[conv_shape_index(&out->output, middle)] = 1;
    if (status == CONV_OK) status = conv_network_run(paths, input, NULL, &error);
    if (status == CONV_OK) status = conv_network_backward(paths, last, gradient, seen, &error);
    int64_t first[CONV_MAX_SPATIAL], end[CONV_MAX_SPATIAL], expected = 1, reached = 0;
    const int64_t *spatial = middle + out->output.rank - out->dims;
    if (status == CONV_OK) status = conv_network_reach(paths, last, spatial, first, end, &error);
    if (status == CONV_OK) {
        for (int a = 0; a < out->dims; a++) expected *= end[a] - first[a] + 1;
        for (int64_t i = 0; i < inputs; i++) reached += seen[i] > 0;
        *holes = expected - reached;
    }
    conv_network_destroy(paths);
    memory_free(numbers);
    if (status == CONV_NO_MEMORY) return fail_memory(f); /* ours leaves no words in `error` */
    return status == CONV_OK || fail_engine(f, &error);
}

static bool judge_field(const game *g, scene *player, scene *goal, game_state *state, failure *f) {
    const scene_part *p = &player->parts[0];
    const int last = conv_network_count(p->network) - 1;
    const conv_layout *l = conv_network_layout(p->network, last);
    state->parameters = conv_network_cost(p->network).parameters;
    state->best_parameters = conv_network_cost(goal->parts[0].network).parameters;
    bool wide = l->dims == 2;
    for (int a = 0; a < l->dims; a++) {
        conv_field field;
        conv_error error;
        if (conv_network_field(p->network, last, a, &field, &error) != CONV_OK) return fail_engine(f, &error);
        state->field[a] = field.size;
        wide = wide && field.size == g->field;
    }
    bool convolutions = true;
    for (int i = 0; i <= last; i++)
        convolutions = convolutions && conv_network_layout(p->network, i)->spec.op->kind == CONV_CONV;
    if (!convolutions) {
        state->remark = N_("Only convolutions count in this game.");
        return true;
    }
    if (!count_holes(player, p, &state->holes, f)) return false;
    state->solved = wide && state->holes == 0;
    if (!wide)
        state->remark = N_("The receptive field does not have the wanted size yet.");
    else if (state->holes)
        state->remark = N_("The field has holes: some cells inside it are never seen.");
    return true;
}

bool game_judge(const game *g, int round, scene *player, scene *goal, game_state *state, failure *f) {
    *state = (game_state){0};
    if (round < 0 || round >= g->round_count) return fail(f, N_("there is no round {0}"), "d", (int64_t)round);
    switch (g->kind) {
    case GAME_FIND_KERNEL:
        judge_kernel(&player->parts[0], &goal->parts[0], state);
        return true;
    case GAME_REACH_SHAPE:
        judge_shape(&g->rounds[round], &player->parts[0], &goal->parts[0], state);
        return true;
    case GAME_REACH_FIELD:
        return judge_field(g, player, goal, state, f);
    }
    return true;
}
