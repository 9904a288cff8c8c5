/* The key under which CURPs are hashed: REGISTRY/curp.key, beside the database and not in it, so
 * that a copy of registry.sqlite tells nobody's CURP. */
#ifndef SERVICE_REGISTRY_CURP_KEY_H
#define SERVICE_REGISTRY_CURP_KEY_H

#include <stdbool.h>

#include "geo/base/error.h"
#include "importers/curp.h"

/* Reads the key. Where there is none (or an empty file): makes one when `make`, else gives one for
 * this once. STATUS_IO, or STATUS_CORRUPT "curp_key" when the file is no key. */
enum status curp_key_load(const char *folder, bool make, unsigned char key[CURP_KEY_BYTES],
                          struct error *e) MUST_USE;
/* The text without CURPs, as importers/curp.h does it; for names that never pass the reader. In
 * `a` when it changes; "" without memory. */
const char *curp_key_masked(const unsigned char key[CURP_KEY_BYTES], struct arena *a,
                            const char *text);

#endif
