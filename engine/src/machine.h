/* What this machine lets the process use. */
#ifndef ENGINE_MACHINE_H
#define ENGINE_MACHINE_H

#include <stddef.h>

int machine_threads(void);   /* cores, by affinity and cgroup quota; at least 1 */
size_t machine_memory(void); /* bytes, by machine, cgroup and address-space limit */
unsigned machine_cpu(void);  /* instruction sets, narrowed by the environment variable CONV_CPU_MASK (a number) */

#endif
