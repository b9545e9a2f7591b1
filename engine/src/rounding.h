/* The floating-point environment of the library: round to nearest, denormals kept. Entered by every public function
 * that computes, left as the caller had it. */
#ifndef ENGINE_ROUNDING_H
#define ENGINE_ROUNDING_H

#include <fenv.h>

static inline fenv_t rounding_enter(void) {
    fenv_t callers;
    fegetenv(&callers);
    fesetenv(FE_DFL_ENV);
    return callers;
}

static inline void rounding_leave(const fenv_t *callers) {
    fesetenv(callers);
}

#endif
