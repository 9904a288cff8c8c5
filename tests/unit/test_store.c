/* The registry's folder: making, opening, locking, migrating; who may read what; how other programs see the file. */
#include "tests/check.h"

#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/store_fixture.h"

static struct error e;

static void create_and_open(void **state)
{
    (void)state;
    struct fixture f;
    struct store *s;
    fixture_open(&f);
    assert_int_equal(store_create(f.folder, &e), STATUS_CONFLICT);
    assert_string_equal(e.code, "registry_exists");
    assert_int_equal(store_create(f.top, &e), STATUS_CONFLICT); /* holds the registry's folder */
    assert_string_equal(e.code, "folder_not_empty");
    assert_int_equal(store_open(f.top, STORE_READ, &s, &e), STATUS_NOT_FOUND);
    assert_null(s);
    assert_int_equal(store_create("/nowhere/at/all", &e), STATUS_IO);
    CHECK_OK(store_open(f.folder, STORE_READ, &s, &e), e);
    assert_string_equal(store_uuid(s), store_uuid(f.s));
    assert_int_equal(strlen(store_uuid(s)), 32);
    assert_string_equal(store_folder(s), f.folder);
    int64_t change = -1;
    CHECK_OK(store_change(s, &change, &e), e);
    assert_int_equal(change, 0);
    store_close(s);
    fixture_check(f.s);
    fixture_close(&f);
}

/* What a killed store_create leaves behind is no obstacle. */
static void create_after_a_kill(void **state)
{
    (void)state;
    struct fixture f;
    char path[160];
    fixture_open(&f);
    snprintf(f.folder, sizeof f.folder, "%s/again", f.top);
    assert_int_equal(mkdir(f.folder, 0700), 0);
    snprintf(path, sizeof path, "%s/registry.new", f.folder);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(fd, "half", 4), 4);
    close(fd);
    CHECK_OK(store_create(f.folder, &e), e);
    assert_int_not_equal(access(path, F_OK), 0);
    fixture_close(&f);
}

static int in_child(int (*run)(void *), void *arg)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(run(arg));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int try_to_write(void *arg)
{
    struct fixture *f = arg;
    struct store *s;
    char pid[32];
    snprintf(pid, sizeof pid, "(%ld)", (long)getppid());
    if (store_open(f->folder, STORE_WRITE, &s, &e) != STATUS_BUSY || s)
        return 1;
    if (!strstr(e.message, pid))
        return 2;
    if (store_open(f->folder, STORE_READ, &s, &e) != STATUS_OK) /* readers do not mind */
        return 3;
    store_close(s);
    return 0;
}

static void one_writer(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    assert_int_equal(in_child(try_to_write, &f), 0);
    store_close(f.s);
    CHECK_OK(store_open(f.folder, STORE_WRITE, &f.s, &e), e); /* free again */
    fixture_close(&f);
}

static void migrations(void **state)
{
    (void)state;
    struct fixture f;
    struct store *s;
    fixture_open(&f);
    int64_t objects = fixture_int(f.s, "SELECT count(*) FROM sqlite_schema");
    assert_int_equal(fixture_int(f.s, "PRAGMA user_version"), schema_version());
    CHECK_OK(schema_migrate(f.s, &e), e); /* nothing to do */
    assert_int_equal(fixture_int(f.s, "SELECT count(*) FROM sqlite_schema"), objects);
    CHECK_OK(store_exec(f.s, "PRAGMA user_version = 99", &e), e);
    for (int mode = STORE_READ; mode <= STORE_PUBLIC; mode++) {
        assert_int_equal(store_open(f.folder, (enum store_mode)mode, &s, &e), STATUS_CONFLICT);
        assert_string_equal(e.code, "registry_newer");
    }
    store_close(f.s);
    f.s = NULL;
    assert_int_equal(store_open(f.folder, STORE_WRITE, &s, &e), STATUS_CONFLICT);
    assert_string_equal(e.code, "registry_newer");
    fixture_close(&f);
}

static void not_a_registry(void **state)
{
    (void)state;
    struct fixture f;
    struct store *s;
    char path[160];
    fixture_open(&f);
    store_close(f.s);
    f.s = NULL;
    snprintf(path, sizeof path, "%s/registry.sqlite", f.folder);
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "this is not a database, but it is long enough to be read as one: ........................................", 100), 100);
    close(fd);
    for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
        assert_int_equal(store_open(f.folder, (enum store_mode)mode, &s, &e), STATUS_CORRUPT);
        assert_null(s);
    }
    assert_int_equal(truncate(path, 0), 0); /* an empty database */
    assert_int_equal(store_open(f.folder, STORE_READ, &s, &e), STATUS_INVALID);
    assert_string_equal(e.code, "not_a_registry");
    fixture_close(&f);
}

