/* A condition written in CQL2 text (OGC 21-065r2), read into a tree. What the words mean is the
 * store's to say (where.h).
 *
 * The part of CQL2 that is understood: AND, OR, NOT, parentheses; = <> < <= > >= between a property
 * and a value (either first); [NOT] BETWEEN number AND number; [NOT] IN (value, ...); [NOT] LIKE
 * 'text'; IS [NOT] NULL; numbers, 'text' with '' for an apostrophe, TRUE and FALSE; property names
 * plain or in double quotes ("" for a quote). A backslash is an ordinary character except in a LIKE
 * pattern. Key words in any letter case. Not understood, and refused: arithmetic, functions, CASEI,
 * dates, geometries, arrays, comparing two properties. */
#ifndef SERVICE_REGISTRY_CQL2_H
#define SERVICE_REGISTRY_CQL2_H

#include "geo/base/arena.h"
#include "geo/base/error.h"
#include "service/store/where.h"

/* Memory of the tree from `a`. STATUS_USAGE, code "bad_filter", naming the character and what was
 * expected there; STATUS_LIMIT, code "filter_too_large", past LIMIT_FILTER_BYTES, _DEPTH or
 * _VALUES. */
enum status cql2_parse(const char *text, struct arena *a, const struct where **out,
                       struct error *e) MUST_USE;

#endif
