/* Accept, Accept-Encoding and If-None-Match; see negotiate.h. */
#include "service/http/negotiate.h"

#include <string.h>
#include <strings.h>

static const char *skip_space(const char *p)
{
    return p + strspn(p, " \t");
}

/* A quality value in thousandths; text that is none counts as 0. */
static int parse_quality(const char *p)
{
    int q = *p == '1' ? 1000 : 0;
    if (*p != '0' && *p != '1')
        return 0;
    if (*++p == '.') {
        p++;
        for (int step = 100; step && *p >= '0' && *p <= '9'; p++, step /= 10)
            q += (*p - '0') * step;
    }
    return q > 1000 ? 1000 : q;
}

/* One element of a comma-separated list with ;q=: sets [*start, *n) without spaces and *q; returns
 * what follows, NULL at the end. */
static const char *next_element(const char *p, const char **start, size_t *n, int *q)
{
    p += strspn(p, " \t,");
    if (!*p)
        return NULL;
    *start = p;
    *n = strcspn(p, ";, \t");
    *q = 1000;
    for (p = skip_space(p + *n); *p == ';'; p = skip_space(p)) {
        p = skip_space(p + 1);
        if ((*p == 'q' || *p == 'Q') && p[1] == '=')
            *q = parse_quality(p + 2);
        p += strcspn(p, ";,");
    }
    return p + strcspn(p, ",");
}

/* 3 for the type itself, 2 for type/ *, 1 for * / *, 0 for no match. */
static int specificity(const char *range, size_t n, const char *type)
{
    if (n == 3 && !strncmp(range, "*/*", 3))
        return 1;
    if (n >= 3 && !strncmp(range + n - 2, "/*", 2))
        return !strncasecmp(range, type, n - 1) ? 2 : 0;
    return n == strcspn(type, ";") && !strncasecmp(range, type, n) ? 3 : 0;
}

int http_accept_pick(const char *accept, const char *const *offered, int offered_n)
{
    if (!accept || !*skip_space(accept))
        return 0;
    int best = -1, best_q = 0;
    for (int i = 0; i < offered_n; i++) {
        const char *start;
        size_t n;
        int q, type_q = 0, type_specific = 0;
        for (const char *p = accept; (p = next_element(p, &start, &n, &q));) {
            int s = specificity(start, n, offered[i]);
            if (s > type_specific) {
                type_specific = s;
                type_q = q;
            }
        }
        if (type_q > best_q) {
            best_q = type_q;
            best = i;
        }
    }
    return best;
}

bool http_accepts_gzip(const char *accept_encoding)
{
    if (!accept_encoding)
        return false;
    int gzip = -1, any = -1, q;
    const char *start;
    size_t n;
    for (const char *p = accept_encoding; (p = next_element(p, &start, &n, &q));) {
        if ((n == 4 && !strncasecmp(start, "gzip", 4)) ||
            (n == 6 && !strncasecmp(start, "x-gzip", 6)))
            gzip = q;
        else if (n == 1 && *start == '*')
            any = q;
    }
    return gzip >= 0 ? gzip > 0 : any > 0;
}

bool http_etag_listed(const char *if_none_match, const char *etag)
{
    if (!if_none_match || !etag)
        return false;
    if (etag[0] == 'W' && etag[1] == '/')
        etag += 2;
    size_t etag_n = strlen(etag);
    const char *p = skip_space(if_none_match);
    if (*p == '*')
        return true;
    for (;;) {
        p += strspn(p, " \t,");
        if (p[0] == 'W' && p[1] == '/')
            p += 2;
        if (*p != '"')
            return false; /* the end, or not an entity tag */
        const char *end = strchr(p + 1, '"');
        if (!end)
            return false;
        if ((size_t)(end + 1 - p) == etag_n && !memcmp(p, etag, etag_n))
            return true;
        p = end + 1;
    }
}
