/* Replies: status, headers, a body shared by plain, gzip and 304 variants, each a libmicrohttpd
 * response made once.
 *
 * One response object queued on many connections is the fastest thing libmicrohttpd does (twice a
 * new one with its headers per request), so a kept reply keeps its variants. A body is referenced
 * by each variant, and given back when the last connection that sends it has ended. */
#include <errno.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "service/http/internal.h"

enum { REPLY_HEADERS_MAX = 12, COMPRESS_FROM_BYTES = 1400, COMPRESS_LEVEL = 3 };
enum variant { VARIANT_PLAIN, VARIANT_GZIP, VARIANT_NOT_MODIFIED, VARIANTS_N };

struct body {
    _Atomic int references;
    const void *bytes;
    size_t n;
    const void *gzip;
    size_t gzip_n;
    void *own_gzip; /* to be freed when we compressed it ourselves */
    void (*release)(void *);
    void *arg;
};

struct http_reply {
    _Atomic int references;
    int status;
    bool failed;
    int64_t stamp;
    struct body *body;
    char content_type[96];
    char etag[100];
    struct {
        char *name, *value;
    } headers[REPLY_HEADERS_MAX];
    int headers_n;
    struct MHD_Response *variants[VARIANTS_N];
};

static void body_unref(void *arg)
{
    struct body *b = arg;
    if (!b || atomic_fetch_sub(&b->references, 1) > 1)
        return;
    if (b->release)
        b->release(b->arg);
    free(b->own_gzip);
    free(b);
}

struct http_reply *http_reply_new(int status)
{
    struct http_reply *r = calloc(1, sizeof *r);
    if (r) {
        r->references = 1;
        r->status = status;
        r->stamp = -1;
    }
    return r;
}

void http_reply_ref(struct http_reply *r)
{
    atomic_fetch_add(&r->references, 1);
}

void http_reply_unref(struct http_reply *r)
{
    if (!r || atomic_fetch_sub(&r->references, 1) > 1)
        return;
    for (int i = 0; i < VARIANTS_N; i++)
        if (r->variants[i])
            MHD_destroy_response(r->variants[i]);
    for (int i = 0; i < r->headers_n; i++)
        free(r->headers[i].name);
    body_unref(r->body);
    free(r);
}

