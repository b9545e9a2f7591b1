/* Writes PDF by Cairo: vector shapes, text that can be selected, fonts embedded as subsets. The creation date is fixed,
 * so that the same pages give the same bytes. */
#ifndef SURFACE_PDF_H
#define SURFACE_PDF_H

#include "app/system/file.h"
#include "text.h"

typedef struct pdf_writer pdf_writer;

/* Begins a document; `out` stays the caller's. */
bool pdf_begin(pdf_writer **w, file_writer *out, const fonts *typefaces, failure *f);
/* Adds a page of the list's size times `scale`, a pixel as a point of 1/96 inch. */
bool pdf_page(pdf_writer *w, const display_list *l, double scale, failure *f);
bool pdf_end(pdf_writer *w, failure *f); /* writes what is left, and frees */
void pdf_abandon(pdf_writer *w);         /* frees only; NULL is allowed */

#endif
