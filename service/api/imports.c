/* /imports: uploads, their jobs, the imports that came of them.
 *
 * Viewers see the counts of each import; its files, findings and all jobs are for editors, because
 * a finding may quote its source. Nothing here writes the registry itself: the jobs' thread does.
 */
#include <stdio.h>
#include <string.h>

#include "service/api/internal.h"
#include "service/api/query.h"
#include "service/registry/import.h"

/* Answers that are for one reader only and change without the registry. */
static enum status reply_own(struct api_call *call, int http, const char *location, struct buf *b,
                             struct http_reply **out)
{
    struct http_reply *r = b->failed ? NULL : http_reply_new(http);
    if (!r) {
        buf_clear(b);
        return error_memory(&call->error);
    }
    http_reply_buf(r, "application/json", b);
    http_reply_header(r, "Cache-Control", "no-store");
    if (location)
        http_reply_header(r, "Location", location);
    *out = r;
    return STATUS_OK;
}

static enum status need_jobs(struct api_call *call)
{
    return call->context->api->jobs
               ? STATUS_OK
               : error_set(&call->error, STATUS_BUSY, "no_uploads", "the server's log says why",
                           "this server takes no uploads and has no jobs");
}

/* The job as it stands, with 202 while it has something to do. */
static enum status reply_job(struct api_call *call, int http, const char *id,
                             struct http_reply **out)
{
    char location[80];
    struct buf b;
    enum finding_lang lang = FINDING_EN;
    buf_init(&b, 0);
    enum status status = api_lang(call, &lang);
    if (status == STATUS_OK)
        status = jobs_json(call->context->api->jobs, id, lang, &b, &call->error);
    if (status != STATUS_OK) {
        buf_clear(&b);
        return status;
    }
    snprintf(location, sizeof location, "/imports/jobs/%.32s", id);
    return reply_own(call, http, http == 202 ? location : NULL, &b, out);
}

/* ---- uploads ---- */

/* In the event loop, before the first byte: whoever may not upload is told before sending a
 * gigabyte. */
static struct http_reply *sink_open(const struct http_request *q, int64_t length, void *context,
                                    void **body)
{
    struct api_call call = {.q = q, .context = context};
    struct http_reply *reply;
    api_identify(&call, &reply);
    if (!reply)
        reply = api_admit(&call, q->route->data);
    if (!reply && !api_parameters_known(q, q->route->data))
        reply = problem_unknown_parameters(q, q->route->data);
    if (reply)
        return reply;
    enum status status = need_jobs(&call);
    if (status == STATUS_OK)
        status = upload_open(call.context->api->jobs, length, (struct upload **)body, &call.error);
    return status == STATUS_OK ? NULL : problem_reply(problem_http(status), &call.error, q);
}

static enum status sink_file(void *body, const char *filename, struct error *e)
{
    return upload_file(body, filename, e);
}

static enum status sink_write(void *body, const void *bytes, size_t n, struct error *e)
{
    return upload_write(body, bytes, n, e);
}

static void sink_close(void *body)
{
    upload_close(body);
}

const struct http_sink upload_sink = {
    .open = sink_open, .file = sink_file, .write = sink_write, .close = sink_close};

/* A parameter that becomes part of a report: no control bytes, which the target's check has seen
 * to, and not empty. */
static enum status text_argument(struct api_call *call, const char *name, const char **out)
{
    *out = api_argument(call, name);
    if (*out && !**out)
        return error_set(&call->error, STATUS_USAGE, "bad_parameter",
                         "leave it out, or give a value", "%s is empty", name);
    return STATUS_OK;
}

