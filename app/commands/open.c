/* convscope open: the window. */
#include "app/window/window.h"
#include "target.h"

typedef struct open_options {
    int theme;
    int64_t size[2];
    double scale;
    bool reduced_motion, paused, fresh;
    const char *state, *frames;
    target_options target;
} open_options;

static const char *const theme_names[] = {"light", "dark", "print", "contrast", NULL};

static const option options[] = {
    TARGET_ROWS(open_options),
    {.name = "theme",
     .kind = OPTION_CHOICE,
     .offset = offsetof(open_options, theme),
     .value = "light|dark|print|contrast",
     .help = N_("colours; else as last time"),
     .choices = theme_names},
    {.name = "size",
     .kind = OPTION_PAIR,
     .separator = 'x',
     .offset = offsetof(open_options, size),
     .value = "WxH",
     .help = N_("size of the window"),
     .least = 320,
     .most = 16384},
    {.name = "scale",
     .kind = OPTION_REAL,
     .offset = offsetof(open_options, scale),
     .value = "X",
     .help = N_("size of type and controls, 0.75 to 3; else as last time or what suits the screen"),
     .least = 0.75,
     .most = 3},
    {.name = "reduced-motion",
     .kind = OPTION_FLAG,
     .offset = offsetof(open_options, reduced_motion),
     .help = N_("steps without motion between them")},
    {.name = "paused",
     .kind = OPTION_FLAG,
     .offset = offsetof(open_options, paused),
     .help = N_("does not start playing")},
    {.name = "fresh",
     .kind = OPTION_FLAG,
     .offset = offsetof(open_options, fresh),
     .help = N_("neither reads nor writes what was open last time")},
    {.name = "state",
     .kind = OPTION_TEXT,
     .offset = offsetof(open_options, state),
     .value = N_("FILE"),
     .help = N_("keeps what the window shows in that file, as JSON; for tests")},
    {.name = "frames",
     .kind = OPTION_TEXT,
     .offset = offsetof(open_options, frames),
     .value = N_("FILE"),
     .help = N_("writes how long each frame took, one a line, into that file; for tests")},
    {0}};

static exit_status show(const command_line *line, const window_options *w) {
    failure f;
    window_status status = window_run(w, &f);
    if (status == WINDOW_CLOSED) return EXIT_DONE;
    command_fail(line, &f, NULL);
    if (status == WINDOW_NO_DISPLAY) {
        command_note(
            line, N_("without a display, 'convscope render' draws into files: convscope render conv2d -o conv2d.gif"),
            "");
    }
    return EXIT_COULD_NOT;
}

static exit_status run(const command_line *line) {
    const open_options *o = line->values;
    window_options w = {.assets = line->assets,
                        .threads = line->threads,
                        .language_given = line->language_given,
                        .language = line->language,
                        .theme_given = o->theme != 0,
                        .theme = o->theme ? (theme_id)(o->theme - 1) : THEME_LIGHT,
                        .width = (int)o->size[0],
                        .height = (int)o->size[1],
                        .scale = (float)o->scale,
                        .reduced_motion = o->reduced_motion,
                        .paused = o->paused,
                        .state_file = o->state,
                        .frames_file = o->frames,
                        .fresh = o->fresh};
    if (line->argument_count == 0) return show(line, &w);
    target t;
    exit_status status = target_open(&t, line, line->arguments[0], &o->target);
    if (status == EXIT_DONE) {
        w.document = t.is_lesson ? &t.lesson.pages[0].document : &t.document;
        w.base = t.has_base ? t.base : NULL;
        w.lesson_file = t.is_lesson ? t.lesson.path : NULL;
        status = show(line, &w);
    }
    target_close(&t);
    return status;
}

const command command_open = {
    .name = "open",
    .usage = N_("[LESSON|FILE|EXPR] [--input SHAPE|FILE]"),
    .summary = N_("Opens the window and plays a lesson, a scene or a layer as typed in Python."),
    .details = N_("With a ( it is an expression, else a lesson's id, else a file (./x forces a file): a scene, a "
                  "lesson, a network or a picture. "
                  "Without an argument the window shows what was open last time, and at first the first lesson. "
                  "Space plays and pauses, Left and Right step, F1 lists the keys."),
    .examples = "convscope open transposed\n"
                "convscope open 'nn.Conv2d(1, 1, 3, stride=2, padding=1)'\n"
                "convscope open 'nn.Conv2d(3, 3, 5, padding=2, groups=3)' --input photo.jpg --kernel gaussian\n"
                "convscope open photo.jpg --kernel gaussian\n"
                "convscope open ./my-scene.yaml --lang zh",
    .options = options,
    .values_size = sizeof(open_options),
    .least = 0,
    .most = 1,
    .run = run,
};
