#include "tokens.h"
#include <math.h>
#include <string.h>

enum { TOKENS_MOST = 32, TOKEN_SIZE = 48 };

typedef struct tokens {
    char word[TOKENS_MOST][TOKEN_SIZE];
    int count;
} tokens;

/* The part's words in the figure's language, cut at spaces. None beyond what a plane can show. */
static void read_tokens(const stage *s, int index, tokens *t) {
    const part *p = &s->document->parts[index];
    const char *text = s->language == LANGUAGE_ZH && p->tokens_zh ? p->tokens_zh : p->tokens_en;
    t->count = 0;
    while (text && *text && t->count < TOKENS_MOST) {
        size_t length = strcspn(text, " ");
        size_t kept = length < TOKEN_SIZE ? length : 0;
        if (length) {
            memcpy(t->word[t->count], text, kept);
            t->word[t->count++][kept] = 0;
        }
        text += length + strspn(text + length, " ");
    }
}

typedef enum side { SIDE_NONE, SIDE_ROWS, SIDE_COLUMNS } side;

/* Where the words of a block stand. Only flat planes of the input and the output wear them. */
static side side_of(const stage *s, const block *b, const tokens *t) {
    if (!b->count || !t->count || s->document->style == STYLE_ISOMETRIC) return SIDE_NONE;
    const operand *o = b->planes[0].of;
    if (o->role != ROLE_INPUT && o->role != ROLE_OUTPUT) return SIDE_NONE;
    return o->rows == t->count ? SIDE_ROWS : o->columns == t->count ? SIDE_COLUMNS : SIDE_NONE;
}

static bool has_tokens(const stage *s, const block *b) {
    if (!b->count) return false;
    const part *p = &s->document->parts[b->planes[0].of->part];
    return p->tokens_en || p->tokens_zh;
}

void tokens_reserve(const stage *s, block *b) {
    if (!has_tokens(s, b)) return;
    tokens t;
    read_tokens(s, b->planes[0].of->part, &t);
    side where = side_of(s, b, &t);
    if (where == SIDE_COLUMNS) b->labels = true;
    if (where != SIDE_ROWS) return;
    float widest = 0;
    for (int i = 0; i < t.count; i++)
        widest = fmaxf(widest, stage_width(s, FACE_WORDS, TYPE_LABEL * s->unit, t.word[i]));
    b->margin = fmaxf(b->margin, widest / s->unit + 12);
}

bool tokens_above(const stage *s, const block *b) {
    if (!has_tokens(s, b)) return false;
    tokens t;
    read_tokens(s, b->planes[0].of->part, &t);
    return side_of(s, b, &t) == SIDE_COLUMNS;
}

/* A word over its column, in type as small as that needs; none where it could not be read. */
static void word_over(const stage *s, point at, color ink, const char *word, float room) {
    const float least = 6, wanted = TYPE_SMALL * s->unit, width = stage_width(s, FACE_WORDS, wanted, word);
    const float size = width > room ? wanted * room / width : wanted;
    if (size >= least) stage_text(s, at.x, at.y, ANCHOR_MIDDLE, FACE_WORDS, size, ink, word);
}

void tokens_draw(const stage *s, const block *b) {
    if (!has_tokens(s, b)) return;
    tokens t;
    read_tokens(s, b->planes[0].of->part, &t);
    side where = side_of(s, b, &t);
    float u = s->unit;
    color ink = stage_ink(s, b->role);
    for (int k = 0; k < b->count && where != SIDE_NONE; k++) {
        const plane *p = &b->planes[k];
        box all = plane_box(p);
        for (int i = 0; i < t.count; i++) {
            point middle = plane_middle(p, where == SIDE_ROWS ? (float)i : 0, where == SIDE_ROWS ? 0 : (float)i);
            if (where == SIDE_ROWS && !s->settings->transparent) { /* a line that runs behind stops at the words */
                float width = fminf(stage_width(s, FACE_WORDS, TYPE_LABEL * u, t.word[i]), b->margin * u);
                box strip = {all.x + all.width + 8 * u, middle.y - TYPE_LABEL * 0.6f * u, width, TYPE_LABEL * 1.2f * u};
                draw_rect(s->list, strip, 0, (paint){.fill = s->theme->background});
            }
            if (where == SIDE_ROWS)
                stage_text_fitted(s, all.x + all.width + 8 * u, middle.y, ANCHOR_LEFT, FACE_WORDS, TYPE_LABEL * u, ink,
                                  t.word[i], b->margin * u);
            else
                word_over(s, (point){middle.x, all.y - 11 * u}, ink, t.word[i], plane_cell(p) * 0.96f);
        }
    }
}
