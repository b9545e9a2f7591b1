/* Captions: {names} and small sums of them become numbers that the engine has. */
#include "placeholder.h"

#include "app/system/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 32, DEPTH = 8, DIGITS = 4 };

typedef struct filler {
    scene *scene;
    moment moment;
    const char *at, *end; /* what is left of the placeholder */
    int depth;
    bool text, value;       /* what stood in it was a text or a tensor's number: those stand alone */
    placeholder_value last; /* then it is here */
    failure *failure;
} filler;

static void skip_spaces(filler *r) {
    while (r->at < r->end && *r->at == ' ') r->at++;
}

static bool next_is(filler *r, char c) {
    skip_spaces(r);
    if (r->at >= r->end || *r->at != c) return false;
    r->at++;
    return true;
}

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool read_name(filler *r, char name[NAME_SIZE]) {
    int length = 0;
    skip_spaces(r);
    while (r->at < r->end && is_name(*r->at) && length < NAME_SIZE - 1) name[length++] = *r->at++;
    name[length] = 0;
    return length > 0 || fail(r->failure, N_("a name is expected between { and }"), "");
}

static bool read_count(filler *r, int64_t *n) {
    const int64_t most = 1000000000;
    skip_spaces(r);
    if (r->at >= r->end || !is_digit(*r->at))
        return fail(r->failure, N_("a whole number is expected in a placeholder"), "");
    for (*n = 0; r->at < r->end && is_digit(*r->at); r->at++) *n = *n > most ? most : *n * 10 + (*r->at - '0');
    return true;
}

/* "@2": the second operation; "@/conv1": a layer by its name; "@2/conv1": both. */
static bool read_whose(filler *r, placeholder_query *q) {
    q->layer = r->scene->parts[0].focus;
    if (next_is(r, '@')) {
        int64_t number = 1;
        if (r->at < r->end && is_digit(*r->at) && !read_count(r, &number)) return false;
        if (number < 1 || number > r->scene->part_count) {
            return fail(r->failure, N_("there is no operation {0}: there are {1}"), "dd", number,
                        (int64_t)r->scene->part_count);
        }
        q->part = (int)number - 1;
        q->layer = r->scene->parts[q->part].focus;
        if (r->at < r->end && *r->at == '/') {
            char name[CONV_NAME_SIZE];
            size_t length = 0;
            for (r->at++; r->at < r->end && !strchr(" +-*/^)[:", *r->at) && length < sizeof name - 1; r->at++)
                name[length++] = *r->at;
            name[length] = 0;
            const conv_network *network = r->scene->parts[q->part].network;
            q->layer = -1;
            for (int i = 0; i < conv_network_count(network); i++) {
                if (strcmp(conv_network_layer(network, i)->name, name) == 0) q->layer = i;
            }
            if (q->layer < 0) return fail(r->failure, N_("there is no layer \"{0}\""), "s", name);
        }
    }
    q->layout = conv_network_layout(r->scene->parts[q->part].network, q->layer);
    return true;
}

static bool read_places(filler *r, placeholder_query *q) {
    if (!next_is(r, '[')) return true;
    do {
        if (q->place_count == CONV_MAX_DIMS)
            return fail(r->failure, N_("a place has at most {0} numbers"), "d", (int64_t)CONV_MAX_DIMS);
        if (!read_count(r, &q->place[q->place_count])) return false;
        q->place_count++;
    } while (next_is(r, ','));
    return next_is(r, ']') || fail(r->failure, N_("a bracket is not closed in a placeholder"), "");
}

/* The row of a name; "_h" and the like at its end name an axis. */
static const placeholder *find_row(const char *name, char *letter) {
    *letter = 0;
    for (const placeholder *p = placeholders; p->name; p++) {
        if (strcmp(p->name, name) == 0) return p;
    }
    const size_t length = strlen(name);
    if (length < 3 || name[length - 2] != '_' || !strchr("dhwl", name[length - 1])) return NULL;
    for (const placeholder *p = placeholders; p->name; p++) {
        if (p->from != FROM_AXIS && p->from != FROM_AXIS_CALL) continue;
        if (strlen(p->name) == length - 2 && strncmp(p->name, name, length - 2) == 0) *letter = name[length - 1];
        if (*letter) return p;
    }
    return NULL;
}

