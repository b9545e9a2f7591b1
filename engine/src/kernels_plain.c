/* Plain C: what every other set must equal bit for bit, and what runs where there is none. */
#include "kernels.h"

#include "kernel_set.h"
static const kernels set = KERNEL_SET("C");
const kernels *const kernels_plain = &set;
