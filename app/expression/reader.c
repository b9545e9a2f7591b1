#include "reader.h"

#include <string.h>

void reader_step(reader *r) {
    r->now = lexer_next(&r->lexer);
}

token reader_peek(const reader *r) {
    lexer ahead = r->lexer;
    return lexer_next(&ahead);
}

char *token_copy(const token *t, char *text, size_t size) {
    size_t length = t->length;
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)t->start[length] & 0xC0) == 0x80) length--;
    }
    memcpy(text, t->start, length);
    text[length] = '\0';
    return text;
}

bool(refuse_unexpected)(reader *r, const char *expected) {
    const token *t = &r->now;
    char found[48];
    token_copy(t, found, sizeof found);
    if (t->kind == TOKEN_OPEN_TEXT) return refuse_token(r, t, N_("this text has no closing quote"), "");
    if (t->kind == TOKEN_END || t->kind == TOKEN_NEWLINE) {
        if (expected) return refuse_token(r, t, N_("the expression ends too early: '{0}' is missing"), "s", expected);
        return refuse_token(r, t, N_("the expression ends too early"), "");
    }
    if (expected) return refuse_token(r, t, N_("'{0}' cannot stand here: '{1}' is missing"), "ss", found, expected);
    return refuse_token(r, t, N_("'{0}' cannot stand here"), "s", found);
}

bool reader_expect(reader *r, int sign) {
    const char expected[2] = {(char)sign, '\0'};
    if (!token_is_sign(&r->now, sign)) return refuse_unexpected(r, expected);
    reader_step(r);
    return true;
}

bool reader_separate(reader *r, int closing) {
    return reader_expect(r, r->now.kind == TOKEN_END ? closing : ',');
}

bool reader_enter(reader *r) {
    if (r->nesting == EXPRESSION_MAX_DEPTH) {
        return refuse_token(r, &r->now, N_("more than {0} brackets lie in each other"), "d",
                            (int64_t)EXPRESSION_MAX_DEPTH);
    }
    r->nesting++;
    return true;
}

void reader_note(reader *r, const token *t) {
    expression *e = r->result;
    if (e->note_count == (int)(sizeof e->notes / sizeof *e->notes)) return;
    expression_note *n = &e->notes[e->note_count++];
    token_copy(t, n->name, sizeof n->name);
    n->line = t->line;
    n->column = t->column;
}
