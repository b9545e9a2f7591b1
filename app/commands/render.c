/* convscope render: figures as files. */
#include "app/export/export.h"
#include "app/system/memory.h"
#include "render_set.h"
#include "target.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct render_options {
    const char *output;
    target_options target;
    const char *set;
    int64_t size[2], sheet[2], shard[2], page, slices_apart;
    double scale, fps, step_time;
    option_range steps;
    bool size_given, slices_given;
    int theme, style, view, format;
    bool transparent, no_caption, crop, labels, blank_output, answers, reduced_motion;
} render_options;

static const char *const theme_names[] = {"light", "dark", "print", "contrast", NULL};
static const char *const style_names[] = {"flat", "isometric", NULL};
static const char *const format_names[] = {"png", "svg", "pdf", "gif", "mp4", "webm", NULL};
static const char *const view_names[] = {"slide", "matrix", "field", "cost", "engine", NULL};

#define MEMBER(name) offsetof(render_options, name)

static const option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = MEMBER(output),
     .value = N_("FILE"),
     .required = true,
     .help = N_("where it goes: .png .svg .pdf for a still, .gif .mp4 .webm or frames/%04d.png for the animation; with "
                "--set a folder")},
    {.name = "format",
     .kind = OPTION_CHOICE,
     .offset = MEMBER(format),
     .value = "png|svg|pdf|gif|mp4|webm",
     .choices = format_names,
     .help = N_("what it is, where the name doesn't say: -o /dev/stdout --format gif")},
    {.name = "size",
     .kind = OPTION_PAIR,
     .offset = MEMBER(size),
     .given = MEMBER(size_given),
     .value = N_("WxH"),
     .separator = 'x',
     .least = 0,
     .most = 1e9,
     .help = N_("pixels; 1280x720 by default, a GIF 640x480")},
    {.name = "scale",
     .kind = OPTION_REAL,
     .offset = MEMBER(scale),
     .value = "X",
     .least = 0.1,
     .most = 16,
     .help = N_("that many device pixels for each pixel of --size: 2 for a sharp picture of the same layout")},
    {.name = "steps",
     .kind = OPTION_RANGE,
     .offset = MEMBER(steps),
     .value = "A:B",
     .help = N_("steps, from 0, half-open as in Python: 3:4 is the fourth. A still shows the last one, a PDF has a "
                "page for each")},
    {.name = "page",
     .kind = OPTION_INTEGER,
     .offset = MEMBER(page),
     .value = "N",
     .least = 1,
     .most = 1000,
     .help = N_("page of a lesson, from 1; else the first one that plays all steps")},
    {.name = "fps",
     .kind = OPTION_REAL,
     .offset = MEMBER(fps),
     .value = "N",
     .least = 0.01,
     .most = 240,
     .help = N_("frames a second; 30 by default, a GIF 20")},
    {.name = "step-time",
     .kind = OPTION_REAL,
     .offset = MEMBER(step_time),
     .value = N_("SECONDS"),
     .least = 0.001,
     .most = 600,
     .help = N_("how long a step lasts; else chosen by how many there are")},
    {.name = "theme",
     .kind = OPTION_CHOICE,
     .offset = MEMBER(theme),
     .value = "light|dark|print|contrast",
     .choices = theme_names,
     .help = N_("colours; light by default")},
    {.name = "style",
     .kind = OPTION_CHOICE,
     .offset = MEMBER(style),
     .value = "flat|isometric",
     .choices = style_names,
     .help = N_("numbers in flat cells, or planes in space")},
    {.name = "view",
     .kind = OPTION_CHOICE,
     .offset = MEMBER(view),
     .value = "slide|matrix|field|cost|engine",
     .choices = view_names,
     .help = N_("what is shown of the operation")},
    {.name = "sheet",
     .kind = OPTION_PAIR,
     .offset = MEMBER(sheet),
     .value = N_("CxR"),
     .separator = 'x',
     .least = 1,
     .most = EXPORT_MOST_SHEET,
     .help = N_("a contact sheet of that many columns and rows, for handouts")},
    {.name = "shard",
     .kind = OPTION_PAIR,
     .offset = MEMBER(shard),
     .value = "K/N",
     .separator = '/',
     .least = 1,
     .most = 1000000,
     .help = N_("the K-th of N parts of a numbered sequence, from 1; all parts together are the whole")},
    {.name = "transparent", .kind = OPTION_FLAG, .offset = MEMBER(transparent), .help = N_("no background")},
    {.name = "no-caption",
     .kind = OPTION_FLAG,
     .offset = MEMBER(no_caption),
     .help = N_("the figure without title and caption")},
    {.name = "crop", .kind = OPTION_FLAG, .offset = MEMBER(crop), .help = N_("tight to what is drawn")},
    {.name = "labels", .kind = OPTION_FLAG, .offset = MEMBER(labels), .help = N_("symbols such as x_12 for numbers")},
    {.name = "slices-apart",
     .kind = OPTION_INTEGER,
     .offset = MEMBER(slices_apart),
     .given = MEMBER(slices_given),
     .value = "PERCENT",
     .least = 0,
     .most = 100,
     .help = N_("isometric volumes: 0 draws one block, 100 pulls all slices apart")},
    {.name = "blank-output",
     .kind = OPTION_FLAG,
     .offset = MEMBER(blank_output),
     .help = N_("a worksheet: the output's cells are empty")},
    {.name = "answers", .kind = OPTION_FLAG, .offset = MEMBER(answers), .help = N_("the worksheet's key")},
    {.name = "reduced-motion",
     .kind = OPTION_FLAG,
     .offset = MEMBER(reduced_motion),
     .help = N_("steps follow each other without motion")},
    TARGET_ROWS(render_options),
    {.name = "set",
     .kind = OPTION_TEXT,
     .offset = MEMBER(set),
     .value = "conv-arithmetic",
     .help = N_(
         "draws a whole set of figures into a folder, as GIFs or in the --format given: conv-arithmetic has those of "
         "the guide to convolution arithmetic")},
    {0}};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}