/* ---- the authorizer ---- */

static void some_data(struct fixture *f)
{
    int64_t import_id, change, producer;
    fixture_layers(f);
    fixture_import_begin(f, false, &import_id, &change);
    CHECK_OK(store_producer(f->s, f->programme, "P1", "Rosa Hernández", 'f', 1980, &producer, &e), e);
    struct store_revision r = fixture_revision(f, &f->arena, "A-1", -92.5, 16, 1000000000000, 4);
    r.producer_id = producer;
    CHECK_OK(store_revision_add(f->s, import_id, change, &r, &e), e);
    struct finding finding = {.code = FINDING_SELF_CROSSING, .file = "rosa.gpx", .row = 7, .place = {-92.5, 16}, .message = "Rosa", .effect_m2 = 2};
    CHECK_OK(store_finding_add(f->s, import_id, &finding, &e), e);
    struct candidate_attribute attributes[] = {{"PRODUCTOR", "Rosa \"la de arriba\""}, {"NADA", NULL}};
    struct candidate held = {.outcome = CANDIDATE_HELD, .row = 8, .layer = "walks", .code = "A-2", .attributes = attributes, .attributes_n = 2, .source_epsg = 4326};
    held.boundary = fixture_square(&f->arena, -92.4, 16, 0.01);
    CHECK_OK(store_held_add(f->s, import_id, &held, NULL, &e), e);
    fixture_import_end(f, import_id, change);
}

static void authorizer(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        bool read, public;
    } cases[] = {
        {"SELECT count(*) FROM revision", true, true},
        {"SELECT id, gender FROM producer", true, true},
        {"SELECT count(*) FROM producer", true, true},
        {"SELECT * FROM plot_current", true, true},
        {"SELECT pkid FROM idx_revision_geom WHERE xmin > 0", true, true},
        {"PRAGMA user_version", true, true},
        {"PRAGMA integrity_check(1)", true, true},
        {"SELECT * FROM producer", true, false},
        {"SELECT name FROM producer", true, false},
        {"SELECT p.NAME FROM Producer p", true, false},
        {"SELECT count(code) FROM producer", true, false},
        {"SELECT 1 FROM producer WHERE birth_year > 1980", true, false},
        {"SELECT gender FROM producer ORDER BY name", true, false},
        {"SELECT id FROM revision r WHERE EXISTS (SELECT 1 FROM producer p WHERE p.id = r.producer_id AND p.name LIKE 'R%')", true, false},
        {"WITH x AS (SELECT * FROM producer) SELECT gender FROM x WHERE x.name > ''", true, false},
        {"SELECT name FROM (SELECT name FROM producer)", true, false},
        {"SELECT attributes FROM source_row", true, false},
        {"SELECT count(*) FROM source_row", true, false},
        {"SELECT 1 FROM held_row", true, false},
        {"SELECT name FROM revision", true, false},
        {"SELECT * FROM revision", true, false},
        {"SELECT files FROM import", true, false},
        {"SELECT message FROM finding", true, false},
        {"SELECT file FROM finding", true, false},
        {"SELECT code, row FROM finding", true, true},
        {"INSERT INTO programme (code, name) VALUES ('x', 'x')", false, false},
        {"UPDATE producer SET gender = 'm'", false, false},
        {"DELETE FROM revision", false, false},
        {"DELETE FROM idx_revision_geom", false, false},
        {"DELETE FROM idx_revision_geom_node", false, false},
        {"UPDATE sqlite_master SET sql = ''", false, false},
        {"CREATE TABLE t (x)", false, false},
        {"CREATE TEMP TABLE t (x)", false, false},
        {"CREATE TEMP VIEW t AS SELECT 1", false, false},
        {"CREATE TEMP TRIGGER t AFTER INSERT ON plot BEGIN SELECT 1; END", false, false},
        {"CREATE VIRTUAL TABLE temp.x USING rtree(a, b, c)", false, false},
        {"CREATE VIRTUAL TABLE temp.x USING VirtualShape('/etc/passwd', 'UTF-8', 4326)", false, false},
        {"CREATE VIRTUAL TABLE temp.x USING dbstat(main)", false, false},
        {"DROP TABLE plot", false, false},
        {"ALTER TABLE plot ADD COLUMN x", false, false},
        {"REINDEX", false, false},
        {"ANALYZE", false, false},
        {"VACUUM INTO '/tmp/parcela-stolen.sqlite'", false, false},
        {"ATTACH '/etc/passwd' AS x", false, false},
        {"DETACH main", false, false},
        {"PRAGMA journal_mode = DELETE", false, false},
        {"PRAGMA writable_schema = 1", false, false},
        {"PRAGMA query_only = 0", false, false},
        {"PRAGMA trusted_schema = 1", false, false},
        {"PRAGMA user_version = 7", false, false},
        {"PRAGMA wal_checkpoint", false, false},
        {"PRAGMA database_list", false, false},
        {"PRAGMA temp_store_directory = '/tmp'", false, false},
        {"SELECT load_extension('mod_spatialite')", false, false},
        {"SELECT BlobFromFile('/etc/passwd')", false, false},
        {"SELECT ImportSHP('/tmp/x', 'x', 'UTF-8')", false, false},
        {"SELECT fts3_tokenizer('simple')", false, false},
    };
    struct fixture f;
    struct store *s;
    fixture_open(&f);
    some_data(&f);
    for (int mode = STORE_READ; mode <= STORE_PUBLIC; mode++) {
        CHECK_OK(store_open(f.folder, (enum store_mode)mode, &s, &e), e);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            bool want = mode == STORE_READ ? cases[i].read : cases[i].public;
            bool got = store_exec(s, cases[i].sql, &e) == STATUS_OK;
            if (want != got)
                print_error("mode %d: %s: %s\n", mode, got ? "allowed" : "denied", cases[i].sql);
            assert_int_equal(want, got);
        }
        store_close(s);
    }
    assert_int_not_equal(access("/tmp/parcela-stolen.sqlite", F_OK), 0);
    fixture_check(f.s);
    fixture_close(&f);
}

