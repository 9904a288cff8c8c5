/* Frames: what is written is read back, and nothing malformed is believed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "importers/frame.h"
#include "tests/check.h"

static struct lonlat POINTS[] = {{-92.7, 15.9}, {-92.6, 15.9}, {-92.6, 16.0}, {-92.7, 15.9}};
static uint32_t RING_END[] = {4}, PART_END[] = {1};

static const char *const COLUMNS[] = {"clave", "nombre"};

static void put_source(struct buf *out)
{
    struct reader_mapping mapped = {.field = "code", .column = "clave"};
    struct reader_source s = {.layer = "capa",
                              .format = "GPKG",
                              .crs_name = "WGS 84",
                              .epsg = 4326,
                              .rows_announced = -1,
                              .bytes = 7,
                              .mapped = &mapped,
                              .mapped_n = 1};
    frame_put_source(out, &s, COLUMNS, 2);
}

static void put_row(struct buf *out, struct finding *f)
{
    static const unsigned char wkb[3] = {1, 2, 3};
    struct candidate_attribute attributes[] = {{"clave", "P-1"}, {"nombre", NULL}};
    *f = (struct finding){.code = FINDING_RING_CLOSED,
                          .file = "a.shp",
                          .row = 3,
                          .place = {-92.7, 15.9},
                          .effect_m2 = NAN,
                          .message = "m"};
    struct candidate c = {.row = 3,
                          .outcome = CANDIDATE_READY,
                          .code = "P-1",
                          .producer_gender = 'f',
                          .crops = {"maize", "bean"},
                          .crops_n = 2,
                          .adoption_year = 2019,
                          .observed_date = "2024-03-01",
                          .declared_ha = 1.25,
                          .accuracy_m = NAN,
                          .attributes = attributes,
                          .attributes_n = 2,
                          .boundary = {POINTS, RING_END, PART_END, 4, 1, 1},
                          .source_wkb = wkb,
                          .source_wkb_n = 3,
                          .source_epsg = 6372,
                          .findings = f,
                          .findings_n = 1};
    frame_put_candidate(out, &c, 0);
}

static const char SHA256[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void round_trip(void **state)
{
    (void)state;
    struct buf source, row, digest;
    struct frame_decoder d;
    struct arena a;
    struct reader_event event;
    struct error e = {0};
    struct finding f;
    buf_init(&source, 0);
    buf_init(&row, 0);
    arena_init(&a, 0);
    frame_decoder_init(&d, 1);
    put_source(&source);
    put_row(&row, &f);
    CHECK_OK(frame_decode(&d, (unsigned char *)source.bytes, source.length, &a, &event, &e), e);
    assert_int_equal(event.kind, READER_SOURCE);
    assert_string_equal(event.source.mapped[0].column, "clave");
    assert_int_equal(event.source.rows_announced, -1);
    buf_init(&digest, 0);
    frame_put_digest(&digest, SHA256);
    CHECK_OK(frame_decode(&d, (unsigned char *)digest.bytes, digest.length, &a, &event, &e), e);
    assert_int_equal(event.kind, READER_DIGEST);
    assert_string_equal(event.sha256, SHA256);
    buf_reset(&digest);
    frame_put_digest(&digest, SHA256 + 1);
    assert_int_equal(frame_decode(&d, (unsigned char *)digest.bytes, digest.length, &a, &event, &e),
                     STATUS_CORRUPT);
    buf_clear(&digest);
    CHECK_OK(frame_decode(&d, (unsigned char *)row.bytes, row.length, &a, &event, &e), e);
    const struct candidate *c = &event.candidate;
    assert_int_equal(event.kind, READER_CANDIDATE);
    assert_string_equal(c->layer, "capa");
    assert_string_equal(c->code, "P-1");
    assert_string_equal(c->attributes[1].name, "nombre");
    assert_null(c->attributes[1].value);
    assert_null(c->name);
    assert_int_equal(c->crops_n, 2);
    assert_string_equal(c->crops[1], "bean");
    assert_memory_equal(c->boundary.points, POINTS, sizeof POINTS);
    assert_int_equal(c->alternative.points_n, 0);
    assert_int_equal(c->source_wkb_n, 3);
    assert_string_equal(c->findings[0].message, "m");
    assert_true(isnan(c->accuracy_m) && c->declared_ha == 1.25);
    frame_decoder_clear(&d);
    arena_clear(&a);
    buf_clear(&source);
    buf_clear(&row);
}

static void probes(void **state)
{
    (void)state;
    static const struct reader_probe_row rows[] = {{{532000, 1758000}, "07059", "P-1"},
                                                   {{1e300, -5}, NULL, NULL}};
    struct reader_probe p = {
        .layer = "capa", .declared = 4326, .degrees = true, .rows = rows, .rows_n = 2};
    struct buf b;
    struct frame_decoder d;
    struct arena a;
    struct reader_event event;
    struct error e = {0};
    buf_init(&b, 0);
    arena_init(&a, 0);
    frame_decoder_init(&d, 1);
    frame_put_probe(&b, &p);
    CHECK_OK(frame_decode(&d, (unsigned char *)b.bytes, b.length, &a, &event, &e), e);
    assert_int_equal(event.kind, READER_PROBE);
    assert_int_equal(event.probe.declared, 4326);
    assert_int_equal(event.probe.rows_n, 2);
    assert_true(event.probe.degrees && event.probe.rows[1].raw.lon == 1e300);
    assert_string_equal(event.probe.rows[0].key, "07059");
    assert_string_equal(event.probe.rows[0].code, "P-1");
    assert_null(event.probe.rows[1].key);
    for (size_t n = FRAME_HEAD; n < b.length; n++) { /* cut short, with a head that agrees */
        uint32_t payload = (uint32_t)(n - FRAME_HEAD);
        char *cut = malloc(n);
        assert_non_null(cut);
        memcpy(cut, b.bytes, n);
        memcpy(cut, &payload, sizeof payload);
        assert_int_equal(frame_decode(&d, (unsigned char *)cut, n, &a, &event, &e), STATUS_CORRUPT);
        free(cut);
    }
    double nan =
        NAN; /* not a coordinate: the first one is behind head, three numbers, "capa", count */
    memcpy(b.bytes + FRAME_HEAD + 12 + 9 + 4, &nan, sizeof nan);
    assert_int_equal(frame_decode(&d, (unsigned char *)b.bytes, b.length, &a, &event, &e),
                     STATUS_CORRUPT);
    frame_decoder_clear(&d);
    arena_clear(&a);
    buf_clear(&b);
}

