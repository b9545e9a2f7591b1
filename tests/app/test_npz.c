#include "app/arrays/npy.h"
#include "app/arrays/npz.h"
#include "app/system/memory.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static void begin(void) {
    scratch_begin("x.npz");
}

TestSuite(npz, .init = begin, .fini = scratch_end);

/* An archive under construction, so that each field can be made wrong. */
typedef struct archive {
    unsigned char bytes[16384], directory[4096];
    size_t size, directory_size;
    int count;
    bool deflate, zip64, encrypted;
    int method;    /* -1: the right one */
    long size_lie; /* added to the uncompressed size */
} archive;

static void put(unsigned char *bytes, size_t *at, uint64_t value, int size) {
    for (int i = 0; i < size; i++) bytes[(*at)++] = (unsigned char)(value >> 8 * i);
}

static void append(unsigned char *bytes, size_t *at, const void *data, size_t size) {
    memcpy(bytes + *at, data, size);
    *at += size;
}

/* The .npy bytes of a vector of small integers. */
static size_t vector_bytes(unsigned char *bytes, const unsigned char *numbers, unsigned count) {
    int length =
        snprintf((char *)bytes + 10, 256, "{'descr': '|u1', 'fortran_order': False, 'shape': (%u,), }\n", count);
    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (unsigned char)length;
    bytes[9] = 0;
    memcpy(bytes + 10 + length, numbers, count);
    return 10 + (size_t)length + count;
}

static void add(archive *a, const char *name, const unsigned char *data, size_t size) {
    unsigned char packed[8192];
    size_t packed_size = size, name_size = strlen(name), offset = a->size;
    memcpy(packed, data, size);
    if (a->deflate) {
        z_stream z = {0};
        deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
        z.next_in = (unsigned char *)(uintptr_t)data;
        z.avail_in = (unsigned)size;
        z.next_out = packed;
        z.avail_out = sizeof packed;
        cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
        packed_size = z.total_out;
        deflateEnd(&z);
    }
    const uint64_t method = a->method >= 0 ? (uint64_t)a->method : a->deflate ? 8 : 0;
    const uint64_t crc = crc32(0, data, (unsigned)size), flags = a->encrypted ? 1 : 0;
    const uint64_t told = (uint64_t)((long)size + a->size_lie);
    put(a->bytes, &a->size, 0x04034b50, 4);
    put(a->bytes, &a->size, 20, 2);
    put(a->bytes, &a->size, flags, 2);
    put(a->bytes, &a->size, method, 2);
    put(a->bytes, &a->size, 0, 4);
    put(a->bytes, &a->size, crc, 4);
    put(a->bytes, &a->size, packed_size, 4);
    put(a->bytes, &a->size, told, 4);
    put(a->bytes, &a->size, name_size, 2);
    put(a->bytes, &a->size, 3, 2); /* an extra field of odd length, to be skipped */
    append(a->bytes, &a->size, name, name_size);
    append(a->bytes, &a->size, "abc", 3);
    append(a->bytes, &a->size, packed, packed_size);

    unsigned char *d = a->directory;
    size_t *at = &a->directory_size;
    put(d, at, 0x02014b50, 4);
    put(d, at, 20, 2);
    put(d, at, 20, 2);
    put(d, at, flags, 2);
    put(d, at, method, 2);
    put(d, at, 0, 4);
    put(d, at, crc, 4);
    put(d, at, a->zip64 ? UINT32_MAX : packed_size, 4);
    put(d, at, a->zip64 ? UINT32_MAX : told, 4);
    put(d, at, name_size, 2);
    put(d, at, a->zip64 ? 28 : 0, 2);
    put(d, at, 0, 2);
    put(d, at, 0, 2);
    put(d, at, 0, 2);
    put(d, at, 0, 4);
    put(d, at, a->zip64 ? UINT32_MAX : offset, 4);
    append(d, at, name, name_size);
    if (a->zip64) {
        put(d, at, 1, 2);
        put(d, at, 24, 2);
        put(d, at, told, 8);
        put(d, at, packed_size, 8);
        put(d, at, offset, 8);
    }
    a->count++;
}

