#include "scale.h"

#include <math.h>
#include <stdio.h>

static const float scales[] = {SCALE_LEAST, 0.9f, 1, 1.1f, 1.25f, 1.5f, 1.75f, 2, 2.5f, SCALE_MOST};
enum { SCALES = sizeof scales / sizeof *scales, FIRST = 2 /* 1 */ };

/* Points of a window whose panels are of the right size at 1, and the least that are to be left of a dense screen's. */
static const float full_width = 1920, full_height = 1080, least_width = 1240, least_height = 700;

/* Points to the inch that are read at an arm's length without being enlarged; what screens claim beyond sense is no
 * measure. */
static const float easy = 125, sparse = 60, dense = 600;

float scale_suggested(float width, float height, float per_inch) {
    float scale = fminf(width / full_width, height / full_height), best = scales[FIRST];
    if (per_inch >= sparse && per_inch <= dense)
        scale = fmaxf(scale, fminf(per_inch / easy, fminf(width / least_width, height / least_height)));
    for (int i = FIRST; i < SCALES; i++)
        if (scales[i] <= scale * 1.001f) best = scales[i];
    return best;
}

static float suggested(const window_state *w) {
    return scale_suggested((float)w->width / w->ratio, (float)w->height / w->ratio, w->per_inch);
}

float scale_now(const window_state *w) {
    return w->settings.scale > 0 ? w->settings.scale : suggested(w);
}

float scale_wished(const window_state *w) {
    return w->settings.scale > 0 ? w->settings.scale : 1;
}

void scale_step(window_state *w, int by) {
    const float now = scale_now(w);
    int at = 0;
    for (int i = 1; i < SCALES; i++)
        if (fabsf(scales[i] - now) < fabsf(scales[at] - now)) at = i;
    at += by;
    if (at < 0 || at >= SCALES) return;
    w->settings.scale = scales[at] == suggested(w) ? 0 : scales[at];
    char text[32];
    snprintf(text, sizeof text, "%d%%", (int)lroundf(100 * scales[at]));
    state_notice(w, false, text);
}
