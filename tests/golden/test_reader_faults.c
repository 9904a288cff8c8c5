/* The reader process when things go wrong: it dies, it lies, its file is a bomb, a tangle or a
 * trap. After each the caller has a reason, no child, and no more open descriptors than before. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"
#include "tests/golden/dump.h"
#include "tests/golden/make_files.h"

static char folder[] = "/tmp/parcela-faults-XXXXXX";
static char bad_reader[512];

static int open_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static void nothing_left(int descriptors)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(open_descriptors(), descriptors);
}

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static enum status read_file(const char *path, const struct reader_request *with,
                             struct dump_counts *counts, struct error *e)
{
    struct reader_request r = with ? *with : (struct reader_request){0};
    int descriptors = open_descriptors();
    r.files = &path;
    r.files_n = 1;
    *e = (struct error){0};
    enum status s = count_request(&r, counts, e);
    nothing_left(descriptors);
    return s;
}

static void misbehaving(void **state)
{
    (void)state;
    static const struct {
        const char *mode, *code;
        enum status status;
    } cases[] = {{"garbage", "reader_protocol", STATUS_CORRUPT},
                 {"partial", "reader_crashed", STATUS_INTERNAL},
                 {"oversize", "reader_protocol", STATUS_CORRUPT},
                 {"abort", "reader_crashed", STATUS_INTERNAL},
                 {"segv", "reader_crashed", STATUS_INTERNAL},
                 {"killed", "reader_memory", STATUS_MEMORY},
                 {"memory", "reader_memory", STATUS_MEMORY},
                 {"closed", "reader_crashed", STATUS_INTERNAL},
                 {"spin", "reader_cpu_limit", STATUS_LIMIT},
                 {"fine", "", STATUS_OK}};
    make_text(in_folder("any.geojson"), "{}");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reader_request r = {.program = bad_reader, .crs = cases[i].mode};
        struct dump_counts counts;
        struct error e;
        enum status s = read_file(in_folder("any.geojson"), &r, &counts, &e);
        if (s != cases[i].status || strcmp(e.code, cases[i].code) != 0)
            print_error("%s: status %d, %s: %s\n", cases[i].mode, (int)s, e.code, e.message);
        assert_int_equal(s, cases[i].status);
        assert_string_equal(e.code, cases[i].code);
    }
}

/* Of several files the one is named that was open, whatever ended the process. */
static void named(void **state)
{
    (void)state;
    static const char *const modes[] = {"partial", "abort", "segv", "killed", "memory", "spin"};
    const char *files[2];
    make_text(in_folder("any.geojson"), "{}");
    files[0] = files[1] = in_folder("any.geojson");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct reader_request r = {
            .program = bad_reader, .crs = modes[i], .files = files, .files_n = 2};
        struct dump_counts counts;
        struct error e = {0};
        assert_int_not_equal(count_request(&r, &counts, &e), STATUS_OK);
        if (!strstr(e.message, "all.zip/second.gpx") || !*e.remedy)
            fail_msg("%s: %s (%s)", modes[i], e.message, e.remedy);
    }
}

/* The real reader says so too, before each file and each member of an archive. */
static void announced(void **state)
{
    (void)state;
    static const char corners[] = "clave,orden,lon,lat\nA,1,-92.31,15.11\nA,2,-92.30,15.11\n"
                                  "A,3,-92.30,15.12\n";
    char paths[2][256], command[600];
    snprintf(paths[0], sizeof paths[0], "%s/uno.csv", folder);
    make_text(paths[0], corners);
    make_text(in_folder("dos.csv"), corners);
    snprintf(paths[1], sizeof paths[1], "%s/dos.zip", folder);
    snprintf(command, sizeof command, "cd %s && zip -q dos.zip dos.csv", folder);
    assert_int_equal(system(command), 0);
    const char *files[] = {paths[0], paths[1]}, *expected[] = {"uno.csv", "dos.zip/dos.csv"};
    struct reader_request request = {.files = files, .files_n = 2};
    struct reader *r = NULL;
    struct reader_event event;
    struct arena a;
    struct error e = {0};
    int sources = 0;
    arena_init(&a, 0);
    CHECK_OK(reader_start(&request, &r, &e), e);
    assert_string_equal(reader_file(r), "");
    do {
        CHECK_OK(reader_next(r, &a, &event, &e), e);
        assert_int_not_equal(event.kind, READER_OPENING);
        if (event.kind == READER_SOURCE)
            assert_string_equal(reader_file(r), expected[sources++]);
    } while (event.kind != READER_DONE);
    assert_int_equal(sources, 2);
    reader_stop(r);
    arena_clear(&a);
}

