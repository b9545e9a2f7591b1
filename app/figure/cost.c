/* The cost view: the layer beside what could stand in its place; a network as the sum of its layers. Counts are the
 * engine's shape rules; milliseconds were measured before (figure_prepare), never while drawing. */
#include "app/system/memory.h"
#include "cost_ways.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LAYERS_SHOWN = 6, MEASURE_RUNS = 5 };
/* Of one layer's runs, the reader waits for them: enough for most, and for the few that one held up must not decide. */
enum { TENSORS = 6 };
enum { ENOUGH_NS = 8000000, RUNS_LEAST = 3, PATIENCE_NS = 100000000 };

/* Cut at a whole character where it is too long. */
static void set_name(way *w, language l, const char *name) {
    size_t length = strnlen(name, NAME_SIZE - 1);
    while (name[length] && length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80) length--;
    memcpy(w->name[l], name, length);
    w->name[l][length] = 0;
}

/* False where the sum is not known, or would be more than a number holds. */
static bool sum_grows(int64_t *sum, int64_t more) {
    if (more < 0 || *sum < 0 || more > INT64_MAX - *sum) return false;
    *sum += more;
    return true;
}

/* A part of the bar ends where the counts are now; a layer that costs nothing is none. */
static void end_segment(way *w) {
    const int64_t *before = w->segments ? w->ends[w->segments - 1] : (const int64_t[2]){0, 0};
    if (w->multiply_adds == before[0] && w->parameters == before[1]) return;
    if (w->segments == SEGMENTS_MOST) { /* every two become one */
        for (int k = 0; k < SEGMENTS_MOST / 2; k++) memcpy(w->ends[k], w->ends[2 * k + 1], sizeof w->ends[k]);
        w->segments = SEGMENTS_MOST / 2;
    }
    w->ends[w->segments][0] = w->multiply_adds;
    w->ends[w->segments++][1] = w->parameters;
}

static bool infer(way *w, const conv_shape *input) {
    const conv_shape *from = input;
    w->segments = 0;
    w->multiply_adds = w->parameters = 0;
    w->time = -1;
    for (int i = 0; i < w->stages; i++) {
        if (conv_layout_infer(&w->specs[i], from, 1, &w->layouts[i], NULL) != CONV_OK) return false;
        const conv_cost *c = &w->layouts[i].cost;
        if (!sum_grows(&w->multiply_adds, c->multiply_adds) || !sum_grows(&w->parameters, c->parameters)) return false;
        end_segment(w);
        from = &w->layouts[i].output;
    }
    return true;
}

static void add(ways *all, const char *name, const conv_spec *first, const conv_spec *second, const conv_shape *input) {
    if (all->count == WAYS_MOST) return;
    way *w = &all->way[all->count];
    *w = (way){.stages = second ? 2 : 1, .whole = true};
    set_name(w, LANGUAGE_EN, name);
    w->specs[0] = *first;
    if (second) w->specs[1] = *second;
    if (infer(w, input)) all->count++;
}

static void set_axes(conv_spec *spec, int dims, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
    for (int i = 0; i < dims; i++) {
        spec->kernel_size[i] = kernel;
        spec->stride[i] = stride;
        spec->padding[i] = padding;
        spec->dilation[i] = dilation;
    }
    spec->padding_kind = CONV_PADDING_NUMBERS;
    spec->padding_mode = CONV_ZEROS;
}

/* Depthwise keeps the windows; pointwise mixes the channels afterwards. */
static void add_separable(ways *all, const conv_layout *l) {
    conv_spec depthwise = l->spec, pointwise = l->spec;
    depthwise.out_channels = depthwise.groups = l->in_channels;
    depthwise.bias = false;
    pointwise.groups = 1;
    pointwise.in_channels = l->in_channels;
    set_axes(&pointwise, l->dims, 1, 1, 0, 1);
    add(all, N_("depthwise separable"), &depthwise, &pointwise, &l->input[0]);
}

/* k x 1 over all channels, then 1 x k: the bias is added once. */
static void add_spatial(ways *all, const conv_layout *l) {
    if (l->dims != 2 || l->axis[0].kernel == 1 || l->axis[1].kernel == 1) return;
    conv_spec down = l->spec, across = l->spec;
    down.bias = false;
    across.in_channels = l->out_channels;
    across.groups = l->out_channels % l->spec.groups ? 1 : l->spec.groups;
    down.kernel_size[1] = down.stride[1] = down.dilation[1] = 1;
    across.kernel_size[0] = across.stride[0] = across.dilation[0] = 1;
    if (l->spec.padding_kind == CONV_PADDING_NUMBERS) down.padding[1] = across.padding[0] = 0;
    add(all, N_("spatially separable"), &down, &across, &l->input[0]);
}

