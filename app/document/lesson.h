/* Lessons: text files (YAML, UTF-8) that a teacher can copy, change and load. The format is documented in
 * assets/lessons/README.md. */
#ifndef DOCUMENT_LESSON_H
#define DOCUMENT_LESSON_H

#include "app/timeline/timeline.h"
#include "phrase.h"
#include "scene.h"

/* What predict-then-reveal asks on this lesson. The right answer and the wrong ones are computed by the engine, never
 * typed. */
typedef enum question_kind {
    QUESTION_NONE,
    QUESTION_SHAPE,      /* the output's shape, by number or A/B/C/D */
    QUESTION_VALUE,      /* the value of the output at step `step` */
    QUESTION_PARAMETERS, /* how many weights and biases */
    QUESTION_COST,       /* how many multiply-adds */
    QUESTION_FIELD,      /* size of the receptive field */
    QUESTION_OVERLAP     /* how many stamps land on an output cell */
} question_kind;

typedef struct question {
    question_kind kind;
    int64_t step;
    int page;   /* the page whose document is asked about, from 0 */
    int part;   /* of that document, from 0 */
    phrase ask; /* own words, or empty: the standard question */
} question;

typedef struct lesson_page {
    document document;     /* complete: what is not said on a page is taken from the page before it */
    phrase title, caption; /* with placeholders: see lesson_fill */
    phrase notes;          /* for the teacher */
    int line;              /* where the page begins in its file */
} lesson_page;

typedef struct lesson {
    char *id, *chapter; /* chapter: one of lesson_chapters */
    phrase title;
    phrase tries[2]; /* things to try */
    int try_count;
    phrase *references; /* text with an address */
    int reference_count;
    question question;
    lesson_page *pages;
    int page_count;
    char *path;
} lesson;

/* Reads one lesson. An error says in plain words what is wrong, with line and column. */
bool lesson_load(const char *path, lesson *l, failure *f);
void lesson_destroy(lesson *l);

/* Makes every page real, steps through it to the end and back, and fills every text in both languages. Says what is
 * wrong with it in plain words (in f->line the line of the text, or that where the page begins). */
bool lesson_check(const lesson *l, conv_engine *engine, failure *f);

/* The folder that a lesson's file names are taken from: the `base` for scene_open. */
void lesson_folder(const lesson *l, char *folder, size_t size);

/* All lessons of the assets folder in chapter order; the chapters and their order stand in
 * assets/lessons/chapters.yaml. */
typedef struct lesson_entry {
    char *id, *chapter, *path;
    phrase title, chapter_title;
    int pages;
} lesson_entry;
typedef struct lesson_list {
    lesson_entry *entries;
    int count;
} lesson_list;
bool lesson_list_load(const char *assets, lesson_list *list, failure *f);
void lesson_list_destroy(lesson_list *list);
const lesson_entry *lesson_list_find(const lesson_list *list, const char *id);

/* Fills a caption's placeholders ({out_h}, {macs}, {params}, {field}, {step}, {x[0,1]}, {y[0,0]}, ...) from the scene:
 * every number in a caption was read from the engine. Words between [[role|...]] wear the role's colour; that mark-up
 * stays in for the figure. */
bool lesson_fill(const char *text, scene *s, moment m, language l, char *out, int size, failure *f);

#endif
