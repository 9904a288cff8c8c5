/* The HTTP transport: a server on one address, a route table, requests checked and taken apart,
 * replies with ETag, gzip and HEAD handled. The only room that knows libmicrohttpd; it knows
 * nothing of plots.
 *
 * Threads: one event loop answers what is cheap (routes marked in_loop, and kept replies that are
 * still right); everything else is built by a pool of workers while the connection is suspended, so
 * that a slow answer never delays a quick one. A third thread closes connections that pass their
 * deadline. `answer` runs in a worker (or in the loop for in_loop routes) with that thread's own
 * context and must not touch another's. */
#ifndef SERVICE_HTTP_HTTP_H
#define SERVICE_HTTP_HTTP_H

#include "geo/base/buf.h"
#include "service/http/guard.h"
#include "service/http/negotiate.h"
#include "service/http/target.h"

enum {
    HTTP_CAPTURES_MAX = 4,
    HTTP_QUEUE_MAX = 256,
    HTTP_KEEP_BYTES_MAX = 16 * 1024 * 1024,
    HTTP_KEEP_ENTRIES_MAX = 4096
};

/* ---- requests ---- */

struct http_reply;
struct http_request;

/* Where the body of a request goes, piece by piece, all of it in the event loop: each call must
 * take microseconds. A route without a sink takes no body at all. */
struct http_sink {
    /* Before the first byte. `length` is the declared one, -1 when the client does not say. NULL
     * with *body set, or the refusal. */
    struct http_reply *(*open)(const struct http_request *q, int64_t length, void *context,
                               void **body);
    /* Of a form: the next file begins, called as the client calls it (text, never a path). NULL =
     * forms with one file only. */
    enum status (*file)(void *body, const char *filename, struct error *e);
    /* One piece of the raw body, or of the file that began last. */
    enum status (*write)(void *body, const void *bytes, size_t n, struct error *e);
    /* Once for each open, after the answer or instead of it: what the answer did not take is thrown
     * away. Any thread. */
    void (*close)(void *body);
};

struct http_route {
    const char *pattern; /* "/tiles/{layer}/{z}/{x}/{y}.geojson"; "{name...}" last takes the rest;
                            {a}.json keeps what is before .json */
    bool in_loop;        /* answered in the event loop: must take microseconds */
    bool by_accept;      /* the answer depends on Accept */
    unsigned methods;    /* bits of HTTP_METHOD(); 0 = GET and HEAD */
    const struct http_sink *sink; /* of POST; NULL = no body */
    const void *data;             /* the owner's */
};

struct http_request {
    const struct http_route *route;
    enum http_method method; /* HTTP_GET or HTTP_HEAD: build the same answer for both */
    const char
        *bearer; /* of "Authorization: Bearer ...", "" for another scheme; NULL when absent */
    void *body;  /* of the sink: whole, when the answer is asked for */
    int64_t body_bytes; /* given to the sink */
    char filename[256]; /* of the first file in a form, as the client calls it: text, never a path;
                           "" when there is none */
    struct http_target target;
    char capture[HTTP_CAPTURES_MAX][256]; /* what the {}s matched, decoded, in order */
    const char *host;                     /* as sent, checked: "127.0.0.1:8080" */
    const char *accept;                   /* NULL when absent */
    const char *accept_language;          /* the same */
    const char *if_none_match;            /* NULL when absent */
    bool gzip;                            /* the client takes gzip */
    bool
        loopback; /* the server is bound to a loopback address: whoever asks sits at this machine */
};

#define HTTP_METHOD(method) (1u << (method))

/* The route for a parsed target and method, with captures filled; NULL when none fits. The first
 * match wins. *methods gets the methods that the address knows (0: there is nothing there); NULL
 * allowed. */
const struct http_route *http_route_find(const struct http_route *routes, size_t routes_n,
                                         struct http_request *q, unsigned *methods);
/* "GET, HEAD, OPTIONS": OPTIONS is always among them. */
const char *http_methods_text(unsigned methods, char out[64]);

