/* Files named on a command line, with folders opened up. Runs in the caller's process; opens no
 * file. */
#ifndef IMPORTERS_BATCH_H
#define IMPORTERS_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "geo/base/arena.h"
#include "geo/base/error.h"

enum { BATCH_DEPTH_MAX = 8 };

struct batch {
    const char **files; /* in the arena */
    size_t n;
    bool folders; /* some came from a folder: reader_request.batch */
};

/* Every path that is a folder is replaced by the regular files in it and below it, by name; names
 * that begin with a dot and symbolic links inside are passed over. What does not exist is kept, so
 * that the reader names it. Errors: STATUS_INVALID "folder_empty"; STATUS_LIMIT "too_many_files"
 * (more than FRAME_FILES_MAX), STATUS_IO "folder_unreadable". */
enum status batch_expand(const char *const *paths, size_t paths_n, struct arena *a,
                         struct batch *out, struct error *e) MUST_USE;

#endif
