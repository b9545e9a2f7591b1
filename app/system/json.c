#include "json.h"

#include "number.h"

#include <inttypes.h>
#include <math.h>

json json_begin(FILE *stream) {
    return (json){.stream = stream};
}

void json_end(json *j) {
    fputc('\n', j->stream);
}

static void write_text(json *j, const char *text) {
    fputc('"', j->stream);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(j->stream, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", j->stream);
        else if (c < 0x20)
            fprintf(j->stream, "\\u%04x", c);
        else
            fputc(c, j->stream);
    }
    fputc('"', j->stream);
}

/* The comma, line break and key before a value. */
static void lead(json *j, const char *key) {
    if (j->depth > 0) {
        const bool on_line = j->line[j->depth];
        if (j->filled[j->depth]) fputs(on_line ? ", " : ",", j->stream);
        if (!on_line) fprintf(j->stream, "\n%*s", 2 * j->depth, "");
        j->filled[j->depth] = true;
    }
    if (!key) return;
    write_text(j, key);
    fputs(": ", j->stream);
}

static void begin(json *j, const char *key, char bracket, bool line) {
    lead(j, key);
    fputc(bracket, j->stream);
    if (j->depth + 1 < JSON_MAX_DEPTH) j->depth++;
    j->filled[j->depth] = false;
    j->line[j->depth] = line || j->line[j->depth - 1];
    j->bracket[j->depth] = bracket == '{' ? '}' : ']';
}

void json_object(json *j, const char *key) {
    begin(j, key, '{', false);
}

void json_array(json *j, const char *key) {
    begin(j, key, '[', false);
}

void json_line_array(json *j, const char *key) {
    begin(j, key, '[', true);
}

void json_close(json *j) {
    if (j->filled[j->depth] && !j->line[j->depth]) fprintf(j->stream, "\n%*s", 2 * (j->depth - 1), "");
    fputc(j->bracket[j->depth], j->stream);
    j->depth--;
}

void json_text(json *j, const char *key, const char *text) {
    lead(j, key);
    if (text)
        write_text(j, text);
    else
        fputs("null", j->stream);
}

void json_integer(json *j, const char *key, int64_t value) {
    lead(j, key);
    fprintf(j->stream, "%" PRId64, value);
}

void json_real(json *j, const char *key, double value) {
    char text[40];
    lead(j, key);
    fputs(isfinite(value) ? number_write_double(value, text, sizeof text) : "null", j->stream);
}

void json_bool(json *j, const char *key, bool value) {
    lead(j, key);
    fputs(value ? "true" : "false", j->stream);
}

void json_shape(json *j, const char *key, const conv_shape *shape) {
    if (shape->rank == 0) {
        json_text(j, key, NULL);
        return;
    }
    json_line_array(j, key);
    for (int i = 0; i < shape->rank; i++) json_integer(j, NULL, shape->size[i]);
    json_close(j);
}