static bool clean_value(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

void http_reply_header(struct http_reply *r, const char *name, const char *value)
{
    if (!r)
        return;
    size_t name_n = strlen(name) + 1, value_n = strlen(value) + 1;
    char *copy =
        r->headers_n < REPLY_HEADERS_MAX && clean_value(value) ? malloc(name_n + value_n) : NULL;
    if (!copy) {
        r->failed = true;
        return;
    }
    memcpy(copy, name, name_n);
    memcpy(copy + name_n, value, value_n);
    r->headers[r->headers_n].name = copy;
    r->headers[r->headers_n++].value = copy + name_n;
}

static void set_text(struct http_reply *r, char *to, size_t size, const char *text)
{
    if (strlen(text) >= size || !clean_value(text))
        r->failed = true;
    else
        strcpy(to, text);
}

void http_reply_body(struct http_reply *r, const char *content_type, const void *bytes, size_t n,
                     void (*release)(void *), void *arg)
{
    struct body *b = r && !r->body ? calloc(1, sizeof *b) : NULL;
    if (!b) {
        if (r)
            r->failed = true;
        if (release)
            release(arg);
        return;
    }
    *b = (struct body){.references = 1, .bytes = bytes, .n = n, .release = release, .arg = arg};
    r->body = b;
    set_text(r, r->content_type, sizeof r->content_type, content_type);
}

void http_reply_buf(struct http_reply *r, const char *content_type, struct buf *b)
{
    bool failed = b->failed;
    size_t n = b->length;
    char *bytes = buf_steal(b);
    http_reply_body(r, content_type, bytes ? bytes : "", n, free, bytes);
    if (r && failed)
        r->failed = true;
}

void http_reply_gzip(struct http_reply *r, const void *bytes, size_t n)
{
    if (r && r->body && bytes) {
        r->body->gzip = bytes;
        r->body->gzip_n = n;
    }
}

void http_reply_etag(struct http_reply *r, const char *etag)
{
    if (r)
        set_text(r, r->etag, sizeof r->etag, etag);
}

void http_reply_keep(struct http_reply *r, int64_t stamp)
{
    if (r)
        r->stamp = stamp;
}

int http_reply_status(const struct http_reply *r)
{
    return r->failed ? 500 : r->status;
}

int64_t http_reply_stamp(const struct http_reply *r)
{
    return r->failed || r->status != 200 ? -1 : r->stamp;
}

size_t http_reply_bytes(const struct http_reply *r)
{
    return sizeof *r + (r->body ? r->body->n + r->body->gzip_n : 0);
}

void http_reply_compress(struct http_reply *r)
{
    struct body *b = r->body;
    if (r->failed || r->status != 200 || !b || b->gzip || b->n < COMPRESS_FROM_BYTES)
        return;
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(COMPRESS_LEVEL);
    size_t bound = b->n; /* not smaller is of no use */
    void *out = c ? malloc(bound) : NULL;
    size_t n = out ? libdeflate_gzip_compress(c, b->bytes, b->n, out, bound) : 0;
    if (n) {
        b->own_gzip = out;
        b->gzip = out;
        b->gzip_n = n;
    } else {
        free(out);
    }
    libdeflate_free_compressor(c);
}

const char *http_reason(int status)
{
    const char *text = MHD_get_reason_phrase_for((unsigned)status);
    return text && strcmp(text, "Unknown") ? text : "Error";
}

/* ---- variants ---- */

static bool put_header(struct MHD_Response *m, const char *name, const char *value)
{
    return MHD_add_response_header(m, name, value) == MHD_YES;
}

/* Strong tags promise equal bytes; the gzip variant has others, so its tag is weak. */
static bool put_etag(struct http_reply *r, struct MHD_Response *m, enum variant v)
{
    char weak[sizeof r->etag + 2];
    bool already = r->etag[0] == 'W';
    snprintf(weak, sizeof weak, "%s%s", v == VARIANT_GZIP && !already ? "W/" : "", r->etag);
    return put_header(m, "ETag", weak);
}

static struct MHD_Response *make_variant(struct http_reply *r, enum variant v)
{
    struct body *b = v == VARIANT_NOT_MODIFIED ? NULL : r->body;
    const void *bytes = !b ? "" : v == VARIANT_GZIP ? b->gzip : b->bytes;
    size_t n = !b ? 0 : v == VARIANT_GZIP ? b->gzip_n : b->n;
    struct MHD_Response *m;
    if (n) {
        atomic_fetch_add(&b->references, 1);
        m = MHD_create_response_from_buffer_with_free_callback_cls(n, (void *)(uintptr_t)bytes,
                                                                   body_unref, b);
        if (!m)
            body_unref(b);
    } else {
        m = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    }
    bool ok = m != NULL;
    if (ok && b)
        ok = put_header(m, "Content-Type", r->content_type) &&
             put_header(m, "X-Content-Type-Options", "nosniff");
    if (ok && v == VARIANT_GZIP)
        ok = put_header(m, "Content-Encoding", "gzip");
    if (ok && r->etag[0])
        ok = put_etag(r, m, v);
    for (int i = 0; ok && i < r->headers_n; i++)
        ok = put_header(m, r->headers[i].name, r->headers[i].value);
    if (!ok && m) {
        MHD_destroy_response(m);
        m = NULL;
    }
    return m;
}

static enum MHD_Result queue_bare_500(struct MHD_Connection *c)
{
    struct MHD_Response *m =
        MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = m ? MHD_queue_response(c, 500, m) : MHD_NO;
    if (m)
        MHD_destroy_response(m);
    fprintf(stderr, "parcela: http: a reply could not be built\n");
    return result;
}

enum MHD_Result http_reply_queue(struct http_reply *r, struct MHD_Connection *c,
                                 const struct http_request *q, bool close)
{
    if (!r || r->failed)
        return queue_bare_500(c);
    enum variant v = VARIANT_PLAIN;
    if (q && r->status == 200 && r->etag[0] && http_etag_listed(q->if_none_match, r->etag))
        v = VARIANT_NOT_MODIFIED;
    else if (q && q->gzip && r->body && r->body->gzip)
        v = VARIANT_GZIP;
    if (close)
        http_reply_header(r, "Connection", "close");
    if (!r->variants[v])
        r->variants[v] = make_variant(r, v);
    if (!r->variants[v])
        return queue_bare_500(c);
    return MHD_queue_response(c, v == VARIANT_NOT_MODIFIED ? 304 : (unsigned)r->status,
                              r->variants[v]);
}

void http_reply_send_raw(const struct http_reply *r, int fd)
{
    struct buf b;
    buf_init(&b, 64 * 1024);
    buf_printf(&b, "HTTP/1.1 %d %s\r\n", r->status, http_reason(r->status));
    for (int i = 0; i < r->headers_n; i++)
        buf_printf(&b, "%s: %s\r\n", r->headers[i].name, r->headers[i].value);
    size_t n = r->body ? r->body->n : 0;
    if (n)
        buf_printf(&b, "Content-Type: %s\r\nX-Content-Type-Options: nosniff\r\n", r->content_type);
    buf_printf(&b, "Content-Length: %zu\r\nConnection: close\r\n\r\n", n);
    if (n)
        buf_put(&b, r->body->bytes, n);
    if (!b.failed &&
        !r->failed) { /* a few hundred bytes into an empty send buffer: not waiting is enough */
        ssize_t sent = send(fd, b.bytes, b.length, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void)sent;
    }
    buf_clear(&b);
}
