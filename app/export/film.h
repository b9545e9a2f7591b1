/* An animation in one file: frames drawn and made ready on all cores, written in order. */
#ifndef EXPORT_FILM_H
#define EXPORT_FILM_H

#include "app/system/file.h"
#include "painter.h"

/* `context` is the format's own state. */
typedef struct film {
    const export_plan *plan;
    size_t frame_size, worker_size; /* bytes; a worker is zeroed before its first frame */
    bool (*begin)(void *context, file_writer *out, failure *f);
    /* Frame k, on a worker's thread: leaves its bytes in `frame`. */
    bool (*make)(void *context, void *worker, int64_t k, void *frame, failure *f);
    void (*end_worker)(void *worker);
    bool (*put)(void *context, int64_t k, const void *frame, failure *f);
    bool (*end)(void *context, failure *f); /* frees too, whatever it returns */
    void (*abandon)(void *context);
} film;

/* Writes all of the file, or leaves nothing behind. */
bool film_write(const film *m, void *context, failure *f);

#endif
