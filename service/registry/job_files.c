/* One job as files and as JSON; see job_files.h. Every file is written beside its place, synced and
 * renamed. */
#include "service/registry/job_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "importers/error_text.h"
#include "service/limits.h"

static const char *const STATES[] = {"waiting",  "running", "checked",   "committed",
                                     "reverted", "failed",  "cancelled", "quarantined"};

const char *job_state_name(enum job_state state)
{
    return STATES[state];
}

bool job_is_over(const struct job *job)
{
    return job->state != JOB_WAITING && job->state != JOB_RUNNING;
}

int64_t job_upload_ends_ms(const struct job *job)
{
    bool kept = job->state == JOB_CHECKED || job->state == JOB_QUARANTINED;
    return kept && job->bytes ? job->finished_ms + (int64_t)LIMIT_UPLOAD_WAIT_HOURS * 3600 * 1000
                              : 0;
}

int64_t job_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void job_path(char out[JOB_PATH_MAX], const char *registry, const char *name, const char *extension)
{
    snprintf(out, JOB_PATH_MAX, "%.4000s/incoming%s%.40s%s%.12s", registry, extension ? "/" : "",
             extension ? name : "", extension && *extension ? "." : "", extension ? extension : "");
}

const char *job_extension(const char *filename)
{
    static const char *const known[] = {"zip",  "shp",  "gpkg", "geojson", "geojsonl",
                                        "json", "gpx",  "kml",  "kmz",     "fgb",
                                        "csv",  "xlsx", "xml",  "nmea",    "txt"};
    const char *dot = strrchr(filename, '.');
    for (size_t i = 0; dot && i < sizeof known / sizeof *known; i++)
        if (strcasecmp(dot + 1, known[i]) == 0)
            return known[i];
    return "bin";
}

/* ---- writing ---- */

static enum status io_failed(const char *what, struct error *e)
{
    return error_set(e, STATUS_IO, "incoming_io",
                     "Check the space and the rights of the registry's folder.",
                     "%s in the registry's incoming folder failed: %s.", what, strerror(errno));
}

void job_fsync_folder(const char *registry)
{
    char path[JOB_PATH_MAX];
    job_path(path, registry, "", NULL);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t wrote = write(fd, bytes, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes += wrote;
        n -= (size_t)wrote;
    }
    return true;
}

enum status job_write_file(const char *registry, const char *id, const char *extension,
                           const char *bytes, size_t n, struct error *e)
{
    char part[JOB_PATH_MAX], path[JOB_PATH_MAX];
    char name[JOB_ID_SIZE + 12];
    snprintf(name, sizeof name, "%.32s-%.8s", id, extension);
    job_path(part, registry, name, "part");
    job_path(path, registry, id, extension);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_failed("Making a file", e);
    bool ok = write_all(fd, bytes, n) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok && rename(part, path) == 0;
    if (!ok) {
        enum status status = io_failed("Writing a file", e);
        unlink(part);
        return status;
    }
    job_fsync_folder(registry);
    return STATUS_OK;
}

static void key_text(struct buf *b, const char *key, const char *text)
{
    buf_json_key(b, key);
    buf_json_string(b, *text ? text : NULL);
}

static void key_int(struct buf *b, const char *key, int64_t value)
{
    buf_json_key(b, key);
    buf_int(b, value);
}

