/* Rectangles, polygons, circles and lines. */
#include "raster_state.h"

#include "app/system/memory.h"

#include <math.h>

static source solid(color c) {
    return (source){premultiplied(c), NULL, 0};
}

static source hatched(const raster *r, color c, int x, int y) {
    return (source){premultiplied(c), &r->hatch, x + y};
}

static void fill_box(const raster *r, raster_box b, const source *s) {
    b = raster_clip(b, r->clip);
    if (b.right == b.left) return;
    for (int y = b.top; y < b.bottom; y++) raster_blend(r, b.left, y, b.right - b.left, NULL, s);
}

static void add_point(raster *r, float x, float y) {
    if (!memory_reserve(&r->path, &r->path_capacity, r->path_count + 1, sizeof *r->path)) {
        r->failed = true;
        return;
    }
    r->path[r->path_count++] = (point){x, y};
}

/* Ends a piece of the path: a point that is no number. */
static void end_piece(raster *r) {
    add_point(r, NAN, NAN);
}

/* Fills the pieces of the path. Pieces that turn the other way are holes. */
static void fill_path(raster *r, const source *sources, int count) {
    if (r->failed || r->path_count == 0) return;
    float left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (size_t k = 0; k < r->path_count; k++) {
        left = fminf(left, r->path[k].x); /* fmin passes over NaN */
        right = fmaxf(right, r->path[k].x);
        top = fminf(top, r->path[k].y);
        bottom = fmaxf(bottom, r->path[k].y);
    }
    if (!(left <= right && top <= bottom)) return; /* no point is a number */
    raster_box b = {raster_whole(floorf(left)), raster_whole(floorf(top)), raster_whole(ceilf(right)) + 1,
                    raster_whole(ceilf(bottom)) + 1};
    b = raster_clip(b, r->clip);
    if (b.right <= b.left) return;
    coverage *c = &r->cover;
    for (int band = b.top; band < b.bottom; band += COVERAGE_BAND) {
        coverage_begin(c, b.left, band, b.right, b.bottom);
        size_t begin = 0;
        for (size_t k = 0; k < r->path_count; k++) {
            if (!isnan(r->path[k].x)) {
                if (k > begin) coverage_edge(c, r->path[k - 1], r->path[k]);
                continue;
            }
            if (k > begin) coverage_edge(c, r->path[k - 1], r->path[begin]);
            begin = k + 1;
        }
        for (int row = 0; row < c->bottom - c->top; row++) {
            int x, columns = coverage_take(c, row, &x, r->row);
            for (int s = 0; s < count && columns > 0; s++)
                raster_blend(r, x, c->top + row, columns, r->row, &sources[s]);
        }
    }
}

/* A convex piece, turned to the positive side, so that pieces that overlap add up and don't cancel. */
static void add_convex(raster *r, const point *p, int count) {
    float area = 0;
    for (int k = 0; k < count; k++) {
        point a = p[k], b = p[(k + 1) % count];
        area += a.x * b.y - a.y * b.x;
    }
    for (int k = 0; k < count; k++) {
        point q = p[area < 0 ? count - 1 - k : k];
        add_point(r, q.x, q.y);
    }
    end_piece(r);
}

static void add_segment(raster *r, point a, point b, float half) {
    float dx = b.x - a.x, dy = b.y - a.y, length = hypotf(dx, dy);
    if (length < 1e-6f) return;
    float nx = -dy / length * half, ny = dx / length * half;
    add_convex(r, (point[4]){{a.x + nx, a.y + ny}, {b.x + nx, b.y + ny}, {b.x - nx, b.y - ny}, {a.x - nx, a.y - ny}},
               4);
}

/* The corner at b between the lines from a and to c: mitred, or cut off where the tip would be too far out. */
static void add_corner(raster *r, point a, point b, point c, float half) {
    float ux = b.x - a.x, uy = b.y - a.y, vx = c.x - b.x, vy = c.y - b.y;
    float u = hypotf(ux, uy), v = hypotf(vx, vy);
    if (u < 1e-6f || v < 1e-6f) return;
    ux /= u, uy /= u, vx /= v, vy /= v;
    float side = ux * vy - uy * vx > 0 ? -half : half; /* the outer side */
    point p = {b.x - uy * side, b.y + ux * side}, q = {b.x - vy * side, b.y + vx * side};
    float cosine = ux * vx + uy * vy;
    const float limit = 4;
    if (2 / (1 + cosine) > limit * limit || cosine < -0.99f) {
        add_convex(r, (point[3]){b, p, q}, 3);
        return;
    }
    float t = side / (1 + cosine); /* the tip: b + (n_u + n_v) / (1 + cos) */
    add_convex(r, (point[4]){b, p, {b.x - (uy + vy) * t, b.y + (ux + vx) * t}, q}, 4);
}

