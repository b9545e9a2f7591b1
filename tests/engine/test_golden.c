/* What PyTorch, torchvision and the ONNX project's own cases say: outputs, shapes and refusals. */
#include "golden.h"
#include "layer.h"
#include <glob.h>

static int check_file(conv_engine *engine, const char *path, int *wrong) {
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "cannot open %s", path);
    golden_case c;
    int cases = 0;
    while (golden_read(file, &c)) {
        char why[640] = "";
        if (!golden_check(engine, &c, why, sizeof why)) {
            const golden_array *input = golden_find(&c, "input");
            char shape[96];
            fprintf(stderr, "%s on %s: %s\n", c.title, conv_shape_text(&input->shape, shape, sizeof shape), why);
            ++*wrong;
        }
        golden_free(&c);
        cases++;
    }
    fclose(file);
    return cases;
}

static int check_files(const char *pattern, int *wrong) {
    conv_engine *engine = engine_with(2);
    glob_t found;
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0, "no golden files at %s", pattern);
    int cases = 0;
    for (size_t i = 0; i < found.gl_pathc; i++) cases += check_file(engine, found.gl_pathv[i], wrong);
    globfree(&found);
    conv_engine_destroy(engine);
    return cases;
}

Test(golden, as_pytorch) {
    int wrong = 0, cases = check_files(SOURCE_DIR "/tests/golden/[a-np-z]*.golden", &wrong);
    cr_assert_eq(wrong, 0, "%d of %d cases differ", wrong, cases);
    cr_assert_geq(cases, 500);
}

Test(golden, as_onnx) {
    int wrong = 0, cases = check_files(SOURCE_DIR "/tests/golden/onnx-*.golden", &wrong);
    cr_assert_eq(wrong, 0, "%d of %d cases differ", wrong, cases);
    cr_assert_geq(cases, 40);
}
