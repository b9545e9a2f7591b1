/* What an export's command line names the document by, so that `convscope render` reads the same document. */
#ifndef EXPORT_SUBJECT_H
#define EXPORT_SUBJECT_H

#include "app/document/lesson.h"

enum { EXPORT_SUBJECT_SIZE = 1600 };

typedef struct export_subject {
    char name[EXPORT_SUBJECT_SIZE]; /* a lesson's id, an expression, a scene in one line or a file, as typed */
    char input[128];                /* the value of --input; "" for none */
    int page;                       /* of the lesson, from 1; 0: it is none */
    bool unsaved; /* no short name says all of it: the scene must be saved first, as the file that `name` says */
} export_subject;

/* `l`, the lesson that the document may be a page of, is called `lesson_name` (id or path); both may be NULL. False:
 * out of memory. */
bool export_subject_find(const document *d, const lesson *l, const char *lesson_name, export_subject *s, failure *f);

#endif
