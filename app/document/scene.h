/* A scene: a document made real by the engine. Numbers on the screen are read from here and nowhere else. */
#ifndef DOCUMENT_SCENE_H
#define DOCUMENT_SCENE_H

#include "document.h"

typedef struct scene_part {
    part shown;   /* what the results below are of */
    char *folder; /* ... and where its files were. Owned */
    conv_network *network;
    int focus;
    const conv_layout *layout; /* of the focus layer */
    conv_plan *plan;
    conv_operands operands;
    const float *input; /* the focus layer's input and full output */
    const float *output;
    float *network_input; /* owned */
    float *state;         /* the output after state_steps steps: scene_state. Owned */
    int64_t state_steps;
    float *stamps;      /* scatter: the sums behind `state`, 0 where nothing landed yet. Owned */
    float *checkpoints; /* scatter: `stamps` at every checkpoint_every steps, as far as it went. Owned */
    int64_t checkpoint_every, checkpoint_count;
    int64_t *written_at; /* scatter, small: the first step that writes each output cell. Owned */
    conv_tap *taps;      /* of one step: scene_taps. Owned */
    int64_t tap_capacity, tap_count, tap_step;
    float result;
} scene_part;

/* One thread works on a scene at a time; several scenes of one document may be open at once. */
typedef struct scene {
    const document *document; /* must outlive the scene; after it changed, call scene_update */
    conv_engine *engine;
    scene_part parts[DOCUMENT_MAX_PARTS];
    int part_count;
    int64_t steps;       /* the largest step count of the parts */
    uint64_t revision;   /* another number after every scene_open and scene_update that changed results */
    void *figure_memory; /* what the figures remember of this scene (pictures, matrices, fields); NULL at first. Stale
                            when its */
    void (*figure_forget)(
        void *); /* revision is not the scene's. scene_close ends with figure_forget(figure_memory), unless NULL */
    char *base, *assets; /* folders of the documents and of the program's data; NULL: none. Owned */
    conv_engine *own;    /* an engine that ends with the scene: the same as `engine`, or NULL. Owned */
} scene;

/* Builds networks, tensors and results. `base` is the folder that relative file names are taken from when the document
 * names none; names that leave it are refused (NULL: the working directory, and then any path is allowed). Everything
 * shown is computed by chain algorithms. */
bool scene_open(scene *s, const document *d, conv_engine *engine, const char *base, failure *f);
void scene_close(scene *s);

/* Brings the results up to date after a change; recomputes as little as it can. On failure the scene still shows the
 * former state. */
bool scene_update(scene *s, failure *f);

/* Whether scene_update would make the input of that part of *d anew, or anything at all. */
bool scene_makes_input(const scene *s, const document *d, int index);
bool scene_shows(const scene *s, const document *d);

/* What was made elsewhere, of the document that *s has by now, takes the place of what *s shows. *made is empty then;
 * its revision stays when it is greater than that of *s. */
void scene_take(scene *s, scene *made);

/* The output after the first `steps` steps (NaN where nothing was written yet; in scatters of more than 65536 output
 * cells 0), of the part of that index, computed by the engine; remembered until another is asked for. After the last
 * step it is the output, bit for bit. */
const float *scene_state(scene *s, int index, int64_t steps, failure *f);

/* The taps of a step, at most SCENE_MAX_TAPS of them; remembered until another step is asked for. */
enum { SCENE_MAX_TAPS = 65536 };
const conv_tap *scene_taps(scene *s, int index, int64_t step, int64_t *count, float *result, failure *f);

#endif
