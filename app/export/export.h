/* Export: figures of a document as files. The render command and the window's dialog both fill these settings. */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include "app/surface/text.h"
#include "subject.h"

typedef enum export_format {
    EXPORT_PNG,
    EXPORT_SVG,
    EXPORT_PDF,
    EXPORT_GIF,
    EXPORT_MP4,
    EXPORT_WEBM,
    EXPORT_FORMATS
} export_format;

enum { EXPORT_MOST_PIXELS = 16384, EXPORT_MOST_AREA = 1 << 27, EXPORT_MOST_FRAMES = 10000, EXPORT_MOST_SHEET = 64 };

typedef struct export_settings {
    const document *document; /* style, view, labels, worksheet and tensors stand in it */
    const char *base;         /* as in scene_open */
    const char *output;       /* "frames/%04d.png" is a sequence */
    bool format_given;        /* else the extension decides; a device or a pipe without one gets PNG */
    export_format format;
    language language;
    theme_id theme;
    int width, height; /* of the picture; both 0: 1280x720 (GIF: 640x480) */
    double scale;      /* device pixels for each of these; 0: 1 */
    double fps;        /* 0: 30 (GIF: 20) */
    double step_time;  /* seconds of an ordinary step; 0: chosen */
    bool steps_given;
    int64_t first, last; /* half-open; with steps_from_end counted as Python does: negative from the end */
    bool first_given, last_given;
    bool transparent, no_caption, crop, reduced_motion;
    int sheet[2];           /* columns and rows of a contact sheet; 0: none */
    int shard[2];           /* part K, from 1, of N of a sequence; 0: all */
    int threads;            /* 0: the cores this process may use */
    const fonts *typefaces; /* NULL: opened for this */
    /* Called on the calling thread now and then; false stops: then nothing half-written is left. NULL: none. */
    bool (*progress)(void *context, int64_t done, int64_t total);
    void *progress_context;
} export_settings;

/* The format of the output, and whether it is a numbered sequence. */
bool export_format_of(const export_settings *s, export_format *format, bool *sequence, failure *f);
bool export_is_animation(const export_settings *s);   /* a sequence, GIF or video */
const char *export_format_name(export_format format); /* "png" */

/* Does all of it. Blocks; safe to call on a thread of its own. */
bool export_run(const export_settings *s, failure *f);

/* The command line that does the same, "convscope render 'nn.Conv2d(...)' -o out.gif --size 640x480". Returns the
 * length it needs, like snprintf. */
int export_command(const export_settings *s, const export_subject *subject, char *text, int size);

#endif
