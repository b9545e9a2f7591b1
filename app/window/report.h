/* What the window shows, as JSON for tests: convscope open ... --state FILE. The file is rewritten, in one step,
 * whenever it changes.
 *
 * {"lesson": "conv2d" or null, "page": 0, "pages": 4, "expression": "...", "view": "slide", "style": "flat", "step": 5,
 * "steps": 9, "first": 0, "last": 9, "progress": 0.5 (only while paused), "playing": true, "speed": 1, "loop": false,
 * "language": "en", "theme": "light", "scale": 1, "width": 1440, "height": 900, "presenting": false, "blank": false,
 * "curtain": false, "spotlight": false, "pen": false, "ink": 0, "notes": false, "labels": false, "reduced_motion":
 * false, "popup": "none", "focus": "transport.play" or null, "focus_seen": true, "editing": "text" or null, "hover":
 * {"role", "index"} or null, "pinned_output": -1, "pinned_input": -1, "zoom": 1, "undo": 2, "redo": 0, "notice": "",
 * "error": "", "refusal": "", "predict": {...} or null, "input_shape": [..], "output_shape": [..], "input": [..],
 * "weight": [..], "output": [..] (what is written so far, null where nothing is; at most 256 numbers each), "controls":
 * [{"name", "x", "y", "width", "height", "enabled", "focusable"}]} */
#ifndef WINDOW_REPORT_H
#define WINDOW_REPORT_H

#include "state.h"

/* The text; the caller frees it (memory_free). NULL: out of memory. */
char *report_text(window_state *w);

#endif
