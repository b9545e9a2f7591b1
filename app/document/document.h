/* The document: the whole state of a scene, as plain data. Every change is a command that can be undone (change.h);
 * a lesson page, a saved scene and the autosave are a document as text (scene_text.h). It holds no engine objects: see
 * scene.h. */
#ifndef DOCUMENT_DOCUMENT_H
#define DOCUMENT_DOCUMENT_H

#include "app/figure/theme.h"
#include "app/language/language.h"
#include "app/system/failure.h"
#include "conv/conv.h"

typedef enum view_id { VIEW_SLIDE, VIEW_MATRIX, VIEW_FIELD, VIEW_COST, VIEW_ENGINE, VIEW_COUNT } view_id;
typedef enum style_id { STYLE_FLAT, STYLE_ISOMETRIC, STYLE_COUNT } style_id;

/* How a tensor's numbers are made: by a named generator or from literal numbers, then single edits on top. Kept as
 * such, so that a scene stays a few lines of text. */
typedef enum source_kind {
    SOURCE_DEFAULT, /* small integers from the seed that show the operation */
    SOURCE_RAMP,
    SOURCE_IMPULSE,
    SOURCE_CHECKERBOARD,
    SOURCE_RANDOM,
    SOURCE_DIGIT,
    SOURCE_CONSTANT,
    SOURCE_PICTURE, /* a file, or a sample in assets/pictures */
    SOURCE_FILE,    /* .npy or .npz */
    SOURCE_KERNEL,  /* a named image kernel: identity, box, gaussian, sharpen, sobel-x, ... (weights only) */
    SOURCE_NUMBERS  /* literal */
} source_kind;

typedef struct tensor_edit {
    int64_t index;
    float value;
} tensor_edit;

typedef struct tensor_source {
    source_kind kind;
    uint64_t seed;
    double value;   /* CONSTANT; DIGIT: which */
    char *name;     /* PICTURE, FILE: path; KERNEL: name. Owned */
    bool colour;    /* PICTURE: RGB instead of grey */
    float *numbers; /* NUMBERS: count of them. Owned */
    int64_t count;
    tensor_edit *edits; /* in order. Owned */
    size_t edit_count, edit_capacity;
} tensor_source;

enum { DOCUMENT_MAX_PARTS = 4 };

/* One operation or network with its tensors. */
typedef struct part {
    char *expression;   /* as typed. Owned */
    conv_layer *layers; /* what it says. Owned */
    int layer_count;
    int focus; /* the layer whose steps are shown */
    conv_shape input_shape;
    bool goal; /* of a game: its numbers are there to be reached, and stand alone */
    tensor_source input;
    tensor_source *weights, *biases, *offsets, *masks; /* one for each layer. Owned */
    char *caption_en, *caption_zh;                     /* a short label over the part, or NULL */
    char *tokens_en, *tokens_zh; /* words of a text, parted by spaces: they stand along its length; or NULL. Owned */
} part;

typedef struct document {
    part parts[DOCUMENT_MAX_PARTS]; /* side by side; their steps run together */
    int part_count;
    view_id view;
    style_id style;
    bool labels; /* symbols for numbers */
    bool counts; /* overlap counts, reads */
    /* Isometric volumes, percent: 0 their slices stand apart, 100 they lie together as one block. */
    int64_t slices_closed;
    bool zero_insertion;                 /* transposed: the equivalent convolution beside it */
    bool blank_output, answers;          /* worksheet, and its key */
    bool curtain;                        /* the result is hidden until asked for */
    int64_t pinned_output, pinned_input; /* a cell whose field is marked; -1: none */
    int64_t pinned_weight;               /* a weight that asks to be dragged; -1: none */
    int64_t first_step, last_step;       /* the range that plays; last_step -1: to the end */
    char *title_en, *title_zh; /* heading and caption of the stage, or NULL. May hold placeholders {out_h}, {macs}, ...:
                                  see lesson.h. Owned */
    char *caption_en, *caption_zh;
    char *lesson; /* the lesson's id, or NULL. Owned */
    int page;
    char *folder; /* that relative file names are taken from, and that they may not leave; NULL: the scene's own. Not
                     part of the text: it comes with the file. Owned */
} document;

void document_init(document *d); /* empty */
void document_destroy(document *d);
bool document_copy(document *to, const document *from, failure *f); /* `to` is uninitialised before */

/* Bytes that it takes, all that it owns counted. */
size_t document_size(const document *d);

/* Their parts, for those who change documents. Copies are deep; `to` is uninitialised before, and safe to destroy after
 * a failure. */
bool tensor_source_copy(tensor_source *to, const tensor_source *from, failure *f);
void tensor_source_destroy(tensor_source *s); /* afterwards it is SOURCE_DEFAULT */
bool part_copy(part *to, const part *from, failure *f);
void part_destroy(part *p);

/* Sets one number of a tensor on top of its source; a second edit of one place replaces the first. */
bool tensor_source_edit(tensor_source *s, int64_t index, float value, failure *f);

void document_unpin(document *d);    /* no cell is held */
void document_play_all(document *d); /* every step, not a lesson page's range */

/* Replaces a text that is owned (NULL: none). */
bool document_set_text(char **owned, const char *text, failure *f);

/* Puts another expression in: parses it, and keeps the sources of the tensors of layers that stay (by place). On
 * failure the part is as before. The input's shape is untouched: see part_fit_input. */
bool part_set_expression(part *p, const char *text, failure *f);

/* Puts layers in that were read elsewhere (a network file); takes them over, also on failure. */
bool part_set_layers(part *p, const char *text, conv_layer *layers, int layer_count, failure *f);

/* Checks that the layers take the input's shape. When they do not, or when it has rank 0: chooses a small one that
 * shows the operation (at least nine steps), if `choose`; else the failure says why. */
bool part_fit_input(part *p, bool choose, failure *f);

/* The layouts of all layers for the input's shape; *layouts belongs to the caller (memory_free). */
bool part_layouts(const part *p, conv_layout **layouts, failure *f);

/* The layer that a viewer wants to see first: the first one with weights, else the first. */
int part_natural_focus(const part *p);

/* A document of one expression with default tensors: shape {rank 0} chooses a small input that shows the operation (at
 * least nine steps). */
bool document_from_expression(document *d, const char *text, const conv_shape *input, failure *f);

#endif
