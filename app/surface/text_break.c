#include "glyph.h"

#include "app/system/memory.h"

#include <linebreak.h>
#include <pthread.h>

static pthread_once_t tables_ready = PTHREAD_ONCE_INIT; /* the library's, for the process */

/* Ends a line at byte `end`, spaces before it left out. */
static void put(const fonts *f, face which, float size, const char *text, size_t first, size_t end, text_line *lines,
                int capacity, int *count) {
    while (end > first && (text[end - 1] == ' ' || text[end - 1] == '\n')) end--;
    if (*count < capacity)
        lines[*count] = (text_line){first, end - first, text_measure(f, which, size, text + first, end - first).width};
    ++*count;
}

/* A hyphen that begins a word stays with it, LB20a of later editions than the library's: "--size", "-1". */
static void keep_first_hyphens(const char *text, size_t length, char *breaks) {
    for (size_t i = 0; i < length; i++)
        if (text[i] == '-' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '-') && breaks[i] == LINEBREAK_ALLOWBREAK)
            breaks[i] = LINEBREAK_NOBREAK;
}

int text_break(const fonts *f, face which, float size, const char *text, float width, text_line *lines, int capacity) {
    size_t length = 0;
    while (text[length]) length++;
    if (length == 0) return 0;
    char *breaks = memory_resize(NULL, length, 1); /* what UAX 14 says of the place after each byte */
    pthread_once(&tables_ready, init_linebreak);
    if (breaks) {
        set_linebreaks_utf8((const utf8_t *)text, length, "zh", breaks);
        keep_first_hyphens(text, length, breaks);
    }
    int count = 0;
    size_t first = 0, at = 0, allowed = 0; /* line's begin; reader; last place to break */
    float sum = 0;
    glyph g;
    while (text_next(f, which, text, length, &at, &g)) {
        bool space = g.codepoint == ' ' || g.codepoint == '\n';
        sum += space ? 0 : (g.advance - g.kerning) * size; /* it may be the line's last */
        if (sum > width + 0.01f && g.first > first && !space) {
            size_t end = allowed > first ? allowed : g.first; /* a word wider than a line is broken anywhere */
            put(f, which, size, text, first, end, lines, capacity, &count);
            at = first = end;
            sum = 0;
            continue;
        }
        sum += (space ? g.advance : g.kerning) * size;
        char after = breaks ? breaks[at - 1] : g.codepoint == ' ' ? LINEBREAK_ALLOWBREAK : LINEBREAK_NOBREAK;
        if (after == LINEBREAK_MUSTBREAK && at < length) {
            put(f, which, size, text, first, at, lines, capacity, &count);
            first = at;
            sum = 0;
        } else if (after == LINEBREAK_ALLOWBREAK) {
            allowed = at;
        }
    }
    if (first < length) put(f, which, size, text, first, length, lines, capacity, &count);
    memory_free(breaks);
    return count;
}
