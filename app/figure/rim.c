#include "rim.h"
#include "app/system/memory.h"
#include "recall.h"
#include <math.h>

enum { RIM_MOST = 65536 };

typedef struct uncut {
    conv_plan *plan;
    float *values;
    int64_t count, steps;
} uncut;

static void uncut_destroy(void *data) {
    uncut *u = data;
    conv_plan_destroy(u->plan);
    memory_free(u->values);
    memory_free(u);
}

/* The rim counts what output_padding uncuts, so the operation runs with padding 0 and no output_padding: its output is
 * the shown planes unless output_padding reaches beyond the stamps. */
static uncut *uncut_make(scene *s, int index) {
    const scene_part *p = &s->parts[index];
    conv_spec spec = p->layout->spec;
    bool cuts = false;
    for (int i = 0; i < p->layout->dims; i++) {
        const conv_axis *a = &p->layout->axis[i];
        int64_t beyond = a->out - 1 - conv_axis_tap(a, a->in - 1, a->kernel - 1); /* cells after the last stamp */
        cuts |= spec.padding[i] > 0;
        spec.padding[i] = 0;
        spec.output_padding[i] = beyond > 0 ? beyond : 0;
    }
    conv_layout layout;
    if (!cuts || spec.op->kind != CONV_TRANSPOSE) return NULL;
    if (conv_layout_infer(&spec, p->layout->input, 1, &layout, NULL) != CONV_OK) return NULL;
    uncut *u = memory_zeroed(1, sizeof *u);
    if (!u) return NULL;
    u->count = conv_shape_count(&layout.output);
    conv_status status = CONV_TOO_LARGE;
    if (u->count > 0 && u->count <= RIM_MOST)
        status = conv_plan_create(s->engine, &spec, p->layout->input, 1, &p->operands, NULL, &u->plan, NULL);
    if (status == CONV_OK) {
        u->values = memory_zeroed((size_t)u->count, sizeof(float));
        if (u->values) return u;
    }
    uncut_destroy(u);
    return NULL;
}

const float *rim_state(stage *s, int index, int64_t steps) {
    const scene_part *p = &s->scene->parts[index];
    recall_key key = {RECALL_RIM, index, p->focus, 0, 0};
    uncut *u = recall(s->scene, key);
    if (!u) {
        if (!(u = uncut_make(s->scene, index)) || !recall_keep(s->scene, key, u, uncut_destroy)) return NULL;
    }
    int64_t from = u->steps <= steps ? u->steps : 0;
    if (steps == 0)
        for (int64_t i = 0; i < u->count; i++) u->values[i] = 0;
    else if (steps > from && conv_plan_run_steps(u->plan, &p->operands, from, steps, u->values, NULL) != CONV_OK)
        return NULL;
    u->steps = steps;
    return u->values;
}
