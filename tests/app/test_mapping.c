#include "app/system/mapping.h"
#include "scratch.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { PAGES = 700, SIZE = PAGES * 4096 - 5 }; /* more than two pieces, and not whole pages */

static void begin(void) {
    scratch_begin("mapped");
    static char bytes[SIZE];
    for (int i = 0; i < SIZE; i++) bytes[i] = (char)(i % 251);
    put_file(path, bytes, SIZE);
}

TestSuite(mapping, .init = begin, .fini = scratch_end);

/* kB of the mapping that are in memory, as the system counts them. */
static long kept(const file_mapping *m) {
    FILE *maps = fopen("/proc/self/smaps", "r");
    cr_assert(maps);
    char line[4500];
    long found = -1;
    for (bool here = false; found < 0 && fgets(line, sizeof line, maps);) {
        uintptr_t first, past;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &first, &past) == 2) here = first == (uintptr_t)m->bytes;
        if (here) sscanf(line, "Rss: %ld", &found);
    }
    fclose(maps);
    return found;
}

Test(mapping, is_the_file) {
    file_mapping m;
    cr_assert(file_map(&m, path, NULL));
    cr_assert_eq(m.size, SIZE);
    const unsigned char *bytes = m.bytes;
    for (int i = 0; i < SIZE; i++) cr_assert_eq(bytes[i], i % 251);
    file_unmap(&m);
    cr_expect_null(m.bytes);
    cr_expect_eq(m.size, 0);
}

Test(mapping, is_kept_in_memory_as_a_whole_unless_it_is_ended) {
    file_mapping m;
    atomic_bool ended = true;
    cr_assert(file_map(&m, path, NULL));
    file_keep(&m, &ended);
    cr_expect_eq(kept(&m), 0);
    atomic_store(&ended, false);
    file_keep(&m, &ended);
    cr_expect_eq(kept(&m), PAGES * 4);
    file_unmap(&m);
}

Test(mapping, of_a_file_that_was_shortened_is_kept_without_harm) {
    file_mapping m;
    const atomic_bool ended = false;
    cr_assert(file_map(&m, path, NULL));
    cr_assert_eq(truncate(path, 4096), 0);
    file_keep(&m, &ended);
    cr_expect_eq(*(const unsigned char *)m.bytes, 0);
    file_unmap(&m);
}

Test(mapping, refuses_what_is_no_file_or_empty) {
    char other[192];
    failure f = {0};
    file_mapping m;
    snprintf(other, sizeof other, "%s/missing", folder);
    cr_expect(!file_map(&m, other, &f));
    cr_expect(strstr(f.error.message, "no such file") != NULL, "%s", f.error.message);
    cr_expect(!file_map(&m, folder, NULL));
    snprintf(other, sizeof other, "%s/pipe", folder);
    cr_assert_eq(mkfifo(other, 0600), 0);
    cr_expect(!file_map(&m, other, NULL));
    snprintf(other, sizeof other, "%s/empty", folder);
    put_file(other, "", 0);
    cr_expect(!file_map(&m, other, NULL));
    cr_expect_null(m.bytes);
    file_unmap(&m);
}
