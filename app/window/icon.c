/* Icons as strokes and polygons in a 24 x 24 square, so that they are sharp at every scale. */
#include "ui.h"
#include <math.h>

enum { MAX_POINTS = 8, MAX_STROKES = 6 };

typedef struct stroke {
    int count;
    bool filled, closed;
    float at[MAX_POINTS][2];
} stroke;

typedef struct drawing {
    int count;
    stroke strokes[MAX_STROKES];
} drawing;

static const drawing drawings[] = {
    [ICON_PLAY] = {1, {{3, true, true, {{8, 5}, {19, 12}, {8, 19}}}}},
    [ICON_PAUSE] = {2,
                    {{4, true, true, {{7, 5}, {10.4f, 5}, {10.4f, 19}, {7, 19}}},
                     {4, true, true, {{13.6f, 5}, {17, 5}, {17, 19}, {13.6f, 19}}}}},
    [ICON_STEP] = {2,
                   {{3, true, true, {{6, 6}, {14, 12}, {6, 18}}},
                    {4, true, true, {{16, 6}, {18, 6}, {18, 18}, {16, 18}}}}},
    [ICON_BACK] = {2,
                   {{3, true, true, {{18, 6}, {10, 12}, {18, 18}}},
                    {4, true, true, {{8, 6}, {6, 6}, {6, 18}, {8, 18}}}}},
    [ICON_START] = {3,
                    {{3, false, false, {{19, 6}, {13, 12}, {19, 18}}},
                     {3, false, false, {{13, 6}, {7, 12}, {13, 18}}},
                     {2, false, false, {{4.5f, 6}, {4.5f, 18}}}}},
    [ICON_END] = {3,
                  {{3, false, false, {{5, 6}, {11, 12}, {5, 18}}},
                   {3, false, false, {{11, 6}, {17, 12}, {11, 18}}},
                   {2, false, false, {{19.5f, 6}, {19.5f, 18}}}}},
    [ICON_LOOP] = {4,
                   {{4, false, false, {{4, 11}, {4, 7}, {19, 7}, {19, 7}}},
                    {3, false, false, {{16, 4}, {19, 7}, {16, 10}}},
                    {4, false, false, {{20, 13}, {20, 17}, {5, 17}, {5, 17}}},
                    {3, false, false, {{8, 14}, {5, 17}, {8, 20}}}}},
    [ICON_PLUS] = {2, {{2, false, false, {{12, 6}, {12, 18}}}, {2, false, false, {{6, 12}, {18, 12}}}}},
    [ICON_MINUS] = {1, {{2, false, false, {{6, 12}, {18, 12}}}}},
    [ICON_MENU] = {3,
                   {{2, false, false, {{5, 7}, {19, 7}}},
                    {2, false, false, {{5, 12}, {19, 12}}},
                    {2, false, false, {{5, 17}, {19, 17}}}}},
    [ICON_CLOSE] = {2, {{2, false, false, {{6, 6}, {18, 18}}}, {2, false, false, {{18, 6}, {6, 18}}}}},
    [ICON_LEFT] = {1, {{3, false, false, {{14.5f, 6}, {8.5f, 12}, {14.5f, 18}}}}},
    [ICON_RIGHT] = {1, {{3, false, false, {{9.5f, 6}, {15.5f, 12}, {9.5f, 18}}}}},
    [ICON_DOWN] = {1, {{3, false, false, {{7, 10}, {12, 15}, {17, 10}}}}},
    [ICON_PANEL_LEFT] = {2,
                         {{4, false, true, {{4, 5}, {20, 5}, {20, 19}, {4, 19}}},
                          {2, false, false, {{9.5f, 5}, {9.5f, 19}}}}},
    [ICON_PANEL_RIGHT] = {2,
                          {{4, false, true, {{4, 5}, {20, 5}, {20, 19}, {4, 19}}},
                           {2, false, false, {{14.5f, 5}, {14.5f, 19}}}}},
    [ICON_SEARCH] = {1, {{2, false, false, {{14.8f, 14.8f}, {20, 20}}}}},
    [ICON_SCREEN] = {3,
                     {{4, false, true, {{3.5f, 5}, {20.5f, 5}, {20.5f, 16}, {3.5f, 16}}},
                      {2, false, false, {{12, 16}, {12, 20}}},
                      {2, false, false, {{8, 20}, {16, 20}}}}},
    [ICON_CHECK] = {1, {{3, false, false, {{5, 12.5f}, {10, 17.5f}, {19, 7}}}}},
    [ICON_CUBE] = {2,
                   {{6, false, true, {{12, 3.5f}, {20, 8}, {20, 16}, {12, 20.5f}, {4, 16}, {4, 8}}},
                    {5, false, false, {{4, 8}, {12, 12.5f}, {20, 8}, {12, 12.5f}, {12, 20.5f}}}}},
    [ICON_GRID] = {3,
                   {{4, false, true, {{4.5f, 4.5f}, {19.5f, 4.5f}, {19.5f, 19.5f}, {4.5f, 19.5f}}},
                    {2, false, false, {{4.5f, 12}, {19.5f, 12}}},
                    {2, false, false, {{12, 4.5f}, {12, 19.5f}}}}},
    [ICON_EYE] = {1,
                  {{8,
                    false,
                    true,
                    {{3, 12}, {7, 7.8f}, {12, 6.2f}, {17, 7.8f}, {21, 12}, {17, 16.2f}, {12, 17.8f}, {7, 16.2f}}}}},
};

void ui_icon(ui *u, icon i, box b, color c) {
    if (i == ICON_HELP) {
        ui_text(u, b, ANCHOR_MIDDLE, FACE_WORDS_BOLD, b.height * 0.68f, c, "?");
        return;
    }
    if (i <= ICON_NONE || i >= (icon)(sizeof drawings / sizeof *drawings)) return;
    float unit = fminf(b.width, b.height) / 24, left = b.x + (b.width - 24 * unit) / 2,
          top = b.y + (b.height - 24 * unit) / 2;
    float width = fmaxf(1.2f, 1.7f * unit);
    const drawing *d = &drawings[i];
    for (int s = 0; s < d->count; s++) {
        const stroke *line = &d->strokes[s];
        point points[MAX_POINTS];
        for (int k = 0; k < line->count; k++)
            points[k] = (point){left + line->at[k][0] * unit, top + line->at[k][1] * unit};
        if (line->filled)
            draw_polygon(u->list, points, line->count, paint_fill(c));
        else if (line->closed)
            draw_polygon(u->list, points, line->count, paint_line(c, width));
        else
            draw_polyline(u->list, points, line->count, paint_line(c, width));
    }
    if (i == ICON_EYE) draw_circle(u->list, (point){left + 12 * unit, top + 12 * unit}, 2.6f * unit, paint_fill(c));
    if (i == ICON_SEARCH)
        draw_circle(u->list, (point){left + 10.5f * unit, top + 10.5f * unit}, 6 * unit, paint_line(c, width));
}
