/* The repair worker and its supervisor; see repair_helper.h.
 *
 * Request and answer lie in one shared mapping; the pipes carry single bytes, so a worker that dies
 * half-way leaves nothing to resynchronise: 'R' asks, 'A' answers, 'D' is the supervisor's word
 * that the worker died. The reader checks what it finds in the mapping as it would check a frame.
 */
#include "importers/repair_helper.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "importers/sandbox.h"

enum { MAPPING_BYTES = 64 << 20, WORKER_MEMORY = 1 << 30 };

struct packed {
    uint32_t points_n, rings_n, parts_n, padding;
};

/* At the start of the mapping; the packed boundaries follow from DATA_AT. */
struct exchange {
    uint32_t verdict, failed;
    double structure_m2, linework_m2, drawn_m2;
    double cpu_s; /* spent on this repair */
};

enum { DATA_AT = 64 };

struct repair_helper {
    unsigned char *mapping;
    int ask_fd, answer_fd;
    pid_t supervisor;
    double limit_s, left_s;
};

static size_t packed_bytes(const struct boundary *b)
{
    size_t n = sizeof(struct packed) + (size_t)b->points_n * sizeof *b->points +
               ((size_t)b->rings_n + b->parts_n) * 4;
    return (n + 15) & ~(size_t)15;
}

/* Appends at *at; false when it does not fit. */
static bool pack(unsigned char *mapping, size_t *at, const struct boundary *b)
{
    size_t need = packed_bytes(b);
    if (need > MAPPING_BYTES - *at)
        return false;
    unsigned char *p = mapping + *at;
    struct packed head = {b->points_n, b->rings_n, b->parts_n, 0};
    memcpy(p, &head, sizeof head);
    p += sizeof head;
    if (b->points_n) {
        memcpy(p, b->points, b->points_n * sizeof *b->points);
        p += b->points_n * sizeof *b->points;
        memcpy(p, b->ring_end, b->rings_n * 4);
        memcpy(p + b->rings_n * 4, b->part_end, b->parts_n * 4);
    }
    *at += need;
    return true;
}

/* A checked copy in the arena. */
static enum status unpack(const unsigned char *mapping, size_t *at, struct arena *a,
                          struct boundary *out, struct error *e)
{
    struct packed head;
    if (sizeof head > MAPPING_BYTES - *at)
        return error_set(e, STATUS_CORRUPT, "repair_protocol", NULL,
                         "the repair worker sent a malformed answer");
    memcpy(&head, mapping + *at, sizeof head);
    struct boundary counts = {
        .points_n = head.points_n, .rings_n = head.rings_n, .parts_n = head.parts_n};
    size_t need = packed_bytes(&counts);
    if (need > MAPPING_BYTES - *at)
        return error_set(e, STATUS_CORRUPT, "repair_protocol", NULL,
                         "the repair worker sent a malformed answer");
    *out = (struct boundary){0};
    const unsigned char *p = mapping + *at + sizeof head;
    *at += need;
    if (head.points_n == 0)
        return STATUS_OK;
    if (!boundary_alloc(out, a, head.points_n, head.rings_n, head.parts_n))
        return error_memory(e);
    memcpy(out->points, p, head.points_n * sizeof *out->points);
    p += head.points_n * sizeof *out->points;
    memcpy(out->ring_end, p, head.rings_n * 4);
    memcpy(out->part_end, p + head.rings_n * 4, head.parts_n * 4);
    if (!boundary_well_formed(out, NULL))
        return error_set(e, STATUS_CORRUPT, "repair_protocol", NULL,
                         "the repair worker sent a malformed answer");
    return STATUS_OK;
}

/* ---- the worker ---- */

static void timer(double seconds)
{
    /* ITIMER_PROF counts this process' CPU time and ends in SIGPROF, whose default action is death:
     * nothing to catch. */
    struct itimerval t = {
        .it_value = {(time_t)seconds, (suseconds_t)((seconds - floor(seconds)) * 1e6)}};
    if (seconds > 0 && t.it_value.tv_sec == 0 && t.it_value.tv_usec == 0)
        t.it_value.tv_usec = 1000;
    setitimer(ITIMER_PROF, &t, NULL);
}

static double cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void repair_once(struct geo_context *g, unsigned char *mapping, double limit_s)
{
    struct exchange *x = (struct exchange *)(void *)mapping;
    struct arena a;
    struct boundary b;
    struct repair r = {0};
    size_t at = DATA_AT;
    double started = cpu_now();
    arena_init(&a, 0);
    x->failed = 1;
    timer(limit_s);
    if (unpack(mapping, &at, &a, &b, NULL) == STATUS_OK &&
        repair_boundary(g, &b, 0.001, &a, &r, NULL) == STATUS_OK) {
        x->verdict = (uint32_t)r.verdict;
        x->structure_m2 = r.structure_m2;
        x->linework_m2 = r.linework_m2;
        x->drawn_m2 = r.drawn_m2;
        at = DATA_AT;
        x->failed = !pack(mapping, &at, &r.structure) || !pack(mapping, &at, &r.linework);
    }
    timer(0);
    x->cpu_s = cpu_now() - started;
    arena_clear(&a);
}

