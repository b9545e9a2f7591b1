/* What works beside the window while it draws: what a view measures, the autosave, an export, a large picture that is
 * opened. Pictures go on meanwhile, what became stale is thrown away, and all of it arrives. A plain program, so that
 * ThreadSanitizer can watch it. */
#include "tests/app/large_picture.h"
#include "tests/failure/commands.h"

#include "app/language/language.h"
#include "app/system/memory.h"
#include "app/window/compose.h"
#include "app/window/frame.h"
#include "app/window/measuring.h"
#include "app/window/opening.h"
#include "app/window/session.h"

enum { WIDTH = 960, HEIGHT = 600, LONGEST = 60000 };

static window_state w;
static composer screen;
static uint32_t pixels[WIDTH * HEIGHT];
static double now = 1;

static void frame_of(const window_event *events, int count, double seconds) {
    raster_box boxes[REGION_COUNT];
    raster_target target = {pixels, WIDTH, HEIGHT, WIDTH * 4, false};
    now += seconds;
    window_update(&w, events, count, now);
    compose_draw(&screen, &w, target, boxes);
}

static void key(int which, unsigned modifiers) {
    const window_event e = {.kind = EVENT_KEY, .key = which, .modifiers = modifiers};
    frame_of(&e, 1, 0.016);
}

static bool shows(const char *text) {
    for (size_t i = 0; i < w.seen->item_count; i++)
        if (w.seen->items[i].kind == ITEM_TEXT && strstr(w.seen->text + w.seen->items[i].first, text)) return true;
    return false;
}

static bool shows_over(const char *text) {
    const display_list *l = &screen.shown[REGION_OVERLAY].list; /* the lists changed places when it was drawn */
    for (size_t i = 0; i < l->item_count; i++)
        if (l->items[i].kind == ITEM_TEXT && strstr(l->text + l->items[i].first, text)) return true;
    return false;
}

static void press(const char *name) {
    const ui_control *c = ui_find(&w.ui, name);
    DEMAND(c, "there is no control %s", name);
    if (!c) return;
    window_event e = {.button = BUTTON_LEFT, .clicks = 1};
    e.at = (point){c->box.x + c->box.width / 2, c->box.y + c->box.height / 2};
    static const event_kind kinds[] = {EVENT_MOVE, EVENT_PRESS, EVENT_RELEASE};
    for (int i = 0; i < 3; i++) {
        e.kind = kinds[i];
        frame_of(&e, 1, 0.016);
    }
}

/* Frames until nothing works beside the window any more. */
static void go_on(const char *what) {
    int frames = 0;
    for (; frames < LONGEST && (w.measuring || w.saver || w.exporting.job || w.opening || w.abandoned); frames++) {
        frame_of(NULL, 0, 0.016);
        usleep(1000);
    }
    DEMAND(frames < LONGEST, "%s does not end", what);
}

static bool open_window(const fonts *type, conv_engine *engine) {
    failure f = {0};
    const window_event size = {.kind = EVENT_RESIZE, .width = WIDTH, .height = HEIGHT, .ratio = 1};
    bool ok = compose_open(&screen, type, &f) && window_begin(&w, type, engine, SOURCE_DIR "/assets", &f);
    w.remember = true;
    w.settings.reduced_motion = true; /* another view is there at once */
    frame_of(&size, 1, 0);
    return ok && state_open_text(&w, "nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3))", &f);
}

/* Each view says that it measures, and then has measured; drawing and playing go on. */
static void measure(void) {
    static const struct {
        int key;
        view_id view;
    } views[] = {{'3', VIEW_FIELD}, {'4', VIEW_COST}, {'5', VIEW_ENGINE}};
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        key(views[i].key, 0);
        DEMAND(w.measuring, "view %d measures nothing beside the window", views[i].view);
        DEMAND(shows("measuring"), "view %d does not say that it measures", views[i].view);
        go_on("measuring");
        DEMAND(figure_prepared(&w.scene, views[i].view), "view %d was not measured", views[i].view);
        DEMAND(!shows("measuring"), "view %d still says that it measures", views[i].view);
    }
}

