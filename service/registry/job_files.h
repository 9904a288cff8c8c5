/* Private to service/registry: one job, and how it stands in REGISTRY/incoming. */
#ifndef SERVICE_REGISTRY_JOB_FILES_H
#define SERVICE_REGISTRY_JOB_FILES_H

#include <stdatomic.h>

#include "service/registry/jobs.h"

enum job_state {
    JOB_WAITING,
    JOB_RUNNING,
    JOB_CHECKED,
    JOB_COMMITTED,
    JOB_REVERTED,
    JOB_FAILED,
    JOB_CANCELLED,
    JOB_QUARANTINED,
    JOB_STATES_N
};

enum { JOB_MAPS_MAX = 16, JOB_TEXT_MAX = 256, JOB_PATH_MAX = 4200, JOB_CANDIDATES_SIZE = 8192 };

struct job {
    char id[JOB_ID_SIZE];
    enum job_state state;
    bool commit;    /* the run at hand, or the last one, is real */
    int64_t revert; /* the import to undo; 0 = this is an import */
    int64_t token, import, bytes;
    int64_t created_ms, started_ms, finished_ms; /* since 1970; 0 = not yet */
    int attempts;
    int64_t unreadable; /* files that the dry run could not read */
    bool skip_bad_files;
    char extension[12];
    char filename[JOB_TEXT_MAX], programme[JOB_TEXT_MAX], crs[32], profile[JOB_TEXT_MAX],
        encoding[32];
    char maps[JOB_MAPS_MAX][JOB_TEXT_MAX];
    int maps_n;
    struct error error;                   /* code "" = none */
    char candidates[JOB_CANDIDATES_SIZE]; /* for error.code crs_missing or crs_wrong: reference
                                             systems, likeliest first, as a JSON array; "" = none */

    /* not kept on disk */
    bool blocked; /* another process writes */
    atomic_bool cancel;
    char phase[24];
    int64_t phase_began_ms;
    uint64_t done, total;
    struct job *next;
};

const char *job_state_name(enum job_state state);
bool job_is_over(const struct job *job); /* neither waits nor runs */

/* REGISTRY/incoming/NAME.EXTENSION; extension NULL = the folder itself. */
void job_path(char out[JOB_PATH_MAX], const char *registry, const char *name,
              const char *extension);
/* What an upload is called on disk: one of a few known endings, never more of the client's name. */
const char *job_extension(const char *filename);
/* ID.job by rename, durable. */
enum status job_save(const char *registry, const struct job *job, struct error *e) MUST_USE;
/* A file beside it, whole or not at all. */
enum status job_write_file(const char *registry, const char *id, const char *extension,
                           const char *bytes, size_t n, struct error *e) MUST_USE;
/* NULL when the file is missing, damaged or of another id. The caller frees. */
struct job *job_load(const char *registry, const char *id);
/* Appends the file's bytes; false when there is none. */
bool job_read_file(const char *registry, const char *id, const char *extension, struct buf *out);
void job_remove(const char *registry, const struct job *job);        /* all its files */
void job_remove_upload(const char *registry, const struct job *job); /* only what was uploaded */
/* Every ID.job in the folder; removes parts of uploads and what belongs to no job. Returns a list,
 * oldest first. */
struct job *jobs_load(const char *registry);
void job_fsync_folder(const char *registry);

/* The report that stands in `b` from `from` on with its findings in another language than the
 * English it is kept in; as it was where it cannot be read. */
void job_report_translate(struct buf *b, size_t from, enum finding_lang lang);
/* Whether a text may stand as the candidates of an error: a JSON array of objects. */
bool job_candidates_good(const char *text);
/* The moment when its upload is removed though nobody decided; 0 = none waits. */
int64_t job_upload_ends_ms(const struct job *job);
/* The job as JSON object, left open at its end for more members. */
void job_json(const struct job *job, enum finding_lang lang, struct buf *out);
/* Milliseconds since 1970. */
int64_t job_now_ms(void);

#endif
