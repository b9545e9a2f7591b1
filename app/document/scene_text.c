#include "scene_text.h"

#include "app/system/assets.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "document_yaml.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool no_memory(failure *f) {
    return fail_memory(f);
}

/* ---- reading ---- */

typedef struct scene_keys {
    int64_t version;
    phrase title, caption;
    char *lesson;
    int64_t page;
} scene_keys;

static const yaml_key keys[] = {
    {.name = "convscope", .kind = YAML_INTEGER, .offset = offsetof(scene_keys, version), .required = true},
    {.name = "title", .kind = YAML_PHRASE, .offset = offsetof(scene_keys, title)},
    {.name = "caption", .kind = YAML_PHRASE, .offset = offsetof(scene_keys, caption)},
    {.name = "lesson", .kind = YAML_TEXT, .offset = offsetof(scene_keys, lesson)},
    {.name = "page", .kind = YAML_INTEGER, .offset = offsetof(scene_keys, page)},
    {0}};

static bool read_scene(const yaml_tree *t, yaml_value root, document *d, failure *f) {
    scene_keys own = {0};
    const yaml_map map = {keys, &own};
    bool ok = document_read_keys(t, root, d, &map, 1, f);
    if (ok && own.version != SCENE_VERSION) {
        ok = yaml_fail(t, root, f, N_("this scene is of version {0}; this program reads version {1}"), "dd",
                       own.version, (int64_t)SCENE_VERSION);
    }
    if (ok && (own.page < 0 || own.page > INT_MAX))
        ok = yaml_fail(t, yaml_find(t, root, "page"), f, N_("there is no page {0}"), "d", own.page);
    if (ok) {
        d->title_en = own.title.text[LANGUAGE_EN];
        d->title_zh = own.title.text[LANGUAGE_ZH];
        d->caption_en = own.caption.text[LANGUAGE_EN];
        d->caption_zh = own.caption.text[LANGUAGE_ZH];
        d->lesson = own.lesson;
        d->page = (int)own.page;
        return true;
    }
    phrase_destroy(&own.title);
    phrase_destroy(&own.caption);
    memory_free(own.lesson);
    return false;
}

bool scene_text_read(const char *text, size_t size, const char *path, const char *base, document *d, failure *f) {
    document_init(d);
    if (size > SCENE_MAX_BYTES)
        return fail(f, N_("a scene of more than {0} bytes is refused"), "d", (int64_t)SCENE_MAX_BYTES);
    yaml_tree tree;
    if (!yaml_tree_read(&tree, text, size, path, f)) return false;
    char assets[PATH_MAX];
    tree.base = base;
    if (assets_find(assets, sizeof assets, NULL)) tree.assets = assets;
    yaml_value root = yaml_root(&tree);
    bool ok = root ? read_scene(&tree, root, d, f) : fail(f, N_("the scene is empty"), "") || fail_in(f, path);
    yaml_tree_destroy(&tree);
    if (!ok) document_destroy(d);
    return ok;
}

void scene_folder(const char *path, char *folder, size_t size) {
    const char *slash = strrchr(path, '/');
    if (!slash) {
        snprintf(folder, size, ".");
    } else {
        snprintf(folder, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    }
}

bool scene_load(const char *path, document *d, failure *f) {
    document_init(d);
    char *text, folder[PATH_MAX];
    size_t size;
    if (!file_load(path, SCENE_MAX_BYTES, &text, &size, f)) return false;
    scene_folder(path, folder, sizeof folder);
    bool ok = scene_text_read(text, size, path, folder, d, f);
    memory_free(text);
    return ok;
}

/* ---- saving ---- */

/* Where a source's file really is, and the array of an archive behind it ("" or ":name"). False: a sample picture, or
 * gone. */
static bool real_name(const tensor_source *s, const char *base, char real[PATH_MAX], const char **member) {
    char joined[PATH_MAX];
    if ((s->kind != SOURCE_PICTURE && s->kind != SOURCE_FILE) || !s->name) return false;
    if (s->kind == SOURCE_PICTURE && !strpbrk(s->name, "./")) return false;
    bool relative = base && s->name[0] != '/';
    int length = snprintf(joined, sizeof joined, "%s%s%s", relative ? base : "", relative ? "/" : "", s->name);
    if (length < 0 || (size_t)length >= sizeof joined) return false;
    char *archive = strstr(joined, ".npz:");
    *member = archive ? strstr(s->name, ".npz:") + 4 : "";
    if (archive) archive[4] = 0;
    return realpath(joined, real) != NULL;
}

static bool put_name(tensor_source *s, const char *file, const char *member, failure *f) {
    char name[2 * PATH_MAX];
    snprintf(name, sizeof name, "%s%s", file, member);
    return document_set_text(&s->name, name, f);
}

/* The file name of one source, as seen from the scene's folder. */
static bool move_name(tensor_source *s, const char *base, const char *folder, failure *f) {
    char real[PATH_MAX], home[PATH_MAX];
    const char *member;
    if (!real_name(s, base, real, &member)) return true; /* when it is gone, opening will say so */
    if (!realpath(folder, home)) return fail(f, N_("there is no folder {0}"), "s", folder);
    size_t length = strlen(home);
    if (strcmp(home, "/") == 0) length = 0;
    if (strncmp(real, home, length) != 0 || real[length] != '/') {
        return fail(
            f, N_("a scene can only use files of its own folder: copy {0} beside it first, or save the scene there"),
            "s", s->name);
    }
    return put_name(s, real + length + 1, member, f);
}

static bool free_name(tensor_source *s, const char *base, const char *unused, failure *f) {
    char real[PATH_MAX];
    const char *member;
    (void)unused;
    return !real_name(s, base, real, &member) || put_name(s, real, member, f);
}

/* Does it to every source of the document. */
static bool change_names(document *d, bool (*change_name)(tensor_source *, const char *, const char *, failure *),
                         const char *base, const char *folder, failure *f) {
    for (int i = 0; i < d->part_count; i++) {
        part *p = &d->parts[i];
        if (!change_name(&p->input, base, folder, f)) return false;
        for (int k = 0; k < p->layer_count; k++) {
            if (!change_name(&p->weights[k], base, folder, f) || !change_name(&p->biases[k], base, folder, f) ||
                !change_name(&p->offsets[k], base, folder, f) || !change_name(&p->masks[k], base, folder, f)) {
                return false;
            }
        }
    }
    return true;
}

bool scene_free_names(document *d, const char *base, failure *f) {
    return change_names(d, free_name, base, NULL, f);
}

bool scene_save(const document *d, const char *base, const char *path, failure *f) {
    document copy;
    char folder[PATH_MAX], *text = NULL;
    if (!document_copy(&copy, d, f)) return false;
    scene_folder(path, folder, sizeof folder);
    file_sweep(path);
    bool ok = change_names(&copy, move_name, base, folder, f) && scene_text_write(&copy, &text, f) &&
              file_store(path, text, strlen(text), f);
    memory_free(text);
    document_destroy(&copy);
    return ok;
}

/* ---- one line: "convscope:" and base64url of the text, with a check sum ---- */

static const char line_prefix[] = "convscope:";
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* FNV-1a, 24 bits of it: notices an end that was cut off. */
static uint32_t check_sum(const unsigned char *data, size_t size) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ data[i]) * 16777619u;
    return (hash ^ hash >> 24) & 0xffffffu;
}

