/* Python text to tokens: as much of Python's lexical rules as constructors need. */
#ifndef EXPRESSION_LEXER_H
#define EXPRESSION_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum token_kind {
    TOKEN_END,
    TOKEN_NEWLINE, /* only outside of brackets; ';' too */
    TOKEN_NAME,
    TOKEN_INTEGER,
    TOKEN_REAL,
    TOKEN_TEXT,      /* in quotes; start and length are what stands between them */
    TOKEN_SIGN,      /* a character of punctuation, or one of the pairs below */
    TOKEN_TOO_LARGE, /* a number that does not fit */
    TOKEN_OPEN_TEXT, /* a text without its closing quote */
    TOKEN_STRANGE    /* a character that Python does not know outside of texts */
} token_kind;

enum { SIGN_POWER = 256, SIGN_FLOOR_DIVIDE, SIGN_ARROW };

typedef struct token {
    token_kind kind;
    const char *start;
    size_t length;    /* bytes */
    int line, column; /* from 1; columns in characters */
    int sign;
    int64_t integer;
    double real; /* REAL, and INTEGER as its nearest double */
} token;

typedef struct lexer {
    const char *at;
    int line, column;
    int depth; /* open brackets */
    bool line_start;
} lexer;

void lexer_begin(lexer *l, const char *text);
token lexer_next(lexer *l);

bool token_is(const token *t, const char *name); /* that very name */
bool token_is_sign(const token *t, int sign);

#endif
