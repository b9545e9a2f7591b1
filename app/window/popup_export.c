#include "panels.h"
void exporting_stop(exporting *e) { (void)e; }
void popup_export(window_state *w) {
    popup_close(w);
}
