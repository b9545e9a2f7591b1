/* The one door for the program's memory: checked sizes, and a hook that lets one allocation fail. */
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

Test(memory, refuses_products_that_overflow) {
    cr_assert_null(memory_resize(NULL, SIZE_MAX / 2, 3));
    cr_assert_null(memory_zeroed(SIZE_MAX, 2));
}

Test(memory, zeroed_is_zero) {
    unsigned char *bytes = memory_zeroed(1000, 1);
    cr_assert_not_null(bytes);
    for (int i = 0; i < 1000; i++) cr_assert_eq(bytes[i], 0, "byte %d", i);
    memory_free(bytes);
}

Test(memory, reserve_keeps_what_was_there) {
    int *items = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; i++) {
        cr_assert(memory_reserve(&items, &capacity, (size_t)i + 1, sizeof *items));
        items[i] = i * 7;
    }
    for (int i = 0; i < 1000; i++) cr_assert_eq(items[i], i * 7);
    size_t before = capacity;
    cr_assert_not(memory_reserve(&items, &capacity, SIZE_MAX, sizeof *items));
    cr_assert_eq(capacity, before);
    cr_assert_eq(items[999], 999 * 7);
    memory_free(items);
}

Test(memory, the_nth_allocation_fails_once) {
    for (long n = 1; n <= 3; n++) {
        memory_fail_at(n);
        void *blocks[5];
        for (int i = 0; i < 5; i++) {
            blocks[i] = memory_resize(NULL, 8, 1);
            cr_assert_eq(blocks[i] == NULL, i + 1 == n, "n = %ld, allocation %d", n, i + 1);
        }
        cr_assert_eq(memory_count(), 5);
        memory_fail_at(0);
        for (int i = 0; i < 5; i++) memory_free(blocks[i]);
    }
}

Test(memory, the_engine_takes_it_from_here) {
    conv_allocator allocator = memory_allocator();
    memory_fail_at(2);
    char *block = allocator.resize(allocator.context, NULL, 16);
    cr_assert_not_null(block);
    memcpy(block, "fifteen letters", 16);
    cr_assert_null(allocator.resize(allocator.context, block, 32));
    cr_assert_str_eq(block, "fifteen letters");
    memory_fail_at(0);
    cr_assert_null(allocator.resize(allocator.context, block, 0));
}
