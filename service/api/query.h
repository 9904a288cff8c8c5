/* Parameter values as numbers, boxes and lists, strictly: what is not wholly understood is refused
 * with the parameter's name. */
#ifndef SERVICE_API_QUERY_H
#define SERVICE_API_QUERY_H

#include "geo/base/arena.h"
#include "geo/base/buf.h"
#include "geo/boundary.h"

/* A decimal integer in min..max, no sign, no leading zeros: one way to write each. */
bool query_parse_integer(const char *text, int64_t min, int64_t max, int64_t *out);
/* The same as a parameter: STATUS_USAGE, code "bad_parameter", naming it and the range. */
enum status query_integer(const char *name, const char *text, int64_t min, int64_t max,
                          int64_t *out, struct error *e) MUST_USE;
/* "west,south,east,north" or six numbers with heights (ignored), degrees. West may be greater than
 * east: the box crosses the antimeridian and becomes two. boxes_n is 1 or 2. */
enum status query_boxes(const char *text, struct box boxes[2], int *boxes_n,
                        struct error *e) MUST_USE;
/* Splits at commas into memory of `a`; empty elements are refused. STATUS_LIMIT when there are more
 * than max. */
enum status query_list(const char *name, const char *text, struct arena *a, size_t max,
                       const char *const **out, size_t *n, struct error *e) MUST_USE;
/* `text` percent-encoded for a query string. */
void query_escape(struct buf *b, const char *text);

#endif