/* The first signal stops in order; a second one ends the program at once. */
static void catch_signals(bool on) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on ? interrupt : SIG_DFL, .sa_flags = on ? (int)SA_RESETHAND : 0};
    sigemptyset(&action.sa_mask);
    for (size_t k = 0; k < sizeof signals / sizeof signals[0]; k++) {
        struct sigaction old;
        if (sigaction(signals[k], NULL, &old) == 0 && old.sa_handler == SIG_IGN) continue; /* nohup */
        sigaction(signals[k], &action, NULL);
    }
}

typedef struct progress_bar {
    const command_line *line;
    bool shown; /* on a terminal */
    double began, drawn;
} progress_bar;

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void clear_bar(progress_bar *bar) {
    if (bar->shown && bar->drawn > 0) fprintf(stderr, "\r\033[K");
}

static bool show_progress(void *context, int64_t done, int64_t total) {
    enum { CELLS = 30 };
    progress_bar *bar = context;
    if (interrupted) return false;
    if (!bar->shown || total < 2) return true;
    double now = seconds_now();
    if (bar->began == 0) bar->began = now;
    if (now - bar->drawn < 0.1 && done < total) return true;
    bar->drawn = now;
    char cells[CELLS + 1], text[160];
    int full = total > 0 ? (int)(done * CELLS / total) : 0;
    for (int k = 0; k < CELLS; k++) cells[k] = k < full ? '#' : '-';
    cells[CELLS] = 0;
    double left = done > 0 ? (now - bar->began) / (double)done * (double)(total - done) : 0;
    tr_format(bar->line->language, text, sizeof text, N_("{0} of {1} frames, {2} s left"), "ddd", done, total,
              (int64_t)(left + 0.5));
    fprintf(stderr, "\r[%s] %s\033[K", cells, text);
    fflush(stderr);
    return true;
}

/* The page that is rendered: the one that was asked for, else the first that plays all its steps. */
static bool choose_page(target *t, int64_t wanted, document **d, failure *f) {
    *d = &t->document;
    if (!t->is_lesson) return wanted == 0 || fail(f, N_("only a lesson has pages"), "");
    const lesson *l = &t->lesson;
    if (wanted > l->page_count)
        return fail(f, N_("there is no page {0}: the lesson has {1}"), "dd", wanted, (int64_t)l->page_count);
    int page = wanted > 0 ? (int)wanted - 1 : 0;
    for (int k = 0; wanted == 0 && k < l->page_count; k++) {
        const document *at = &l->pages[k].document;
        if (at->first_step != 0 || at->last_step != -1) continue;
        page = k;
        break;
    }
    *d = &l->pages[page].document;
    return true;
}

static void fill_settings(export_settings *s, const command_line *line, const render_options *o) {
    *s = (export_settings){.output = o->output,
                           .language = line->language,
                           .theme = o->theme ? (theme_id)(o->theme - 1) : THEME_LIGHT,
                           .format_given = o->format != 0,
                           .format = o->format ? (export_format)(o->format - 1) : EXPORT_PNG,
                           .width = (int)o->size[0],
                           .height = (int)o->size[1],
                           .scale = o->scale,
                           .fps = o->fps,
                           .step_time = o->step_time,
                           .steps_given = o->steps.given,
                           .first = o->steps.first,
                           .last = o->steps.last,
                           .first_given = o->steps.has_first,
                           .last_given = o->steps.has_last,
                           .transparent = o->transparent,
                           .no_caption = o->no_caption,
                           .crop = o->crop,
                           .reduced_motion = o->reduced_motion,
                           .sheet = {(int)o->sheet[0], (int)o->sheet[1]},
                           .shard = {(int)o->shard[0], (int)o->shard[1]},
                           .threads = line->threads,
                           .progress = show_progress};
}

