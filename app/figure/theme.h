/* Themes: a colour is a role, the same everywhere. Tables of constants; a test computes the contrasts. */
#ifndef FIGURE_THEME_H
#define FIGURE_THEME_H

#include "display_list.h"

typedef enum theme_id { THEME_LIGHT, THEME_DARK, THEME_PRINT, THEME_CONTRAST, THEME_COUNT } theme_id;

/* Colours of a tensor's role: value 0 is `low`, the largest value `high`; text on either keeps 4.5:1. */
typedef struct role_colors {
    color low, high; /* cell fill by magnitude */
    color line;      /* grid lines */
    color ink;       /* labels in the role's colour, on the background */
    color strong;    /* frames, highlights */
} role_colors;

typedef struct theme {
    const char *name;                                                      /* "light" */
    color background, panel, panel_line, ink, ink_soft, ink_faint, accent; /* chrome is neutral */
    color control, control_hover, control_active, focus;
    role_colors roles[ROLE_COUNT];
    color negative_low, negative_high, negative_hatch; /* the one second hue, for all roles */
    color padding_line, padding_ink;
    color highlight; /* the outline of the current cell */
    color warning, good;
} theme;

const theme *theme_get(theme_id id);
bool theme_find(const char *name, theme_id *id);

/* Fill and hatch of a cell of that role with `value`, in a tensor whose largest magnitude is `scale`; and the ink for
 * its number. */
/* NaN (nothing written yet) is an empty cell. The ink is the theme's: the ramps are chosen so that it keeps 4.5:1 on
 * all of them. */
paint theme_cell(const theme *t, role r, float value, float scale, color *ink);

/* Perceptually uniform scale for pictured tensors (heat maps), u in [0, 1]. */
color theme_heat(float u);

/* Between two colours, u in [0, 1], straight in sRGB. */
color color_mix(color a, color b, float u);

/* WCAG contrast ratio of two opaque colours. */
double color_contrast(color a, color b);

/* A cell that nothing reads: pale, hatched in a neutral colour (a negative value's hatch has its own hue), and the ink
 * for its number. */
paint theme_unread(const theme *t, role r, color *ink);

/* The ink on a strong ground: the theme's own or that of its panels, whichever can be read better. */
color theme_on(const theme *t, color ground);

/* The least of it for full sight, deuteranopia and protanopia. */
double color_contrast_for_all(color a, color b);

/* The wanted ink, as far towards the theme's own as it must go to keep 4.5:1 on that ground and on the hatch that lies
 * on it (alpha 0: none), for everyone: small figures in a role's colour on another role's cell. The ground is one of
 * the theme's cells, or paler. */
color theme_ink_on(const theme *t, color wanted, color ground, color hatch);

#endif
