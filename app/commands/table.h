/* A table on a terminal: columns as wide as their widest cell, numbers to the right. */
#ifndef COMMANDS_TABLE_H
#define COMMANDS_TABLE_H

#include <stdbool.h>
#include <stdio.h>

enum { TABLE_COLUMNS = 10, TABLE_CELL = 112 };

typedef struct table_row {
    char cell[TABLE_COLUMNS][TABLE_CELL];
} table_row;

/* `right` tells for each column whether it is set to the right. The first row is the heading. */
void table_write(FILE *stream, const table_row *rows, int row_count, int column_count, const bool *right);

#endif
