#include "npz.h"

#include "app/language/language.h"
#include "app/system/memory.h"
#include "npy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <zlib.h>

/* The layout of a ZIP archive: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5. All numbers little-endian. */
enum {
    END_BYTES = 22, /* end of central directory */
    END_COMMENT_LIMIT = 65535,
    END64_LOCATOR_BYTES = 20,
    END64_BYTES = 56,
    ENTRY_BYTES = 46, /* central directory entry, before its name */
    LOCAL_BYTES = 30, /* local header, before its name */
    DIRECTORY_LIMIT = 1 << 24,
    INFLATE_BYTES = 1 << 15,
    LARGEST_RATIO = 1032 /* of deflate: what promises more is damaged */
};

static const uint32_t end_mark = 0x06054b50, end64_locator_mark = 0x07064b50, end64_mark = 0x06064b50,
                      entry_mark = 0x02014b50, local_mark = 0x04034b50;

static uint64_t number_at(const unsigned char *bytes, int size) {
    uint64_t value = 0;
    for (int i = size - 1; i >= 0; i--) value = value << 8 | bytes[i];
    return value;
}

static bool damaged(const bundle *b, failure *f) {
    fail(f, N_("the .npz archive is damaged"), "");
    return fail_in(f, b->archive.path);
}

static bool read_at(bundle *b, int64_t at, void *data, size_t size, failure *f) {
    if (at < 0 || (int64_t)size > b->archive.size || at > b->archive.size - (int64_t)size) return damaged(b, f);
    return file_seek(&b->archive, at, f) && file_read(&b->archive, data, size, f);
}

/* Keeps an array's name; names that are no arrays are passed over. */
static bool entry_add(bundle *b, const char *name, size_t length, const bundle_entry *entry, failure *f) {
    if (length < 5 || length - 4 >= BUNDLE_NAME_SIZE || memcmp(name + length - 4, ".npy", 4) != 0) return true;
    if (b->count == BUNDLE_MAX_ARRAYS)
        return fail(f, N_("more than {0} arrays are not read"), "d", (int64_t)BUNDLE_MAX_ARRAYS);
    if (!memory_reserve(&b->entries, &b->capacity, b->count + 1, sizeof *b->entries)) return fail_memory(f);
    bundle_entry *kept = &b->entries[b->count++];
    *kept = *entry;
    memcpy(kept->name, name, length - 4);
    kept->name[length - 4] = '\0';
    return true;
}

/* ZIP64 keeps the sizes that do not fit, in this order, in an extra field. */
static bool extra_read(const unsigned char *extra, size_t size, bundle_entry *e, uint64_t *offset) {
    while (size >= 4) {
        size_t length = (size_t)number_at(extra + 2, 2);
        if (length > size - 4) return false;
        if (number_at(extra, 2) == 1) {
            const unsigned char *at = extra + 4, *end = at + length;
            uint64_t values[3] = {(uint64_t)e->size, (uint64_t)e->packed, *offset};
            for (int i = 0; i < 3; i++) {
                if (values[i] != UINT32_MAX) continue;
                if (end - at < 8) return false;
                values[i] = number_at(at, 8);
                at += 8;
            }
            e->size = (int64_t)values[0];
            e->packed = (int64_t)values[1];
            *offset = values[2];
            return true;
        }
        extra += 4 + length;
        size -= 4 + length;
    }
    return true;
}

static bool directory_parse(bundle *b, const unsigned char *bytes, size_t size, uint64_t count, failure *f) {
    for (uint64_t i = 0; i < count; i++) {
        if (size < ENTRY_BYTES || number_at(bytes, 4) != entry_mark) return damaged(b, f);
        size_t name = (size_t)number_at(bytes + 28, 2), extra = (size_t)number_at(bytes + 30, 2);
        size_t whole = ENTRY_BYTES + name + extra + (size_t)number_at(bytes + 32, 2);
        if (whole > size) return damaged(b, f);
        bundle_entry e = {.method = (int)number_at(bytes + 10, 2),
                          .crc = (uint32_t)number_at(bytes + 16, 4),
                          .packed = (int64_t)number_at(bytes + 20, 4),
                          .size = (int64_t)number_at(bytes + 24, 4)};
        uint64_t offset = number_at(bytes + 42, 4);
        if (number_at(bytes + 8, 2) & 1) {
            fail(f, N_("the archive is encrypted"), "");
            return fail_in(f, b->archive.path);
        }
        if (!extra_read(bytes + ENTRY_BYTES + name, extra, &e, &offset)) return damaged(b, f);
        if (e.size < 0 || e.packed < 0 || e.packed > b->archive.size || offset > (uint64_t)b->archive.size)
            return damaged(b, f);
        if (e.method == 8 && e.size / LARGEST_RATIO > e.packed + 1) return damaged(b, f);
        e.offset = (int64_t)offset;
        if (!entry_add(b, (const char *)bytes + ENTRY_BYTES, name, &e, f)) return false;
        bytes += whole;
        size -= whole;
    }
    return true;
}

