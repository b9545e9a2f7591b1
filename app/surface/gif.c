#include "gif.h"

#include "app/language/language.h"
#include "app/system/memory.h"

#include <gif_lib.h>
#include <string.h>

enum { LONGEST_DELAY = 65535 };

struct gif_writer {
    GifFileType *file;
    file_writer *out;
    failure *failure; /* of the call under way */
    int width, height;
    bool transparent;
    uint8_t *shown, *waiting, *line; /* what was written last; the frame whose delay may still grow. Owned */
    bool any, pending;
    int64_t delay; /* of the waiting frame */
};

static int write_bytes(GifFileType *file, const GifByteType *data, int size) {
    gif_writer *w = file->UserData;
    return file_write(w->out, data, (size_t)size, w->failure) ? size : 0;
}

static bool write_failed(gif_writer *w, failure *f) {
    return w->out->failed ? false
                          : fail(f, N_("the GIF could not be written: {0}"), "s",
                                 GifErrorString(w->file->Error) ? GifErrorString(w->file->Error) : "?");
}

static bool write_head(gif_writer *w, const gif_palette *palette, failure *f) {
    ColorMapObject *colors = GifMakeMapObject(256, NULL);
    if (!colors) return fail_memory(f);
    for (int k = 0; k < palette->count; k++)
        colors->Colors[k] = (GifColorType){palette->rgb[k][0], palette->rgb[k][1], palette->rgb[k][2]};
    EGifSetGifVersion(w->file, true);
    static const unsigned char for_ever[3] = {1, 0, 0};
    bool ok = EGifPutScreenDesc(w->file, w->width, w->height, 8, 0, colors) == GIF_OK &&
              EGifPutExtensionLeader(w->file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
              EGifPutExtensionBlock(w->file, 11, "NETSCAPE2.0") == GIF_OK &&
              EGifPutExtensionBlock(w->file, 3, for_ever) == GIF_OK && EGifPutExtensionTrailer(w->file) == GIF_OK;
    GifFreeMapObject(colors);
    return ok || write_failed(w, f);
}

bool gif_begin(gif_writer **created, file_writer *out, int width, int height, const gif_palette *palette,
               bool transparent, failure *f) {
    gif_writer *w = *created = memory_zeroed(1, sizeof *w);
    if (!w) return fail_memory(f);
    size_t size = (size_t)width * (size_t)height;
    *w = (gif_writer){.out = out, .failure = f, .width = width, .height = height, .transparent = transparent};
    w->shown = memory_zeroed(size, 1);
    w->waiting = memory_zeroed(size, 1);
    w->line = memory_zeroed((size_t)width, 1);
    int error = 0;
    bool ok = w->shown && w->waiting && w->line && (w->file = EGifOpen(w, write_bytes, &error)) != NULL;
    if (!ok) fail_memory(f);
    if (ok && write_head(w, palette, f)) return true;
    gif_abandon(w);
    *created = NULL;
    return false;
}

/* The box that differs from what is shown; false: nothing does. */
static bool changed_box(const gif_writer *w, raster_box *b) {
    *b = (raster_box){w->width, w->height, 0, 0};
    for (int y = 0; y < w->height; y++) {
        const uint8_t *old = w->shown + (size_t)y * (size_t)w->width, *new = w->waiting + (size_t)y *(size_t)w->width;
        if (memcmp(old, new, (size_t)w->width) == 0) continue;
        int left = 0, right = w->width;
        while (old[left] == new[left]) left++;
        while (old[right - 1] == new[right - 1]) right--;
        if (left < b->left) b->left = left;
        if (right > b->right) b->right = right;
        if (y < b->top) b->top = y;
        b->bottom = y + 1;
    }
    return b->right > b->left;
}

static bool put_image(gif_writer *w, raster_box b, int delay, failure *f) {
    GraphicsControlBlock control = {.DisposalMode = w->transparent ? DISPOSE_BACKGROUND : DISPOSE_DO_NOT,
                                    .DelayTime = delay,
                                    .TransparentColor = w->transparent || w->any ? GIF_CLEAR : NO_TRANSPARENT_COLOR};
    GifByteType bytes[4];
    EGifGCBToExtension(&control, bytes);
    int width = b.right - b.left, height = b.bottom - b.top;
    bool ok = EGifPutExtension(w->file, GRAPHICS_EXT_FUNC_CODE, 4, bytes) == GIF_OK &&
              EGifPutImageDesc(w->file, b.left, b.top, width, height, false, NULL) == GIF_OK;
    bool keep = w->any && !w->transparent; /* pixels that stay may be clear: long runs pack well */
    for (int y = b.top; ok && y < b.bottom; y++) {
        size_t first = (size_t)y * (size_t)w->width + (size_t)b.left;
        const uint8_t *new = w->waiting + first, *old = w->shown + first;
        for (int x = 0; x < width; x++) w->line[x] = keep && new[x] == old[x] ? GIF_CLEAR : new[x];
        ok = EGifPutLine(w->file, w->line, width) == GIF_OK;
    }
    return ok || write_failed(w, f);
}

/* Writes the frame that waits. */
static bool put_waiting(gif_writer *w, failure *f) {
    raster_box whole = {0, 0, w->width, w->height}, b = whole;
    if (w->any && !w->transparent && !changed_box(w, &b)) b = (raster_box){0, 0, 1, 1};
    while (w->delay > 0) {
        int delay = w->delay < LONGEST_DELAY ? (int)w->delay : LONGEST_DELAY;
        if (!put_image(w, b, delay, f)) return false;
        w->delay -= delay;
        w->any = true;
        memcpy(w->shown, w->waiting, (size_t)w->width * (size_t)w->height);
        if (!w->transparent) b = (raster_box){0, 0, 1, 1};
    }
    w->pending = false;
    return true;
}

bool gif_frame(gif_writer *w, const uint8_t *indices, int hundredths, failure *f) {
    size_t size = (size_t)w->width * (size_t)w->height;
    w->failure = f;
    if (w->pending && memcmp(w->waiting, indices, size) == 0) {
        w->delay += hundredths;
        return true;
    }
    if (w->pending && !put_waiting(w, f)) return false;
    memcpy(w->waiting, indices, size);
    w->pending = true;
    w->delay = hundredths > 0 ? hundredths : 1;
    return true;
}

bool gif_end(gif_writer *w, failure *f) {
    w->failure = f;
    bool ok = !w->pending || put_waiting(w, f);
    int error = 0;
    GifFileType *file = w->file;
    w->file = NULL;
    if (EGifCloseFile(file, &error) != GIF_OK && ok)
        ok = w->out->failed ? false
                            : fail(f, N_("the GIF could not be written: {0}"), "s",
                                   GifErrorString(error) ? GifErrorString(error) : "?");
    gif_abandon(w);
    return ok;
}

void gif_abandon(gif_writer *w) {
    if (!w) return;
    w->failure = NULL;
    int error;
    if (w->file) EGifCloseFile(w->file, &error);
    memory_free(w->shown);
    memory_free(w->waiting);
    memory_free(w->line);
    memory_free(w);
}
