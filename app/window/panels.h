/* The parts of the window. Each is called once in a pass: it draws into its region's list and acts on what the reader
 * did. */
#ifndef WINDOW_PANELS_H
#define WINDOW_PANELS_H

#include "state.h"

/* Sliders of the inspector (slider_rows.c): whether there is something to slide, and the row itself with its words. */
bool slider_rows_groups_fit(const window_state *w, int param);
void slider_rows_groups(window_state *w, box words, box track, int layer, int param);
bool slider_rows_slices_fit(const window_state *w);
void slider_rows_slices(window_state *w, box words, box track);

void panel_lessons(window_state *w);
void panel_expression(window_state *w);
void panel_tabs(window_state *w);
void panel_pages(window_state *w);
void panel_notes(window_state *w);
void panel_transport(window_state *w);
void panel_inspector(window_state *w);
void panel_prediction(window_state *w);                      /* over the stage */
float prediction_height(window_state *w, float stage_width); /* of the question card; 0: none */
void panel_presenting(window_state *w);                      /* pen, spotlight, blank */
void panel_popup(window_state *w);                           /* the open menu or dialog */
void panel_notice(window_state *w);                          /* the passing sentence, and tips */

void popup_open(window_state *w, popup_id p, box beside);
void popup_close(window_state *w);
void popup_card(window_state *w, box b); /* its shape, with a soft shadow */
/* A dialog's frame in the middle of the window; returns its inside. The close button answers in *close. */
box popup_dialog(window_state *w, const char *title, float width, float height, bool *close);

const char *theme_words(theme_id t); /* translatable */

void popup_menu(window_state *w);
void popup_help(window_state *w);
void popup_export(window_state *w);
void exporting_tick(window_state *w); /* takes note of an export that has ended, its dialog open or not */
void popup_files(window_state *w);

/* Panels begin so: their region's list is cleared and becomes the ui's. */
void panel_begin(window_state *w, region_id id, box b, color background);

#endif
