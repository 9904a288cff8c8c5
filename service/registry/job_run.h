/* Private to service/registry: what a job does when its turn comes, in whatever process. */
#ifndef SERVICE_REGISTRY_JOB_RUN_H
#define SERVICE_REGISTRY_JOB_RUN_H

#include "service/registry/job_files.h"

struct job_result {
    enum status status;
    struct error error;                   /* code "" = none; names the file as the client does */
    int64_t import;                       /* made by it; 0 = none */
    int64_t unreadable;                   /* files of it that cannot be read */
    char candidates[JOB_CANDIDATES_SIZE]; /* of a missing or wrong reference system: JSON array; ""
                                           */
};

/* Runs it and writes its report. Ends early with STATUS_CANCELLED once job->cancel is set. Reads of
 * `job` only what does not change while it runs. */
void job_run(const char *registry, struct job *job,
             void (*progress)(const char *, uint64_t, uint64_t, void *), void *arg,
             struct job_result *out);
/* Whether the registry has what the job was to do: a run before, or its process, died between its
 * commit and its word about it. *import: what an import made. False for a dry run, and when it
 * cannot be told: then the run itself will. */
bool job_is_done(const char *registry, const struct job *job, int64_t *import);

#endif
