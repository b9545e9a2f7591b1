/* Winograd's minimal filtering: F(4, 3) on an axis with a kernel of 3, F(2, 5) with one of 5, nothing with one of 1; in
 * one or two directions, with any dilation (each remainder modulo the dilation is a picture of its own), a third axis
 * summed like channels. */
#ifndef ENGINE_WINOGRAD_H
#define ENGINE_WINOGRAD_H

#include "algorithm.h"

extern const algorithm winograd_algorithm;

#endif
