#include "npy.h"

#include "app/language/language.h"
#include "app/system/file.h"
#include "app/system/memory.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HEADER_LIMIT = 1 << 20, CHUNK_ITEMS = 1 << 13, LARGEST_ITEM = 16 };

/* What the header says. */
typedef struct npy_header {
    conv_shape shape;
    bool fortran, swap;
    char type; /* 'b', 'i', 'u' or 'f' */
    int item;  /* bytes of one number */
} npy_header;

static bool broken(const byte_stream *in, failure *f) {
    fail(f, N_("the .npy header is damaged"), "");
    return fail_in(f, in->path);
}

static bool stream_read(byte_stream *in, void *data, size_t size, failure *f) {
    if (in->left < 0 || (uint64_t)in->left < size) {
        fail(f, N_("the file is cut short"), "");
        return fail_in(f, in->path);
    }
    in->left -= (int64_t)size;
    return in->read(in->context, data, size, f);
}

/* The header is a Python dictionary with three keys. */
static const char *skip_spaces(const char *at) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
    return at;
}

/* A text in quotes. NULL when there is none. */
static const char *read_quoted(const char *at, char *text, size_t size) {
    char quote = *at;
    if (quote != '\'' && quote != '"') return NULL;
    size_t count = 0;
    for (at++; *at && *at != quote; at++) {
        if (count + 1 == size) return NULL;
        text[count++] = *at;
    }
    text[count] = '\0';
    return *at ? at + 1 : NULL;
}

/* "(3, 4)", "(5,)", "()"; a Python 2 "3L" too. Sizes that overflow come out as -1, which the count refuses. */
static const char *read_shape(const char *at, conv_shape *shape, bool *fits) {
    *shape = (conv_shape){0};
    *fits = true;
    if (*at++ != '(') return NULL;
    for (at = skip_spaces(at); *at != ')'; at = skip_spaces(at)) {
        if (*at < '0' || *at > '9') return NULL;
        int64_t size = 0;
        for (; *at >= '0' && *at <= '9'; at++) {
            if (size < 0 || __builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, *at - '0', &size))
                size = -1;
        }
        if (*at == 'L') at++;
        if (shape->rank < CONV_MAX_DIMS)
            shape->size[shape->rank++] = size;
        else
            *fits = false;
        at = skip_spaces(at);
        if (*at == ',')
            at++;
        else if (*at != ')')
            return NULL;
    }
    return at + 1;
}

static bool refuse_type(const byte_stream *in, const char *type, failure *f) {
    if (strchr(type, 'O'))
        fail(f, N_("this array holds Python objects, which are never loaded"), "");
    else if (strchr(type, 'c'))
        fail(f, N_("this array holds complex numbers; real ones are needed"), "");
    else
        fail(f, N_("this array holds no real numbers (dtype {0})"), "s", type);
    return fail_in(f, in->path);
}

static bool type_read(const byte_stream *in, const char *type, npy_header *h, failure *f) {
    static const char *const known[] = {
        "b1",
        "i1",
        "i2",
        "i4",
        "i8",
        "u1",
        "u2",
        "u4",
        "u8",
        "f2",
        "f4",
        "f8",
#if LDBL_MANT_DIG == 64
        "f16"
#endif
    };
    const char *plain = type + (*type && strchr("<>|=", *type) != NULL);
    bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    if (*type == '<') h->swap = big;
    if (*type == '>') h->swap = !big;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(plain, known[i]) != 0) continue;
        h->type = plain[0];
        h->item = plain[1] == '1' && plain[2] ? 16 : plain[1] - '0';
        return true;
    }
    return refuse_type(in, type, f);
}

static bool dictionary_read(const byte_stream *in, const char *at, npy_header *h, failure *f) {
    char key[32], type[64] = "";
    bool has_order = false, has_shape = false, fits = true;
    at = skip_spaces(at);
    if (*at++ != '{') return broken(in, f);
    for (at = skip_spaces(at); *at != '}'; at = skip_spaces(at)) {
        at = read_quoted(at, key, sizeof key);
        if (!at) return broken(in, f);
        at = skip_spaces(at);
        if (*at++ != ':') return broken(in, f);
        at = skip_spaces(at);
        if (strcmp(key, "descr") == 0) {
            if (*at == '[') return refuse_type(in, "V", f);
            at = read_quoted(at, type, sizeof type);
        } else if (strcmp(key, "fortran_order") == 0) {
            h->fortran = strncmp(at, "True", 4) == 0;
            has_order = h->fortran || strncmp(at, "False", 5) == 0;
            at = has_order ? at + (h->fortran ? 4 : 5) : NULL;
        } else if (strcmp(key, "shape") == 0) {
            at = read_shape(at, &h->shape, &fits);
            has_shape = true;
        } else {
            return broken(in, f);
        }
        if (!at) return broken(in, f);
        at = skip_spaces(at);
        if (*at == ',')
            at++;
        else if (*at != '}')
            return broken(in, f);
    }
    if (!*type || !has_order || !has_shape) return broken(in, f);
    if (!fits) {
        fail(f, N_("this array has more than {0} axes"), "d", (int64_t)CONV_MAX_DIMS);
        return fail_in(f, in->path);
    }
    return type_read(in, type, h, f);
}

