/* Figures and features in the shape the API passes on, echoing what it was asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/registry/hectares.h"
#include "service/registry/import.h"
#include "service/registry/jobs.h"
#include "service/registry/milpa_report.h"
#include "service/registry/plot_json.h"
#include "service/registry/tokens.h"
#include "service/web/web.h"

struct plot_words {
    int nothing;
};

enum status plot_words_load(struct store *s, struct plot_words **out, struct error *e)
{
    (void)s;
    *out = calloc(1, sizeof **out);
    return *out ? STATUS_OK : error_memory(e);
}

void plot_words_free(struct plot_words *w)
{
    free(w);
}

void plot_feature_json(const struct store_plot *p, const struct plot_words *w, bool personal,
                       struct buf *out)
{
    if (personal || !w)
        abort(); /* HTTP never asks for that */
    buf_printf(out, "{\"type\":\"Feature\",\"id\":%lld,\"geometry\":null,\"properties\":{\"code\":",
               (long long)p->revision.plot_id);
    buf_json_string(out, p->revision.code);
    buf_puts(out, ",\"note\":\"");
    for (int i = 0; i < 20; i++)
        buf_puts(out, "words to fill the page ");
    buf_puts(out, "\"}}");
}

/* ---- plans ---- */

void milpa_query_init(struct milpa_query *q)
{
    *q = (struct milpa_query){0};
}

enum status milpa_query_set(struct milpa_query *q, const char *name, const char *text, struct error *e)
{
    if (!strcmp(name, "k") && strcmp(text, "0.02"))
        return error_set(e, STATUS_USAGE, "bad_parameter", NULL, "k takes a number");
    q->soil.k = 0.02;
    return STATUS_OK;
}

enum status milpa_report_make(struct store *s, const struct milpa_query *q, struct milpa_report *out,
                              struct error *e)
{
    (void)s;
    *out = (struct milpa_report){.query = *q};
    if (q->plot && strcmp(q->plot, "P-1"))
        return error_set(e, STATUS_NOT_FOUND, "plot_not_found", NULL, "no plot has that code");
    return STATUS_OK;
}

void milpa_report_clear(struct milpa_report *r)
{
    (void)r;
}

void milpa_report_json(const struct milpa_report *r, struct buf *out)
{
    buf_puts(out, "{\"plot\":");
    buf_json_string(out, r->query.plot);
    buf_puts(out, ",\"where\":");
    buf_json_string(out, r->query.where);
    buf_printf(out, ",\"limit\":%lld,\"after\":%lld,\"k\":%g}", (long long)r->query.limit,
               (long long)r->query.after, r->query.soil.k);
}

void milpa_report_csv(const struct milpa_report *r, struct buf *out)
{
    (void)r;
    buf_puts(out, "plot,programme\r\n");
}

enum status milpa_report_xlsx(const struct milpa_report *r, struct buf *out, struct error *e)
{
    (void)r;
    (void)e;
    buf_puts(out, "PK");
    return STATUS_OK;
}

enum status hectares_compute(struct store *s, const struct hectares_query *query, struct arena *a,
                             struct hectares *out, struct error *e)
{
    (void)s;
    (void)a;
    *out = (struct hectares){.query = *query};
    for (int i = 0; i < query->by_n; i++)
        if (strcmp(query->by[i], "municipality") && strcmp(query->by[i], "crop"))
            return error_set(e, STATUS_USAGE, "unknown_dimension", "use municipality or crop",
                             "there is no dimension %s", query->by[i]);
    return STATUS_OK;
}

void hectares_json(const struct hectares *h, struct buf *out)
{
    buf_printf(out, "{\"by_n\":%d,\"programmes_n\":%d,\"holders_min\":%d,\"where\":", h->query.by_n,
               (int)h->query.programmes_n, h->query.holders_min);
    buf_json_string(out, h->query.where);
    buf_json_key(out, "as_of");
    buf_json_string(out, h->query.as_of);
    buf_putc(out, '}');
}

void hectares_csv(const struct hectares *h, struct buf *out)
{
    buf_printf(out, "by_n,holders_min\r\n%d,%d\r\n", h->query.by_n, h->query.holders_min);
}

enum status hectares_xlsx(const struct hectares *h, struct buf *out, struct error *e)
{
    (void)h;
    buf_put(out, "PK\3\4\0x", 6);
    return out->failed ? error_memory(e) : STATUS_OK;
}

const struct web_asset *web_asset_find(const char *path)
{
    static const unsigned char page[] = "<!doctype html><title>Parcela</title>";
    static const unsigned char script[] = "'use strict'";
    static const struct web_asset assets[] = {
        {"/", "text/html; charset=utf-8", page, sizeof page - 1, NULL, 0, "\"p1\""},
        {"/assets/app.js", "text/javascript; charset=utf-8", script, sizeof script - 1, NULL, 0,
         "\"s1\""},
    };
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++)
        if (!strcmp(path, assets[i].path))
            return &assets[i];
    return NULL;
}

/* ---- tokens and jobs: "parcela_viewer" is a viewer's token, and so on; there are no jobs ---- */

enum token_role token_role_parse(const char *text)
{
    static const char *const roles[] = {"none", "viewer", "editor", "admin"};
    for (int i = TOKEN_VIEWER; i <= TOKEN_ADMIN; i++)
        if (!strcmp(text, roles[i]))
            return (enum token_role)i;
    return TOKEN_NONE;
}