bool scene_line_write(const document *d, char **line, failure *f) {
    *line = NULL;
    char *text;
    if (!scene_text_write(d, &text, f)) return false;
    const size_t size = strlen(text), prefix = sizeof line_prefix - 1;
    unsigned char *data = memory_resize(NULL, size + 6, 1);
    char *out = memory_resize(NULL, prefix + (size + 3 + 2) / 3 * 4 + 1, 1);
    bool ok = data && out;
    if (ok) {
        const uint32_t sum = check_sum((const unsigned char *)text, size);
        for (int i = 0; i < 3; i++) data[i] = (unsigned char)(sum >> 8 * i);
        memcpy(data + 3, text, size);
        memset(data + 3 + size, 0, 3);
        memcpy(out, line_prefix, prefix);
        size_t at = prefix;
        for (size_t i = 0; i < size + 3; i += 3) {
            const uint32_t bits = (uint32_t)data[i] << 16 | (uint32_t)data[i + 1] << 8 | data[i + 2];
            const size_t wanted = size + 3 - i >= 3 ? 4 : size + 3 - i + 1;
            for (size_t k = 0; k < wanted; k++) out[at++] = letters[bits >> (18 - 6 * k) & 63];
        }
        out[at] = 0;
        *line = out;
    }
    memory_free(text);
    memory_free(data);
    if (!ok) memory_free(out);
    return ok || no_memory(f);
}

bool scene_line_looks(const char *text) {
    text += strspn(text, " \t\r\n");
    return strncmp(text, line_prefix, sizeof line_prefix - 1) == 0;
}

/* The bytes that the letters stand for; white space between them is skipped. */
static bool decode(const char *text, unsigned char *data, size_t *size, failure *f) {
    uint32_t bits = 0;
    int have = 0;
    *size = 0;
    for (const char *c = text; *c; c++) {
        if (strchr(" \t\r\n", *c)) continue;
        const char *letter = strchr(letters, *c);
        if (!letter) {
            char shown[2] = {*c, 0};
            return fail(f, N_("the line has a character that does not belong there: {0}"), "s",
                        (unsigned char)*c < 128 ? shown : "?");
        }
        bits = bits << 6 | (uint32_t)(letter - letters);
        have += 6;
        if (have >= 8) {
            have -= 8;
            data[(*size)++] = (unsigned char)(bits >> have);
        }
    }
    return true;
}

bool scene_line_read(const char *text, const char *base, document *d, failure *f) {
    document_init(d);
    if (!scene_line_looks(text)) return fail(f, N_("a scene in one line begins with \"{0}\""), "s", line_prefix);
    const char *body = strchr(text, ':') + 1;
    const size_t length = strlen(body);
    if (length > (size_t)SCENE_MAX_BYTES * 2)
        return fail(f, N_("a scene of more than {0} bytes is refused"), "d", (int64_t)SCENE_MAX_BYTES);
    unsigned char *data = memory_resize(NULL, length + 1, 1);
    if (!data) return no_memory(f);
    size_t size = 0;
    bool ok = decode(body, data, &size, f);
    if (ok) {
        const uint32_t sum = size >= 3 ? (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 : 0;
        ok = (size > 3 && check_sum(data + 3, size - 3) == sum) ||
             fail(f, N_("the line is not complete: copy all of it"), "");
    }
    if (ok) ok = scene_text_read((const char *)data + 3, size - 3, NULL, base, d, f);
    memory_free(data);
    return ok;
}
