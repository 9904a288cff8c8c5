/* A zip archive, looked at before GDAL opens it: its central directory only, nothing is unpacked.
 * Refuses what a bomb or a path trick needs (PLATFORM 1.4, RELIABILITY I1, I2). */
#ifndef IMPORTERS_ARCHIVE_H
#define IMPORTERS_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geo/base/error.h"

enum { ARCHIVE_ENTRIES_MAX = 1000, ARCHIVE_RATIO_MAX = 200, ARCHIVE_SMALL_BYTES = 10 << 20 };
#define ARCHIVE_BYTES_MAX (2ull << 30)

struct archive_facts {
    size_t entries_n;
    uint64_t unpacked_bytes;
};

/* pread-like: reads n bytes at offset into buffer, returns how many. */
typedef size_t archive_read(void *arg, uint64_t offset, void *buffer, size_t n);

/* Checks the archive of `size` bytes. Errors: STATUS_INVALID "archive_damaged", "archive_names"
 * (absolute or .. names), "archive_encrypted"; STATUS_LIMIT "archive_limit" with the limit that was
 * passed. */
enum status archive_check(archive_read *read, void *arg, uint64_t size, struct archive_facts *out,
                          struct error *e) MUST_USE;

#endif