const char *token_role_name(enum token_role role)
{
    return role == TOKEN_VIEWER ? "viewer" : role == TOKEN_EDITOR ? "editor" : "admin";
}

enum status token_check(struct store *s, const char *text, struct token_holder *out,
                        struct error *e)
{
    (void)s;
    (void)e;
    enum token_role role = strncmp(text, "parcela_", 8) ? TOKEN_NONE : token_role_parse(text + 8);
    *out = (struct token_holder){.id = role, .role = role, .used_today = true};
    return STATUS_OK;
}

/* Uploads are counted and hashed, not kept. */
struct jobs {
    _Atomic int open, submitted;
};
struct upload {
    struct jobs *jobs;
    int64_t bytes;
    uint64_t hash; /* FNV-1a */
    char files[400]; /* names of a form's files, each followed by / */
};
static struct jobs fake_jobs;

enum status jobs_start(const char *registry, struct jobs **out, struct error *e)
{
    (void)registry;
    (void)e;
    *out = &fake_jobs;
    return STATUS_OK;
}

void jobs_stop(struct jobs *j)
{
    if (j && j->open)
        abort(); /* an upload was never closed */
}

enum status upload_open(struct jobs *j, int64_t bytes, struct upload **out, struct error *e)
{
    (void)bytes;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return error_memory(e);
    (*out)->jobs = j;
    (*out)->hash = 14695981039346656037u;
    j->open++;
    return STATUS_OK;
}

enum status upload_file(struct upload *u, const char *filename, struct error *e)
{
    if (strcmp(filename, "refused.shp") == 0)
        return error_set(e, STATUS_USAGE, "bad_filename", NULL, "no such names here");
    size_t n = strlen(u->files);
    snprintf(u->files + n, sizeof u->files - n, "%s/", filename);
    return STATUS_OK;
}

enum status upload_write(struct upload *u, const void *bytes, size_t n, struct error *e)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        u->hash = (u->hash ^ p[i]) * 1099511628211u;
    u->bytes += (int64_t)n;
    return u->bytes == 666 ? error_set(e, STATUS_IO, "disk_full", NULL, "/srv/incoming is full")
                           : STATUS_OK;
}

static char submitted[4000]; /* what the last job said of itself */

enum status upload_submit(struct upload *u, const struct job_request *q, char id[JOB_ID_SIZE],
                          struct error *e)
{
    struct buf b;
    (void)e;
    buf_init(&b, 0);
    buf_printf(&b, "{\"bytes\":%lld,\"hash\":\"%016llx\",\"token\":%lld,\"maps\":%d,\"filename\":",
               (long long)u->bytes, (unsigned long long)u->hash, (long long)q->token,
               (int)q->maps_n);
    buf_json_string(&b, q->filename);
    buf_puts(&b, ",\"programme\":");
    buf_json_string(&b, q->programme);
    buf_puts(&b, ",\"files\":");
    buf_json_string(&b, u->files);
    snprintf(submitted, sizeof submitted, "%s}", b.bytes);
    buf_clear(&b);
    snprintf(id, JOB_ID_SIZE, "job-%d", ++u->jobs->submitted);
    return STATUS_OK;
}

void upload_close(struct upload *u)
{
    u->jobs->open--;
    free(u);
}

static enum status no_job(struct error *e)
{
    return error_set(e, STATUS_NOT_FOUND, "job_not_found", NULL, "there is no such job");
}

enum status jobs_revert(struct jobs *j, int64_t import_id, int64_t token, char id[JOB_ID_SIZE],
                        struct error *e)
{
    (void)j;
    (void)import_id;
    (void)token;
    (void)e;
    strcpy(id, "job-0");
    return STATUS_OK;
}

enum status jobs_json(struct jobs *j, const char *id, enum finding_lang lang, struct buf *out,
                      struct error *e)
{
    (void)j;
    (void)lang;
    if (strncmp(id, "job-", 4))
        return no_job(e);
    buf_puts(out, submitted[0] ? submitted : "{}");
    return STATUS_OK;
}

void jobs_list_json(struct jobs *j, enum finding_lang lang, struct buf *out)
{
    (void)lang;
    buf_printf(out, "[%d,%d]", j->open, j->submitted);
}

enum status jobs_commit(struct jobs *j, const char *id, bool skip_bad_files, struct error *e)
{
    (void)j;
    (void)skip_bad_files;
    return strncmp(id, "job-", 4) ? no_job(e) : STATUS_OK;
}

enum status jobs_delete(struct jobs *j, const char *id, bool *stopping, struct error *e)
{
    (void)j;
    *stopping = false;
    return strncmp(id, "job-", 4) ? no_job(e) : STATUS_OK;
}

void jobs_token_used(struct jobs *j, int64_t token)
{
    (void)j;
    (void)token;
}

void import_summary_json(const struct store_import *i, struct buf *out)
{
    buf_printf(out, "{\"import\":%d}", (int)i->id);
}

struct finding finding_unquoted(const struct finding *f, char text[512])
{
    (void)text;
    return *f;
}

void finding_json(const struct finding *f, enum finding_lang lang, struct buf *out)
{
    (void)lang;
    (void)f;
    buf_puts(out, "{}");
}
