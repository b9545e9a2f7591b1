/* PyTorch constructors as people paste them, to layers.
 *
 *     nn.Conv2d(3, 8, 3, stride=2)              torch.nn., torchvision.ops. or no prefix; positional and named
 * arguments self.conv1 = nn.Conv2d(...)               the layer is called conv1; several such lines are a sequence
 *     nn.Sequential(nn.Conv2d(...), nn.ReLU())  nested ones too, with an OrderedDict, or as print(model) shows them
 *
 * Comments, line breaks, trailing commas and import lines are skipped. Numbers may be products and sums of numbers.
 * What has no effect on the result here (device, dtype, .to(...), .eval()) is noted and ignored. Operations and
 * parameters are those of the engine's table: a new row there needs no change here. */
#ifndef EXPRESSION_EXPRESSION_H
#define EXPRESSION_EXPRESSION_H

#include "app/system/failure.h"
#include "conv/conv.h"

enum { EXPRESSION_MAX_BYTES = 1 << 20, EXPRESSION_MAX_DEPTH = 64 };

/* Something that was accepted and has no effect. */
typedef struct expression_note {
    char name[24]; /* "dtype" */
    int line, column;
} expression_note;

/* Where a layer was written: its constructor, and the arguments that were given (line 0: not given). */
enum { EXPRESSION_MAX_PARAMETERS = 24 };
typedef struct expression_place {
    int line, column;
    struct {
        int line, column;
    } argument[EXPRESSION_MAX_PARAMETERS];
} expression_place;

typedef struct expression {
    conv_layer *layers;       /* owned */
    expression_place *places; /* one for each layer; NULL when they come from a file. Owned */
    int layer_count;
    bool sequential; /* written as a sequence: even a single layer's tensors carry its name in a state_dict ("0.weight")
                      */
    size_t begin, end; /* bytes of the text: from the first statement with a layer to behind the last one */
    bool others;       /* there are statements without a layer: imports, tensors, calls */
    expression_note notes[8];
    int note_count; /* more than fit are dropped */
} expression;

/* Whether an argument is meant as an expression: it has a bracket, and does not begin as a path: "./photo (1).jpg". */
bool expression_looks(const char *text);

/* Reads a text. Everything that PyTorch refuses when the layers are constructed is refused; the failure says where. */
bool expression_read(const char *text, expression *e, failure *f);
void expression_destroy(expression *e);

/* Adds to a failure of the engine about a layer where in the text its cause stands: the argument that the error names,
 * else the constructor. Returns false. */
bool expression_blame(const expression *e, int layer, failure *f);

/* The same for those who want the layers only; they belong to the caller (memory_free). */
bool expression_parse(const char *text, conv_layer **layers, int *count, failure *f);

#endif
