#include "theme.h"

#include <math.h>
#include <string.h>

static const theme themes[THEME_COUNT] = {
    [THEME_LIGHT] = {.name = "light",
                     .background = {0xF4, 0xF6, 0xFA, 255},
                     .panel = {0xFF, 0xFF, 0xFF, 255},
                     .panel_line = {0xE3, 0xE8, 0xF0, 255},
                     .ink = {0x1A, 0x22, 0x30, 255},
                     .ink_soft = {0x4E, 0x5A, 0x6E, 255},
                     .ink_faint = {0x64, 0x70, 0x84, 255},
                     .accent = {0x1A, 0x22, 0x30, 255},
                     .control = {0xF4, 0xF6, 0xFA, 255},
                     .control_hover = {0xE9, 0xED, 0xF4, 255},
                     .control_active = {0xDC, 0xE3, 0xED, 255},
                     .focus = {0x2F, 0x6F, 0xC0, 255},
                     .roles = {[ROLE_NONE] = {{0xEC, 0xEE, 0xF1, 255},
                                              {0xAE, 0xB6, 0xC3, 255},
                                              {0xBE, 0xC5, 0xD0, 255},
                                              {0x4B, 0x56, 0x68, 255},
                                              {0x66, 0x72, 0x86, 255}},
                               [ROLE_INPUT] = {{0xE6, 0xEE, 0xF8, 255},
                                               {0x7F, 0xA8, 0xDB, 255},
                                               {0x9D, 0xBB, 0xE0, 255},
                                               {0x1F, 0x4F, 0x8F, 255},
                                               {0x2F, 0x6F, 0xC0, 255}},
                               [ROLE_WEIGHT] = {{0xFA, 0xEF, 0xE2, 255},
                                                {0xE5, 0xA9, 0x6C, 255},
                                                {0xE3, 0xB4, 0x86, 255},
                                                {0x8A, 0x45, 0x08, 255},
                                                {0xBF, 0x5F, 0x1A, 255}},
                               [ROLE_OUTPUT] = {{0xE1, 0xF2, 0xEF, 255},
                                                {0x6F, 0xBF, 0xB2, 255},
                                                {0x8C, 0xC8, 0xBE, 255},
                                                {0x0B, 0x6B, 0x5B, 255},
                                                {0x15, 0x80, 0x6F, 255}},
                               [ROLE_BIAS] = {{0xEE, 0xEA, 0xF8, 255},
                                              {0xB4, 0xA2, 0xE0, 255},
                                              {0xC3, 0xB5, 0xE6, 255},
                                              {0x5B, 0x3F, 0xA0, 255},
                                              {0x74, 0x54, 0xC0, 255}},
                               [ROLE_OFFSET] = {{0xED, 0xF0, 0xE0, 255},
                                                {0xB3, 0xBE, 0x7C, 255},
                                                {0xC3, 0xCC, 0x94, 255},
                                                {0x56, 0x61, 0x0F, 255},
                                                {0x74, 0x82, 0x18, 255}},
                               [ROLE_MASK] = {{0xEC, 0xEE, 0xF1, 255},
                                              {0xAE, 0xB6, 0xC3, 255},
                                              {0xBE, 0xC5, 0xD0, 255},
                                              {0x4B, 0x56, 0x68, 255},
                                              {0x66, 0x72, 0x86, 255}}},
                     .negative_low = {0xFB, 0xE9, 0xEE, 255},
                     .negative_high = {0xEE, 0x9F, 0xB5, 255},
                     .negative_hatch = {0xD7, 0x7F, 0x99, 255},
                     .padding_line = {0x98, 0xA3, 0xB3, 255},
                     .padding_ink = {0x5A, 0x66, 0x7A, 255},
                     .highlight = {0x1A, 0x22, 0x30, 255},
                     .warning = {0xA4, 0x31, 0x1F, 255},
                     .good = {0x1E, 0x6B, 0x34, 255}},
    [THEME_DARK] = {.name = "dark",
                    .background = {0x12, 0x17, 0x1E, 255},
                    .panel = {0x1A, 0x21, 0x2B, 255},
                    .panel_line = {0x2B, 0x35, 0x42, 255},
                    .ink = {0xED, 0xF1, 0xF7, 255},
                    .ink_soft = {0xA9, 0xB4, 0xC4, 255},
                    .ink_faint = {0x8E, 0x9A, 0xAC, 255},
                    .accent = {0xED, 0xF1, 0xF7, 255},
                    .control = {0x22, 0x2B, 0x37, 255},
                    .control_hover = {0x2B, 0x36, 0x44, 255},
                    .control_active = {0x36, 0x43, 0x54, 255},
                    .focus = {0x7F, 0xB2, 0xF5, 255},
                    .roles = {[ROLE_NONE] = {{0x26, 0x2C, 0x35, 255},
                                             {0x5F, 0x6B, 0x7D, 255},
                                             {0x58, 0x63, 0x6F, 255},
                                             {0xB4, 0xBF, 0xCE, 255},
                                             {0x93, 0xA0, 0xB3, 255}},
                              [ROLE_INPUT] = {{0x1C, 0x2B, 0x40, 255},
                                              {0x2F, 0x66, 0xAE, 255},
                                              {0x3C, 0x5F, 0x8F, 255},
                                              {0x7F, 0xB2, 0xF5, 255},
                                              {0x5C, 0x97, 0xE6, 255}},
                              [ROLE_WEIGHT] = {{0x33, 0x26, 0x1A, 255},
                                               {0x8F, 0x5A, 0x1E, 255},
                                               {0x7F, 0x5A, 0x30, 255},
                                               {0xF0, 0xA4, 0x53, 255},
                                               {0xF0, 0xA4, 0x53, 255}},
                              [ROLE_OUTPUT] = {{0x16, 0x30, 0x2F, 255},
                                               {0x1B, 0x75, 0x68, 255},
                                               {0x27, 0x6B, 0x63, 255},
                                               {0x5C, 0xCF, 0xBC, 255},
                                               {0x2F, 0xB9, 0xA5, 255}},
                              [ROLE_BIAS] = {{0x2A, 0x25, 0x40, 255},
                                             {0x6A, 0x55, 0xB0, 255},
                                             {0x5F, 0x52, 0x90, 255},
                                             {0xB9, 0xA6, 0xF5, 255},
                                             {0x9D, 0x86, 0xEA, 255}},
                              [ROLE_OFFSET] = {{0x28, 0x2C, 0x18, 255},
                                               {0x63, 0x6D, 0x1E, 255},
                                               {0x62, 0x6A, 0x33, 255},
                                               {0xC4, 0xCF, 0x73, 255},
                                               {0xA9, 0xB5, 0x48, 255}},
                              [ROLE_MASK] = {{0x26, 0x2C, 0x35, 255},
                                             {0x5F, 0x6B, 0x7D, 255},
                                             {0x58, 0x63, 0x6F, 255},
                                             {0xB4, 0xBF, 0xCE, 255},
                                             {0x93, 0xA0, 0xB3, 255}}},
                    .negative_low = {0x3A, 0x1F, 0x2B, 255},
                    .negative_high = {0x93, 0x35, 0x5A, 255},
                    .negative_hatch = {0x9E, 0x47, 0x69, 255},
                    .padding_line = {0x5E, 0x6A, 0x7A, 255},
                    .padding_ink = {0x9A, 0xA6, 0xB8, 255},
                    .highlight = {0xFF, 0xFF, 0xFF, 255},
                    .warning = {0xFF, 0x9C, 0x8A, 255},
                    .good = {0x7F, 0xD4, 0x9A, 255}},
    [THEME_PRINT] = {.name = "print",
                     .background = {0xFF, 0xFF, 0xFF, 255},
                     .panel = {0xFF, 0xFF, 0xFF, 255},
                     .panel_line = {0xC9, 0xCE, 0xD6, 255},
                     .ink = {0x00, 0x00, 0x00, 255},
                     .ink_soft = {0x33, 0x3A, 0x44, 255},
                     .ink_faint = {0x56, 0x5E, 0x69, 255},
                     .accent = {0x00, 0x00, 0x00, 255},
                     .control = {0xFF, 0xFF, 0xFF, 255},
                     .control_hover = {0xF0, 0xF2, 0xF5, 255},
                     .control_active = {0xE2, 0xE6, 0xEB, 255},
                     .focus = {0x1F, 0x4F, 0x8F, 255},
                     .roles = {[ROLE_NONE] = {{0xF5, 0xF6, 0xF8, 255},
                                              {0xB8, 0xBF, 0xCB, 255},
                                              {0x8E, 0x96, 0xA3, 255},
                                              {0x3D, 0x46, 0x56, 255},
                                              {0x4B, 0x56, 0x68, 255}},
                               [ROLE_INPUT] = {{0xF3, 0xF7, 0xFC, 255},
                                               {0x8F, 0xB3, 0xE0, 255},
                                               {0x6F, 0x8F, 0xB8, 255},
                                               {0x16, 0x3F, 0x78, 255},
                                               {0x1F, 0x4F, 0x8F, 255}},
                               [ROLE_WEIGHT] = {{0xFD, 0xF6, 0xEE, 255},
                                                {0xEB, 0xB6, 0x7F, 255},
                                                {0xB5, 0x8A, 0x5F, 255},
                                                {0x75, 0x3A, 0x05, 255},
                                                {0x9A, 0x4C, 0x10, 255}},
                               [ROLE_OUTPUT] = {{0xF0, 0xF9, 0xF7, 255},
                                                {0x7F, 0xC8, 0xBC, 255},
                                                {0x5F, 0x9F, 0x95, 255},
                                                {0x08, 0x55, 0x48, 255},
                                                {0x0B, 0x6B, 0x5B, 255}},
                               [ROLE_BIAS] = {{0xF6, 0xF4, 0xFC, 255},
                                              {0xBF, 0xB0, 0xE6, 255},
                                              {0x95, 0x87, 0xBD, 255},
                                              {0x4A, 0x32, 0x88, 255},
                                              {0x5B, 0x3F, 0xA0, 255}},
                               [ROLE_OFFSET] = {{0xF6, 0xF8, 0xEE, 255},
                                                {0xBE, 0xC9, 0x8A, 255},
                                                {0x93, 0x9D, 0x66, 255},
                                                {0x47, 0x4F, 0x0C, 255},
                                                {0x56, 0x61, 0x0F, 255}},
                               [ROLE_MASK] = {{0xF5, 0xF6, 0xF8, 255},
                                              {0xB8, 0xBF, 0xCB, 255},
                                              {0x8E, 0x96, 0xA3, 255},
                                              {0x3D, 0x46, 0x56, 255},
                                              {0x4B, 0x56, 0x68, 255}}},
                     .negative_low = {0xFD, 0xF1, 0xF4, 255},
                     .negative_high = {0xF2, 0xAE, 0xC0, 255},
                     .negative_hatch = {0xD2, 0x7C, 0x96, 255},
                     .padding_line = {0x7C, 0x85, 0x91, 255},
                     .padding_ink = {0x4B, 0x53, 0x5F, 255},
                     .highlight = {0x00, 0x00, 0x00, 255},
                     .warning = {0x8F, 0x24, 0x15, 255},
                     .good = {0x15, 0x59, 0x2A, 255}},
    [THEME_CONTRAST] = {.name = "contrast",
                        .background = {0x00, 0x00, 0x00, 255},
                        .panel = {0x00, 0x00, 0x00, 255},
                        .panel_line = {0xFF, 0xFF, 0xFF, 255},
                        .ink = {0xFF, 0xFF, 0xFF, 255},
                        .ink_soft = {0xF0, 0xF0, 0xF0, 255},
                        .ink_faint = {0xD8, 0xD8, 0xD8, 255},
                        .accent = {0xFF, 0xE5, 0x00, 255},
                        .control = {0x00, 0x00, 0x00, 255},
                        .control_hover = {0x30, 0x30, 0x30, 255},
                        .control_active = {0x4A, 0x4A, 0x4A, 255},
                        .focus = {0xFF, 0xE5, 0x00, 255},
                        .roles = {[ROLE_NONE] = {{0x1B, 0x1F, 0x24, 255},
                                                 {0x4A, 0x53, 0x5F, 255},
                                                 {0xDD, 0xE4, 0xEE, 255},
                                                 {0xDD, 0xE4, 0xEE, 255},
                                                 {0xC3, 0xCE, 0xDC, 255}},
                                  [ROLE_INPUT] = {{0x00, 0x12, 0x2E, 255},
                                                  {0x00, 0x48, 0x9E, 255},
                                                  {0x8E, 0xC1, 0xFF, 255},
                                                  {0x9C, 0xC9, 0xFF, 255},
                                                  {0x5F, 0xAE, 0xFF, 255}},
                                  [ROLE_WEIGHT] = {{0x2A, 0x15, 0x00, 255},
                                                   {0x72, 0x3C, 0x00, 255},
                                                   {0xFF, 0xC2, 0x7A, 255},
                                                   {0xFF, 0xC2, 0x7A, 255},
                                                   {0xFF, 0xA6, 0x3D, 255}},
                                  [ROLE_OUTPUT] = {{0x00, 0x21, 0x1C, 255},
                                                   {0x00, 0x5A, 0x4D, 255},
                                                   {0x6F, 0xF0, 0xDC, 255},
                                                   {0x6F, 0xF0, 0xDC, 255},
                                                   {0x24, 0xE0, 0xC2, 255}},
                                  [ROLE_BIAS] = {{0x1B, 0x12, 0x36, 255},
                                                 {0x51, 0x3A, 0x96, 255},
                                                 {0xCD, 0xBD, 0xFF, 255},
                                                 {0xCD, 0xBD, 0xFF, 255},
                                                 {0xB3, 0x9B, 0xFF, 255}},
                                  [ROLE_OFFSET] = {{0x1D, 0x21, 0x03, 255},
                                                   {0x4A, 0x52, 0x08, 255},
                                                   {0xE3, 0xF0, 0x7A, 255},
                                                   {0xE3, 0xF0, 0x7A, 255},
                                                   {0xD3, 0xE3, 0x3A, 255}},
                                  [ROLE_MASK] = {{0x1B, 0x1F, 0x24, 255},
                                                 {0x4A, 0x53, 0x5F, 255},
                                                 {0xDD, 0xE4, 0xEE, 255},
                                                 {0xDD, 0xE4, 0xEE, 255},
                                                 {0xC3, 0xCE, 0xDC, 255}}},
                        .negative_low = {0x33, 0x0A, 0x1C, 255},
                        .negative_high = {0x7A, 0x14, 0x46, 255},
                        .negative_hatch = {0x9C, 0x4A, 0x70, 255},
                        .padding_line = {0xC8, 0xC8, 0xC8, 255},
                        .padding_ink = {0xF0, 0xF0, 0xF0, 255},
                        .highlight = {0xFF, 0xFF, 0xFF, 255},
                        .warning = {0xFF, 0xA0, 0x8F, 255},
                        .good = {0x7D, 0xFF, 0x9E, 255}},
};

