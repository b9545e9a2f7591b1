#include "app/arrays/npy.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void begin(void) {
    scratch_begin("x.npy");
}

TestSuite(npy, .init = begin, .fini = scratch_end);

/* Writes a file with that header (padded as NumPy does) and those bytes. */
static void write_file(int version, const char *dictionary, const void *data, size_t size) {
    unsigned char bytes[8192] = "\x93NUMPY";
    size_t preamble = version == 1 ? 10 : 12, length = strlen(dictionary);
    bytes[6] = (unsigned char)version;
    bytes[8] = (unsigned char)(length & 255);
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + preamble, dictionary, length);
    memcpy(bytes + preamble + length, data, size);
    put_file(path, bytes, preamble + length + size);
}

static void header(char *text, size_t size, const char *type, const char *order, const char *shape) {
    snprintf(text, size, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }   \n", type, order, shape);
}

/* 1, -2 (254 unsigned), 0 in every dtype and byte order. */
static const struct {
    const char *type;
    const char *bytes;
    int item;
    float expected[3];
} types[] = {
    {"|b1", "\1\2\0", 1, {1, 1, 0}},
    {"|i1", "\1\376\0", 1, {1, -2, 0}},
    {"|u1", "\1\376\0", 1, {1, 254, 0}},
    {"<i2", "\1\0\376\377\0\0", 2, {1, -2, 0}},
    {">i2", "\0\1\377\376\0\0", 2, {1, -2, 0}},
    {"<u2", "\1\0\376\377\0\0", 2, {1, 65534, 0}},
    {"<i4", "\1\0\0\0\376\377\377\377\0\0\0\0", 4, {1, -2, 0}},
    {">i4", "\0\0\0\1\377\377\377\376\0\0\0\0", 4, {1, -2, 0}},
    {">u4", "\0\0\0\1\0\0\1\0\0\0\0\0", 4, {1, 256, 0}},
    {"<i8", "\1\0\0\0\0\0\0\0\376\377\377\377\377\377\377\377\0\0\0\0\0\0\0\0", 8, {1, -2, 0}},
    {">i8", "\0\0\0\0\0\0\0\1\377\377\377\377\377\377\377\376\0\0\0\0\0\0\0\0", 8, {1, -2, 0}},
    {"<u8", "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\200\0\0\0\0\0\0\0\0", 8, {1, 9223372036854775808.0f, 0}},
    {"<f2", "\0\74\0\300\1\0", 2, {1, -2, 5.9604645e-8f}},
    {">f2", "\74\0\374\0\0\0", 2, {1, -INFINITY, 0}},
    {"<f4", "\0\0\200\77\0\0\0\300\0\0\0\0", 4, {1, -2, 0}},
    {">f4", "\77\200\0\0\300\0\0\0\0\0\0\0", 4, {1, -2, 0}},
    {"<f8", "\0\0\0\0\0\0\360\77\0\0\0\0\0\0\0\300\0\0\0\0\0\0\0\0", 8, {1, -2, 0}},
    {">f8", "\77\360\0\0\0\0\0\0\300\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 8, {1, -2, 0}},
};

Test(npy, reads_every_real_type_in_both_byte_orders) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        for (int version = 1; version <= 3; version++) {
            char text[256];
            array a;
            failure f = {0};
            header(text, sizeof text, types[i].type, "False", "(3,)");
            write_file(version, text, types[i].bytes, (size_t)types[i].item * 3);
            bool read = npy_read(path, 0, false, &a, &f);
            cr_expect(read, "%s, version %d: %s", types[i].type, version, f.error.message);
            if (!read) continue;
            cr_expect(a.shape.rank == 1 && a.shape.size[0] == 3);
            for (int k = 0; k < 3; k++) {
                cr_expect(a.data[k] == types[i].expected[k], "%s [%d]: %g, not %g", types[i].type, k, (double)a.data[k],
                          (double)types[i].expected[k]);
            }
            array_destroy(&a);
        }
    }
}

