/* What the window can do at a key, a button or a menu row: one table, used by dispatch, by the menus and by the help.
 */
#ifndef WINDOW_KEYS_H
#define WINDOW_KEYS_H

#include "state.h"

typedef enum action {
    ACTION_NONE,
    ACTION_PLAY,
    ACTION_FORWARD,
    ACTION_BACK,
    ACTION_START,
    ACTION_END,
    ACTION_CLICKER_FORWARD,
    ACTION_CLICKER_BACK,
    ACTION_FASTER,
    ACTION_SLOWER,
    ACTION_LOOP,
    ACTION_NEXT_PAGE,
    ACTION_PREVIOUS_PAGE,
    ACTION_NEXT_LESSON,
    ACTION_PREVIOUS_LESSON,
    ACTION_RESET,
    ACTION_NOTES,
    ACTION_PREDICT,
    ACTION_VIEW_SLIDE,
    ACTION_VIEW_MATRIX,
    ACTION_VIEW_FIELD,
    ACTION_VIEW_COST,
    ACTION_VIEW_ENGINE,
    ACTION_ISOMETRIC,
    ACTION_LABELS,
    ACTION_COUNTS,
    ACTION_ZERO_INSERTION,
    ACTION_ZOOM_IN,
    ACTION_ZOOM_OUT,
    ACTION_FIT,
    ACTION_CELL_LEFT,
    ACTION_CELL_RIGHT,
    ACTION_CELL_UP,
    ACTION_CELL_DOWN,
    ACTION_EDIT_CELL,
    ACTION_PIN,
    ACTION_PRESENT,
    ACTION_FULLSCREEN,
    ACTION_BLANK,
    ACTION_CURTAIN,
    ACTION_SPOTLIGHT,
    ACTION_PEN,
    ACTION_ERASE,
    ACTION_EXPRESSION,
    ACTION_SEARCH,
    ACTION_LESSONS_PANEL,
    ACTION_INSPECTOR_PANEL,
    ACTION_NEXT_PANEL,
    ACTION_LANGUAGE,
    ACTION_THEME,
    ACTION_LARGER,
    ACTION_SMALLER,
    ACTION_MOTION,
    ACTION_MENU,
    ACTION_HELP,
    ACTION_CANCEL,
    ACTION_OPEN,
    ACTION_SAVE,
    ACTION_EXPORT,
    ACTION_GAMES,
    ACTION_UNDO,
    ACTION_REDO,
    ACTION_COPY,
    ACTION_COPY_PYTORCH,
    ACTION_COPY_NUMPY,
    ACTION_COPY_SCENE,
    ACTION_PASTE,
    ACTION_QUIT,
    ACTION_COUNT
} action;

typedef enum key_group {
    GROUP_PLAY,
    GROUP_LESSON,
    GROUP_VIEW,
    GROUP_CELL,
    GROUP_CLASS,
    GROUP_WINDOW,
    GROUP_FILE,
    GROUP_COUNT
} key_group;

typedef struct key_binding {
    action action;
    int key;
    unsigned modifiers;
    key_group group;
    const char *shown; /* "Ctrl+Z"; keys are written alike in every language */
    const char *help;  /* translatable; NULL: a second key for the action before it */
    bool everywhere;   /* also while a popup is open */
} key_binding;

extern const key_binding key_bindings[];
extern const int key_binding_count;
extern const char *const key_group_names[GROUP_COUNT]; /* translatable */

/* The action of a key; ACTION_NONE. Upper-case letters count as Shift. */
const key_binding *key_find(int key, unsigned modifiers);
/* The first key of an action, for menus and tips; "" for none. */
const char *key_shown(action a);
const char *action_help(action a);

/* Does it (action.c). */
void action_run(window_state *w, action a);

#endif
