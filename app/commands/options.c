#include "options.h"

#include "app/system/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 32, HELP_WIDTH = 100, NAME_LIMIT = 32 };

/* ---- finding ---- */

static const option *find_in(const option *table, const char *name, size_t length) {
    for (const option *o = table; o && o->name; o++) {
        if (strlen(o->name) == length && strncmp(o->name, name, length) == 0) return o;
    }
    return NULL;
}

static const option *find_letter(const option *table, char letter) {
    for (const option *o = table; o && o->name; o++) {
        if (o->letter && o->letter == letter) return o;
    }
    return NULL;
}

/* Levenshtein's distance, for names that are at most NAME_LIMIT long. */
static int distance(const char *a, const char *b) {
    int row[NAME_LIMIT + 1];
    int width = (int)strnlen(b, NAME_LIMIT);
    for (int j = 0; j <= width; j++) row[j] = j;
    for (int i = 1; a[i - 1] && i <= NAME_LIMIT; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= width; j++) {
            int above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best) best = above + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[width];
}

const char *options_nearest(const char *name, const char *const *names, int count) {
    const char *nearest = NULL;
    int best = (int)strnlen(name, NAME_LIMIT) / 3 + 2;
    for (int i = 0; i < count; i++) {
        int d = distance(name, names[i]);
        if (d < best) {
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}

static bool refuse_unknown(const option *own, const option *common, const char *word, failure *f) {
    const char *names[96];
    char name[NAME_LIMIT + 1], shown[NAME_LIMIT + 3];
    int count = 0;
    for (const option *o = own; o && o->name && count < 96; o++) names[count++] = o->name;
    for (const option *o = common; o && o->name && count < 96; o++) names[count++] = o->name;
    const char *start = word + strspn(word, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(start, "="), start);
    snprintf(shown, sizeof shown, "%.*s", (int)strcspn(word, "="), word);
    const char *nearest = word[1] == '-' ? options_nearest(name, names, count) : NULL;
    if (!nearest) return fail(f, N_("there is no option {0}"), "s", shown);
    return fail(f, N_("there is no option {0}: do you mean --{1}?"), "ss", shown, nearest);
}

/* ---- values ---- */

static bool bounded(const option *o, double value) {
    return (o->least == 0 && o->most == 0) || (value >= o->least && value <= o->most);
}

static bool refuse_value(const option *o, const char *text, failure *f) {
    char least[32], most[32];
    if (!*text) text = "''";
    if (o->kind == OPTION_BYTES)
        return fail(f, N_("--{0} takes an amount such as 512M or 4G, not {1}"), "ss", o->name, text);
    if (o->kind == OPTION_CHOICE) {
        char all[96] = "";
        size_t used = 0;
        for (const char *const *c = o->choices; *c; c++) {
            int more = snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", *c);
            if (more < 0 || used + (size_t)more >= sizeof all) break;
            used += (size_t)more;
        }
        return fail(f, N_("--{0} takes one of {1}, not {2}"), "sss", o->name, all, text);
    }
    if (o->kind == OPTION_RANGE) return fail(f, N_("--{0} takes a range such as 3:7, not {1}"), "ss", o->name, text);
    if (o->kind == OPTION_PAIR) {
        char form[32];
        snprintf(form, sizeof form, "%s", o->value ? o->value : "A:B");
        if (o->most >= 1e9) return fail(f, N_("--{0} takes {1}, not {2}"), "sss", o->name, form, text);
        return fail(f, N_("--{0} takes {1} with whole numbers from {2} to {3}, not {4}"), "ssdds", o->name, form,
                    (int64_t)o->least, (int64_t)o->most, text);
    }
    if (o->least == 0 && o->most == 0) return fail(f, N_("--{0} takes a number, not {1}"), "ss", o->name, text);
    number_write(o->least, 15, least, sizeof least);
    number_write(o->most, 15, most, sizeof most);
    return fail(f, N_("--{0} takes a number from {1} to {2}, not {3}"), "ssss", o->name, least, most, text);
}

static bool read_bytes(const char *text, int64_t *value) {
    static const char units[] = "KMGT";
    char digits[32];
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof digits) return false;
    memcpy(digits, text, length + 1);
    const char *unit = strchr(units, digits[length - 1] & ~0x20);
    bool has_unit = unit && *unit && ((digits[length - 1] | 0x20) >= 'a');
    if (has_unit) digits[length - 1] = '\0';
    double number;
    if (!number_read_real(digits, &number)) return false;
    for (long i = 0; has_unit && i <= unit - units; i++) number *= 1024;
    if (!(number >= 0 && number <= 0x1p62)) return false;
    *value = (int64_t)number;
    return true;
}

static bool read_pair(const option *o, const char *text, int64_t *pair) {
    char first[32];
    const char *middle = strchr(text, o->separator);
    if (!middle || (size_t)(middle - text) >= sizeof first) return false;
    memcpy(first, text, (size_t)(middle - text));
    first[middle - text] = '\0';
    return number_read_integer(first, &pair[0]) && number_read_integer(middle + 1, &pair[1]) &&
           bounded(o, (double)pair[0]) && bounded(o, (double)pair[1]);
}

static bool read_range(const char *text, option_range *range) {
    char first[32];
    const char *middle = strchr(text, ':');
    *range = (option_range){.given = true};
    if (!middle || (size_t)(middle - text) >= sizeof first) return false;
    memcpy(first, text, (size_t)(middle - text));
    first[middle - text] = '\0';
    range->has_first = *first != '\0';
    range->has_last = middle[1] != '\0';
    return (!range->has_first || number_read_integer(first, &range->first)) &&
           (!range->has_last || number_read_integer(middle + 1, &range->last));
}

static bool read_choice(const option *o, const char *text, int *choice) {
    for (int i = 0; o->choices[i]; i++) {
        if (strcmp(o->choices[i], text) != 0) continue;
        *choice = i + 1;
        return true;
    }
    return false;
}

/* Reads `text` into the member. */
static bool value_store(const option *o, void *values, const char *text, failure *f) {
    union {
        bool flag;
        const char *text;
        int64_t integer, pair[2];
        double real;
        int choice;
        option_range range;
    } v = {.flag = true};
    size_t size = sizeof v.integer;
    bool ok = true;
    switch (o->kind) {
    case OPTION_FLAG:
        size = sizeof v.flag;
        break;
    case OPTION_TEXT:
        v.text = text;
        size = sizeof v.text;
        break;
    case OPTION_INTEGER:
        ok = number_read_integer(text, &v.integer) && bounded(o, (double)v.integer);
        break;
    case OPTION_REAL:
        size = sizeof v.real;
        ok = number_read_real(text, &v.real) && isfinite(v.real) && bounded(o, v.real);
        break;
    case OPTION_BYTES:
        ok = read_bytes(text, &v.integer) && bounded(o, (double)v.integer);
        break;
    case OPTION_PAIR:
        size = sizeof v.pair;
        ok = read_pair(o, text, v.pair);
        break;
    case OPTION_RANGE:
        size = sizeof v.range;
        ok = read_range(text, &v.range);
        break;
    case OPTION_CHOICE:
        size = sizeof v.choice;
        ok = read_choice(o, text, &v.choice);
        break;
    }
    if (!ok) return refuse_value(o, text, f);
    memcpy((char *)values + o->offset, &v, size);
    if (o->given) memcpy((char *)values + o->given, &(bool){true}, sizeof(bool));
    return true;
}

/* ---- reading ---- */

typedef struct table {
    const option *options;
    void *values;
} table;

/* One word that begins with '-'; *used tells how many words it took. */
static bool read_option(const table *tables, char *const *words, int left, int *used, failure *f) {
    const char *word = words[0];
    const bool named = word[1] == '-';
    const size_t length = named ? strcspn(word + 2, "=") : 1;
    const char *attached = named ? (word[2 + length] ? word + 3 + length : NULL) : (word[2] ? word + 2 : NULL);
    for (int t = 0; t < 2; t++) {
        const option *o =
            named ? find_in(tables[t].options, word + 2, length) : find_letter(tables[t].options, word[1]);
        if (!o) continue;
        *used = 1;
        if (o->kind == OPTION_FLAG) {
            if (attached) return fail(f, N_("--{0} takes no value"), "s", o->name);
            return value_store(o, tables[t].values, NULL, f);
        }
        if (!attached) {
            if (left < 2) return fail(f, N_("--{0} needs a value"), "s", o->name);
            attached = words[1];
            *used = 2;
        }
        return value_store(o, tables[t].values, attached, f);
    }
    return refuse_unknown(tables[0].options, tables[1].options, word, f);
}

bool options_read(const option *own, void *own_values, const option *common, void *common_values, char *const *words,
                  int count, const char **arguments, int *argument_count, failure *f) {
    const table tables[2] = {{own, own_values}, {common, common_values}};
    bool ended = false;
    *argument_count = 0;
    for (int i = 0; i < count;) {
        const char *word = words[i];
        if (ended || word[0] != '-' || word[1] == '\0') {
            arguments[(*argument_count)++] = word;
            i++;
        } else if (strcmp(word, "--") == 0) {
            ended = true;
            i++;
        } else {
            int used = 1;
            if (!read_option(tables, words + i, count - i, &used, f)) return false;
            i += used;
        }
    }
    return true;
}

int options_first_argument(const option *common, char *const *words, int count) {
    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        if (word[0] != '-' || word[1] == '\0') return i;
        if (word[1] != '-') continue;
        const option *o = find_in(common, word + 2, strlen(word + 2));
        if (o && o->kind != OPTION_FLAG) i++;
    }
    return -1;
}

