/* One request, step by step, as libmicrohttpd calls us. All in the event-loop thread.
 *
 * The library calls the handler a first time with the headers (guard), then with each piece of a
 * body (body.c) where the route takes one, and once more when it has ended (answer). Answering on
 * the first call makes 0.9.75 close the connection each time, so only refusals do that. A
 * connection that waits for a worker is suspended and comes back for a third call. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "service/http/internal.h"

int64_t http_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void enter(struct http_connection *c, enum connection_state state)
{
    const struct http_config *config = &c->server->config;
    atomic_store(&c->deadline_ms,
                 http_now_ms() +
                     (state == CONNECTION_READING ? config->header_ms : config->response_ms));
    atomic_store(&c->state, state);
}

/* ---- connections come and go ---- */

static void connection_opened(struct http_server *s, struct MHD_Connection *mhd,
                              void **socket_context)
{
    struct http_connection *c =
        malloc(sizeof *c); /* not cleared: its buffers are large and filled before use */
    *socket_context = c;
    if (!c)
        return;
    c->server = s;
    c->mhd = mhd;
    c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    c->phase = PHASE_NEW;
    c->reply = NULL;
    c->body = (struct http_body){.open = false};
    atomic_init(&c->state, CONNECTION_READING);
    atomic_init(&c->deadline_ms, 0);
    enter(c, CONNECTION_READING);
    pthread_mutex_lock(&s->lock);
    c->prev = NULL;
    c->next = s->connections;
    if (c->next)
        c->next->prev = c;
    s->connections = c;
    pthread_mutex_unlock(&s->lock);
}

/* Called before the library closes the socket, so the reaper never shuts a number that has been
 * given to someone else. */
static void connection_closed(struct http_server *s, struct http_connection *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&s->lock);
    *(c->prev ? &c->prev->next : &s->connections) = c->next;
    if (c->next)
        c->next->prev = c->prev;
    pthread_mutex_unlock(&s->lock);
    http_body_end(c);
    http_reply_unref(c->reply);
    free(c);
}

void http_on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
                        enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        connection_opened(cls, mhd, socket_context);
    else
        connection_closed(cls, *socket_context);
}

/* ---- the request line ---- */

size_t http_on_unescape(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text); /* raw: target.c decodes */
}

/* What the library would stumble over while it takes the arguments apart: with many of them 0.9.75
 * never answers at all. */
static bool too_much(const char *uri, struct error *e)
{
    size_t n = strlen(uri), ampersands = 0;
    if (n > LIMIT_URL_BYTES) {
        error_set(e, STATUS_LIMIT, "url_too_long", "see url_bytes at /limits",
                  "the address is too long");
        return true;
    }
    for (const char *p = uri; (p = memchr(p, '&', (size_t)(uri + n - p))); p++)
        ampersands++;
    if (ampersands > LIMIT_QUERY_ARGUMENTS) {
        error_set(e, STATUS_LIMIT, "too_many_arguments", "see query_arguments at /limits",
                  "the query string has too many arguments");
        return true;
    }
    return false;
}

/* Answers on the socket itself and ends the connection; what the library still does with it has no
 * effect. */
static void refuse_raw(struct http_connection *c)
{
    struct http_reply *r = c->server->config.refuse(c->target_http, &c->error, NULL);
    if (r)
        http_reply_send_raw(r, c->fd);
    http_reply_unref(r);
    shutdown(c->fd, SHUT_RDWR);
    c->phase = PHASE_REFUSED_RAW;
}

void *http_on_uri(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    (void)cls;
    struct http_connection *c =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    if (!c)
        return NULL;
    c->phase = PHASE_NEW;
    if (too_much(uri, &c->error)) {
        c->target_http = strcmp(c->error.code, "url_too_long") ? 400 : 414;
        refuse_raw(c);
        return c;
    }
    strcpy(c->key, uri); /* its length was just checked */
    c->target_http = http_target_parse(uri, &c->request.target, &c->error);
    return c;
}

/* ---- the headers ---- */

static enum MHD_Result take_field(void *cls, enum MHD_ValueKind kind, const char *name,
                                  size_t name_n, const char *value, size_t value_n)
{
    (void)kind;
    http_guard_field(cls, name, name_n, value ? value : "", value ? value_n : 0);
    return MHD_YES;
}