Test(npy, reads_half_precision_exactly) {
    static const struct {
        unsigned bits;
        double value;
    } halves[] = {{0x0001, 0x1p-24}, {0x03ff, 1023 * 0x1p-24}, {0x0400, 0x1p-14},  {0x3555, 0.333251953125},
                  {0x7bff, 65504},   {0xfbff, -65504},         {0x7c00, INFINITY}, {0x8000, -0.0}};
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        char text[256];
        array a;
        unsigned char bytes[2] = {(unsigned char)halves[i].bits, (unsigned char)(halves[i].bits >> 8)};
        header(text, sizeof text, "<f2", "False", "(1,)");
        write_file(1, text, bytes, 2);
        cr_assert(npy_read(path, 0, false, &a, NULL));
        cr_expect((double)a.data[0] == halves[i].value && !signbit(a.data[0]) == !signbit(halves[i].value), "%04x: %g",
                  halves[i].bits, (double)a.data[0]);
        array_destroy(&a);
    }
    unsigned char nan_bytes[2] = {1, 0x7c};
    char text[256];
    array a;
    header(text, sizeof text, "<f2", "False", "(1,)");
    write_file(1, text, nan_bytes, 2);
    cr_assert(npy_read(path, 0, false, &a, NULL));
    cr_expect(isnan(a.data[0]));
    array_destroy(&a);
}

Test(npy, reads_fortran_order) {
    unsigned char bytes[24];
    char text[256];
    array a;
    for (unsigned i = 0; i < 24; i++) bytes[i] = (unsigned char)i;
    header(text, sizeof text, "|u1", "True", "(2, 3, 4)");
    write_file(1, text, bytes, sizeof bytes);
    cr_assert(npy_read(path, 0, false, &a, NULL));
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 3; j++) {
            for (int k = 0; k < 4; k++) cr_expect_eq(a.data[(i * 3 + j) * 4 + k], (float)(i + 2 * j + 6 * k));
        }
    }
    array_destroy(&a);
}

Test(npy, reads_large_fortran_arrays_across_chunks) {
    enum { ROWS = 301, COLUMNS = 97 };
    static unsigned char file[ROWS * COLUMNS * 2 + 256];
    char text[256];
    array a;
    header(text, sizeof text, "<u2", "True", "(301, 97)");
    size_t length = strlen(text);
    memcpy(file, "\x93NUMPY\1\0", 8);
    file[8] = (unsigned char)length;
    memcpy(file + 10, text, length);
    for (unsigned i = 0; i < ROWS * COLUMNS; i++) {
        file[10 + length + 2 * i] = (unsigned char)i;
        file[10 + length + 2 * i + 1] = (unsigned char)(i >> 8);
    }
    put_file(path, file, 10 + length + ROWS * COLUMNS * 2);
    cr_assert(npy_read(path, 0, false, &a, NULL));
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLUMNS; j++) cr_assert_eq(a.data[i * COLUMNS + j], (float)(i + ROWS * j));
    }
    array_destroy(&a);
}

Test(npy, reads_odd_but_right_headers) {
    static const char *const headers[] = {
        "{\"shape\": (2,), \"fortran_order\": False, \"descr\": \"|u1\"}",
        "  {'fortran_order':False,'descr':'|u1','shape':( 2 , ),}\n",
        "{'descr': 'u1', 'fortran_order': False, 'shape': (2L,)}",
        "{'descr': '=u1', 'fortran_order': True, 'shape': (2,)}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        array a;
        failure f = {0};
        write_file(1, headers[i], "\5\6", 2);
        bool read = npy_read(path, 0, false, &a, &f);
        cr_expect(read, "%s: %s", headers[i], f.error.message);
        if (!read) continue;
        cr_expect(a.data[0] == 5 && a.data[1] == 6);
        array_destroy(&a);
    }
}

Test(npy, reads_scalars_and_empty_arrays) {
    char text[256];
    array a;
    header(text, sizeof text, "|u1", "False", "()");
    write_file(1, text, "\7", 1);
    cr_assert(npy_read(path, 0, false, &a, NULL));
    cr_expect(a.shape.rank == 0 && a.data[0] == 7);
    array_destroy(&a);
    header(text, sizeof text, "<f4", "False", "(0, 3, 5)");
    write_file(1, text, "", 0);
    cr_assert(npy_read(path, 0, false, &a, NULL));
    cr_expect(a.shape.rank == 3 && conv_shape_count(&a.shape) == 0);
    array_destroy(&a);
}

