/* Pictures drawn on several threads: the same bytes with one thread and with four. A plain program, so that
 * ThreadSanitizer can watch it. */
#include "tests/failure/commands.h"

static const char *const targets[] = {"out/p.gif", "out/%02d.png", "out/p.pdf"};

static uint64_t drawn(const char *target, const char *threads) {
    const char *words[] = {"render",    "nn.ConvTranspose2d(1, 2, 2)",
                           "--size",    "320x240",
                           "--steps",   "0:3",
                           "--fps",     "5",
                           "--threads", threads,
                           "-o",        target,
                           NULL};
    char text[2048];
    bool said;
    folder_clear("out", false);
    int status = command_quietly(words, &said, text, sizeof text);
    DEMAND(status == EXIT_DONE, "%s with %s threads: %s", target, threads, text);
    DEMAND(folder_count("out") > 0, "%s with %s threads leaves nothing", target, threads);
    return folder_digest("out");
}

int main(void) {
    setenv("CONVSCOPE_ASSETS", SOURCE_DIR "/assets", 1);
    scratch_enter();
    if (mkdir("out", 0700) != 0) return 1;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        uint64_t alone = drawn(targets[i], "1");
        for (int k = 0; k < 3; k++) DEMAND(drawn(targets[i], "4") == alone, "%s differs with four threads", targets[i]);
    }
    scratch_leave();
    puts("figures on one thread and on four: the same bytes");
    return failures ? 1 : 0;
}
