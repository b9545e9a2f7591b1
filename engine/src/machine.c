#include "machine.h"
#include "conv/engine.h"
#include "kernels.h"
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The path of this process' cgroup (version 2) below the mount point; "" when there is none. */
static void own_cgroup(char *path, size_t size) {
    path[0] = '\0';
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL) return;
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "0::/", 4) != 0) continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(path, size, "%s", strcmp(line + 3, "/") == 0 ? "" : line + 3);
    }
    fclose(file);
}

/* Reads the numbers of a cgroup file; "max" leaves them as they are. */
static bool read_limit(const char *group, const char *name, double *first, double *second) {
    char path[640];
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/%s", group, name);
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    char line[64] = "", *end, *after;
    bool read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    long long a = strtoll(line, &end, 10);
    if (!read || end == line) return false;
    *first = (double)a;
    long long b = strtoll(end, &after, 10);
    if (after != end && second != NULL) *second = (double)b;
    return true;
}

int machine_threads(void) {
    int cores = 1;
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        cores = CPU_COUNT(&set);
    else if (sysconf(_SC_NPROCESSORS_ONLN) > 0)
        cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    char group[512];
    own_cgroup(group, sizeof group);
    const char *places[] = {group, ""};
    for (int i = 0; i < 2; i++) {
        double quota = 0, period = 0;
        if (!read_limit(places[i], "cpu.max", &quota, &period) || quota <= 0 || period <= 0) continue;
        int allowed = (int)((quota + period - 1) / period);
        if (allowed < cores) cores = allowed;
    }
    return cores < 1 ? 1 : cores;
}

size_t machine_memory(void) {
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    char group[512];
    own_cgroup(group, sizeof group);
    const char *places[] = {group, ""};
    for (int i = 0; i < 2; i++) {
        double limit = memory;
        if (read_limit(places[i], "memory.max", &limit, NULL) && limit < memory) memory = limit;
    }
    struct rlimit space;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY && (double)space.rlim_cur < memory)
        memory = (double)space.rlim_cur;
    return (size_t)memory;
}

unsigned machine_cpu(void) {
    unsigned cpu = CONV_CPU_PLAIN;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        cpu |= CONV_CPU_AVX2;
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
            cpu |= CONV_CPU_AVX512;
    }
#elif defined(__aarch64__)
    cpu |= CONV_CPU_NEON;
#endif
    const char *mask = getenv("CONV_CPU_MASK");
    if (mask != NULL && mask[0] != '\0') cpu &= (unsigned)strtoul(mask, NULL, 0);
    return cpu & kernels_built();
}
