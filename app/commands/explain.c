/* convscope explain: everything that is known of a layer or a network before any number is. */
#include "app/system/json.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "subject.h"
#include "table.h"

#include <math.h>
#include <string.h>

typedef struct explain_options {
    subject_options subject;
    const char *layer;
} explain_options;

static const option options[] = {SUBJECT_ROWS(explain_options),
                                 {.name = "layer",
                                  .kind = OPTION_TEXT,
                                  .offset = offsetof(explain_options, layer),
                                  .value = N_("NAME"),
                                  .help = N_("explains that layer of a sequence in full")},
                                 {0}};

enum { MAX_CANDIDATES = CONV_ALGORITHM_COUNT, TEXT_BYTES = 512 };

/* What is told of one layer. */
typedef struct layer_facts {
    const conv_layer *layer;
    const conv_layout *layout;
    int field_axes;                      /* 0: no receptive field is told */
    conv_field field[CONV_MAX_SPATIAL];  /* through the network */
    conv_field single[CONV_MAX_SPATIAL]; /* of the layer alone */
    conv_algorithm algorithm;
    conv_candidate candidates[MAX_CANDIDATES];
    int candidate_count;
    size_t workspace, packed;
} layer_facts;

static bool gather_plan(const subject *s, layer_facts *facts, failure *f) {
    conv_plan *plan;
    if (!subject_plan(s, facts->layout, &plan, f)) return false;
    facts->algorithm = conv_plan_algorithm(plan);
    facts->candidate_count = conv_plan_candidates(plan, facts->candidates, MAX_CANDIDATES);
    facts->workspace = conv_plan_workspace(plan);
    facts->packed = conv_plan_packed_size(plan);
    conv_plan_destroy(plan);
    return true;
}

/* Element by element operations keep the axes of what is before them; what mixes whole axes ends the notion of a field.
 */
static int field_axes(const conv_layout *layout, int before) {
    const conv_op *op = layout->spec.op;
    static const conv_kind ends[] = {CONV_FLATTEN, CONV_LINEAR, CONV_PERMUTE, CONV_SOFTMAX, CONV_UNFOLD, CONV_FOLD};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (op->kind == ends[i]) return 0;
    }
    if (op->kind == CONV_UPSAMPLE) return layout->dims;
    return op->dims > 0 ? op->dims : before;
}

static bool gather(const subject *s, int i, layer_facts *facts, failure *f) {
    layer_facts *own = &facts[i];
    const conv_layer *layer = conv_network_layer(s->network, i);
    const int before = layer->input[0] >= 0 ? facts[layer->input[0]].field_axes : 0;
    *own = (layer_facts){.layer = layer, .layout = conv_network_layout(s->network, i)};
    own->field_axes = field_axes(own->layout, before);
    for (int axis = 0; axis < own->field_axes; axis++) {
        if (conv_network_field(s->network, i, axis, &own->field[axis], NULL) != CONV_OK) own->field_axes = 0;
        if (axis < own->layout->dims)
            own->single[axis] = conv_field_through(conv_field_identity(), own->layout, axis);
        else
            own->single[axis] = conv_field_identity();
    }
    return gather_plan(s, own, f);
}

/* ---- as text ---- */

static const char *axis_name(int dims, int axis) {
    static const char *const names[] = {"D", "H", "W"};
    return dims == 1 ? "L" : names[CONV_MAX_SPATIAL - dims + axis];
}

static void show_shape(language l, const char *label, const conv_shape *shape) {
    char text[TEXT_BYTES];
    if (shape->rank == 0) return;
    int columns = text_columns(tr(l, label), strlen(tr(l, label)));
    printf("  %s%*s%s\n", tr(l, label), 18 - columns, "", conv_shape_text(shape, text, (int)sizeof text));
}

static void show_label(language l, const char *label) {
    int columns = text_columns(tr(l, label), strlen(tr(l, label)));
    printf("  %s%*s", tr(l, label), columns < 18 ? 18 - columns : 1, "");
}

