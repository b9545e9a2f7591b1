#include "golden.h"
#include "layer.h"
#include <inttypes.h>
#include <math.h>

static conv_scalar scalar_of(const char **text) {
    const char *t = *text;
    conv_value value = none_value();
    if (strncmp(t, "None", 4) == 0) {
        *text = t + 4;
    } else if (strncmp(t, "True", 4) == 0 || strncmp(t, "False", 5) == 0) {
        value = bool_value(*t == 'T');
        *text = t + (*t == 'T' ? 4 : 5);
    } else {
        char *end;
        double real = strtod(t, &end);
        cr_assert_neq(end, t, "cannot read '%s'", t);
        bool whole = strcspn(t, ".e") >= (size_t)(end - t);
        value = whole ? int_value((int64_t)real) : real_value(real);
        *text = end;
    }
    return value.scalar;
}

static conv_value value_of(const char *text) {
    if (*text == '\'') {
        char word[24] = "";
        sscanf(text, "'%23[^']'", word);
        return text_value(word);
    }
    if (*text != '(') {
        conv_scalar scalar = scalar_of(&text);
        return (conv_value){.kind = scalar.kind, .scalar = scalar};
    }
    conv_value value = {.kind = CONV_VALUE_TUPLE};
    for (text++; *text != ')';) {
        value.item[value.count++] = scalar_of(&text);
        while (*text == ',' || *text == ' ') text++;
    }
    return value;
}

static void read_array(FILE *file, golden_case *c, const char *line) {
    golden_array *a = &c->arrays[c->array_count++];
    int at = 0;
    cr_assert_eq(sscanf(line + 2, "%23s %d%n", a->name, &a->shape.rank, &at), 2, "%s", line);
    const char *rest = line + 2 + at;
    for (int i = 0; i < a->shape.rank; i++) a->shape.size[i] = strtoll(rest, (char **)(uintptr_t)&rest, 10);
    int64_t count = conv_shape_count(&a->shape);
    size_t each = line[0] == 'f' ? sizeof(float) : sizeof(int64_t);
    void *memory = malloc((size_t)count * each + 1);
    cr_assert_eq(fread(memory, each, (size_t)count, file), (size_t)count, "%s: the file ends", line);
    cr_assert_eq(fgetc(file), '\n');
    a->floats = line[0] == 'f' ? memory : NULL;
    a->integers = line[0] == 'i' ? memory : NULL;
}

static void read_set(golden_case *c, const char *line) {
    char name[32];
    int at = 0;
    cr_assert_eq(sscanf(line, "set %31s %n", name, &at), 1);
    if (c->set_refused) return;
    c->set_refused = try_set(&c->spec, name, value_of(line + at), &c->error) != CONV_OK;
}

bool golden_read(FILE *file, golden_case *c) {
    char line[512];
    memset(c, 0, sizeof *c);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "case ", 5) == 0) {
            snprintf(c->title, sizeof c->title, "%.255s", line + 5);
        } else if (strncmp(line, "op ", 3) == 0) {
            c->spec = spec_of(line + 3);
        } else if (strncmp(line, "set ", 4) == 0) {
            read_set(c, line);
        } else if (strncmp(line, "offset_groups ", 14) == 0) {
            c->spec.offset_groups = strtoll(line + 14, NULL, 10);
        } else if (strcmp(line, "refused") == 0) {
            c->refused = true;
        } else if (strcmp(line, "end") == 0) {
            return true;
        } else {
            cr_assert(line[0] == 'f' || line[0] == 'i', "unknown line '%s'", line);
            read_array(file, c, line);
        }
    }
    return false;
}

void golden_free(golden_case *c) {
    for (int i = 0; i < c->array_count; i++) {
        free(c->arrays[i].floats);
        free(c->arrays[i].integers);
    }
}

const golden_array *golden_find(const golden_case *c, const char *name) {
    for (int i = 0; i < c->array_count; i++)
        if (strcmp(c->arrays[i].name, name) == 0) return &c->arrays[i];
    return NULL;
}

static const float *floats_of(const golden_case *c, const char *name) {
    const golden_array *a = golden_find(c, name);
    return a != NULL ? a->floats : NULL;
}

static int inputs_of(const golden_case *c, conv_operands *operands, conv_shape *shapes) {
    int count = 0;
    char name[24] = "input";
    for (const golden_array *a; (a = golden_find(c, name)) != NULL; snprintf(name, sizeof name, "input%d", count)) {
        shapes[count] = a->shape;
        operands->input[count++] = a->floats;
    }
    operands->weight = floats_of(c, "weight");
    operands->bias = floats_of(c, "bias");
    operands->offset = floats_of(c, "offset");
    operands->mask = floats_of(c, "mask");
    operands->running_mean = floats_of(c, "running_mean");
    operands->running_var = floats_of(c, "running_var");
    const golden_array *indices = golden_find(c, "indices");
    operands->indices = indices != NULL ? indices->integers : NULL;
    return count;
}

static bool compare(const golden_case *c, const conv_layout *layout, const float *y, const int64_t *indices, char *why,
                    size_t size) {
    const golden_array *expected = golden_find(c, "output");
    char ours[96], theirs[96];
    if (!conv_shape_equal(&layout->output, &expected->shape)) {
        snprintf(why, size, "output shape %s, not %s", conv_shape_text(&layout->output, ours, sizeof ours),
                 conv_shape_text(&expected->shape, theirs, sizeof theirs));
        return false;
    }
    int64_t count = conv_shape_count(&layout->output);
    for (int64_t i = 0; i < count; i++) {
        double right = expected->floats[i], difference = fabs(y[i] - right);
        bool same =
            difference <= 1e-5 + 1e-4 * fabs(right) || (isnan(y[i]) && isnan(right)) || y[i] == expected->floats[i];
        if (same) continue;
        snprintf(why, size, "output %" PRId64 " of %" PRId64 " is %.9g, not %.9g", i, count, (double)y[i], right);
        return false;
    }
    const golden_array *chosen = golden_find(c, "indices_out");
    for (int64_t i = 0; chosen != NULL && i < count; i++)
        if (indices[i] != chosen->integers[i]) {
            snprintf(why, size, "index %" PRId64 " is %" PRId64 ", not %" PRId64, i, indices[i], chosen->integers[i]);
            return false;
        }
    return true;
}

bool golden_check(conv_engine *engine, const golden_case *c, char *why, size_t size) {
    conv_operands operands = {0};
    conv_shape shapes[CONV_MAX_INPUTS];
    int inputs = inputs_of(c, &operands, shapes);
    conv_layout layout;
    conv_error error = c->error;
    conv_status status = c->set_refused ? error.status : conv_layout_infer(&c->spec, shapes, inputs, &layout, &error);
    conv_plan *plan = NULL;
    if (status == CONV_OK) status = conv_plan_create(engine, &c->spec, shapes, inputs, &operands, NULL, &plan, &error);
    if (status != CONV_OK) {
        snprintf(why, size, "was refused: %s", error.message);
        return c->refused;
    }
    int64_t count = conv_shape_count(&layout.output);
    float *y = floats(count);
    int64_t *indices = malloc((size_t)count * sizeof *indices + 1);
    status = conv_plan_run(plan, &operands, y, indices, NULL, &error);
    bool right = c->refused;
    if (status != CONV_OK)
        snprintf(why, size, "was refused: %s", error.message);
    else if (c->refused)
        right = snprintf(why, size, "was not refused") < 0;
    else
        right = compare(c, &layout, y, indices, why, size);
    free(y);
    free(indices);
    conv_plan_destroy(plan);
    return right;
}