/* Even steps of lightness in OKLab from 0.20 to 0.94, the hue turning from violet over teal to yellow, as much chroma
 * as the sRGB gamut holds: neighbours differ by 0.024 to 0.028 in OKLab. */
enum { HEAT_STEPS = 32 };
static const color heat[HEAT_STEPS + 1] = {
    {25, 0, 67, 255},     {26, 8, 77, 255},     {25, 19, 84, 255},    {22, 29, 90, 255},    {19, 38, 96, 255},
    {15, 47, 100, 255},   {10, 55, 104, 255},   {9, 64, 107, 255},    {7, 72, 110, 255},    {6, 80, 114, 255},
    {5, 88, 118, 255},    {6, 96, 121, 255},    {6, 104, 125, 255},   {10, 112, 128, 255},  {16, 120, 131, 255},
    {22, 128, 134, 255},  {29, 136, 136, 255},  {35, 144, 138, 255},  {41, 152, 139, 255},  {48, 160, 139, 255},
    {54, 169, 138, 255},  {65, 177, 136, 255},  {79, 185, 133, 255},  {94, 192, 129, 255},  {112, 199, 125, 255},
    {130, 205, 120, 255}, {149, 210, 116, 255}, {168, 215, 116, 255}, {187, 220, 116, 255}, {205, 224, 118, 255},
    {222, 229, 120, 255}, {239, 233, 124, 255}, {255, 237, 134, 255}};

