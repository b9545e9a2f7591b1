/* The parser's state, shared by its parts: values, and what they are arguments of. */
#ifndef EXPRESSION_READER_H
#define EXPRESSION_READER_H

#include "app/language/language.h"
#include "expression.h"
#include "lexer.h"

typedef struct reader {
    lexer lexer;
    token now; /* the token under consideration */
    int nesting;
    expression *result;
    size_t layer_capacity, place_capacity;
    failure *failure;
} reader;

void reader_step(reader *r);        /* to the next token */
token reader_peek(const reader *r); /* the one after `now` */

/* Fails at a token. Arguments after it as fail's. */
#define refuse_token(r, t, ...) (fail((r)->failure, __VA_ARGS__), fail_at((r)->failure, (t)->line, (t)->column))

/* A token as text, cut to fit an error's argument. Returns text. */
char *token_copy(const token *t, char *text, size_t size);

/* Fails for a token that cannot stand here; `expected` is what could, as Python writes it, or NULL. */
bool refuse_unexpected(reader *r, const char *expected);
#define refuse_unexpected(r, expected) failure_false((refuse_unexpected)(r, expected))

/* Steps over that sign, or fails. */
bool reader_expect(reader *r, int sign);

/* Steps over the comma between two items. Where the text ends instead, it is `closing` that is missing. */
bool reader_separate(reader *r, int closing);

/* Enters one more bracket; fails when there are too many. Undone by r->nesting--. */
bool reader_enter(reader *r);

/* Reads a value for a parameter of that type. */
bool value_read(reader *r, const conv_param *param, conv_value *value);

/* Skips a value of any kind: to the ',' or closing bracket that ends it. */
bool value_skip(reader *r);

/* Keeps a remark on something that has no effect. */
void reader_note(reader *r, const token *t);

/* The arguments of an operation: `now` is behind the '('. Steps over the ')'. */
bool arguments_read(reader *r, const conv_op *op, conv_spec *spec, const token *constructor, expression_place *place);

/* A dotted name. */
enum { MAX_PATH_PARTS = 8 };
typedef struct path {
    token part[MAX_PATH_PARTS];
    int count;
} path;

bool path_read(reader *r, path *p);

/* The name of a part of a module: "features" and "0" give "features.0". */
bool name_join(reader *r, const char *prefix, const char *part, char *name, const token *at);

/* A constructor whose dotted name has been read; and the parts of a sequence up to `closing`, which is stepped over. */
bool constructor_read(reader *r, const path *p, const char *name);
bool parts_read(reader *r, const char *prefix, int closing);

#endif
