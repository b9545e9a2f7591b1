/* Frames of an export: what they show, and a worker that draws them. */
#ifndef EXPORT_PAINTER_H
#define EXPORT_PAINTER_H

#include "app/figure/figure.h"
#include "app/surface/png.h"
#include "app/surface/raster.h"
#include "export.h"

/* The settings with everything decided; read by all workers. */
typedef struct export_plan {
    const export_settings *settings;
    export_format format;
    bool sequence; /* numbered files */
    bool sheet;    /* several steps in one picture */
    const fonts *typefaces;
    int threads;   /* workers */
    int64_t steps; /* of the whole scene */
    timeline time; /* of the steps that are shown */
    double fps;
    int64_t frame_first, frame_last; /* of this shard */
    float width, height;             /* of the figure, before cropping */
    double scale;
    box crop;                      /* what of the figure is shown: all of it, or what it covers */
    int pixel_width, pixel_height; /* even for videos */
    scene *recorded; /* what a view measures was measured on it, for all workers; NULL: nothing to measure */
} export_plan;

/* Its view shows times that are measured: one worker draws it, and the bytes differ from run to run. */
bool export_measures(const export_settings *s);

/* One worker's scene, lists and pixels. */
typedef struct painter {
    const export_plan *plan;
    conv_engine *engine;
    scene scene;
    bool open;
    display_list figure, list, before; /* a figure; the frame; the frame that `pixels` shows */
    raster *raster;
    png_encoder *png;
    raster_target target; /* pixels; owned */
    bool drawn;           /* `pixels` shows `before` */
    raster_box changed;   /* by the last painter_draw */
} painter;

/* Opens a zeroed painter; does nothing when it is open. */
bool painter_open(painter *p, const export_plan *plan, failure *f);
void painter_close(painter *p);

/* The figure at a moment, as it is before cropping. */
bool painter_figure(painter *p, moment m, failure *f);

/* The frame as a list: the moment, or with a sheet all its steps. In painter.list. */
bool painter_list(painter *p, moment m, failure *f);

/* The frame as pixels; only what differs from the last one is drawn again, with the bits of the whole. */
bool painter_draw(painter *p, moment m, failure *f);

/* What the k-th frame shows; a still shows the end of its last step. */
moment export_moment(const export_plan *plan, int64_t frame);
moment export_still(const export_plan *plan);

#endif