static int64_t some_groups(const conv_layout *l) {
    static const int64_t tried[] = {4, 8, 2, 3, 5};
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
        if (l->in_channels % tried[i] == 0 && l->out_channels % tried[i] == 0 && tried[i] < l->in_channels &&
            tried[i] != l->spec.groups)
            return tried[i];
    return 0;
}

static void list_ways(const conv_layout *l, ways *all) {
    all->count = 0;
    add(all, N_("this layer"), &l->spec, NULL, &l->input[0]);
    if (l->spec.op->kind != CONV_CONV) return;
    conv_spec other = l->spec;
    other.groups = 1;
    if (l->spec.groups != 1) add(all, N_("standard"), &other, NULL, &l->input[0]);
    if ((other.groups = some_groups(l)) > 1) add(all, N_("grouped"), &other, NULL, &l->input[0]);
    if (l->in_channels > 1) add_separable(all, l);
    add_spatial(all, l);
}

/* ---- measuring ---- */

/* Median of a few runs of a way on a tensor of ones, in milliseconds; negative when it cannot be run. */
static double measure(conv_engine *engine, const way *w, const atomic_bool *stop) {
    double total = 0;
    if (!w->whole || w->stages == 0) return -1;
    for (int i = 0; i < w->stages; i++) {
        const conv_layout *l = &w->layouts[i];
        const conv_shape *shapes[TENSORS] = {&l->input[0], &l->weight, &l->bias, &l->output, &l->offset, &l->running};
        int64_t sizes[TENSORS];
        float *data[TENSORS] = {0};
        bool ok = true;
        for (int k = 0; k < TENSORS; k++) {
            sizes[k] = shapes[k]->rank ? conv_shape_count(shapes[k]) : 0;
            if (!sizes[k]) continue;
            data[k] = memory_zeroed((size_t)sizes[k], sizeof(float));
            ok = ok && data[k];
            for (int64_t e = 0; data[k] && e < sizes[k]; e++) data[k][e] = 1;
        }
        conv_operands o = {.input = {data[0]}, .weight = data[1], .bias = data[2], .offset = data[4]};
        o.running_mean = o.running_var = data[5];
        conv_plan *plan = NULL;
        int64_t times[MEASURE_RUNS], sum = 0;
        int runs = 0;
        ok = ok && conv_plan_create(engine, &w->specs[i], &l->input[0], 1, &o, NULL, &plan, NULL) == CONV_OK;
        for (; ok && runs < MEASURE_RUNS && sum < (runs < RUNS_LEAST ? PATIENCE_NS : ENOUGH_NS) &&
               !(runs && stopped(stop));
             runs++) {
            conv_observation seen = {0};
            ok = conv_plan_run(plan, &o, data[3], NULL, &seen, NULL) == CONV_OK;
            int at = runs;
            for (; at > 0 && times[at - 1] > seen.total_ns; at--) times[at] = times[at - 1];
            times[at] = seen.total_ns;
            sum += seen.total_ns;
        }
        conv_plan_destroy(plan);
        for (int k = 0; k < TENSORS; k++) memory_free(data[k]);
        if (!ok) return -1;
        total += (double)times[(runs - 1) / 2] / 1e6;
    }
    return total;
}

static void fill_stages(way *w, const conv_network *network) {
    const int layers = conv_network_count(network);
    w->stages = layers < STAGES_MOST ? layers : STAGES_MOST;
    w->whole = w->stages == layers;
    for (int k = 0; k < w->stages; k++) {
        w->layouts[k] = *conv_network_layout(network, k);
        w->specs[k] = w->layouts[k].spec;
    }
    w->multiply_adds = w->parameters = 0;
    for (int k = 0; k < layers; k++) {
        const conv_cost *c = &conv_network_layout(network, k)->cost;
        if (!sum_grows(&w->multiply_adds, c->multiply_adds) || !sum_grows(&w->parameters, c->parameters)) break;
        end_segment(w);
    }
    const conv_cost all = conv_network_cost(network); /* not known where it is more than a number holds */
    w->multiply_adds = all.multiply_adds;
    w->parameters = all.parameters;
}

/* Several parts are the ways themselves, each with all its layers. */
static void list_parts(const scene *s, ways *all) {
    all->count = 0;
    for (int i = 0; i < s->part_count && all->count < WAYS_MOST; i++) {
        const part *p = &s->document->parts[i];
        conv_network *network = s->parts[i].network;
        way *w = &all->way[all->count++];
        *w = (way){.time = -1};
        set_name(w, LANGUAGE_EN, p->caption_en ? p->caption_en : p->expression ? p->expression : "");
        set_name(w, LANGUAGE_ZH, p->caption_zh ? p->caption_zh : "");
        fill_stages(w, network);
    }
}

