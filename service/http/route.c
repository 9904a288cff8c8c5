/* Patterns such as "/tiles/{layer}/{z}/{x}/{y}.geojson" against the segments of a target. A table
 * of two dozen is walked in less time than a hash of the path would take to compute. */
#include <string.h>

#include "service/http/http.h"

/* Matches one segment against one piece of pattern (n bytes); fills *capture when there is a
 * {name}. */
static bool match_piece(const char *piece, size_t n, const char *segment, char capture[256],
                        bool *captured)
{
    const char *close = piece[0] == '{' ? memchr(piece, '}', n) : NULL;
    *captured = close != NULL;
    if (!close)
        return strlen(segment) == n && !memcmp(segment, piece, n);
    size_t suffix_n = (size_t)(piece + n - (close + 1)), segment_n = strlen(segment);
    if (segment_n <= suffix_n || segment_n - suffix_n >= 256 ||
        memcmp(segment + segment_n - suffix_n, close + 1, suffix_n))
        return false;
    memcpy(capture, segment, segment_n - suffix_n);
    capture[segment_n - suffix_n] = 0;
    return true;
}

/* "{path...}": the remaining segments, joined by slashes. */
static bool match_rest(struct http_request *q, int from, char capture[256])
{
    size_t at = 0;
    for (int i = from; i < q->target.segments_n; i++) {
        size_t n = strlen(q->target.segment[i]);
        if (at + n + 1 >= 256)
            return false;
        if (i > from)
            capture[at++] = '/';
        memcpy(capture + at, q->target.segment[i], n);
        at += n;
    }
    capture[at] = 0;
    return from < q->target.segments_n;
}

static bool match(const char *pattern, struct http_request *q)
{
    int captures = 0, i = 0;
    const char *p = pattern + 1;
    for (; *p; i++) {
        size_t n = strcspn(p, "/");
        if (captures == HTTP_CAPTURES_MAX)
            return false;
        if (n > 5 && p[0] == '{' && !strncmp(p + n - 4, "...}", 4))
            return match_rest(q, i, q->capture[captures]);
        bool captured;
        if (i >= q->target.segments_n ||
            !match_piece(p, n, q->target.segment[i], q->capture[captures], &captured))
            return false;
        captures += captured;
        p += n + (p[n] == '/');
    }
    return i == q->target.segments_n;
}

enum { GET_AND_HEAD = HTTP_METHOD(HTTP_GET) | HTTP_METHOD(HTTP_HEAD) };

const struct http_route *http_route_find(const struct http_route *routes, size_t routes_n,
                                         struct http_request *q, unsigned *methods)
{
    unsigned known = 0;
    const struct http_route *found = NULL;
    for (size_t i = 0; !found && i < routes_n; i++)
        if (match(routes[i].pattern, q)) {
            unsigned own = routes[i].methods ? routes[i].methods : (unsigned)GET_AND_HEAD;
            known |= own;
            if (own & HTTP_METHOD(q->method))
                found = &routes[i];
        }
    if (methods)
        *methods = known;
    return found;
}

const char *http_methods_text(unsigned methods, char out[64])
{
    size_t at = 0;
    methods |= HTTP_METHOD(HTTP_OPTIONS);
    for (int i = 0; i < HTTP_METHODS_N; i++)
        if (methods & (1u << i)) {
            const char *name = http_method_names[i];
            size_t n = strlen(name);
            if (at) {
                memcpy(out + at, ", ", 2);
                at += 2;
            }
            memcpy(out + at, name, n);
            at += n;
        }
    out[at] = 0;
    return out;
}