static void add_dashes(raster *r, const point *p, size_t count, bool closed, float half, float dash, float gap) {
    float at = 0; /* place in the pattern */
    for (size_t k = 0; k + 1 < count + (closed ? 1 : 0); k++) {
        point a = p[k], b = p[(k + 1) % count];
        float length = hypotf(b.x - a.x, b.y - a.y), done = 0;
        if (length < 1e-6f || length / (dash + gap) > 1e5f) continue;
        while (done < length) {
            float left = at < dash ? dash - at : dash + gap - at, step = fminf(left, length - done);
            if (at < dash) {
                float s = done / length, t = (done + step) / length;
                add_segment(r, (point){a.x + (b.x - a.x) * s, a.y + (b.y - a.y) * s},
                            (point){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t}, half);
            }
            done += step;
            at = step < left ? at + step : at < dash ? dash : 0;
        }
    }
}

/* Strokes the points already in device pixels; a stroke thinner than a pixel is a fainter one of a pixel. */
static void stroke_points(raster *r, const point *p, size_t count, bool closed, const paint *look) {
    float width = look->width * r->scale;
    color c = look->stroke;
    if (width < 1) {
        c.a = (uint8_t)lrintf((float)c.a * width);
        width = 1;
    }
    float half = 0.5f * width;
    source s = solid(c);
    const bool dashed = look->dash > 0 && look->gap > 0;
    if (count == 2 && !closed && (p[0].x == p[1].x || p[0].y == p[1].y)) {
        raster_straight(r, p[0], p[1], width, dashed ? look->dash * r->scale : 0, dashed ? look->gap * r->scale : 0,
                        &s);
        return;
    }
    r->path_count = 0;
    if (dashed) {
        add_dashes(r, p, count, closed, half, look->dash * r->scale, look->gap * r->scale);
    } else {
        for (size_t k = 0; k + 1 < count + (closed ? 1 : 0); k++) add_segment(r, p[k], p[(k + 1) % count], half);
        for (size_t k = closed ? 0 : 1; k + (closed ? 0 : 1) < count; k++)
            add_corner(r, p[(k + count - 1) % count], p[k], p[(k + 1) % count], half);
    }
    fill_path(r, &s, 1);
}

/* A quarter of a circle from angle quarter * 90 degrees on, at least as fine as a tenth of a pixel. */
static void add_arc(raster *r, float x, float y, float radius, int quarter, bool backwards) {
    int steps = (int)ceilf(0.25f * 3.14159265f / acosf(1 - fminf(0.5f, 0.1f / fmaxf(0.2f, fminf(1e4f, radius)))));
    if (steps < 2) steps = 2;
    for (int k = 0; k <= steps; k++) {
        float t = (float)(backwards ? steps - k : k) / (float)steps;
        float angle = ((float)quarter + t) * 1.57079633f;
        add_point(r, x + radius * cosf(angle), y + radius * sinf(angle));
    }
}

static void add_rounded(raster *r, float left, float top, float right, float bottom, float radius, bool backwards) {
    if (right <= left || bottom <= top) return;
    radius = fmaxf(0, fminf(radius, 0.5f * fminf(right - left, bottom - top)));
    const float x[4] = {right - radius, left + radius, left + radius, right - radius};
    const float y[4] = {bottom - radius, bottom - radius, top + radius, top + radius};
    for (int k = 0; k < 4; k++) {
        int corner = backwards ? 3 - k : k;
        if (radius > 0)
            add_arc(r, x[corner], y[corner], radius, corner, backwards);
        else
            add_point(r, x[corner], y[corner]);
    }
    end_piece(r);
}

/* Where the line along an edge lies: whole pixels, the same for the two cells that share the edge. */
static int band_start(float edge, int width) {
    return (int)lrintf(edge - 0.5f * (float)width);
}

/* A dashed side; the pattern is stretched so that each corner lies in the middle of a dash. */
static void dash_side(raster *r, raster_box side, bool down, const paint *look, const source *s) {
    int length = down ? side.bottom - side.top : side.right - side.left;
    float period = (look->dash + look->gap) * r->scale, share = look->dash / (look->dash + look->gap);
    float count = fmaxf(1, rintf((float)length / period));
    if (count > (float)length) return fill_box(r, side, s);
    period = (float)length / count;
    for (int k = 0; k <= (int)count; k++) {
        int from = (int)lrintf(((float)k - 0.5f * share) * period),
            to = (int)lrintf(((float)k + 0.5f * share) * period);
        from = from < 0 ? 0 : from;
        to = to > length ? length : to;
        raster_box b = down ? (raster_box){side.left, side.top + from, side.right, side.top + to}
                            : (raster_box){side.left + from, side.top, side.left + to, side.bottom};
        if (to > from) fill_box(r, b, s);
    }
}

