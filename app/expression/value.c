/* Arguments: numbers, texts, None, True, False, tuples, lists, and sums and products of numbers. */
#include "reader.h"

#include <math.h>
#include <string.h>

static bool sum_read(reader *r, conv_scalar *s);
static bool opens_tuple(const reader *r);

static conv_scalar integer_scalar(int64_t value) {
    return (conv_scalar){.kind = CONV_VALUE_INT, .integer = value, .real = (double)value};
}

static conv_scalar real_scalar(double value) {
    return (conv_scalar){.kind = CONV_VALUE_REAL, .real = value};
}

static bool refuse_name(reader *r) {
    char name[48];
    token next = reader_peek(r);
    token_copy(&r->now, name, sizeof name);
    if (token_is_sign(&next, '(')) {
        return refuse_token(r, &r->now, N_("{0}(...) is not computed here: write the number"), "s", name);
    }
    return refuse_token(r, &r->now, N_("{0} is a name: write the number it stands for"), "s", name);
}

static bool atom_read(reader *r, conv_scalar *s) {
    const token t = r->now;
    if (t.kind == TOKEN_INTEGER)
        *s = integer_scalar(t.integer);
    else if (t.kind == TOKEN_REAL)
        *s = real_scalar(t.real);
    else if (token_is(&t, "None"))
        *s = (conv_scalar){.kind = CONV_VALUE_NONE};
    else if (token_is(&t, "True"))
        *s = (conv_scalar){.kind = CONV_VALUE_BOOL, .integer = 1, .real = 1};
    else if (token_is(&t, "False"))
        *s = (conv_scalar){.kind = CONV_VALUE_BOOL};
    else if (t.kind == TOKEN_NAME)
        return refuse_name(r);
    else if (t.kind == TOKEN_TOO_LARGE)
        return refuse_token(r, &t, N_("this number is too large"), "");
    else
        return refuse_unexpected(r, NULL);
    reader_step(r);
    return true;
}

static bool is_number(const conv_scalar *s) {
    return s->kind == CONV_VALUE_INT || s->kind == CONV_VALUE_REAL;
}

static bool signed_read(reader *r, conv_scalar *s) {
    const token t = r->now;
    if (!token_is_sign(&t, '-') && !token_is_sign(&t, '+')) {
        if (!token_is_sign(&t, '(')) return atom_read(r, s);
        if (opens_tuple(r)) return refuse_token(r, &t, N_("a tuple cannot stand here"), "");
        if (!reader_enter(r)) return false;
        reader_step(r);
        if (!sum_read(r, s)) return false;
        r->nesting--;
        return reader_expect(r, ')');
    }
    if (!reader_enter(r)) return false;
    reader_step(r);
    if (!signed_read(r, s)) return false;
    r->nesting--;
    if (!is_number(s)) return refuse_token(r, &t, N_("only numbers have a sign"), "");
    if (t.sign == '-') {
        s->integer = -s->integer; /* INT64_MIN cannot be read */
        s->real = -s->real;
    }
    return true;
}