static void show_formulas(const conv_layout *l) {
    char text[TEXT_BYTES];
    for (int axis = 0; axis < l->dims; axis++) {
        conv_layout_formula_symbols(l, axis, text, (int)sizeof text);
        if (!*text) continue;
        const char *name = axis_name(l->dims, axis);
        printf("  %s_out = %s\n", name, text);
        printf("  %*s = %s\n", (int)strlen(name) + 4, "", conv_layout_formula(l, axis, text, (int)sizeof text));
    }
}

static char *number_text(int64_t value, char *text, size_t size) {
    if (value >= 0) return number_write_grouped(value, text, size);
    snprintf(text, size, "?");
    return text;
}

static void show_cost(language l, const conv_cost *cost) {
    char a[40], b[40], line[TEXT_BYTES];
    show_label(l, N_("parameters"));
    printf("%s\n", number_text(cost->parameters, a, sizeof a));
    show_label(l, N_("multiply-adds"));
    if (cost->multiply_adds < 0) {
        printf("%s\n", tr(l, N_("more than 64 bits can count")));
        return;
    }
    if (cost->multiply_adds == 0) {
        printf("0\n");
        return;
    }
    tr_format(l, line, (int)sizeof line, N_("{0} ({1} of them touch data)"), "ss",
              number_text(cost->multiply_adds, a, sizeof a), number_text(cost->touching_data, b, sizeof b));
    printf("%s\n", line);
}

/* "3×3", or one number for each axis. */
static char *axes_text(const double *values, int dims, const char *between, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int axis = 0; axis < dims; axis++) {
        char number[40];
        int more = snprintf(text + used, size - used, "%s%s", axis ? between : "",
                            number_write(values[axis], 6, number, sizeof number));
        if (more < 0 || used + (size_t)more >= size) break;
        used += (size_t)more;
    }
    return text;
}

static void field_text(language l, const conv_field *field, int dims, char *text, int size) {
    double extent[CONV_MAX_SPATIAL], jump[CONV_MAX_SPATIAL], start[CONV_MAX_SPATIAL];
    char a[96], b[96], c[96];
    for (int axis = 0; axis < dims; axis++) {
        extent[axis] = (double)field[axis].size;
        jump[axis] = field[axis].jump;
        start[axis] = field[axis].start;
    }
    tr_format(l, text, size, N_("{0}, jump {1}, start {2}"), "sss", axes_text(extent, dims, "×", a, sizeof a),
              axes_text(jump, dims, "×", b, sizeof b), axes_text(start, dims, ", ", c, sizeof c));
}

static void show_field(language l, const layer_facts *facts, bool alone) {
    char text[TEXT_BYTES];
    if (facts->field_axes == 0) return;
    show_label(l, N_("receptive field"));
    field_text(l, facts->field, facts->field_axes, text, (int)sizeof text);
    printf("%s\n", text);
    if (alone) return;
    show_label(l, N_("of this layer"));
    field_text(l, facts->single, facts->field_axes, text, (int)sizeof text);
    printf("%s\n", text);
}

/* How many of the last input cells of an axis no window reads. */
static int64_t never_read(const conv_layout *l, int axis) {
    const conv_axis *a = &l->axis[axis];
    if (l->flow != CONV_GATHER || a->out < 1 || a->kernel < 1) return 0;
    int64_t first, last;
    conv_layout_reach(l, axis, 0, a->out - 1, &first, &last);
    return first <= last && last < a->in - 1 ? a->in - 1 - last : 0;
}

static void show_never_read(language l, const conv_layout *layout) {
    char line[TEXT_BYTES];
    for (int axis = 0; axis < layout->dims; axis++) {
        int64_t count = never_read(layout, axis);
        if (count == 0) continue;
        tr_format(l, line, (int)sizeof line, N_("the last {0} input cells along {1} are never read"), "ds", count,
                  axis_name(layout->dims, axis));
        printf("  %s\n", line);
    }
}

