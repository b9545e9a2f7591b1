#include "assets.h"

#include "app/language/language.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool assets_program_folder(char *folder, size_t size) {
    ssize_t length = readlink("/proc/self/exe", folder, size);
    if (length <= 0 || (size_t)length >= size) return false;
    folder[length] = '\0';
    char *slash = strrchr(folder, '/');
    if (!slash) return false;
    *(slash == folder ? slash + 1 : slash) = '\0';
    return true;
}

/* The lessons are what makes a folder the assets folder. */
static bool is_assets(const char *folder) {
    char inside[4096];
    struct stat s;
    int length = snprintf(inside, sizeof inside, "%s/lessons", folder);
    return length > 0 && (size_t)length < sizeof inside && stat(inside, &s) == 0 && S_ISDIR(s.st_mode);
}

static bool take(char *folder, size_t size, const char *above, const char *name) {
    int length = snprintf(folder, size, "%s%s%s", above, *name ? "/" : "", name);
    return length > 0 && (size_t)length < size && is_assets(folder);
}

bool assets_find(char *folder, size_t size, failure *f) {
    const char *wanted = getenv("CONVSCOPE_ASSETS");
    if (wanted && *wanted) {
        if (take(folder, size, wanted, "")) return true;
        return fail(f, N_("CONVSCOPE_ASSETS names a folder without lessons: {0}"), "s", wanted);
    }
    static const char *const places[] = {"assets", "../assets", "../share/convscope"};
    char program[4096];
    if (assets_program_folder(program, sizeof program)) {
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            if (take(folder, size, program, places[i])) return true;
        }
    }
#ifdef CONVSCOPE_ASSETS_FOLDER
    if (take(folder, size, CONVSCOPE_ASSETS_FOLDER, "")) return true;
#endif
    return fail(f, N_("the program's assets folder is missing: set CONVSCOPE_ASSETS to it"), "");
}