static void stopped_early(void **state)
{
    (void)state;
    const char *path = in_folder("any.geojson");
    struct reader_request r = {
        .program = bad_reader, .crs = "forever", .files = &path, .files_n = 1};
    struct reader *reader = NULL;
    struct error e = {0};
    int descriptors = open_descriptors();
    CHECK_OK(reader_start(&r, &reader, &e), e);
    reader_stop(reader);
    nothing_left(descriptors);
    reader_stop(NULL);
}

static void wrong_files(void **state)
{
    (void)state;
    struct dump_counts counts;
    struct error e;
    assert_int_equal(read_file(in_folder("absent.shp"), NULL, &counts, &e), STATUS_NOT_FOUND);
    assert_int_equal(read_file(folder, NULL, &counts, &e), STATUS_INVALID);
    struct reader_request r = {.program = "/nowhere/parcela"};
    assert_int_equal(read_file(in_folder("any.geojson"), &r, &counts, &e), STATUS_IO);
    make_text(in_folder("empty.shp"), "");
    assert_int_equal(read_file(in_folder("empty.shp"), NULL, &counts, &e), STATUS_INVALID);
    assert_string_equal(e.code, "format_unknown");
}

/* ---- tangles ---- */

static uint64_t seed = 3;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static void put_feature(FILE *f, int vertices, int spokes, bool last)
{
    fprintf(f, "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Polygon\","
               "\"coordinates\":[[");
    double x0 = 0, y0 = 0;
    for (int i = 0; i < vertices; i++) {
        /* spokes = 0: a random tangle; else a star whose neighbours cross each other */
        double angle = 2 * M_PI * i * (spokes ? (double)spokes / vertices : 1),
               x = spokes ? cos(angle) : uniform(), y = spokes ? sin(angle) : uniform();
        x = -92.6 + 0.01 * x;
        y = 16.7 + 0.01 * y;
        if (i == 0)
            x0 = x, y0 = y;
        fprintf(f, "[%.8f,%.8f],", x, y);
    }
    fprintf(f, "[%.8f,%.8f]]]}}%s\n", x0, y0, last ? "" : ",");
}

/* 500 random vertices take GEOS minutes (PLATFORM 1.9); here the row is held at once, and the next
 * row is read. */
static void tangled_ring(void **state)
{
    (void)state;
    FILE *f = fopen(in_folder("tangle.geojson"), "w");
    fprintf(f, "{\"type\":\"FeatureCollection\",\"features\":[");
    put_feature(f, 500, 0, false);
    put_feature(f, 4, 1, true);
    fprintf(f, "]}");
    fclose(f);
    struct dump_counts counts;
    struct error e;
    CHECK_OK(read_file(in_folder("tangle.geojson"), NULL, &counts, &e), e);
    assert_int_equal(counts.rows, 2);
    assert_int_equal(counts.outcomes[CANDIDATE_HELD], 1);
    assert_int_equal(counts.outcomes[CANDIDATE_READY], 1);
    assert_int_equal(counts.findings[FINDING_REPAIR_LIMIT], 1);
}

/* Few enough crossings to be tried, but more than the time allowed: the worker dies, the next one
 * repairs the next row. */
