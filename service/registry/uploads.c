/* Uploads on their way to a job: bytes to REGISTRY/incoming/ID.part; when a second file of a form
 * comes, it and those after it go into an archive beside it, which gets the first one too in the
 * end (browsers send the small parts of a shapefile first). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "importers/text.h"
#include "service/limits.h"
#include "service/registry/curp_key.h"
#include "service/registry/jobs_private.h"
#include "service/registry/upload_pack.h"

enum { SYNC_BYTES = 8 << 20 };

struct upload {
    struct jobs *jobs;
    struct job *job;           /* under construction; NULL once submitted */
    int fd, pack_fd;           /* -1 = not open */
    struct pack *pack;         /* NULL = one file so far */
    char first[PACK_NAME_MAX]; /* "" = no file of a form has begun */
    int64_t counted;           /* bytes of it counted as kept */
    int64_t synced;
};

static enum status io_failed(struct error *e)
{
    return error_set(e, STATUS_IO, "incoming_io", NULL, "An upload cannot be stored: %s.",
                     strerror(errno));
}

static void part_path(const struct upload *u, bool pack, char path[JOB_PATH_MAX])
{
    char name[JOB_ID_SIZE + 8];
    snprintf(name, sizeof name, "%s%s", u->job->id, pack ? "-pack" : "");
    job_path(path, jobs_registry(u->jobs), name, "part");
}

