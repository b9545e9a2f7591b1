#include "game_play.h"
#include "app/document/clinic.h"
#include "app/document/game.h"
#include "app/system/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 48, LABEL_SIZE = 128, TEXT_SIZE = 1400 };

typedef enum row_kind { ROW_HINT, ROW_LINE, ROW_GAMES, ROW_CLINIC, ROW_ROUND, ROW_CASE } row_kind;

typedef struct game_row {
    row_kind kind;
    int game, round; /* CASE: round is its index */
    char label[LABEL_SIZE];
} game_row;

struct game_play {
    game_list games;
    clinic clinic;
    bool solved[ROWS_MOST][ROWS_MOST]; /* by game and round */
    game_row rows[ROWS_MOST];
    int row_count;
    scene goal; /* of the round that was judged last */
    bool goal_open;
    int goal_game, goal_round;
    uint64_t judged; /* the scene's revision */
    char judged_id[64];
};

static void round_id(const game *g, int round, char *text, size_t size) {
    snprintf(text, size, "game:%s:%d", g->id, round + 1);
}

static void case_id(const clinic_case *c, char *text, size_t size) {
    snprintf(text, size, "clinic:%s", c->id);
}

/* The round that the open document is, or none. */
static bool current_round(window_state *w, int *game_index, int *round) {
    const char *id = w->scene_open ? state_document(w)->lesson : NULL;
    if (!id || !w->games || strncmp(id, "game:", 5) != 0) return false;
    for (int g = 0; g < w->games->games.count; g++) {
        for (int r = 0; r < w->games->games.games[g].round_count; r++) {
            char text[64];
            round_id(&w->games->games.games[g], r, text, sizeof text);
            if (strcmp(text, id) != 0) continue;
            *game_index = g;
            *round = r;
            return true;
        }
    }
    return false;
}

static bool read_files(window_state *w, failure *f) {
    if (w->games) return true;
    w->games = memory_zeroed(1, sizeof *w->games);
    if (!w->games) return fail_memory(f);
    if (game_list_load(w->assets, &w->games->games, f) && clinic_load(w->assets, &w->games->clinic, f)) return true;
    game_play_end(w);
    return false;
}

void game_play_end(window_state *w) {
    if (!w->games) return;
    if (w->games->goal_open) scene_close(&w->games->goal);
    game_list_destroy(&w->games->games);
    clinic_destroy(&w->games->clinic);
    memory_free(w->games);
    w->games = NULL;
}

/* ---- the rows ---- */

static void add_row(game_play *p, row_kind kind, int game_index, int round) {
    if (p->row_count < ROWS_MOST)
        p->rows[p->row_count++] = (game_row){.kind = kind, .game = game_index, .round = round};
}

const char *game_play_words(window_state *w, int row, language l, char *text, int size) {
    const game_play *p = w->games;
    const game_row *r = &p->rows[row];
    const game *g = &p->games.games[r->game];
    switch (r->kind) {
    case ROW_HINT:
        snprintf(text, (size_t)size, "%s", tr(l, N_("Show a hint")));
        break;
    case ROW_GAMES:
        snprintf(text, (size_t)size, "%s", tr(l, N_("Games")));
        break;
    case ROW_CLINIC:
        snprintf(text, (size_t)size, "%s", tr(l, N_("Bug clinic")));
        break;
    case ROW_ROUND:
        if (g->round_count > 1)
            snprintf(text, (size_t)size, "%s \xc2\xb7 %d", phrase_text(&g->title, l), r->round + 1);
        else
            snprintf(text, (size_t)size, "%s", phrase_text(&g->title, l));
        break;
    case ROW_CASE:
        snprintf(text, (size_t)size, "%s", phrase_text(&p->clinic.cases[r->round].title, l));
        break;
    default:
        text[0] = 0;
        break;
    }
    return text;
}

int game_play_rows(window_state *w) {
    failure f = {0};
    int g, r;
    if (!read_files(w, &f)) {
        state_failure(w, &f);
        return 0;
    }
    game_play *p = w->games;
    p->row_count = 0;
    if (current_round(w, &g, &r)) {
        add_row(p, ROW_HINT, g, r);
        add_row(p, ROW_LINE, 0, 0);
    }
    add_row(p, ROW_GAMES, 0, 0);
    for (g = 0; g < p->games.count; g++) {
        for (r = 0; r < p->games.games[g].round_count && r < ROWS_MOST; r++) add_row(p, ROW_ROUND, g, r);
    }
    add_row(p, ROW_CLINIC, 0, 0);
    for (int i = 0; i < p->clinic.count; i++) add_row(p, ROW_CASE, 0, i);
    for (int i = 0; i < p->row_count; i++) game_play_words(w, i, w->settings.language, p->rows[i].label, LABEL_SIZE);
    return p->row_count;
}

const char *game_play_label(window_state *w, int row) {
    const game_row *r = &w->games->rows[row];
    return r->kind == ROW_LINE ? NULL : r->label;
}

