/* A spec written out as Python code. */
#include "refuse.h"
#include "spec.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct writer {
    char *text;
    int size, length;
} writer;

__attribute__((format(printf, 2, 3))) static void put(writer *w, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int room = w->length < w->size ? w->size - w->length : 0;
    w->length += vsnprintf(room > 0 ? w->text + w->length : NULL, (size_t)room, format, args);
    va_end(args);
}

static void put_scalar(writer *w, const conv_scalar *scalar) {
    char digits[40];
    switch (scalar->kind) {
    case CONV_VALUE_BOOL:
        put(w, "%s", scalar->integer ? "True" : "False");
        break;
    case CONV_VALUE_INT:
        put(w, "%" PRId64, scalar->integer);
        break;
    case CONV_VALUE_REAL:
        real_text(scalar->real, digits, (int)sizeof digits);
        put(w, "%s", digits);
        break;
    default:
        put(w, "None");
        break;
    }
}

static void put_value(writer *w, const conv_value *value) {
    if (value->kind == CONV_VALUE_TEXT) {
        put(w, "'%s'", value->text);
    } else if (value->kind == CONV_VALUE_TUPLE) {
        put(w, "(");
        for (int i = 0; i < value->count; i++) {
            if (i > 0) put(w, ", ");
            put_scalar(w, &value->item[i]);
        }
        put(w, value->count == 1 ? ",)" : ")");
    } else {
        put_scalar(w, &value->scalar);
    }
}

static bool same_value(const conv_value *a, const conv_value *b) {
    if (a->kind != b->kind) return false;
    if (a->kind == CONV_VALUE_TEXT) return strcmp(a->text, b->text) == 0;
    if (a->kind == CONV_VALUE_TUPLE) return false;
    return a->scalar.integer == b->scalar.integer && (a->kind != CONV_VALUE_REAL || a->scalar.real == b->scalar.real);
}

int conv_spec_text(const conv_spec *spec, char *text, int size) {
    writer w = {text, size, 0};
    if (size > 0) text[0] = '\0';
    const conv_op *op = spec->op;
    put(&w, "%s%s%s(", op->module, op->module[0] != '\0' ? "." : "", op->name);
    const char *separator = "";
    bool positional = true;
    for (int required = 1; required >= 0; required--) {
        for (int i = 0; i < op->param_count; i++) {
            const conv_param *param = &op->params[i];
            if (param->required != (required == 1)) continue;
            conv_value value;
            conv_spec_get(spec, i, &value);
            if (!required) {
                conv_value initial = spec_default(param);
                if (param->type == CONV_PARAM_IGNORED || same_value(&value, &initial)) continue;
            }
            /* Channel counts go without their names, as people write them. */
            positional = positional && required && param->type == CONV_PARAM_INT;
            put(&w, positional ? "%s" : "%s%s=", separator, param->name);
            put_value(&w, &value);
            separator = ", ";
        }
    }
    put(&w, ")");
    return w.length;
}
