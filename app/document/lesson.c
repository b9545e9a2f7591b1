#include "lesson.h"
#include "question.h"

#include "app/system/assets.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "document_yaml.h"
#include "scene_text.h"

#include <limits.h>
#include <string.h>

enum { LESSON_MAX_BYTES = 1 << 20, LESSON_MAX_PAGES = 64, LESSON_MAX_REFERENCES = 32 };

static const char *const question_names[] = {"none", "shape", "value", "parameters", "cost", "field", "overlap", NULL};

static bool no_memory(failure *f) {
    return fail_memory(f);
}

void lesson_destroy(lesson *l) {
    memory_free(l->id);
    memory_free(l->chapter);
    memory_free(l->path);
    phrase_destroy(&l->title);
    for (int i = 0; i < l->try_count; i++) phrase_destroy(&l->tries[i]);
    for (int i = 0; i < l->reference_count; i++) phrase_destroy(&l->references[i]);
    memory_free(l->references);
    phrase_destroy(&l->question.ask);
    for (int i = 0; i < l->page_count; i++) {
        lesson_page *page = &l->pages[i];
        document_destroy(&page->document);
        phrase_destroy(&page->title);
        phrase_destroy(&page->caption);
        phrase_destroy(&page->notes);
    }
    memory_free(l->pages);
    *l = (lesson){0};
}

void lesson_folder(const lesson *l, char *folder, size_t size) {
    scene_folder(l->path, folder, size);
}

/* ---- the parts of a lesson ---- */

