/* convscope run: arrays through the engine, as PyTorch would compute them. */
#include "app/arrays/npy.h"
#include "app/arrays/npz.h"
#include "app/system/json.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "print_array.h"
#include "subject.h"
#include "tensors.h"

#include <string.h>

typedef struct run_options {
    subject_options subject;
    tensor_options tensors;
    const char *output, *indices_output;
} run_options;

static const option options[] = {
    SUBJECT_ROWS(run_options),
    TENSOR_ROWS(run_options),
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = offsetof(run_options, output),
     .value = N_("FILE.npy"),
     .help = N_("where the result goes (float32, C order); without it the result is printed")},
    {.name = "return-indices",
     .kind = OPTION_TEXT,
     .offset = offsetof(run_options, indices_output),
     .value = N_("FILE.npy"),
     .help = N_("where a max pooling's indices go (int64)")},
    {0}};

/* The result of a run. */
typedef struct result {
    conv_shape shape;
    const float *numbers;  /* the network's */
    int64_t *indices;      /* owned */
    const char *algorithm; /* of the last layer */
} result;

/* The indices of a max pooling: a second run, which writes them. */
static bool find_indices(const subject *s, result *r, failure *f) {
    array again;
    conv_operands operands;
    conv_error error;
    r->indices = memory_zeroed((size_t)conv_shape_count(&r->shape) + 1, sizeof *r->indices);
    if (!r->indices) return fail_memory(f);
    if (!array_create(&again, &r->shape, conv_engine_memory_limit(s->engine), f)) return false;
    conv_network_operands(s->network, 0, &operands);
    bool ok =
        conv_plan_run(conv_network_plan(s->network, 0), &operands, again.data, r->indices, NULL, &error) == CONV_OK;
    array_destroy(&again);
    return ok || fail_engine(f, &error);
}

static bool run_network(const subject *s, const array *input, result *r, failure *f) {
    conv_error error;
    const int last = conv_network_count(s->network) - 1;
    if (conv_network_draw_weights(s->network, s->seed, &error) != CONV_OK ||
        conv_network_run(s->network, input->data, &s->plan, &error) != CONV_OK) {
        return fail_engine(f, &error);
    }
    r->shape = conv_network_layout(s->network, last)->output;
    r->numbers = conv_network_output(s->network, last);
    r->algorithm = conv_algorithm_name(conv_plan_algorithm(conv_network_plan(s->network, last)));
    return true;
}

static bool compute(const command_line *line, const subject *s, const run_options *o, result *r, failure *f) {
    array input = {0};
    const conv_kind kind = conv_network_layer(s->network, 0)->spec.op->kind;
    if (o->indices_output && (conv_network_count(s->network) != 1 || kind != CONV_MAX_POOL)) {
        return fail(f, N_("--return-indices is for a single max pooling"), "");
    }
    bool ok = tensors_give(line, s, &o->tensors, f) && subject_input(s, &input, f) && run_network(s, &input, r, f) &&
              (!o->indices_output || find_indices(s, r, f));
    array_destroy(&input);
    return ok;
}

static void write_json(const result *r, const run_options *o) {
    json j = json_begin(stdout);
    json_object(&j, NULL);
    json_text(&j, "output", o->output);
    json_shape(&j, "shape", &r->shape);
    json_text(&j, "dtype", "float32");
    json_text(&j, "algorithm", r->algorithm);
    if (!o->output) json_numbers(&j, "values", &r->shape, r->numbers);
    json_close(&j);
    json_end(&j);
}

static bool deliver(const command_line *line, const result *r, const run_options *o, failure *f) {
    char shape[128];
    if (o->indices_output && !npy_write_integers(o->indices_output, &r->shape, r->indices, f)) return false;
    if (o->output && !npy_write(o->output, &r->shape, r->numbers, f)) return false;
    if (line->json)
        write_json(r, o);
    else if (!o->output)
        print_array(stdout, &r->shape, r->numbers);
    conv_shape_text(&r->shape, shape, (int)sizeof shape);
    if (o->output)
        command_note(line, N_("wrote {0}: float32 {1}, computed by {2}"), "sss", o->output, shape, r->algorithm);
    return true;
}

static exit_status run(const command_line *line) {
    const run_options *o = line->values;
    subject s;
    failure f;
    result r = {0};
    subject_options what = o->subject;
    what.offset = o->tensors.single[TENSOR_OFFSET];
    exit_status status = subject_open(&s, line, &what);
    if (status == EXIT_DONE && (!compute(line, &s, o, &r, &f) || !deliver(line, &r, o, &f))) {
        status = command_fail(line, &f, NULL);
    }
    memory_free(r.indices);
    subject_close(&s);
    return status;
}

const command command_run = {
    .name = "run",
    .usage = N_("EXPR|FILE --input x.npy [--weight w.npy] [--bias b.npy] --output y.npy"),
    .summary = N_("Runs arrays through a layer or a network and writes the array that PyTorch would give."),
    .details =
        N_("Arrays are .npy files of any real type; a picture is an input too (values 0 to 1, grey or RGB as the layer "
           "wants). The tensors of a sequence or a network file come from one .npz or a folder of .npy files with "
           "PyTorch's "
           "state_dict names (0.weight, 0.bias, ...). Weights that are not given are drawn from the seed."),
    .examples =
        "convscope run 'nn.Conv2d(3, 8, 3, padding=1)' --input x.npy --weight w.npy --bias b.npy --output y.npy\n"
        "convscope run 'DeformConv2d(4, 8, 3)' --input x.npy --weight w.npy --bias b.npy --offset o.npy --mask m.npy "
        "-o y.npy\n"
        "convscope run 'nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())' --input x.npy --weights model.npz -o y.npy\n"
        "convscope run 'nn.MaxPool2d(2)' --input 1,4,4",
    .options = options,
    .values_size = sizeof(run_options),
    .least = 1,
    .most = 1,
    .json = true,
    .run = run,
};