static size_t finish(archive *a, const char *comment) {
    size_t begin_directory = a->size;
    append(a->bytes, &a->size, a->directory, a->directory_size);
    if (a->zip64) {
        size_t end64 = a->size;
        put(a->bytes, &a->size, 0x06064b50, 4);
        put(a->bytes, &a->size, 44, 8);
        put(a->bytes, &a->size, 45, 4);
        put(a->bytes, &a->size, 0, 8);
        put(a->bytes, &a->size, (uint64_t)a->count, 8);
        put(a->bytes, &a->size, (uint64_t)a->count, 8);
        put(a->bytes, &a->size, a->directory_size, 8);
        put(a->bytes, &a->size, begin_directory, 8);
        put(a->bytes, &a->size, 0x07064b50, 4);
        put(a->bytes, &a->size, 0, 4);
        put(a->bytes, &a->size, end64, 8);
        put(a->bytes, &a->size, 1, 4);
    }
    put(a->bytes, &a->size, 0x06054b50, 4);
    put(a->bytes, &a->size, 0, 4);
    put(a->bytes, &a->size, a->zip64 ? UINT16_MAX : (uint64_t)a->count, 2);
    put(a->bytes, &a->size, a->zip64 ? UINT16_MAX : (uint64_t)a->count, 2);
    put(a->bytes, &a->size, a->zip64 ? UINT32_MAX : a->directory_size, 4);
    put(a->bytes, &a->size, a->zip64 ? UINT32_MAX : begin_directory, 4);
    put(a->bytes, &a->size, strlen(comment), 2);
    append(a->bytes, &a->size, comment, strlen(comment));
    put_file(path, a->bytes, a->size);
    return a->size;
}

static void two_arrays(archive *a) {
    unsigned char bytes[512];
    size_t size = vector_bytes(bytes, (const unsigned char *)"\1\2\3", 3);
    add(a, "0.weight.npy", bytes, size);
    size = vector_bytes(bytes, (const unsigned char *)"\11", 1);
    add(a, "0.bias.npy", bytes, size);
    add(a, "readme.txt", (const unsigned char *)"not an array", 12);
    finish(a, "a comment");
}

Test(npz, reads_stored_and_deflated_and_zip64_archives) {
    for (int way = 0; way < 4; way++) {
        archive made = {.deflate = way & 1, .zip64 = way & 2, .method = -1};
        bundle b;
        array a;
        failure f = {0};
        two_arrays(&made);
        cr_assert(bundle_open(&b, path, &f), "way %d: %s", way, f.error.message);
        cr_expect_eq(b.count, 2);
        const bundle_entry *entry = bundle_find(&b, "0.weight");
        cr_assert_not_null(entry);
        cr_expect(entry->used);
        conv_shape shape;
        cr_expect(bundle_peek(&b, entry, &shape, &f) && shape.rank == 1 && shape.size[0] == 3);
        cr_assert(bundle_read(&b, entry, 0, &a, &f), "way %d: %s", way, f.error.message);
        cr_expect(a.data[0] == 1 && a.data[1] == 2 && a.data[2] == 3);
        array_destroy(&a);
        cr_assert(bundle_read(&b, bundle_find(&b, "0.bias"), 0, &a, &f));
        cr_expect(a.data[0] == 9);
        array_destroy(&a);
        cr_expect_null(bundle_find(&b, "1.weight"));
        bundle_close(&b);
    }
}

Test(npz, reads_a_folder) {
    const conv_shape shape = {.rank = 1, .size = {2}};
    const float numbers[2] = {4, 5};
    char file[160];
    bundle b;
    array a;
    snprintf(file, sizeof file, "%s/0.weight.npy", folder);
    cr_assert(npy_write(file, &shape, numbers, NULL));
    cr_assert(bundle_open(&b, folder, NULL));
    cr_assert_not_null(bundle_find(&b, "0.weight"));
    cr_assert(bundle_read(&b, bundle_find(&b, "0.weight"), 0, &a, NULL));
    cr_expect(a.data[0] == 4 && a.data[1] == 5);
    array_destroy(&a);
    bundle_close(&b);
}

