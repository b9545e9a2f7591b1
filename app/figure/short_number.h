/* Numbers as people read them in cells and captions: short, and the same in every locale. */
#ifndef FIGURE_SHORT_NUMBER_H
#define FIGURE_SHORT_NUMBER_H

enum { NUMBER_SIZE = 24, NUMBER_DIGITS = 3 };

/* Writes value with `digits` significant digits: "7", "-0.125", "1.2e6", "-∞"; whole numbers below 100000 in full;
 * nothing for NaN. Returns how many characters (not bytes) it wrote. */
int short_number(char *text, int size, double value, int digits);

#endif
