/* One run of a job: import or undo, its report, and errors in words that show nothing of the
 * server's disk. */
#include "service/registry/job_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/limits.h"
#include "service/registry/import.h"

/* `text` with every `from` replaced. */
static void put_replaced(struct buf *b, const char *text, const char *from, const char *to)
{
    for (const char *at; (at = strstr(text, from)); text = at + strlen(from)) {
        buf_put(b, text, (size_t)(at - text));
        buf_puts(b, to);
    }
    buf_puts(b, text);
}

/* The path and the random name of the upload become the name that the client gave. */
static void rename_file(const char *registry, const struct job *job, char *text, size_t size)
{
    char path[JOB_PATH_MAX], stored[JOB_ID_SIZE + 16];
    struct buf once, twice;
    job_path(path, registry, job->id, job->extension);
    snprintf(stored, sizeof stored, "%s.%s", job->id, job->extension);
    buf_init(&once, 0);
    buf_init(&twice, 0);
    put_replaced(&once, text, path, job->filename);
    if (!once.failed)
        put_replaced(&twice, once.bytes ? once.bytes : "", stored, job->filename);
    if (!twice.failed && twice.length)
        snprintf(text, size, "%s", twice.bytes);
    buf_clear(&once);
    buf_clear(&twice);
}

/* What went wrong inside the server is for its log. */
static void tell_error(const char *registry, const struct job *job, struct error *e)
{
    bool ours = e->status == STATUS_IO || e->status == STATUS_CORRUPT ||
                e->status == STATUS_INTERNAL || e->status == STATUS_MEMORY;
    if (ours) {
        fprintf(stderr, "parcela: jobs: %s: %s\n", e->code, e->message);
        error_set(e, e->status, e->code, "tell the operator; the server's log says more",
                  "the server could not do this import");
        return;
    }
    rename_file(registry, job, e->message, sizeof e->message);
    rename_file(registry, job, e->remedy, sizeof e->remedy);
}

static enum status write_report(const char *registry, const struct job *job,
                                struct import_report *report, struct error *e)
{
    struct buf b;
    buf_init(&b, 0);
    if (report->findings_n > LIMIT_IMPORT_FINDINGS)
        report->findings_n = LIMIT_IMPORT_FINDINGS;
    for (size_t i = 0; i < report->findings_n; i++) {
        char text[512];
        struct finding *f = &report->findings[i];
        *f = finding_unquoted(f, text);
        if (f->message == text || (f->message && strstr(f->message, job->id))) {
            if (f->message != text)
                snprintf(text, sizeof text, "%s", f->message);
            rename_file(registry, job, text, sizeof text);
            f->message = arena_strdup(&report->arena, text);
        }
    }
    report->mapping_json = NULL; /* it quotes the file */
    import_report_json(report, &b);
    while (b.length && b.bytes[b.length - 1] == '\n')
        b.length--;
    enum status status = b.failed
                             ? error_memory(e)
                             : job_write_file(registry, job->id, "report", b.bytes, b.length, e);
    buf_clear(&b);
    return status;
}

/* FIELD=COLUMN, checked when it came. */
static size_t split_maps(const struct job *job, char texts[JOB_MAPS_MAX][JOB_TEXT_MAX],
                         struct reader_mapping *out)
{
    size_t n = 0;
    for (int i = 0; i < job->maps_n; i++) {
        snprintf(texts[n], JOB_TEXT_MAX, "%s", job->maps[i]);
        char *equals = strchr(texts[n], '=');
        if (!equals)
            continue;
        *equals = 0;
        out[n] = (struct reader_mapping){.field = texts[n], .column = equals + 1};
        n++;
    }
    return n;
}

/* Those of a refusal that a client can choose from and send the file again. */
static void put_candidates(const struct crs_candidates *c, struct job_result *out)
{
    struct buf b;
    if (!c->n || (strcmp(out->error.code, "crs_missing") && strcmp(out->error.code, "crs_wrong")))
        return;
    buf_init(&b, sizeof out->candidates - 1);
    crs_candidates_json(c, &b);
    if (!b.failed)
        snprintf(out->candidates, sizeof out->candidates, "%s", b.bytes);
    buf_clear(&b);
}

