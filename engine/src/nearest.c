/* The nearest name to a misspelt one. */
#include "conv/operation.h"
#include <string.h>

enum { LONGEST = 64, LETTER = 4 };

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Edit distance (Levenshtein) in quarters of a letter: another case of the same letter costs one. -1 when too long to
 * compare. */
static int distance(const char *a, const char *b) {
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > LONGEST || columns > LONGEST) return -1;
    int line[LONGEST + 1];
    for (size_t j = 0; j <= columns; j++) line[j] = (int)j * LETTER;
    for (size_t i = 1; i <= rows; i++) {
        int diagonal = line[0];
        line[0] = (int)i * LETTER;
        for (size_t j = 1; j <= columns; j++) {
            int swap = a[i - 1] == b[j - 1] ? 0 : lower(a[i - 1]) == lower(b[j - 1]) ? 1 : LETTER;
            int best = least(diagonal + swap, least(line[j], line[j - 1]) + LETTER);
            diagonal = line[j];
            line[j] = best;
        }
    }
    return line[columns];
}

/* Near enough to be meant: fewer changes than about half of its letters. */
static bool near_enough(int quarters, const char *name) {
    return quarters >= 0 && quarters <= LETTER / 2 * (int)strlen(name);
}

const char *conv_op_nearest(const char *name) {
    const char *nearest = NULL;
    int best = 0;
    for (int i = 0; i < conv_op_count(); i++) {
        int d = distance(name, conv_op_at(i)->name);
        if (near_enough(d, conv_op_at(i)->name) && (nearest == NULL || d < best)) {
            best = d;
            nearest = conv_op_at(i)->name;
        }
    }
    return nearest;
}

const char *conv_param_nearest(const conv_op *op, const char *name) {
    const char *nearest = NULL;
    int best = 0;
    for (int i = 0; i < op->param_count; i++) {
        int d = distance(name, op->params[i].name);
        if (near_enough(d, op->params[i].name) && (nearest == NULL || d < best)) {
            best = d;
            nearest = op->params[i].name;
        }
    }
    return nearest;
}