bool game_play_heading(const window_state *w, int row) {
    const game_row *r = &w->games->rows[row];
    return r->kind == ROW_GAMES || r->kind == ROW_CLINIC;
}

bool game_play_playable(const window_state *w, int row) {
    const game_row *r = &w->games->rows[row];
    return r->kind == ROW_ROUND || r->kind == ROW_CASE;
}

bool game_play_current(window_state *w, int row) {
    const game_row *r = &w->games->rows[row];
    const char *id = w->scene_open ? state_document(w)->lesson : NULL;
    char own[64] = "";
    if (r->kind == ROW_ROUND)
        round_id(&w->games->games.games[r->game], r->round, own, sizeof own);
    else if (r->kind == ROW_CASE)
        case_id(&w->games->clinic.cases[r->round], own, sizeof own);
    return id && own[0] && strcmp(id, own) == 0;
}

bool game_play_solved(const window_state *w, int row) {
    const game_row *r = &w->games->rows[row];
    return r->kind == ROW_ROUND && w->games->solved[r->game][r->round];
}

/* ---- a round ---- */

/* The goal's output as a second operation, so that it can be looked at while the kernel stays hidden. */
static bool show_goal(window_state *w, const document *goal, document *d, failure *f) {
    scene s;
    part *p = &d->parts[d->part_count];
    if (!scene_open(&s, goal, w->engine, NULL, f)) return false;
    const conv_shape shape = s.parts[0].layout->output;
    const int64_t count = conv_shape_count(&shape);
    *p = (part){.input_shape = shape};
    d->part_count++;
    bool ok = part_set_expression(p, "nn.Identity()", f);
    p->goal = true;
    float *numbers = ok ? memory_resize(NULL, (size_t)count, sizeof *numbers) : NULL;
    if (ok && !numbers) ok = fail_memory(f);
    if (ok) {
        memcpy(numbers, s.parts[0].output, (size_t)count * sizeof *numbers);
        p->input = (tensor_source){.kind = SOURCE_NUMBERS, .numbers = numbers, .count = count};
        ok = document_set_text(&p->caption_en, "goal", f) && document_set_text(&p->caption_zh, "目标", f);
    }
    scene_close(&s);
    return ok;
}

static bool open_round(window_state *w, int game_index, int round, failure *f) {
    const game *g = &w->games->games.games[game_index];
    const game_round *r = &g->rounds[round];
    char id[64];
    document d;
    if (!document_copy(&d, &r->document, f)) return false;
    round_id(g, round, id, sizeof id);
    bool ok = document_set_text(&d.lesson, id, f) && document_set_text(&d.title_en, g->title.text[LANGUAGE_EN], f) &&
              document_set_text(&d.title_zh, g->title.text[LANGUAGE_ZH], f) &&
              document_set_text(&d.caption_en, r->task.text[LANGUAGE_EN], f) &&
              document_set_text(&d.caption_zh, r->task.text[LANGUAGE_ZH], f);
    if (ok && g->kind == GAME_FIND_KERNEL) ok = show_goal(w, &r->goal, &d, f);
    ok = ok && state_open_document(w, &d, false, f);
    document_destroy(&d);
    if (ok) state_notice(w, false, phrase_text(&g->rules, w->settings.language));
    return ok;
}

/* ---- a case ---- */

/* Braces mean placeholders in a caption: the refusal's own are doubled. */
static void put_plain(char *to, size_t size, const char *text) {
    size_t used = strlen(to);
    for (; *text && used + 3 < size; text++) {
        if (*text == '{' || *text == '}') to[used++] = *text;
        to[used++] = *text;
    }
    to[used] = 0;
}

/* One line of the caption: its heading, a tab, its words. "`" before them makes them code. */
static void put_row(char *to, size_t size, language l, const char *heading, const char *words, const char *more) {
    if (*to) put_plain(to, size, "\n");
    put_plain(to, size, tr(l, heading));
    put_plain(to, size, "\t");
    put_plain(to, size, words);
    put_plain(to, size, more);
}

/* "(x), x.shape = (4, 3, 28, 28)" */
static void put_call(char *to, size_t size, const conv_shape *input) {
    char shape[96];
    snprintf(to, size, "(x)    x.shape = %s", conv_shape_text(input, shape, (int)sizeof shape));
}

/* What was typed, what PyTorch says to it, what this program says, why, and how it is mended: a line each. */
static void case_caption(const clinic_case *c, language l, char *text, size_t size) {
    const part *mended = &c->mended.parts[0];
    char said[TEXT_SIZE / 2], code[TEXT_SIZE / 2], call[128];
    failure refusal = {0};
    clinic_refusal(c, &refusal);
    *text = 0;
    put_call(call, sizeof call, &c->input);
    snprintf(code, sizeof code, "`%s", c->code);
    put_row(text, size, l, N_("Code"), code, call);
    snprintf(code, sizeof code, "`%s", c->pytorch);
    put_row(text, size, l, N_("PyTorch says"), code, "");
    put_row(text, size, l, N_("Plainly"), failure_text(l, &refusal, said, (int)sizeof said), "");
    put_row(text, size, l, N_("Why"), "", "");
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s", phrase_text(&c->why, l)); /* its placeholders are filled */
    put_call(call, sizeof call, &mended->input_shape);
    snprintf(code, sizeof code, "`%s", mended->expression);
    put_row(text, size, l, N_("Mended"), code, call);
}

