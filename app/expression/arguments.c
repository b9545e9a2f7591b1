/* The arguments of one operation, by the engine's table of parameters. */
#include "reader.h"

#include <stdio.h>
#include <string.h>

/* Where the arguments of a constructor were written. */
typedef struct arguments {
    expression_place place;
    token closing;
} arguments;

static bool place_blame(const expression_place *place, const conv_op *op, failure *f) {
    if (!f) return false;
    int param = f->error.parameter[0] ? conv_param_find(op, f->error.parameter) : -1;
    if (param >= 0 && param < EXPRESSION_MAX_PARAMETERS && place->argument[param].line > 0) {
        return fail_at(f, place->argument[param].line, place->argument[param].column);
    }
    return fail_at(f, place->line, place->column);
}

bool expression_blame(const expression *e, int layer, failure *f) {
    return place_blame(&e->places[layer], e->layers[layer].spec.op, f);
}

/* Which parameter the argument that begins here is for; steps over "name=". */
static bool parameter_find(reader *r, const conv_op *op, int position, bool *named, int *param) {
    const token t = r->now;
    token next = reader_peek(r);
    char name[64];
    if (t.kind == TOKEN_NAME && token_is_sign(&next, '=')) {
        token_copy(&t, name, sizeof name);
        *param = conv_param_find(op, name);
        if (*param < 0) {
            const char *nearest = conv_param_nearest(op, name);
            if (!nearest) return refuse_token(r, &t, N_("{0} has no parameter {1}"), "ss", op->name, name);
            return refuse_token(r, &t, N_("{0} has no parameter {1}: do you mean {2}?"), "sss", op->name, name,
                                nearest);
        }
        *named = true;
        reader_step(r);
        reader_step(r);
        return true;
    }
    if (*named) return refuse_token(r, &t, N_("an argument without a name cannot follow one with a name"), "");
    if (position >= op->param_count) {
        return refuse_token(r, &t, N_("{0} takes at most {1} arguments"), "sd", op->name, (int64_t)op->param_count);
    }
    *param = position;
    return true;
}

static bool argument_read(reader *r, const conv_op *op, int param, conv_spec *spec, arguments *a,
                          const token *written) {
    const conv_param *p = &op->params[param];
    if (a->place.argument[param].line) return refuse_token(r, written, N_("{0} is given twice"), "s", p->name);
    a->place.argument[param].line = r->now.line;
    a->place.argument[param].column = r->now.column;
    if (p->type == CONV_PARAM_IGNORED) {
        if (strcmp(p->name, "device") == 0 || strcmp(p->name, "dtype") == 0) reader_note(r, written);
        return value_skip(r);
    }
    conv_value value;
    if (!value_read(r, p, &value)) return false;
    conv_error error;
    if (conv_spec_set(spec, param, &value, &error) == CONV_OK) return true;
    fail_engine(r->failure, &error);
    return fail_at(r->failure, a->place.argument[param].line, a->place.argument[param].column);
}

static bool required_given(reader *r, const conv_op *op, const arguments *a) {
    char missing[96] = "";
    size_t used = 0;
    for (int i = 0; i < op->param_count; i++) {
        if (!op->params[i].required || a->place.argument[i].line) continue;
        int more = snprintf(missing + used, sizeof missing - used, "%s%s", used ? ", " : "", op->params[i].name);
        if (more > 0 && used + (size_t)more < sizeof missing) used += (size_t)more;
    }
    if (!used) return true;
    return refuse_token(r, &a->closing, N_("{0} still needs {1}"), "ss", op->name, missing);
}

/* The arguments of an operation: `now` is behind the '('. Steps over the ')'. */
bool arguments_read(reader *r, const conv_op *op, conv_spec *spec, const token *constructor, expression_place *place) {
    arguments a = {.place = {.line = constructor->line, .column = constructor->column}};
    bool named = false;
    conv_spec_init(spec, op);
    for (int position = 0; !token_is_sign(&r->now, ')'); position++) {
        const token written = r->now;
        int param = -1;
        if (!parameter_find(r, op, position, &named, &param)) return false;
        if (!argument_read(r, op, param, spec, &a, &written)) return false;
        if (token_is_sign(&r->now, ')')) break;
        if (!reader_separate(r, ')')) return false;
    }
    a.closing = r->now;
    if (!required_given(r, op, &a)) return false;
    reader_step(r);
    conv_error error;
    *place = a.place;
    if (conv_spec_check(spec, &error) == CONV_OK) return true;
    fail_engine(r->failure, &error);
    return place_blame(place, op, r->failure);
}
