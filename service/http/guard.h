/* The guard: checks a request's head before anything is routed.
 *
 * libmicrohttpd 0.9.75 accepts two Hosts, two Content-Lengths and Content-Length beside
 * Transfer-Encoding; a server behind a proxy that reads them differently can be made to run a
 * hidden request. The guard refuses each, and a Host that is not ours (a page elsewhere that
 * rebinds its name to this machine). Fed field by field, so that it needs no library and can be
 * tested by itself. Every refusal closes the connection. */
#ifndef SERVICE_HTTP_GUARD_H
#define SERVICE_HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geo/base/error.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_OPTIONS, HTTP_POST, HTTP_DELETE, HTTP_METHODS_N };

struct http_guard {
    int http;        /* 0 or the status to refuse with */
    struct error *e; /* filled when http != 0 */
    int fields_n, hosts_n, lengths_n, codings_n;
    bool body;          /* Content-Length above 0, or chunked */
    int64_t length;     /* declared; -1 = not, INT64_MAX = more than fits */
    const char *host;   /* the values below live as long as the fields given */
    const char *accept; /* NULL when absent */
    const char *accept_encoding;
    const char *accept_language;
    const char *if_none_match;
    const char *bearer; /* what stands after Bearer; "" for another scheme, NULL when absent */
    const char *content_type; /* NULL when absent */
    int authorizations_n, types_n;
    bool unknown_coding;
};

/* The names a request's Host may have, each without port, IPv6 in brackets. */
struct http_hosts {
    const char *const *names;
    size_t names_n;
};

extern const char *const http_method_names[HTTP_METHODS_N];

void http_guard_begin(struct http_guard *g, struct error *e);
/* One header field. Values must stay valid while the guard's result is used; `value` is
 * NUL-terminated at value_n. */
void http_guard_field(struct http_guard *g, const char *name, size_t name_n, const char *value,
                      size_t value_n);
/* After the last field; host_known: the one Host is allowed (http_host_allowed). 0 with *method
 * set, or the HTTP status to refuse with (400, 403, 405, 413, 431, 505). A body passes with POST
 * only; whether its address takes one is for the router to say. */
int http_guard_end(struct http_guard *g, const char *method_text, const char *version,
                   bool host_known, enum http_method *method);
/* Whether `host` (a Host value, port allowed) is one of the names, in any letter case. */
bool http_host_allowed(const char *host, const struct http_hosts *hosts);
/* Whether `host` is written as a Host value may be: name or IPv4 or [IPv6], then perhaps :digits.
 * Sets the length of the name. */
bool http_host_well_formed(const char *host, size_t *name_n);

/* Whether the Content-Type of a form names its boundary as RFC 2046 section 5.1.1 allows, quoted or
 * not, as the one parameter: libmicrohttpd copies it as it stands. */
bool http_form_boundary_ok(const char *content_type);

#endif
