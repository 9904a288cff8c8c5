/* What the resources share; included by service/api and its tests only. */
#ifndef SERVICE_API_INTERNAL_H
#define SERVICE_API_INTERNAL_H

#include "service/api/api.h"
#include "service/http/http.h"
#include "service/registry/jobs.h"
#include "service/registry/plot_json.h"
#include "service/registry/tokens.h"
#include "service/store/store.h"
#include "service/tiles/tiles.h"

/* What the whole server shares. */
struct api {
    const char *registry_folder;
    struct tiles *tiles;
    struct jobs *jobs; /* NULL: this server takes no uploads */
};

/* What one thread has for itself. */
struct api_context {
    struct api *api;
    struct store *store; /* STORE_PUBLIC */
    struct store *staff; /* STORE_READ: tokens, and what editors see; opened when first needed */
    struct plot_words *words;
    int64_t words_change; /* the change they were loaded at */
    struct arena arena;   /* dies with each request */
};

/* One request being answered. */
struct api_call {
    const struct http_request *q;
    struct api_context *context;
    enum token_role role; /* on a loopback address at least TOKEN_VIEWER */
    int64_t token;        /* 0 = none */
    int64_t change;       /* of the snapshot; for resources that read the store */
    struct error error;
};

enum api_access { API_PUBLIC, API_VIEWER, API_EDITOR };
/* API_STAFF: the handle that knows personal fields too, with a snapshot of its own; for editors. */
enum api_reads { API_NO_STORE, API_SNAPSHOT, API_STAFF };

enum { API_PARAMETERS_MAX = 24 };

struct api_resource {
    /* Makes the reply, or fills call->error and returns its status. */
    enum status (*build)(struct api_call *call, struct http_reply **out);
    enum api_access access;
    enum api_reads reads;
    const char *parameters[API_PARAMETERS_MAX]; /* the query parameters it knows */
};

/* The table, for the server and for the test that compares it with openapi.json. */
const struct http_route *api_routes(size_t *n);

/* Options of a server beyond those of api_serve; zero means the usual. Tests shorten the deadlines
 * with it. */
struct api_options {
    const char *registry_folder, *listen;
    const char *const *hosts;
    size_t hosts_n;
    int header_ms, response_ms, workers;
    int64_t body_max;
    size_t queue_max;
    void (*ready)(const char *url, void *arg);
    void *arg;
};
enum status api_serve_with(const struct api_options *options, struct error *e) MUST_USE;

/* ---- problem.c ---- */

/* The HTTP status of a failure: the one place where that is decided. */
int problem_http(enum status status);
/* application/problem+json of `e` in the language of `q` (api_reader_lang). Of a 5xx only the code's
 * class is told; the message goes to the log. */
struct http_reply *problem_reply(int http, const struct error *e, const struct http_request *q);
/* The same for what never became a request. */
struct http_reply *problem_refuse(int http, const struct error *e, const char *accept_language);
bool api_parameters_known(const struct http_request *q, const struct api_resource *resource);
struct http_reply *problem_unknown_parameters(const struct http_request *q,
                                              const struct api_resource *resource);
/* 401: nobody is known here, or the token that was sent is not good (any more). */
struct http_reply *problem_unauthorized(bool token_sent, const struct http_request *q);
/* 403: the token is good, but not for this. */
struct http_reply *problem_forbidden(enum token_role needed, const struct http_request *q);

/* ---- access.c ---- */

/* Opens context->staff when it is not open yet. */
enum status api_staff(struct api_context *context, struct error *e) MUST_USE;
/* Who asks. *reply NULL: fills call->role and call->token; else the refusal (401, or a failure). */
void api_identify(struct api_call *call, struct http_reply **reply);
/* NULL when the resource is open to call->role. */
struct http_reply *api_admit(const struct api_call *call, const struct api_resource *resource);

/* ---- reply helpers, common.c ---- */

/* The argument's value, or NULL. */
const char *api_argument(const struct api_call *call, const char *name);

