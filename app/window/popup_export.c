#include "panels.h"
void popup_export(window_state *w) {
    popup_close(w);
}