/* What the guard refuses ends the connection: where a wrong request stops cannot be known. */
static enum MHD_Result refuse(struct http_connection *c, int http, bool close)
{
    struct http_reply *r = c->server->config.refuse(http, &c->error, c->request.accept_language);
    char allow[64];
    if (r && http == 405)
        http_reply_header(r, "Allow", http_methods_text(c->methods, allow));
    enum MHD_Result result = http_reply_queue(r, c->mhd, NULL, close);
    http_reply_unref(r);
    return result;
}

/* 0 or the status to refuse with. */
static int check_head(struct http_connection *c, const char *method, const char *version,
                      struct http_guard *guard)
{
    struct http_server *s = c->server;
    struct http_guard g;
    http_guard_begin(&g, &c->error);
    c->methods = HTTP_METHOD(HTTP_GET) | HTTP_METHOD(HTTP_HEAD);
    struct error target_error;
    if (c->target_http)
        target_error = c->error;
    MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, take_field, &g);
    bool known = g.hosts_n == 1 && (http_host_allowed(g.host, &s->hosts) ||
                                    (s->address.wildcard && http_address_is_local(c->fd, g.host)));
    int http = http_guard_end(&g, method, version, known, &c->request.method);
    c->request.accept_language = g.accept_language;
    if (!http && c->target_http) {
        c->error = target_error;
        return c->target_http;
    }
    c->request.host = g.host;
    c->request.accept = g.accept;
    c->request.if_none_match = g.if_none_match;
    c->request.gzip = http_accepts_gzip(g.accept_encoding);
    c->request.loopback = s->address.loopback;
    c->request.bearer = g.bearer;
    c->request.body = NULL;
    *guard = g;
    if (!http && (g.bearer || (c->request.method != HTTP_GET && c->request.method != HTTP_HEAD)))
        c->key[0] = 0; /* for this client alone */
    return http;
}

static bool writes(const struct http_connection *c)
{
    return c->request.method == HTTP_POST || c->request.method == HTTP_DELETE;
}

/* Finds the route; 0 or the status to refuse with. */
static int find_route(struct http_connection *c)
{
    const struct http_config *config = &c->server->config;
    c->request.route = NULL;
    c->methods = 0;
    if (!c->request.target.asterisk)
        c->request.route =
            http_route_find(config->routes, config->routes_n, &c->request, &c->methods);
    if (c->request.route)
        return 0;
    if (c->methods) {
        char allow[64];
        error_set(&c->error, STATUS_USAGE, "method_not_allowed",
                  "use one of those that Allow names", "this address answers %s only",
                  http_methods_text(c->methods, allow));
        return 405;
    }
    error_set(&c->error, STATUS_NOT_FOUND, "not_found", "see / for what there is",
              "there is nothing at this address");
    return 404;
}

/* The whole head is in: refuses, or lets the body come. */
static enum MHD_Result begin(struct http_connection *c, const char *method, const char *version)
{
    struct http_guard g;
    struct http_reply *refusal = NULL;
    int http = check_head(c, method, version, &g);
    c->phase = PHASE_CHECKED;
    if (!http && writes(c)) {
        http = find_route(c);
        if (!http && !c->request.route->sink && g.body) {
            error_set(&c->error, STATUS_LIMIT, "body_not_accepted",
                      "send the request without a body", "this request takes no body");
            http = 413;
        } else if (!http && c->request.route->sink) {
            c->phase = PHASE_BODY;
            atomic_store(&c->state, CONNECTION_UPLOADING);
            http = http_body_begin(c, &g, &refusal);
        }
    }
    if (!http && !refusal)
        return MHD_YES;
    c->phase = PHASE_ANSWERED;
    if (!refusal)
        return refuse(c, http, true);
    enum MHD_Result result = http_reply_queue(refusal, c->mhd, NULL, true);
    http_reply_unref(refusal);
    return result;
}

/* ---- the answer ---- */