static void slow_repair(void **state)
{
    (void)state;
    FILE *f = fopen(in_folder("slow.geojson"), "w");
    fprintf(f, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int i = 0; i < 3; i++)
        put_feature(f, 45, 0, false);
    put_feature(f, 5, 2, true); /* a pentagram */
    fprintf(f, "]}");
    fclose(f);
    struct dump_counts counts;
    struct error e;
    struct reader_request hasty = {.repair_limit_s = 0.001};
    CHECK_OK(read_file(in_folder("slow.geojson"), &hasty, &counts, &e), e);
    assert_int_equal(counts.rows, 4);
    assert_true(counts.findings[FINDING_REPAIR_LIMIT] >= 1);
    CHECK_OK(read_file(in_folder("slow.geojson"), NULL, &counts, &e), e);
    assert_int_equal(counts.rows, 4);
    assert_int_equal(counts.outcomes[CANDIDATE_READY] + counts.outcomes[CANDIDATE_HELD], 4);
}

/* ---- traps ---- */

/* A GeoJSON that names an address as its reference system: refused, and nobody knocks. */
static void link_is_not_followed(void **state)
{
    (void)state;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server, 8), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&address, &n), 0);
    static const char *const texts[][2] = {
        {"{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"link\",\"properties\":{\"href\":"
         "\"http://127.0.0.1:",
         "/a\"}},\"features\":[]}"},
        {"{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Polygon\",\"crs\":{"
         "\"type\":\"url\",\"properties\":{\"url\":"
         "\"http://127.0.0.1:",
         "/a\"}},\"coordinates\":[[[-92,15],[-91,15],[-91,16],[-92,15]]]}}"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char json[512];
        struct dump_counts counts;
        struct error e;
        snprintf(json, sizeof json, "%s%d%s", texts[i][0], ntohs(address.sin_port), texts[i][1]);
        make_text(in_folder("link.geojson"), json);
        assert_int_equal(read_file(in_folder("link.geojson"), NULL, &counts, &e), STATUS_INVALID);
        assert_string_equal(e.code, "geojson_crs_link");
    }
    struct pollfd p = {.fd = server, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 200), 0);
    close(server);
}

/* The input's folder is as it was: no .shx beside a shapefile without one. */
static void nothing_written(void **state)
{
    (void)state;
    static const struct make_shapefile s = {
        .shape_type = 5,
        .columns = {"c"},
        .columns_n = 1,
        .prj = "GEOGCS[\"a\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],"
               "PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\","
               "0.0174532925199433]]",
        .rows = {{{-92.7, 15.9, -92.7, 15.91, -92.69, 15.91, -92.7, 15.9}, 4, .values = {"x"}}},
        .rows_n = 1,
        .no_shx = 1};
    struct dump_counts counts;
    struct error e;
    make_shapefile(&s, folder, "noindex");
    CHECK_OK(read_file(in_folder("noindex.shp"), NULL, &counts, &e), e);
    assert_int_equal(counts.outcomes[CANDIDATE_READY], 1);
    assert_int_equal(access(in_folder("noindex.shx"), F_OK), -1);
}

static void walls_hold(void **state)
{
    (void)state;
    char command[600];
    snprintf(command, sizeof command, "/proc/%ld/exe --reader --self-test > %s/self-test 2>&1",
             (long)getpid(), folder);
    int how = system(command);
    if (how != 0) {
        snprintf(command, sizeof command, "cat %s/self-test >&2", folder);
        (void)!system(command);
    }
    assert_int_equal(how, 0);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reader") == 0)
        return reader_process_main(argc, argv);
    const char *slash = strrchr(argv[0], '/');
    snprintf(bad_reader, sizeof bad_reader, "%.*s/bad_reader", slash ? (int)(slash - argv[0]) : 1,
             slash ? argv[0] : ".");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misbehaving),     cmocka_unit_test(named),
        cmocka_unit_test(announced),       cmocka_unit_test(stopped_early),
        cmocka_unit_test(wrong_files),     cmocka_unit_test(tangled_ring),
        cmocka_unit_test(slow_repair),     cmocka_unit_test(link_is_not_followed),
        cmocka_unit_test(nothing_written), cmocka_unit_test(walls_hold)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