const theme *theme_get(theme_id id) {
    return &themes[id];
}

bool theme_find(const char *name, theme_id *id) {
    for (int k = 0; k < THEME_COUNT; k++) {
        if (strcmp(themes[k].name, name) != 0) continue;
        *id = (theme_id)k;
        return true;
    }
    return false;
}

static uint8_t mix_channel(uint8_t a, uint8_t b, float u) {
    return (uint8_t)lrintf((float)a + ((float)b - (float)a) * u);
}

color color_mix(color a, color b, float u) {
    return (color){mix_channel(a.r, b.r, u), mix_channel(a.g, b.g, u), mix_channel(a.b, b.b, u),
                   mix_channel(a.a, b.a, u)};
}

paint theme_cell(const theme *t, role r, float value, float scale, color *ink) {
    const role_colors *c = &t->roles[r];
    paint p = {.stroke = c->line, .width = 1};
    if (ink) *ink = t->ink;
    if (isnan(value)) return p; /* nothing was written here yet: the grid alone */
    float u = scale > 0 ? fminf(1, fabsf(value) / scale) : 0;
    if (value < 0) {
        p.fill = color_mix(t->negative_low, t->negative_high, u);
        p.hatch = t->negative_hatch;
    } else {
        p.fill = color_mix(c->low, c->high, u);
        p.stroke =
            color_mix(c->line, c->strong, 0.5f * u); /* else neighbours of the largest value would run together */
    }
    return p;
}