static void run_import(const char *registry, struct job *job,
                       void (*progress)(const char *, uint64_t, uint64_t, void *), void *arg,
                       struct job_result *out)
{
    char path[JOB_PATH_MAX], texts[JOB_MAPS_MAX][JOB_TEXT_MAX];
    struct reader_mapping mappings[JOB_MAPS_MAX];
    struct import_report report;
    struct crs_candidates candidates = {0};
    const char *files[1] = {path}, *names[1] = {job->filename};
    job_path(path, registry, job->id, job->extension);
    struct import_request q = {.registry = registry,
                               .files = files,
                               .files_n = 1,
                               .names = names,
                               .programme = job->programme[0] ? job->programme : NULL,
                               .crs = job->crs[0] ? job->crs : NULL,
                               .profile = job->profile[0] ? job->profile : NULL,
                               .encoding = job->encoding[0] ? job->encoding : NULL,
                               .mappings = mappings,
                               .mappings_n = split_maps(job, texts, mappings),
                               .job = job->id,
                               .dry_run = !job->commit,
                               .skip_bad_files = job->skip_bad_files,
                               .cancelled = &job->cancel,
                               .candidates = &candidates,
                               .progress = progress,
                               .progress_arg = arg};
    out->status = import_run(&q, &report, &out->error);
    if (out->status != STATUS_OK) {
        put_candidates(&candidates, out);
        return;
    }
    out->import = report.import.id;
    out->unreadable = (int64_t)report.findings_by_code[FINDING_FILE_UNREADABLE];
    struct error e; /* the import stands, whatever becomes of its report */
    if (write_report(registry, job, &report, &e) != STATUS_OK)
        fprintf(stderr, "parcela: jobs: %s: %s\n", e.code, e.message);
    import_report_clear(&report);
}

static int64_t import_done(const char *registry, const char *id)
{
    struct store *s = NULL;
    int64_t import = 0;
    struct error e;
    if (store_open(registry, STORE_READ, &s, &e) != STATUS_OK ||
        store_import_of_job(s, id, &import, &e) != STATUS_OK)
        import = 0;
    store_close(s);
    return import;
}

static bool is_reverted(const char *registry, int64_t id)
{
    struct store *s = NULL;
    struct store_import import;
    struct arena a;
    struct error e;
    arena_init(&a, 0);
    bool reverted = store_open(registry, STORE_READ, &s, &e) == STATUS_OK &&
                    store_import_get(s, id, &a, &import, &e) == STATUS_OK &&
                    strcmp(import.status, "reverted") == 0;
    store_close(s);
    arena_clear(&a);
    return reverted;
}

bool job_is_done(const char *registry, const struct job *job, int64_t *import)
{
    *import = 0;
    if (job->revert)
        return is_reverted(registry, job->revert);
    if (job->commit)
        *import = import_done(registry, job->id);
    return *import != 0;
}

static void run_revert(const char *registry, struct job *job, struct job_result *out)
{
    struct import_reverted reverted;
    out->status = import_revert(registry, job->revert, &reverted, &out->error);
    /* the run before this one may have died between its commit and its word about it */
    if (out->status == STATUS_CONFLICT && job->attempts > 1 && is_reverted(registry, job->revert))
        out->status = STATUS_OK;
}

void job_run(const char *registry, struct job *job,
             void (*progress)(const char *, uint64_t, uint64_t, void *), void *arg,
             struct job_result *out)
{
    *out = (struct job_result){.status = STATUS_OK};
    if (job->revert)
        run_revert(registry, job, out);
    else if (job_is_done(registry, job, &out->import))
        return;
    else
        run_import(registry, job, progress, arg, out);
    if (out->status == STATUS_OK || out->status == STATUS_BUSY)
        out->error = (struct error){.status = STATUS_OK};
    else
        tell_error(registry, job, &out->error);
}
