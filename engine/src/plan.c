/* Making a plan: weights copied, an algorithm chosen, memory taken. */
#include "plan.h"
#include "geometry.h"
#include "memory.h"
#include "refuse.h"
#include <string.h>

/* The operands that a plan keeps a copy of. */
typedef struct kept {
    const conv_shape *shape;
    const float *from;
    const float **to;
    const char *name;
} kept;

enum { KEPT = 4 };

static void list_kept(conv_plan *plan, const conv_operands *operands, kept list[KEPT]) {
    const conv_layout *l = &plan->layout;
    list[0] = (kept){&l->weight, operands->weight, &plan->own.weight, "weight"};
    list[1] = (kept){&l->bias, operands->bias, &plan->own.bias, "bias"};
    list[2] = (kept){&l->running, operands->running_mean, &plan->own.running_mean, "running_mean"};
    list[3] = (kept){&l->running, operands->running_var, &plan->own.running_var, "running_var"};
}

static int64_t kept_count(const kept *k) {
    return k->shape->rank == 0 ? 0 : conv_shape_count(k->shape);
}

conv_operands plan_operands(const conv_plan *plan, const conv_operands *operands) {
    conv_operands merged = operands != NULL ? *operands : (conv_operands){0};
    merged.weight = plan->own.weight;
    merged.bias = plan->own.bias;
    merged.running_mean = plan->own.running_mean;
    merged.running_var = plan->own.running_var;
    return merged;
}

static conv_status lacks(const conv_plan *plan, const char *name, const conv_shape *shape, conv_error *error) {
    return refuse(error, CONV_BAD_ARGUMENT, name, "{0} needs its {1}, of shape {2}", word(plan->layout.spec.op->name),
                  word(name), shape_word(shape));
}

/* MaxUnpool writes where its indices say: all must lie in a plane of the output. */
static conv_status check_indices(const conv_layout *l, const int64_t *indices, conv_error *error) {
    int64_t plane = axes_outputs(l->axis), count = conv_shape_count(&l->input[0]);
    for (int64_t i = 0; i < count; i++)
        if (indices[i] < 0 || indices[i] >= plane)
            return refuse(
                error, CONV_BAD_SHAPE, "indices",
                "index {0} lies outside the output's planes of {1} cells: give output_size, the size before pooling",
                number(indices[i]), number(plane));
    return CONV_OK;
}

conv_status plan_check_operands(const conv_plan *plan, const conv_operands *operands, conv_error *error) {
    const conv_layout *l = &plan->layout;
    for (int i = 0; i < l->input_count; i++)
        if (operands == NULL || (operands->input[i] == NULL && conv_shape_count(&l->input[i]) > 0))
            return lacks(plan, "input", &l->input[i], error);
    if (l->offset.rank > 0 && operands->offset == NULL && conv_shape_count(&l->offset) > 0)
        return lacks(plan, "offset", &l->offset, error);
    if (l->spec.op->kind == CONV_MAX_UNPOOL && operands->indices == NULL && conv_shape_count(&l->input[0]) > 0)
        return lacks(plan, "indices", &l->input[0], error);
    if (l->weight.rank > 0 && plan->own.weight == NULL) return lacks(plan, "weight", &l->weight, error);
    if (l->spec.op->kind == CONV_MAX_UNPOOL) return check_indices(l, operands->indices, error);
    return CONV_OK;
}

conv_status conv_plan_set_weights(conv_plan *plan, const conv_operands *operands, conv_error *error) {
    kept list[KEPT];
    list_kept(plan, operands, list);
    for (int i = 0; i < KEPT; i++)
        if (list[i].shape->rank > 0 && list[i].from == NULL) return lacks(plan, list[i].name, list[i].shape, error);
    pthread_mutex_lock(&plan->engine->running);
    float *to = plan->weights;
    for (int i = 0; i < KEPT; i++) {
        int64_t count = kept_count(&list[i]);
        if (list[i].shape->rank == 0) continue;
        memmove(to, list[i].from, (size_t)count * sizeof *to);
        *list[i].to = to;
        to += count;
    }
    if (plan->packed != NULL) plan->algorithm->pack(&plan->layout, plan->engine->cpu, &plan->own, plan->packed);
    pthread_mutex_unlock(&plan->engine->running);
    return CONV_OK;
}

static bool wanted(conv_algorithm want, conv_algorithm id) {
    return want == CONV_AUTO || want == id || (want == CONV_CHAIN && conv_algorithm_is_chain(id));
}

/* An empty output is left to the reference: the others need not think of it. */
static bool able(const conv_plan *plan, const algorithm *a) {
    if (conv_shape_count(&plan->layout.output) == 0) return a->id == CONV_PLAIN;
    return a->can(&plan->layout, plan->engine->cpu);
}

static conv_status choose(conv_plan *plan, conv_algorithm want, conv_error *error) {
    double best = 0;
    unsigned cpu = plan->engine->cpu;
    for (int i = 0; algorithms[i] != NULL; i++) {
        const algorithm *a = algorithms[i];
        if (!wanted(want, a->id) || !able(plan, a)) continue;
        double cost = a->cost(&plan->layout, cpu);
        if (plan->algorithm != NULL && cost >= best) continue;
        plan->algorithm = a;
        best = plan->milliseconds = cost;
    }
    if (plan->algorithm != NULL) return CONV_OK;
    return refuse(error, CONV_UNSUPPORTED, "algorithm", "the algorithm '{0}' cannot do this {1}",
                  word(conv_algorithm_name(want)), word(plan->layout.spec.op->name));
}

