/* Runs a command and appends one line to a file: what it took.
 *
 *   bench_measure FILE LABEL [--server PID] -- COMMAND [ARGUMENT...]
 *
 * The line: LABEL, wall seconds, CPU seconds (user and system), peak memory in MB, separated by
 * tabs. CPU and memory are those of the command and all its descendants, and with --server also of
 * the process PID and its descendants (a database that does the work for its client) meanwhile.
 * Memory is resident memory, looked at ten times a second: of each of the two families the private
 * pages of all processes, and the largest share of file pages and of shared memory once. Exits as
 * the command does. */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct family {
    long private_kb, file_kb, shared_kb; /* sum, largest, largest */
    double cpu_s;
};

static long status_kb(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? atol(at + strlen(name)) : 0;
}

static size_t slurp(const char *path, char *buf, size_t n)
{
    FILE *f = fopen(path, "r");
    size_t got = f ? fread(buf, 1, n - 1, f) : 0;
    if (f)
        fclose(f);
    buf[got] = 0;
    return got;
}

static void memory_add(long pid, struct family *out)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    if (!slurp(path, text, sizeof text))
        return;
    long file = status_kb(text, "RssFile:"), shared = status_kb(text, "RssShmem:");
    out->private_kb += status_kb(text, "RssAnon:");
    out->file_kb = file > out->file_kb ? file : out->file_kb;
    out->shared_kb = shared > out->shared_kb ? shared : out->shared_kb;
}

/* CPU of a process; `with_ended` adds that of the children it has waited for. */
static double cpu_of(long pid, bool with_ended)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0, ended_user = 0, ended_system = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    slurp(path, text, sizeof text);
    const char *after = strrchr(text, ')'); /* the name before it may hold anything */
    if (!after || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu",
                         &user, &system, &ended_user, &ended_system) != 4)
        return 0;
    unsigned long ticks = user + system + (with_ended ? ended_user + ended_system : 0);
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

/* Adds a process and its descendants; only 16 deep, so that a cycle of reused numbers ends. */
static void family_add(long pid, int depth, struct family *out)
{
    char path[96], text[8192];
    memory_add(pid, out);
    out->cpu_s += cpu_of(pid, true);
    snprintf(path, sizeof path, "/proc/%ld/task", pid);
    DIR *tasks = depth < 16 ? opendir(path) : NULL;
    if (!tasks)
        return;
    for (struct dirent *t; (t = readdir(tasks));) {
        if (!isdigit((unsigned char)t->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%ld/task/%.20s/children", pid, t->d_name);
        slurp(path, text, sizeof text);
        for (char *at = text, *end; *at; at = end) {
            long child = strtol(at, &end, 10);
            if (end == at)
                break;
            family_add(child, depth + 1, out);
        }
    }
    closedir(tasks);
}

static struct family family_of(long pid)
{
    struct family f = {0};
    if (pid > 0)
        family_add(pid, 0, &f);
    return f;
}

static double family_mb(struct family f)
{
    return (double)(f.private_kb + f.file_kb + f.shared_kb) / 1024;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Waits for the child, looking at both families' memory meanwhile. */
static int watch(pid_t child, long server, const sigset_t *child_ended, struct rusage *used,
                 double *peak_mb)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    int status;
    while (wait4(child, &status, WNOHANG, used) == 0) {
        double mb = family_mb(family_of(child)) + family_mb(family_of(server));
        *peak_mb = mb > *peak_mb ? mb : *peak_mb;
        sigtimedwait(child_ended, NULL, &pause); /* returns at once when it ends */
    }
    return status;
}

int main(int argc, char **argv)
{
    long server = 0;
    int first = 3;
    if (argc > 5 && !strcmp(argv[3], "--server")) {
        server = atol(argv[4]);
        first = 5;
    }
    if (argc < first + 2 || strcmp(argv[first], "--")) {
        fputs("bench_measure FILE LABEL [--server PID] -- COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    sigset_t child_ended, before;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ended, &before);
    double server_cpu = family_of(server).cpu_s, start = now_s(), peak_mb = 0;
    pid_t child = fork();
    if (child == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        execvp(argv[first + 1], argv + first + 1);
        perror(argv[first + 1]);
        _exit(127);
    }
    if (child < 0) {
        perror("fork");
        return 1;
    }
    struct rusage used;
    int status = watch(child, server, &child_ended, &used, &peak_mb);
    double wall = now_s() - start, cpu = family_of(server).cpu_s - server_cpu;
    cpu += (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
    double largest = (double)used.ru_maxrss / 1024; /* what a sample may have missed */
    FILE *f = fopen(argv[1], "a");
    if (!f ||
        fprintf(f, "%s\t%.6f\t%.4f\t%.1f\n", argv[2], wall, cpu,
                largest > peak_mb ? largest : peak_mb) < 0 ||
        fclose(f)) {
        perror(argv[1]);
        return 1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