/* The document changes while it is measured: again and again, and then the window is content. */
static void change_meanwhile(void) {
    for (int i = 0; i < 12; i++) {
        static const char *const texts[] = {"nn.Conv2d(2, 4, 3)", "nn.ConvTranspose2d(1, 2, 3, stride=2)",
                                            "nn.Conv2d(1, 8, 5, padding=2)"};
        failure f = {0};
        DEMAND(state_open_text(&w, texts[i % 3], &f), "%s: %s", texts[i % 3], f.error.message);
        key("345"[i % 3], 0);
        frame_of(NULL, 0, 0.016);
        if (i % 2) key(KEY_SPACE, 0);
    }
    go_on("measuring what changes");
    DEMAND(figure_prepared(&w.scene, state_document(&w)->view), "the last document was not measured");
}

/* All at once: an export while the autosave writes and the view measures. */
static void all_at_once(void) {
    key('1', 0);
    key('e', MODIFIER_CONTROL);
    frame_of(NULL, 0, 0.016);
    snprintf(w.exporting.path, sizeof w.exporting.path, "out.png");
    frame_of(NULL, 0, 0.016);
    press("export.go");
    frame_of(NULL, 0, 3); /* something changed more than two seconds ago: it is saved now */
    DEMAND(w.saver, "nothing is saved");
    key(KEY_ESCAPE, 0);
    key('5', 0);
    go_on("an export, a save and a measurement");
    DEMAND(access("out.png", R_OK) == 0, "the export left nothing: %s", w.exporting.message);
    DEMAND(strstr(w.notice, "out.png"), "the dialog is closed and nothing says that the file is written");
    DEMAND(access("convscope/session", R_OK) == 0, "the autosave left nothing");
}

static void drop(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    const window_event e = {.kind = EVENT_DROP, .long_text = path, .at = {400, 300}};
    frame_of(&e, 1, 0.016);
    DEMAND(opening_name(&w), "%s is opened on the frame: %s", name, w.notice);
    DEMAND(shows_over("opening"), "nothing says that a picture is being opened");
}

static int64_t width_shown(void) {
    return w.scene.parts[0].layout->input[0].size[2];
}

/* Large pictures open while the old one plays and is measured; each replaces the one before, and undo brings it back.
 */
static void open_large(void) {
    failure f = {0};
    DEMAND(large_picture("large.bmp", LARGE_HEIGHT, 1) && large_picture("other.bmp", LARGE_HEIGHT, 2), "no picture");
    key('1', 0);
    DEMAND(state_open_text(&w, "nn.Conv2d(1, 2, 3)", &f), "%s", f.error.message);
    for (int i = 0; i < 3; i++) {
        drop(i % 2 ? "other.bmp" : "large.bmp");
        key("415"[i], 0);
    }
    go_on("opening a picture");
    DEMAND(width_shown() == LARGE_WIDTH, "the picture did not come: %s", w.notice);
    key('1', 0);
    drop("other.bmp");
    go_on("opening another one");
    key('z', MODIFIER_CONTROL);
    go_on("bringing the first one back");
    DEMAND(strstr(state_part(&w)->input.name, "large.bmp"), "undo did not bring the first picture");
}

int main(void) {
    failure f = {0};
    fonts *type = NULL;
    conv_engine *engine = NULL;
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 3;
    scratch_enter();
    setenv("CONVSCOPE_ASSETS", SOURCE_DIR "/assets", 1);
    language_load(SOURCE_DIR "/assets", &f);
    if (!fonts_create(&type, &f) || conv_engine_create(&options, &engine, NULL) != CONV_OK) return 1;
    DEMAND(open_window(type, engine), "the window does not open");
    measure();
    change_meanwhile();
    all_at_once();
    open_large();
    state_open_text(&w, "nn.Conv2d(1, 8, 7)", &f);
    drop("large.bmp"); /* closed while it opens, and while another one still ends, */
    drop("other.bmp");
    window_end(&w);
    compose_close(&screen);
    DEMAND(open_window(type, engine), "the window does not open again");
    state_open_text(&w, "nn.Conv2d(1, 8, 7)", &f);
    key('4', 0); /* ... and closed while it measures */
    window_end(&w);
    compose_close(&screen);
    conv_engine_destroy(engine);
    fonts_destroy(type);
    scratch_leave();
    puts("beside the window: measured, saved, exported and opened");
    return failures ? 1 : 0;
}
