/* Request bodies: raw ones and browser forms with files, streamed to the route's sink. Loop thread
 * only.
 *
 * libmicrohttpd 0.9.75 takes a body apart but judges little of it: a form without its last boundary
 * ends without an error (only MHD_destroy_post_processor tells), a boundary is copied as it stands,
 * a chunked body has no end, and no answer can be queued while a body comes. So lengths are counted
 * here, the boundary is checked first, and a body that must not go on is answered on the socket
 * itself; what the client still sends is dropped until it hears that, or for BODY_LINGER_MS. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "service/http/internal.h"

enum { FORM_BUFFER_BYTES = 64 * 1024, BODY_LINGER_MS = 2000 };

static int fail(struct http_connection *c, int http, const char *code, const char *message,
                const char *remedy)
{
    c->body.http = http;
    error_set(&c->error, http == 413 ? STATUS_LIMIT : STATUS_USAGE, code, remedy, "%s", message);
    return http;
}

static int fail_with(struct http_connection *c, const struct error *e)
{
    c->body.http = e->status == STATUS_LIMIT ? 413 : e->status == STATUS_USAGE ? 400 : 500;
    c->error = *e;
    return c->body.http;
}

/* ---- forms ---- */

/* The next file of the form. */
static int begin_part(struct http_connection *c, const char *filename)
{
    struct http_body *b = &c->body;
    struct error e;
    if (strlen(filename) >= sizeof b->part_name)
        return fail(c, 400, "filename_too_long", "the file's name is too long", "shorten it");
    if (b->part_seen && !b->sink->file)
        return fail(c, 400, "two_files", "the form has more than one file",
                    "put them into a zip, or send one after the other");
    if (b->sink->file && b->sink->file(b->handle, filename, &e) != STATUS_OK)
        return fail_with(c, &e);
    strcpy(b->part_name, filename);
    b->part_bytes = 0;
    if (!b->part_seen)
        strcpy(c->request.filename, filename);
    b->part_seen = true;
    return 0;
}

/* A part may come with offset 0 twice: once empty, while its end may be a boundary, and once more.
 */
static enum MHD_Result take_part(void *cls, enum MHD_ValueKind kind, const char *key,
                                 const char *filename, const char *content_type,
                                 const char *transfer_encoding, const char *data, uint64_t offset,
                                 size_t n)
{
    struct http_connection *c = cls;
    struct http_body *b = &c->body;
    struct error e;
    (void)kind;
    (void)content_type;
    (void)transfer_encoding;
    if (!filename || !key) {
        fail(c, 400, "form_field", "the form has a field beside its files",
             "send files only; give everything else in the address");
        return MHD_NO;
    }
    bool next = !b->part_seen || strcmp(filename, b->part_name) || (!offset && b->part_bytes);
    if (next && begin_part(c, filename))
        return MHD_NO;
    if (n && b->sink->write(b->handle, data, n, &e) != STATUS_OK) {
        fail_with(c, &e);
        return MHD_NO;
    }
    b->part_bytes += (int64_t)n;
    c->request.body_bytes += (int64_t)n;
    return MHD_YES;
}

static int begin_form(struct http_connection *c, const char *type)
{
    if (strncasecmp(type, "multipart/", 10) &&
        strncasecmp(type, "application/x-www-form-urlencoded", 33))
        return 0; /* raw */
    if (strncasecmp(type, "multipart/form-data", 19) || (type[19] != ';' && type[19] != ' '))
        return fail(c, 415, "media_type", "this kind of form is not understood",
                    "send the file as it is with Content-Type: application/octet-stream, or "
                    "files as multipart/form-data");
    if (!http_form_boundary_ok(type))
        return fail(c, 415, "form_boundary", "the form names no usable boundary",
                    "send multipart/form-data; boundary=...");
    c->body.form = MHD_create_post_processor(c->mhd, FORM_BUFFER_BYTES, take_part, c);
    return c->body.form ? 0
                        : fail(c, 415, "form_boundary", "the form names no usable boundary",
                               "send multipart/form-data; boundary=...");
}

/* ---- the way of a body ---- */

int http_body_begin(struct http_connection *c, const struct http_guard *g,
                    struct http_reply **refusal)
{
    struct http_body *b = &c->body;
    const struct http_sink *sink = c->request.route->sink;
    *refusal = NULL;
    *b = (struct http_body){.sink = sink, .began_ms = http_now_ms()};
    c->request.filename[0] = 0;
    c->request.body = NULL;
    c->request.body_bytes = 0;
    if (g->length > c->server->config.body_max)
        return fail(c, 413, "body_too_large", "the file is too large",
                    "see request_body_bytes at /limits");
    *refusal = sink->open(&c->request, g->length, c->server->loop_context, &b->handle);
    b->open = !*refusal;
    return b->open ? begin_form(c, g->content_type ? g->content_type : "") : 0;
}

/* Answers at once, and hears the rest out. */
static void cut(struct http_connection *c)
{
    struct http_reply *r =
        c->server->config.refuse(c->body.http, &c->error, c->request.accept_language);
    if (r)
        http_reply_send_raw(r, c->fd);
    http_reply_unref(r);
    shutdown(c->fd, SHUT_WR);
    atomic_store(&c->deadline_ms, http_now_ms() + BODY_LINGER_MS);
    c->phase = PHASE_CUT;
    http_body_end(c);
}

void http_body_take(struct http_connection *c, const char *bytes, size_t n)
{
    struct http_body *b = &c->body;
    struct error e;
    b->received += (int64_t)n;
    if (b->received > c->server->config.body_max) {
        fail(c, 413, "body_too_large", "the file is too large",
             "see request_body_bytes at /limits");
    } else if (b->form) {
        if (MHD_post_process(b->form, bytes, n) != MHD_YES && !b->http)
            fail(c, 400, "bad_form", "the form is damaged", NULL);
    } else if (b->sink->write(b->handle, bytes, n, &e) != STATUS_OK) {
        fail_with(c, &e);
    } else {
        c->request.body_bytes += (int64_t)n;
    }
    if (b->http)
        cut(c);
    else
        atomic_store(&c->deadline_ms, b->began_ms + c->server->config.response_ms +
                                          b->received * 1000 / LIMIT_UPLOAD_BYTES_PER_SECOND);
}

int http_body_whole(struct http_connection *c)
{
    struct http_body *b = &c->body;
    if (b->form) {
        bool whole = MHD_destroy_post_processor(b->form) == MHD_YES;
        b->form = NULL;
        if (!b->http && !whole)
            return fail(c, 400, "body_truncated", "the form ends before its last boundary",
                        "send it again");
        if (!b->http && !b->part_seen)
            return fail(c, 400, "no_file", "the form has no file", "send one file");
    }
    if (!b->http && !c->request.body_bytes)
        return fail(c, 400, "empty_body", "the file is empty", "send a file");
    c->request.body = b->handle;
    return b->http;
}

void http_body_end(struct http_connection *c)
{
    struct http_body *b = &c->body;
    if (b->form)
        MHD_destroy_post_processor(b->form); /* nobody is left to be told */
    b->form = NULL;
    if (b->open)
        b->sink->close(b->handle);
    b->open = false;
    c->request.body = NULL;
}

void http_body_aborted(struct http_connection *c)
{
    struct error e;
    error_set(&e, STATUS_USAGE, "body_truncated", "send it again",
              "the body ended before its announced end");
    struct http_reply *r = c->server->config.refuse(400, &e, NULL);
    if (r)
        http_reply_send_raw(r, c->fd); /* for a client that closed its half only; others are gone */
    http_reply_unref(r);
}