void raster_rect(raster *r, const item *i) {
    float x0 = i->box.x * r->scale, y0 = i->box.y * r->scale;
    float x1 = (i->box.x + i->box.width) * r->scale, y1 = (i->box.y + i->box.height) * r->scale;
    if (!(fabsf(x0) < 1e7f && fabsf(y0) < 1e7f && fabsf(x1) < 1e7f && fabsf(y1) < 1e7f)) return;
    raster_box b = {(int)lrintf(x0), (int)lrintf(y0), (int)lrintf(x1), (int)lrintf(y1)};
    const paint *look = &i->paint;
    float radius = i->radius * r->scale;
    source fills[2];
    int count = 0;
    if (look->fill.a) fills[count++] = solid(look->fill);
    if (look->hatch.a) fills[count++] = hatched(r, look->hatch, b.left, b.top);
    if (radius > 0 && count > 0) {
        r->path_count = 0;
        add_rounded(r, (float)b.left, (float)b.top, (float)b.right, (float)b.bottom, radius, false);
        fill_path(r, fills, count);
    } else {
        for (int k = 0; k < count; k++) fill_box(r, b, &fills[k]);
    }
    if (look->stroke.a == 0 || look->width <= 0) return;
    float exact = fminf(1e6f, look->width * r->scale);
    color c = look->stroke;
    if (exact < 1) c.a = (uint8_t)lrintf((float)c.a * exact);
    int width = exact < 1 ? 1 : (int)lrintf(exact);
    source s = solid(c);
    raster_box outer = {band_start(x0, width), band_start(y0, width), band_start(x1, width) + width,
                        band_start(y1, width) + width};
    raster_box inner = {outer.left + width, outer.top + width, outer.right - width, outer.bottom - width};
    bool dashed = look->dash > 0 && look->gap > 0;
    if (radius > 0 && !dashed) {
        float half = 0.5f * (float)width;
        r->path_count = 0;
        add_rounded(r, (float)outer.left, (float)outer.top, (float)outer.right, (float)outer.bottom, radius + half,
                    false);
        add_rounded(r, (float)inner.left, (float)inner.top, (float)inner.right, (float)inner.bottom, radius - half,
                    true);
        fill_path(r, &s, 1);
        return;
    }
    if (inner.right <= inner.left || inner.bottom <= inner.top) return fill_box(r, outer, &s);
    raster_box sides[4] = {{outer.left, outer.top, outer.right, inner.top},
                           {outer.left, inner.bottom, outer.right, outer.bottom},
                           {outer.left, inner.top, inner.left, inner.bottom},
                           {inner.right, inner.top, outer.right, inner.bottom}};
    for (int k = 0; k < 4; k++) {
        if (dashed)
            dash_side(r, sides[k], k >= 2, look, &s);
        else
            fill_box(r, sides[k], &s);
    }
}

static void draw_disc(raster *r, const item *i) {
    float x = i->box.x * r->scale, y = i->box.y * r->scale, radius = i->radius * r->scale;
    const paint *look = &i->paint;
    if (look->fill.a) {
        r->path_count = 0;
        add_rounded(r, x - radius, y - radius, x + radius, y + radius, radius, false);
        source s[2] = {solid(look->fill), hatched(r, look->hatch, raster_whole(x - radius), raster_whole(y - radius))};
        fill_path(r, s, look->hatch.a ? 2 : 1);
    }
    if (look->stroke.a == 0 || look->width <= 0) return;
    if (look->dash > 0 && look->gap > 0) {
        r->path_count = 0;
        add_rounded(r, x - radius, y - radius, x + radius, y + radius, radius, false);
        if (r->failed) return;
        size_t count = r->path_count - 1;
        point *circle = memory_resize(NULL, count, sizeof *circle);
        if (!circle) {
            r->failed = true;
            return;
        }
        for (size_t k = 0; k < count; k++) circle[k] = r->path[k];
        stroke_points(r, circle, count, true, look);
        memory_free(circle);
        return;
    }
    float half = 0.5f * fmaxf(1, look->width * r->scale);
    r->path_count = 0;
    add_rounded(r, x - radius - half, y - radius - half, x + radius + half, y + radius + half, radius + half, false);
    add_rounded(r, x - radius + half, y - radius + half, x + radius - half, y + radius - half, radius - half, true);
    source s = solid(look->stroke);
    fill_path(r, &s, 1);
}

void raster_shape(raster *r, const display_list *l, const item *i) {
    if (i->kind == ITEM_CIRCLE) {
        draw_disc(r, i);
        return;
    }
    const paint *look = &i->paint;
    point few[64], *p = few;
    if (i->count > 64) p = memory_resize(NULL, i->count, sizeof *p);
    if (!p) {
        r->failed = true;
        return;
    }
    float left = INFINITY, top = INFINITY;
    for (size_t k = 0; k < i->count; k++) {
        p[k] = (point){l->points[i->first + k].x * r->scale, l->points[i->first + k].y * r->scale};
        left = fminf(left, p[k].x);
        top = fminf(top, p[k].y);
    }
    if (fabsf(left) < 1e7f && fabsf(top) < 1e7f) {
        source fills[2];
        int count = 0;
        if (look->fill.a) fills[count++] = solid(look->fill);
        if (look->hatch.a) fills[count++] = hatched(r, look->hatch, (int)lrintf(left), (int)lrintf(top));
        if (count > 0) {
            r->path_count = 0;
            for (size_t k = 0; k < i->count; k++) add_point(r, p[k].x, p[k].y);
            end_piece(r);
            fill_path(r, fills, count);
        }
        if (look->stroke.a && look->width > 0) stroke_points(r, p, i->count, i->kind == ITEM_POLYGON, look);
    }
    if (p != few) memory_free(p);
}
