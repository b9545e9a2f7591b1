#include "render_set.h"

#include "app/language/language.h"
#include "app/system/memory.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct set_case {
    const char *name, *expression;
    int side;                    /* of the square input */
    bool numerical;              /* with the guide's own numbers */
    const char *title, *caption; /* translatable; captions are filled from the engine */
} set_case;

/* Input sides, kernels, strides and paddings as in the guide's animations; each transposed case takes the output of its
 * partner's shape and gives the input's shape back. */
static const set_case cases[] = {
    {"no-padding-no-strides", "nn.Conv2d(1, 1, 3, bias=False)", 4, false, N_("No padding, no strides"),
     N_("The [[input|input]] {in_h} × {in_w} is on the left, the [[output|output]] {out_h} × {out_w} on the right: "
        "{formula_h}.")},
    {"no-padding-no-strides-transposed", "nn.ConvTranspose2d(1, 1, 3, bias=False)", 2, false,
     N_("No padding, no strides, transposed"),
     N_("The [[input|input]] is the small map, {in_h} × {in_w}: each of its values stamps the [[weight|kernel]] onto "
        "the [[output|output]]. Nothing is padded.")},
    {"arbitrary-padding-no-strides", "nn.Conv2d(1, 1, 4, padding=2, bias=False)", 5, false,
     N_("Arbitrary padding, no strides"),
     N_("Two rings of zeros and a 4 × 4 kernel: {in_h} × {in_w} becomes {out_h} × {out_w}.")},
    {"arbitrary-padding-no-strides-transposed", "nn.ConvTranspose2d(1, 1, 4, padding=2, bias=False)", 6, false,
     N_("Arbitrary padding, no strides, transposed"),
     N_("Here padding cuts two rings off the output: {in_h} × {in_w} in, {out_h} × {out_w} out.")},
    {"same-padding-no-strides", "nn.Conv2d(1, 1, 3, padding=1, bias=False)", 5, false,
     N_("Same padding (half), no strides"),
     N_("One ring of zeros keeps the size: {in_h} × {in_w} in, {out_h} × {out_w} out.")},
    {"same-padding-no-strides-transposed", "nn.ConvTranspose2d(1, 1, 3, padding=1, bias=False)", 5, false,
     N_("Same padding (half), no strides, transposed"),
     N_("One ring is cut off: {in_h} × {in_w} in, {out_h} × {out_w} out.")},
    {"full-padding-no-strides", "nn.Conv2d(1, 1, 3, padding=2, bias=False)", 5, false, N_("Full padding, no strides"),
     N_("Every overlap of kernel and input counts: {in_h} × {in_w} grows to {out_h} × {out_w}. PyTorch has no word for "
        "it: padding = d(k - 1).")},
    {"full-padding-no-strides-transposed", "nn.ConvTranspose2d(1, 1, 3, padding=2, bias=False)", 7, false,
     N_("Full padding, no strides, transposed"),
     N_("Two rings are cut off: {in_h} × {in_w} in, {out_h} × {out_w} out.")},
    {"no-padding-strides", "nn.Conv2d(1, 1, 3, stride=2, bias=False)", 5, false, N_("No padding, strides"),
     N_("The kernel jumps two cells at a time: {in_h} × {in_w} in, {out_h} × {out_w} out.")},
    {"no-padding-strides-transposed", "nn.ConvTranspose2d(1, 1, 3, stride=2, bias=False)", 2, false,
     N_("No padding, strides, transposed"),
     N_("Stamps are two cells apart; they overlap by one: {in_h} × {in_w} in, {out_h} × {out_w} out.")},
    {"padding-strides", "nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)", 5, false, N_("Padding, strides"),
     N_("{formula_h}: all of the padded input is read.")},
    {"padding-strides-transposed", "nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, bias=False)", 3, false,
     N_("Padding, strides, transposed"),
     N_("Stamps two cells apart, one ring cut off: {in_h} × {in_w} in, {out_h} × {out_w} out.")},
    {"padding-strides-odd", "nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)", 6, false,
     N_("Padding, strides (odd)"),
     N_("{formula_h}. The division is rounded down: the padding at the bottom and right is never read.")},
    {"padding-strides-odd-transposed", "nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, output_padding=1, bias=False)",
     3, false, N_("Padding, strides, transposed (odd)"),
     N_("output_padding=1 gives the row and column at the bottom and right back, where the floor had lost them: "
        "{out_h} × {out_w}. They are computed, not zeros.")},
    {"dilation", "nn.Conv2d(1, 1, 3, dilation=2, bias=False)", 7, false, N_("Dilation"),
     N_("Taps two cells apart: a 3 × 3 kernel spans 5 × 5. {in_h} × {in_w} in, {out_h} × {out_w} out.")},
    {"numerical-no-padding-no-strides", "nn.Conv2d(1, 1, 3, bias=False)", 5, true,
     N_("With numbers: no padding, no strides"),
     N_("Each output cell is the sum of 9 products; the kernel is not flipped.")},
    {"numerical-padding-strides", "nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)", 5, true,
     N_("With numbers: padding, strides"), N_("The same input and kernel with stride 2 and one ring of zeros.")},
    {"numerical-average-pooling", "nn.AvgPool2d(3, stride=1)", 5, true, N_("With numbers: average pooling"),
     N_("The mean of each 3 × 3 window: no weights to learn.")},
    {"numerical-max-pooling", "nn.MaxPool2d(3, stride=1)", 5, true, N_("With numbers: max pooling"),
     N_("The largest value of each 3 × 3 window: no weights to learn.")},
};

