#include "stage.h"
#include "app/document/lesson.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

color color_faded(color c, float alpha) {
    c.a = (uint8_t)lroundf((float)c.a * fminf(1, fmaxf(0, alpha)));
    return c;
}

static uint8_t mixed(uint8_t a, uint8_t b, float t) {
    return (uint8_t)lroundf((float)a + ((float)b - (float)a) * t);
}

color color_mixed(color a, color b, float t) {
    return (color){mixed(a.r, b.r, t), mixed(a.g, b.g, t), mixed(a.b, b.b, t), mixed(a.a, b.a, t)};
}

point point_mixed(point a, point b, float t) {
    return (point){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
}

float eased(float t) {
    t = fminf(1, fmaxf(0, t));
    return t * t * (3 - 2 * t);
}

float phase(double p, double a, double b) {
    return (float)fmin(1, fmax(0, (p - a) / (b - a)));
}

color stage_ink(const stage *s, role r) {
    return r == ROLE_NONE ? s->theme->ink : s->theme->roles[r].ink;
}

paint stage_stroke(const stage *s, color c, float width) {
    return (paint){.stroke = c, .width = width * s->unit};
}

float stage_width(const stage *s, face f, float size, const char *text) {
    return text_measure(s->fonts, f, size, text, strlen(text)).width;
}

float stage_text(const stage *s, float x, float middle, anchor a, face f, float size, color c, const char *text) {
    /* Digits and capitals are about 0.72 of the size high: their middle is what the eye centres. */
    return draw_text(s->list, s->fonts, (point){x, middle + size * 0.36f}, a, f, size, c, text);
}

/* Cuts text at whole characters until it is no wider than width with an ellipsis behind it. */
static void shorten(const stage *s, face f, float size, char *text, float width) {
    size_t length = strlen(text);
    while (length > 0) {
        do length--;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80);
        memcpy(text + length, "…", 4);
        if (stage_width(s, f, size, text) <= width) return;
    }
    text[0] = 0;
}

static float least_size(float size) {
    return fminf(size, fmaxf(size * 0.6f, 9));
}

bool stage_fits(const stage *s, face f, float size, const char *text, float width) {
    return stage_width(s, f, least_size(size), text) <= width * 1.001f;
}

float stage_text_fitted(const stage *s, float x, float middle, anchor a, face f, float size, color c, const char *text,
                        float width) {
    float natural = stage_width(s, f, size, text);
    if (natural <= width) return stage_text(s, x, middle, a, f, size, c, text);
    float fitted = fmaxf(least_size(size), size * width / natural);
    if (stage_width(s, f, fitted, text) <= width * 1.001f) return stage_text(s, x, middle, a, f, fitted, c, text);
    char shortened[STAGE_TEXT + 4];
    snprintf(shortened, sizeof shortened - 4, "%s", text);
    shorten(s, f, fitted, shortened, width);
    return shortened[0] ? stage_text(s, x, middle, a, f, fitted, c, shortened) : 0;
}

/* Text with its marked words found: spans of bytes in the plain text. */
typedef struct span {
    size_t first, last;
    role role;
} span;

enum { LINES_MOST = 16 };

typedef struct marked {
    char text[STAGE_TEXT];
    span spans[24];
    int span_count;
} marked;

static const struct {
    const char *name;
    role role;
} role_names[] = {{"input", ROLE_INPUT}, {"weight", ROLE_WEIGHT}, {"kernel", ROLE_WEIGHT}, {"output", ROLE_OUTPUT},
                  {"bias", ROLE_BIAS},   {"offset", ROLE_OFFSET}, {"mask", ROLE_MASK}};

static role role_named(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof role_names / sizeof *role_names; i++)
        if (strlen(role_names[i].name) == length && !strncmp(role_names[i].name, name, length))
            return role_names[i].role;
    return ROLE_NONE;
}

static void read_marks(marked *m, const char *text) {
    size_t at = 0;
    m->span_count = 0;
    while (*text && at + 1 < sizeof m->text) {
        const char *bar = NULL, *end = NULL;
        if (text[0] == '[' && text[1] == '[' && (end = strstr(text, "]]")) && (bar = strchr(text, '|')) && bar < end) {
            size_t length = (size_t)(end - bar - 1);
            if (length > sizeof m->text - 1 - at) length = sizeof m->text - 1 - at;
            memcpy(m->text + at, bar + 1, length);
            if (m->span_count < (int)(sizeof m->spans / sizeof *m->spans))
                m->spans[m->span_count++] = (span){at, at + length, role_named(text + 2, (size_t)(bar - text - 2))};
            at += length;
            text = end + 2;
        } else {
            m->text[at++] = *text++;
        }
    }
    m->text[at] = 0;
}