static bool read_id(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    lesson *l = into;
    if (!yaml_read_text(t, v, &l->id, f)) return false;
    const size_t good = strspn(l->id, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return (good > 0 && l->id[good] == 0 && good < 64) ||
           yaml_fail(t, v, f, N_("an id has lower-case letters, digits and hyphens: not \"{0}\""), "s", l->id);
}

static bool read_tries(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    lesson *l = into;
    const int most = (int)(sizeof l->tries / sizeof *l->tries);
    if (!yaml_expect_list(t, v, f)) return false;
    if (yaml_count(v) > most) return yaml_fail(t, v, f, N_("at most {0} things to try fit"), "d", (int64_t)most);
    for (int i = 0; i < yaml_count(v); i++) {
        if (!yaml_read_phrase(t, yaml_item(t, v, i), &l->tries[i], f)) return false;
        l->try_count = i + 1;
    }
    return true;
}

static bool read_references(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    lesson *l = into;
    if (!yaml_expect_list(t, v, f)) return false;
    const int count = yaml_count(v);
    if (count > LESSON_MAX_REFERENCES)
        return yaml_fail(t, v, f, N_("at most {0} references fit"), "d", (int64_t)LESSON_MAX_REFERENCES);
    l->references = memory_zeroed((size_t)count, sizeof *l->references);
    if (count && !l->references) return no_memory(f);
    for (int i = 0; i < count; i++) {
        if (!yaml_read_phrase(t, yaml_item(t, v, i), &l->references[i], f)) return false;
        l->reference_count = i + 1;
    }
    return true;
}

typedef struct question_keys {
    int kind;
    int64_t step, page;
    phrase ask;
} question_keys;

static const yaml_key question_table[] = {
    {.name = "kind",
     .kind = YAML_CHOICE,
     .offset = offsetof(question_keys, kind),
     .choices = question_names,
     .required = true},
    {.name = "step", .kind = YAML_INTEGER, .offset = offsetof(question_keys, step)},
    {.name = "page", .kind = YAML_INTEGER, .offset = offsetof(question_keys, page)},
    {.name = "ask", .kind = YAML_PHRASE, .offset = offsetof(question_keys, ask)},
    {0}};

/* Pages are counted from 1 in the file. */
static bool read_question(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    lesson *l = into;
    question_keys q = {.page = 1};
    const yaml_map map = {question_table, &q};
    bool ok = yaml_read_maps(t, v, &map, 1, NULL, NULL, f);
    if (ok && (q.page < 1 || q.page > l->page_count)) {
        ok = yaml_fail(t, v, f, N_("there is no page {0}: the lesson has {1}"), "dd", q.page, (int64_t)l->page_count);
    }
    if (ok && q.step < 0) ok = yaml_fail(t, v, f, N_("there is no step {0}"), "d", q.step);
    if (!ok) {
        phrase_destroy(&q.ask);
        return false;
    }
    l->question = (question){.kind = (question_kind)q.kind, .step = q.step, .page = (int)q.page - 1, .ask = q.ask};
    return true;
}

static const yaml_key page_keys[] = {
    {.name = "title", .kind = YAML_PHRASE, .offset = offsetof(lesson_page, title), .required = true},
    {.name = "caption", .kind = YAML_PHRASE, .offset = offsetof(lesson_page, caption), .required = true},
    {.name = "notes", .kind = YAML_PHRASE, .offset = offsetof(lesson_page, notes)},
    {0}};

static bool name_document(const lesson *l, int index, failure *f) {
    lesson_page *page = &l->pages[index];
    document *d = &page->document;
    d->page = index;
    return document_set_text(&d->lesson, l->id, f) &&
           document_set_text(&d->title_en, page->title.text[LANGUAGE_EN], f) &&
           document_set_text(&d->title_zh, page->title.text[LANGUAGE_ZH], f) &&
           document_set_text(&d->caption_en, page->caption.text[LANGUAGE_EN], f) &&
           document_set_text(&d->caption_zh, page->caption.text[LANGUAGE_ZH], f);
}

static bool read_page(const yaml_tree *t, yaml_value v, lesson *l, int index, failure *f) {
    lesson_page *page = &l->pages[index];
    document_init(&page->document);
    page->line = (int)v->start_mark.line + 1;
    if (index > 0 && !document_copy(&page->document, &l->pages[index - 1].document, f)) {
        document_init(&page->document);
        return false;
    }
    if (v->type == YAML_MAPPING_NODE && !yaml_find(t, v, "steps")) { /* a range belongs to its page */
        document_play_all(&page->document);
    }
    const yaml_map map = {page_keys, page};
    return document_read_keys(t, v, &page->document, &map, 1, f) && name_document(l, index, f);
}

static bool read_pages(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    lesson *l = into;
    if (!yaml_expect_list(t, v, f)) return false;
    const int count = yaml_count(v);
    if (count < 1 || count > LESSON_MAX_PAGES)
        return yaml_fail(t, v, f, N_("a lesson has 1 to {0} pages"), "d", (int64_t)LESSON_MAX_PAGES);
    l->pages = memory_zeroed((size_t)count, sizeof *l->pages);
    if (!l->pages) return no_memory(f);
    for (int i = 0; i < count; i++) {
        l->page_count = i + 1;
        if (!read_page(t, yaml_item(t, v, i), l, i, f)) return false;
    }
    return true;
}

static const yaml_key lesson_keys[] = {
    {.name = "id", .kind = YAML_CUSTOM, .read = read_id, .required = true},
    {.name = "chapter", .kind = YAML_TEXT, .offset = offsetof(lesson, chapter), .required = true},
    {.name = "title", .kind = YAML_PHRASE, .offset = offsetof(lesson, title), .required = true},
    {.name = "shared", .kind = YAML_IGNORE}, /* a place for anchors */
    {.name = "pages", .kind = YAML_CUSTOM, .read = read_pages, .required = true},
    {.name = "tries", .kind = YAML_CUSTOM, .read = read_tries},
    {.name = "references", .kind = YAML_CUSTOM, .read = read_references},
    {.name = "question", .kind = YAML_CUSTOM, .read = read_question},
    {0}};

static bool open_tree(const char *path, yaml_tree *t, failure *f) {
    char *text;
    size_t size;
    if (!file_load(path, LESSON_MAX_BYTES, &text, &size, f)) return false;
    bool ok = yaml_tree_read(t, text, size, path, f);
    memory_free(text);
    return ok;
}

bool lesson_load(const char *path, lesson *l, failure *f) {
    *l = (lesson){0};
    yaml_tree tree;
    char folder[PATH_MAX], assets[PATH_MAX];
    if (!open_tree(path, &tree, f)) return false;
    scene_folder(path, folder, sizeof folder);
    tree.base = folder;
    if (assets_find(assets, sizeof assets, NULL)) tree.assets = assets;
    yaml_value root = yaml_root(&tree);
    const yaml_map map = {lesson_keys, l};
    bool ok = (root || fail(f, N_("the lesson is empty"), "") || fail_in(f, path)) &&
              document_set_text(&l->path, path, f) && yaml_read_maps(&tree, root, &map, 1, NULL, NULL, f);
    yaml_tree_destroy(&tree);
    if (!ok) lesson_destroy(l);
    return ok;
}

/* ---- checking ---- */

/* [[role|words]]: closed, with words, and of a role that there is. */
static bool check_marks(const char *text, failure *f) {
    static const char *const roles[] = {"input", "weight", "kernel", "output", "bias", "offset", "mask"};
    for (const char *mark = strstr(text, "[["); mark; mark = strstr(mark + 2, "[[")) {
        const char *end = strstr(mark, "]]"), *bar = strchr(mark, '|');
        if (!end || !bar || bar > end)
            return fail(f, N_("\"[[\" begins coloured words: [[input|words]], with | and ]]"), "");
        char name[32];
        bool known = false;
        snprintf(name, sizeof name, "%.*s", (int)(bar - mark - 2), mark + 2);
        for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) known = known || strcmp(name, roles[i]) == 0;
        if (!known)
            return fail(f,
                        N_("words can have the colour of input, weight, output, bias, offset or mask, not of \"{0}\""),
                        "s", name);
    }
    return true;
}

