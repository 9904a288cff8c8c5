/* From a registry folder to a running server: contexts per thread, the common way of every request,
 * start and stop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/api/internal.h"

enum { REQUEST_ARENA_BYTES_MAX = 512 * 1024 * 1024 };

/* ---- one context per thread ---- */

static void context_free(void *arg)
{
    struct api_context *c = arg;
    if (c->words)
        plot_words_free(c->words);
    store_close(c->store);
    store_close(c->staff);
    arena_clear(&c->arena);
    free(c);
}

static enum status context_new(void *arg, void **out, struct error *e)
{
    struct api *api = arg;
    struct api_context *c = calloc(1, sizeof *c);
    if (!c)
        return error_memory(e);
    c->api = api;
    arena_init(&c->arena, REQUEST_ARENA_BYTES_MAX);
    enum status status = store_open(api->registry_folder, STORE_PUBLIC, &c->store, e);
    if (status != STATUS_OK) {
        arena_clear(&c->arena);
        free(c);
        return status;
    }
    *out = c;
    return STATUS_OK;
}

/* ---- every request ---- */

bool api_parameters_known(const struct http_request *q, const struct api_resource *resource)
{
    for (int i = 0; i < q->target.arguments_n; i++) {
        bool known = false;
        for (int j = 0; !known && j < API_PARAMETERS_MAX && resource->parameters[j]; j++)
            known = !strcmp(q->target.argument[i].name, resource->parameters[j]);
        if (!known)
            return false;
    }
    return true;
}

static enum status build(struct api_call *call, const struct api_resource *resource,
                         struct http_reply **out)
{
    if (resource->reads == API_NO_STORE)
        return resource->build(call, out);
    enum status status =
        resource->reads == API_STAFF ? api_staff(call->context, &call->error) : STATUS_OK;
    struct store *store =
        resource->reads == API_STAFF ? call->context->staff : call->context->store;
    if (status == STATUS_OK)
        status = store_snapshot_begin(store, &call->error);
    if (status != STATUS_OK)
        return status;
    status = store_change(store, &call->change, &call->error);
    if (status == STATUS_OK)
        status = resource->build(call, out);
    store_snapshot_end(store);
    return status;
}

static struct http_reply *answer(const struct http_request *q, void *arg)
{
    struct api_context *context = arg;
    const struct api_resource *resource = q->route->data;
    struct api_call call = {.q = q, .context = context};
    struct http_reply *reply = NULL;
    api_identify(&call, &reply);
    if (!reply)
        reply = api_admit(&call, resource);
    if (!reply && !api_parameters_known(q, resource))
        reply = problem_unknown_parameters(q, resource);
    if (reply)
        return reply;
    enum status status = build(&call, resource, &reply);
    arena_reset(&context->arena);
    if (status == STATUS_OK)
        return reply;
    http_reply_unref(reply);
    return problem_reply(problem_http(status), &call.error, q);
}

/* What kept replies are checked against: they are right as long as the registry has not changed
 * since. */
static int64_t stamp(void *arg)
{
    struct api_context *context = arg;
    int64_t change;
    return store_change(context->store, &change, NULL) == STATUS_OK ? change : -1;
}

/* ---- the server ---- */

static enum status run(const struct api_options *o, struct api *api, struct error *e)
{
    struct http_server *server;
    struct http_config config = {
        .listen = o->listen,
        .hosts = o->hosts,
        .hosts_n = o->hosts_n,
        .workers = o->workers,
        .body_max = o->body_max,
        .header_ms = o->header_ms,
        .response_ms = o->response_ms,
        .queue_max = o->queue_max,
        .arg = api,
        .context_new = context_new,
        .context_free = context_free,
        .answer = answer,
        .stamp = stamp,
        .refuse = problem_refuse,
    };
    config.routes = api_routes(&config.routes_n);
    enum status status = http_server_start(&config, &server, e);
    if (status != STATUS_OK)
        return status;
    if (o->ready)
        o->ready(http_server_url(server), o->arg);
    http_server_wait(server);
    http_server_stop(server);
    return STATUS_OK;
}

/* A registry of an older Parcela gets its new tables before the readers open it. */
static enum status bring_up_to_date(const char *registry, struct error *e)
{
    struct store *s = NULL;
    enum status status = store_open(registry, STORE_READ, &s, e);
    store_close(s);
    if (status != STATUS_CONFLICT || strcmp(e->code, "registry_older"))
        return status;
    status = store_open(registry, STORE_WRITE, &s, e);
    store_close(s);
    return status;
}

enum status api_serve_with(const struct api_options *o, struct error *e)
{
    struct api api = {.registry_folder = o->registry_folder,
                      .tiles = tiles_new(LIMIT_TILE_CACHE_MB)};
    if (!api.tiles)
        return error_memory(e);
    enum status status = bring_up_to_date(o->registry_folder, e);
    struct error why;
    if (status == STATUS_OK && jobs_start(o->registry_folder, &api.jobs, &why) != STATUS_OK)
        fprintf(stderr, "parcela: serve: no uploads: %s (%s)\n", why.message, why.code);
    if (status == STATUS_OK)
        status = run(o, &api, e);
    jobs_stop(api.jobs);
    tiles_free(api.tiles);
    return status;
}

enum status api_serve(const char *registry_folder, const char *listen,
                      const char *const *extra_hosts, size_t n,
                      void (*ready)(const char *url, void *arg), void *arg, struct error *e)
{
    struct api_options options = {.registry_folder = registry_folder,
                                  .listen = listen,
                                  .hosts = extra_hosts,
                                  .hosts_n = n,
                                  .ready = ready,
                                  .arg = arg};
    return api_serve_with(&options, e);
}
