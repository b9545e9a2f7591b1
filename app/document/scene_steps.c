/* The state of a scene after some of its steps, and what one step does. */
#include "app/system/memory.h"
#include "scene.h"

#include <math.h>
#include <string.h>

enum {
    CHECKPOINTS = 16,
    CHECKPOINT_BYTES = 64 << 20, /* of all checkpoints of a part */
    SMALL_SCATTER = 65536        /* output cells up to which "nothing written yet" is told from 0 */
};

static bool no_memory(failure *f) {
    return fail_memory(f);
}

static float *make_floats(int64_t count) {
    return memory_resize(NULL, count ? (size_t)count : 1, sizeof(float));
}

/* ---- gather and copy: outputs are finished one by one ---- */

static void advance_gather(scene_part *p, int64_t steps) {
    if (steps > p->state_steps) {
        memcpy(p->state + p->state_steps, p->output + p->state_steps, (size_t)(steps - p->state_steps) * sizeof(float));
    } else {
        for (int64_t i = steps; i < p->state_steps; i++) p->state[i] = NAN;
    }
    p->state_steps = steps;
}

/* ---- scatter: sums grow ---- */

/* Of a transposed convolution the first input channel of a group writes all that the others write later. */
static bool writes_first(const conv_layout *l, int64_t step) {
    int64_t at[CONV_MAX_DIMS];
    const conv_shape *shape = &l->input[0];
    const int channel = shape->rank - l->dims - 1;
    if (l->spec.op->kind != CONV_TRANSPOSE || channel < 0) return true;
    conv_shape_position(shape, step, at);
    return at[channel] % (l->in_channels / l->spec.groups) == 0;
}

/* The cells that a step's stamp lands on: its taps without their sums, which would take the longest. */
static bool stamp_of(const scene_part *p, int64_t step, conv_tap **taps, size_t *capacity, int64_t *count, failure *f) {
    conv_error error;
    for (;;) {
        const int64_t room = (int64_t)*capacity;
        if (conv_trace_input(p->plan, &p->operands, 0, step, *taps, room, count, &error) != CONV_OK)
            return fail_engine(f, &error);
        if (*count <= room) return true;
        if (!memory_reserve(taps, capacity, (size_t)*count, sizeof **taps)) return no_memory(f);
    }
}

/* For each output cell the first step that writes it. */
static bool find_first_writes(scene_part *p, int64_t outputs, failure *f) {
    p->written_at = memory_resize(NULL, (size_t)outputs, sizeof *p->written_at);
    if (!p->written_at) return no_memory(f);
    for (int64_t i = 0; i < outputs; i++) p->written_at[i] = p->layout->steps - 1;
    size_t capacity = 0;
    conv_tap *taps = NULL;
    bool ok = true;
    for (int64_t step = conv_shape_count(&p->layout->input[0]) - 1; ok && step >= 0; step--) {
        int64_t count = 0;
        if (!writes_first(p->layout, step)) continue;
        ok = stamp_of(p, step, &taps, &capacity, &count, f);
        for (int64_t t = 0; ok && t < count; t++) {
            if (taps[t].output >= 0) p->written_at[taps[t].output] = step;
        }
    }
    memory_free(taps);
    return ok;
}

static bool run_stamps(scene_part *p, int64_t first, int64_t last, failure *f) {
    conv_error error;
    return conv_plan_run_steps(p->plan, &p->operands, first, last, p->stamps, &error) == CONV_OK ||
           fail_engine(f, &error);
}

/* Runs to a step, leaving checkpoints on the way. */
static bool run_stamps_to(scene_part *p, int64_t outputs, int64_t from, int64_t steps, failure *f) {
    const size_t size = (size_t)outputs;
    if (from == 0) memset(p->stamps, 0, size * sizeof(float));
    while (from < steps) {
        int64_t next = steps;
        if (p->checkpoints) {
            int64_t at = (from / p->checkpoint_every + 1) * p->checkpoint_every;
            if (at < next) next = at;
        }
        if (!run_stamps(p, from, next, f)) return false;
        from = next;
        bool here = p->checkpoints && from % p->checkpoint_every == 0;
        int64_t k = here ? from / p->checkpoint_every - 1 : 0;
        if (here && k == p->checkpoint_count && k < CHECKPOINTS) {
            memcpy(p->checkpoints + (size_t)k * size, p->stamps, size * sizeof(float));
            p->checkpoint_count++;
        }
    }
    return true;
}