static enum status map_argument(struct api_call *call, struct job_request *job)
{
    const char *text = api_argument(call, "map");
    if (!text)
        return STATUS_OK;
    enum status status =
        query_list("map", text, &call->context->arena, 16, &job->maps, &job->maps_n, &call->error);
    for (size_t i = 0; status == STATUS_OK && i < job->maps_n; i++) {
        const char *equals = strchr(job->maps[i], '=');
        if (!equals || equals == job->maps[i] || !equals[1])
            status = error_set(&call->error, STATUS_USAGE, "bad_parameter",
                               "give map=code=CLAVE,name=NOMBRE",
                               "map \"%.80s\" is not FIELD=COLUMN", job->maps[i]);
    }
    return status;
}

/* The last part of a name, whatever the client's system separates with. */
static const char *base_name(const char *name)
{
    for (const char *p = name; *p; p++)
        if (*p == '/' || *p == '\\')
            name = p + 1;
    return name;
}

enum status upload_build(struct api_call *call, struct http_reply **out)
{
    char id[JOB_ID_SIZE];
    struct job_request job = {.token = call->token};
    enum status status = text_argument(call, "programme", &job.programme);
    if (status == STATUS_OK)
        status = text_argument(call, "crs", &job.crs);
    if (status == STATUS_OK)
        status = text_argument(call, "profile", &job.profile);
    if (status == STATUS_OK)
        status = text_argument(call, "encoding", &job.encoding);
    if (status == STATUS_OK)
        status = text_argument(call, "filename", &job.filename);
    if (status == STATUS_OK)
        status = map_argument(call, &job);
    if (status != STATUS_OK)
        return status;
    job.filename = base_name(job.filename ? job.filename : call->q->filename);
    status = upload_submit(call->q->body, &job, id, &call->error);
    return status == STATUS_OK ? reply_job(call, 202, id, out) : status;
}

/* ---- jobs ---- */

enum status jobs_build(struct api_call *call, struct http_reply **out)
{
    struct buf b;
    enum status status = need_jobs(call);
    if (status != STATUS_OK)
        return status;
    buf_init(&b, 0);
    buf_puts(&b, "{\"jobs\":");
    jobs_list_json(call->context->api->jobs, api_reader_lang(call->q), &b);
    buf_puts(&b, "}\n");
    return reply_own(call, 200, NULL, &b, out);
}

enum status job_build(struct api_call *call, struct http_reply **out)
{
    enum status status = need_jobs(call);
    return status == STATUS_OK ? reply_job(call, 200, call->q->capture[0], out) : status;
}

enum status job_commit_build(struct api_call *call, struct http_reply **out)
{
    const char *skip = api_argument(call, "skip_bad_files");
    enum status status = need_jobs(call);
    if (status == STATUS_OK && skip && strcmp(skip, "true") && strcmp(skip, "false"))
        status = error_set(&call->error, STATUS_USAGE, "bad_parameter", "give true or false",
                           "skip_bad_files is \"%.40s\"", skip);
    if (status == STATUS_OK)
        status = jobs_commit(call->context->api->jobs, call->q->capture[0],
                             skip && !strcmp(skip, "true"), &call->error);
    return status == STATUS_OK ? reply_job(call, 202, call->q->capture[0], out) : status;
}

enum status job_delete_build(struct api_call *call, struct http_reply **out)
{
    bool stopping = false;
    enum status status = need_jobs(call);
    if (status == STATUS_OK)
        status =
            jobs_delete(call->context->api->jobs, call->q->capture[0], &stopping, &call->error);
    if (status != STATUS_OK)
        return status;
    if (stopping)
        return reply_job(call, 202, call->q->capture[0], out);
    *out = http_reply_new(204);
    return *out ? STATUS_OK : error_memory(&call->error);
}

/* ---- imports ---- */

static bool add_import(const struct store_import *i, void *arg)
{
    buf_json_comma(arg);
    import_summary_json(i, arg);
    return true;
}

/* Editors read through the handle that knows the files' names; the findings and files of everyone
 * else are not even read. */
static enum status reader_of(struct api_call *call, struct store **out)
{
    *out = call->context->store;
    if (call->role < TOKEN_EDITOR)
        return STATUS_OK;
    enum status status = api_staff(call->context, &call->error);
    *out = call->context->staff;
    return status;
}

