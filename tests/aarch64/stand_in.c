/* Runs the tests that registered themselves, one after the other; the first failure ends the program. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>

enum { MOST_TESTS = 64 };

static struct {
    const char *name;
    test_function *test;
} tests[MOST_TESTS];
static int count;
static test_function *before, *after;

void test_register(const char *name, test_function *test, test_function *fini) {
    if (name == NULL) {
        before = test;
        after = fini;
    } else if (count < MOST_TESTS) {
        tests[count].name = name;
        tests[count++].test = test;
    } else {
        abort();
    }
}

void test_expect(bool right, const char *file, int line, const char *what, const char *format, ...) {
    if (right) return;
    printf("%s:%d: expected %s\n", file, line, what);
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    exit(1);
}

int main(void) {
    for (int i = 0; i < count; i++) {
        if (before != NULL) before();
        tests[i].test();
        if (after != NULL) after();
        printf("ok %s\n", tests[i].name);
        fflush(stdout);
    }
    return count > 0 ? 0 : 1;
}
