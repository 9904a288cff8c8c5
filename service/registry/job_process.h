/* Private to service/registry, but for job_process_main: a job in a process of its own, seen from
 * the server (job_process_run) and from inside (job_process_main). */
#ifndef SERVICE_REGISTRY_JOB_PROCESS_H
#define SERVICE_REGISTRY_JOB_PROCESS_H

#include "service/registry/job_run.h"

/* job_run, in a process of its own: blocks until that has ended. `job` stands on disk as it is to
 * be run. Once job->cancel is set it is asked to stop, and killed when it does not within
 * JOB_STOP_SECONDS. A process that ends without a word is STATUS_INTERNAL "job_crashed" or
 * STATUS_MEMORY "job_killed", unless what it had to do is done in the registry; "job_not_started"
 * when there can be none. `progress` is called by the calling thread. */
enum { JOB_STOP_SECONDS = 10 };
void job_process_run(const char *registry, struct job *job,
                     void (*progress)(const char *, uint64_t, uint64_t, void *), void *arg,
                     struct job_result *out);

/* What the process says, on its descriptor JOB_WORDS_FD: a head, then a struct job_word_progress or
 * a struct job_result, in the machine's own byte order; nothing after the result. */
enum { JOB_WORDS_FD = 3 };
enum job_word_kind { JOB_WORD_PROGRESS = 1, JOB_WORD_RESULT };
struct job_word_head {
    uint32_t kind, bytes; /* of what follows */
};
struct job_word_progress {
    char phase[24];
    uint64_t done, total; /* total 0 = unknown */
};

/* The process itself: main() calls it when argv[1] is "--job"; returns the exit code. */
int job_process_main(int argc, char **argv);

#endif