/* ---- plans of the hot queries ---- */

static void check_plan(struct store *s, const char *sql, const char *want)
{
    char text[2048], plan[1024] = "";
    sqlite3_stmt *stmt;
    snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(s->db, text, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        snprintf(plan + strlen(plan), sizeof plan - strlen(plan), "%s; ", (const char *)sqlite3_column_text(stmt, 3));
    sqlite3_finalize(stmt);
    if (strcmp(plan, want) != 0)
        print_error("%s\n  plan: %s\n  want: %s\n", sql, plan, want);
    assert_string_equal(plan, want);
}

static void query_plans(void **state)
{
    (void)state;
    struct fixture f;
    struct store *s;
    fixture_open(&f);
    some_data(&f);
    CHECK_OK(store_open(f.folder, STORE_PUBLIC, &s, &e), e);
    check_plan(s, BOXES_QUERY_SQL, "SCAN idx_revision_geom VIRTUAL TABLE INDEX 2:D1B0D3B2; ");
    check_plan(s, TOTALS_SQL, "SCAN revision USING COVERING INDEX revision_current; ");
    check_plan(s, PARTS_SQL, "SCAN part; ");
    check_plan(s, TILE_PLOTS_SQL, "SEARCH revision USING INTEGER PRIMARY KEY (rowid=?); LIST SUBQUERY 1; SCAN idx_revision_geom VIRTUAL TABLE INDEX 2:D1B0D3B2; ");
    check_plan(s, OVERVIEW_QUERY_SQL, "SEARCH overview_cell USING PRIMARY KEY (zoom=? AND cell>? AND cell<?); ");
    check_plan(s, PLOT_FIND_SQL, "SEARCH p USING INDEX plot_by_code (code=? AND programme_id=?); SEARCH r USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN; ");
    check_plan(s, SAME_GEOMETRY_SQL, "SEARCH revision USING INDEX revision_by_geometry (geometry_hash=?); ");
    store_close(s);
    fixture_close(&f);
}

/* ---- other programs and other folders ---- */

static bool output_has(const char *command, const char *text)
{
    char out[65536];
    FILE *p = popen(command, "r");
    size_t n = fread(out, 1, sizeof out - 1, p);
    pclose(p);
    out[n] = 0;
    if (!strstr(out, text))
        print_error("%s: no \"%s\" in\n%s\n", command, text, out);
    return strstr(out, text) != NULL;
}

static void ogrinfo_sees_it(void **state)
{
    (void)state;
    char command[300];
    struct fixture f;
    if (system("command -v ogrinfo >/dev/null 2>&1") != 0)
        skip();
    fixture_open(&f);
    some_data(&f);
    snprintf(command, sizeof command, "ogrinfo -ro '%s/registry.sqlite' 2>&1", f.folder);
    assert_true(output_has(command, "revision (Multi Polygon)"));
    assert_true(output_has(command, "layer_feature (Multi Polygon)"));
    assert_true(output_has(command, "face (Multi Polygon)"));
    assert_true(output_has(command, "plot_current (Multi Polygon)"));
    snprintf(command, sizeof command, "ogrinfo -ro -spat -92.6 15.9 -92.4 16.1 '%s/registry.sqlite' plot_current 2>&1", f.folder);
    assert_true(output_has(command, "Feature Count: 1"));
    assert_true(output_has(command, "FID Column = revision_id"));
    assert_true(output_has(command, "code (String) = A-1"));
    assert_true(output_has(command, "hectares (Real) = 100"));
    assert_true(output_has(command, "MULTIPOLYGON (((-92.5 16.0,"));
    snprintf(command, sizeof command, "ogrinfo -ro -spat 0 0 1 1 '%s/registry.sqlite' plot_current 2>&1", f.folder);
    assert_true(output_has(command, "Feature Count: 0"));
    snprintf(command, sizeof command, "ogrinfo -ro -al '%s/registry.sqlite' plot_current 2>&1 | grep -ci 'rosa\\|hern' || echo none", f.folder);
    assert_true(output_has(command, "none"));
    fixture_close(&f);
}

/* What our own code wrote must be what SpatiaLite would have written. */
static void spatialite_accepts_it(void **state)
{
    (void)state;
    struct fixture f;
    int64_t import_id, change;
    fixture_open(&f);
    fixture_layers(&f);
    for (int bulk = 0; bulk < 2; bulk++) {
        fixture_import_begin(&f, bulk, &import_id, &change);
        for (int i = 0; i < 500; i++) { /* enough for the packed index */
            char code[16];
            snprintf(code, sizeof code, "%d-%d", bulk, i);
            struct store_revision r = fixture_revision(&f, &f.arena, code, -92 + i * 0.0007, 16 + bulk, 1000 + i, 1);
            CHECK_OK(store_revision_add(f.s, import_id, change, &r, &e), e);
        }
        fixture_import_end(&f, import_id, change);
        assert_int_equal(fixture_int(f.s, "SELECT CheckSpatialIndex('revision', 'geom')"), 1);
        fixture_check(f.s);
    }
    /* a part with a hole, and a second part */
    struct boundary b;
    assert_true(boundary_alloc(&b, &f.arena, 15, 3, 2));
    const struct lonlat p[15] = {{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}, {1, 1}, {1, 2}, {2, 2}, {2, 1}, {1, 1}, {8, 8}, {9, 8}, {9, 9}, {8, 9}, {8, 8}};
    memcpy(b.points, p, sizeof p);
    memcpy(b.ring_end, (uint32_t[]){5, 10, 15}, 12);
    memcpy(b.part_end, (uint32_t[]){2, 3}, 8);
    fixture_import_begin(&f, true, &import_id, &change);
    struct store_revision r = fixture_revision(&f, &f.arena, "holes", 0, 0, 1000, 1);
    r.boundary = b;
    CHECK_OK(store_revision_add(f.s, import_id, change, &r, &e), e);
    fixture_import_end(&f, import_id, change);
    assert_int_equal(fixture_int(f.s, "SELECT count(*) FROM revision WHERE ST_IsValid(geom) = 1 AND ST_SRID(geom) = 4326 AND GeometryConstraints(geom, 'MULTIPOLYGON', 4326, 'XY') = 1"), 1001);
    assert_int_equal(fixture_int(f.s, "SELECT AsText(geom) = 'MULTIPOLYGON(((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1)), ((8 8, 9 8, 9 9, 8 9, 8 8)))' FROM revision WHERE code = 'holes'"), 1);
    assert_int_equal(fixture_int(f.s, "SELECT geom = GeomFromText(AsText(geom), 4326) FROM revision WHERE code = 'holes'"), 1); /* to the byte */
    struct boundary back;
    CHECK_OK(store_boundary(f.s, r.id, &f.arena, &back, &e), e);
    assert_int_equal(back.parts_n, 2);
    assert_int_equal(back.rings_n, 3);
    assert_memory_equal(back.points, b.points, sizeof p);
    assert_memory_equal(back.ring_end, b.ring_end, 12);
    /* the triggers are back: a wrong geometry is refused */
    assert_int_not_equal(sqlite3_exec(f.s->db, "UPDATE revision SET geom = x'00' WHERE id = 1", NULL, NULL, NULL), SQLITE_OK);
    fixture_close(&f);
}

/* Cut or altered blobs end in an error, never in a read outside. */
static void damaged_blobs(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    struct boundary b = fixture_square(&a, 1, 2, 3), back;
    size_t n = blob_size(&b);
    unsigned char *bytes = malloc(n);
    blob_encode(&b, bytes);
    CHECK_OK(blob_decode(bytes, n, &a, &back, &e), e);
    for (size_t cut = 0; cut < n; cut++) {
        unsigned char *part = malloc(cut ? cut : 1);
        memcpy(part, bytes, cut);
        assert_int_equal(blob_decode(part, cut, &a, &back, &e), STATUS_CORRUPT);
        free(part);
    }
    for (size_t at = 0; at < n; at++)
        for (int bit = 0; bit < 8; bit++) { /* may succeed with other coordinates; must not crash */
            bytes[at] ^= (unsigned char)(1 << bit);
            arena_reset(&a);
            (void)!blob_decode(bytes, n, &a, &back, &e);
            bytes[at] ^= (unsigned char)(1 << bit);
        }
    free(bytes);
    arena_clear(&a);
}

static void nothing_is_printed(void **state)
{
    (void)state;
    struct fixture f;
    char path[96] = "/tmp/parcela-quiet-XXXXXX";
    int out = mkstemp(path), keep_out, keep_err;
    fflush(NULL);
    keep_out = dup(1), keep_err = dup(2);
    dup2(out, 1), dup2(out, 2);
    fixture_open(&f);
    some_data(&f);
    fixture_check(f.s);
    fixture_close(&f);
    fflush(NULL);
    dup2(keep_out, 1), dup2(keep_err, 2);
    off_t size = lseek(out, 0, SEEK_END);
    close(keep_out), close(keep_err), close(out);
    unlink(path);
    assert_int_equal(size, 0);
}

struct elsewhere {
    char folder[160];
    enum store_mode mode;
    enum status want;
    const char *code;
};

/* Another user, who may only look (root may write everywhere). */
static int open_as_guest(void *arg)
{
    struct elsewhere *at = arg;
    struct store *s;
    int64_t change = 0;
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        return 77;
    enum status status = store_open(at->folder, at->mode, &s, &e);
    if (status != at->want || (status && strcmp(e.code, at->code) != 0))
        return 1;
    if (status == STATUS_OK && (store_change(s, &change, &e) != STATUS_OK || change < 2))
        return 2;
    store_close(s);
    return 0;
}

static void copy_to(struct fixture *f, const char *to, const char *files)
{
    char command[512];
    snprintf(command, sizeof command, "chmod 755 '%s' && mkdir '%s' && cd '%s' && cp %s '%s' && chmod 444 '%s'/* && chmod 555 '%s'", f->top, to, f->folder, files, to, to, to);
    assert_int_equal(system(command), 0);
}

static void read_only_folder(void **state)
{
    (void)state;
    struct fixture f;
    struct store *reader;
    struct elsewhere at = {.mode = STORE_PUBLIC, .want = STATUS_OK};
    fixture_open(&f);
    some_data(&f);
    snprintf(at.folder, sizeof at.folder, "%s/a copy #1?", f.top); /* characters that mean something in a URI */
    copy_to(&f, at.folder, "registry.sqlite");
    assert_int_equal(in_child(open_as_guest, &at), 0);
    at.mode = STORE_WRITE, at.want = STATUS_IO, at.code = "lock_failed";
    assert_int_equal(in_child(open_as_guest, &at), 0);
    /* a log that was never written back, as after a crash: refused rather than read without it */
    CHECK_OK(store_open(f.folder, STORE_READ, &reader, &e), e);
    CHECK_OK(store_snapshot_begin(reader, &e), e);
    int64_t import_id, change;
    fixture_import_begin(&f, false, &import_id, &change);
    fixture_import_end(&f, import_id, change);
    snprintf(at.folder, sizeof at.folder, "%s/crashed", f.top);
    copy_to(&f, at.folder, "registry.sqlite registry.sqlite-wal");
    at.mode = STORE_READ, at.want = STATUS_IO, at.code = "registry_not_closed";
    assert_int_equal(in_child(open_as_guest, &at), 0);
    store_snapshot_end(reader);
    store_close(reader);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_and_open),       cmocka_unit_test(create_after_a_kill), cmocka_unit_test(one_writer),
        cmocka_unit_test(migrations),            cmocka_unit_test(not_a_registry),      cmocka_unit_test(authorizer),
        cmocka_unit_test(query_plans),           cmocka_unit_test(ogrinfo_sees_it),     cmocka_unit_test(spatialite_accepts_it),
        cmocka_unit_test(damaged_blobs),         cmocka_unit_test(nothing_is_printed),  cmocka_unit_test(read_only_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