enum status job_save(const char *registry, const struct job *job, struct error *e)
{
    struct buf b;
    buf_init(&b, 0);
    buf_putc(&b, '{');
    key_text(&b, "id", job->id);
    key_text(&b, "state", STATES[job->state]);
    key_int(&b, "commit", job->commit);
    key_int(&b, "revert", job->revert);
    key_int(&b, "token", job->token);
    key_int(&b, "import", job->import);
    key_int(&b, "bytes", job->bytes);
    key_int(&b, "created_ms", job->created_ms);
    key_int(&b, "started_ms", job->started_ms);
    key_int(&b, "finished_ms", job->finished_ms);
    key_int(&b, "attempts", job->attempts);
    key_int(&b, "unreadable", job->unreadable);
    key_int(&b, "skip_bad_files", job->skip_bad_files);
    key_text(&b, "extension", job->extension);
    key_text(&b, "filename", job->filename);
    key_text(&b, "programme", job->programme);
    key_text(&b, "crs", job->crs);
    key_text(&b, "profile", job->profile);
    key_text(&b, "encoding", job->encoding);
    buf_json_key(&b, "map");
    buf_putc(&b, '[');
    for (int i = 0; i < job->maps_n; i++) {
        buf_json_comma(&b);
        buf_json_string(&b, job->maps[i]);
    }
    buf_putc(&b, ']');
    key_text(&b, "error_code", job->error.code);
    key_text(&b, "error_message", job->error.message);
    key_text(&b, "error_remedy", job->error.remedy);
    buf_json_key(&b, "error_candidates");
    buf_puts(&b, job->candidates[0] ? job->candidates : "null");
    buf_puts(&b, "}\n");
    enum status status =
        b.failed ? error_memory(e) : job_write_file(registry, job->id, "job", b.bytes, b.length, e);
    buf_clear(&b);
    return status;
}

/* ---- reading ---- */

bool job_read_file(const char *registry, const char *id, const char *extension, struct buf *out)
{
    char path[JOB_PATH_MAX];
    job_path(path, registry, id, extension);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = 1;
    while (n > 0 && !out->failed) {
        char *room = buf_reserve(out, 65536);
        n = room ? read(fd, room, 65536) : -1;
        out->length += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    buf_putc(out, 0); /* not counted */
    out->length -= !out->failed;
    return n == 0 && !out->failed;
}

static void take_text(json_t *object, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(object, key));
    snprintf(out, size, "%s", text ? text : "");
}