static void show_algorithm(language l, const layer_facts *facts) {
    char line[TEXT_BYTES], number[40], size[48];
    const double kib = (double)(facts->workspace + facts->packed) / 1024;
    const bool large = kib >= 1000; /* 17.6 MiB, not 1.81e+04 KiB */
    show_label(l, N_("algorithm"));
    number_write(large ? kib / 1024 : kib, 3, number, sizeof number);
    snprintf(size, sizeof size, "%s %s", number, large ? "MiB" : "KiB");
    tr_format(l, line, (int)sizeof line, N_("{0}, {1} of workspace and packed weights"), "ss",
              conv_algorithm_name(facts->algorithm), size);
    printf("%s\n", line);
    show_label(l, "");
    printf("%s", tr(l, N_("estimated: "))); /* the space is the language's: none behind a wide colon */
    for (int i = 0; i < facts->candidate_count; i++) {
        const double ms = facts->candidates[i].milliseconds;
        const bool whole = ms >= 100, small = ms < 0.01; /* 1590, not 1.59e+03; 0.324 us, not 0.000324 ms */
        printf("%s%s %s %s", i ? ", " : "", conv_algorithm_name(facts->candidates[i].algorithm),
               number_write(whole   ? round(ms)
                            : small ? ms * 1000
                                    : ms,
                            whole ? 9 : 3, number, sizeof number),
               small ? "us" : "ms");
    }
    printf("\n");
}

static void show_layer(const command_line *line, const layer_facts *facts, bool alone) {
    const language l = line->language;
    const conv_layout *layout = facts->layout;
    char text[TEXT_BYTES], became[TEXT_BYTES];
    printf("%s\n", subject_layer_text(layout, text, (int)sizeof text));
    if (layout->spec.op->lazy) {
        tr_format(l, became, (int)sizeof became, N_("{0} became this layer at its first input"), "s",
                  layout->spec.op->name);
        printf("  %s\n", became);
    }
    printf("\n");
    for (int i = 0; i < layout->input_count; i++) show_shape(l, N_("input"), &layout->input[i]);
    show_shape(l, N_("weight"), &layout->weight);
    show_shape(l, N_("bias"), &layout->bias);
    show_shape(l, N_("offset"), &layout->offset);
    show_shape(l, N_("mask (optional)"), &layout->mask);
    show_shape(l, N_("running mean, var"), &layout->running);
    show_shape(l, N_("output"), &layout->output);
    printf("\n");
    show_formulas(layout);
    show_never_read(l, layout);
    if (layout->dims > 0) printf("\n");
    show_cost(l, &layout->cost);
    show_field(l, facts, alone);
    show_algorithm(l, facts);
}

static void fill_row(const layer_facts *facts, table_row *row) {
    const conv_layout *l = facts->layout;
    double extent[CONV_MAX_SPATIAL], jump[CONV_MAX_SPATIAL];
    char text[TEXT_BYTES];
    snprintf(row->cell[0], TABLE_CELL, "%s", facts->layer->name);
    snprintf(row->cell[1], TABLE_CELL, "%s", subject_layer_text(l, text, TABLE_CELL));
    conv_shape_text(&l->output, row->cell[2], TABLE_CELL);
    number_text(l->cost.parameters, row->cell[3], TABLE_CELL);
    number_text(l->cost.multiply_adds, row->cell[4], TABLE_CELL);
    for (int axis = 0; axis < facts->field_axes; axis++) {
        extent[axis] = (double)facts->field[axis].size;
        jump[axis] = facts->field[axis].jump;
    }
    axes_text(extent, facts->field_axes, "×", row->cell[5], TABLE_CELL);
    axes_text(jump, facts->field_axes, "×", row->cell[6], TABLE_CELL);
    snprintf(row->cell[7], TABLE_CELL, "%s", conv_algorithm_name(facts->algorithm));
}