/* Hue alone does not tell words apart, least in print: those that can be pointed at wear a thin line too. */
static void underline(const stage *s, role r, point at, float width, float size) {
    const float y = roundf(at.y + size * 0.2f) + 0.5f;
    const paint look = {.stroke = color_faded(s->theme->roles[r].strong, 0.6f), .width = fmaxf(1, size * 0.06f)};
    draw_line(s->list, (point){at.x, y}, (point){at.x + width, y}, look);
}

/* One line, run by run. */
static void draw_runs(const stage *s, const marked *m, size_t first, size_t last, point at, face f, float size,
                      color c) {
    char run[STAGE_TEXT];
    tag before = s->list->current;
    while (first < last) {
        size_t end = last;
        role r = ROLE_NONE;
        for (int i = 0; i < m->span_count; i++) {
            if (m->spans[i].first <= first && first < m->spans[i].last) {
                r = m->spans[i].role;
                end = m->spans[i].last < last ? m->spans[i].last : last;
                break;
            }
            if (m->spans[i].first > first && m->spans[i].first < end) end = m->spans[i].first;
        }
        memcpy(run, m->text + first, end - first);
        run[end - first] = 0;
        stage_tag(s, (tag){.kind = TAG_CAPTION, .role = r, .index = (int64_t)first});
        draw_text(s->list, s->fonts, at, ANCHOR_LEFT, f, size, r == ROLE_NONE ? c : stage_ink(s, r), run);
        const float width = stage_width(s, f, size, run);
        if (r != ROLE_NONE) underline(s, r, at, width, size);
        at.x += width;
        first = end;
    }
    stage_tag(s, before);
}

/* Breaks marked text; rather smaller than cut off: *size becomes what fits. */
static int break_marked(const stage *s, const marked *m, float width, face f, float *size, int most, text_line *lines) {
    int count = text_break(s->fonts, f, *size, m->text, width, lines, most);
    while (count > most && *size > 9) {
        *size *= 0.92f;
        count = text_break(s->fonts, f, *size, m->text, width, lines, most);
    }
    return count > most ? most : count;
}

static float line_height(float size) {
    return size * 1.38f;
}

float stage_paragraph(const stage *s, point top, float width, face f, float size, color c, const char *text,
                      int most_lines) {
    marked m;
    text_line lines[LINES_MOST];
    read_marks(&m, text);
    int count = break_marked(s, &m, width, f, &size, most_lines > LINES_MOST ? LINES_MOST : most_lines, lines);
    for (int i = 0; i < count; i++)
        draw_runs(s, &m, lines[i].first, lines[i].first + lines[i].length,
                  (point){top.x, top.y + (float)i * line_height(size) + size * 1.02f}, f, size, c);
    return (float)count * line_height(size);
}

/* Its height, nothing drawn. */
static float paragraph_height(const stage *s, float width, face f, float size, const char *text, int most_lines) {
    marked m;
    text_line lines[LINES_MOST];
    read_marks(&m, text);
    return (float)break_marked(s, &m, width, f, &size, most_lines, lines) * line_height(size);
}