/* table.c: the form of a table by ?f= or Accept; its reply, as the file STEM.csv or STEM.xlsx unless it is JSON. */
enum api_table { API_TABLE_JSON, API_TABLE_CSV, API_TABLE_XLSX };
enum status api_table_take(struct api_call *call, enum api_table *out) MUST_USE;
enum status api_table_reply(struct api_call *call, enum api_table table, const char *stem,
                            const char *etag, struct buf *body, struct http_reply **out) MUST_USE;
/* A reply with the headers every data answer has: CORS, no-cache (clients revalidate), Vary. NULL
 * on no memory. */
struct http_reply *api_reply(const struct api_call *call, int status);
/* A finished 200 answer of text in `b` (taken). etag may be NULL. */
enum status api_reply_text(struct api_call *call, const char *content_type, const char *etag,
                           struct buf *b, struct http_reply **out);
/* When the client has `etag` already: *out is a 304 and true is returned. */
bool api_not_modified(struct api_call *call, const char *etag, struct http_reply **out);
/* The weak ETag of an answer that depends on the registry's change number, the program's version
 * and `variant`. */
void api_change_etag(const struct api_call *call, const char *variant, char etag[80]);
/* {"rel":..,"type":..,"title":..,"href":"http://host/path"} appended to an open JSON array. title
 * may be NULL. */
void api_link(struct buf *b, const struct api_call *call, const char *rel, const char *type,
              const char *title, const char *path);
/* The language of what people read: the parameter lang (es, en), else Accept-Language, else English.
 * STATUS_USAGE, code "bad_parameter". */
enum status api_lang(struct api_call *call, enum finding_lang *out) MUST_USE;
/* The language of an error's reader: the same, but a lang that is not known counts as absent. */
enum finding_lang api_reader_lang(const struct http_request *q);
/* Of an Accept-Language header (NULL = none) the one of ours that is wanted most; else English. */
enum finding_lang api_accepted_lang(const char *header);
/* The condition of the parameters filter and filter-lang as text, NULL = none. Only CQL2 text is
 * known: STATUS_USAGE, code "bad_parameter", for another language or an empty filter. */
enum status api_filter(struct api_call *call, const char **out) MUST_USE;
/* UTC now as 2026-01-31T12:00:00Z. */
void api_timestamp(char out[24]);

/* ---- resources ---- */

enum status landing_build(struct api_call *call, struct http_reply **out);
enum status asset_build(struct api_call *call, struct http_reply **out);
enum status conformance_build(struct api_call *call, struct http_reply **out);
enum status openapi_build(struct api_call *call, struct http_reply **out);
enum status limits_build(struct api_call *call, struct http_reply **out);
enum status healthz_build(struct api_call *call, struct http_reply **out);
enum status readyz_build(struct api_call *call, struct http_reply **out);
enum status layers_build(struct api_call *call, struct http_reply **out);
enum status tile_build(struct api_call *call, struct http_reply **out);
enum status tilejson_build(struct api_call *call, struct http_reply **out);
enum status collections_build(struct api_call *call, struct http_reply **out);
enum status collection_build(struct api_call *call, struct http_reply **out);
enum status items_build(struct api_call *call, struct http_reply **out);
enum status item_build(struct api_call *call, struct http_reply **out);
enum status hectares_build(struct api_call *call, struct http_reply **out);
enum status milpa_build(struct api_call *call, struct http_reply **out);
enum status imports_build(struct api_call *call, struct http_reply **out);
enum status import_build(struct api_call *call, struct http_reply **out);
enum status import_revert_build(struct api_call *call, struct http_reply **out);
enum status upload_build(struct api_call *call, struct http_reply **out);
enum status jobs_build(struct api_call *call, struct http_reply **out);
enum status job_build(struct api_call *call, struct http_reply **out);
enum status job_commit_build(struct api_call *call, struct http_reply **out);
enum status job_delete_build(struct api_call *call, struct http_reply **out);
extern const struct http_sink upload_sink;

#endif
