#include "source.h"

#include "app/system/file.h"
#include "app/system/memory.h"
#include "npz.h"
#include "preset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A tensor as planes: its last two axes lie in the plane, the others are stacked. */
typedef struct planes {
    int64_t count, channels, height, width;
} planes;

static planes planes_of(const conv_shape *shape) {
    planes p = {1, 1, 1, 1};
    for (int axis = 0; axis + 2 < shape->rank; axis++) p.count *= shape->size[axis];
    if (shape->rank > 2) p.channels = shape->size[shape->rank - 3];
    if (shape->rank > 1) p.height = shape->size[shape->rank - 2];
    if (shape->rank > 0) p.width = shape->size[shape->rank - 1];
    return p;
}

/* What a generator is given. */
typedef struct filling {
    const tensor_source *source;
    source_use use;
    conv_shape shape;
    int64_t count;
    planes planes;
    const char *base, *assets;
    float *numbers;
} filling;

/* A hash of (seed, use, index) with SplitMix64's finaliser: the number at a place does not depend on the others. */
static uint64_t draw(const filling *fill, int64_t index) {
    uint64_t z =
        (fill->source->seed + 1) * 0x9e3779b97f4a7c15u + (uint64_t)fill->use * 0xd1b54a32d192ed03u + (uint64_t)index;
    for (int round = 0; round < 2; round++) {
        z += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        z ^= z >> 31;
    }
    return z;
}

/* Small numbers that can be followed in the head; a value's frequency is how often it stands here. */
typedef struct small_numbers {
    int count;
    float value[12];
} small_numbers;

static const small_numbers defaults[] = {
    [SOURCE_FOR_INPUT] = {10, {0, 1, 2, 3, 1, 2, 0, 4, 5, 1}},
    [SOURCE_FOR_WEIGHT] = {8, {1, 0, -1, 2, 1, 0, 1, -1}},
    [SOURCE_FOR_BIAS] = {4, {1, 0, -1, 2}},
    [SOURCE_FOR_OFFSET] = {8, {0.5f, -0.5f, 1, 0, -1, 0.25f, 0, -0.25f}},
    [SOURCE_FOR_MASK] = {4, {1, 0.5f, 1, 0.25f}},
    [SOURCE_FOR_GAMMA] = {4, {1, 2, 0.5f, 1}},
    [SOURCE_FOR_MEAN] = {4, {0, 1, 2, 0.5f}},
    [SOURCE_FOR_BOTH_SIGNS] = {12, {0, 1, -1, 2, -2, 3, -3, 4, 1, -1, 2, 7}},
};

source_use source_input_use(const conv_op *first) {
    return !first->linear && first->dims == 0 ? SOURCE_FOR_BOTH_SIGNS : SOURCE_FOR_INPUT;
}

static bool fill_default(const filling *fill, failure *f) {
    (void)f;
    const small_numbers *small = &defaults[fill->use];
    bool any = false;
    for (int64_t i = 0; i < fill->count; i++) {
        fill->numbers[i] = small->value[(draw(fill, i) >> 32) % (uint64_t)small->count];
        any = any || fill->numbers[i] != 0;
    }
    if (!any && fill->count > 0)
        fill->numbers[0] = small->value[0] != 0 ? small->value[0] : 1; /* all zeros show nothing */
    return true;
}

static bool fill_ramp(const filling *fill, failure *f) {
    (void)f;
    for (int64_t i = 0; i < fill->count; i++) fill->numbers[i] = (float)i;
    return true;
}

static bool fill_impulse(const filling *fill, failure *f) {
    (void)f;
    const planes *p = &fill->planes;
    for (int64_t i = 0; i < fill->count; i++) fill->numbers[i] = 0;
    for (int64_t k = 0; fill->count > 0 && k < p->count; k++) {
        fill->numbers[(k * p->height + (p->height - 1) / 2) * p->width + (p->width - 1) / 2] = 1;
    }
    return true;
}

static bool fill_checkerboard(const filling *fill, failure *f) {
    (void)f;
    const planes *p = &fill->planes;
    for (int64_t i = 0; i < fill->count; i++)
        fill->numbers[i] = (float)((i / p->width % p->height + i % p->width + 1) % 2);
    return true;
}

