/* As much of Criterion as the engine's tests use, for a processor whose Criterion is not installed: see ../run. */
#ifndef TESTS_AARCH64_CRITERION_H
#define TESTS_AARCH64_CRITERION_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef void test_function(void);

/* Registers a test, or what is done before and after each test of the file (name NULL). */
void test_register(const char *name, test_function *test, test_function *fini);

/* Prints what was expected and ends the program unless it is true. */
void test_expect(bool right, const char *file, int line, const char *what, const char *format, ...);

typedef struct test_options {
    test_function *init, *fini;
    double timeout;
} test_options;

#define Test(suite, name, ...)                                                                                         \
    static void suite##_##name(void);                                                                                  \
    __attribute__((constructor)) static void suite##_##name##_register(void) {                                         \
        test_register(#suite "/" #name, suite##_##name, NULL);                                                         \
    }                                                                                                                  \
    static void suite##_##name(void)
#define TestSuite(suite, ...)                                                                                          \
    __attribute__((constructor)) static void suite##_options(void) {                                                   \
        test_options options = {__VA_ARGS__};                                                                          \
        test_register(NULL, options.init, options.fini);                                                               \
    }                                                                                                                  \
    struct suite##_needs_a_semicolon

#define TEST_EXPECT(right, what, ...) test_expect(right, __FILE__, __LINE__, what, "" __VA_ARGS__)
#define cr_assert(a, ...) TEST_EXPECT(a, #a, __VA_ARGS__)
#define cr_assert_not(a, ...) TEST_EXPECT(!(a), "not " #a, __VA_ARGS__)
#define cr_assert_eq(a, b, ...) TEST_EXPECT((a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...) TEST_EXPECT((a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...) TEST_EXPECT((a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...) TEST_EXPECT((a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...) TEST_EXPECT((a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...) TEST_EXPECT((a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_assert_null(a, ...) TEST_EXPECT((a) == NULL, #a " is NULL", __VA_ARGS__)
#define cr_assert_not_null(a, ...) TEST_EXPECT((a) != NULL, #a " is not NULL", __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...) TEST_EXPECT(strcmp(a, b) == 0, #a " is " #b, __VA_ARGS__)
#define cr_assert_float_eq(a, b, by, ...)                                                                              \
    TEST_EXPECT(fabs((double)(a) - (double)(b)) <= (by), #a " is " #b, __VA_ARGS__)
/* Where Criterion goes on, this ends too: it is a failure either way. */
#define cr_expect cr_assert
#define cr_expect_eq cr_assert_eq
#define cr_assert_arr_eq(a, b, size, ...) TEST_EXPECT(memcmp(a, b, size) == 0, #a " is " #b, __VA_ARGS__)

#endif