static bool header_read(byte_stream *in, npy_header *h, failure *f) {
    unsigned char start[12];
    *h = (npy_header){0};
    if (!stream_read(in, start, 10, f)) return false;
    if (memcmp(start, "\x93NUMPY", 6) != 0) {
        fail(f, N_("this is not a .npy file"), "");
        return fail_in(f, in->path);
    }
    size_t length = (size_t)start[8] | (size_t)start[9] << 8;
    if (start[6] < 1 || start[6] > 3) {
        fail(f, N_("version {0} of .npy is not known"), "d", (int64_t)start[6]);
        return fail_in(f, in->path);
    }
    if (start[6] > 1) {
        if (!stream_read(in, start + 10, 2, f)) return false;
        length |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
    }
    if (length > HEADER_LIMIT || (int64_t)length > in->left) return broken(in, f);
    char *text = memory_resize(NULL, length + 1, 1);
    if (!text) return fail_memory(f);
    bool ok = stream_read(in, text, length, f);
    text[ok ? length : 0] = '\0';
    ok = ok && dictionary_read(in, text, h, f);
    memory_free(text);
    return ok;
}

bool npy_decode_shape(byte_stream *in, conv_shape *shape, failure *f) {
    npy_header h;
    if (!header_read(in, &h, f)) return false;
    *shape = h.shape;
    return true;
}

/* IEEE 754 binary16. */
static float half_value(uint16_t bits) {
    int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    double value = exponent == 0 ? ldexp(mantissa, -24) : ldexp(mantissa + 1024, exponent - 25);
    if (exponent == 31) value = mantissa ? (double)NAN : (double)INFINITY;
    return (float)(bits & 0x8000 ? -value : value);
}