Test(npz, does_not_leave_a_folder_by_a_link) {
    char outside[160], inside[160];
    const conv_shape shape = {.rank = 1, .size = {1}};
    const float number = 1;
    bundle b;
    array a;
    failure f = {0};
    snprintf(inside, sizeof inside, "%s/weights", folder);
    snprintf(outside, sizeof outside, "%s/secret.npy", folder);
    cr_assert_eq(mkdir(inside, 0700), 0);
    cr_assert(npy_write(outside, &shape, &number, NULL));
    strcat(inside, "/w.npy");
    cr_assert_eq(symlink("../secret.npy", inside), 0);
    inside[strlen(inside) - 6] = '\0';
    cr_assert(bundle_open(&b, inside, NULL));
    cr_assert_not_null(bundle_find(&b, "w"));
    cr_expect(!bundle_read(&b, bundle_find(&b, "w"), 0, &a, &f));
    cr_expect(strstr(f.error.message, "leaves its folder"), "%s", f.error.message);
    bundle_close(&b);
}

static bool read_all(failure *f) {
    bundle b;
    if (!bundle_open(&b, path, f)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < b.count; i++) {
        array a;
        ok = bundle_read(&b, &b.entries[i], 1 << 20, &a, f);
        if (ok) array_destroy(&a);
    }
    bundle_close(&b);
    return ok;
}

Test(npz, refuses_what_it_cannot_read) {
    static const struct {
        archive made;
        const char *says;
    } cases[] = {
        {{.method = 12}, "packed in a way"},
        {{.method = -1, .encrypted = true}, "encrypted"},
        {{.method = -1, .deflate = true, .size_lie = 1000000}, "damaged"},
        {{.method = -1, .deflate = true, .size_lie = -20}, "damaged"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        archive made = cases[i].made;
        failure f = {0};
        two_arrays(&made);
        cr_expect(!read_all(&f), "case %zu was read", i);
        cr_expect(strstr(f.error.message, cases[i].says), "case %zu: %s", i, f.error.message);
    }
}

Test(npz, notices_a_changed_number) {
    archive made = {.method = -1};
    failure f = {0};
    two_arrays(&made);
    cr_assert(read_all(&f));
    unsigned char *three = memchr(made.bytes, 3, made.size);
    while (three && memcmp(three - 2, "\1\2\3", 3) != 0) three = memchr(three + 1, 3, made.size);
    cr_assert_not_null(three);
    *three = 4;
    put_file(path, made.bytes, made.size);
    cr_expect(!read_all(&f));
    cr_expect(strstr(f.error.message, "damaged"), "%s", f.error.message);
}

Test(npz, survives_every_cut_and_every_byte_changed) {
    for (int way = 0; way < 4; way++) {
        archive made = {.deflate = way & 1, .zip64 = way & 2, .method = -1};
        two_arrays(&made);
        for (size_t cut = 0; cut < made.size - 9; cut += 3) {
            put_file(path, made.bytes, cut);
            cr_expect(!read_all(NULL), "the first %zu bytes were read", cut);
        }
        for (size_t at = 0; at < made.size; at++) {
            static const int changes[] = {1, 0x80, 0xff};
            for (size_t c = 0; c < 3; c++) {
                unsigned char former = made.bytes[at];
                made.bytes[at] = (unsigned char)(former ^ changes[c]);
                put_file(path, made.bytes, made.size);
                read_all(NULL);
                made.bytes[at] = former;
            }
        }
    }
}

Test(npz, reports_every_allocation_that_fails) {
    archive made = {.deflate = true, .method = -1};
    two_arrays(&made);
    for (long n = 1;; n++) {
        failure f = {0};
        memory_fail_at(n);
        bool read = read_all(&f);
        bool hit = memory_count() >= n;
        memory_fail_at(0);
        if (!hit) break;
        cr_expect(!read && f.error.status == CONV_NO_MEMORY, "allocation %ld: %s", n, f.error.message);
    }
}