/* Where the central directory is, from the archive's end. */
static bool directory_find(bundle *b, uint64_t *at, uint64_t *size, uint64_t *count, failure *f) {
    unsigned char tail[END_BYTES + END_COMMENT_LIMIT], more[END64_BYTES];
    int64_t length = b->archive.size < (int64_t)sizeof tail ? b->archive.size : (int64_t)sizeof tail;
    int64_t end = length - END_BYTES;
    if (length < END_BYTES || !read_at(b, b->archive.size - length, tail, (size_t)length, f)) return damaged(b, f);
    while (end >= 0 && number_at(tail + end, 4) != end_mark) end--;
    if (end < 0) return damaged(b, f);
    *count = number_at(tail + end + 10, 2);
    *size = number_at(tail + end + 12, 4);
    *at = number_at(tail + end + 16, 4);
    if (*count != UINT16_MAX && *size != UINT32_MAX && *at != UINT32_MAX) return true;
    int64_t locator = b->archive.size - length + end - END64_LOCATOR_BYTES;
    if (!read_at(b, locator, more, END64_LOCATOR_BYTES, f)) return false;
    if (number_at(more, 4) != end64_locator_mark) return true; /* the numbers just happen to be that large */
    uint64_t end64 = number_at(more + 8, 8);
    if (end64 > INT64_MAX || !read_at(b, (int64_t)end64, more, END64_BYTES, f)) return damaged(b, f);
    if (number_at(more, 4) != end64_mark) return damaged(b, f);
    *count = number_at(more + 32, 8);
    *size = number_at(more + 40, 8);
    *at = number_at(more + 48, 8);
    return true;
}

static bool archive_open(bundle *b, const char *path, failure *f) {
    if (!file_open(&b->archive, path, f)) return false;
    uint64_t at, size, count;
    if (!directory_find(b, &at, &size, &count, f)) return false;
    if (size > DIRECTORY_LIMIT || at > INT64_MAX) return damaged(b, f);
    unsigned char *bytes = memory_resize(NULL, (size_t)size + 1, 1);
    if (!bytes) return fail_memory(f);
    bool ok = read_at(b, (int64_t)at, bytes, (size_t)size, f) && directory_parse(b, bytes, (size_t)size, count, f);
    memory_free(bytes);
    return ok;
}

static bool folder_open(bundle *b, const char *path, failure *f) {
    b->folder = memory_text(path);
    if (!b->folder) return fail_memory(f);
    DIR *folder = opendir(path);
    if (!folder) return fail_system(f, path, errno);
    bool ok = true;
    for (struct dirent *d; ok && (d = readdir(folder));)
        ok = entry_add(b, d->d_name, strlen(d->d_name), &(bundle_entry){0}, f);
    closedir(folder);
    return ok;
}