static _Noreturn void worker(unsigned char *mapping, int ask_fd, int answer_fd, double limit_s)
{
    struct sandbox_plan plan = {.memory_bytes = WORKER_MEMORY};
    struct sandbox_state state;
    struct error e;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct geo_context *g = geo_context_new();
    if (!g || sandbox_enter(&plan, &state, &e) != STATUS_OK)
        _exit(1);
    for (;;) {
        char byte;
        ssize_t n = read(ask_fd, &byte, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(0); /* the reader has gone */
        repair_once(g, mapping, limit_s);
        if (write(answer_fd, "A", 1) != 1)
            _exit(0);
    }
}

/* Keeps one worker alive; ends when a worker ends by itself. Parses nothing, so it needs no walls
 * but may fork. */
static _Noreturn void supervise(unsigned char *mapping, int ask_fd, int answer_fd, double limit_s)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        pid_t child = fork();
        if (child < 0)
            _exit(1);
        if (child == 0)
            worker(mapping, ask_fd, answer_fd, limit_s);
        int how = 0;
        while (waitpid(child, &how, 0) < 0 && errno == EINTR)
            ;
        if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
            _exit(0);
        bool slow = WIFSIGNALED(how) && (WTERMSIG(how) == SIGPROF || WTERMSIG(how) == SIGKILL);
        if (write(answer_fd, slow ? "D" : "F", 1) != 1)
            _exit(0);
    }
}

/* ---- the reader's side ---- */

enum status repair_helper_start(double limit_s, double budget_s, struct repair_helper **out,
                                struct error *e)
{
    struct repair_helper *h = calloc(1, sizeof *h);
    int ask[2] = {-1, -1}, answer[2] = {-1, -1};
    if (!h)
        return error_memory(e);
    h->limit_s = limit_s;
    h->left_s = budget_s;
    h->mapping = mmap(NULL, MAPPING_BYTES, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bool good = h->mapping != MAP_FAILED && pipe(ask) == 0 && pipe(answer) == 0;
    h->supervisor = good ? fork() : -1;
    if (h->supervisor == 0) {
        close(ask[1]);
        close(answer[0]);
        close(STDIN_FILENO);
        close(STDOUT_FILENO); /* or the registry would not see the reader's end */
        supervise(h->mapping, ask[0], answer[1], limit_s);
    }
    if (ask[0] >= 0)
        close(ask[0]);
    if (answer[1] >= 0)
        close(answer[1]);
    h->ask_fd = ask[1];
    h->answer_fd = answer[0];
    if (h->supervisor < 0) {
        repair_helper_stop(h);
        return error_set(e, STATUS_INTERNAL, "repair_helper", NULL,
                         "the repair worker could not be started: %s", strerror(errno));
    }
    *out = h;
    return STATUS_OK;
}

static enum status gone(struct error *e)
{
    return error_set(e, STATUS_IO, "repair_helper", "import the file again",
                     "the repair worker is gone");
}

enum status repair_helper_ask(struct repair_helper *h, const struct boundary *b, struct arena *a,
                              struct repair *out, enum repair_answer *answer, struct error *e)
{
    size_t at = DATA_AT;
    char byte = 0;
    *out = (struct repair){0};
    *answer = REPAIR_TOO_LONG;
    if (h->left_s <= 0 || !pack(h->mapping, &at, b))
        return STATUS_OK;
    if (write(h->ask_fd, "R", 1) != 1)
        return gone(e);
    ssize_t n;
    while ((n = read(h->answer_fd, &byte, 1)) < 0 && errno == EINTR)
        ;
    if (n != 1)
        return gone(e);
    if (byte != 'A') {
        h->left_s -= h->limit_s;
        *answer = byte == 'D' ? REPAIR_TOO_LONG : REPAIR_FAILED;
        return STATUS_OK;
    }
    struct exchange x;
    memcpy(&x, h->mapping, sizeof x);
    h->left_s -= x.cpu_s;
    *answer = REPAIR_FAILED;
    if (x.failed || x.verdict > REPAIR_NOTHING || !isfinite(x.structure_m2) ||
        !isfinite(x.linework_m2) || !isfinite(x.drawn_m2))
        return STATUS_OK;
    out->verdict = (enum repair_verdict)x.verdict;
    out->structure_m2 = x.structure_m2;
    out->linework_m2 = x.linework_m2;
    out->drawn_m2 = x.drawn_m2;
    at = DATA_AT;
    enum status s = unpack(h->mapping, &at, a, &out->structure, e);
    if (s == STATUS_OK)
        s = unpack(h->mapping, &at, a, &out->linework, e);
    *answer = REPAIR_ANSWERED;
    return s;
}

void repair_helper_stop(struct repair_helper *h)
{
    if (!h)
        return;
    if (h->ask_fd >= 0)
        close(
            h->ask_fd); /* the worker reads the end of the pipe and goes; the supervisor follows */
    if (h->answer_fd >= 0)
        close(h->answer_fd);
    if (h->mapping && h->mapping != MAP_FAILED)
        munmap(h->mapping, MAPPING_BYTES);
    free(h);
}
