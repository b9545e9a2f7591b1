/* Arrays with names: NumPy's .npz (a ZIP archive of .npy files, stored or deflated, also ZIP64) or a folder of .npy
 * files. */
#ifndef ARRAYS_NPZ_H
#define ARRAYS_NPZ_H

#include "app/system/file.h"
#include "array.h"

enum { BUNDLE_MAX_ARRAYS = 4096, BUNDLE_NAME_SIZE = 128 };

typedef struct bundle_entry {
    char name[BUNDLE_NAME_SIZE]; /* without ".npy" */
    int method;                  /* ZIP: 0 stored, 8 deflated */
    uint32_t crc;
    int64_t offset, packed, size;
    bool used; /* bundle_find gave it */
} bundle_entry;

typedef struct bundle {
    char *folder; /* NULL: an archive. Owned */
    file_reader archive;
    bundle_entry *entries; /* owned */
    size_t count, capacity;
} bundle;

/* Whether the path is a folder or its name ends in .npz. */
bool bundle_looks(const char *path);

bool bundle_open(bundle *b, const char *path, failure *f);
void bundle_close(bundle *b); /* zeroed bundles are allowed */

/* The array of that name, or NULL. */
bundle_entry *bundle_find(bundle *b, const char *name);

bool bundle_read(bundle *b, const bundle_entry *entry, size_t limit, array *a, failure *f);
bool bundle_peek(bundle *b, const bundle_entry *entry, conv_shape *shape, failure *f);

#endif