static bool show_table(const command_line *line, const subject *s, const layer_facts *facts, int count, failure *f) {
    static const char *const heads[] = {N_("layer"),         N_("operation"),       N_("output"), N_("parameters"),
                                        N_("multiply-adds"), N_("receptive field"), N_("jump"),   N_("algorithm")};
    static const bool right[TABLE_COLUMNS] = {[3] = true, [4] = true};
    const language l = line->language;
    table_row *rows = memory_zeroed((size_t)count + 3, sizeof *rows);
    if (!rows) return fail_memory(f);
    conv_cost cost = conv_network_cost(s->network);
    for (int c = 0; c < 8; c++) snprintf(rows[0].cell[c], TABLE_CELL, "%s", tr(l, heads[c]));
    snprintf(rows[1].cell[0], TABLE_CELL, "%s", tr(l, N_("input")));
    conv_shape_text(&s->shape, rows[1].cell[2], TABLE_CELL);
    for (int i = 0; i < count; i++) fill_row(&facts[i], &rows[i + 2]);
    snprintf(rows[count + 2].cell[0], TABLE_CELL, "%s", tr(l, N_("total")));
    number_text(cost.parameters, rows[count + 2].cell[3], TABLE_CELL);
    number_text(cost.multiply_adds, rows[count + 2].cell[4], TABLE_CELL);
    table_write(stdout, rows, count + 3, 8, right);
    memory_free(rows);
    return true;
}

/* ---- as JSON ---- */

static void json_cost(json *j, const conv_cost *cost) {
    json_integer(j, "parameters", cost->parameters);
    if (cost->multiply_adds >= 0)
        json_integer(j, "multiply_adds", cost->multiply_adds);
    else
        json_text(j, "multiply_adds", NULL);
    if (cost->touching_data >= 0)
        json_integer(j, "touching_data", cost->touching_data);
    else
        json_text(j, "touching_data", NULL);
}

static void json_field(json *j, const char *key, const conv_field *field, int dims) {
    json_object(j, key);
    json_line_array(j, "size");
    for (int axis = 0; axis < dims; axis++) json_integer(j, NULL, field[axis].size);
    json_close(j);
    json_line_array(j, "jump");
    for (int axis = 0; axis < dims; axis++) json_real(j, NULL, field[axis].jump);
    json_close(j);
    json_line_array(j, "start");
    for (int axis = 0; axis < dims; axis++) json_real(j, NULL, field[axis].start);
    json_close(j);
    json_close(j);
}

static void json_formulas(json *j, const conv_layout *l) {
    char text[TEXT_BYTES];
    json_array(j, "formula");
    for (int axis = 0; axis < l->dims; axis++) {
        conv_layout_formula_symbols(l, axis, text, (int)sizeof text);
        if (!*text) continue;
        json_object(j, NULL);
        json_text(j, "axis", axis_name(l->dims, axis));
        json_text(j, "symbols", text);
        json_text(j, "numbers", conv_layout_formula(l, axis, text, (int)sizeof text));
        json_integer(j, "never_read", never_read(l, axis));
        json_close(j);
    }
    json_close(j);
}

static void json_algorithm(json *j, const layer_facts *facts) {
    json_text(j, "algorithm", conv_algorithm_name(facts->algorithm));
    json_integer(j, "workspace_bytes", (int64_t)facts->workspace);
    json_integer(j, "packed_bytes", (int64_t)facts->packed);
    json_array(j, "candidates");
    for (int i = 0; i < facts->candidate_count; i++) {
        json_object(j, NULL);
        json_text(j, "algorithm", conv_algorithm_name(facts->candidates[i].algorithm));
        json_real(j, "estimated_ms", facts->candidates[i].milliseconds);
        json_close(j);
    }
    json_close(j);
}

/* The members of a layer's object. */
static void json_layer(json *j, const layer_facts *facts) {
    const conv_layout *l = facts->layout;
    char text[TEXT_BYTES];
    json_text(j, "expression", subject_layer_text(l, text, (int)sizeof text));
    json_text(j, "operation", l->spec.op->name);
    json_shape(j, "input", &l->input[0]);
    if (l->input_count > 1) {
        json_array(j, "inputs");
        for (int i = 0; i < l->input_count; i++) json_shape(j, NULL, &l->input[i]);
        json_close(j);
    }
    json_shape(j, "weight", &l->weight);
    json_shape(j, "bias", &l->bias);
    if (l->offset.rank) json_shape(j, "offset", &l->offset);
    if (l->mask.rank) json_shape(j, "mask", &l->mask);
    if (l->running.rank) json_shape(j, "running", &l->running);
    json_shape(j, "output", &l->output);
    json_formulas(j, l);
    json_cost(j, &l->cost);
    json_integer(j, "steps", l->steps);
    if (facts->field_axes > 0) {
        json_field(j, "receptive_field", facts->field, facts->field_axes);
        json_field(j, "layer_field", facts->single, facts->field_axes);
    }
    json_algorithm(j, facts);
}