/* Every frame cut at every length, and every byte changed in a few ways: an error or a well-formed
 * event, never more. */
static void damaged(void **state)
{
    (void)state;
    struct buf source, row;
    struct finding f;
    buf_init(&source, 0);
    buf_init(&row, 0);
    put_source(&source);
    put_row(&row, &f);
    size_t refused = 0;
    for (size_t i = 0; i < row.length; i++)
        for (int change = 0; change < 4; change++) {
            struct frame_decoder d;
            struct arena a;
            struct reader_event event;
            struct error e = {0};
            arena_init(&a, 1 << 20);
            frame_decoder_init(&d, 1);
            CHECK_OK(frame_decode(&d, (unsigned char *)source.bytes, source.length, &a, &event, &e),
                     e);
            unsigned char *copy =
                malloc(row.length); /* exactly as long, so that ASan sees a read too far */
            memcpy(copy, row.bytes, row.length);
            size_t n = row.length;
            if (change == 3)
                n = i;
            else
                copy[i] = (unsigned char)(change == 0   ? copy[i] ^ 0xFF
                                          : change == 1 ? copy[i] + 1
                                                        : 0x80);
            enum status s = frame_decode(&d, copy, n, &a, &event, &e);
            refused += s != STATUS_OK;
            if (s == STATUS_OK && event.kind == READER_CANDIDATE)
                assert_true(boundary_well_formed(&event.candidate.boundary, &e));
            assert_true(s == STATUS_OK || *e.code);
            free(copy);
            frame_decoder_clear(&d);
            arena_clear(&a);
        }
    assert_true(refused > row.length);
    buf_clear(&source);
    buf_clear(&row);
}

static void errors(void **state)
{
    (void)state;
    struct buf b;
    struct frame_decoder d;
    struct arena a;
    struct reader_event event;
    struct error sent, e = {0};
    buf_init(&b, 0);
    arena_init(&a, 0);
    frame_decoder_init(&d, 1);
    (void)error_set(&sent, STATUS_INVALID, "crs_missing", "give --crs", "no reference system");
    frame_put_error(&b, &sent);
    assert_int_equal(frame_decode(&d, (unsigned char *)b.bytes, b.length, &a, &event, &e),
                     STATUS_INVALID);
    assert_string_equal(e.code, "crs_missing");
    assert_string_equal(e.remedy, "give --crs");
    /* a row before its source */
    struct finding f;
    buf_reset(&b);
    put_row(&b, &f);
    assert_int_equal(frame_decode(&d, (unsigned char *)b.bytes, b.length, &a, &event, &e),
                     STATUS_CORRUPT);
    unsigned char huge[FRAME_HEAD] = {0xFF, 0xFF, 0xFF, 0x7F, 2, 0, 0, 0};
    size_t n;
    assert_int_equal(frame_head(huge, &n, &e), STATUS_CORRUPT);
    frame_decoder_clear(&d);
    arena_clear(&a);
    buf_clear(&b);
}

static void requests(void **state)
{
    (void)state;
    const char *files[] = {"a b.shp", "\xE9.gpkg"};
    const struct reader_mapping mappings[] = {{.field = "code", .column = "clave"}};
    struct reader_request r = {.purpose = READER_CORRIDORS,
                               .files = files,
                               .files_n = 2,
                               .crs = "EPSG:6372",
                               .mappings = mappings,
                               .mappings_n = 1,
                               .cpu_limit_s = 3},
                          back;
    struct buf b;
    struct arena a;
    struct error e = {0};
    buf_init(&b, 0);
    arena_init(&a, 0);
    frame_put_request(&b, &r);
    CHECK_OK(frame_decode_request((unsigned char *)b.bytes, b.length, &a, &back, &e), e);
    assert_int_equal(back.purpose, READER_CORRIDORS);
    assert_string_equal(back.files[1], files[1]);
    assert_string_equal(back.mappings[0].column, "clave");
    CHECK_NEAR(back.cpu_limit_s, 3, 0);
    arena_clear(&a);
    buf_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(damaged),
                                       cmocka_unit_test(probes), cmocka_unit_test(errors),
                                       cmocka_unit_test(requests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
