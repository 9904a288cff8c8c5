/* Whatever a job's process says or however it ends, the server has a result that makes sense. This
 * program is that process too (its second life, by --job): what it does there is told by the
 * environment. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/registry/job_process.h"
#include "tests/check.h"

/* ---- the second life ---- */

static void say(uint32_t kind, const void *word, size_t n, size_t bytes)
{
    struct job_word_head head = {.kind = kind, .bytes = (uint32_t)bytes};
    if (write(JOB_WORDS_FD, &head, sizeof head) < 0 || write(JOB_WORDS_FD, word, n) < 0)
        _exit(1);
}

static void say_progress(const char *phase, uint64_t done)
{
    struct job_word_progress p = {.done = done, .total = 10};
    memcpy(p.phase, phase, strlen(phase));
    say(JOB_WORD_PROGRESS, &p, sizeof p, sizeof p);
}

static void say_result(const struct job_result *r)
{
    say(JOB_WORD_RESULT, r, sizeof *r, sizeof *r);
}

static int second_life(const char *what)
{
    static struct job_result r;
    static const char noise[5000] = "noise";
    r.import = 7;
    if (!strcmp(what, "good") || !strcmp(what, "good_then_hangs") ||
        !strcmp(what, "good_then_crashes")) {
        say_progress("reading", 3);
        say_progress("reading", 9);
        say_result(&r);
        if (!strcmp(what, "good_then_crashes"))
            raise(SIGABRT);
        while (!strcmp(what, "good_then_hangs"))
            pause();
    } else if (!strcmp(what, "slow_words")) {
        const char *bytes = (const char *)&r;
        struct job_word_head head = {JOB_WORD_RESULT, sizeof r};
        (void)!write(JOB_WORDS_FD, &head, 3);
        usleep(30000);
        (void)!write(JOB_WORDS_FD, (char *)&head + 3, sizeof head - 3);
        for (size_t at = 0; at < sizeof r; at += 1000) {
            (void)!write(JOB_WORDS_FD, bytes + at, sizeof r - at < 1000 ? sizeof r - at : 1000);
            usleep(2000);
        }
    } else if (!strcmp(what, "refused")) {
        r.import = 0;
        r.status = error_set(&r.error, STATUS_INVALID, "crs_missing", "say which", "no system");
        strcpy(r.candidates, "[{\"crs\":\"EPSG:32615\"}]");
        say_result(&r);
    } else if (!strcmp(what, "noise")) {
        (void)!write(JOB_WORDS_FD, noise, sizeof noise);
        pause();
    } else if (!strcmp(what, "kind")) {
        say(3, &r, sizeof r, sizeof r);
    } else if (!strcmp(what, "size")) {
        say(JOB_WORD_RESULT, &r, sizeof r, sizeof r - 8);
    } else if (!strcmp(what, "huge")) {
        say(JOB_WORD_PROGRESS, noise, sizeof noise, 0xffffffffu);
    } else if (!strcmp(what, "half")) {
        say(JOB_WORD_RESULT, &r, 100, sizeof r);
    } else if (!strcmp(what, "twice")) {
        say_result(&r);
        say_result(&r);
    } else if (!strcmp(what, "phase")) {
        struct job_word_progress p;
        memset(&p, 'x', sizeof p);
        say(JOB_WORD_PROGRESS, &p, sizeof p, sizeof p);
        pause();
    } else if (!strcmp(what, "status")) {
        r.status = (enum status)99;
        say_result(&r);
    } else if (!strcmp(what, "failure_without_a_code")) {
        r.status = STATUS_IO;
        say_result(&r);
    } else if (!strcmp(what, "endless_message")) {
        r.status = error_set(&r.error, STATUS_IO, "x", NULL, "y");
        memset(r.error.message, 'y', sizeof r.error.message);
        say_result(&r);
    } else if (!strcmp(what, "import")) {
        r.import = -1;
        say_result(&r);
    } else if (!strcmp(what, "candidates")) {
        r.status = error_set(&r.error, STATUS_INVALID, "crs_missing", NULL, "y");
        strcpy(r.candidates, "[1],\"x\":[");
        say_result(&r);
    } else if (!strcmp(what, "exit")) {
        return 3;
    } else if (!strcmp(what, "abort")) {
        raise(SIGABRT);
    } else if (!strcmp(what, "kill")) {
        raise(SIGKILL);
    } else if (!strcmp(what, "stops_when_asked")) {
        char byte;
        r.import = 0;
        r.status = error_set(&r.error, STATUS_CANCELLED, "import_cancelled", NULL, "stopped");
        say_progress("reading", 1);
        if (read(STDIN_FILENO, &byte, 1) == 0)
            say_result(&r);
    } else if (!strcmp(what, "listens_to_nobody")) {
        say_progress("reading", 1);
        for (;;)
            pause();
    }
    return 0;
}

