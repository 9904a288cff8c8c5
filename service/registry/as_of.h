/* A moment that is asked about: "2026-03-31" (the end of that day, UTC), or "2026-03-31T18:00:00Z",
 * "...T12:00-06:00". */
#ifndef SERVICE_REGISTRY_AS_OF_H
#define SERVICE_REGISTRY_AS_OF_H

#include "geo/base/error.h"

enum { AS_OF_MAX = 24 };

/* The moment as "2026-03-31T23:59:59Z" (fractions of a second are dropped; the store's times have
 * none). STATUS_USAGE, code "bad_date", when it is not a date of the years 1900 to 9999. */
enum status as_of_parse(const char *text, char out[AS_OF_MAX], struct error *e) MUST_USE;

#endif
