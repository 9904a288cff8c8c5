/* The walls of the reader process: what code that parses hostile bytes can still do. Linux only;
 * each wall stands alone.
 *
 * rlimits (memory, CPU time, no file writing, no core), no_new_privs, Landlock (only the given
 * files, read-only; where the kernel has it) and a seccomp filter (no sockets, no new processes, no
 * writing to files, no tracing). Call once, before any outside byte is parsed, from a process with
 * a single thread; there is no way back. */
#ifndef IMPORTERS_SANDBOX_H
#define IMPORTERS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "geo/base/error.h"

struct sandbox_plan {
    const char *const *files; /* readable files; of a directory only the names can be listed. Absent
                                 ones are ignored */
    size_t files_n;
    bool system_data;    /* PROJ's and GDAL's data and the shared libraries may be read */
    double cpu_s;        /* RLIMIT_CPU; 0 = no limit */
    size_t memory_bytes; /* RLIMIT_AS; 0 = no limit. Not applied under AddressSanitizer, which maps
                            terabytes */
};

struct sandbox_state {
    bool landlock, seccomp;
};

/* STATUS_INTERNAL "sandbox" when a wall that this kernel should have cannot be raised. */
enum status sandbox_enter(const struct sandbox_plan *plan, struct sandbox_state *out,
                          struct error *e) MUST_USE;

/* Prints one line per wall on stdout after raising all of them; `outside` is a readable file that
 * is not in the plan. Returns 0 when every wall holds (a kernel without Landlock is reported, and
 * counts as holding). */
int sandbox_self_test(const char *outside);

#endif
