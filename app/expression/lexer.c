#include "lexer.h"

#include "app/system/number.h"

#include <math.h>
#include <string.h>

void lexer_begin(lexer *l, const char *text) {
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3; /* a byte order mark */
    *l = (lexer){.at = text, .line = 1, .column = 1, .line_start = true};
}

/* Characters that input methods and word processors put in the place of ASCII ones. */
static const struct {
    const char *bytes;
    char means;
} stand_ins[] = {
    {"\xC2\xA0", ' '},      {"\xE3\x80\x80", ' '},  {"\xEF\xBC\x88", '('}, {"\xEF\xBC\x89", ')'},
    {"\xEF\xBC\x8C", ','},  {"\xEF\xBC\x9D", '='},  {"\xEF\xBC\x9A", ':'}, {"\xEF\xBC\x9B", ';'},
    {"\xE2\x80\x98", '\''}, {"\xE2\x80\x99", '\''}, {"\xE2\x80\x9C", '"'}, {"\xE2\x80\x9D", '"'},
};

/* The character at a place as ASCII (0: none has its meaning), and its bytes. */
static char character(const char *at, size_t *bytes) {
    unsigned char c = (unsigned char)*at;
    *bytes = c != 0;
    if (c < 0x80) return (char)c;
    for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++) {
        size_t length = strlen(stand_ins[i].bytes);
        if (strncmp(at, stand_ins[i].bytes, length) == 0) {
            *bytes = length;
            return stand_ins[i].means;
        }
    }
    while (((unsigned char)at[*bytes] & 0xC0) == 0x80) ++*bytes;
    return 0;
}

static void advance(lexer *l, size_t bytes) {
    l->at += bytes;
    l->column++;
}

