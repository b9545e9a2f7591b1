#include "subject.h"

#include "app/document/scene_text.h"
#include "app/system/memory.h"

#include <stdio.h>
#include <string.h>

/* The same to a reader, once the candidate has got what the options --view, --style, ... say. Takes the candidate. */
static bool is_same(const document *d, document *candidate) {
    char *ours = NULL, *theirs = NULL;
    if (d->view != VIEW_SLIDE) candidate->view = d->view;
    if (d->style == STYLE_ISOMETRIC) candidate->style = d->style;
    candidate->labels |= d->labels;
    candidate->blank_output |= d->blank_output;
    candidate->answers |= d->answers;
    bool same =
        scene_text_write(d, &ours, NULL) && scene_text_write(candidate, &theirs, NULL) && strcmp(ours, theirs) == 0;
    memory_free(ours);
    memory_free(theirs);
    document_destroy(candidate);
    return same;
}

static bool is_page(const document *d, const lesson *l, const char *lesson_name, export_subject *s) {
    document page;
    if (!l || !lesson_name || !d->lesson || strcmp(d->lesson, l->id) != 0) return false;
    if (d->page < 0 || d->page >= l->page_count || strlen(lesson_name) >= sizeof s->name) return false;
    if (!document_copy(&page, &l->pages[d->page].document, NULL) || !is_same(d, &page)) return false;
    snprintf(s->name, sizeof s->name, "%s", lesson_name);
    s->page = d->page + 1;
    return true;
}

static bool is_expression(const document *d, bool with_shape, export_subject *s) {
    const conv_shape any = {0}, *shape = &d->parts[0].input_shape;
    const char *text = d->parts[0].expression;
    document plain;
    if (d->part_count != 1 || !text || strlen(text) >= sizeof s->name || !strchr(text, '(')) return false;
    if (!document_from_expression(&plain, text, with_shape ? shape : &any, NULL) || !is_same(d, &plain)) return false;
    snprintf(s->name, sizeof s->name, "%s", text);
    size_t used = 0;
    for (int k = 0; with_shape && k < shape->rank; k++)
        used += (size_t)snprintf(s->input + used, sizeof s->input - used, "%s%lld", k ? "," : "",
                                 (long long)shape->size[k]);
    return true;
}

/* A file of a scene's folder is found from there only. */
static bool needs_folder(const document *d) {
    for (int k = 0; d->folder && k < d->part_count; k++) {
        const part *p = &d->parts[k];
        const tensor_source *all[] = {&p->input, p->weights, p->biases, p->offsets, p->masks};
        for (int i = 0; i < 5; i++)
            for (int n = 0; all[i] && n < (i == 0 ? 1 : p->layer_count); n++)
                if (all[i][n].kind == SOURCE_FILE || all[i][n].kind == SOURCE_PICTURE) return true;
    }
    return false;
}

static bool is_line(const document *d, export_subject *s, failure *f) {
    char *line = NULL;
    s->unsaved = true;
    snprintf(s->name, sizeof s->name, "./scene.yaml");
    if (needs_folder(d)) return true;
    if (!scene_line_write(d, &line, f)) return false;
    if (strlen(line) < sizeof s->name) {
        s->unsaved = false;
        snprintf(s->name, sizeof s->name, "%s", line);
    }
    memory_free(line);
    return true;
}

bool export_subject_find(const document *d, const lesson *l, const char *lesson_name, export_subject *s, failure *f) {
    *s = (export_subject){.page = 0};
    return is_page(d, l, lesson_name, s) || is_expression(d, false, s) || is_expression(d, true, s) || is_line(d, s, f);
}
