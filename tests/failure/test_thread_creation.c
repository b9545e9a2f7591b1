/* Threads that cannot be created are done without: fewer threads, the same bits. */
#include "creation.h"
#include "tests/threads/case.h"

int main(void) {
    enum { WANTED = 6 };
    work w = case_open("Conv2d");
    conv_engine *whole = case_engine(WANTED);
    demand(conv_engine_threads(whole) == WANTED, "all threads are there when nothing fails");
    float *expected = case_run(whole, &w, CONV_AUTO, 1);
    conv_engine_destroy(whole);
    for (int on = 0; on < 2; on++) {
        for (int n = 1; n < WANTED; n++) {
            creation_fail_at(n, on == 1);
            conv_engine *engine = case_engine(WANTED);
            creation_fail_at(0, false);
            int threads = conv_engine_threads(engine);
            demand(threads >= n && threads < WANTED,
                   "an engine whose n-th thread fails has at least n and fewer than wanted");
            if (on == 1) demand(threads == n, "threads from the n-th on fail: n are left, the caller among them");
            float *output = case_run(engine, &w, CONV_AUTO, 3);
            demand(case_same(&w, output, expected), "fewer threads give the same bits");
            free(output);
            conv_engine_destroy(engine);
        }
    }
    free(expected);
    case_close(&w);
    puts("each thread failed once: the same bits with fewer");
    return 0;
}
