/* Reading of the headers by which a client says what it wants: Accept, Accept-Encoding,
 * If-None-Match (RFC 9110 sections 12.5 and 13.1.2). Pure functions; NULL means the header is
 * absent. */
#ifndef SERVICE_HTTP_NEGOTIATE_H
#define SERVICE_HTTP_NEGOTIATE_H

#include <stdbool.h>
#include <stddef.h>

/* The index of the media type in `offered` that the client likes most (the earlier one on a tie),
 * or -1 when it accepts none. An absent or empty Accept takes the first. */
int http_accept_pick(const char *accept, const char *const *offered, int offered_n);
/* Whether gzip may be sent: named (or *) with q above 0. */
bool http_accepts_gzip(const char *accept_encoding);
/* Whether If-None-Match lists `etag` (with quotes) or is *; compared weakly, so W/ on either side
 * does not matter. */
bool http_etag_listed(const char *if_none_match, const char *etag);

#endif