bool options_complete(const option *own, const void *values, failure *f) {
    for (const option *o = own; o && o->name; o++) {
        if (!o->required || o->kind != OPTION_TEXT) continue;
        const char *text;
        memcpy(&text, (const char *)values + o->offset, sizeof text);
        if (!text) return fail(f, N_("--{0} is needed"), "s", o->name);
    }
    return true;
}

/* ---- help ---- */

int text_columns(const char *text, size_t length) {
    int columns = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c & 0xC0) == 0x80) continue;
        /* Characters of three bytes and more from U+2E80 on: the scripts of East Asia. */
        bool wide = c >= 0xF0 || (c >= 0xE2 && (c > 0xE2 || (unsigned char)text[i + 1] >= 0xBA));
        columns += wide ? 2 : 1;
    }
    return columns;
}

static bool stands_in(const char *at, size_t length, const char *const *signs) {
    for (; *signs; signs++)
        if (strlen(*signs) == length && strncmp(at, *signs, length) == 0) return true;
    return false;
}

/* Between these two characters a line may be broken: no closing sign begins one, no opening sign ends one. */
static bool may_part(const char *before, size_t before_length, const char *after) {
    static const char *const closing[] = {"、", "。", "，", "；", "：", "！", "？", "）", "》", "”", "’",
                                          "…",  ",",  ".",  ";",  ":",  "!",  "?",  ")",  "]",  NULL};
    static const char *const opening[] = {"（", "《", "“", "‘", NULL};
    size_t length = 1;
    while (((unsigned char)after[length] & 0xC0) == 0x80) length++;
    return !stands_in(after, length, closing) && !stands_in(before, before_length, opening);
}

