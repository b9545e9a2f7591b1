/* Any bytes as .npy and .npz: read or refused with a sentence, within the limit of memory. */
#include "app/arrays/array.h"

#include <stdio.h>
#include <string.h>

#include "file.h"

enum { LIMIT = 1 << 20 };

static void read_as(const char *name) {
    array a;
    memset(&a, 0, sizeof a);
    failure f = {0};
    if (array_read(name, 0, LIMIT, &a, &f)) {
        int64_t count = conv_shape_count(&a.shape);
        if (count < 0 || count > LIMIT / 4) abort();
        volatile float sum = 0;
        for (int64_t i = 0; i < count; i++) sum = sum + a.data[i]; /* all of it is there */
        array_destroy(&a);
    } else if (!f.error.message[0]) {
        fprintf(stderr, "a refusal has a sentence\n");
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *name = size > 1 && data[0] == 'P' ? "input.npz" : "input.npy";
    fuzz_file(name, data, size);
    read_as(name);
    return 0;
}