static int open_part(const struct upload *u, bool pack)
{
    char path[JOB_PATH_MAX];
    part_path(u, pack, path);
    return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

enum status upload_open(struct jobs *j, int64_t bytes, struct upload **out, struct error *e)
{
    if (jobs_kept_bytes(j, 0) + (bytes > 0 ? bytes : 0) > (int64_t)LIMIT_IMPORT_JOBS_MB << 20)
        return error_set(e, STATUS_LIMIT, "uploads_full",
                         "commit or delete some imports; see import_jobs_mb at /limits",
                         "the uploads that wait for a decision take all the room there is");
    struct upload *u = calloc(1, sizeof *u);
    if (!u || !(u->job = calloc(1, sizeof *u->job))) {
        free(u);
        return error_memory(e);
    }
    u->jobs = j;
    job_new_id(u->job->id);
    u->pack_fd = -1;
    u->fd = open_part(u, false);
    if (u->fd < 0) {
        free(u->job);
        free(u);
        return io_failed(e);
    }
    *out = u;
    return STATUS_OK;
}

static enum status check_name(const char *name, struct error *e)
{
    return strlen(name) < PACK_NAME_MAX
               ? STATUS_OK
               : error_set(e, STATUS_USAGE, "bad_filename", "shorten it",
                           "a file of the form has a name of %zu bytes", strlen(name));
}

enum status upload_file(struct upload *u, const char *filename, struct error *e)
{
    enum status s = check_name(filename, e);
    if (s == STATUS_OK && !u->first[0] && !u->job->bytes) {
        snprintf(u->first, sizeof u->first, "%s", *filename ? filename : "upload");
        return STATUS_OK;
    }
    if (s == STATUS_OK && !u->pack) {
        u->pack_fd = open_part(u, true);
        if (u->pack_fd < 0)
            s = io_failed(e);
        else if (!(u->pack = pack_new(u->pack_fd)))
            s = error_memory(e);
    }
    return s == STATUS_OK ? pack_member(u->pack, filename, e) : s;
}

static enum status write_first(struct upload *u, const char *at, size_t left, struct error *e)
{
    while (left) {
        ssize_t wrote = write(u->fd, at, left);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return io_failed(e);
        at += wrote;
        left -= (size_t)wrote;
    }
    return STATUS_OK;
}

enum status upload_write(struct upload *u, const void *bytes, size_t n, struct error *e)
{
    enum status s = u->pack ? pack_write(u->pack, bytes, n, e) : write_first(u, bytes, n, e);
    if (s != STATUS_OK)
        return s;
    u->job->bytes += (int64_t)n;
    u->counted += (int64_t)n;
    jobs_kept_bytes(u->jobs, (int64_t)n);
    if (u->job->bytes - u->synced >=
        SYNC_BYTES) { /* begun early, so that the fsync at the end is short */
        sync_file_range(u->pack ? u->pack_fd : u->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
        u->synced = u->job->bytes;
    }
    return STATUS_OK;
}

static enum status copy_text(char *to, size_t size, const char *text, const char *what,
                             struct error *e)
{
    if (text && strlen(text) >= size)
        return error_set(e, STATUS_USAGE, "bad_parameter", "make it shorter",
                         "%s is longer than %zu bytes", what, size - 1);
    snprintf(to, size, "%s", text ? text : "");
    return STATUS_OK;
}

/* A file that is called by somebody's CURP is shown by its hash. */
static enum status take_name(struct job *job, const char *registry, const char *name, struct error *e)
{
    unsigned char key[CURP_KEY_BYTES];
    struct arena a;
    arena_init(&a, 0);
    enum status status = curp_key_load(registry, true, key, e);
    if (status == STATUS_OK)
        status = copy_text(job->filename, sizeof job->filename, curp_key_masked(key, &a, name), "filename", e);
    arena_clear(&a);
    return status;
}

static enum status fill_job(struct job *job, const char *registry, const struct job_request *q, const char *name, struct error *e)
{
    enum status status = take_name(job, registry, name, e);
    if (status == STATUS_OK)
        status = copy_text(job->programme, sizeof job->programme, q->programme, "programme", e);
    if (status == STATUS_OK)
        status = copy_text(job->crs, sizeof job->crs, q->crs, "crs", e);
    if (status == STATUS_OK)
        status = copy_text(job->profile, sizeof job->profile, q->profile, "profile", e);
    if (status == STATUS_OK)
        status = copy_text(job->encoding, sizeof job->encoding, q->encoding, "encoding", e);
    if (status == STATUS_OK && q->encoding && text_page_of(q->encoding) <= 0)
        status = error_set(e, STATUS_USAGE, "encoding_unknown",
                           "utf-8, windows-1252, latin1, cp850 or cp437",
                           "the encoding %.40s is not known", q->encoding);
    if (status == STATUS_OK && q->maps_n > JOB_MAPS_MAX)
        status = error_set(e, STATUS_USAGE, "bad_parameter", "give fewer",
                           "map has more than %d columns", JOB_MAPS_MAX);
    for (size_t i = 0; status == STATUS_OK && i < q->maps_n; i++)
        status = copy_text(job->maps[job->maps_n++], JOB_TEXT_MAX, q->maps[i], "map", e);
    snprintf(job->extension, sizeof job->extension, "%s", job_extension(name));
    job->token = q->token;
    job->created_ms = job_now_ms();
    return status;
}

/* The first file joins the others. */
static enum status end_pack(struct upload *u, struct error *e)
{
    int64_t bytes = 0;
    enum status s = pack_copy(u->pack, u->first, u->fd, e);
    if (s == STATUS_OK)
        s = pack_end(u->pack, &bytes, e);
    if (s != STATUS_OK)
        return s;
    jobs_kept_bytes(u->jobs, bytes - u->counted);
    u->job->bytes = u->counted = bytes;
    return STATUS_OK;
}

enum status upload_submit(struct upload *u, const struct job_request *q, char id[JOB_ID_SIZE],
                          struct error *e)
{
    char part[JOB_PATH_MAX], path[JOB_PATH_MAX], called[PACK_NAME_MAX];
    const char *name = q->filename && *q->filename ? q->filename : "upload";
    enum status status = u->pack ? end_pack(u, e) : STATUS_OK;
    if (u->pack && status == STATUS_OK) {
        pack_called(u->pack, called);
        name = called;
    }
    if (status == STATUS_OK)
        status = fill_job(u->job, jobs_registry(u->jobs), q, name, e);
    if (status != STATUS_OK)
        return status;
    part_path(u, u->pack != NULL, part);
    job_path(path, jobs_registry(u->jobs), u->job->id, u->job->extension);
    if (fsync(u->pack ? u->pack_fd : u->fd) != 0 || rename(part, path) != 0)
        return io_failed(e);
    if (u->pack) {
        part_path(u, false, part);
        unlink(part);
    }
    strcpy(id, u->job->id);
    status = jobs_enqueue(u->jobs, u->job, e);
    if (status != STATUS_OK) {
        job_remove(jobs_registry(u->jobs), u->job);
        return status;
    }
    u->job = NULL;
    return STATUS_OK;
}

void upload_close(struct upload *u)
{
    if (!u)
        return;
    if (u->job) {
        char path[JOB_PATH_MAX];
        for (int pack = 0; pack < 2; pack++) {
            part_path(u, pack, path);
            unlink(path);
        }
        jobs_kept_bytes(u->jobs, -u->counted);
        free(u->job);
    }
    pack_free(u->pack);
    if (u->pack_fd >= 0)
        close(u->pack_fd);
    close(u->fd);
    free(u);
}