color theme_heat(float u) {
    u = u > 0 ? fminf(u, 1) * HEAT_STEPS : 0; /* NaN is 0 */
    int k = (int)u;
    return k >= HEAT_STEPS ? heat[HEAT_STEPS] : color_mix(heat[k], heat[k + 1], u - (float)k);
}

static double linear(uint8_t channel) {
    double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(color c) {
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

double color_contrast(color a, color b) {
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

paint theme_unread(const theme *t, role r, color *ink) {
    const role_colors *c = &t->roles[r];
    paint p = {.stroke = c->line, .width = 1};
    p.fill = color_mix(t->background, c->low, 0.3f);
    p.hatch = color_mix(p.fill, t->padding_line, 0.45f);
    *ink = theme_ink_on(t, t->ink_soft, p.fill, p.hatch);
    return p;
}

/* Luminance as seen with full sight, deuteranopia and protanopia: severity 1.0 of Machado, Oliveira and Fernandes
 * (2009), on linear sRGB. */
enum { SIGHTS = 3 };

static void luminances(color c, double seen[SIGHTS]) {
    static const double sights[SIGHTS][3][3] = {
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
        {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
    };
    static const double weight[3] = {0.2126, 0.7152, 0.0722};
    const double rgb[3] = {linear(c.r), linear(c.g), linear(c.b)};
    for (int s = 0; s < SIGHTS; s++) {
        seen[s] = 0;
        for (int k = 0; k < 3; k++) {
            const double *m = sights[s][k];
            seen[s] += weight[k] * fmin(1, fmax(0, m[0] * rgb[0] + m[1] * rgb[1] + m[2] * rgb[2]));
        }
    }
}

double color_contrast_for_all(color a, color b) {
    double x[SIGHTS], y[SIGHTS], least = INFINITY;
    luminances(a, x);
    luminances(b, y);
    for (int s = 0; s < SIGHTS; s++) least = fmin(least, (fmax(x[s], y[s]) + 0.05) / (fmin(x[s], y[s]) + 0.05));
    return least;
}

color theme_on(const theme *t, color ground) {
    return color_contrast_for_all(t->ink, ground) >= color_contrast_for_all(t->panel, ground) ? t->ink : t->panel;
}

color theme_ink_on(const theme *t, color wanted, color ground, color hatch) {
    enum { STEPS = 8 };
    const double enough = 5.2; /* a pale wash may still come over the ground */
    for (int k = 0; k < STEPS; k++) {
        color c = color_mix(wanted, t->ink, (float)k / STEPS);
        if (color_contrast_for_all(c, ground) >= enough &&
            (hatch.a == 0 || color_contrast_for_all(c, color_mix(ground, hatch, (float)hatch.a / 255)) >= enough))
            return c;
    }
    return t->ink;
}