/* Beside an empty axis the others may have sizes whose product is no number. */
Test(npy, reads_empty_arrays_of_any_size) {
    static const char *const orders[] = {"False", "True"};
    for (int i = 0; i < 2; i++) {
        char text[256];
        header(text, sizeof text, "<i2", orders[i], "(0, 311, 111119111111111111)");
        write_file(1, text, "", 0);
        array a;
        failure f = {0};
        if (!npy_read(path, 1 << 20, false, &a, &f)) {
            cr_assert(f.error.message[0]);
            continue;
        }
        cr_assert_eq(conv_shape_count(&a.shape), 0);
        array_destroy(&a);
    }
}

Test(npy, keeps_integers_exactly_when_asked) {
    const int64_t large = (1LL << 53) + 1;
    char text[256];
    array a;
    header(text, sizeof text, "<i8", "False", "(1,)");
    write_file(1, text, &large, sizeof large);
    cr_assert(npy_read(path, 0, true, &a, NULL));
    cr_assert_not_null(a.integers);
    cr_expect_eq(a.integers[0], large);
    array_destroy(&a);
    cr_assert(npy_read(path, 0, false, &a, NULL));
    cr_expect_null(a.integers);
    array_destroy(&a);
}

static const struct {
    const char *dictionary;
    int bytes;
    const char *says;
} refused[] = {
    {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8, "complex"},
    {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, "Python objects"},
    {"{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }", 12, "no real numbers"},
    {"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,), }", 8, "no real numbers"},
    {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4, "no real numbers"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 11, "cut short"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", 16, "too large"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 16, "too large"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }", 16, "cut short"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4, "damaged"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", 4, "axes"},
    {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", 4, "damaged"},
    {"{'descr': '<f4', 'shape': (1,), }", 4, "damaged"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}", 4, "damaged"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", 4, "damaged"},
    {"[1, 2]", 4, "damaged"},
    {"", 4, "damaged"},
};

Test(npy, refuses_what_is_no_array_of_real_numbers) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        static const char zeros[64];
        array a;
        failure f = {0};
        write_file(1, refused[i].dictionary, zeros, (size_t)refused[i].bytes);
        cr_expect(!npy_read(path, 0, false, &a, &f), "%s was read", refused[i].dictionary);
        cr_expect(strstr(f.error.message, refused[i].says), "%s\nis answered with: %s", refused[i].dictionary,
                  f.error.message);
        cr_expect_str_eq(f.path, path);
        cr_expect(a.data == NULL);
    }
}

Test(npy, refuses_more_than_the_limit_before_allocating) {
    char text[256];
    array a;
    failure f = {0};
    static unsigned char bytes[4096];
    header(text, sizeof text, "|u1", "False", "(4096,)");
    write_file(1, text, bytes, sizeof bytes);
    memory_fail_at(0);
    cr_expect(!npy_read(path, 4096 * 4 - 1, false, &a, &f));
    cr_expect(f.error.status == CONV_TOO_LARGE, "%s", f.error.message);
    cr_expect(npy_read(path, 4096 * 4, false, &a, &f));
    array_destroy(&a);
}

Test(npy, survives_every_cut_and_every_byte_changed) {
    char text[256];
    header(text, sizeof text, "<f4", "False", "(2, 3)");
    write_file(1, text, "\0\0\200\77\0\0\200\77\0\0\200\77\0\0\200\77\0\0\200\77\0\0\200\77", 24);
    char *bytes;
    size_t size;
    cr_assert(file_load(path, 4096, &bytes, &size, NULL));
    for (size_t cut = 0; cut < size; cut++) {
        array a;
        put_file(path, bytes, cut);
        cr_expect(!npy_read(path, 0, false, &a, NULL), "the first %zu bytes were read", cut);
    }
    for (size_t at = 0; at < size; at++) {
        char former = bytes[at];
        for (int change = 1; change < 256; change = change * 2 + 1) {
            array a;
            bytes[at] = (char)(former ^ change);
            put_file(path, bytes, size);
            if (npy_read(path, 1 << 20, false, &a, NULL)) array_destroy(&a);
        }
        bytes[at] = former;
    }
    memory_free(bytes);
}

