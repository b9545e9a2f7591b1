/* What figures remember of a scene: results that take longer than a frame (pictures of tensors, matrices, influence
 * maps, helper runs of the engine). Thrown away when the scene's revision changes. Drawing stays pure: a remembered
 * thing is what would be made again. */
#ifndef FIGURE_RECALL_H
#define FIGURE_RECALL_H

#include "app/document/scene.h"

typedef enum recall_kind {
    RECALL_RANGE,      /* least and largest value of a tensor: a = its address */
    RECALL_PICTURE,    /* scaled pixels of a plane */
    RECALL_READS,      /* how often each input cell is read */
    RECALL_RIM,        /* a transposed convolution before padding cuts it */
    RECALL_PARTIALS,   /* sums of single input channels */
    RECALL_EQUIVALENT, /* zero-insertion and the convolution over it */
    RECALL_MATRIX,
    RECALL_INFLUENCE,
    RECALL_COST,
    RECALL_RUNS,
    RECALL_ARRANGEMENTS, /* how blocks of planes were set */
    RECALL_KIND_COUNT
} recall_kind;

typedef struct recall_key {
    recall_kind kind;
    int part;
    int64_t a, b, c;
} recall_key;

/* What was kept under that key, or NULL. */
void *recall(scene *s, recall_key key);

/* Keeps data (from memory_zeroed or memory_resize) until it is stale or many newer things were kept; then `destroy`
 * gets it (NULL: memory_free). On failure data is destroyed at once. */
bool recall_keep(scene *s, recall_key key, void *data, void (*destroy)(void *));

/* As recall_keep for data without pointers to things of the scene: it can be carried to another scene of the same
 * document. */
bool recall_keep_flat(scene *s, recall_key key, void *data, size_t size);

/* The k-th thing that can be carried, or NULL when there are no more. */
const void *recall_flat(scene *s, int k, recall_key *key, size_t *size);

#endif
