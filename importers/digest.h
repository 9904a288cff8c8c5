/* SHA-256 of files: what tells that the same file came again. Done in a thread of its own, while
 * the files are being read. */
#ifndef IMPORTERS_DIGEST_H
#define IMPORTERS_DIGEST_H

#include <stdint.h>

#include "geo/base/error.h"

enum { DIGEST_HEX = 65 };

struct digest;

/* Begins with the bytes of all paths, one after the other; absent ones (NULL) are skipped. *bytes =
 * their sum. Ordinary files only; one that cannot be opened is told here. Ended by digest_end(). */
enum status digest_start(const char *const *paths, int paths_n, struct digest **out,
                         uint64_t *bytes, struct error *e) MUST_USE;
/* Waits for the hash, and frees. NULL gives "". */
enum status digest_end(struct digest *d, char hex[DIGEST_HEX], struct error *e) MUST_USE;

#endif
