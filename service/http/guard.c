/* Checks of a request's head; see guard.h. */
#include "service/http/guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "service/limits.h"

enum { BOUNDARY_MAX = 70 };

static void refuse(struct http_guard *g, int http, const char *code, const char *message,
                   const char *remedy)
{
    if (g->http)
        return; /* the first thing wrong is the one told */
    g->http = http;
    error_set(g->e, http == 413 || http == 431 ? STATUS_LIMIT : STATUS_USAGE, code, remedy, "%s",
              message);
}

void http_guard_begin(struct http_guard *g, struct error *e)
{
    *g = (struct http_guard){.e = e, .length = -1};
}

/* RFC 9110 section 5.6.2: token. */
static bool is_token(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= ' ' || c >= 0x7F || strchr("\"(),/:;<=>?@[\\]{}", c))
            return false;
    }
    return n > 0;
}

static bool is_value(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < ' ' && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static bool named(const char *name, size_t name_n, const char *wanted, size_t wanted_n)
{
    return name_n == wanted_n && !strncasecmp(name, wanted, wanted_n);
}
#define NAMED(text) named(name, name_n, text, sizeof(text) - 1)

static void content_length(struct http_guard *g, const char *value)
{
    g->lengths_n++;
    if (!*value || value[strspn(value, "0123456789")])
        refuse(g, 400, "content_length", "Content-Length is not a number",
               "send a request without a body");
    else {
        const char *digits = value + strspn(value, "0");
        g->length = strlen(digits) > 18 ? INT64_MAX : strtoll(value, NULL, 10);
        g->body = g->body || g->length > 0;
    }
}

/* The library takes any coding for "until the connection ends"; only chunks are understood here. */
static void transfer_encoding(struct http_guard *g, const char *value)
{
    g->codings_n++;
    g->body = true;
    if (strcasecmp(value, "chunked"))
        g->unknown_coding = true;
}

/* RFC 6750 section 2.1 */
static const char *bearer_of(const char *value)
{
    if (strncasecmp(value, "Bearer ", 7))
        return "";
    value += 7;
    return value + strspn(value, " ");
}

void http_guard_field(struct http_guard *g, const char *name, size_t name_n, const char *value,
                      size_t value_n)
{
    if (++g->fields_n > LIMIT_HEADER_COUNT)
        refuse(g, 431, "too_many_headers", "the request has too many header fields",
               "see header_count at /limits");
    if (!is_token(name, name_n))
        refuse(g, 400, "header_name", "a header field's name holds a byte that is not allowed",
               NULL);
    if (!is_value(value, value_n))
        refuse(g, 400, "header_value", "a header field's value holds a control byte", NULL);
    if (g->http)
        return;
    if (NAMED("Host")) {
        g->hosts_n++;
        g->host = value;
    } else if (NAMED("Content-Length")) {
        content_length(g, value);
    } else if (NAMED("Transfer-Encoding")) {
        transfer_encoding(g, value);
    } else if (NAMED("Accept")) {
        g->accept = value;
    } else if (NAMED("Accept-Language")) {
        g->accept_language = value;
    } else if (NAMED("Accept-Encoding")) {
        g->accept_encoding = value;
    } else if (NAMED("If-None-Match")) {
        g->if_none_match = value;
    } else if (NAMED("Authorization")) {
        g->authorizations_n++;
        g->bearer = bearer_of(value);
    } else if (NAMED("Content-Type")) {
        g->types_n++;
        g->content_type = value;
    }
}

bool http_host_well_formed(const char *host, size_t *name_n)
{
    size_t n;
    if (host[0] == '[') {
        n = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
        if (n < 3 || host[n] != ']')
            return false;
        n++;
    } else {
        n = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
        if (!n || n > 253)
            return false;
    }
    *name_n = n;
    if (!host[n])
        return true;
    size_t digits = host[n] == ':' ? strspn(host + n + 1, "0123456789") : 0;
    return digits >= 1 && digits <= 5 && !host[n + 1 + digits];
}

bool http_host_allowed(const char *host, const struct http_hosts *hosts)
{
    size_t n;
    if (!http_host_well_formed(host, &n))
        return false;
    for (size_t i = 0; i < hosts->names_n; i++)
        if (named(host, n, hosts->names[i], strlen(hosts->names[i])))
            return true;
    return false;
}

const char *const http_method_names[HTTP_METHODS_N] = {"GET", "HEAD", "OPTIONS", "POST", "DELETE"};

static bool method_parse(const char *text, enum http_method *out)
{
    for (int i = 0; i < HTTP_METHODS_N; i++) /* case matters: RFC 9110 section 9.1 */
        if (!strcmp(text, http_method_names[i])) {
            *out = (enum http_method)i;
            return true;
        }
    return false;
}

int http_guard_end(struct http_guard *g, const char *method_text, const char *version,
                   bool host_known, enum http_method *method)
{
    if (strcmp(version, "HTTP/1.1") && strcmp(version, "HTTP/1.0"))
        refuse(g, 505, "http_version", "only HTTP/1.1 and HTTP/1.0 are spoken here",
               "use HTTP/1.1");
    if (g->lengths_n > 1)
        refuse(g, 400, "two_content_lengths", "the request has more than one Content-Length", NULL);
    if (g->lengths_n && g->codings_n)
        refuse(g, 400, "length_and_coding",
               "the request has both Content-Length and Transfer-Encoding", NULL);
    if (g->hosts_n != 1)
        refuse(g, 400, "host_count", "a request must have exactly one Host field", NULL);
    else if (!host_known)
        refuse(g, 403, "host_not_allowed", "this server does not answer for that Host",
               "use the address it printed, or start it with --host NAME");
    if (!method_parse(method_text, method))
        refuse(g, 405, "method_not_allowed",
               "only GET, HEAD, OPTIONS, POST and DELETE are answered here", "use GET");
    if (g->authorizations_n > 1 || g->types_n > 1)
        refuse(g, 400, "repeated_header", "Authorization and Content-Type may stand once", NULL);
    if (!g->http && g->body && *method == HTTP_POST && g->unknown_coding)
        refuse(g, 400, "transfer_encoding", "only chunked is understood as Transfer-Encoding",
               NULL);
    if (!g->http && g->body && *method != HTTP_POST)
        refuse(g, 413, "body_not_accepted", "this request takes no body",
               "send the request without a body");
    return g->http;
}

bool http_form_boundary_ok(const char *type)
{
    const char *at = strchr(type, ';');
    if (!at)
        return false;
    at += 1 + strspn(at + 1, " \t");
    if (strncasecmp(at, "boundary=", 9))
        return false;
    at += 9;
    bool quoted = *at == '"';
    at += quoted;
    size_t n =
        strspn(at, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=?");
    if (n < 1 || n > BOUNDARY_MAX || (quoted && at[n] != '"'))
        return false;
    at += n + quoted;
    return !at[strspn(at, " \t")];
}
