/* Start and stop of the server, and the reaper that keeps its deadlines.
 *
 * libmicrohttpd's own timeout counts inactivity only: a byte per second holds a connection for
 * ever. The reaper shuts sockets whose request head or whose answer takes too long; the library
 * then sees the end and cleans up. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "service/http/internal.h"

enum { REAPER_PERIOD_MS = 250, DEFAULT_GRACE_MS = 10000, STOP_STEP_MS = 10, PER_ADDRESS_SHARE = 4 };

/* ---- the reaper ---- */

/* An end that comes together with the last bytes is not seen by the library (0.9.75 with epoll,
 * edge-triggered): it would wait for more until the deadline. Shutting the half that has ended
 * already makes the event come again. */
static void wake_when_ended(int fd)
{
    char byte;
    if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        shutdown(fd, SHUT_RD);
}

/* Shuts connections past their deadline; when stopping also those that wait for a request. Returns
 * how many are busy. */
static int shut_late(struct http_server *s, bool idle_too, bool all)
{
    int busy = 0;
    int64_t now = http_now_ms();
    pthread_mutex_lock(&s->lock);
    for (struct http_connection *c = s->connections; c; c = c->next) {
        int state = atomic_load(&c->state);
        bool is_busy = state != CONNECTION_READING;
        if (state == CONNECTION_UPLOADING)
            wake_when_ended(c->fd);
        busy += is_busy;
        if (all || now > atomic_load(&c->deadline_ms) || (idle_too && !is_busy))
            shutdown(c->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&s->lock);
    return busy;
}

static void *reap(void *arg)
{
    struct http_server *s = arg;
    int period =
        s->config.header_ms / 4 < REAPER_PERIOD_MS ? s->config.header_ms / 4 + 1 : REAPER_PERIOD_MS;
    pthread_mutex_lock(&s->reaper_lock);
    while (!s->reaper_stop) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)period * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&s->reaper_wake, &s->reaper_lock, &until);
        if (s->reaper_stop)
            break;
        pthread_mutex_unlock(&s->reaper_lock);
        shut_late(s, false, false);
        pthread_mutex_lock(&s->reaper_lock);
    }
    pthread_mutex_unlock(&s->reaper_lock);
    return NULL;
}

static void reaper_end(struct http_server *s)
{
    if (!s->reaper_runs)
        return;
    pthread_mutex_lock(&s->reaper_lock);
    s->reaper_stop = true;
    pthread_cond_signal(&s->reaper_wake);
    pthread_mutex_unlock(&s->reaper_lock);
    pthread_join(s->reaper, NULL);
    s->reaper_runs = false;
}

static enum status reaper_begin(struct http_server *s, struct error *e)
{
    if (pthread_create(&s->reaper, NULL, reap, s))
        return error_set(e, STATUS_MEMORY, "no_thread", NULL, "no thread could be started");
    s->reaper_runs = true;
    return STATUS_OK;
}

/* ---- start ---- */

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

static enum status take_hosts(struct http_server *s, struct error *e)
{
    static const char *const always[] = {"localhost", "127.0.0.1", "[::1]"};
    const struct http_config *config = &s->config;
    s->host_names = calloc(config->hosts_n + 4, sizeof *s->host_names);
    if (!s->host_names)
        return error_memory(e);
    size_t n = 0;
    for (; n < 3; n++)
        s->host_names[n] = always[n];
    s->host_names[n++] = s->address.name;
    for (size_t i = 0; i < config->hosts_n; i++) {
        size_t name_n;
        if (!http_host_well_formed(config->hosts[i], &name_n) || config->hosts[i][name_n])
            return error_set(e, STATUS_USAGE, "bad_host",
                             "give a name such as maps.example.org, without port",
                             "\"%.80s\" is not a host name", config->hosts[i]);
        s->host_names[n++] = config->hosts[i];
    }
    s->hosts = (struct http_hosts){.names = s->host_names, .names_n = n};
    return STATUS_OK;
}