static int64_t integer_value(const unsigned char *bytes, char type, int item) {
    uint64_t bits = 0;
    memcpy(&bits, bytes, (size_t)item);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bits >>= 64 - 8 * item;
#endif
    if (type == 'b') return bits != 0;
    if (type == 'i' && item < 8 && bits >> (8 * item - 1) & 1) bits |= ~(uint64_t)0 << (8 * item);
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_value(const unsigned char *bytes, int item) {
    uint16_t half;
    float single;
    double wide;
    switch (item) {
    case 2:
        memcpy(&half, bytes, sizeof half);
        return half_value(half);
    case 4:
        memcpy(&single, bytes, sizeof single);
        return single;
    case 8:
        memcpy(&wide, bytes, sizeof wide);
        return (float)wide;
    default:
        break;
    }
    long double longest = 0;
#if LDBL_MANT_DIG == 64
    memcpy(&longest, bytes, 10);
#endif
    return (float)longest;
}

/* Walks the places of numbers that come with the first axis fastest. */
typedef struct fortran_walk {
    int64_t position[CONV_MAX_DIMS];
    int64_t stride[CONV_MAX_DIMS]; /* in C order */
    int64_t at;
} fortran_walk;

static fortran_walk fortran_begin(const conv_shape *shape) {
    fortran_walk w = {0};
    int64_t stride = 1;
    if (conv_shape_count(shape) == 0) return w; /* the axes beside an empty one may have any size */
    for (int axis = shape->rank - 1; axis >= 0; axis--) {
        w.stride[axis] = stride;
        stride *= shape->size[axis];
    }
    return w;
}

static void fortran_step(fortran_walk *w, const conv_shape *shape) {
    for (int axis = 0; axis < shape->rank; axis++) {
        w->at += w->stride[axis];
        if (++w->position[axis] < shape->size[axis]) return;
        w->at -= w->position[axis] * w->stride[axis];
        w->position[axis] = 0;
    }
}

static void swap_bytes(unsigned char *bytes, int item) {
    for (int i = 0; i < item / 2; i++) {
        unsigned char b = bytes[i];
        bytes[i] = bytes[item - 1 - i];
        bytes[item - 1 - i] = b;
    }
}

static void store(const npy_header *h, unsigned char *bytes, array *a, int64_t place) {
    if (h->swap) swap_bytes(bytes, h->item);
    if (h->type == 'f') {
        a->data[place] = float_value(bytes, h->item);
        return;
    }
    int64_t value = integer_value(bytes, h->type, h->item);
    if (a->integers) a->integers[place] = value;
    a->data[place] = h->type == 'u' ? (float)(uint64_t)value : (float)value;
}

static bool numbers_read(byte_stream *in, const npy_header *h, array *a, failure *f) {
    unsigned char *chunk = memory_resize(NULL, CHUNK_ITEMS, LARGEST_ITEM);
    if (!chunk) return fail_memory(f);
    const int64_t count = conv_shape_count(&h->shape);
    fortran_walk walk = fortran_begin(&h->shape);
    bool ok = true;
    for (int64_t done = 0; ok && done < count;) {
        int64_t items = count - done < CHUNK_ITEMS ? count - done : CHUNK_ITEMS;
        ok = stream_read(in, chunk, (size_t)items * (size_t)h->item, f);
        for (int64_t i = 0; ok && i < items; i++, done++) {
            store(h, chunk + i * h->item, a, h->fortran ? walk.at : done);
            if (h->fortran) fortran_step(&walk, &h->shape);
        }
    }
    memory_free(chunk);
    return ok;
}

bool npy_decode(byte_stream *in, size_t limit, bool exact, array *a, failure *f) {
    npy_header h;
    *a = (array){0};
    if (!header_read(in, &h, f)) return false;
    int64_t count = conv_shape_count(&h.shape);
    if (count >= 0 && count > in->left / h.item) {
        fail(f, N_("the file is cut short: its header promises {0} numbers, but only {1} bytes follow"), "dd", count,
             in->left);
        return fail_in(f, in->path);
    }
    if (!array_create(a, &h.shape, limit, f)) return fail_in(f, in->path);
    exact = exact && h.type != 'f';
    if (exact) a->integers = memory_resize(NULL, count ? (size_t)count : 1, sizeof *a->integers);
    bool ok = !exact || a->integers || fail_memory(f);
    ok = ok && numbers_read(in, &h, a, f);
    if (!ok) array_destroy(a);
    return ok;
}

static bool file_stream_read(void *context, void *data, size_t size, failure *f) {
    return file_read(context, data, size, f);
}

bool npy_read(const char *path, size_t limit, bool exact, array *a, failure *f) {
    file_reader r;
    *a = (array){0};
    if (!file_open(&r, path, f)) return false;
    byte_stream in = {file_stream_read, &r, r.size, path};
    bool ok = npy_decode(&in, limit, exact, a, f);
    file_close(&r);
    return ok;
}

bool npy_peek(const char *path, conv_shape *shape, failure *f) {
    file_reader r;
    if (!file_open(&r, path, f)) return false;
    byte_stream in = {file_stream_read, &r, r.size, path};
    bool ok = npy_decode_shape(&in, shape, f);
    file_close(&r);
    return ok;
}

static bool write_array(const char *path, const char *type, const conv_shape *shape, const void *data, size_t item,
                        failure *f) {
    enum { ALIGNMENT = 64, PREAMBLE = 10 };
    char text[200], header[384] = "\x93NUMPY\1"; /* version 1.0; the length comes in the two bytes behind it */
    bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    if (shape->rank == 0)
        snprintf(text, sizeof text, "()");
    else
        conv_shape_text(shape, text, (int)sizeof text);
    int length =
        PREAMBLE + snprintf(header + PREAMBLE, sizeof header - PREAMBLE,
                            "{'descr': '%c%s', 'fortran_order': False, 'shape': %s, }", big ? '>' : '<', type, text);
    while ((length + 1) % ALIGNMENT != 0) header[length++] = ' ';
    header[length++] = '\n';
    header[8] = (char)((length - PREAMBLE) & 255);
    header[9] = (char)((length - PREAMBLE) >> 8);

    file_writer w;
    if (!file_create(&w, path, f)) return false;
    if (!file_write(&w, header, (size_t)length, f) ||
        !file_write(&w, data, (size_t)conv_shape_count(shape) * item, f)) {
        file_abandon(&w);
        return false;
    }
    return file_commit(&w, f);
}

bool npy_write(const char *path, const conv_shape *shape, const float *data, failure *f) {
    return write_array(path, "f4", shape, data, sizeof *data, f);
}

bool npy_write_integers(const char *path, const conv_shape *shape, const int64_t *data, failure *f) {
    return write_array(path, "i8", shape, data, sizeof *data, f);
}
