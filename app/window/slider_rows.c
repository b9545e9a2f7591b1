/* Sliders of the inspector: groups from standard to depthwise, and the slices of a volume from one block to apart. */
#include "panels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS_MOST = 256 };

/* The numbers of groups that the layer's channels can be split into: what divides both counts. Of very many, those in
 * the middle are left out. */
static int legal_groups(const conv_layout *l, int64_t *groups) {
    int64_t common = l->in_channels;
    for (int64_t b = l->out_channels; b > 0;) {
        int64_t rest = common % b;
        common = b;
        b = rest;
    }
    int count = 0;
    for (int64_t g = 1; g <= common / g && count < GROUPS_MOST / 2; g++)
        if (common % g == 0) groups[count++] = g;
    for (int i = count - 1; i >= 0; i--)
        if (common / groups[i] > groups[count - 1]) groups[count++] = common / groups[i];
    return count;
}

bool slider_rows_groups_fit(const window_state *w, int param) {
    int64_t groups[GROUPS_MOST];
    const conv_layout *l = w->scene.parts[0].layout;
    return strcmp(l->spec.op->params[param].name, "groups") == 0 && legal_groups(l, groups) > 1;
}

static void end_words(window_state *w, box b, const char *left, const char *right) {
    ui *u = &w->ui;
    u->list->current = (tag){.kind = TAG_LABEL};
    ui_text(u, b, ANCHOR_LEFT, FACE_WORDS, ui_px(u, 11.5f), u->theme->ink_soft, left);
    ui_text(u, b, ANCHOR_RIGHT, FACE_WORDS, ui_px(u, 11.5f), u->theme->ink_soft, right);
    u->list->current = (tag){0};
}

void slider_rows_groups(window_state *w, box words, box track, int layer, int param) {
    ui *u = &w->ui;
    int64_t groups[GROUPS_MOST];
    const conv_layout *l = w->scene.parts[0].layout;
    const int count = legal_groups(l, groups);
    int at = 0;
    while (at + 1 < count && groups[at] < l->spec.groups) at++;
    double value = (double)at / (double)(count - 1);
    int to = at;
    if (u->focus == ui_hash("slider.groups")) to += ui_key(u, KEY_UP, 0) - ui_key(u, KEY_DOWN, 0);
    if (ui_slider(u, "slider.groups", track, &value, count - 1, true)) /* on every pass, or it loses the focus */
        to = (int)lround(value * (double)(count - 1));
    end_words(w, words, say(w, N_("standard")),
              count > 0 && groups[count - 1] == l->in_channels ? say(w, N_("depthwise")) : "");
    if (to == at || to < 0 || to >= count) return;
    change c = {.kind = CHANGE_PARAMETER, .layer = layer, .number = param, .together = UINT64_MAX - 3};
    c.value = (conv_value){.kind = CONV_VALUE_INT,
                           .scalar = {.kind = CONV_VALUE_INT, .integer = groups[to], .real = (double)groups[to]}};
    state_change(w, &c, NULL);
    u->again = true;
}

bool slider_rows_slices_fit(const window_state *w) {
    const document *d = &w->history.document;
    return w->scene.parts[0].layout->dims == 3 && d->style == STYLE_ISOMETRIC && d->view == VIEW_SLIDE;
}

void slider_rows_slices(window_state *w, box words, box track) {
    ui *u = &w->ui;
    const int64_t closed = state_document(w)->slices_closed;
    double value = 1 - (double)closed / 100;
    end_words(w, words, say(w, N_("slices together")), say(w, N_("apart")));
    if (!ui_slider(u, "slider.slices", track, &value, 0, true)) return;
    change c = {.kind = CHANGE_SLICES, .number = 100 - llround(value * 100), .together = UINT64_MAX - 4};
    if (c.number == closed) return;
    state_change(w, &c, NULL);
    u->again = true;
}