static void new_line(lexer *l) {
    l->at++;
    l->line++;
    l->column = 1;
    l->line_start = true;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Letters of other scripts are letters of a name too, as in Python. */
static bool is_letter(const char *at) {
    unsigned char c = (unsigned char)*at;
    if (c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) return true;
    size_t bytes;
    return c >= 0x80 && character(at, &bytes) == 0;
}

/* Spaces, comments, continued lines, and the prompts of an interpreter's session. */
static void skip_blank(lexer *l) {
    for (;;) {
        size_t bytes;
        char c = character(l->at, &bytes);
        bool prompt = l->line_start && (strncmp(l->at, ">>>", 3) == 0 || strncmp(l->at, "...", 3) == 0);
        if (prompt) {
            l->at += 3;
            l->column += 3;
            l->line_start = false;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
            advance(l, bytes);
        } else if (c == '#') {
            while (*l->at && *l->at != '\n') {
                character(l->at, &bytes);
                advance(l, bytes);
            }
        } else if (c == '\\' && (l->at[1] == '\n' || (l->at[1] == '\r' && l->at[2] == '\n'))) {
            l->at += l->at[1] == '\r' ? 2 : 1;
            new_line(l);
        } else if (c == '\n' && l->depth > 0) {
            new_line(l);
        } else {
            return;
        }
    }
}

static void take(lexer *l, token *t, token_kind kind, size_t length) {
    t->kind = kind;
    t->length = length;
    l->at += length;
    for (size_t i = 0; i < length; i++) l->column += ((unsigned char)t->start[i] & 0xC0) != 0x80;
}

/* The digit's value, or -1. */
static int digit_of(char c, int bits) {
    const int letter = (c | 0x20) - 'a';
    const int value = is_digit(c) ? c - '0' : letter >= 0 && letter < 6 ? letter + 10 : -1;
    return value >> bits ? -1 : value;
}

/* A whole number after Python's 0x, 0o or 0b: `bits` to a digit. */
static void take_based(lexer *l, token *t, int bits) {
    size_t length = 2;
    uint64_t value = 0;
    bool fits = true;
    for (;; length++) {
        char c = t->start[length];
        if (c == '_') continue;
        const int digit = digit_of(c, bits);
        if (digit < 0) break;
        fits = fits && value <= (uint64_t)(INT64_MAX - digit) >> bits;
        value = fits ? value << bits | (uint64_t)digit : 0;
    }
    take(l, t, fits ? TOKEN_INTEGER : TOKEN_TOO_LARGE, length);
    t->integer = (int64_t)value;
    t->real = (double)value;
}

static void take_number(lexer *l, token *t) {
    const char base = t->start[0] == '0' ? (char)(t->start[1] | 0x20) : '\0';
    const int bits = base == 'x' ? 4 : base == 'o' ? 3 : base == 'b' ? 1 : 0;
    if (bits && digit_of(t->start[2], bits) >= 0) {
        take_based(l, t, bits);
        return;
    }
    char digits[64];
    size_t count = 0, length = 0;
    bool real = false, fits = true;
    for (;; length++) {
        char c = t->start[length];
        if (c == '_' && length > 0) continue;
        bool exponent = (c == 'e' || c == 'E') &&
                        (is_digit(t->start[length + 1]) || (strchr("+-", t->start[length + 1]) &&
                                                            t->start[length + 1] && is_digit(t->start[length + 2])));
        bool sign = (c == '+' || c == '-') && length > 0 && (t->start[length - 1] | 0x20) == 'e';
        if (!is_digit(c) && c != '.' && !exponent && !sign) break;
        real = real || c == '.' || exponent;
        fits = fits && count + 1 < sizeof digits;
        if (fits) digits[count++] = c;
    }
    digits[count] = '\0';
    if (real)
        fits = fits && number_read_real(digits, &t->real) && isfinite(t->real);
    else
        fits = fits && number_read_integer(digits, &t->integer);
    take(l, t, !fits ? TOKEN_TOO_LARGE : real ? TOKEN_REAL : TOKEN_INTEGER, length);
    if (!real) t->real = (double)t->integer;
}

static void take_text(lexer *l, token *t, char quote, size_t opening) {
    advance(l, opening);
    t->start = l->at;
    size_t bytes = 0;
    while (*l->at && *l->at != '\n' && character(l->at, &bytes) != quote) {
        if (*l->at == '\\' && l->at[1] && l->at[1] != '\n') advance(l, 1);
        character(l->at, &bytes);
        advance(l, bytes);
    }
    t->length = (size_t)(l->at - t->start);
    bool closed = *l->at && *l->at != '\n';
    t->kind = closed ? TOKEN_TEXT : TOKEN_OPEN_TEXT;
    if (closed) advance(l, bytes);
}

static void take_sign(lexer *l, token *t, char c, size_t bytes) {
    static const struct {
        char text[3];
        int sign;
    } pairs[] = {{"**", SIGN_POWER}, {"//", SIGN_FLOOR_DIVIDE}, {"->", SIGN_ARROW}};
    t->sign = (unsigned char)c;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (strncmp(t->start, pairs[i].text, 2) == 0) {
            t->sign = pairs[i].sign;
            bytes = 2;
        }
    }
    bool known = c && strchr("()[]{},=:.*+-/%<>!@&|~^", c);
    take(l, t, known ? TOKEN_SIGN : TOKEN_STRANGE, bytes);
    if (strchr("([{", c) && c) l->depth++;
    if (strchr(")]}", c) && c && l->depth > 0) l->depth--;
}

token lexer_next(lexer *l) {
    skip_blank(l);
    size_t bytes;
    char c = character(l->at, &bytes);
    token t = {.start = l->at, .line = l->line, .column = l->column};
    if (c == '\0' && bytes == 0) {
        t.kind = TOKEN_END;
    } else if (c == '\n' || c == ';') {
        t.kind = TOKEN_NEWLINE;
        t.length = bytes;
        if (c == '\n')
            new_line(l);
        else
            advance(l, bytes);
        return t;
    } else if (is_letter(l->at)) {
        size_t length = 0;
        while (is_letter(t.start + length) || is_digit(t.start[length])) length++;
        take(l, &t, TOKEN_NAME, length);
    } else if (is_digit(c) || (c == '.' && is_digit(l->at[1]))) {
        take_number(l, &t);
    } else if (c == '\'' || c == '"') {
        take_text(l, &t, c, bytes);
    } else {
        take_sign(l, &t, c, bytes);
    }
    l->line_start = false;
    return t;
}

bool token_is(const token *t, const char *name) {
    return t->kind == TOKEN_NAME && strlen(name) == t->length && strncmp(t->start, name, t->length) == 0;
}

bool token_is_sign(const token *t, int sign) {
    return t->kind == TOKEN_SIGN && t->sign == sign;
}