static bool check_text(const phrase *p, scene *s, const document *d, language l, failure *f) {
    enum { LONGEST = 4096 };
    char filled[LONGEST];
    const char *text = p->text[l];
    if (!text) return true;
    if (!check_marks(text, f)) return fail_at(f, p->line[l], 0);
    const int64_t last = d->last_step < 0 || d->last_step > s->steps ? s->steps : d->last_step;
    const moment ends[] = {{d->first_step, 0}, {last > 0 ? last - 1 : 0, 1}};
    for (int i = 0; i < 2; i++) {
        if (!lesson_fill(text, s, ends[i], l, filled, LONGEST, f)) return fail_at(f, p->line[l], 0);
    }
    return true;
}

/* Through the page's steps and back: every state is the engine's, and the last one is its full run. */
static bool check_steps(scene *s, const document *d, failure *f) {
    enum { MOST_LOOKED_AT = 64 };
    if (d->first_step >= s->steps) {
        return fail(f, N_("the range of steps begins at {0}, but there are only {1}"), "dd", d->first_step, s->steps);
    }
    if (d->last_step > s->steps) {
        return fail(f, N_("the range of steps ends at {0}, but there are only {1}"), "dd", d->last_step, s->steps);
    }
    const int64_t stride = s->steps / MOST_LOOKED_AT + 1;
    for (int i = 0; i < s->part_count; i++) {
        for (int64_t step = 0; step <= s->steps; step += stride) {
            if (!scene_state(s, i, step, f)) return false;
        }
        const float *state = scene_state(s, i, s->steps, f);
        const size_t bytes = (size_t)conv_shape_count(&s->parts[i].layout->output) * sizeof(float);
        if (!state) return false;
        if (memcmp(state, s->parts[i].output, bytes) != 0)
            return fail(f, N_("the steps do not add up to the full run"), "");
        if (!scene_state(s, i, 0, f)) return false;
    }
    return true;
}

static bool check_page(const lesson *l, int index, conv_engine *engine, const char *folder, failure *f) {
    const lesson_page *page = &l->pages[index];
    scene s;
    if (!scene_open(&s, &page->document, engine, folder, f)) return fail_at(f, page->line, 0);
    bool ok = check_steps(&s, &page->document, f);
    if (!ok) fail_at(f, page->line, 0);
    for (language lang = 0; ok && lang < LANGUAGE_COUNT; lang++) {
        const phrase *const texts[] = {&page->title, &page->caption, &page->notes};
        for (int i = 0; ok && i < 3; i++) ok = check_text(texts[i], &s, &page->document, lang, f);
        for (int i = 0; ok && index == 0 && i < l->try_count; i++)
            ok = check_text(&l->tries[i], &s, &page->document, lang, f);
        if (ok && l->question.kind != QUESTION_NONE && l->question.page == index)
            ok = check_text(&l->question.ask, &s, &page->document, lang, f);
    }
    answer found;
    if (ok && l->question.kind != QUESTION_NONE && l->question.page == index)
        ok = question_answer(&l->question, &s, &found, f) || fail_at(f, page->line, 0);
    scene_close(&s);
    return ok;
}

bool lesson_check(const lesson *l, conv_engine *engine, failure *f) {
    char folder[PATH_MAX];
    lesson_folder(l, folder, sizeof folder);
    for (int i = 0; i < l->page_count; i++) {
        failure own = {0};
        if (check_page(l, i, engine, folder, &own)) continue;
        if (f) {
            *f = own;
            if (!f->path[0]) strncpy(f->path, l->path, sizeof f->path - 1);
        }
        return false;
    }
    return true;
}