/* Standard normal to two decimals: twelve uniform numbers added, minus 6, which is the same on every machine. */
static bool fill_random(const filling *fill, failure *f) {
    (void)f;
    for (int64_t i = 0; i < fill->count; i++) {
        double sum = -6;
        for (int64_t k = 0; k < 12; k++) sum += (double)(draw(fill, i * 12 + k) >> 11) * 0x1p-53;
        fill->numbers[i] = (float)(round(sum * 100) / 100);
    }
    return true;
}

static bool fill_digit(const filling *fill, failure *f) {
    double wanted = fill->source->value;
    if (!(wanted >= 0 && wanted <= 9))
        return fail(f, N_("there are pictures of the digits 0 to 9, not of {0}"), "g", wanted);
    const planes *p = &fill->planes;
    for (int64_t i = 0; i < fill->count; i++) {
        int64_t row = i / p->width % p->height, column = i % p->width;
        fill->numbers[i] =
            digit_pixel((int)wanted, (int)(row * DIGIT_SIDE / p->height), (int)(column * DIGIT_SIDE / p->width));
    }
    return true;
}

static bool fill_constant(const filling *fill, failure *f) {
    (void)f;
    for (int64_t i = 0; i < fill->count; i++) fill->numbers[i] = (float)fill->source->value;
    return true;
}

/* The file of a source: a sample picture by its plain name, else a path; inside `base` when there is one. */
static bool path_of(const tensor_source *s, const char *base, const char *assets, char *path, size_t size, failure *f) {
    const char *name = s->name ? s->name : "";
    if (s->kind == SOURCE_PICTURE && assets && *name && !strpbrk(name, "./")) {
        char inside[1100], folder[4096];
        snprintf(inside, sizeof inside, "%s.png", name);
        int length = snprintf(folder, sizeof folder, "%s/pictures", assets);
        return length > 0 && (size_t)length < sizeof folder && file_inside(folder, inside, path, size, f);
    }
    if (base) return file_inside(base, name, path, size, f);
    int length = snprintf(path, size, "%s", name);
    if (length > 0 && (size_t)length < size) return true;
    return fail(f, N_("the file name is empty"), "");
}

/* Brings a picture to the planes' size: each pixel is the mean of the picture's pixels that it covers. */
static void scale_plane(const float *from, int64_t height, int64_t width, const planes *p, float *to) {
    for (int64_t y = 0; y < p->height; y++) {
        int64_t top = y * height / p->height, bottom = (y + 1) * height / p->height;
        if (bottom <= top) bottom = top + 1;
        for (int64_t x = 0; x < p->width; x++) {
            int64_t left = x * width / p->width, right = (x + 1) * width / p->width;
            if (right <= left) right = left + 1;
            double sum = 0;
            for (int64_t row = top; row < bottom; row++) {
                for (int64_t column = left; column < right; column++) sum += (double)from[row * width + column];
            }
            to[y * p->width + x] = (float)(sum / (double)((bottom - top) * (right - left)));
        }
    }
}

static bool fill_picture(const filling *fill, failure *f) {
    char path[4096];
    const planes *p = &fill->planes;
    const int channels = fill->source->colour && p->channels == 3 ? 3 : 1;
    array picture;
    if (!path_of(fill->source, fill->base, fill->assets, path, sizeof path, f)) return false;
    if (!array_read(path, channels, 0, &picture, f)) return false;
    if (!array_is_picture(path)) {
        array_destroy(&picture);
        fail(f, N_("this is not a picture"), "");
        return fail_in(f, path);
    }
    const int64_t height = picture.shape.size[1], width = picture.shape.size[2];
    for (int64_t k = 0; fill->count > 0 && k < p->count; k++) {
        const float *from = picture.data + (channels == 3 ? k % 3 : 0) * height * width;
        float *to = fill->numbers + k * p->height * p->width;
        if (height == p->height && width == p->width)
            memcpy(to, from, (size_t)(height * width) * sizeof *to);
        else
            scale_plane(from, height, width, p, to);
    }
    array_destroy(&picture);
    return true;
}

