#include "symbol.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define INDEX_SIZE 0.66f /* of the letter's */
#define LEAST_INDEX 5.0f /* pixels */
#define LEAST_LINE 10.0f /* below it two lines are read better than one */
#define TIMES "·"

typedef struct symbol {
    char letter[16], indices[32];
    float width, letter_width; /* at size 1 */
} symbol;

static symbol symbol_of(const stage *s, const operand *o, int64_t index, const char *after) {
    symbol y;
    char letter[8];
    operand_symbol(o, index, letter, y.indices, sizeof y.indices);
    snprintf(y.letter, sizeof y.letter, "%s%s", after, letter);
    const float at = 100; /* widths grow with the size */
    y.letter_width = stage_width(s, FACE_MONO, at, y.letter) / at;
    y.width = y.letter_width + stage_width(s, FACE_MONO, at * INDEX_SIZE, y.indices) / at;
    return y;
}

static void draw_from(const stage *s, const symbol *y, float x, float middle, float size, color ink) {
    stage_text(s, x, middle - size * 0.06f, ANCHOR_LEFT, FACE_MONO, size, ink, y->letter);
    stage_text(s, x + y->letter_width * size, middle + size * 0.2f, ANCHOR_LEFT, FACE_MONO, size * INDEX_SIZE, ink,
               y->indices);
}

void symbol_draw(const stage *s, const operand *o, point middle, int64_t index, float size, float room, color ink) {
    const symbol y = symbol_of(s, o, index, "");
    size = fminf(size, room / y.width);
    if (size * INDEX_SIZE >= LEAST_INDEX) draw_from(s, &y, middle.x - y.width * size / 2, middle.y, size, ink);
}

bool symbol_product(const stage *s, const operand *const of[2], const int64_t index[2], point middle, float size,
                    float room, float high, color ink) {
    const symbol a = symbol_of(s, of[0], index[0], ""), b = symbol_of(s, of[1], index[1], TIMES);
    const float whole = a.width + b.width, line = fminf(size, room / whole);
    if (line >= LEAST_LINE && line <= high) {
        const float x = middle.x - whole * line / 2;
        draw_from(s, &a, x, middle.y, line, ink);
        draw_from(s, &b, x + a.width * line, middle.y, line, ink);
        return true;
    }
    const float apart = 1.12f, two = fminf(fminf(size, room / fmaxf(a.width, b.width)), high / (2 * apart));
    if (two * INDEX_SIZE < LEAST_INDEX) return false;
    draw_from(s, &a, middle.x - a.width * two / 2, middle.y - apart * two / 2, two, ink);
    draw_from(s, &b, middle.x - b.width * two / 2, middle.y + apart * two / 2, two, ink);
    return true;
}
