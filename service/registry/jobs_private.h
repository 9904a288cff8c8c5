/* Private to service/registry: what uploads need of the queue of jobs. Any thread. */
#ifndef SERVICE_REGISTRY_JOBS_PRIVATE_H
#define SERVICE_REGISTRY_JOBS_PRIVATE_H

#include "service/registry/job_files.h"

const char *jobs_registry(const struct jobs *j);
/* Counts `more` (or fewer) bytes as kept; the bytes kept now. */
int64_t jobs_kept_bytes(struct jobs *j, int64_t more);
/* Saves the job and puts it at the end of the queue, which then owns it. STATUS_LIMIT
 * "too_many_jobs". */
enum status jobs_enqueue(struct jobs *j, struct job *job, struct error *e) MUST_USE;
void job_new_id(char id[JOB_ID_SIZE]);

#endif
