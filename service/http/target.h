/* The request target, taken apart safely: raw bytes in, decoded segments and arguments out, or a
 * refusal.
 *
 * libmicrohttpd 0.9.75 decodes %00 and %2f before a handler sees them and cuts the text at the
 * first NUL, so Parcela takes the raw target and decodes it here, once. What could be read in two
 * ways is refused: NUL and control bytes, encoded slashes and backslashes, dot segments, invalid
 * UTF-8, a parameter given twice. Pure functions on memory; no state. */
#ifndef SERVICE_HTTP_TARGET_H
#define SERVICE_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "geo/base/error.h"
#include "service/limits.h"

enum { HTTP_SEGMENTS_MAX = 12 };

struct http_argument {
    const char *name, *value; /* decoded; value "" when there is no '=' */
};

struct http_target {
    char text[LIMIT_URL_BYTES + 4]; /* what the pointers below point into */
    char *segment[HTTP_SEGMENTS_MAX];
    int segments_n; /* 0 for "/" ; one trailing slash is ignored */
    struct http_argument argument[LIMIT_QUERY_ARGUMENTS];
    int arguments_n;
    bool asterisk; /* the target "*" of OPTIONS */
};

/* 0, or the HTTP status to refuse with (400, 404, 414) and *e filled. `out` is only valid after 0.
 */
int http_target_parse(const char *raw, struct http_target *out, struct error *e) MUST_USE;
/* The value of argument `name`, or NULL. */
const char *http_target_argument(const struct http_target *t, const char *name);
/* Valid UTF-8 (no overlong forms, surrogates or code points above U+10FFFF). */
bool http_utf8_valid(const char *text);

#endif