enum { CASES = sizeof cases / sizeof cases[0] };

/* The input and the kernel of the guide's figure 1.1. */
static const float guide_input[25] = {3, 3, 2, 1, 0, 0, 0, 1, 3, 1, 3, 1, 2, 2, 3, 2, 0, 0, 2, 2, 2, 0, 0, 0, 1};
static const float guide_kernel[9] = {0, 1, 2, 2, 2, 0, 0, 1, 2};

bool render_set_known(const char *name) {
    return strcmp(name, "conv-arithmetic") == 0;
}

static bool give_numbers(tensor_source *s, const float *numbers, int64_t count, failure *f) {
    tensor_source_destroy(s);
    s->numbers = memory_resize(NULL, (size_t)count, sizeof *numbers);
    if (!s->numbers) return fail_memory(f);
    memcpy(s->numbers, numbers, (size_t)count * sizeof *numbers);
    s->kind = SOURCE_NUMBERS;
    s->count = count;
    return true;
}

static bool make_document(const set_case *c, document *d, failure *f) {
    conv_shape shape = {.rank = 3, .size = {1, c->side, c->side}};
    if (!document_from_expression(d, c->expression, &shape, f)) return false;
    part *p = &d->parts[0];
    d->style = STYLE_ISOMETRIC;
    bool ok = document_set_text(&d->title_en, c->title, f) && document_set_text(&d->caption_en, c->caption, f) &&
              document_set_text(&d->title_zh, tr(LANGUAGE_ZH, c->title), f) &&
              document_set_text(&d->caption_zh, tr(LANGUAGE_ZH, c->caption), f);
    if (ok && c->numerical) ok = give_numbers(&p->input, guide_input, 25, f);
    if (ok && c->numerical && strstr(c->expression, "Conv")) ok = give_numbers(&p->weights[0], guide_kernel, 9, f);
    if (!ok) document_destroy(d);
    return ok;
}

bool render_set_write(const export_settings *settings, const char *folder, void (*prepare)(const void *, document *),
                      const void *context, failure *f) {
    struct stat about;
    const char *ending = settings->format_given ? export_format_name(settings->format) : "gif";
    if (stat(folder, &about) != 0 || !S_ISDIR(about.st_mode)) {
        fail(f, N_("this is not a folder: make it first"), "");
        return fail_in(f, folder);
    }
    for (int k = 0; k < CASES; k++) {
        char path[PATH_MAX];
        document d;
        if (snprintf(path, sizeof path, "%s/%s.%s", folder, cases[k].name, ending) >= (int)sizeof path)
            return fail(f, N_("the folder's name is too long"), "");
        if (!make_document(&cases[k], &d, f)) return false;
        if (prepare) prepare(context, &d);
        export_settings s = *settings;
        s.document = &d;
        s.output = path;
        bool ok = export_run(&s, f);
        document_destroy(&d);
        if (!ok) return false;
    }
    return true;
}