int conv_plan_candidates(const conv_plan *plan, conv_candidate *candidates, int capacity) {
    int count = 0;
    for (int i = 0; algorithms[i] != NULL && count < capacity; i++) {
        if (!able(plan, algorithms[i])) continue;
        candidates[count].algorithm = algorithms[i]->id;
        candidates[count++].milliseconds = algorithms[i]->cost(&plan->layout, plan->engine->cpu);
    }
    return count;
}

/* Bytes of the tensors of a layout, as a double: exact enough to compare, and it cannot overflow. */
static double tensor_bytes(const conv_layout *l) {
    const conv_shape *shapes[] = {&l->weight, &l->bias, &l->offset, &l->mask, &l->running, &l->running};
    double elements = (double)conv_shape_count(&l->output);
    for (int i = 0; i < l->input_count; i++) elements += (double)conv_shape_count(&l->input[i]);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (shapes[i]->rank > 0) elements += (double)conv_shape_count(shapes[i]);
    return elements * sizeof(float);
}

static conv_status too_much(const conv_plan *plan, double bytes, conv_error *error) {
    return refuse(error, CONV_TOO_LARGE, "", "{0} would need {1} of memory, and the limit is {2}: use a smaller input",
                  word(plan->layout.spec.op->name), bytes_word(bytes), bytes_word((double)plan->engine->memory_limit));
}

static conv_status take_memory(conv_plan *plan, conv_error *error) {
    const conv_allocator *allocator = &plan->engine->allocator;
    int threads = conv_engine_threads(plan->engine);
    double tensors = tensor_bytes(&plan->layout), limit = (double)plan->engine->memory_limit;
    algorithm_needs *n = &plan->needs;
    if (!plan->algorithm->needs(&plan->layout, plan->engine->cpu, n)) return too_much(plan, (double)SIZE_MAX, error);
    double all = tensors + (double)n->packed + (double)n->shared + (double)n->per_thread * threads;
    if (all > limit) return too_much(plan, all, error);
    conv_operands none = {0};
    kept list[KEPT];
    list_kept(plan, &none, list);
    int64_t weights = 0;
    for (int i = 0; i < KEPT; i++) weights += kept_count(&list[i]);
    plan->weights = memory_take(allocator, weights, sizeof(float));
    plan->packed = n->packed > 0 ? memory_take_aligned(allocator, n->packed) : NULL;
    plan->shared = n->shared > 0 ? memory_take_aligned(allocator, n->shared) : NULL;
    plan->per_thread = n->per_thread > 0 ? memory_take_aligned(allocator, n->per_thread * (size_t)threads) : NULL;
    bool missing = plan->weights == NULL || (n->packed > 0 && plan->packed == NULL) ||
                   (n->shared > 0 && plan->shared == NULL) || (n->per_thread > 0 && plan->per_thread == NULL);
    return missing ? refuse_memory(error) : CONV_OK;
}

conv_status conv_plan_create(conv_engine *engine, const conv_spec *spec, const conv_shape *inputs, int input_count,
                             const conv_operands *operands, const conv_plan_options *options, conv_plan **plan,
                             conv_error *error) {
    conv_plan *made = memory_take(&engine->allocator, 1, sizeof *made);
    if (made == NULL) return refuse_memory(error);
    *made = (conv_plan){.engine = engine};
    conv_status status = conv_layout_infer(spec, inputs, input_count, &made->layout, error);
    /* First of all: what algorithms reckon with must not overflow. */
    double tensors = status == CONV_OK ? tensor_bytes(&made->layout) : 0;
    if (tensors > (double)engine->memory_limit) status = too_much(made, tensors, error);
    if (status == CONV_OK) status = choose(made, options != NULL ? options->algorithm : CONV_AUTO, error);
    if (status == CONV_OK) status = take_memory(made, error);
    if (status == CONV_OK && operands != NULL) status = conv_plan_set_weights(made, operands, error);
    if (status != CONV_OK) {
        conv_plan_destroy(made);
        return status;
    }
    *plan = made;
    return CONV_OK;
}

void conv_plan_destroy(conv_plan *plan) {
    if (plan == NULL) return;
    const conv_allocator *allocator = &plan->engine->allocator;
    memory_give(allocator, plan->weights);
    memory_give_aligned(allocator, plan->packed);
    memory_give_aligned(allocator, plan->shared);
    memory_give_aligned(allocator, plan->per_thread);
    memory_give(allocator, plan);
}

const conv_layout *conv_plan_layout(const conv_plan *plan) {
    return &plan->layout;
}

conv_algorithm conv_plan_algorithm(const conv_plan *plan) {
    return plan->algorithm->id;
}

size_t conv_plan_workspace(const conv_plan *plan) {
    return plan->needs.shared + plan->needs.per_thread * (size_t)conv_engine_threads(plan->engine);
}

size_t conv_plan_packed_size(const conv_plan *plan) {
    return plan->needs.packed;
}