static void raise_file_limit(void)
{
    struct rlimit limit;
    rlim_t wanted = LIMIT_CONNECTIONS + 200;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static enum status start_daemon(struct http_server *s, struct error *e)
{
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO;
    if (s->address.sockaddr.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    /* Everyone behind one proxy has one address, and on loopback everyone has the same: no share
     * there. */
    unsigned per_address = s->address.loopback ? 0 : LIMIT_CONNECTIONS / PER_ADDRESS_SHARE;
    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, http_on_request, s, MHD_OPTION_URI_LOG_CALLBACK, http_on_uri, s,
        MHD_OPTION_UNESCAPE_CALLBACK, http_on_unescape, s, MHD_OPTION_NOTIFY_COMPLETED,
        http_on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, http_on_connection, s,
        MHD_OPTION_LISTEN_SOCKET, s->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)LIMIT_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_RESPONSE_SECONDS, MHD_OPTION_END);
    if (!s->daemon)
        return error_set(e, STATUS_IO, "server_failed", NULL,
                         "the HTTP server could not be started");
    return STATUS_OK;
}

static enum status start(struct http_server *s, struct error *e)
{
    const struct http_config *config = &s->config;
    enum status status = http_address_parse(config->listen, &s->address, e);
    if (status == STATUS_OK)
        status = take_hosts(s, e);
    if (status == STATUS_OK)
        status = http_address_listen(&s->address, &s->listen_fd, e);
    if (status != STATUS_OK)
        return status;
    snprintf(s->url, sizeof s->url, "http://%s:%d", s->address.name, s->address.port);
    raise_file_limit();
    s->keep = http_keep_new(HTTP_KEEP_BYTES_MAX, HTTP_KEEP_ENTRIES_MAX);
    if (!s->keep)
        return error_memory(e);
    status = config->context_new(config->arg, &s->loop_context, e);
    if (status == STATUS_OK)
        status = http_pool_new(config, &s->pool, e);
    if (status == STATUS_OK)
        status = reaper_begin(s, e);
    return status == STATUS_OK ? start_daemon(s, e) : status;
}

enum status http_server_start(const struct http_config *config, struct http_server **out,
                              struct error *e)
{
    struct http_server *s = calloc(1, sizeof *s);
    if (!s)
        return error_memory(e);
    s->config = *config;
    if (!s->config.body_max)
        s->config.body_max = LIMIT_REQUEST_BODY_BYTES;
    if (!s->config.header_ms)
        s->config.header_ms = LIMIT_HEADER_SECONDS * 1000;
    if (!s->config.response_ms)
        s->config.response_ms = LIMIT_RESPONSE_SECONDS * 1000;
    if (!s->config.grace_ms)
        s->config.grace_ms = DEFAULT_GRACE_MS;
    s->listen_fd = -1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->reaper_lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->reaper_wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigset_t block;
    stop_signals(&block);
    sigaddset(&block, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &block, &s->old_mask);
    enum status status = start(s, e);
    if (status != STATUS_OK) {
        http_server_stop(s);
        return status;
    }
    *out = s;
    return STATUS_OK;
}

const char *http_server_url(const struct http_server *s)
{
    return s->url;
}

bool http_server_is_loopback(const struct http_server *s)
{
    return s->address.loopback;
}

/* ---- stop ---- */

void http_server_wait(struct http_server *s)
{
    (void)s;
    sigset_t set;
    int signal;
    stop_signals(&set);
    while (sigwait(&set, &signal))
        ;
}

/* Ends idle connections and waits until the busy ones have their answer, the grace is over or a
 * second signal comes. */
static void drain(struct http_server *s)
{
    sigset_t set;
    stop_signals(&set);
    const struct timespec step = {.tv_nsec = STOP_STEP_MS * 1000000};
    int64_t end = http_now_ms() + s->config.grace_ms;
    while (shut_late(s, true, false) > 0 && http_now_ms() < end)
        if (sigtimedwait(&set, NULL, &step) > 0)
            break;
    shut_late(s, true, true);
}

void http_server_stop(struct http_server *s)
{
    if (!s)
        return;
    atomic_store(&s->stopping, true);
    if (s->daemon) {
        int fd = MHD_quiesce_daemon(s->daemon);
        if (fd != MHD_INVALID_SOCKET)
            close(fd);
        s->listen_fd = -1;
        drain(s);
    }
    reaper_end(s);
    http_pool_free(s->pool); /* resumes every suspended connection, which MHD_stop_daemon demands */
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    http_keep_free(s->keep);
    if (s->loop_context)
        s->config.context_free(s->loop_context);
    free(s->host_names);
    pthread_cond_destroy(&s->reaper_wake);
    pthread_mutex_destroy(&s->reaper_lock);
    pthread_mutex_destroy(&s->lock);
    pthread_sigmask(SIG_SETMASK, &s->old_mask, NULL);
    free(s);
}
