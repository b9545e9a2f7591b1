#include "sources.h"
#include "app/arrays/source.h"
#include "panels.h"
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
    {N_("Digit 0"), SOURCE_DIGIT, 0, NULL},
    {N_("Digit 2"), SOURCE_DIGIT, 2, NULL},
    {N_("Digit 3"), SOURCE_DIGIT, 3, NULL},
    {N_("Digit 5"), SOURCE_DIGIT, 5, NULL},
    {N_("Digit 8"), SOURCE_DIGIT, 8, NULL},
    {N_("Picture or array file..."), SOURCE_PICTURE, 0, NULL},
};

static const preset weights[] = {
    {N_("Small numbers"), SOURCE_DEFAULT, 0, NULL},
    {N_("Random numbers, again"), SOURCE_RANDOM, 0, NULL},
    {N_("Constant 1"), SOURCE_CONSTANT, 1, NULL},
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

/* From a picture's size back to one whose numbers can be read. */
static void back_to_numbers(window_state *w, const tensor_source *s) {
    document d;
    failure f = {0};
    if (!document_copy(&d, state_document(w), &f)) {
        state_failure(w, &f);
        return;
    }
    part *p = &d.parts[0];
    tensor_source fresh;
    bool ok = tensor_source_copy(&fresh, s, &f);
    if (ok) {
        tensor_source_destroy(&p->input);
        p->input = fresh;
        p->input_shape = (conv_shape){0};
        d.pinned_input = d.pinned_output = d.pinned_weight = -1;
        change c = {.kind = CHANGE_DOCUMENT, .document = &d};
        ok = part_fit_input(p, true, &f) && state_change(w, &c, &f);
    }
    if (!ok) state_failure(w, &f);
    document_destroy(&d);
}

void sources_choose(window_state *w, role r, int i) {
    int count;
    const preset *all = presets(r, &count);
    if (i < 0 || i >= count) return;
    if (all[i].kind == SOURCE_PICTURE) {
        popup_open(w, POPUP_OPEN, (box){0});
        return;
    }
    const part *p = state_part(w);
    const tensor_source *old = r == ROLE_INPUT ? &p->input : &p->weights[p->focus];
    uint64_t seed = all[i].kind == SOURCE_RANDOM ? old->seed + 1 : old->seed;
    tensor_source s = {.kind = all[i].kind, .seed = seed, .value = all[i].value, .name = (char *)all[i].name};
    bool pictured = r == ROLE_INPUT && (old->kind == SOURCE_PICTURE || old->kind == SOURCE_FILE);
    if (pictured) {
        back_to_numbers(w, &s);
        return;
    }
    change c = {.kind = CHANGE_SOURCE, .role = r, .layer = p->focus, .source = &s};
    state_change(w, &c, NULL);
}