/* "weights.npz:conv1.weight" is one array of several: cuts the path after the archive and gives the array's name. */
static const char *cut_member(char *path) {
    char *archive = strstr(path, ".npz:");
    if (!archive) return NULL;
    archive[4] = 0;
    return archive + 5;
}

static bool read_member(const char *path, const char *member, array *a, failure *f) {
    bundle b;
    if (!bundle_open(&b, path, f)) return false;
    const bundle_entry *entry = bundle_find(&b, member);
    bool ok = entry ? bundle_read(&b, entry, 0, a, f) : fail(f, N_("there is no array {0} in this file"), "s", member);
    if (!entry) fail_in(f, path);
    bundle_close(&b);
    return ok;
}

static bool fill_file(const filling *fill, failure *f) {
    char path[4096], has[96], wants[96];
    array a;
    tensor_source whole = *fill->source;
    char name[1024];
    snprintf(name, sizeof name, "%s", whole.name ? whole.name : "");
    const char *member = cut_member(name);
    whole.name = name;
    if (!path_of(&whole, fill->base, fill->assets, path, sizeof path, f)) return false;
    if (!(member ? read_member(path, member, &a, f) : array_read(path, 1, 0, &a, f))) return false;
    bool ok = conv_shape_equal(&a.shape, &fill->shape);
    if (ok) {
        memcpy(fill->numbers, a.data, (size_t)fill->count * sizeof *fill->numbers);
    } else {
        conv_shape_text(&a.shape, has, (int)sizeof has);
        conv_shape_text(&fill->shape, wants, (int)sizeof wants);
        fail(f, N_("the file's array has the shape {0}; {1} is needed"), "ss", has, wants);
        fail_in(f, path);
    }
    array_destroy(&a);
    return ok;
}

static bool no_kernel(const char *name, failure *f) {
    char all[160] = "";
    for (int i = 0; image_kernel_name(i); i++) {
        const size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", image_kernel_name(i));
    }
    return fail(f, N_("there is no image kernel called {0}: there are {1}"), "ss", name, all);
}

/* What "sharpen:column" and the like ask for: a kernel's best split into a column and a row, or what the split misses.
 */
typedef enum kernel_side {
    KERNEL_WHOLE,
    KERNEL_COLUMN,
    KERNEL_ROW,
    KERNEL_SPLIT,
    KERNEL_MISSED,
    KERNEL_SIDES
} kernel_side;

static const char *const kernel_sides[KERNEL_SIDES] = {"", ":column", ":row", ":split", ":missed"};

/* The engine's separation; the split itself is what the kernel is without what is missed. */
static bool fill_side(const char *name, kernel_side side, int64_t height, int64_t width, float *numbers, failure *f) {
    enum { SIDE_MOST = 31 };
    float whole[SIDE_MOST * SIDE_MOST], missed[SIDE_MOST * SIDE_MOST], column[SIDE_MOST], row[SIDE_MOST];
    const int64_t h = side == KERNEL_ROW ? width : height, w = side == KERNEL_COLUMN ? height : width;
    double distance;
    int rank;
    if (h > SIDE_MOST || w > SIDE_MOST || h < 1 || w < 1)
        return fail(f, N_("a kernel that is split has at most {0} x {0} weights"), "d", (int64_t)SIDE_MOST);
    if (!image_kernel_fill(name, h, w, whole)) return no_kernel(name, f);
    if (conv_separate(whole, h, w, column, row, missed, &distance, &rank, &f->error) != CONV_OK) return false;
    for (int64_t i = 0; i < height * width; i++) {
        numbers[i] = side == KERNEL_COLUMN  ? column[i / width]
                     : side == KERNEL_ROW   ? row[i % width]
                     : side == KERNEL_SPLIT ? whole[i] - missed[i]
                                            : missed[i];
    }
    return true;
}

