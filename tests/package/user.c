/* Somebody else's program: an edge detector made with the installed library. Also compiled as C++. */
#include <conv/conv.h>
#include <stdio.h>

int main(void) {
    conv_engine *engine = NULL;
    conv_plan *plan = NULL;
    conv_error error;
    conv_spec spec;
    conv_shape input = {2, {1, 4}};
    const float x[] = {1, 1, 5, 5}, w[] = {-1, 1};
    float y[3] = {0, 0, 0};
    conv_operands operands = {{x}, w, NULL, NULL, NULL, NULL, NULL, NULL};
    conv_spec_init(&spec, conv_op_find("Conv1d"));
    spec.in_channels = spec.out_channels = 1;
    spec.kernel_size[0] = 2;
    spec.bias = false;
    if (conv_engine_create(NULL, &engine, &error) != CONV_OK ||
        conv_plan_create(engine, &spec, &input, 1, &operands, NULL, &plan, &error) != CONV_OK ||
        conv_plan_run(plan, &operands, y, NULL, NULL, &error) != CONV_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    printf("libconv %s: %g %g %g\n", conv_version(), (double)y[0], (double)y[1], (double)y[2]);
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
    return y[0] == 0 && y[1] == 4 && y[2] == 0 ? 0 : 1;
}
