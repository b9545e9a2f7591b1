#include "sources.h"
#include "app/arrays/source.h"
#include "panels.h"
#include "playback.h"
#include <string.h>

typedef struct preset {
    const char *label;
    source_kind kind;
    double value;
    const char *name;
} preset;

static const preset inputs[] = {
    {N_("Small numbers"), SOURCE_DEFAULT, 0, NULL},
    {N_("Random numbers, again"), SOURCE_RANDOM, 0, NULL},
    {N_("Ramp"), SOURCE_RAMP, 0, NULL},
    {N_("Impulse"), SOURCE_IMPULSE, 0, NULL},
    {N_("Checkerboard"), SOURCE_CHECKERBOARD, 0, NULL},
    {N_("Constant 1"), SOURCE_CONSTANT, 1, NULL},
    {N_("Zeros"), SOURCE_CONSTANT, 0, NULL},
    {NULL, SOURCE_DEFAULT, 0, NULL},
    {N_("Digit 0"), SOURCE_DIGIT, 0, NULL},
    {N_("Digit 1"), SOURCE_DIGIT, 1, NULL},
    {N_("Digit 2"), SOURCE_DIGIT, 2, NULL},
    {N_("Digit 3"), SOURCE_DIGIT, 3, NULL},
    {N_("Digit 4"), SOURCE_DIGIT, 4, NULL},
    {N_("Digit 5"), SOURCE_DIGIT, 5, NULL},
    {N_("Digit 6"), SOURCE_DIGIT, 6, NULL},
    {N_("Digit 7"), SOURCE_DIGIT, 7, NULL},
    {N_("Digit 8"), SOURCE_DIGIT, 8, NULL},
    {N_("Digit 9"), SOURCE_DIGIT, 9, NULL},
    {NULL, SOURCE_DEFAULT, 0, NULL},
    {N_("Picture: lighthouse"), SOURCE_PICTURE, 0, "lighthouse"},
    {N_("Picture: night sky"), SOURCE_PICTURE, 0, "night"},
    {N_("Picture or array file..."), SOURCE_FILE, 0, NULL},
};

static const preset weights[] = {
    {N_("Small numbers"), SOURCE_DEFAULT, 0, NULL},
    {N_("Random numbers, again"), SOURCE_RANDOM, 0, NULL},
    {N_("Ramp"), SOURCE_RAMP, 0, NULL},
    {N_("Constant 1"), SOURCE_CONSTANT, 1, NULL},
    {N_("Zeros"), SOURCE_CONSTANT, 0, NULL},
    {NULL, SOURCE_DEFAULT, 0, NULL},
    {N_("Identity"), SOURCE_KERNEL, 0, "identity"},
    {N_("Box blur"), SOURCE_KERNEL, 0, "box"},
    {N_("Gaussian blur"), SOURCE_KERNEL, 0, "gaussian"},
    {N_("Sharpen"), SOURCE_KERNEL, 0, "sharpen"},
    {N_("Sobel, left to right"), SOURCE_KERNEL, 0, "sobel-x"},
    {N_("Sobel, top to bottom"), SOURCE_KERNEL, 0, "sobel-y"},
    {N_("Laplacian"), SOURCE_KERNEL, 0, "laplacian"},
    {N_("Emboss"), SOURCE_KERNEL, 0, "emboss"},
};

static const preset *presets(role r, int *count) {
    *count = r == ROLE_INPUT ? (int)(sizeof inputs / sizeof *inputs) : (int)(sizeof weights / sizeof *weights);
    return r == ROLE_INPUT ? inputs : weights;
}

int sources_count(role r) {
    int count;
    presets(r, &count);
    return count;
}

const char *sources_label(role r, int i) {
    int count;
    const preset *p = presets(r, &count);
    return i >= 0 && i < count ? p[i].label : "";
}

