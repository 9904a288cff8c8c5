/* Private to service/registry: what a job does when its turn comes. */
#ifndef SERVICE_REGISTRY_JOB_RUN_H
#define SERVICE_REGISTRY_JOB_RUN_H

#include "service/registry/job_files.h"

struct job_result {
    enum status status;
    struct error error; /* code "" = none; names the file as the client does */
    int64_t import;     /* made by it; 0 = none */
    int64_t unreadable; /* files of it that cannot be read */
};

/* Runs it and writes its report. Ends early with STATUS_CANCELLED once job->cancel is set. Reads of
 * `job` only what does not change while it runs. */
void job_run(const char *registry, struct job *job,
             void (*progress)(const char *, uint64_t, uint64_t, void *), void *arg,
             struct job_result *out);
/* The import that the job made, 0 = none (or it cannot be told: then the run itself will). */
int64_t job_import_done(const char *registry, const char *id);

#endif
