#include "keys.h"

#define CONTROL MODIFIER_CONTROL
#define SHIFT MODIFIER_SHIFT

const char *const key_group_names[GROUP_COUNT] = {N_("Playing"),
                                                  N_("Lessons"),
                                                  N_("Views"),
                                                  N_("Cells"),
                                                  N_("In front of a class"),
                                                  N_("Window"),
                                                  N_("Files and clipboard")};

const key_binding key_bindings[] = {
    {ACTION_PLAY, KEY_SPACE, 0, GROUP_PLAY, "Space", N_("Play or pause"), false},
    {ACTION_FORWARD, KEY_RIGHT, 0, GROUP_PLAY, "\xe2\x86\x92", N_("One step forward"), false},
    {ACTION_BACK, KEY_LEFT, 0, GROUP_PLAY, "\xe2\x86\x90", N_("One step back"), false},
    {ACTION_CLICKER_FORWARD, KEY_PAGE_DOWN, 0, GROUP_PLAY, "PageDown",
     N_("Step forward, at the end the next page (clicker)"), false},
    {ACTION_CLICKER_BACK, KEY_PAGE_UP, 0, GROUP_PLAY, "PageUp",
     N_("Step back, at the start the previous page (clicker)"), false},
    {ACTION_START, KEY_HOME, 0, GROUP_PLAY, "Home", N_("To the start"), false},
    {ACTION_END, KEY_END, 0, GROUP_PLAY, "End", N_("To the end"), false},
    {ACTION_FASTER, '.', 0, GROUP_PLAY, ".", N_("Faster"), false},
    {ACTION_SLOWER, ',', 0, GROUP_PLAY, ",", N_("Slower"), false},
    {ACTION_LOOP, 'r', 0, GROUP_PLAY, "R", N_("Repeat at the end"), false},
    {ACTION_NEXT_PAGE, ']', 0, GROUP_LESSON, "]", N_("Next page"), false},
    {ACTION_PREVIOUS_PAGE, '[', 0, GROUP_LESSON, "[", N_("Previous page"), false},
    {ACTION_NEXT_LESSON, KEY_PAGE_DOWN, CONTROL, GROUP_LESSON, "Ctrl+PageDown", N_("Next lesson"), false},
    {ACTION_PREVIOUS_LESSON, KEY_PAGE_UP, CONTROL, GROUP_LESSON, "Ctrl+PageUp", N_("Previous lesson"), false},
    {ACTION_PREDICT, 'q', 0, GROUP_LESSON, "Q", N_("Predict, then reveal"), false},
    {ACTION_NOTES, 'n', 0, GROUP_LESSON, "N", N_("Teacher's notes"), false},
    {ACTION_RESET, 'r', CONTROL, GROUP_LESSON, "Ctrl+R", N_("Reset the lesson"), false},
    {ACTION_VIEW_SLIDE, '1', 0, GROUP_VIEW, "1", N_("Slide"), false},
    {ACTION_VIEW_MATRIX, '2', 0, GROUP_VIEW, "2", N_("Matrix"), false},
    {ACTION_VIEW_FIELD, '3', 0, GROUP_VIEW, "3", N_("Receptive field"), false},
    {ACTION_VIEW_COST, '4', 0, GROUP_VIEW, "4", N_("Cost"), false},
    {ACTION_VIEW_ENGINE, '5', 0, GROUP_VIEW, "5", N_("Engine"), false},
    {ACTION_ISOMETRIC, 'i', 0, GROUP_VIEW, "I", N_("Flat or isometric"), false},
    {ACTION_LABELS, 'y', 0, GROUP_VIEW, "Y", N_("Symbols instead of numbers"), false},
    {ACTION_COUNTS, 'o', 0, GROUP_VIEW, "O", N_("Count overlaps and reads"), false},
    {ACTION_ZERO_INSERTION, 'z', 0, GROUP_VIEW, "Z", N_("Zero insertion beside a transposed convolution"), false},
    {ACTION_ZOOM_IN, '=', CONTROL, GROUP_VIEW, "Ctrl++", N_("Zoom in (also: mouse wheel)"), false},
    {ACTION_ZOOM_IN, '+', CONTROL, GROUP_VIEW, "", NULL, false},
    {ACTION_ZOOM_IN, '+', CONTROL | SHIFT, GROUP_VIEW, "", NULL, false},
    {ACTION_ZOOM_IN, '=', CONTROL | SHIFT, GROUP_VIEW, "", NULL, false},
    {ACTION_ZOOM_OUT, '-', CONTROL, GROUP_VIEW, "Ctrl+-", N_("Zoom out"), false},
    {ACTION_FIT, '0', 0, GROUP_VIEW, "0", N_("Fit the picture"), false},
    {ACTION_CELL_RIGHT, KEY_RIGHT, SHIFT, GROUP_CELL, "Shift+\xe2\x86\x92", N_("Point at the cell to the right"),
     false},
    {ACTION_CELL_LEFT, KEY_LEFT, SHIFT, GROUP_CELL, "Shift+\xe2\x86\x90", N_("Point at the cell to the left"), false},
    {ACTION_CELL_UP, KEY_UP, SHIFT, GROUP_CELL, "Shift+\xe2\x86\x91", N_("Point at the cell above"), false},
    {ACTION_CELL_DOWN, KEY_DOWN, SHIFT, GROUP_CELL, "Shift+\xe2\x86\x93", N_("Point at the cell below"), false},
    {ACTION_EDIT_CELL, KEY_F2, 0, GROUP_CELL, "F2", N_("Type a number into the cell (also: click)"), false},
    {ACTION_PIN, 'k', 0, GROUP_CELL, "K", N_("Pin the cell's marks, or let go"), false},
    {ACTION_PRESENT, KEY_F5, 0, GROUP_CLASS, "F5", N_("Presenter mode"), false},
    {ACTION_PRESENT, 'f', 0, GROUP_CLASS, "F", NULL, false},
    {ACTION_FULLSCREEN, KEY_F11, 0, GROUP_CLASS, "F11", N_("Full screen"), true},
    {ACTION_BLANK, 'b', 0, GROUP_CLASS, "B", N_("Blank the screen"), false},
    {ACTION_CURTAIN, 'c', 0, GROUP_CLASS, "C", N_("Curtain over the result"), false},
    {ACTION_SPOTLIGHT, 's', 0, GROUP_CLASS, "S", N_("Spotlight at the pointer"), false},
    {ACTION_PEN, 'd', 0, GROUP_CLASS, "D", N_("Draw with the pen; the next step wipes it"), false},
    {ACTION_ERASE, 'e', 0, GROUP_CLASS, "E", N_("Wipe the drawing"), false},
    {ACTION_EXPRESSION, 'l', CONTROL, GROUP_WINDOW, "Ctrl+L", N_("Type an expression"), false},
    {ACTION_SEARCH, 'f', CONTROL, GROUP_WINDOW, "Ctrl+F", N_("Search the lessons"), false},
    {ACTION_LESSONS_PANEL, KEY_F9, 0, GROUP_WINDOW, "F9", N_("Fold or open the lessons"), false},
    {ACTION_INSPECTOR_PANEL, KEY_F10, 0, GROUP_WINDOW, "F10", N_("Fold or open the inspector"), false},
    {ACTION_NEXT_PANEL, KEY_F6, 0, GROUP_WINDOW, "F6", N_("To the next panel"), false},
    {ACTION_LANGUAGE, 'l', 0, GROUP_WINDOW, "L", N_("Language: English or Chinese"), false},
    {ACTION_THEME, 't', 0, GROUP_WINDOW, "T", N_("Next theme"), false},
    {ACTION_LARGER, '+', 0, GROUP_WINDOW, "+", N_("Larger interface"), false},
    {ACTION_LARGER, '=', 0, GROUP_WINDOW, "", NULL, false},
    {ACTION_LARGER, '+', SHIFT, GROUP_WINDOW, "", NULL, false},
    {ACTION_LARGER, '=', SHIFT, GROUP_WINDOW, "", NULL, false},
    {ACTION_SMALLER, '-', 0, GROUP_WINDOW, "-", N_("Smaller interface"), false},
    {ACTION_MOTION, 'm', 0, GROUP_WINDOW, "M", N_("Reduced motion"), false},
    {ACTION_MENU, KEY_F10, SHIFT, GROUP_WINDOW, "Shift+F10", N_("Menu"), false},
    {ACTION_HELP, '?', 0, GROUP_WINDOW, "?", N_("This help"), true},
    {ACTION_HELP, '?', SHIFT, GROUP_WINDOW, "", NULL, true},
    {ACTION_HELP, '/', SHIFT, GROUP_WINDOW, "", NULL, true},
    {ACTION_HELP, KEY_F1, 0, GROUP_WINDOW, "F1", NULL, true},
    {ACTION_CANCEL, KEY_ESCAPE, 0, GROUP_WINDOW, "Esc", N_("Close, let go, leave presenter mode"), true},
    {ACTION_OPEN, 'o', CONTROL, GROUP_FILE, "Ctrl+O", N_("Open a scene, picture or .npy"), false},
    {ACTION_SAVE, 's', CONTROL, GROUP_FILE, "Ctrl+S", N_("Save the scene"), false},
    {ACTION_EXPORT, 'e', CONTROL, GROUP_FILE, "Ctrl+E", N_("Export a picture or film"), false},
    {ACTION_UNDO, 'z', CONTROL, GROUP_FILE, "Ctrl+Z", N_("Undo"), false},
    {ACTION_REDO, 'y', CONTROL, GROUP_FILE, "Ctrl+Y", N_("Do again"), false},
    {ACTION_REDO, 'z', CONTROL | SHIFT, GROUP_FILE, "", NULL, false},
    {ACTION_COPY, 'c', CONTROL, GROUP_FILE, "Ctrl+C", N_("Copy the expression"), false},
    {ACTION_COPY_PYTORCH, 'c', CONTROL | SHIFT, GROUP_FILE, "Ctrl+Shift+C", N_("Copy as PyTorch code"), false},
    {ACTION_PASTE, 'v', CONTROL, GROUP_FILE, "Ctrl+V", N_("Paste an expression or scene"), false},
    {ACTION_QUIT, 'q', CONTROL, GROUP_FILE, "Ctrl+Q", N_("Quit"), true},
};

const int key_binding_count = (int)(sizeof key_bindings / sizeof *key_bindings);

const key_binding *key_find(int key, unsigned modifiers) {
    if (key >= 'A' && key <= 'Z') key += 'a' - 'A';
    for (int i = 0; i < key_binding_count; i++) {
        if (key_bindings[i].key == key && key_bindings[i].modifiers == modifiers) return &key_bindings[i];
    }
    return NULL;
}

static const key_binding *binding_of(action a) {
    for (int i = 0; i < key_binding_count; i++) {
        if (key_bindings[i].action == a) return &key_bindings[i];
    }
    return NULL;
}

const char *key_shown(action a) {
    const key_binding *b = binding_of(a);
    return b ? b->shown : "";
}

const char *action_help(action a) {
    const key_binding *b = binding_of(a);
    return b && b->help ? b->help : "";
}
