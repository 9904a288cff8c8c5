/* kill -9 in the middle of an import: the registry is as before, whole and ready for the next
 * import. */
#include "tests/check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/store_fixture.h"

enum { KILLS = 12, PLOTS_PER_IMPORT = 3000 };

static struct error e;

/* Adds the plots of one import without committing. */
static void add_plots(struct fixture *f, int64_t import_id, int64_t change, int first)
{
    struct arena a;
    arena_init(&a, 0);
    for (int i = 0; i < PLOTS_PER_IMPORT; i++) {
        arena_reset(&a);
        struct store_revision r = fixture_revision(f, &a, arena_printf(&a, "%d", first + i),
                                                   -92.9 + i * 0.0005, 15.5, 1000 + i, 4);
        CHECK_OK(store_revision_add(f->s, import_id, change, &r, &e), e);
    }
    arena_clear(&a);
}

/* The child: opens the registry, says when the transaction begins, imports, says when it is
 * committed. */
static void run_import(struct fixture *f, int first, int to_parent)
{
    int64_t import_id, change;
    CHECK_OK(store_open(f->folder, STORE_WRITE, &f->s, &e), e);
    /* so small that rows are in the file long before the commit */
    CHECK_OK(store_exec(f->s, "PRAGMA cache_size = 40", &e), e);
    fixture_import_begin(f, true, &import_id, &change);
    if (write(to_parent, "b", 1) != 1)
        _exit(1);
    add_plots(f, import_id, change, first);
    fixture_import_end(f, import_id, change);
    if (write(to_parent, "c", 1) != 1)
        _exit(1);
    pause();
}

static char kill_one(struct fixture *f, int first, useconds_t after_us)
{
    int fds[2];
    char said = 0;
    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        run_import(f, first, fds[1]);
        _exit(0);
    }
    close(fds[1]);
    assert_int_equal(read(fds[0], &said, 1), 1);
    usleep(after_us);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    while (read(fds[0], &said, 1) == 1)
        ;
    close(fds[0]);
    return said;
}

static int64_t plots_now(struct fixture *f, enum store_mode mode)
{
    struct store *s;
    CHECK_OK(store_open(f->folder, mode, &s, &e), e);
    fixture_check(s);
    int64_t n = fixture_int(s, "SELECT count(*) FROM revision");
    assert_int_equal(fixture_int(s, "SELECT count(*) FROM plot"), n);
    assert_int_equal(fixture_int(s, "SELECT (SELECT count(*) FROM import) = (SELECT count(DISTINCT "
                                    "import_id) FROM revision)"),
                     1);
    store_close(s);
    return n;
}

static void kill_during_imports(void **state)
{
    (void)state;
    struct fixture f;
    int64_t expected = 0;
    int unfinished = 0;
    unsigned seed = (unsigned)getpid();
    fixture_open(&f);
    fixture_layers(&f);
    store_close(f.s);
    f.s = NULL;
    for (int i = 0; i < KILLS; i++) {
        /* from at once to a little after the commit, however fast this machine is: the delay grows
         * until a commit is seen */
        static useconds_t longest = 20000;
        char said = kill_one(&f, i * PLOTS_PER_IMPORT, (useconds_t)rand_r(&seed) % longest);
        int64_t now =
            plots_now(&f, i % 2 ? STORE_READ : STORE_WRITE); /* either can be first after a crash */
        if (said == 'b')
            longest *= 2;
        unfinished += now == expected;
        assert_true(said == 'b' ||
                    now == expected + PLOTS_PER_IMPORT); /* what was acknowledged is there */
        assert_true(now == expected || now == expected + PLOTS_PER_IMPORT);
        expected = now;
    }
    print_message("%d of %d imports were cut off\n", unfinished, KILLS);
    assert_true(unfinished > 0);
    CHECK_OK(store_open(f.folder, STORE_WRITE, &f.s, &e), e); /* and the next import works */
    int64_t import_id, change;
    fixture_import_begin(&f, true, &import_id, &change);
    add_plots(&f, import_id, change, KILLS * PLOTS_PER_IMPORT);
    fixture_import_end(&f, import_id, change);
    fixture_check(f.s);
    assert_int_equal(fixture_int(f.s, "SELECT count(*) FROM plot"), expected + PLOTS_PER_IMPORT);
    fixture_close(&f);
}

/* A first import writes without the log, when nobody looks on. */
static void first_import_alone(void **state)
{
    (void)state;
    struct fixture f;
    struct store *reader;
    int64_t import_id, change, n;
    fixture_open(&f);
    fixture_layers(&f);
    CHECK_OK(store_open(f.folder, STORE_READ, &reader, &e), e);
    fixture_import_begin(&f, true, &import_id, &change);
    assert_false(f.s->alone); /* somebody does: as every import */
    add_plots(&f, import_id, change, 0);
    assert_int_equal(fixture_int(reader, "SELECT count(*) FROM revision"), 0);
    store_rollback(f.s);
    store_close(reader);

    fixture_import_begin(&f, true, &import_id, &change);
    assert_true(f.s->alone);
    add_plots(&f, import_id, change, 0);
    assert_int_equal(store_open(f.folder, STORE_READ, &reader, &e), STATUS_BUSY);
    store_rollback(f.s);
    assert_false(f.s->alone);
    assert_int_equal(fixture_int(f.s, "SELECT count(*) FROM revision"), 0);

    fixture_import_begin(&f, true, &import_id, &change);
    assert_true(f.s->alone);
    add_plots(&f, import_id, change, 0);
    fixture_import_end(&f, import_id, change);
    assert_false(f.s->alone);
    CHECK_OK(store_open(f.folder, STORE_READ, &reader, &e), e);
    CHECK_OK(store_plots_about(reader, &n, &e), e);
    assert_int_equal(n, PLOTS_PER_IMPORT);
    assert_int_equal(fixture_int(reader, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    fixture_import_begin(&f, true, &import_id, &change); /* no longer the first */
    assert_false(f.s->alone);
    store_rollback(f.s);
    store_close(reader);
    fixture_check(f.s);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kill_during_imports), cmocka_unit_test(first_import_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