/* Where a line of at most `room` columns ends: behind the last space that fits, or behind a wide character. */
static size_t line_length(const char *text, int room) {
    size_t end = 0, at = 0;
    int columns = 0;
    while (text[at]) {
        size_t next = at + 1;
        while (((unsigned char)text[next] & 0xC0) == 0x80) next++;
        int width = text_columns(text + at, next - at);
        if (columns + width > room && end > 0) return end;
        columns += width;
        if (text[next] == ' ' || text[next] == '\0' || (width == 2 && may_part(text + at, next - at, text + next)))
            end = next;
        at = next;
    }
    return at;
}

void text_wrap(FILE *stream, const char *text, int indent, int width) {
    for (bool first = true; *text; first = false) {
        size_t length = line_length(text, width - indent);
        fprintf(stream, "%*s%.*s\n", first ? 0 : indent, "", (int)length, text);
        text += length;
        while (*text == ' ') text++;
    }
}

void options_help(const option *own, language l, FILE *stream) {
    for (const option *o = own; o->name; o++) {
        char line[160], letter[8] = "    ";
        if (o->letter) snprintf(letter, sizeof letter, "-%c, ", o->letter);
        const char *value = o->value ? tr(l, o->value) : "";
        int length = snprintf(line, sizeof line, "  %s--%s%s%s", letter, o->name, *value ? " " : "", value);
        int columns = text_columns(line, strlen(line));
        if (length <= 0) continue;
        fprintf(stream, "%s", line);
        if (columns >= HELP_COLUMN - 1)
            fprintf(stream, "\n%*s", HELP_COLUMN, "");
        else
            fprintf(stream, "%*s", HELP_COLUMN - columns, "");
        text_wrap(stream, tr(l, o->help), HELP_COLUMN, HELP_WIDTH);
    }
}