enum status imports_build(struct api_call *call, struct http_reply **out)
{
    struct store *s;
    struct buf b;
    enum status status = reader_of(call, &s);
    if (status != STATUS_OK)
        return status;
    buf_init(&b, 0);
    buf_puts(&b, "{\"imports\":[");
    status = store_each_import(s, add_import, &b, &call->error);
    buf_puts(&b, "]}\n");
    if (status != STATUS_OK) {
        buf_clear(&b);
        return status;
    }
    return reply_own(call, 200, NULL, &b, out);
}

struct findings_page {
    struct buf *b;
    int64_t skip, limit, total;
    enum finding_lang lang;
};

static bool add_finding(const struct finding *f, void *arg)
{
    struct findings_page *page = arg;
    if (page->total >= page->skip && page->total - page->skip < page->limit) {
        char text[512];
        struct finding shown = finding_unquoted(f, text);
        buf_json_comma(page->b);
        finding_json(&shown, page->lang, page->b);
    }
    page->total++;
    return true;
}

static enum status add_findings(struct api_call *call, struct store *s, int64_t id, struct buf *b)
{
    struct findings_page page = {.b = b, .limit = LIMIT_IMPORT_FINDINGS};
    const char *limit = api_argument(call, "limit"), *offset = api_argument(call, "offset");
    enum status status = api_lang(call, &page.lang);
    if (status == STATUS_OK && limit)
        status = query_integer("limit", limit, 1, LIMIT_IMPORT_FINDINGS, &page.limit, &call->error);
    if (status == STATUS_OK && offset)
        status = query_integer("offset", offset, 0, INT32_MAX, &page.skip, &call->error);
    if (status != STATUS_OK || call->role < TOKEN_EDITOR)
        return status;
    b->length--; /* reopens the object */
    buf_json_key(b, "findings");
    buf_putc(b, '[');
    status = store_each_finding(s, id, add_finding, &page, &call->error);
    buf_putc(b, ']');
    buf_json_key(b, "findings_total");
    buf_int(b, page.total);
    buf_putc(b, '}');
    return status;
}

static enum status import_id(struct api_call *call, int64_t *id)
{
    if (query_parse_integer(call->q->capture[0], 1, INT64_MAX, id))
        return STATUS_OK;
    return error_set(&call->error, STATUS_NOT_FOUND, "import_not_found", "see /imports",
                     "there is no such import");
}

enum status import_build(struct api_call *call, struct http_reply **out)
{
    struct store *s;
    struct store_import import;
    struct buf b;
    int64_t id;
    enum status status = import_id(call, &id);
    if (status == STATUS_OK)
        status = reader_of(call, &s);
    if (status == STATUS_OK)
        status = store_import_get(s, id, &call->context->arena, &import, &call->error);
    if (status != STATUS_OK)
        return status;
    buf_init(&b, 0);
    import_summary_json(&import, &b);
    status = add_findings(call, s, id, &b);
    buf_putc(&b, '\n');
    if (status != STATUS_OK) {
        buf_clear(&b);
        return status;
    }
    return reply_own(call, 200, NULL, &b, out);
}

enum status import_revert_build(struct api_call *call, struct http_reply **out)
{
    struct store_import import;
    char job[JOB_ID_SIZE];
    int64_t id;
    enum status status = need_jobs(call);
    if (status == STATUS_OK)
        status = import_id(call, &id);
    if (status == STATUS_OK)
        status = store_import_get(call->context->staff, id, &call->context->arena, &import,
                                  &call->error);
    if (status == STATUS_OK && strcmp(import.status, "committed"))
        status = error_set(&call->error, STATUS_CONFLICT, "already_reverted", NULL,
                           "import %lld is undone already", (long long)id);
    if (status == STATUS_OK)
        status = jobs_revert(call->context->api->jobs, id, call->token, job, &call->error);
    return status == STATUS_OK ? reply_job(call, 202, job, out) : status;
}
