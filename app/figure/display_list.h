/* A display list: what a figure or a panel looks like, as plain data. Figures write it; the window and every export
 * draw it.
 *
 * Coordinates are pixels of the picture at scale 1, x to the right, y down, as float. Items are drawn in order. Text is
 * always upright. Colours are final (the theme is an argument of the figure). */
#ifndef FIGURE_DISPLAY_LIST_H
#define FIGURE_DISPLAY_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct color {
    uint8_t r, g, b, a;
} color;
typedef struct point {
    float x, y;
} point;
typedef struct box {
    float x, y, width, height;
} box;

/* Faces: one typeface for words, a monospaced one for numbers and code. Chinese is taken from a CJK font in all of
 * them. */
typedef enum face { FACE_WORDS, FACE_WORDS_BOLD, FACE_MONO, FACE_MONO_BOLD, FACE_COUNT } face;
typedef enum anchor { ANCHOR_LEFT, ANCHOR_MIDDLE, ANCHOR_RIGHT } anchor;

/* What an item is, for pointing at it and for tests. Items of one thing share a tag. */
typedef enum tag_kind {
    TAG_NONE,
    TAG_CELL,    /* a tensor's element: role, part, layer, index */
    TAG_PADDING, /* a padding cell: role; position in x and y of the padded grid as index = row * 65536 + column, both
                    offset by 32768 */
    TAG_TENSOR,  /* a whole grid, its frame or label */
    TAG_CAPTION,
    TAG_LABEL,  /* words beside a figure */
    TAG_CONTROL /* the window's: id in index */
} tag_kind;

typedef enum role {
    ROLE_NONE,
    ROLE_INPUT,
    ROLE_WEIGHT,
    ROLE_OUTPUT,
    ROLE_BIAS,
    ROLE_OFFSET,
    ROLE_MASK,
    ROLE_COUNT
} role;

typedef struct tag {
    tag_kind kind;
    role role;
    int part;      /* which operation of a side-by-side document */
    int layer;     /* of a network */
    int64_t index; /* flat index in the tensor */
} tag;

typedef struct paint {
    color fill;      /* a = 0: none */
    color stroke;    /* a = 0: none */
    float width;     /* of the stroke */
    float dash, gap; /* 0: solid */
    color hatch;     /* diagonal lines over the fill; a = 0: none (negative values wear it) */
} paint;

typedef enum item_kind {
    ITEM_RECT,
    ITEM_POLYGON,
    ITEM_POLYLINE,
    ITEM_CIRCLE,
    ITEM_TEXT,
    ITEM_PICTURE,
    ITEM_CLIP,
    ITEM_UNCLIP
} item_kind;

typedef struct item {
    item_kind kind;
    tag tag;
    paint paint;  /* TEXT: fill is the text's colour */
    box box;      /* RECT, CLIP, PICTURE; TEXT: x, y = anchor point on the baseline, width and height = measured box */
    float radius; /* RECT: of the corners; CIRCLE: of the circle round box.x, box.y */
    size_t first, count; /* POLYGON, POLYLINE: points; TEXT: bytes of UTF-8 (count without the terminating zero);
                            PICTURE: pixels */
    face face;           /* TEXT */
    float size;          /* TEXT: the font's size in pixels */
    anchor anchor;       /* TEXT */
    int columns, rows;   /* PICTURE: its own size, first..: columns*rows RGBA pixels, not premultiplied */
    bool smooth;         /* PICTURE: bilinear; else hard cells */
} item;

typedef struct display_list {
    float width, height; /* the picture's size */
    color background;    /* a = 0: transparent */
    tag current;         /* given to every item added */
    item *items;
    size_t item_count, item_capacity;
    point *points;
    size_t point_count, point_capacity;
    char *text;
    size_t text_count, text_capacity;
    color *pixels;
    size_t pixel_count, pixel_capacity;
    bool failed; /* out of memory: the list is incomplete and must not be shown */
} display_list;

void display_list_clear(display_list *l, float width, float height,
                        color background); /* keeps the memory that it used */
void display_list_destroy(display_list *l);

void draw_rect(display_list *l, box b, float radius, paint p);
void draw_circle(display_list *l, point centre, float radius, paint p);
void draw_line(display_list *l, point from, point to, paint p);
void draw_polyline(display_list *l, const point *points, int count, paint p);
void draw_polygon(display_list *l, const point *points, int count, paint p);

struct fonts; /* app/surface/text.h */
/* Draws text with its anchor point on the baseline; measures it with `typefaces`. Returns its width. */
float draw_text(display_list *l, const struct fonts *typefaces, point at, anchor a, face f, float size, color c,
                const char *text);

/* Copies columns*rows pixels, stretched over the box. */
void draw_picture(display_list *l, box b, const color *pixels, int columns, int rows, bool smooth);
void draw_clip(display_list *l, box b); /* nests; each is ended by draw_unclip */
void draw_unclip(display_list *l);

/* The topmost item with a tag of that kind under a point (TAG_NONE: any tagged one), or NULL. */
const item *display_list_at(const display_list *l, point at, tag_kind kind);

/* Adds all items of another list, made `scale` times as large and then moved. Its background is not drawn. */
void draw_list(display_list *l, const display_list *from, point offset, float scale);

/* The box that an item covers, its stroke included. */
box item_bounds(const display_list *l, const item *i);

/* Item i of one list draws what item j of another does. */
bool item_equal(const display_list *a, const item *i, const display_list *b, const item *j);

/* Two lists draw the same picture (their tags may differ). */
bool display_list_equal(const display_list *a, const display_list *b);

#endif
