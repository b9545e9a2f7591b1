#include "array.h"

#include "app/language/language.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "npy.h"
#include "npz.h"
#include "picture.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static size_t half_of_memory(void) {
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || size <= 0) return (size_t)1 << 30;
    return (size_t)pages / 2 * (size_t)size;
}

bool array_create(array *a, const conv_shape *shape, size_t limit, failure *f) {
    *a = (array){.shape = *shape};
    char text[96], need[32], most[32];
    int64_t count = conv_shape_count(shape);
    if (limit == 0) limit = half_of_memory();
    if (count < 0 || (uint64_t)count > limit / sizeof *a->data) {
        conv_shape_text(shape, text, (int)sizeof text);
        if (count < 0) return fail(f, N_("a tensor of shape {0} is too large"), "s", text);
        number_write((double)count * sizeof *a->data / (1 << 20), 4, need, sizeof need);
        number_write((double)limit / (1 << 20), 4, most, sizeof most);
        fail(f, N_("a tensor of shape {0} needs {1} MiB; at most {2} MiB are permitted"), "sss", text, need, most);
        if (f) f->error.status = CONV_TOO_LARGE;
        return false;
    }
    a->data = memory_resize(NULL, count ? (size_t)count : 1, sizeof *a->data);
    return a->data || fail_memory(f);
}

void array_destroy(array *a) {
    memory_free(a->data);
    memory_free(a->integers);
    *a = (array){0};
}

enum { MAGIC_BYTES = 12 };

typedef enum file_kind { FILE_NPY, FILE_NPZ, FILE_PICTURE, FILE_UNKNOWN } file_kind;

static file_kind kind_of(const unsigned char *bytes, size_t size) {
    if (size >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0) return FILE_NPY;
    if (size >= 4 && (memcmp(bytes, "PK\3\4", 4) == 0 || memcmp(bytes, "PK\5\6", 4) == 0)) return FILE_NPZ;
    return picture_known(bytes, size) ? FILE_PICTURE : FILE_UNKNOWN;
}

static bool file_kind_read(const char *path, file_kind *kind, failure *f) {
    unsigned char bytes[MAGIC_BYTES];
    file_reader r;
    if (!file_open(&r, path, f)) return false;
    size_t size = r.size < MAGIC_BYTES ? (size_t)r.size : MAGIC_BYTES;
    bool ok = file_read(&r, bytes, size, f);
    file_close(&r);
    if (!ok) return false;
    *kind = kind_of(bytes, size);
    if (*kind != FILE_UNKNOWN) return true;
    if (size == 0)
        fail(f, N_("the file is empty"), "");
    else
        fail(f, N_("this is neither a .npy or .npz array nor a PNG, JPEG, BMP or WebP picture"), "");
    return fail_in(f, path);
}

/* An .npz where one array is wanted: it must hold just one. */
static bool single_entry(bundle *b, const char *path, failure *f) {
    if (b->count == 1) return true;
    fail(f, N_("this archive holds {0} arrays where one is wanted"), "d", (int64_t)b->count);
    return fail_in(f, path);
}

bool array_read(const char *path, int channels, size_t limit, array *a, failure *f) {
    *a = (array){0};
    file_kind kind;
    if (!file_kind_read(path, &kind, f)) return false;
    if (kind == FILE_NPY) return npy_read(path, limit, false, a, f);
    if (kind == FILE_PICTURE) return picture_read(path, channels, limit, a, f);
    bundle b;
    if (!bundle_open(&b, path, f)) return false;
    bool ok = single_entry(&b, path, f) && bundle_read(&b, &b.entries[0], limit, a, f);
    bundle_close(&b);
    return ok;
}

bool array_peek(const char *path, int channels, conv_shape *shape, failure *f) {
    file_kind kind;
    if (!file_kind_read(path, &kind, f)) return false;
    if (kind == FILE_NPY) return npy_peek(path, shape, f);
    if (kind == FILE_PICTURE) return picture_peek(path, channels, shape, f);
    bundle b;
    if (!bundle_open(&b, path, f)) return false;
    bool ok = single_entry(&b, path, f) && bundle_peek(&b, &b.entries[0], shape, f);
    bundle_close(&b);
    return ok;
}

bool array_is_picture(const char *path) {
    file_kind kind;
    return file_kind_read(path, &kind, NULL) && kind == FILE_PICTURE;
}

bool array_is_numbers(const char *path) {
    file_kind kind;
    return file_kind_read(path, &kind, NULL) && kind != FILE_PICTURE;
}

bool shape_looks(const char *text) {
    bool digit = false;
    for (; *text; text++) {
        if (!strchr("0123456789,()[] -x", *text)) return false;
        digit = digit || (*text >= '0' && *text <= '9');
    }
    return digit;
}

bool shape_read(const char *text, conv_shape *shape, failure *f) {
    *shape = (conv_shape){0};
    const char *at = text;
    char closing = '\0';
    while (*at == ' ') at++;
    if (*at == '(' || *at == '[') closing = *at++ == '(' ? ')' : ']';
    for (;;) {
        char digits[24];
        size_t count = 0;
        while (*at == ' ') at++;
        while ((isdigit((unsigned char)*at) || *at == '-') && count + 1 < sizeof digits) digits[count++] = *at++;
        digits[count] = '\0';
        if (shape->rank == CONV_MAX_DIMS) {
            return fail(f, N_("the shape {0} has more than {1} axes"), "sd", text, (int64_t)CONV_MAX_DIMS);
        }
        int64_t size;
        if (!number_read_integer(digits, &size)) break;
        if (size < 0) return fail(f, N_("the shape {0} has a negative size"), "s", text);
        shape->size[shape->rank++] = size;
        while (*at == ' ') at++;
        if (*at != ',' && *at != 'x') break;
        at++;
        while (*at == ' ') at++;
        if (!*at || *at == closing) break; /* (3,) */
    }
    if (closing && *at == closing) {
        at++;
        closing = '\0';
    }
    while (*at == ' ') at++;
    if (*at || closing || shape->rank == 0) {
        return fail(f, N_("{0} is not a shape: write its sizes, such as 1,3,28,28"), "s", text);
    }
    return true;
}