static bool open_case(window_state *w, const clinic_case *c, failure *f) {
    document d;
    char captions[LANGUAGE_COUNT][TEXT_SIZE];
    for (language l = 0; l < LANGUAGE_COUNT; l++) case_caption(c, l, captions[l], TEXT_SIZE);
    char id[64];
    case_id(c, id, sizeof id);
    if (!document_copy(&d, &c->mended, f)) return false;
    bool ok = document_set_text(&d.lesson, id, f) && document_set_text(&d.title_en, c->title.text[LANGUAGE_EN], f) &&
              document_set_text(&d.title_zh, c->title.text[LANGUAGE_ZH], f) &&
              document_set_text(&d.caption_en, captions[LANGUAGE_EN], f) &&
              document_set_text(&d.caption_zh, captions[LANGUAGE_ZH], f) && state_open_document(w, &d, true, f);
    document_destroy(&d);
    return ok;
}

void game_play_choose(window_state *w, int row) {
    const game_row *r = &w->games->rows[row];
    failure f = {0};
    bool ok = true;
    if (r->kind == ROW_HINT) {
        state_notice(w, false,
                     phrase_text(&w->games->games.games[r->game].rounds[r->round].hint, w->settings.language));
        w->notice_until += 4;
    } else if (r->kind == ROW_ROUND) {
        ok = open_round(w, r->game, r->round, &f);
    } else if (r->kind == ROW_CASE) {
        ok = open_case(w, &w->games->clinic.cases[r->round], &f);
    }
    if (!ok) state_failure(w, &f);
}

/* ---- judging ---- */

static bool open_goal(window_state *w, int game_index, int round, failure *f) {
    game_play *p = w->games;
    if (p->goal_open && p->goal_game == game_index && p->goal_round == round) return true;
    if (p->goal_open) scene_close(&p->goal);
    p->goal_open = scene_open(&p->goal, &p->games.games[game_index].rounds[round].goal, w->engine, NULL, f);
    p->goal_game = game_index;
    p->goal_round = round;
    return p->goal_open;
}

static void say_progress(window_state *w, const game *g, const game_state *s) {
    char text[NOTICE_SIZE];
    const language l = w->settings.language;
    if (g->kind == GAME_FIND_KERNEL && s->total) {
        tr_format(l, text, (int)sizeof text, N_("{0} of {1} output cells agree."), "dd", s->matching, s->total);
    } else if (g->kind == GAME_REACH_FIELD) {
        tr_format(l, text, (int)sizeof text, N_("Field {0} × {1}, {2} cells of it unseen, {3} parameters."), "dddd",
                  s->field[0], s->field[1], s->holes, s->parameters);
    } else {
        snprintf(text, sizeof text, "%s", say(w, s->remark));
    }
    state_notice(w, false, text);
}

static void say_solved(window_state *w, const game *g, const game_round *r, const game_state *s) {
    char words[NOTICE_SIZE / 2], text[NOTICE_SIZE], best[96] = "";
    const language l = w->settings.language;
    failure f = {0};
    if (!lesson_fill(phrase_text(&r->solved, l), &w->scene, w->play.at, l, words, (int)sizeof words, &f)) words[0] = 0;
    if (g->kind == GAME_REACH_FIELD && s->parameters > s->best_parameters) {
        tr_format(l, best, (int)sizeof best, N_("It can be done with {0}."), "d", s->best_parameters);
    }
    snprintf(text, sizeof text, "%s %s %s", say(w, N_("Solved!")), words, best);
    state_notice(w, false, text);
    w->notice_until += 6;
}

void game_play_tick(window_state *w) {
    int g, r;
    failure f = {0};
    const char *id = w->scene_open ? state_document(w)->lesson : NULL;
    if (!id || strncmp(id, "game:", 5) != 0 || !read_files(w, NULL) || !current_round(w, &g, &r)) return;
    game_play *p = w->games;
    const bool fresh = strcmp(p->judged_id, id) != 0;
    if (!fresh && p->judged == w->scene.revision) return;
    p->judged = w->scene.revision;
    snprintf(p->judged_id, sizeof p->judged_id, "%s", id);
    game_state state;
    if (!open_goal(w, g, r, &f) || !game_judge(&p->games.games[g], r, &w->scene, &p->goal, &state, &f)) {
        state_failure(w, &f);
        return;
    }
    if (state.solved) {
        p->solved[g][r] = true;
        say_solved(w, &p->games.games[g], &p->games.games[g].rounds[r], &state);
    } else if (!fresh) {
        say_progress(w, &p->games.games[g], &state);
    }
}
