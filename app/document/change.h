/* Every change of a document is a command, so that all of them can be undone and done again. */
#ifndef DOCUMENT_CHANGE_H
#define DOCUMENT_CHANGE_H

#include "document.h"

typedef enum change_kind {
    CHANGE_EXPRESSION, /* text. Tensors and input shape stay where they still fit; other kinds of layers drop lesson and
                          caption */
    CHANGE_PARAMETER,  /* layer, number: index in op->params; value. in_channels takes the input's channels along */
    CHANGE_INPUT_SHAPE,    /* shape */
    CHANGE_CELL,           /* role, layer, index, real: one number of a tensor */
    CHANGE_CELLS,          /* role, layer, edits, number: how many numbers of a tensor */
    CHANGE_SOURCE,         /* role, layer, source: how a tensor's numbers are made */
    CHANGE_FOCUS,          /* number: the layer whose steps are shown */
    CHANGE_VIEW,           /* number: view_id */
    CHANGE_STYLE,          /* number: style_id */
    CHANGE_LABELS,         /* number: 0, 1 */
    CHANGE_COUNTS,         /* number: 0, 1 */
    CHANGE_ZERO_INSERTION, /* number: 0, 1 */
    CHANGE_SLICES,         /* number: slices_closed, 0 to 100 */
    CHANGE_CURTAIN,        /* number: 0, 1 */
    CHANGE_PIN_OUTPUT,     /* index; -1: none */
    CHANGE_PIN_INPUT,      /* index; -1: none */
    CHANGE_DOCUMENT,       /* document: another one altogether, copied */
    CHANGE_KIND_COUNT
} change_kind;

/* All pointers are borrowed. */
typedef struct change {
    change_kind kind;
    int part, layer;
    role role; /* INPUT, WEIGHT, BIAS, OFFSET, MASK */
    int64_t index, number;
    float real;
    conv_value value;
    conv_shape shape;
    const char *text;
    const tensor_source *source;
    const tensor_edit *edits;
    const document *document;
    uint64_t together; /* changes with the same number (not 0) that follow each other are undone at once: one drag of
                          the mouse */
} change;

/* Does it to a document. On failure the document is as before and *f says why, in words for the reader. */
bool document_change(document *d, const change *c, failure *f);

/* A document with its past. */
typedef struct history {
    document document;
    document *past, *future; /* oldest first; what undo and redo bring back. Owned */
    size_t past_count, past_capacity, future_count, future_capacity;
    uint64_t together; /* of the last change */
    uint64_t revision; /* another number after each change, undo and redo */
} history;

enum { HISTORY_MOST = 500, HISTORY_BYTES = 4 << 20 }; /* older ones are forgotten; the last one never */

/* Takes the document over. */
void history_open(history *h, document *taken);
void history_close(history *h);

/* What is shown now is what was first: nothing is left to undo or to do again. */
void history_begin_here(history *h);

/* Changes the document if `accept` (unless NULL) then agrees: it sees the changed document in place, and when it says
 * no (a result that does not fit in memory) everything is as before. */
bool history_change(history *h, const change *c, bool (*accept)(void *context, failure *f), void *context, failure *f);

/* False when there is nothing to undo or to do again. */
bool history_undo(history *h);
bool history_redo(history *h);

/* The constructor of a list of layers as Python code; "nn.Sequential(...)" for several. The caller frees it; NULL: out
 * of memory. */
char *layers_text(const conv_layer *layers, int count);

#endif
