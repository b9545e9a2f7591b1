/* A document as text: a scene file (YAML, the keys of a lesson page: see assets/lessons/README.md), and the same in one
 * line that can be pasted into a chat. Text comes from strangers: sizes are bounded, and relative names cannot leave
 * the scene's folder. */
#ifndef DOCUMENT_SCENE_TEXT_H
#define DOCUMENT_SCENE_TEXT_H

#include "document.h"

enum { SCENE_MAX_BYTES = 4 << 20, SCENE_VERSION = 1 };

/* Writes the document as YAML; *text belongs to the caller (memory_free). File names stand as they are. */
bool scene_text_write(const document *d, char **text, failure *f);

/* Reads it. `path`: for messages, may be NULL. `base`: the folder that relative file names are taken from; NULL: the
 * working directory, and then any path is allowed (the autosave). Shapes and counts are checked; files that the tensors
 * name are only opened for their shape. */
bool scene_text_read(const char *text, size_t size, const char *path, const char *base, document *d, failure *f);

/* A scene file. Saving is atomic, and makes file names relative to the scene's folder (`base`: where they are relative
 * to now, NULL: the working directory); files outside that folder are refused. Loading: the base for scene_open is the
 * file's folder (scene_folder). */
bool scene_save(const document *d, const char *base, const char *path, failure *f);
bool scene_load(const char *path, document *d, failure *f);
/* Makes the names of a document's files absolute (`base`: where they are relative to now, NULL: the working directory),
 * so that they mean the same without a folder. Names of sample pictures stay. */
bool scene_free_names(document *d, const char *base, failure *f);
void scene_folder(const char *path, char *folder, size_t size);

/* "convscope:...", letters and digits only after the colon. White space that a chat put in is skipped, a cut end is
 * noticed. */
bool scene_line_write(const document *d, char **line, failure *f);
bool scene_line_looks(const char *text); /* begins like one */
bool scene_line_read(const char *text, const char *base, document *d, failure *f);

#endif