static enum MHD_Result answer_options(struct http_connection *c)
{
    struct http_reply *r = http_reply_new(204);
    char allow[64];
    http_reply_header(r, "Allow", http_methods_text(c->methods, allow));
    http_reply_header(r, "Access-Control-Allow-Origin", "*");
    http_reply_header(r, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
    http_reply_header(r, "Access-Control-Allow-Headers", "Accept, If-None-Match");
    http_reply_header(r, "Access-Control-Max-Age", "86400");
    enum MHD_Result result = http_reply_queue(r, c->mhd, NULL, false);
    http_reply_unref(r);
    return result;
}

static void finish_key(struct http_connection *c)
{
    const char *accept = c->request.accept ? c->request.accept : "";
    size_t n = strlen(c->key), accept_n = strlen(accept);
    if (!c->request.route->by_accept || !c->key[0])
        return;
    if (n + accept_n + 2 > sizeof c->key) {
        c->key[0] = 0;
        return;
    }
    c->key[n] = '\n';
    memcpy(c->key + n + 1, accept, accept_n + 1);
}

static struct http_reply *kept(struct http_connection *c)
{
    struct http_server *s = c->server;
    if (!s->config.stamp || !c->key[0])
        return NULL;
    int64_t stamp = s->config.stamp(s->loop_context);
    return stamp < 0 ? NULL : http_keep_find(s->keep, c->key, stamp);
}

static enum MHD_Result answer(struct http_connection *c)
{
    struct http_server *s = c->server;
    if (c->request.target.asterisk && c->request.method == HTTP_OPTIONS)
        return answer_options(c);
    int http = c->request.body ? 0 : find_route(c);
    if (http == 405 && c->request.method == HTTP_OPTIONS)
        return answer_options(c);
    if (http)
        return refuse(c, http, false);
    if (c->request.route->in_loop) {
        struct http_reply *r = s->config.answer(&c->request, s->loop_context);
        enum MHD_Result result = http_reply_queue(r, c->mhd, &c->request, false);
        http_reply_unref(r);
        return result;
    }
    finish_key(c);
    struct http_reply *r = kept(c);
    if (r)
        return http_reply_queue(r, c->mhd, &c->request, false);
    if (http_pool_push(s->pool, c))
        return MHD_YES;
    error_set(&c->error, STATUS_BUSY, "too_busy", "ask again in a second",
              "too many requests are waiting");
    return refuse(c, 503, false);
}

/* Back from a worker. */
static enum MHD_Result deliver(struct http_connection *c)
{
    struct http_reply *r = c->reply;
    c->reply = NULL;
    if (r && c->key[0] && http_reply_stamp(r) >= 0)
        http_keep_put(c->server->keep, c->key, r);
    enum MHD_Result result = http_reply_queue(r, c->mhd, &c->request, false);
    http_reply_unref(r);
    return result;
}

enum MHD_Result http_on_request(void *cls, struct MHD_Connection *mhd, const char *url,
                                const char *method, const char *version, const char *upload_data,
                                size_t *upload_data_size, void **con_cls)
{
    (void)cls;
    (void)mhd;
    (void)url;
    struct http_connection *c = *con_cls;
    if (!c || (*upload_data_size && c->phase != PHASE_BODY && c->phase != PHASE_CUT))
        return MHD_NO; /* no memory for the connection; other bodies were refused */
    switch (c->phase) {
    case PHASE_NEW:
        enter(c, CONNECTION_BUSY);
        return begin(c, method, version);
    case PHASE_BODY:
        if (*upload_data_size) {
            http_body_take(c, upload_data, *upload_data_size);
            *upload_data_size = 0;
            return MHD_YES;
        }
        enter(c, CONNECTION_BUSY);
        c->phase = PHASE_CHECKED;
        return http_body_whole(c) ? refuse(c, c->body.http, true) : answer(c);
    case PHASE_CUT:
        if (!*upload_data_size)
            return MHD_NO; /* answered long ago */
        *upload_data_size = 0;
        return MHD_YES;
    case PHASE_CHECKED:
        return answer(c);
    case PHASE_ANSWERED:
        return deliver(c);
    case PHASE_QUEUED:
    case PHASE_REFUSED_RAW:
        break;
    }
    return MHD_NO;
}

void http_on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls,
                       enum MHD_RequestTerminationCode why)
{
    struct http_server *s = cls;
    struct http_connection *c = *con_cls;
    (void)mhd;
    *con_cls = NULL;
    if (!c)
        return;
    if (c->phase == PHASE_BODY && why != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        http_body_aborted(c);
    http_body_end(c);
    http_reply_unref(c->reply); /* made, but the client had gone */
    c->reply = NULL;
    enter(c, CONNECTION_READING);
    if (atomic_load(&s->stopping))
        shutdown(c->fd, SHUT_RDWR);
}