/* Fills one slice by a kernel's name, which may ask for a side of its split. */
static bool fill_slice(const char *asked, int64_t height, int64_t width, float *numbers, failure *f) {
    char name[64];
    kernel_side side = KERNEL_WHOLE;
    const char *colon = strchr(asked, ':');
    for (int i = 1; colon && i < KERNEL_SIDES; i++) {
        if (strcmp(colon, kernel_sides[i]) == 0) side = (kernel_side)i;
    }
    snprintf(name, sizeof name, "%.*s", side == KERNEL_WHOLE ? (int)sizeof name - 1 : (int)(colon - asked), asked);
    if (side != KERNEL_WHOLE) return fill_side(name, side, height, width, numbers, f);
    return image_kernel_fill(name, height, width, numbers) || no_kernel(asked, f);
}

/* The kernel in every slice; where a filter sums over several channels, shared among them so that brightness stays. */
static bool fill_kernel(const filling *fill, failure *f) {
    const planes *p = &fill->planes;
    const char *name = fill->source->name ? fill->source->name : "";
    if (fill->count == 0) return true;
    const bool rows = fill->shape.rank < 4; /* (out, in, k): one row */
    const int64_t height = rows ? 1 : p->height, slices = fill->count / (height * p->width);
    const int64_t sharing = fill->shape.rank > 1 ? fill->shape.size[1] : 1;
    if (!fill_slice(name, height, p->width, fill->numbers, f)) return false;
    const int64_t slice = height * p->width;
    for (int64_t i = 0; i < slice; i++) fill->numbers[i] /= (float)sharing;
    for (int64_t k = 1; k < slices; k++)
        memcpy(fill->numbers + k * slice, fill->numbers, (size_t)slice * sizeof(float));
    return true;
}

/* As many as the tensor has, or a part that is repeated (one kernel for all slices). */
static bool fill_numbers(const filling *fill, failure *f) {
    int64_t given = fill->source->count;
    if (fill->count == 0) return true;
    if (given <= 0 || fill->count % given != 0) {
        return fail(f, N_("{0} numbers are given where {1} are needed"), "dd", given, fill->count);
    }
    for (int64_t i = 0; i < fill->count; i++) fill->numbers[i] = fill->source->numbers[i % given];
    return true;
}

static bool (*const fillers[])(const filling *fill, failure *f) = {
    [SOURCE_DEFAULT] = fill_default,   [SOURCE_RAMP] = fill_ramp,
    [SOURCE_IMPULSE] = fill_impulse,   [SOURCE_CHECKERBOARD] = fill_checkerboard,
    [SOURCE_RANDOM] = fill_random,     [SOURCE_DIGIT] = fill_digit,
    [SOURCE_CONSTANT] = fill_constant, [SOURCE_PICTURE] = fill_picture,
    [SOURCE_FILE] = fill_file,         [SOURCE_KERNEL] = fill_kernel,
    [SOURCE_NUMBERS] = fill_numbers,
};

bool source_fill(const tensor_source *s, source_use use, const conv_shape *shape, const char *base, const char *assets,
                 float *numbers, failure *f) {
    const filling fill = {s, use, *shape, conv_shape_count(shape), planes_of(shape), base, assets, numbers};
    if (!fillers[s->kind](&fill, f)) return false;
    for (size_t i = 0; i < s->edit_count; i++) {
        const tensor_edit *edit = &s->edits[i];
        /* An edit that lies outside after a change of shape waits for the shape to come back. */
        if (edit->index >= 0 && edit->index < fill.count) numbers[edit->index] = edit->value;
    }
    return true;
}

bool source_shape(const tensor_source *s, const char *base, const char *assets, conv_shape *shape, failure *f) {
    char path[4096];
    *shape = (conv_shape){0};
    if (s->kind != SOURCE_PICTURE && s->kind != SOURCE_FILE) return true;
    if (s->kind == SOURCE_FILE && s->name && strstr(s->name, ".npz:")) return true; /* checked when it is filled */
    if (!path_of(s, base, assets, path, sizeof path, f)) return false;
    return array_peek(path, s->colour ? 3 : 1, shape, f);
}

const char *source_kernel_name(int index) {
    return image_kernel_name(index);
}
