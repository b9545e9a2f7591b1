/* The lessons of the assets folder: chapters.yaml says their order. */
#include "app/system/file.h"
#include "app/system/memory.h"
#include "lesson.h"
#include "yaml_tree.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX_BYTES = 1 << 20, LIST_MAX_LESSONS = 1000 };

typedef struct ordered_entry {
    lesson_entry entry;
    int chapter,
        place; /* in chapters.yaml; a lesson that stands in none comes after the others of its chapter, by its id */
} ordered_entry;

typedef struct lister {
    yaml_tree chapters;
    ordered_entry *entries;
    size_t count, capacity;
} lister;

static void entry_destroy(lesson_entry *e) {
    memory_free(e->id);
    memory_free(e->chapter);
    memory_free(e->path);
    phrase_destroy(&e->title);
    phrase_destroy(&e->chapter_title);
}

void lesson_list_destroy(lesson_list *list) {
    for (int i = 0; i < list->count; i++) entry_destroy(&list->entries[i]);
    memory_free(list->entries);
    *list = (lesson_list){0};
}

const lesson_entry *lesson_list_find(const lesson_list *list, const char *id) {
    for (int i = 0; i < list->count; i++) {
        if (strcmp(list->entries[i].id, id) == 0) return &list->entries[i];
    }
    return NULL;
}

static bool load_tree(const char *path, yaml_tree *t, failure *f) {
    char *text;
    size_t size;
    if (!file_load(path, LIST_MAX_BYTES, &text, &size, f)) return false;
    bool ok = yaml_tree_read(t, text, size, path, f);
    memory_free(text);
    return ok;
}

/* Finds the chapter of that id, and the lesson's place in it. */
static bool place_entry(lister *l, const yaml_tree *t, yaml_value chapter, ordered_entry *e, failure *f) {
    yaml_value root = yaml_root(&l->chapters);
    for (int i = 0; i < yaml_count(root); i++) {
        yaml_value row = yaml_item(&l->chapters, root, i);
        yaml_value id = yaml_find(&l->chapters, row, "id"), title = yaml_find(&l->chapters, row, "title");
        yaml_value lessons = yaml_find(&l->chapters, row, "lessons");
        if (!id || !title || !lessons || !yaml_scalar(id) || lessons->type != YAML_SEQUENCE_NODE) {
            return yaml_fail(&l->chapters, row, f, N_("a chapter has an id, a title and a list of lessons"), "");
        }
        if (strcmp(yaml_scalar(id), e->entry.chapter) != 0) continue;
        e->chapter = i;
        e->place = INT_MAX;
        for (int k = 0; k < yaml_count(lessons); k++) {
            const char *name = yaml_scalar(yaml_item(&l->chapters, lessons, k));
            if (name && strcmp(name, e->entry.id) == 0) e->place = k;
        }
        return yaml_read_phrase(&l->chapters, title, &e->entry.chapter_title, f);
    }
    return yaml_fail(t, chapter, f, N_("there is no chapter \"{0}\" in chapters.yaml"), "s", e->entry.chapter);
}

static bool read_entry(lister *l, const char *path, ordered_entry *e, failure *f) {
    yaml_tree tree;
    if (!load_tree(path, &tree, f)) return false;
    yaml_value root = yaml_root(&tree);
    static const char *const wanted[] = {"id", "chapter", "title", "pages"};
    yaml_value found[4] = {0};
    bool ok = (root || fail(f, N_("the lesson is empty"), "") || fail_in(f, path)) && yaml_expect_map(&tree, root, f);
    for (int i = 0; ok && i < 4; i++) {
        found[i] = yaml_find(&tree, root, wanted[i]);
        ok = found[i] || yaml_fail(&tree, root, f, N_("the key \"{0}\" is missing here"), "s", wanted[i]);
    }
    ok = ok && yaml_read_text(&tree, found[0], &e->entry.id, f) &&
         yaml_read_text(&tree, found[1], &e->entry.chapter, f) &&
         yaml_read_phrase(&tree, found[2], &e->entry.title, f) && yaml_expect_list(&tree, found[3], f) &&
         place_entry(l, &tree, found[1], e, f);
    if (ok) {
        e->entry.pages = yaml_count(found[3]);
        e->entry.path = memory_text(path);
        ok = e->entry.path || fail_memory(f);
    }
    yaml_tree_destroy(&tree);
    return ok;
}

static bool add_file(lister *l, const char *folder, const char *name, failure *f) {
    char path[PATH_MAX];
    const size_t length = strlen(name);
    if (length < 6 || strcmp(name + length - 5, ".yaml") != 0 || strcmp(name, "chapters.yaml") == 0 || name[0] == '.')
        return true;
    if (l->count >= LIST_MAX_LESSONS)
        return fail(f, N_("there are more than {0} lessons"), "d", (int64_t)LIST_MAX_LESSONS);
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return true;
    if (!memory_reserve(&l->entries, &l->capacity, l->count + 1, sizeof *l->entries)) return fail_memory(f);
    ordered_entry *e = &l->entries[l->count++];
    *e = (ordered_entry){0};
    return read_entry(l, path, e, f);
}

static int compare(const void *a, const void *b) {
    const ordered_entry *x = a, *y = b;
    if (x->chapter != y->chapter) return x->chapter < y->chapter ? -1 : 1;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return strcmp(x->entry.id, y->entry.id);
}

static bool check_doubles(const lister *l, failure *f) {
    for (size_t i = 0; i < l->count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(l->entries[i].entry.id, l->entries[k].entry.id) == 0) {
                return fail(f, N_("two lessons have the id \"{0}\""), "s", l->entries[i].entry.id);
            }
        }
    }
    return true;
}

static bool read_folder(lister *l, const char *folder, failure *f) {
    DIR *dir = opendir(folder);
    if (!dir) return fail(f, N_("there is no folder {0}"), "s", folder);
    bool ok = true;
    for (struct dirent *d = readdir(dir); ok && d; d = readdir(dir)) ok = add_file(l, folder, d->d_name, f);
    closedir(dir);
    return ok && check_doubles(l, f);
}

bool lesson_list_load(const char *assets, lesson_list *list, failure *f) {
    *list = (lesson_list){0};
    lister l = {0};
    char folder[PATH_MAX], path[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/lessons", assets);
    if (snprintf(path, sizeof path, "%s/chapters.yaml", folder) >= (int)sizeof path)
        return fail(f, N_("there is no folder {0}"), "s", folder);
    bool ok = load_tree(path, &l.chapters, f);
    if (ok) {
        yaml_value root = yaml_root(&l.chapters);
        ok = root ? yaml_expect_list(&l.chapters, root, f) : fail(f, N_("the list of chapters is empty"), "");
    }
    ok = ok && read_folder(&l, folder, f);
    if (ok && l.count) {
        qsort(l.entries, l.count, sizeof *l.entries, compare);
        list->entries = memory_zeroed(l.count, sizeof *list->entries);
        ok = list->entries || fail_memory(f);
    }
    for (size_t i = 0; i < l.count; i++) {
        if (ok)
            list->entries[i] = l.entries[i].entry;
        else
            entry_destroy(&l.entries[i].entry);
    }
    if (ok) list->count = (int)l.count;
    memory_free(l.entries);
    yaml_tree_destroy(&l.chapters);
    return ok;
}