/* A convolution's cost with depthwise separable layers in its place; of other layers their own. */
static conv_cost separable_cost(const conv_layout *l) {
    ways *other = memory_zeroed(1, sizeof *other);
    conv_cost c = l->cost;
    if (other && l->spec.op->kind == CONV_CONV && l->in_channels > 1) {
        add_separable(other, l);
        if (other->count && other->way[0].multiply_adds < c.multiply_adds) {
            c.multiply_adds = other->way[0].multiply_adds;
            c.parameters = other->way[0].parameters;
        }
    }
    memory_free(other);
    return c;
}

/* The layers that multiply: how many, and which of them are among the costliest that are shown. */
static int working_layers(const conv_network *network, bool *shown, int most) {
    int count = 0, layers = conv_network_count(network);
    for (int i = 0; i < layers; i++) {
        const int64_t mine = conv_network_layout(network, i)->cost.multiply_adds;
        int before = 0; /* layers that cost more */
        for (int k = 0; k < layers; k++) {
            const int64_t other = conv_network_layout(network, k)->cost.multiply_adds;
            before += other > mine || (other == mine && k < i);
        }
        count += mine > 0;
        if (i < most) shown[i] = mine > 0 && before < LAYERS_SHOWN;
    }
    return count;
}

/* The network's sum, what it would be with separable layers, and its costliest layers in their order. */
static bool list_network(const conv_network *network, ways *all) {
    enum { MOST = 512 };
    bool shown[MOST] = {false};
    const int layers = conv_network_count(network);
    const int working = working_layers(network, shown, MOST);
    if (working < 2) return false;
    conv_cost sum = conv_network_cost(network), other = {0};
    bool known = sum.multiply_adds >= 0 && sum.parameters >= 0;
    for (int i = 0; known && i < layers; i++) {
        const conv_cost c = separable_cost(conv_network_layout(network, i));
        known = sum_grows(&other.multiply_adds, c.multiply_adds) && sum_grows(&other.parameters, c.parameters);
    }
    all->count = 1;
    all->way[0] = (way){.time = -1};
    set_name(&all->way[0], LANGUAGE_EN,
             working > LAYERS_SHOWN ? N_("the whole network; under it the costliest layers") : N_("the whole network"));
    fill_stages(&all->way[0], network);
    if (known && other.multiply_adds < sum.multiply_adds) {
        way *w = &all->way[all->count++];
        *w = (way){.multiply_adds = other.multiply_adds, .parameters = other.parameters, .time = -1};
        set_name(w, LANGUAGE_EN, N_("with depthwise separable layers"));
    }
    for (int i = 0; i < layers && i < MOST && all->count < WAYS_MOST; i++) {
        const conv_layout *l = conv_network_layout(network, i);
        if (!shown[i]) continue;
        way *w = &all->way[all->count++];
        *w = (way){.layer = i + 1, .stages = 1, .whole = true, .time = -1};
        w->specs[0] = l->spec;
        w->layouts[0] = *l;
        w->multiply_adds = l->cost.multiply_adds;
        w->parameters = l->cost.parameters;
    }
    return true;
}

void cost_list(const scene *s, int index, ways *all) {
    if (s->part_count > 1)
        list_parts(s, all);
    else if (!list_network(s->parts[index].network, all))
        list_ways(s->parts[index].layout, all);
}

recall_key cost_key(const scene *s, int index) {
    return (recall_key){RECALL_COST, index, s->parts[index].focus, 0, 0};
}

bool cost_known(scene *s, int index) {
    return recall(s, cost_key(s, index));
}

bool cost_measure(scene *s, int index, conv_engine *engine, const atomic_bool *stop, failure *f) {
    if (recall(s, cost_key(s, index))) return true;
    ways *all = memory_zeroed(1, sizeof *all);
    if (!all) return fail_memory(f);
    cost_list(s, index, all);
    double most = 0;
    for (int i = 0; i < all->count && !stopped(stop); i++)
        most = fmax(most, all->way[i].time = measure(engine, &all->way[i], stop));
    if (stopped(stop)) {
        memory_free(all);
        return false;
    }
    all->micro = most < 1;
    for (int i = 0; all->micro && i < all->count; i++) all->way[i].time *= 1000;
    return recall_keep_flat(s, cost_key(s, index), all, sizeof *all) || fail_memory(f);
}