static bool advance_scatter(scene_part *p, int64_t outputs, int64_t steps, failure *f) {
    int64_t from = p->state_steps;
    if (steps < from) {
        from = 0;
        int64_t k = p->checkpoints ? steps / p->checkpoint_every : 0;
        if (k > p->checkpoint_count) k = p->checkpoint_count;
        if (k > 0) {
            memcpy(p->stamps, p->checkpoints + (size_t)(k - 1) * (size_t)outputs, (size_t)outputs * sizeof(float));
            from = k * p->checkpoint_every;
        }
    }
    p->state_steps = 0; /* until it went well: a failure begins anew */
    if (!run_stamps_to(p, outputs, from, steps, f)) return false;
    p->state_steps = steps;
    const bool all = steps == p->layout->steps;
    for (int64_t i = 0; i < outputs; i++) {
        bool written = all || (p->written_at ? p->written_at[i] < steps : true);
        p->state[i] = written ? p->stamps[i] : NAN;
    }
    return true;
}

static bool begin_state(scene_part *p, int64_t outputs, failure *f) {
    const bool scatter = p->layout->flow == CONV_SCATTER;
    p->state = make_floats(outputs);
    if (!p->state) return no_memory(f);
    p->state_steps = 0;
    if (!scatter) {
        for (int64_t i = 0; i < outputs; i++) p->state[i] = NAN;
        return true;
    }
    p->stamps = make_floats(outputs);
    bool ok = p->stamps || no_memory(f);
    if (ok && outputs <= SMALL_SCATTER) ok = find_first_writes(p, outputs, f);
    int64_t every = p->layout->steps / (CHECKPOINTS + 1) + 1;
    if (ok && every > 1 && outputs > 0 && outputs <= CHECKPOINT_BYTES / CHECKPOINTS / (int64_t)sizeof(float)) {
        p->checkpoints = make_floats(outputs * CHECKPOINTS); /* without them going back is slower, no more */
        p->checkpoint_every = every;
        p->checkpoint_count = 0;
    }
    if (!ok) {
        memory_free(p->state);
        memory_free(p->stamps);
        memory_free(p->written_at);
        p->state = p->stamps = NULL;
        p->written_at = NULL;
    }
    return ok;
}

const float *scene_state(scene *s, int index, int64_t steps, failure *f) {
    if (index < 0 || index >= s->part_count) {
        fail(f, N_("there is no operation {0}"), "d", (int64_t)index);
        return NULL;
    }
    scene_part *p = &s->parts[index];
    const int64_t outputs = conv_shape_count(&p->layout->output);
    if (steps < 0) steps = 0;
    if (steps > p->layout->steps) steps = p->layout->steps;
    const bool first = !p->state;
    if (first && !begin_state(p, outputs, f)) return NULL;
    if (!first && p->state_steps == steps) return p->state;
    if (p->layout->flow != CONV_SCATTER) {
        advance_gather(p, steps);
    } else if (!advance_scatter(p, outputs, steps, f)) {
        return NULL;
    }
    return p->state;
}

const conv_tap *scene_taps(scene *s, int index, int64_t step, int64_t *count, float *result, failure *f) {
    *count = 0;
    if (index < 0 || index >= s->part_count || step < 0 || step >= s->parts[index].layout->steps) {
        fail(f, N_("there is no step {0}"), "d", step);
        return NULL;
    }
    scene_part *p = &s->parts[index];
    if (p->tap_step != step) {
        p->tap_step = -1;
        conv_error error;
        int64_t total = 0;
        for (int tries = 0; tries < 2; tries++) {
            if (conv_trace_step(p->plan, &p->operands, step, p->taps, p->tap_capacity, &total, &p->result, &error) !=
                CONV_OK) {
                fail_engine(f, &error);
                return NULL;
            }
            int64_t wanted = total < SCENE_MAX_TAPS ? total : SCENE_MAX_TAPS;
            if (wanted <= p->tap_capacity) break;
            conv_tap *grown = memory_resize(p->taps, (size_t)wanted, sizeof *grown);
            if (!grown) {
                no_memory(f);
                return NULL;
            }
            p->taps = grown;
            p->tap_capacity = wanted;
        }
        p->tap_count = total < p->tap_capacity ? total : p->tap_capacity;
        p->tap_step = step;
    }
    *count = p->tap_count;
    if (result) *result = p->result;
    return p->taps;
}
