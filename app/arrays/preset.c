#include "preset.h"

#include <stddef.h>
#include <string.h>

/* Drawn for this program. '#' is ink, '+' half of it. */
static const char digits[10][DIGIT_SIDE][DIGIT_SIDE + 1] = {
    {"            ", "   +####+   ", "  +##++##+  ", "  ##+  +##  ", "  ##    ##  ", "  ##    ##  ", "  ##    ##  ",
     "  ##    ##  ", "  ##+  +##  ", "  +##++##+  ", "   +####+   ", "            "},
    {"            ", "     +##    ", "    +###    ", "   +####    ", "   #+ ##    ", "      ##    ", "      ##    ",
     "      ##    ", "      ##    ", "      ##    ", "   #######  ", "            "},
    {"            ", "   +####+   ", "  +##++##+  ", "  ##    ##  ", "        ##  ", "       +##  ", "      +##+  ",
     "     +##+   ", "    +##+    ", "   +##+     ", "  ########  ", "            "},
    {"            ", "  +#####+   ", "  ##+++##+  ", "        ##  ", "       +##  ", "    ####+   ", "    ++++##  ",
     "        ##  ", "        ##  ", "  ##+++##+  ", "  +#####+   ", "            "},
    {"            ", "      +##   ", "     +###   ", "    +#+##   ", "   +#+ ##   ", "  +#+  ##   ", "  ##   ##   ",
     "  ######### ", "       ##   ", "       ##   ", "       ##   ", "            "},
    {"            ", "  ########  ", "  ##        ", "  ##        ", "  ##+++     ", "  ######+   ", "      +##+  ",
     "        ##  ", "        ##  ", "  ##+ +##+  ", "  +#####+   ", "            "},
    {"            ", "    +####   ", "   +##+     ", "  +##       ", "  ##+       ", "  ##+###+   ", "  ###++##+  ",
     "  ##    ##  ", "  ##    ##  ", "  +##++##+  ", "   +####+   ", "            "},
    {"            ", "  ########  ", "        ##  ", "       +##  ", "       ##+  ", "      +##   ", "      ##+   ",
     "     +##    ", "     ##+    ", "    +##     ", "    ##+     ", "            "},
    {"            ", "   +####+   ", "  +##++##+  ", "  ##    ##  ", "  +##++##+  ", "   ######   ", "  +##++##+  ",
     "  ##    ##  ", "  ##    ##  ", "  +##++##+  ", "   +####+   ", "            "},
    {"            ", "   +####+   ", "  +##++##+  ", "  ##    ##  ", "  ##    ##  ", "  +##++###  ", "   +###+##  ",
     "       +##  ", "       ##+  ", "     +##+   ", "   ####+    ", "            "},
};

float digit_pixel(int digit, int row, int column) {
    char ink = digits[digit][row][column];
    return ink == '#' ? 1.0f : ink == '+' ? 0.5f : 0.0f;
}

typedef enum kernel_rule { RULE_TABLE, RULE_BOX, RULE_BINOMIAL } kernel_rule;

static const struct image_kernel {
    const char *name;
    kernel_rule rule;
    float table[3][3];
} kernels[] = {
    {"identity", RULE_TABLE, {{0, 0, 0}, {0, 1, 0}, {0, 0, 0}}},
    {"box", RULE_BOX, {{0}}},
    {"gaussian", RULE_BINOMIAL, {{0}}},
    {"sharpen", RULE_TABLE, {{0, -1, 0}, {-1, 5, -1}, {0, -1, 0}}},
    {"sobel-x", RULE_TABLE, {{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}}},
    {"sobel-y", RULE_TABLE, {{-1, -2, -1}, {0, 0, 0}, {1, 2, 1}}},
    {"laplacian", RULE_TABLE, {{0, 1, 0}, {1, -4, 1}, {0, 1, 0}}},
    {"emboss", RULE_TABLE, {{-2, -1, 0}, {-1, 1, 1}, {0, 1, 2}}},
};

const char *image_kernel_name(int index) {
    return index >= 0 && (size_t)index < sizeof kernels / sizeof *kernels ? kernels[index].name : NULL;
}

/* The i-th of n binomial coefficients, divided by their sum 2^(n-1): a Gaussian's discrete form. */
static double binomial(int64_t n, int64_t i) {
    double value = 1;
    for (int64_t k = 1; k < n; k++) value /= 2;
    for (int64_t k = 0; k < i; k++) value = value * (double)(n - 1 - k) / (double)(k + 1);
    return value;
}

bool image_kernel_fill(const char *name, int64_t height, int64_t width, float *numbers) {
    const struct image_kernel *kernel = NULL;
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        if (strcmp(kernels[i].name, name) == 0) kernel = &kernels[i];
    }
    if (!kernel) return false;
    for (int64_t y = 0; y < height; y++) {
        for (int64_t x = 0; x < width; x++) {
            int64_t row = y - (height - 1) / 2 + 1, column = x - (width - 1) / 2 + 1; /* in the 3x3 table */
            bool inside = row >= 0 && row < 3 && column >= 0 && column < 3;
            float value = inside ? kernel->table[row][column] : 0;
            if (kernel->rule == RULE_BOX) value = (float)(1.0 / (double)(height * width));
            if (kernel->rule == RULE_BINOMIAL) value = (float)(binomial(height, y) * binomial(width, x));
            numbers[y * width + x] = value;
        }
    }
    return true;
}