Test(npy, refuses_what_is_no_regular_file_without_waiting) {
    array a;
    failure f = {0};
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_expect(!npy_read(path, 0, false, &a, &f));
    cr_expect(strstr(f.error.message, "regular file"), "%s", f.error.message);
    cr_expect(!npy_read(folder, 0, false, &a, &f));
    cr_expect(strstr(f.error.message, "folder"), "%s", f.error.message);
    cr_expect(!npy_read("/dev/zero", 0, false, &a, &f));
    unlink(path);
    cr_assert_eq(symlink("nowhere", path), 0);
    cr_expect(!npy_read(path, 0, false, &a, &f));
    cr_expect(strstr(f.error.message, "no such file"), "%s", f.error.message);
}

Test(npy, writes_what_numpy_reads) {
    const conv_shape shape = {.rank = 2, .size = {2, 3}};
    const float numbers[6] = {1, -2.5f, 0, NAN, INFINITY, 1e-40f};
    failure f = {0};
    char *bytes;
    size_t size;
    cr_assert(npy_write(path, &shape, numbers, &f), "%s", f.error.message);
    cr_assert(file_load(path, 4096, &bytes, &size, NULL));
    cr_expect(memcmp(bytes, "\x93NUMPY\1\0", 8) == 0);
    size_t length = (size_t)(unsigned char)bytes[8] | (size_t)(unsigned char)bytes[9] << 8;
    cr_expect_eq((10 + length) % 64, 0);
    cr_expect_eq(bytes[9 + length], '\n');
    cr_expect(strncmp(bytes + 10, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 59) == 0, "%.60s",
              bytes + 10);
    cr_expect_eq(size, 10 + length + sizeof numbers);
    cr_expect(memcmp(bytes + 10 + length, numbers, sizeof numbers) == 0);
    memory_free(bytes);
}

Test(npy, reads_back_what_it_wrote) {
    static const conv_shape shapes[] = {{.rank = 0},
                                        {.rank = 1, .size = {5}},
                                        {.rank = 3, .size = {2, 0, 4}},
                                        {.rank = 8, .size = {1, 2, 1, 2, 1, 2, 1, 2}}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        float numbers[16];
        int64_t integers[16];
        array a;
        for (int k = 0; k < 16; k++) {
            numbers[k] = (float)k * 0.1f - 0.7f;
            integers[k] = (1LL << 40) + k;
        }
        cr_assert(npy_write(path, &shapes[i], numbers, NULL));
        cr_assert(npy_read(path, 0, false, &a, NULL));
        cr_expect(conv_shape_equal(&a.shape, &shapes[i]));
        cr_expect(memcmp(a.data, numbers, (size_t)conv_shape_count(&shapes[i]) * sizeof(float)) == 0);
        array_destroy(&a);
        cr_assert(npy_write_integers(path, &shapes[i], integers, NULL));
        cr_assert(npy_read(path, 0, true, &a, NULL));
        cr_expect(memcmp(a.integers, integers, (size_t)conv_shape_count(&shapes[i]) * sizeof(int64_t)) == 0);
        array_destroy(&a);
    }
}

Test(npy, reports_every_allocation_that_fails) {
    const conv_shape shape = {.rank = 1, .size = {3}};
    const float numbers[3] = {1, 2, 3};
    cr_assert(npy_write(path, &shape, numbers, NULL));
    for (long n = 1;; n++) {
        array a;
        failure f = {0};
        memory_fail_at(n);
        bool read = npy_read(path, 0, true, &a, &f);
        bool hit = memory_count() >= n;
        memory_fail_at(0);
        if (read) array_destroy(&a);
        if (!hit) break;
        cr_expect(!read && f.error.status == CONV_NO_MEMORY, "allocation %ld: %s", n, f.error.message);
    }
}
