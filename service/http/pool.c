/* Workers: they build what takes longer than the event loop may. Each has its own context; the
 * queue is bounded, and full means 503 at once rather than a wait without end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/http/internal.h"

struct worker {
    struct http_pool *pool;
    pthread_t thread;
    void *context;
};

struct http_pool {
    const struct http_config *config;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct http_connection *first, *last;
    size_t queued, queue_max;
    bool stop;
    int workers_n, started_n;
    struct worker workers[];
};

static void finish(struct http_connection *c, struct http_reply *r)
{
    if (r && (c->request.gzip || http_reply_stamp(r) >= 0))
        http_reply_compress(r);
    c->reply = r;
    c->phase = PHASE_ANSWERED;
    MHD_resume_connection(c->mhd); /* from here on the connection belongs to the loop again */
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct http_pool *p = w->pool;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->first && !p->stop)
            pthread_cond_wait(&p->wake, &p->lock);
        struct http_connection *c = p->first;
        if (!c)
            break; /* told to stop, and nothing is left */
        p->first = c->queue_next;
        p->queued--;
        pthread_mutex_unlock(&p->lock);
        finish(c, p->config->answer(&c->request, w->context));
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static int workers_wanted(const struct http_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int n = config->workers ? config->workers : cores > 64 ? 64 : (int)cores;
    return n < 2 ? 2 : n;
}

enum status http_pool_new(const struct http_config *config, struct http_pool **out, struct error *e)
{
    int n = workers_wanted(config);
    struct http_pool *p = calloc(1, sizeof *p + (size_t)n * sizeof p->workers[0]);
    if (!p)
        return error_memory(e);
    p->config = config;
    p->queue_max = config->queue_max ? config->queue_max : HTTP_QUEUE_MAX;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    enum status status = STATUS_OK;
    for (; status == STATUS_OK && p->workers_n < n; p->workers_n += status == STATUS_OK)
        status = config->context_new(config->arg, &p->workers[p->workers_n].context, e);
    for (int i = 0; status == STATUS_OK && i < n; i++) {
        p->workers[i].pool = p;
        if (pthread_create(&p->workers[i].thread, NULL, work, &p->workers[i]))
            status = error_set(e, STATUS_MEMORY, "no_thread", NULL, "no thread could be started");
        else
            p->started_n++;
    }
    if (status != STATUS_OK) {
        http_pool_free(p);
        return status;
    }
    *out = p;
    return STATUS_OK;
}

bool http_pool_push(struct http_pool *p, struct http_connection *c)
{
    pthread_mutex_lock(&p->lock);
    bool room = p->queued < p->queue_max;
    if (room) {
        MHD_suspend_connection(c->mhd); /* before a worker can see it, so that no resume is lost */
        c->phase = PHASE_QUEUED;
        c->queue_next = NULL;
        *(p->first ? &p->last->queue_next : &p->first) = c;
        p->last = c;
        p->queued++;
        pthread_cond_signal(&p->wake);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

void http_pool_free(struct http_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->started_n; i++)
        pthread_join(p->workers[i].thread, NULL);
    for (int i = 0; i < p->workers_n; i++)
        p->config->context_free(p->workers[i].context);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