static bool same_name(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether a preset makes such a source. */
static bool makes(const preset *p, const tensor_source *s) {
    bool valued = p->kind == SOURCE_CONSTANT || p->kind == SOURCE_DIGIT;
    bool named = p->kind == SOURCE_PICTURE || p->kind == SOURCE_KERNEL;
    return p->label && p->kind == s->kind && (!valued || !(p->value < s->value || p->value > s->value)) &&
           (!named || same_name(p->name, s->name));
}

static const tensor_source *source_of(const window_state *w, role r) {
    const part *p = &w->history.document.parts[0];
    return r == ROLE_INPUT ? &p->input : &p->weights[p->focus];
}

bool sources_is(const window_state *w, role r, int i) {
    int count;
    const preset *p = presets(r, &count);
    return i >= 0 && i < count && makes(&p[i], source_of(w, r));
}

const char *sources_words(const tensor_source *s) {
    static const char *const kinds[] = {[SOURCE_DEFAULT] = N_("Small numbers"),
                                        [SOURCE_RAMP] = N_("Ramp"),
                                        [SOURCE_IMPULSE] = N_("Impulse"),
                                        [SOURCE_CHECKERBOARD] = N_("Checkerboard"),
                                        [SOURCE_RANDOM] = N_("Random"),
                                        [SOURCE_DIGIT] = N_("Digit"),
                                        [SOURCE_CONSTANT] = N_("Constant"),
                                        [SOURCE_PICTURE] = N_("Picture"),
                                        [SOURCE_FILE] = N_("File"),
                                        [SOURCE_KERNEL] = N_("Image kernel"),
                                        [SOURCE_NUMBERS] = N_("Own numbers")};
    if (s->edit_count) return N_("Own numbers");
    for (role r = ROLE_INPUT; r <= ROLE_WEIGHT; r++) {
        int count;
        const preset *p = presets(r, &count);
        bool own = s->kind == SOURCE_CONSTANT || s->kind == SOURCE_DIGIT || s->kind == SOURCE_KERNEL;
        for (int i = 0; own && i < count; i++) {
            if (makes(&p[i], s)) return p[i].label;
        }
    }
    return kinds[s->kind];
}

/* A picture brings its own size along, and coming back from one the numbers must be few enough to be read. */
static void change_size(window_state *w, const tensor_source *s) {
    document d;
    failure f = {0};
    if (!document_copy(&d, state_document(w), &f)) {
        state_failure(w, &f);
        return;
    }
    part *p = &d.parts[0];
    tensor_source fresh;
    bool ok = tensor_source_copy(&fresh, s, &f), pictured = s->kind == SOURCE_PICTURE;
    if (ok) {
        tensor_source_destroy(&p->input);
        p->input = fresh;
        p->input_shape = (conv_shape){0};
        document_unpin(&d);
        document_play_all(&d); /* a lesson page's range was of the former input */
        ok = !pictured || source_shape(&p->input, NULL, w->assets, &p->input_shape, &f);
        int64_t channels = p->layers[0].spec.in_channels;
        if (pictured && channels > 0) p->input_shape.size[0] = channels; /* the same in each */
        change c = {.kind = CHANGE_DOCUMENT, .document = &d};
        ok = ok && part_fit_input(p, !pictured, &f) && state_change(w, &c, &f);
    }
    if (!ok) state_failure(w, &f);
    document_destroy(&d);
    if (ok) playback_reset(w, pictured);
}

void sources_choose(window_state *w, role r, int i) {
    int count;
    const preset *all = presets(r, &count);
    if (i < 0 || i >= count || !all[i].label) return;
    if (all[i].kind == SOURCE_FILE) {
        popup_open(w, POPUP_OPEN, (box){0});
        return;
    }
    const part *p = state_part(w);
    const tensor_source *old = source_of(w, r);
    uint64_t seed = all[i].kind == SOURCE_RANDOM && old->kind == SOURCE_RANDOM ? old->seed + 1 : old->seed;
    tensor_source s = {.kind = all[i].kind, .seed = seed, .value = all[i].value, .name = (char *)all[i].name};
    s.colour = s.kind == SOURCE_PICTURE && p->layers[0].spec.in_channels == 3;
    bool pictured = old->kind == SOURCE_PICTURE || old->kind == SOURCE_FILE || s.kind == SOURCE_PICTURE;
    if (r == ROLE_INPUT && pictured) {
        change_size(w, &s);
        return;
    }
    change c = {.kind = CHANGE_SOURCE, .role = r, .layer = p->focus, .source = &s};
    state_change(w, &c, NULL);
}