static bool is_folder(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

bool bundle_looks(const char *path) {
    const size_t length = strlen(path);
    return is_folder(path) || (length > 4 && strcasecmp(path + length - 4, ".npz") == 0);
}

bool bundle_open(bundle *b, const char *path, failure *f) {
    *b = (bundle){.archive.fd = -1};
    bool ok = is_folder(path) ? folder_open(b, path, f) : archive_open(b, path, f);
    if (!ok) bundle_close(b);
    return ok;
}

void bundle_close(bundle *b) {
    if (!b->folder && (b->archive.fd > 0 || b->entries)) file_close(&b->archive);
    memory_free(b->folder);
    memory_free(b->entries);
    *b = (bundle){.archive.fd = -1};
}

bundle_entry *bundle_find(bundle *b, const char *name) {
    for (size_t i = 0; i < b->count; i++) {
        if (strcmp(b->entries[i].name, name) != 0) continue;
        b->entries[i].used = true;
        return &b->entries[i];
    }
    return NULL;
}

/* One entry being read. */
typedef struct unpacker {
    bundle *b;
    bool deflated;
    int64_t packed_left;
    uint32_t crc;
    z_stream z;
    unsigned char packed[INFLATE_BYTES];
} unpacker;

static void *zlib_alloc(void *context, unsigned count, unsigned size) {
    (void)context;
    return memory_resize(NULL, count, size);
}

static void zlib_free(void *context, void *memory) {
    (void)context;
    memory_free(memory);
}

static bool inflate_some(unpacker *u, void *data, size_t size, failure *f) {
    u->z.next_out = data;
    u->z.avail_out = (unsigned)size; /* chunks are small */
    while (u->z.avail_out > 0) {
        if (u->z.avail_in == 0) {
            size_t more = u->packed_left < INFLATE_BYTES ? (size_t)u->packed_left : INFLATE_BYTES;
            if (more == 0) return damaged(u->b, f);
            if (!file_read(&u->b->archive, u->packed, more, f)) return false;
            u->packed_left -= (int64_t)more;
            u->z.next_in = u->packed;
            u->z.avail_in = (unsigned)more;
        }
        int state = inflate(&u->z, Z_NO_FLUSH);
        if (state == Z_MEM_ERROR) return fail_memory(f);
        if (state != Z_OK && (state != Z_STREAM_END || u->z.avail_out > 0)) return damaged(u->b, f);
    }
    return true;
}

static bool unpacker_read(void *context, void *data, size_t size, failure *f) {
    unpacker *u = context;
    bool ok = u->deflated ? inflate_some(u, data, size, f) : file_read(&u->b->archive, data, size, f);
    if (ok) u->crc = (uint32_t)crc32(u->crc, data, (unsigned)size);
    return ok;
}

/* Puts the archive at the entry's first byte. */
static bool entry_seek(bundle *b, const bundle_entry *e, failure *f) {
    unsigned char local[LOCAL_BYTES];
    if (!read_at(b, e->offset, local, sizeof local, f)) return false;
    if (number_at(local, 4) != local_mark) return damaged(b, f);
    int64_t begin = e->offset + LOCAL_BYTES + (int64_t)number_at(local + 26, 2) + (int64_t)number_at(local + 28, 2);
    if (begin > b->archive.size - e->packed) return damaged(b, f);
    return file_seek(&b->archive, begin, f);
}

/* Reads an entry's array, or (a NULL) only its shape. */
static bool entry_decode(bundle *b, const bundle_entry *e, size_t limit, array *a, conv_shape *shape, failure *f) {
    if (e->method != 0 && e->method != 8) {
        fail(f, N_("the array {0} is packed in a way that is not read (only stored and deflated are)"), "s", e->name);
        return fail_in(f, b->archive.path);
    }
    if (!entry_seek(b, e, f)) return false;
    unpacker *u = memory_zeroed(1, sizeof *u);
    if (!u) return fail_memory(f);
    u->b = b;
    u->deflated = e->method == 8;
    u->packed_left = e->packed;
    u->z.zalloc = zlib_alloc;
    u->z.zfree = zlib_free;
    bool ok = !u->deflated || inflateInit2(&u->z, -MAX_WBITS) == Z_OK || fail_memory(f);
    byte_stream in = {unpacker_read, u, u->deflated ? e->size : e->packed, b->archive.path};
    if (ok) {
        ok = a ? npy_decode(&in, limit, false, a, f) : npy_decode_shape(&in, shape, f);
        if (ok && a && in.left == 0 && u->crc != e->crc) {
            array_destroy(a);
            ok = damaged(b, f);
        }
    }
    if (u->deflated) inflateEnd(&u->z);
    memory_free(u);
    return ok;
}

static bool folder_path(const bundle *b, const bundle_entry *e, char *path, size_t size, failure *f) {
    char name[BUNDLE_NAME_SIZE + 8];
    snprintf(name, sizeof name, "%s.npy", e->name);
    return file_inside(b->folder, name, path, size, f);
}

bool bundle_read(bundle *b, const bundle_entry *entry, size_t limit, array *a, failure *f) {
    char path[4096];
    *a = (array){0};
    if (!b->folder) return entry_decode(b, entry, limit, a, NULL, f);
    return folder_path(b, entry, path, sizeof path, f) && npy_read(path, limit, false, a, f);
}

bool bundle_peek(bundle *b, const bundle_entry *entry, conv_shape *shape, failure *f) {
    char path[4096];
    if (!b->folder) return entry_decode(b, entry, 0, NULL, shape, f);
    return folder_path(b, entry, path, sizeof path, f) && npy_peek(path, shape, f);
}