/* What is said of an expression that has no words of its own. */
static const char *const standard_titles[CONV_KIND_COUNT] = {
    [CONV_CONV] = N_("The kernel slides over the input; each stop gives one output value"),
    [CONV_TRANSPOSE] = N_("Each input value stamps the whole kernel, scaled, onto the output"),
    [CONV_DEFORM] = N_("Offsets move each sampling point of the kernel"),
    [CONV_UNFOLD] = N_("Each patch becomes one column"),
    [CONV_FOLD] = N_("Each column is laid back as a patch; overlaps add up"),
    [CONV_MAX_POOL] = N_("Each window keeps its largest value"),
    [CONV_AVG_POOL] = N_("Each window becomes its average"),
    [CONV_ADAPTIVE_MAX_POOL] = N_("The output's size is given; the windows adapt and keep their largest value"),
    [CONV_ADAPTIVE_AVG_POOL] = N_("The output's size is given; the windows adapt and are averaged"),
    [CONV_MAX_UNPOOL] = N_("Each value goes back to where its maximum was"),
    [CONV_UPSAMPLE] = N_("Each output cell looks back at the input between its cells"),
    [CONV_PAD] = N_("A rim is added around the input"),
    [CONV_RELU] = N_("Negative values become 0, the others stay"),
    [CONV_LEAKY_RELU] = N_("Negative values shrink, the others stay"),
    [CONV_TANH] = N_("Each value is bent into the range from -1 to 1"),
    [CONV_SIGMOID] = N_("Each value is bent into the range from 0 to 1"),
    [CONV_SILU] = N_("Large values stay, negative ones fade to 0: each is multiplied by its own sigmoid"),
    [CONV_RELU6] = N_("Negative values become 0, values above 6 become 6"),
    [CONV_HARDSIGMOID] = N_("A straight line with two kinks in place of the sigmoid's curve"),
    [CONV_HARDSWISH] = N_("Each value is multiplied by its own hard sigmoid"),
    [CONV_SOFTMAX] = N_("Scores become shares that add up to 1"),
    [CONV_BATCH_NORM] = N_("Each channel is shifted and scaled by its own four numbers"),
    [CONV_LINEAR] = N_("Each output sums all inputs, each with a weight of its own"),
    [CONV_FLATTEN] = N_("The same numbers in the same order, in one row"),
    [CONV_PERMUTE] = N_("The axes change places; each number goes with its indices"),
    [CONV_IDENTITY] = N_("Nothing changes"),
    [CONV_CHANNEL_SHUFFLE] = N_("The groups' channels are dealt out in turn, like cards"),
    [CONV_PIXEL_SHUFFLE] = N_("Channels become neighbouring cells: fewer channels, a larger picture"),
    [CONV_PIXEL_UNSHUFFLE] = N_("Neighbouring cells become channels: a smaller picture, more channels"),
    [CONV_CAT] = N_("The inputs are put one behind the other"),
    [CONV_ADD] = N_("Inputs of one shape are added cell by cell"),
};

/* And of the other views. */
static const char *const view_titles[VIEW_COUNT] = {
    [VIEW_MATRIX] = N_("The same operation as one sparse matrix"),
    [VIEW_FIELD] = N_("What one output cell sees, layer by layer"),
    [VIEW_COST] = N_("What it costs, beside what could stand in its place"),
    [VIEW_ENGINE] = N_("How the engine computed it: a recorded run"),
};

static const char *standard_title(const stage *s) {
    const char *view = view_titles[s->document->view];
    return tr(s->language, view ? view : standard_titles[s->scene->parts[0].layout->spec.op->kind]);
}

static const char *localised(const stage *s, const char *en, const char *zh) {
    return s->language == LANGUAGE_ZH && zh && *zh ? zh : en;
}

/* A caption with its placeholders filled; as it stands when they cannot be. */
static void fill(stage *s, const char *text, char *out, int size) {
    failure f = {0};
    if (!strchr(text, '{') || !lesson_fill(text, s->scene, s->moment, s->language, out, size, &f))
        snprintf(out, (size_t)size, "%s", text);
}

/* "nn.Conv2d(...)    (1, 1, 5, 5) → (1, 1, 3, 3)", "4 layers    (1, 7, 7) → (1, 1, 1)" */
#define SHAPES_GAP "    "

static void standard_caption(stage *s, char *out, int size) {
    const scene_part *p = &s->scene->parts[0];
    char spec[256], from[64], to[64];
    const int layers = conv_network_count(p->network);
    const conv_layout *first = p->layout, *last = p->layout;
    if (s->document->view == VIEW_FIELD && layers > 1) { /* which is about all of them */
        first = conv_network_layout(p->network, 0);
        last = conv_network_layout(p->network, layers - 1);
        tr_format(s->language, spec, sizeof spec, N_("{0} layers"), "d", (int64_t)layers);
    } else {
        conv_spec_text(&p->layout->spec, spec, sizeof spec);
    }
    conv_shape_text(&first->input[0], from, sizeof from);
    conv_shape_text(&last->output, to, sizeof to);
    snprintf(out, (size_t)size, "%s" SHAPES_GAP "%s → %s", spec, from, to);
}

/* Title and caption as they are drawn. */
typedef struct head {
    char title[STAGE_TEXT], caption[STAGE_TEXT];
    face face; /* of the caption */
    int title_lines, caption_lines;
} head;

#define HEAD_GAP 5.0f
#define HEAD_FOOT 18.0f
#define HEAD_SHARE 0.3f    /* of the height that words above a low picture may take */
#define HEAD_MOST 0.5f     /* where they would take more they are smaller than the picture's own type */
#define BESIDE_WIDTH 0.36f /* of the width, for words beside it */
#define BESIDE_ASPECT 1.9f