/* ---- what the server makes of it ---- */

struct heard {
    struct job *job;
    int times;
    uint64_t done;
    bool cancels; /* at the first word */
};

static void progress(const char *phase, uint64_t done, uint64_t total, void *arg)
{
    struct heard *h = arg;
    assert_string_equal(phase, "reading");
    assert_int_equal(total, 10);
    h->times++;
    h->done = done;
    if (h->cancels)
        atomic_store(&h->job->cancel, true);
}

static struct job_result run(const char *what, struct heard *h)
{
    static struct job job;
    struct job_result out;
    memset(&job, 0, sizeof job);
    strcpy(job.id, "0123456789abcdef0123456789abcdef");
    h->job = &job;
    setenv("PARCELA_TEST_JOB", what, 1);
    job_process_run("/nonexistent", &job, progress, h, &out);
    return out;
}

static void good(void **state)
{
    (void)state;
    static const char *const ways[] = {"good", "good_then_crashes", "slow_words"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct heard h = {0};
        struct job_result r = run(ways[i], &h);
        assert_int_equal(r.status, STATUS_OK);
        assert_int_equal(r.import, 7);
        assert_string_equal(r.error.code, "");
        assert_int_equal(h.times, i < 2 ? 2 : 0);
        assert_int_equal(h.done, i < 2 ? 9 : 0);
    }
    struct heard h = {0};
    struct job_result r = run("refused", &h);
    assert_int_equal(r.status, STATUS_INVALID);
    assert_string_equal(r.error.code, "crs_missing");
    assert_string_equal(r.candidates, "[{\"crs\":\"EPSG:32615\"}]");
}

static void bad(void **state)
{
    (void)state;
    static const struct {
        const char *what, *code;
        enum status status;
    } cases[] = {
        {"noise", "job_crashed", STATUS_INTERNAL},
        {"kind", "job_crashed", STATUS_INTERNAL},
        {"size", "job_crashed", STATUS_INTERNAL},
        {"huge", "job_crashed", STATUS_INTERNAL},
        {"half", "job_crashed", STATUS_INTERNAL},
        {"twice", "job_crashed", STATUS_INTERNAL},
        {"phase", "job_crashed", STATUS_INTERNAL},
        {"status", "job_crashed", STATUS_INTERNAL},
        {"failure_without_a_code", "job_crashed", STATUS_INTERNAL},
        {"endless_message", "job_crashed", STATUS_INTERNAL},
        {"import", "job_crashed", STATUS_INTERNAL},
        {"candidates", "job_crashed", STATUS_INTERNAL},
        {"exit", "job_crashed", STATUS_INTERNAL},
        {"abort", "job_crashed", STATUS_INTERNAL},
        {"kill", "job_killed", STATUS_MEMORY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct heard h = {0};
        struct job_result r = run(cases[i].what, &h);
        if (strcmp(r.error.code, cases[i].code))
            fail_msg("%s: %s: %s", cases[i].what, r.error.code, r.error.message);
        assert_int_equal(r.status, cases[i].status);
        assert_int_equal(r.import, 0);
        assert_string_equal(r.candidates, "");
        assert_true(r.error.message[0] && r.error.remedy[0]);
    }
}

static void cancelled(void **state)
{
    (void)state;
    static const char *const ways[] = {"stops_when_asked", "listens_to_nobody"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct heard h = {.cancels = true};
        struct job_result r = run(ways[i], &h);
        assert_int_equal(h.times, 1);
        assert_int_equal(r.status, STATUS_CANCELLED);
        assert_true(r.error.code[0]);
    }
}

/* Its result counts, and the server does not wait for ever. */
static void hangs_at_its_end(void **state)
{
    (void)state;
    struct heard h = {0};
    struct job_result r = run("good_then_hangs", &h);
    assert_int_equal(r.status, STATUS_OK);
    assert_int_equal(r.import, 7);
}

int main(int argc, char **argv)
{
    const char *what = getenv("PARCELA_TEST_JOB");
    if (argc == 4 && strcmp(argv[1], "--job") == 0 && what)
        return second_life(what);
    const struct CMUnitTest tests[] = {cmocka_unit_test(good), cmocka_unit_test(bad),
                                       cmocka_unit_test(cancelled),
                                       cmocka_unit_test(hangs_at_its_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
