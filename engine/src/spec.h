/* Between the files that read and write specs. */
#ifndef ENGINE_SPEC_H
#define ENGINE_SPEC_H

#include "conv/operation.h"

/* The default of a parameter that is not required, as a value. */
conv_value spec_default(const conv_param *param);

#endif