static void read_head(stage *s, head *h) {
    const document *d = s->document;
    const char *title = localised(s, d->title_en, d->title_zh), *caption = localised(s, d->caption_en, d->caption_zh);
    *h = (head){.face = FACE_WORDS, .title_lines = 2, .caption_lines = 4};
    if (s->settings->own_words) title = caption = NULL;
    if (title && *title)
        fill(s, title, h->title, sizeof h->title);
    else
        snprintf(h->title, sizeof h->title, "%s", standard_title(s));
    if (caption && *caption) {
        fill(s, caption, h->caption, sizeof h->caption);
    } else {
        standard_caption(s, h->caption, sizeof h->caption);
        h->face = FACE_MONO;
    }
}

static float caption_size(const head *h, float unit) {
    return (h->face == FACE_MONO ? 0.9f : 1) * TYPE_CAPTION * unit;
}

/* One line of a caption in lines, "Heading<tab>words" each; words that begin with a backtick are code. */
typedef struct caption_row {
    char heading[64];
    const char *words;
    char text[STAGE_TEXT];
} caption_row;

static const char *next_row(const char *caption, caption_row *row) {
    size_t length = strcspn(caption, "\n");
    const char *tab = memchr(caption, '\t', length);
    snprintf(row->heading, sizeof row->heading, "%.*s", tab ? (int)(tab - caption) : 0, caption);
    const char *from = tab ? tab + 1 : caption;
    snprintf(row->text, sizeof row->text, "%.*s", (int)(caption + length - from), from);
    row->words = row->text + (row->text[0] == '`');
    return caption + length + (caption[length] == '\n');
}

/* A caption in lines: the headings stand in a column of their own, in a narrow one over their words. Returns its
 * height. */
static float caption_rows(const stage *s, const char *caption, point top, float width, float unit, bool draw) {
    caption_row row;
    float column = 0, used = 0;
    const bool narrow = width < 560 * unit;
    for (const char *at = caption; *at;) {
        at = next_row(at, &row);
        column = fmaxf(column, stage_width(s, FACE_WORDS_BOLD, TYPE_LABEL * unit, row.heading));
    }
    column = narrow ? 0 : column + 16 * unit;
    for (const char *at = caption; *at; used += 4.5f * unit) {
        at = next_row(at, &row);
        bool code = row.words > row.text;
        face f = code ? FACE_MONO : FACE_WORDS;
        float size = (code ? 0.86f : 0.94f) * TYPE_CAPTION * unit;
        const float over = narrow && row.heading[0] ? line_height(TYPE_LABEL * unit) : 0;
        point from = {top.x + column, top.y + used + over};
        used += over;
        if (draw) {
            stage_text(s, top.x, from.y - over + size * 0.72f, ANCHOR_LEFT, FACE_WORDS_BOLD, TYPE_LABEL * unit,
                       s->theme->ink, row.heading);
            color ink = code ? s->theme->ink : s->theme->ink_soft;
            used += stage_paragraph(s, from, width - column, f, size, ink, row.words, LINES_MOST);
        } else {
            used += paragraph_height(s, width - column, f, size, row.words, LINES_MOST);
        }
    }
    return used;
}

/* The layer's code and its shapes are two lines where they do not fit one: shapes are not broken. */
static const char *caption_shapes(const stage *s, const head *h, float width, float unit) {
    if (h->face != FACE_MONO || stage_width(s, h->face, caption_size(h, unit), h->caption) <= width) return NULL;
    const char *gap = strstr(h->caption, SHAPES_GAP);
    return gap && gap > h->caption ? gap + strlen(SHAPES_GAP) : NULL;
}

static float caption_height(const stage *s, const head *h, float width, float unit) {
    if (strchr(h->caption, '\t')) return caption_rows(s, h->caption, (point){0, 0}, width, unit, false);
    const float size = caption_size(h, unit);
    const char *shapes = caption_shapes(s, h, width, unit);
    if (!shapes) return paragraph_height(s, width, h->face, size, h->caption, h->caption_lines);
    char code[STAGE_TEXT];
    snprintf(code, sizeof code, "%.*s", (int)((size_t)(shapes - h->caption) - strlen(SHAPES_GAP)), h->caption);
    return paragraph_height(s, width, h->face, size, code, h->caption_lines) +
           paragraph_height(s, width, h->face, size, shapes, h->caption_lines);
}

