#include "partials.h"
#include "app/system/memory.h"
#include "recall.h"

typedef struct partials {
    conv_plan *plan;
    conv_spec spec;
    conv_shape input;
    int64_t filter; /* whose slices are packed */
} partials;

static void partials_destroy(void *data) {
    partials *p = data;
    conv_plan_destroy(p->plan);
    memory_free(p);
}

/* One sample's channels of one group. */
static void set_operands(const stage *s, const window *w, const partials *p, conv_operands *o) {
    const conv_operands *from = &s->scene->parts[w->part].operands;
    int64_t each = 1, slice = 1;
    for (int i = 1; i < p->input.rank; i++) each *= p->input.size[i];
    for (int i = 0; i < w->layout->dims; i++) slice *= w->layout->axis[i].kernel;
    int64_t channel = w->sample * w->layout->in_channels + w->group * w->in_group;
    *o = (conv_operands){.weight = from->weight + w->channel * w->in_group * slice};
    o->input[0] = from->input[0] + channel * each;
}

static partials *make(stage *s, const window *w) {
    const conv_layout *l = w->layout;
    partials *p = memory_zeroed(1, sizeof *p);
    if (!p) return NULL;
    p->spec = l->spec;
    p->spec.in_channels = p->spec.out_channels = p->spec.groups = w->in_group;
    p->spec.bias = false;
    p->filter = w->channel;
    p->input.rank = l->dims + 1;
    p->input.size[0] = w->in_group;
    for (int i = 0; i < l->dims; i++) p->input.size[i + 1] = l->axis[i].in;
    conv_operands o;
    set_operands(s, w, p, &o);
    conv_plan_options chain = {.algorithm = CONV_CHAIN};
    if (conv_plan_create(s->scene->engine, &p->spec, &p->input, 1, &o, &chain, &p->plan, NULL) == CONV_OK) return p;
    memory_free(p);
    return NULL;
}

bool partials_at(stage *s, const window *w, float *sums, int64_t capacity) {
    const conv_layout *l = w->layout;
    if (l->spec.op->kind != CONV_CONV || w->in_group > capacity) return false;
    recall_key key = {RECALL_PARTIALS, w->part, s->scene->parts[w->part].focus, 0, 0};
    partials *p = recall(s->scene, key);
    if (!p && (!(p = make(s, w)) || !recall_keep(s->scene, key, p, partials_destroy))) return false;
    conv_operands o;
    set_operands(s, w, p, &o);
    if (p->filter != w->channel && conv_plan_set_weights(p->plan, &o, NULL) != CONV_OK) return false;
    p->filter = w->channel;
    int64_t at[CONV_MAX_DIMS], count;
    const conv_shape *output = &conv_plan_layout(p->plan)->output;
    for (int i = 0; i < l->dims; i++) at[i + 1] = w->position[i];
    for (int64_t c = 0; c < w->in_group; c++) {
        conv_tap tap;
        at[0] = c;
        if (conv_trace_step(p->plan, &o, conv_shape_index(output, at), &tap, 1, &count, &sums[c], NULL) != CONV_OK)
            return false;
    }
    return true;
}