/* in_h and out_w are shorter names of size_in_h and size_out_w. */
static const placeholder *find_size(const char *name, char *letter) {
    char longer[NAME_SIZE + 8];
    snprintf(longer, sizeof longer, "size_%s", name);
    return find_row(longer, letter);
}

static bool read_row(filler *r, const placeholder *row, const placeholder_query *q, placeholder_value *v) {
    const char *layout = (const char *)q->layout;
    int64_t number;
    switch (row->from) {
    case FROM_LAYOUT:
        memcpy(&number, layout + row->offset, sizeof number);
        break;
    case FROM_AXIS:
        memcpy(&number, (const char *)&q->layout->axis[q->axis] + row->offset, sizeof number);
        break;
    case FROM_SHAPE: {
        conv_shape shape;
        memcpy(&shape, layout + row->offset, sizeof shape);
        if (shape.rank == 0) return fail(r->failure, N_("this operation has no such tensor"), "");
        conv_shape_text(&shape, v->text, (int)sizeof v->text);
        return true;
    }
    default:
        return row->read(q, v, r->failure);
    }
    v->number = (double)number;
    return true;
}

/* Without a letter all axes must agree. */
static bool read_axes(filler *r, const placeholder *row, placeholder_query *q, char letter, const char *name,
                      placeholder_value *v) {
    static const char *const letters[] = {"", "l", "hw", "dhw"};
    const int dims = q->layout->dims;
    if (dims < 1 || dims > CONV_MAX_SPATIAL)
        return fail(r->failure, N_("\"{0}\" needs an operation with spatial axes"), "s", name);
    if (letter) {
        const char *found = strchr(letters[dims], letter);
        if (!found) return fail(r->failure, N_("\"{0}\" names an axis that this operation does not have"), "s", name);
        q->axis = (int)(found - letters[dims]);
        return read_row(r, row, q, v);
    }
    if (!read_row(r, row, q, v)) return false;
    for (int a = 1; a < dims; a++) {
        placeholder_value other = {0};
        q->axis = a;
        if (!read_row(r, row, q, &other)) return false;
        if (fabs(other.number - v->number) > 0 || strcmp(other.text, v->text) != 0) {
            return fail(r->failure, N_("\"{0}\" differs along the axes: say {0}_{1} or {0}_{2}"), "sss", name,
                        dims == 3 ? "d" : "h", "w");
        }
    }
    return true;
}

/* "in[1]": one size of a shape. */
static bool read_size(filler *r, const placeholder *row, const placeholder_query *q, double *number) {
    conv_shape shape;
    memcpy(&shape, (const char *)q->layout + row->offset, sizeof shape);
    if (q->place[0] >= shape.rank)
        return fail(r->failure, N_("there is no axis {0}: the last one is {1}"), "dd", q->place[0],
                    (int64_t)shape.rank - 1);
    *number = (double)shape.size[q->place[0]];
    return true;
}

static bool read_atom(filler *r, double *number) {
    char name[NAME_SIZE], letter;
    placeholder_query q = {.scene = r->scene, .moment = r->moment};
    if (!read_name(r, name) || !read_places(r, &q) || !read_whose(r, &q)) return false;
    const placeholder *row = find_row(name, &letter);
    if (!row) row = find_size(name, &letter);
    if (!row) return fail(r->failure, N_("there is no placeholder \"{0}\""), "s", name);
    const bool size = row->from == FROM_SHAPE && q.place_count == 1;
    if (q.place_count && !row->places && !size) {
        return fail(r->failure, N_("\"{0}\" takes no place in brackets"), "s", name);
    }
    placeholder_value v = {0};
    if (size) return read_size(r, row, &q, number);
    const bool axes = row->from == FROM_AXIS || row->from == FROM_AXIS_CALL;
    if (axes ? !read_axes(r, row, &q, letter, name, &v) : !read_row(r, row, &q, &v)) return false;
    r->text = r->text || row->kind == PLACEHOLDER_TEXT;
    r->value = r->value || row->kind == PLACEHOLDER_VALUE;
    r->last = v;
    *number = v.number;
    return true;
}

/* ---- small sums of counts ---- */

static bool read_sum(filler *r, double *number);

static bool no_arithmetic(const filler *r) {
    return !(r->text || r->value) ||
           fail(r->failure, N_("only counts can be added, multiplied or divided: numbers of a tensor stand alone"), "");
}

