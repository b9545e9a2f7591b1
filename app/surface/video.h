/* Writes MP4 (H.264) and WebM (VP9) by piping raw frames to an `ffmpeg` child process, started without a shell. Encoder
 * threads are fixed and muxing is bit-exact: the same frames and the same ffmpeg give the same bytes. */
#ifndef SURFACE_VIDEO_H
#define SURFACE_VIDEO_H

#include "app/system/file.h"
#include "raster.h"

typedef enum video_format { VIDEO_MP4, VIDEO_WEBM } video_format;

typedef struct video_writer video_writer;

/* Starts the encoder; the file goes to `out`, which stays the caller's and must not be written to otherwise. Width and
 * height are even. */
bool video_begin(video_writer **w, file_writer *out, video_format format, int width, int height, double fps,
                 failure *f);
bool video_frame(video_writer *w, const void *pixels, size_t size, failure *f); /* width * height ARGB8888, opaque */
bool video_end(video_writer *w, failure *f);                                    /* waits for the encoder, and frees */
void video_abandon(video_writer *w); /* stops the encoder, and frees; NULL is allowed */

#endif