/* Python's: rounds down, and the remainder has the divisor's sign. */
static int64_t floor_divide(int64_t a, int64_t b) {
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static bool combine(reader *r, const token *t, conv_scalar *a, const conv_scalar *b) {
    if (!is_number(a) || !is_number(b)) return refuse_token(r, t, N_("only numbers are computed with"), "");
    bool whole = a->kind == CONV_VALUE_INT && b->kind == CONV_VALUE_INT && t->sign != '/';
    if ((t->sign == '/' || t->sign == '%' || t->sign == SIGN_FLOOR_DIVIDE) && b->real == 0) {
        return refuse_token(r, t, N_("this divides by zero"), "");
    }
    int64_t x = a->integer, y = b->integer, result = 0;
    double real = 0;
    bool over = false;
    switch (t->sign) {
    case '+':
        over = __builtin_add_overflow(x, y, &result);
        real = a->real + b->real;
        break;
    case '-':
        over = __builtin_sub_overflow(x, y, &result);
        real = a->real - b->real;
        break;
    case '*':
        over = __builtin_mul_overflow(x, y, &result);
        real = a->real * b->real;
        break;
    case '/':
        real = a->real / b->real;
        break;
    case '%':
        result = whole ? x - floor_divide(x, y) * y : 0;
        real = a->real - floor(a->real / b->real) * b->real;
        break;
    default:
        result = whole ? floor_divide(x, y) : 0;
        real = floor(a->real / b->real);
        break;
    }
    if ((whole && (over || result == INT64_MIN)) || (!whole && !isfinite(real))) {
        return refuse_token(r, t, N_("this number is too large"), "");
    }
    *a = whole ? integer_scalar(result) : real_scalar(real);
    return true;
}

static bool product_read(reader *r, conv_scalar *s) {
    if (!signed_read(r, s)) return false;
    while (r->now.kind == TOKEN_SIGN &&
           (r->now.sign == '*' || r->now.sign == '/' || r->now.sign == '%' || r->now.sign == SIGN_FLOOR_DIVIDE)) {
        const token t = r->now;
        conv_scalar other = {0};
        reader_step(r);
        if (!signed_read(r, &other) || !combine(r, &t, s, &other)) return false;
    }
    return true;
}

static bool sum_read(reader *r, conv_scalar *s) {
    if (!product_read(r, s)) return false;
    while (token_is_sign(&r->now, '+') || token_is_sign(&r->now, '-')) {
        const token t = r->now;
        conv_scalar other = {0};
        reader_step(r);
        if (!product_read(r, &other) || !combine(r, &t, s, &other)) return false;
    }
    return true;
}

/* Whether the '(' under consideration opens a tuple: there is a ',' in it at its own depth, or nothing. */
static bool opens_tuple(const reader *r) {
    lexer l = r->lexer;
    int depth = 1;
    for (token t = lexer_next(&l), former = r->now;; former = t, t = lexer_next(&l)) {
        if (t.kind == TOKEN_END) return false;
        if (t.kind != TOKEN_SIGN) continue;
        if (depth == 1 && t.sign == ',') return true;
        if (strchr("([{", t.sign) && t.sign < SIGN_POWER) depth++;
        if (t.sign < SIGN_POWER && strchr(")]}", t.sign) && --depth == 0) return token_is_sign(&former, '(');
    }
}

static bool tuple_read(reader *r, conv_value *value) {
    const int closing = r->now.sign == '(' ? ')' : ']';
    *value = (conv_value){.kind = CONV_VALUE_TUPLE};
    if (!reader_enter(r)) return false;
    reader_step(r);
    while (!token_is_sign(&r->now, closing)) {
        if (value->count == CONV_MAX_DIMS) {
            return refuse_token(r, &r->now, N_("a tuple has at most {0} numbers here"), "d", (int64_t)CONV_MAX_DIMS);
        }
        if (!sum_read(r, &value->item[value->count])) return false;
        value->count++;
        if (token_is_sign(&r->now, closing)) break;
        if (!reader_expect(r, ',')) return false;
    }
    r->nesting--;
    reader_step(r);
    return true;
}

static bool text_read(reader *r, conv_value *value) {
    if (r->now.kind == TOKEN_OPEN_TEXT) return refuse_token(r, &r->now, N_("this text has no closing quote"), "");
    *value = (conv_value){.kind = CONV_VALUE_TEXT};
    token_copy(&r->now, value->text, sizeof value->text);
    reader_step(r);
    return true;
}

/* print(model) shows texts without their quotes. */
static bool is_bare_choice(const conv_param *param, const token *t) {
    if (t->kind != TOKEN_NAME) return false;
    if (param->type == CONV_PARAM_PADDING) return token_is(t, "same") || token_is(t, "valid");
    if (param->type != CONV_PARAM_CHOICE || !param->choices) return false;
    for (const char *const *choice = param->choices; *choice; choice++) {
        if (token_is(t, *choice)) return true;
    }
    return false;
}

bool value_read(reader *r, const conv_param *param, conv_value *value) {
    const token *t = &r->now;
    if (t->kind == TOKEN_TEXT || t->kind == TOKEN_OPEN_TEXT || is_bare_choice(param, t)) return text_read(r, value);
    if (token_is_sign(t, '[') || (token_is_sign(t, '(') && opens_tuple(r))) return tuple_read(r, value);
    if (token_is_sign(t, '*') || token_is_sign(t, SIGN_POWER)) {
        return refuse_token(r, t, N_("unpacking is not computed here: write the arguments"), "");
    }
    *value = (conv_value){0};
    if (!sum_read(r, &value->scalar)) return false;
    value->kind = value->scalar.kind;
    return true;
}

bool value_skip(reader *r) {
    int depth = 0;
    for (;; reader_step(r)) {
        const token *t = &r->now;
        if (t->kind == TOKEN_END || t->kind == TOKEN_STRANGE || t->kind == TOKEN_OPEN_TEXT)
            return refuse_unexpected(r, NULL);
        if (t->kind != TOKEN_SIGN || t->sign >= SIGN_POWER) continue;
        if (depth == 0 && strchr(",)]}", t->sign)) return true;
        if (strchr("([{", t->sign)) depth++;
        if (strchr(")]}", t->sign)) depth--;
    }
}