static int64_t take_int(json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static bool good_array(json_t *array)
{
    size_t i;
    json_t *object;
    bool good = json_is_array(array);
    json_array_foreach(array, i, object) good = good && json_is_object(object);
    return good;
}

bool job_candidates_good(const char *text)
{
    json_t *array = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    bool good = good_array(array);
    json_decref(array);
    return good;
}

static void take_candidates(json_t *o, struct job *job)
{
    json_t *array = json_object_get(o, "error_candidates");
    char *text =
        good_array(array) ? json_dumps(array, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
    if (text && strlen(text) < sizeof job->candidates)
        snprintf(job->candidates, sizeof job->candidates, "%s", text);
    free(text);
}

static bool take_job(json_t *o, struct job *job)
{
    char state[24];
    take_text(o, "state", state, sizeof state);
    int s = 0;
    while (s < JOB_STATES_N && strcmp(STATES[s], state) != 0)
        s++;
    if (s == JOB_STATES_N)
        return false;
    job->state = (enum job_state)s;
    job->commit = take_int(o, "commit") != 0;
    job->revert = take_int(o, "revert");
    job->token = take_int(o, "token");
    job->import = take_int(o, "import");
    job->bytes = take_int(o, "bytes");
    job->created_ms = take_int(o, "created_ms");
    job->started_ms = take_int(o, "started_ms");
    job->finished_ms = take_int(o, "finished_ms");
    job->attempts = (int)take_int(o, "attempts");
    job->unreadable = take_int(o, "unreadable");
    job->skip_bad_files = take_int(o, "skip_bad_files") != 0;
    take_text(o, "filename", job->filename, sizeof job->filename);
    take_text(o, "programme", job->programme, sizeof job->programme);
    take_text(o, "crs", job->crs, sizeof job->crs);
    take_text(o, "profile", job->profile, sizeof job->profile);
    take_text(o, "encoding", job->encoding, sizeof job->encoding);
    take_text(o, "error_code", job->error.code, sizeof job->error.code);
    take_text(o, "error_message", job->error.message, sizeof job->error.message);
    take_text(o, "error_remedy", job->error.remedy, sizeof job->error.remedy);
    take_candidates(o, job);
    take_text(o, "extension", job->extension, sizeof job->extension);
    snprintf(job->extension, sizeof job->extension, "%s",
             job_extension(job->filename)); /* never what a file says a path is */
    json_t *maps = json_object_get(o, "map"), *text;
    size_t i;
    json_array_foreach(maps, i, text)
    {
        if (job->maps_n < JOB_MAPS_MAX && json_is_string(text))
            snprintf(job->maps[job->maps_n++], JOB_TEXT_MAX, "%s", json_string_value(text));
    }
    return true;
}

struct job *job_load(const char *registry, const char *id)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    struct job *job = job_read_file(registry, id, "job", &b) ? calloc(1, sizeof *job) : NULL;
    json_t *o = job ? json_loadb(b.bytes, b.length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *own = json_string_value(json_object_get(o, "id"));
    if (job)
        snprintf(job->id, sizeof job->id, "%s", id);
    if (job && (!own || strcmp(own, id) != 0 || !take_job(o, job))) {
        free(job);
        job = NULL;
    }
    json_decref(o);
    buf_clear(&b);
    return job;
}

/* ---- the folder ---- */

static void remove_one(const char *registry, const char *id, const char *extension)
{
    char path[JOB_PATH_MAX];
    job_path(path, registry, id, extension);
    unlink(path);
}

void job_remove_upload(const char *registry, const struct job *job)
{
    if (!job->revert)
        remove_one(registry, job->id, job->extension);
}

void job_remove(const char *registry, const struct job *job)
{
    remove_one(registry, job->id,
               "job"); /* first: a file without a job is removed at the next start */
    remove_one(registry, job->id, "report");
    job_remove_upload(registry, job);
}

static bool is_id(const char *name)
{
    return strspn(name, "0123456789abcdef") == JOB_ID_SIZE - 1;
}

static void insert(struct job **list, struct job *job)
{
    while (*list && (*list)->created_ms <= job->created_ms)
        list = &(*list)->next;
    job->next = *list;
    *list = job;
}

/* A job that cannot be read now (damaged, no memory) keeps its files: only what has no job at all
 * goes. */
static bool has_job(const char *registry, const char *name)
{
    char id[JOB_ID_SIZE], path[JOB_PATH_MAX];
    snprintf(id, sizeof id, "%.32s", name);
    job_path(path, registry, id, "job");
    return access(path, F_OK) == 0;
}

struct job *jobs_load(const char *registry)
{
    char folder[JOB_PATH_MAX], path[JOB_PATH_MAX + 300];
    struct job *list = NULL;
    job_path(folder, registry, "", NULL);
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (is_id(entry->d_name) && strcmp(entry->d_name + JOB_ID_SIZE - 1, ".job") == 0) {
            char id[JOB_ID_SIZE];
            snprintf(id, sizeof id, "%.32s", entry->d_name);
            struct job *job = job_load(registry, id);
            if (job)
                insert(&list, job);
        }
    if (dir)
        rewinddir(dir);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (is_id(entry->d_name) &&
            ((dot && strcmp(dot, ".part") == 0) || !has_job(registry, entry->d_name))) {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            unlink(path);
        }
    }
    if (dir)
        closedir(dir);
    return list;
}

/* ---- JSON for people ---- */

static void key_moment(struct buf *b, const char *key, int64_t ms)
{
    char text[24];
    time_t t = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    buf_json_key(b, key);
    buf_json_string(b, ms ? text : NULL);
}

/* Rows per second of this phase, and seconds left at that rate; both null while nothing can be
 * said. */
static void progress_json(const struct job *job, struct buf *b)
{
    double elapsed_s = (double)(job_now_ms() - job->phase_began_ms) / 1000;
    bool told = job->state == JOB_RUNNING && job->phase[0];
    bool rows = told && strcmp(job->phase, "reading") == 0;
    double rate = told && elapsed_s >= 1 ? (double)job->done / elapsed_s : NAN;
    double left = job->total && job->done && job->done <= job->total
                      ? (double)(job->total - job->done) / rate
                      : NAN;
    buf_json_key(b, "phase");
    buf_json_string(b, told ? job->phase : NULL);
    buf_json_key(b, "rows_done");
    if (rows)
        buf_int(b, (int64_t)job->done);
    else
        buf_puts(b, "null");
    buf_json_key(b, "rows_total");
    if (rows && job->total)
        buf_int(b, (int64_t)job->total);
    else
        buf_puts(b, "null");
    buf_json_key(b, "phase_share");
    buf_double(b,
               told && job->total
                   ? (double)(job->done < job->total ? job->done : job->total) / (double)job->total
                   : NAN,
               3);
    buf_json_key(b, "rows_per_second");
    buf_double(b, rows ? rate : NAN, 0);
    buf_json_key(b, "remaining_seconds"); /* of this phase */
    buf_double(b, told ? left : NAN, 0);
}

void job_json(const struct job *job, enum finding_lang lang, struct buf *b)
{
    buf_json_comma(b);
    buf_putc(b, '{');
    key_text(b, "id", job->id);
    key_text(b, "kind", job->revert ? "revert" : "import");
    key_text(b, "state", STATES[job->state]);
    buf_json_key(b, "dry_run");
    buf_puts(b, job->commit || job->revert ? "false" : "true");
    buf_json_key(b, "blocked");
    buf_puts(b, job->blocked && job->state == JOB_WAITING ? "true" : "false");
    key_text(b, "filename", job->filename);
    key_int(b, "bytes", job->bytes);
    key_text(b, "programme", job->programme);
    key_text(b, "crs", job->crs);
    key_text(b, "profile", job->profile);
    key_text(b, "encoding", job->encoding);
    buf_json_key(b, "map");
    buf_putc(b, '[');
    for (int i = 0; i < job->maps_n; i++) {
        buf_json_comma(b);
        buf_json_string(b, job->maps[i]);
    }
    buf_putc(b, ']');
    key_moment(b, "created_at", job->created_ms);
    key_moment(b, "started_at", job->started_ms);
    key_moment(b, "finished_at", job->finished_ms);
    key_moment(b, "upload_ends_at", job_upload_ends_ms(job));
    key_int(b, "attempts", job->attempts);
    key_int(b, "files_unreadable", job->unreadable);
    progress_json(job, b);
    buf_json_key(b, "import");
    if (job->import || job->revert)
        buf_int(b, job->import ? job->import : job->revert);
    else
        buf_puts(b, "null");
    buf_json_key(b, "error");
    if (job->error.code[0]) {
        struct error_words words;
        error_in_words(&job->error, lang, &words);
        buf_putc(b, '{');
        key_text(b, "code", job->error.code);
        key_text(b, "message", words.message);
        key_text(b, "remedy", words.remedy);
        if (job->candidates[0]) {
            buf_json_key(b, "candidates");
            buf_puts(b, job->candidates);
        }
        buf_putc(b, '}');
    } else {
        buf_puts(b, "null");
    }
}

/* ---- reports in another language ---- */

void job_report_translate(struct buf *b, size_t from, enum finding_lang lang)
{
    json_t *report = json_loadb(b->bytes + from, b->length - from, 0, NULL), *f;
    json_t *findings = json_object_get(report, "findings");
    size_t i;
    json_array_foreach(findings, i, f)
    {
        const char *name = json_string_value(json_object_get(f, "code"));
        enum finding_code code = name ? finding_code_parse(name) : FINDING_CODES_N;
        char text[FINDING_MESSAGE_MAX];
        if (code == FINDING_CODES_N)
            continue;
        struct finding shown = {.code = code,
                                .message = json_string_value(json_object_get(f, "message"))};
        if (shown.message && strcmp(shown.message, finding_text(code, FINDING_EN)) == 0)
            shown.message = NULL;
        json_object_set_new(f, "message", json_string(finding_message(&shown, lang, text)));
        json_object_set_new(f, "remedy", json_string(finding_remedy(code, lang)));
    }
    char *out = report ? json_dumps(report, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    if (out) {
        b->length = from;
        buf_puts(b, out);
    }
    free(out);
    json_decref(report);
}