static float draw_caption(const stage *s, const head *h, point top, float width, float unit) {
    if (strchr(h->caption, '\t')) return caption_rows(s, h->caption, top, width, unit, true);
    const char *shapes = caption_shapes(s, h, width, unit);
    if (shapes) {
        char code[STAGE_TEXT];
        const float size = caption_size(h, unit);
        snprintf(code, sizeof code, "%.*s", (int)((size_t)(shapes - h->caption) - strlen(SHAPES_GAP)), h->caption);
        const float used = stage_paragraph(s, top, width, h->face, size, s->theme->ink_soft, code, h->caption_lines);
        return used + stage_paragraph(s, (point){top.x, top.y + used}, width, h->face, size, s->theme->ink_soft, shapes,
                                      h->caption_lines);
    }
    return stage_paragraph(s, top, width, h->face, caption_size(h, unit), s->theme->ink_soft, h->caption,
                           h->caption_lines);
}

/* A title that is a little too long for one line is set a little smaller: no word stands alone in a second one. */
static float title_size(const stage *s, const head *h, float width, float unit) {
    const float size = TYPE_TITLE * unit, own = stage_width(s, FACE_WORDS_BOLD, size, h->title);
    return own > width && own <= width * 1.14f ? size * (width - 1) / own : size;
}

static float head_height(const stage *s, const head *h, float width, float unit) {
    return paragraph_height(s, width, FACE_WORDS_BOLD, title_size(s, h, width, unit), h->title, h->title_lines) +
           HEAD_GAP * unit + caption_height(s, h, width, unit) + HEAD_FOOT * unit;
}

/* The words follow the reader's scale further than the picture's own type, as long as they take no more than `room`;
 * they shrink where even the picture's type would take more than `most`. */
static float words_unit(const stage *s, const head *h, float width, float room, float most) {
    float unit = fmaxf(s->unit, s->words), least = s->unit * (strchr(h->caption, '\t') ? 0.5f : 0.6f);
    while (unit > s->unit && head_height(s, h, width, unit) > room) unit = fmaxf(s->unit, unit * 0.92f);
    while (unit > least && head_height(s, h, width, unit) > most) unit *= 0.92f;
    return unit;
}

static float draw_head(stage *s, const head *h, float width, float unit) {
    float used = stage_paragraph(s, (point){s->area.x, s->area.y}, width, FACE_WORDS_BOLD,
                                 title_size(s, h, width, unit), s->theme->ink, h->title, h->title_lines);
    used += HEAD_GAP * unit;
    used += draw_caption(s, h, (point){s->area.x, s->area.y + used}, width, unit);
    return used + HEAD_FOOT * unit;
}

void stage_head(stage *s) {
    head h;
    box a = s->area;
    read_head(s, &h);
    bool low = a.width > BESIDE_ASPECT * a.height && head_height(s, &h, a.width, s->words) > HEAD_SHARE * a.height;
    stage_tag(s, (tag){.kind = TAG_CAPTION});
    if (low) { /* a low picture has its words beside it */
        float width = roundf(a.width * BESIDE_WIDTH), gap = 24 * s->unit;
        h.title_lines = 4;
        h.caption_lines = 10;
        draw_head(s, &h, width, words_unit(s, &h, width, a.height, a.height));
        s->area.x += width + gap;
        s->area.width -= width + gap;
        s->beside = true;
    } else {
        float used = draw_head(s, &h, a.width, words_unit(s, &h, a.width, HEAD_SHARE * a.height, HEAD_MOST * a.height));
        s->area.y += used;
        s->area.height -= used;
    }
    stage_tag(s, tag_none());
}

void stage_words_ground(const stage *s, point at, face f, float high, const char *text) {
    if (s->settings->transparent) return;
    const box b = {at.x, at.y - high * 0.65f, stage_width(s, f, high, text), high * 1.3f};
    draw_rect(s->list, b, 0, (paint){.fill = s->theme->background});
}

void stage_tag(const stage *s, tag t) {
    s->list->current = t;
}

void stage_message(const stage *s, const char *text) {
    float size = TYPE_CAPTION * s->unit, width = fminf(s->area.width, 640 * s->unit);
    box a = s->area;
    stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
    stage_paragraph(s, (point){a.x + (a.width - width) / 2, a.y + a.height * 0.4f}, width, FACE_WORDS, size,
                    s->theme->ink_soft, text, 6);
    stage_tag(s, tag_none());
}
