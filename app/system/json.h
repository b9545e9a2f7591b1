/* JSON, written piece by piece onto a stream. Numbers are locale-independent; what JSON has no number for (NaN,
 * infinity) becomes null. */
#ifndef SYSTEM_JSON_H
#define SYSTEM_JSON_H

#include "conv/tensor.h"
#include <stdio.h>

enum { JSON_MAX_DEPTH = 32 };

typedef struct json {
    FILE *stream;
    int depth;
    bool filled[JSON_MAX_DEPTH];  /* something stands before, at each depth */
    bool line[JSON_MAX_DEPTH];    /* written on one line */
    char bracket[JSON_MAX_DEPTH]; /* what closes it */
} json;

json json_begin(FILE *stream);
void json_end(json *j); /* the last line break */

/* `key` is the member's name in an object; NULL in an array and at the top. */
void json_object(json *j, const char *key);
void json_array(json *j, const char *key);
void json_line_array(json *j, const char *key); /* all on one line */
void json_close(json *j);                       /* the innermost object or array */

void json_text(json *j, const char *key, const char *text); /* NULL: null */
void json_integer(json *j, const char *key, int64_t value);
void json_real(json *j, const char *key, double value);
void json_bool(json *j, const char *key, bool value);
void json_shape(json *j, const char *key, const conv_shape *shape); /* an array; null when its rank is 0 */

#endif
