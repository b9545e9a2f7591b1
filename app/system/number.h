/* Numbers as text, independently of the locale. */
#ifndef SYSTEM_NUMBER_H
#define SYSTEM_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole text must be the number. "12", "-3"; also "1.5", "1e-3", "inf", "nan" for reals. */
bool number_read_integer(const char *text, int64_t *value);
bool number_read_real(const char *text, double *value);

/* As printf's %.*g. Returns text. */
char *number_write(double value, int digits, char *text, size_t size);

/* The shortest text that reads back as the same float32 or double. */
char *number_write_float(float value, char *text, size_t size);
char *number_write_double(double value, char *text, size_t size);

/* With groups of three, "1,254,400". */
char *number_write_grouped(int64_t value, char *text, size_t size);

#endif
