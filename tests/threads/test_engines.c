/* Engines on several threads at once: two engines side by side, one engine shared, and every thread count gives the
 * same bits. A plain program, so that ThreadSanitizer can watch it. */
#include "case.h"

#include <pthread.h>

typedef struct client {
    conv_engine *engine;
    const work *work;
    const float *expected;
    int rounds;
    bool equal;
} client;

static void *run_client(void *argument) {
    client *c = argument;
    c->equal = true;
    for (int i = 0; i < c->rounds; i++) {
        float *output = case_run(c->engine, c->work, CONV_AUTO, 2);
        c->equal = c->equal && case_same(c->work, output, c->expected);
        free(output);
    }
    return NULL;
}

static void together(conv_engine *first, conv_engine *second, const work *w, const float *expected) {
    client clients[3] = {
        {first, w, expected, 6, false}, {second, w, expected, 6, false}, {first, w, expected, 6, false}};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        demand(pthread_create(&threads[i], NULL, run_client, &clients[i]) == 0, "a thread starts");
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        demand(clients[i].equal, "every client sees the bits that it would see alone");
    }
}

static void every_count(const work *w, conv_algorithm algorithm) {
    conv_engine *one = case_engine(1);
    float *expected = case_run(one, w, algorithm, 1);
    conv_engine_destroy(one);
    if (!expected) return;
    static const int counts[] = {2, 3, 5, 16};
    for (int i = 0; i < 4; i++) {
        conv_engine *engine = case_engine(counts[i]);
        float *output = case_run(engine, w, algorithm, 3);
        if (!case_same(w, output, expected))
            fprintf(stderr, "%s with %d threads\n", conv_algorithm_name(algorithm), counts[i]);
        demand(case_same(w, output, expected), "the bits do not depend on the thread count");
        free(output);
        conv_engine_destroy(engine);
    }
    free(expected);
}

/* Engines come and go, some without ever having worked. */
static void come_and_go(const work *w) {
    for (int i = 0; i < 30; i++) {
        conv_engine *engine = case_engine(1 + i % 5);
        if (i % 2) free(case_run(engine, w, CONV_AUTO, 1));
        conv_engine_destroy(engine);
    }
}

int main(void) {
    static const char *const operations[] = {"Conv2d", "ConvTranspose2d"};
    for (int i = 0; i < 2; i++) {
        work w = case_open(operations[i]);
        for (int a = 0; a < CONV_ALGORITHM_COUNT; a++) every_count(&w, (conv_algorithm)a);
        conv_engine *first = case_engine(3), *second = case_engine(2);
        float *expected = case_run(first, &w, CONV_AUTO, 1);
        together(first, second, &w, expected);
        free(expected);
        conv_engine_destroy(first);
        conv_engine_destroy(second);
        come_and_go(&w);
        case_close(&w);
    }
    puts("engines side by side, shared, and with 1 to 16 threads: the same bits");
    return 0;
}