/* ---- replies ---- */

/* A reply with no body yet, one reference. NULL = no memory (may be returned from `answer` as it
 * is). */
struct http_reply *http_reply_new(int status);
void http_reply_unref(struct http_reply *r); /* NULL allowed */
/* Adds a header; both are copied. A value with CR, LF or another control byte, or more than 12
 * headers, makes the reply fail: the client gets a bare 500 instead. */
void http_reply_header(struct http_reply *r, const char *name, const char *value);
/* The body: bytes stay valid until release(arg) is called (release may be NULL), once, when the
 * last connection has sent them. */
void http_reply_body(struct http_reply *r, const char *content_type, const void *bytes, size_t n,
                     void (*release)(void *), void *arg);
/* Takes the buffer's bytes as body; a failed buffer makes the reply fail. */
void http_reply_buf(struct http_reply *r, const char *content_type, struct buf *b);
/* The same body compressed with gzip, as valid and as long as the body. Without it large bodies are
 * compressed when asked for. */
void http_reply_gzip(struct http_reply *r, const void *bytes, size_t n);
/* ETag with quotes. A 200 answer to a request that lists it becomes 304 by itself. */
void http_reply_etag(struct http_reply *r, const char *etag);
/* The reply may be given again for the same target (and Accept, for by_accept routes) while stamp()
 * says the same number. */
void http_reply_keep(struct http_reply *r, int64_t stamp);
int http_reply_status(const struct http_reply *r);
/* "Not Found" and so on; "Error" for a status not in use here. */
const char *http_reason(int status);

/* ---- server ---- */

struct http_config {
    const char *listen; /* "127.0.0.1:8080", "[::1]:0", "localhost:8080", ":8080" = 127.0.0.1:8080;
                           port 0 = any free one */
    const char *const *hosts; /* further names the Host field may have */
    size_t hosts_n;
    const struct http_route *routes;
    size_t routes_n;
    int workers;      /* 0 = cores, at least 2 */
    int64_t body_max; /* bytes; 0 = LIMIT_REQUEST_BODY_BYTES */
    int header_ms;    /* 0 = LIMIT_HEADER_SECONDS */
    int response_ms;  /* 0 = LIMIT_RESPONSE_SECONDS */
    int grace_ms;     /* to finish what is in flight when stopping; 0 = 10 s */
    size_t queue_max; /* requests waiting for a worker; 0 = HTTP_QUEUE_MAX */
    void *arg;
    /* One context per worker and one for the loop; made one after the other in http_server_start's
     * thread. */
    enum status (*context_new)(void *arg, void **out, struct error *e);
    void (*context_free)(void *context);
    struct http_reply *(*answer)(const struct http_request *q, void *context);
    /* What kept replies are checked against, asked in the loop on each hit; negative = use none.
     * NULL = nothing is kept. */
    int64_t (*stamp)(void *context);
    /* The body of a refusal; any thread. `http` is the status; accept_language may be NULL. */
    struct http_reply *(*refuse)(int http, const struct error *e, const char *accept_language);
};

struct http_server;

/* Binds, listens and starts answering. The config and what it points to must outlive the server.
 * Blocks SIGTERM, SIGINT and SIGPIPE in the calling thread (so that the server's threads inherit
 * it) until http_server_stop. STATUS_CONFLICT, code "address_in_use"; STATUS_USAGE, code
 * "bad_address". */
enum status http_server_start(const struct http_config *config, struct http_server **out,
                              struct error *e) MUST_USE;
/* "http://127.0.0.1:41233", with the real port. */
const char *http_server_url(const struct http_server *s);
bool http_server_is_loopback(const struct http_server *s);
/* Waits for SIGTERM or SIGINT. */
void http_server_wait(struct http_server *s);
/* Stops accepting, lets what is in flight end (grace_ms; a further signal cuts it short), frees
 * everything. NULL allowed. */
void http_server_stop(struct http_server *s);

#endif
