/* SHA-256 of files: what tells that the same file came again. */
#ifndef IMPORTERS_DIGEST_H
#define IMPORTERS_DIGEST_H

#include <stdint.h>

#include "geo/base/error.h"

enum { DIGEST_HEX = 65 };

/* Hash of the bytes of all paths, one after the other; absent ones (NULL) are skipped. *bytes =
 * their sum. Reads through ordinary files only. */
enum status digest_files(const char *const *paths, int paths_n, char hex[DIGEST_HEX],
                         uint64_t *bytes, struct error *e) MUST_USE;

#endif
