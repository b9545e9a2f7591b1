/* The document: the whole state of a scene, as plain data. Every change is a command that can be undone (change.h);
 * a lesson page, a saved scene and the autosave are a document as text (scene_text.h). It holds no engine objects: see scene.h. */
#ifndef DOCUMENT_DOCUMENT_H
#define DOCUMENT_DOCUMENT_H

#include "app/figure/theme.h"
#include "app/language/language.h"
#include "app/system/failure.h"
#include "conv/conv.h"

typedef enum view_id { VIEW_SLIDE, VIEW_MATRIX, VIEW_FIELD, VIEW_COST, VIEW_ENGINE, VIEW_COUNT } view_id;
typedef enum style_id { STYLE_FLAT, STYLE_ISOMETRIC, STYLE_COUNT } style_id;

/* How a tensor's numbers are made: by a named generator or from literal numbers, then single edits on top. Kept as such, so that
 * a scene stays a few lines of text. */
typedef enum source_kind {
    SOURCE_DEFAULT,      /* small integers from the seed that show the operation */
    SOURCE_RAMP, SOURCE_IMPULSE, SOURCE_CHECKERBOARD, SOURCE_RANDOM, SOURCE_DIGIT, SOURCE_CONSTANT,
    SOURCE_PICTURE,      /* a file, or a sample in assets/pictures */
    SOURCE_FILE,         /* .npy or .npz */
    SOURCE_KERNEL,       /* a named image kernel: identity, box, gaussian, sharpen, sobel-x, ... (weights only) */
    SOURCE_NUMBERS       /* literal */
} source_kind;

typedef struct tensor_edit { int64_t index; float value; } tensor_edit;

typedef struct tensor_source {
    source_kind kind;
    uint64_t seed;
    double value;        /* CONSTANT; DIGIT: which */
    char *name;          /* PICTURE, FILE: path; KERNEL: name. Owned */
    bool colour;         /* PICTURE: RGB instead of grey */
    float *numbers;      /* NUMBERS: count of them. Owned */
    int64_t count;
    tensor_edit *edits;  /* in order. Owned */
    size_t edit_count, edit_capacity;
} tensor_source;

enum { DOCUMENT_MAX_PARTS = 4 };

/* One operation or network with its tensors. */
typedef struct part {
    char *expression;             /* as typed. Owned */
    conv_layer *layers;           /* what it says. Owned */
    int layer_count;
    int focus;                    /* the layer whose steps are shown */
    conv_shape input_shape;
    tensor_source input;
    tensor_source *weights, *biases, *offsets, *masks; /* one for each layer. Owned */
    char *caption_en, *caption_zh; /* a short label over the part, or NULL */
} part;

typedef struct document {
    part parts[DOCUMENT_MAX_PARTS]; /* side by side; their steps run together */
    int part_count;
    view_id view;
    style_id style;
    bool labels;                  /* symbols for numbers */
    bool counts;                  /* overlap counts, reads */
    bool zero_insertion;          /* transposed: the equivalent convolution beside it */
    bool blank_output, answers;   /* worksheet, and its key */
    bool curtain;                 /* the result is hidden until asked for */
    int64_t pinned_output, pinned_input; /* a cell whose field is marked; -1: none */
    int64_t first_step, last_step; /* the range that plays; last_step -1: to the end */
    char *title_en, *title_zh;    /* heading and caption of the stage, or NULL. May hold placeholders {out_h}, {macs}, ...: see lesson.h. Owned */
    char *caption_en, *caption_zh;
    char *lesson;                 /* the lesson's id, or NULL. Owned */
    int page;
} document;

void document_init(document *d);            /* empty */
void document_destroy(document *d);
bool document_copy(document *to, const document *from, failure *f); /* `to` is uninitialised before */

/* A document of one expression with default tensors: shape {rank 0} chooses a small input that shows the operation (at least nine steps). */
bool document_from_expression(document *d, const char *expression, const conv_shape *input, failure *f);

#endif
