#include "clinic.h"

#include "app/expression/expression.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "document_yaml.h"

#include <limits.h>
#include <stdio.h>

enum { CLINIC_MAX_BYTES = 1 << 20, CLINIC_MOST = 64 };

static void case_destroy(clinic_case *c) {
    memory_free(c->id);
    memory_free(c->code);
    memory_free(c->pytorch);
    phrase_destroy(&c->title);
    phrase_destroy(&c->why);
    document_destroy(&c->mended);
}

void clinic_destroy(clinic *c) {
    for (int i = 0; i < c->count; i++) case_destroy(&c->cases[i]);
    memory_free(c->cases);
    *c = (clinic){0};
}

static bool read_input(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    clinic_case *c = into;
    return shape_read_yaml(t, v, &c->input, f);
}

static bool read_mended(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    clinic_case *c = into;
    return document_read_keys(t, v, &c->mended, NULL, 0, f);
}

static const yaml_key case_keys[] = {
    {.name = "id", .kind = YAML_TEXT, .offset = offsetof(clinic_case, id), .required = true},
    {.name = "title", .kind = YAML_PHRASE, .offset = offsetof(clinic_case, title), .required = true},
    {.name = "code", .kind = YAML_TEXT, .offset = offsetof(clinic_case, code), .required = true},
    {.name = "pytorch", .kind = YAML_TEXT, .offset = offsetof(clinic_case, pytorch), .required = true},
    {.name = "input", .kind = YAML_CUSTOM, .read = read_input, .required = true},
    {.name = "why", .kind = YAML_PHRASE, .offset = offsetof(clinic_case, why), .required = true},
    {.name = "mended", .kind = YAML_CUSTOM, .read = read_mended, .required = true},
    {0}};

/* A case that our program has nothing against teaches nothing. */
static bool read_case(const yaml_tree *t, yaml_value v, clinic_case *c, failure *f) {
    const yaml_map map = {case_keys, c};
    failure refusal = {0};
    document_init(&c->mended);
    if (!yaml_read_maps(t, v, &map, 1, NULL, NULL, f)) return false;
    return clinic_refusal(c, &refusal) ||
           yaml_fail(t, yaml_find(t, v, "code"), f, N_("nothing is wrong with this code"), "");
}

static bool read_cases(const yaml_tree *t, yaml_value root, clinic *c, failure *f) {
    if (!yaml_expect_list(t, root, f)) return false;
    const int count = yaml_count(root);
    if (count < 1 || count > CLINIC_MOST)
        return yaml_fail(t, root, f, N_("there can be 1 to {0} cases"), "d", (int64_t)CLINIC_MOST);
    c->cases = memory_zeroed((size_t)count, sizeof *c->cases);
    if (!c->cases) return fail_memory(f);
    for (int i = 0; i < count; i++) {
        c->count = i + 1;
        if (!read_case(t, yaml_item(t, root, i), &c->cases[i], f)) return false;
    }
    return true;
}

bool clinic_load(const char *assets, clinic *c, failure *f) {
    *c = (clinic){0};
    char path[PATH_MAX], *text;
    size_t size;
    yaml_tree tree;
    if (snprintf(path, sizeof path, "%s/clinic.yaml", assets) >= (int)sizeof path)
        return fail(f, N_("there is no folder {0}"), "s", assets);
    if (!file_load(path, CLINIC_MAX_BYTES, &text, &size, f)) return false;
    bool ok = yaml_tree_read(&tree, text, size, path, f);
    memory_free(text);
    if (!ok) return false;
    tree.base = tree.assets = assets;
    yaml_value root = yaml_root(&tree);
    ok = (root || fail(f, N_("the file is empty"), "")) && read_cases(&tree, root, c, f);
    yaml_tree_destroy(&tree);
    if (!ok) clinic_destroy(c);
    return ok;
}

bool clinic_refusal(const clinic_case *c, failure *refusal) {
    part p = {.input_shape = c->input};
    const bool built = part_set_expression(&p, c->code, refusal);
    const bool fits = built && part_fit_input(&p, false, refusal);
    part_destroy(&p);
    return !fits;
}
