/* The municipality that a row says it lies in: the key of INEGI (CVEGEO) in whatever columns it
 * comes. Pure, thread-safe. */
#ifndef IMPORTERS_PLACE_KEY_H
#define IMPORTERS_PLACE_KEY_H

#include <stdbool.h>

enum { PLACE_KEY_MAX = 8 };

/* "07059", "7059", "7059.0" and localities ("070590001") give 07059; "59" gives it with state "7".
 * false = no key (a name, nothing, too many digits). Either may be NULL. */
bool place_key_read(const char *key, const char *state, char out[PLACE_KEY_MAX]);

#endif