static void json_network(json *j, const subject *s, const layer_facts *facts, int count) {
    const layer_facts *last = &facts[count - 1];
    conv_cost cost = conv_network_cost(s->network);
    json_shape(j, "input", &s->shape);
    json_shape(j, "output", &last->layout->output);
    json_cost(j, &cost);
    if (last->field_axes > 0) json_field(j, "receptive_field", last->field, last->field_axes);
}

static void write_json(const subject *s, const layer_facts *facts, int count, int only) {
    json j = json_begin(stdout);
    json_object(&j, NULL);
    if (only >= 0) json_text(&j, "name", facts[only].layer->name);
    if (only >= 0)
        json_layer(&j, &facts[only]);
    else
        json_network(&j, s, facts, count);
    if (only < 0 || count == 1) {
        json_array(&j, "layers");
        for (int i = 0; i < count; i++) {
            json_object(&j, NULL);
            json_text(&j, "name", facts[i].layer->name);
            json_layer(&j, &facts[i]);
            json_close(&j);
        }
        json_close(&j);
    }
    json_close(&j);
    json_end(&j);
}

/* ---- the command ---- */

static bool find_layer(const subject *s, const char *name, int *only, failure *f) {
    const int count = conv_network_count(s->network);
    *only = count == 1 ? 0 : -1;
    if (!name) return true;
    for (int i = 0; i < count; i++) {
        if (strcmp(conv_network_layer(s->network, i)->name, name) != 0) continue;
        *only = i;
        return true;
    }
    return fail(f, N_("there is no layer {0} in this network"), "s", name);
}

static bool explain(const command_line *line, const subject *s, const char *name, failure *f) {
    const int count = conv_network_count(s->network);
    int only;
    if (!find_layer(s, name, &only, f)) return false;
    layer_facts *facts = memory_resize(NULL, (size_t)count, sizeof *facts);
    if (!facts) return fail_memory(f);
    bool ok = true;
    for (int i = 0; ok && i < count; i++) ok = gather(s, i, facts, f);
    if (ok && line->json)
        write_json(s, facts, count, only);
    else if (ok && only >= 0)
        show_layer(line, &facts[only], count == 1);
    else if (ok)
        ok = show_table(line, s, facts, count, f);
    memory_free(facts);
    return ok;
}

static exit_status run(const command_line *line) {
    const explain_options *o = line->values;
    subject s;
    failure f;
    exit_status status = subject_open(&s, line, &o->subject);
    if (status == EXIT_DONE && !explain(line, &s, o->layer, &f)) status = command_fail(line, &f, NULL);
    subject_close(&s);
    return status;
}

const command command_explain = {
    .name = "explain",
    .usage = N_("EXPR|FILE [--input SHAPE|FILE]"),
    .summary = N_("Tells all that is known of a layer or a network before it has any numbers."),
    .details =
        N_("Shapes of all tensors, the formula of the output size with its numbers put in, parameters, multiply-adds, "
           "receptive field, what a Lazy layer becomes, and which algorithm the engine would choose and why. What "
           "`run` would refuse is refused. A sequence or a network file (YAML, layers with named inputs) becomes a "
           "table."),
    .examples = "convscope explain 'nn.Conv2d(64, 128, 3, groups=4)' --input 32,64,28,28\n"
                "convscope explain 'nn.LazyConvTranspose2d(8, 4, stride=2, padding=1)' --input 16,7,7 --json\n"
                "convscope explain 'nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2))' --input 3,32,32\n"
                "convscope explain unet.yaml --layer up1",
    .options = options,
    .values_size = sizeof(explain_options),
    .least = 1,
    .most = 1,
    .json = true,
    .run = run,
};
