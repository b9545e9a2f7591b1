/* A storm of signals during runs: none reaches a worker, none changes a bit, and the engine never forks. */
#include "case.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <sys/wait.h>

static atomic_int delivered, strays;
static pthread_t caller;

static void handler(int number) {
    (void)number;
    atomic_fetch_add(&delivered, 1);
    if (!pthread_equal(pthread_self(), caller)) atomic_fetch_add(&strays, 1);
}

int main(void) {
    caller = pthread_self();
    work w = case_open("Conv2d");
    conv_engine *engine = case_engine(4);
    float *expected = case_run(engine, &w, CONV_AUTO, 1);
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    int runs = 0;
    for (; runs < 20 || (atomic_load(&delivered) < 100 && runs < 3000); runs++) {
        float *output = case_run(engine, &w, CONV_AUTO, 5);
        demand(case_same(&w, output, expected), "a run under signals has the same bits");
        free(output);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    demand(atomic_load(&delivered) >= 100, "there was a storm");
    demand(atomic_load(&strays) == 0, "signals come to the program's own thread, not to the engine's");
    demand(wait(NULL) == -1, "the engine has no child process");
    conv_engine_destroy(engine);
    free(expected);
    case_close(&w);
    printf("%d signals in %d runs: no bit changed\n", atomic_load(&delivered), runs);
    return 0;
}