static void apply_view(const void *context, document *d) {
    const render_options *o = context;
    if (o->style) d->style = (style_id)(o->style - 1);
    if (o->view) d->view = (view_id)(o->view - 1);
    if (o->labels) d->labels = true;
    if (o->slices_given) d->slices_closed = 100 - o->slices_apart;
    if (o->blank_output) d->blank_output = true;
    if (o->answers) d->blank_output = d->answers = true;
}

static exit_status render_set(const command_line *line, const render_options *o, export_settings *s) {
    failure f;
    if (!render_set_known(o->set)) {
        fail(&f, N_("there is no set {0}: the only one is conv-arithmetic"), "s", o->set);
        return command_misuse(line, &f);
    }
    if (line->argument_count > 0 || o->page > 0 || o->shard[1] > 0 || target_given(&o->target)) {
        fail(&f,
             N_("--set brings its own operations: LESSON|FILE|EXPR, --input and its kin, --page and --shard don't go "
                "with it"),
             "");
        return command_misuse(line, &f);
    }
    bool ok = render_set_write(s, o->output, apply_view, o, &f);
    clear_bar(s->progress_context);
    return ok ? EXIT_DONE : command_fail(line, &f, NULL);
}

static exit_status render_target(const command_line *line, const render_options *o, export_settings *s) {
    failure f;
    export_format format;
    bool sequence;
    if (line->argument_count != 1) {
        fail(&f, N_("{0} needs more: {1}"), "ss", line->command->name, line->command->usage);
        return command_misuse(line, &f);
    }
    if (!export_format_of(s, &format, &sequence, &f)) return command_misuse(line, &f);
    if (o->size_given && (o->size[0] < 1 || o->size[1] < 1)) {
        fail(&f, N_("a picture is 1 to {0} pixels wide and high, not {1} x {2}"), "ddd", (int64_t)EXPORT_MOST_PIXELS,
             o->size[0], o->size[1]);
        return command_misuse(line, &f);
    }
    target *t = memory_zeroed(1, sizeof *t);
    if (!t) {
        fail_memory(&f);
        return command_fail(line, &f, NULL);
    }
    document *d;
    exit_status status = target_open(t, line, line->arguments[0], &o->target);
    if (status == EXIT_DONE) {
        bool ok = choose_page(t, o->page, &d, &f);
        if (ok) {
            apply_view(o, d);
            s->document = d;
            s->base = t->has_base ? t->base : NULL;
            ok = export_run(s, &f);
        }
        clear_bar(s->progress_context);
        if (!ok) status = command_fail(line, &f, NULL);
    }
    target_close(t);
    memory_free(t);
    return status;
}

static exit_status run(const command_line *line) {
    const render_options *o = line->values;
    progress_bar bar = {.line = line, .shown = isatty(STDERR_FILENO) == 1};
    export_settings s;
    fill_settings(&s, line, o);
    s.progress_context = &bar;
    interrupted = 0;
    catch_signals(true);
    exit_status status = o->set ? render_set(line, o, &s) : render_target(line, o, &s);
    catch_signals(false);
    return status;
}

const command command_render = {
    .name = "render",
    .usage = N_("LESSON|FILE|EXPR -o OUT"),
    .summary = N_("Writes figures: PNG, SVG, PDF, GIF, video, numbered frames."),
    .details = N_("The output's name decides: a still shows one step, an animation plays them all. The same command "
                  "gives the same "
                  "bytes, with any number of threads. For a paper: --theme print --crop --no-caption, and a .pdf."),
    .examples =
        "convscope render conv2d -o conv2d.gif\n"
        "convscope render 'nn.Conv2d(1, 1, 3, stride=2)' --steps 3:4 --theme print --crop --no-caption -o paper.pdf\n"
        "convscope render 'nn.Conv2d(3, 4, 3)' --input photo.jpg --kernel sobel-x --transparent -o slide.svg\n"
        "convscope render conv2d --sheet 3x3 --blank-output -o worksheet.pdf\n"
        "convscope render transposed --size 1920x1080 -o frames/%04d.png --shard 2/8\n"
        "convscope render --set conv-arithmetic -o figures",
    .options = options,
    .values_size = sizeof(render_options),
    .least = 0,
    .most = 1,
    .run = run};
