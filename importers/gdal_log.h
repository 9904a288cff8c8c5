/* What GDAL says while it reads: every warning and failure is kept, so that it can become a
 * finding. */
#ifndef IMPORTERS_GDAL_LOG_H
#define IMPORTERS_GDAL_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum { GDAL_LOG_MAX = 16, GDAL_LOG_TEXT = 200 };

struct gdal_log {
    struct gdal_log_entry {
        bool failure;             /* else warning */
        char text[GDAL_LOG_TEXT]; /* valid UTF-8, without paths */
    } entries[GDAL_LOG_MAX];
    size_t n; /* distinct ones since the last gdal_log_reset */
    bool out_of_memory;
};

/* From now on GDAL's messages of this thread go here and nowhere else. */
void gdal_log_start(struct gdal_log *log);
void gdal_log_reset(struct gdal_log *log);
/* The first failure, or the first warning, or NULL. */
const struct gdal_log_entry *gdal_log_worst(const struct gdal_log *log);

#endif
