/* Imports that run beside the caller: an upload becomes a job, one thread works off one job after
 * the other, each in a process of its own.
 *
 * A job is a dry run first; jobs_commit makes it real. Undoing an import is a job as well, because
 * it writes. The write lock of the registry is taken only while a job runs: where another process
 * writes, the job waits; where a job runs, a writing command hears STATUS_BUSY.
 *
 * What a job is stands in REGISTRY/incoming/ID.job (JSON, replaced by rename), its file in
 * ID.EXTENSION, its report in ID.report. A job that was running when the process died is run again,
 * JOB_ATTEMPTS_MAX times at most; one whose own process died has failed. Whether a commit was done
 * is read from the registry itself, so no row comes twice. Uploads may name people: the file goes
 * as soon as the job cannot be committed any more, LIMIT_UPLOAD_WAIT_HOURS after its dry run at the
 * latest. Names that clients give are kept as text and are no part of a path.
 *
 * All functions may be called from any thread; upload_open, upload_file and upload_write take no
 * lock. */
#ifndef SERVICE_REGISTRY_JOBS_H
#define SERVICE_REGISTRY_JOBS_H

#include "geo/base/buf.h"
#include "geo/base/error.h"
#include "importers/finding.h"

#include <stdbool.h>

enum { JOB_ID_SIZE = 33, JOB_ATTEMPTS_MAX = 3 };

struct jobs;

/* Reads the jobs that are there and starts the thread. STATUS_BUSY, code "jobs_elsewhere": another
 * process works on the jobs of this registry. */
enum status jobs_start(const char *registry, struct jobs **out, struct error *e) MUST_USE;
/* Stops the running job (it begins anew at the next start) and the thread; frees. NULL allowed. */
void jobs_stop(struct jobs *j);

/* ---- uploads ---- */

struct upload;
/* Room for an upload of `bytes` (-1 = unknown). STATUS_LIMIT when too many jobs or bytes are kept.
 */
enum status upload_open(struct jobs *j, int64_t bytes, struct upload **out,
                        struct error *e) MUST_USE;
/* A file of several begins: what is written from now on belongs to it. One file stays as it is;
 * more become one archive (.zip, nothing packed), in which they keep the last part of their names.
 * STATUS_USAGE "bad_filename", "same_name_twice"; STATUS_LIMIT "too_many_files". */
enum status upload_file(struct upload *u, const char *filename, struct error *e) MUST_USE;
enum status upload_write(struct upload *u, const void *bytes, size_t n, struct error *e) MUST_USE;
struct job_request {
    const char *filename;  /* as the client calls it; NULL or "" = upload. Several files are called
                              like the .shp among them, or the first, with .zip */
    const char *programme; /* NULL = from the file */
    const char *crs;       /* "EPSG:n" or NULL */
    const char *profile;   /* a saved mapping profile; NULL = the programme's, if there is one */
    const char *encoding;  /* NULL = found out */
    const char *const *maps; /* FIELD=COLUMN */
    size_t maps_n;
    int64_t token; /* whose it is; 0 = nobody's */
};
/* Makes the upload durable and queues it; its id is in `id`. Waits for the disk. */
enum status upload_submit(struct upload *u, const struct job_request *q, char id[JOB_ID_SIZE],
                          struct error *e) MUST_USE;
/* Frees; what was not submitted is removed. NULL allowed. */
void upload_close(struct upload *u);

/* ---- jobs ---- */

/* Queues the undoing of an import. */
enum status jobs_revert(struct jobs *j, int64_t import_id, int64_t token, char id[JOB_ID_SIZE],
                        struct error *e) MUST_USE;
/* The job as a JSON object: state, progress, error, and its report when there is one, its findings
 * in `lang`. STATUS_NOT_FOUND. */
enum status jobs_json(struct jobs *j, const char *id, enum finding_lang lang, struct buf *out,
                      struct error *e) MUST_USE;
/* All jobs, oldest first, as a JSON array without reports. */
void jobs_list_json(struct jobs *j, enum finding_lang lang, struct buf *out);
/* Queues the real run of a checked job. STATUS_CONFLICT when it is in another state
 * ("job_not_checked"), or when some of its files cannot be read and they are not to be left out
 * ("files_unreadable"). */
enum status jobs_commit(struct jobs *j, const char *id, bool skip_bad_files,
                        struct error *e) MUST_USE;
/* Removes a job and its file; a running one is asked to stop (*stopping = true) and then stands as
 * cancelled. STATUS_CONFLICT for a committed one. */
enum status jobs_delete(struct jobs *j, const char *id, bool *stopping, struct error *e) MUST_USE;

/* Has the thread note that a token was used today. */
void jobs_token_used(struct jobs *j, int64_t token);

#endif
