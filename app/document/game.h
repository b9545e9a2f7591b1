/* Games (assets/games.yaml): the player changes a document until the engine says that the goal is reached. */
#ifndef DOCUMENT_GAME_H
#define DOCUMENT_GAME_H

#include "lesson.h"

typedef enum game_kind {
    GAME_FIND_KERNEL, /* the weights are hidden: make the output equal to the goal's */
    GAME_REACH_SHAPE, /* change parameters until the output has the goal's shape */
    GAME_REACH_FIELD  /* build a stack whose receptive field is `field` wide without holes, with few parameters */
} game_kind;

typedef struct game_round {
    document document; /* what the player begins with */
    document goal; /* FIND_KERNEL: with the secret weights; REACH_SHAPE: one solution; REACH_FIELD: one good solution */
    phrase task;   /* with placeholders of lesson_fill (filled from the player's scene) */
    phrase hint, solved;
    char *keep; /* REACH_SHAPE: names of parameters that must stay as they are, parted by spaces; or NULL */
} game_round;

typedef struct game {
    char *id;
    game_kind kind;
    phrase title, rules;
    game_round *rounds;
    int round_count;
    int64_t field; /* REACH_FIELD */
} game;

typedef struct game_list {
    game *games;
    int count;
} game_list;

bool game_list_load(const char *assets, game_list *list, failure *f);
void game_list_destroy(game_list *list);

/* Where the player stands. */
typedef struct game_state {
    bool solved;
    int64_t matching, total;         /* FIND_KERNEL: output cells that agree already */
    int64_t parameters;              /* REACH_FIELD: of the player's stack */
    int64_t best_parameters;         /* REACH_FIELD: of the goal's */
    int64_t field[CONV_MAX_SPATIAL]; /* REACH_FIELD: the player's, along each axis */
    int64_t holes;                   /* REACH_FIELD: cells inside the field that are not seen */
    const char *remark;              /* one translatable sentence about what is still missing; NULL when solved */
} game_state;

/* `player` is a scene of the player's document; `goal` one of the round's goal. */
bool game_judge(const game *g, int round, scene *player, scene *goal, game_state *state, failure *f);

#endif
