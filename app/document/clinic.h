/* The bug clinic (assets/clinic.yaml): code that PyTorch refuses, what our engine says to it, why, and the code mended.
 */
#ifndef DOCUMENT_CLINIC_H
#define DOCUMENT_CLINIC_H

#include "lesson.h"

typedef struct clinic_case {
    char *id;
    phrase title;
    char *code;       /* the constructor as it was typed */
    char *pytorch;    /* what PyTorch 1.13 says to it, to the letter (tests/golden/clinic.py compares) */
    conv_shape input; /* the shape it is given */
    phrase why;       /* the explanation, with placeholders filled from the mended scene */
    document mended;  /* works */
} clinic_case;

typedef struct clinic {
    clinic_case *cases;
    int count;
} clinic;

bool clinic_load(const char *assets, clinic *c, failure *f);
void clinic_destroy(clinic *c);

/* What our program says to the broken code: from the constructor or from the shapes. False when it has nothing against
 * it. */
bool clinic_refusal(const clinic_case *c, failure *refusal);

#endif
