/* What the files of service/http share; nobody else includes it. */
#ifndef SERVICE_HTTP_INTERNAL_H
#define SERVICE_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "service/http/http.h"

/* ---- address.c ---- */

struct http_address {
    struct sockaddr_storage sockaddr;
    socklen_t sockaddr_n;
    bool loopback, wildcard;
    char name[INET6_ADDRSTRLEN + 2]; /* as in a Host field: 127.0.0.1 or [::1] */
    int port;
};
enum status http_address_parse(const char *listen, struct http_address *out,
                               struct error *e) MUST_USE;
/* A bound, listening, non-blocking socket; fills in the real port. */
enum status http_address_listen(struct http_address *a, int *fd, struct error *e) MUST_USE;
/* Whether the Host names the very address (IP literal) that the client connected to: for servers
 * bound to all addresses. */
bool http_address_is_local(int fd, const char *host);

/* ---- reply.c ---- */

/* The body compressed, unless it is small, has one already or the reply is no 200. Called in
 * workers. */
void http_reply_compress(struct http_reply *r);
void http_reply_ref(struct http_reply *r);
/* Queues the variant that fits: 304, gzip or plain. Loop thread only. `close` ends the connection
 * after it. */
enum MHD_Result http_reply_queue(struct http_reply *r, struct MHD_Connection *c,
                                 const struct http_request *q, bool close);
/* Writes the plain reply on the socket without the library, for refusals before the library has
 * read the request. */
void http_reply_send_raw(const struct http_reply *r, int fd);
/* -1 when it is not to be kept. */
int64_t http_reply_stamp(const struct http_reply *r);
size_t http_reply_bytes(const struct http_reply *r);

/* ---- keep.c: replies kept by the loop, newest use first; loop thread only ---- */

struct http_keep;
struct http_keep *http_keep_new(size_t bytes_max, size_t entries_max);
void http_keep_free(struct http_keep *k);
/* The reply kept for the key when it has this stamp, not referenced; NULL otherwise (an older one
 * is dropped). */
struct http_reply *http_keep_find(struct http_keep *k, const char *key, int64_t stamp);
void http_keep_put(struct http_keep *k, const char *key,
                   struct http_reply *r); /* takes its own reference */

/* ---- connections ---- */

enum connection_state { CONNECTION_READING, CONNECTION_BUSY, CONNECTION_UPLOADING };
enum request_phase {
    PHASE_NEW,
    PHASE_REFUSED_RAW,
    PHASE_CHECKED,
    PHASE_BODY, /* its body comes */
    PHASE_CUT,  /* its body was answered before its end */
    PHASE_QUEUED,
    PHASE_ANSWERED
};

struct http_body {
    const struct http_sink *sink;
    void *handle;
    bool open;
    struct MHD_PostProcessor *form; /* NULL = raw */
    bool part_seen;
    char part_name[256]; /* of the file that comes */
    int64_t part_bytes;
    int http; /* what it is refused with; the error is the connection's */
    int64_t began_ms, received;
};

struct http_connection {
    struct http_server *server;
    struct MHD_Connection *mhd;
    int fd;
    _Atomic int state;                   /* enum connection_state */
    _Atomic int64_t deadline_ms;         /* CLOCK_MONOTONIC */
    struct http_connection *next, *prev; /* in server->connections */

    /* the request at hand */
    enum request_phase phase;
    int target_http; /* refusal by http_target_parse, told once the headers are in */
    struct error error;
    struct http_request request;
    struct http_body body;
    unsigned methods; /* what the address knows, for Allow */
    char key[LIMIT_URL_BYTES +
             260]; /* raw target, then Accept for by_accept routes; "" = not to be kept */
    struct http_reply *reply; /* what a worker made */
    struct http_connection *queue_next;
};

struct http_server {
    struct http_config config;
    struct http_address address;
    char url[128];
    const char **host_names;
    struct http_hosts hosts;
    int listen_fd;
    struct MHD_Daemon *daemon;
    void *loop_context;
    struct http_keep *keep;
    sigset_t old_mask;

    pthread_mutex_t lock; /* connections */
    struct http_connection *connections;
    _Atomic bool stopping;

    pthread_t reaper;
    bool reaper_runs;
    pthread_mutex_t reaper_lock;
    pthread_cond_t reaper_wake;
    bool reaper_stop;

    struct http_pool *pool;
};

int64_t http_now_ms(void);

/* ---- connection.c: the library's callbacks; cls is the server ---- */

void *http_on_uri(void *cls, const char *uri, struct MHD_Connection *mhd);
size_t http_on_unescape(void *cls, struct MHD_Connection *mhd, char *text);
enum MHD_Result http_on_request(void *cls, struct MHD_Connection *mhd, const char *url,
                                const char *method, const char *version, const char *upload_data,
                                size_t *upload_data_size, void **con_cls);
void http_on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls,
                       enum MHD_RequestTerminationCode why);
void http_on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
                        enum MHD_ConnectionNotificationCode code);

/* ---- body.c ---- */

/* 0 or the status to refuse with; *refusal when the owner refuses in its own words. */
int http_body_begin(struct http_connection *c, const struct http_guard *g,
                    struct http_reply **refusal);
/* Takes a piece; the phase becomes PHASE_CUT when that was one too many. */
void http_body_take(struct http_connection *c, const char *bytes, size_t n);
/* After the last piece: 0 or the status to refuse with. */
int http_body_whole(struct http_connection *c);
/* Gives back what is open; harmless when nothing is. */
void http_body_end(struct http_connection *c);
/* The connection ended within the body. */
void http_body_aborted(struct http_connection *c);

/* ---- pool.c: the workers ---- */

enum status http_pool_new(const struct http_config *config, struct http_pool **out,
                          struct error *e) MUST_USE;
/* Suspends the connection and hands it to a worker; false when the queue is full. Loop thread only.
 */
bool http_pool_push(struct http_pool *p, struct http_connection *c);
/* Waits for the workers to end what is queued, then frees. NULL allowed. */
void http_pool_free(struct http_pool *p);

#endif