static bool read_power(filler *r, double *number) {
    if (next_is(r, '(')) {
        if (++r->depth > DEPTH) return fail(r->failure, N_("too many brackets in a placeholder"), "");
        if (!read_sum(r, number)) return false;
        r->depth--;
        if (!next_is(r, ')')) return fail(r->failure, N_("a bracket is not closed in a placeholder"), "");
    } else if (r->at < r->end && is_digit(*r->at)) {
        int64_t n;
        if (!read_count(r, &n)) return false;
        *number = (double)n;
    } else if (!read_atom(r, number)) {
        return false;
    }
    if (next_is(r, '^')) {
        int64_t exponent;
        if (!no_arithmetic(r) || !read_count(r, &exponent)) return false;
        *number = pow(*number, (double)exponent);
    }
    return true;
}

static bool read_product(filler *r, double *number) {
    if (!read_power(r, number)) return false;
    for (;;) {
        const bool times = next_is(r, '*'), over = !times && next_is(r, '/');
        double right;
        if (!times && !over) return true;
        if (!no_arithmetic(r) || !read_power(r, &right) || !no_arithmetic(r)) return false;
        if (over && !(fabs(right) > 0)) return fail(r->failure, N_("a placeholder divides by zero"), "");
        *number = times ? *number * right : *number / right;
    }
}

static bool read_sum(filler *r, double *number) {
    if (!read_product(r, number)) return false;
    for (;;) {
        const bool plus = next_is(r, '+'), minus = !plus && next_is(r, '-');
        double right;
        if (!plus && !minus) return true;
        if (!no_arithmetic(r) || !read_product(r, &right) || !no_arithmetic(r)) return false;
        *number = plus ? *number + right : *number - right;
    }
}

/* ---- the caption ---- */

static void write_number(double number, int digits, char *text, size_t size) {
    const double exact = 9007199254740992.0;
    if (fabs(number) < exact && floor(number) == number) {
        number_write_grouped((int64_t)number, text, size);
    } else {
        number_write(number, digits, text, size);
    }
}

/* One placeholder, without its braces: a sum, and ":3" for three digits. */
static bool fill_one(filler *r, char *text, size_t size) {
    double number;
    int64_t digits = DIGITS;
    r->text = r->value = false;
    r->depth = 0;
    if (!read_sum(r, &number)) return false;
    if (next_is(r, ':') && !read_count(r, &digits)) return false;
    skip_spaces(r);
    if (r->at < r->end) {
        char rest[NAME_SIZE];
        snprintf(rest, sizeof rest, "%.*s", (int)(r->end - r->at), r->at);
        return fail(r->failure, N_("\"{0}\" is too much in a placeholder"), "s", rest);
    }
    if (digits < 1 || digits > 17) return fail(r->failure, N_("a number has 1 to {0} digits"), "d", (int64_t)17);
    if (r->text)
        snprintf(text, size, "%s", r->last.text);
    else
        write_number(number, (int)digits, text, size);
    return true;
}

bool lesson_fill(const char *text, scene *s, moment m, language l, char *out, int size, failure *f) {
    (void)l; /* numbers and shapes are written alike in every language */
    int used = 0;
    out[0] = 0;
    for (const char *at = text; *at;) {
        char number[sizeof((placeholder_value *)0)->text];
        const char *piece = at;
        size_t length = 1;
        if ((at[0] == '{' && at[1] == '{') || (at[0] == '}' && at[1] == '}')) {
            at += 2;
        } else if (at[0] == '{') {
            const char *end = strchr(at, '}');
            if (!end) return fail(f, N_("a { is not closed in a caption: write {{ for the character itself"), "");
            filler r = {.scene = s, .moment = m, .at = at + 1, .end = end, .failure = f};
            if (s->part_count == 0) return fail(f, N_("there is nothing to show"), "");
            if (!fill_one(&r, number, sizeof number)) return false;
            piece = number;
            length = strlen(number);
            at = end + 1;
        } else {
            length = strcspn(at, "{}");
            if (length == 0) return fail(f, N_("a } stands alone in a caption: write }} for the character itself"), "");
            at += length;
        }
        if (used + (int)length >= size) return fail(f, N_("a caption is too long"), "");
        memcpy(out + used, piece, length);
        used += (int)length;
        out[used] = 0;
    }
    return true;
}
