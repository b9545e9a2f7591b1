#include "table.h"

#include "options.h"

#include <string.h>

enum { GAP = 2, LINE_BYTES = TABLE_COLUMNS * (TABLE_CELL * 2 + GAP) };

static size_t add(char *line, size_t used, const char *text, int spaces) {
    memset(line + used, ' ', (size_t)spaces);
    size_t length = strlen(text);
    memcpy(line + used + spaces, text, length);
    return used + (size_t)spaces + length;
}

void table_write(FILE *stream, const table_row *rows, int row_count, int column_count, const bool *right) {
    int width[TABLE_COLUMNS] = {0};
    for (int r = 0; r < row_count; r++) {
        for (int c = 0; c < column_count; c++) {
            int columns = text_columns(rows[r].cell[c], strlen(rows[r].cell[c]));
            if (columns > width[c]) width[c] = columns;
        }
    }
    for (int r = 0; r < row_count; r++) {
        char line[LINE_BYTES] = "";
        size_t used = 0;
        for (int c = 0; c < column_count; c++) {
            const char *text = rows[r].cell[c];
            int space = width[c] - text_columns(text, strlen(text));
            used = add(line, used, text, right[c] ? space : 0);
            used = add(line, used, "", (right[c] ? 0 : space) + GAP);
        }
        while (used > 0 && line[used - 1] == ' ') used--;
        fprintf(stream, "%.*s\n", (int)used, line);
    }
}
