/* The drawing form: projection, bytes, ranks that keep rings simple, shared borders, clipping. */
#include "tests/check.h"

#include <string.h>

#include "tests/unit/drawing_help.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

struct bytes {
    unsigned char *p;
    size_t n;
};

static struct bytes encode(const struct boundary *b)
{
    struct error e = {0};
    struct bytes out;
    CHECK_OK(drawing_encode(b, &arena, &out.p, &out.n, &e), e);
    return out;
}

static struct drawing decode(struct bytes bytes, int zoom)
{
    struct error e = {0};
    struct drawing d;
    CHECK_OK(drawing_decode(bytes.p, bytes.n, zoom, &arena, &d, &e), e);
    return d;
}

static void projection(void **state)
{
    (void)state;
    const int32_t world = 1 << 30;
    struct drawing_point p = drawing_project((struct lonlat){0, 0});
    assert_int_equal(p.x, world / 2);
    assert_int_equal(p.y, world / 2);
    p = drawing_project((struct lonlat){-180, 90});
    assert_int_equal(p.x, 0);
    assert_int_equal(p.y, 0);
    p = drawing_project((struct lonlat){180, -90});
    assert_int_equal(p.x, world);
    assert_int_equal(p.y, world);
    assert_int_equal(drawing_project((struct lonlat){NAN, NAN}).x, 0);
    /* EPSG:3857 of 93 W 16 N is x -10352712.6438, y 1804722.7660 m (Snyder 1987, eq. 7-7) */
    p = drawing_project((struct lonlat){-93, 16});
    const double half = 20037508.342789244;
    CHECK_NEAR(p.x / (double)world * 2 * half - half, -10352712.643774442, 0.02);
    CHECK_NEAR(half - p.y / (double)world * 2 * half, 1804722.766257301, 0.02);
    for (double lat = -85; lat <= 85; lat += 0.37) {
        struct lonlat q = drawing_unproject(drawing_project((struct lonlat){lat * 2, lat}));
        CHECK_NEAR(q.lon, lat * 2, 1.7e-7);
        CHECK_NEAR(q.lat, lat, 1.7e-7);
    }
    uint32_t x, y;
    drawing_cell((struct lonlat){-180, 85.06}, 12, &x, &y);
    assert_true(x == 0 && y == 0);
    drawing_cell((struct lonlat){180, -86}, 12, &x, &y);
    assert_true(x == 4095 && y == 4095);
    drawing_cell((struct lonlat){-93, 16}, 0, &x, &y);
    assert_true(x == 0 && y == 0);
    drawing_cell((struct lonlat){-92.11, 14.9}, 8, &x, &y);
    assert_true(x == 62 && y == 117);
}

static void whole_at_the_last_zoom(void **state)
{
    (void)state;
    uint64_t seed = 1;
    struct shape s;
    shape_init(&s, 200, 4);
    shape_star(&s, -92, 15, 0.004, 0.5, 60, &seed);
    shape_close(&s, false);
    shape_star(&s, -92, 15, 0.001, 0.5, 20, &seed);
    shape_close(&s, true);
    shape_star(&s, -91.99, 15, 0.002, 0.1, 9, &seed);
    shape_close(&s, true);
    struct drawing d = decode(encode(&s.b), DRAWING_ZOOM_MAX);
    assert_int_equal(d.parts_n, 2);
    assert_int_equal(d.rings_n, 3);
    assert_int_equal(d.points_n, 61 + 21 + 10);
    for (uint32_t r = 0; r < 3; r++) { /* every vertex of the boundary is there */
        for (uint32_t i = boundary_ring_start(&s.b, r); i + 1 < s.b.ring_end[r]; i++) {
            struct drawing_point p = drawing_project(s.b.points[i]);
            bool found = false;
            for (uint32_t k = r ? d.ring_end[r - 1] : 0; k < d.ring_end[r]; k++)
                found |= d.points[k].x == p.x && d.points[k].y == p.y;
            assert_true(found);
        }
    }
    uint32_t before = d.points_n;
    for (int zoom = DRAWING_ZOOM_MAX - 1; zoom >= 0; zoom--) { /* coarser is never more */
        uint32_t now = decode(encode(&s.b), zoom).points_n;
        assert_true(now <= before && now >= 3 * 4);
        before = now;
    }
    assert_in_range(before, 3 * 4, 3 * 4 + 4); /* triangles, but for what keeps the hole inside */
    shape_clear(&s);
}

/* A plot by itself takes shorter ways than a layer of one; the bytes are the same, and the vertices
 * on the grid are those of drawing_project(). */
static void a_plot_is_a_layer_of_one(void **state)
{
    (void)state;
    uint64_t seed = 9;
    int dropped = 0;
    for (int k = 0; k < 800; k++) {
        struct shape s;
        int parts = 1 + (k % 3 == 0) * (int)(help_random(&seed) % 4);
        double lat = (k % 10 ? 30 : 88) * (2 * help_unit(&seed) - 1),
               lon = 300 * help_unit(&seed) - 150;
        double size = pow(10, -6 + 5 * help_unit(&seed)), rough = k % 4 ? 0.3 : 1.0;
        shape_init(&s, 500, 4);
        for (int part = 0; part < parts; part++) {
            int n = 3 + (int)(help_random(&seed) % 40);
            shape_star(&s, lon + 3 * size * help_unit(&seed), lat + 3 * size * help_unit(&seed),
                       size, rough, n, &seed);
            if (k % 5 == 0) /* a vertex twice */
                shape_point(&s, s.b.points[s.b.points_n - 1].lon, s.b.points[s.b.points_n - 1].lat);
            shape_close(&s, true);
        }
        struct error e = {0};
        struct bytes one = encode(&s.b), of_layer;
        CHECK_OK(drawing_encode_layer(&s.b, 1, &arena, &of_layer.p, &of_layer.n, &e), e);
        assert_int_equal(one.n, of_layer.n);
        assert_memory_equal(one.p, of_layer.p, one.n);
        struct drawing all = decode(one, DRAWING_ZOOM_MAX);
        dropped += decode(one, 12).points_n < all.points_n;
        for (uint32_t i = 0; i < s.b.points_n; i++) {
            struct drawing_point p = drawing_project(s.b.points[i]);
            bool found = false;
            for (uint32_t v = 0; v < all.points_n && !found; v++)
                found = all.points[v].x == p.x && all.points[v].y == p.y;
            assert_true(found);
        }
        shape_clear(&s);
        arena_reset(&arena);
    }
    assert_true(dropped > 200);
}

static void same_bytes_for_any_start_and_direction(void **state)
{
    (void)state;
    uint64_t seed = 2;
    struct shape s;
    shape_init(&s, 100, 2);
    shape_star(&s, -92, 15, 0.01, 0.6, 40, &seed);
    shape_close(&s, false);
    shape_star(&s, -92, 15, 0.002, 0.6, 12, &seed);
    shape_close(&s, true);
    struct bytes expected = encode(&s.b);
    for (int turn = 0; turn < 40; turn++) {
        struct lonlat first = s.b.points[1]; /* start one further */
        memmove(s.b.points, s.b.points + 1, 40 * sizeof first);
        s.b.points[40] = first;
        for (int i = 0; turn % 3 == 0 && i < 20; i++) { /* and sometimes turn around */
            struct lonlat t = s.b.points[i];
            s.b.points[i] = s.b.points[40 - i];
            s.b.points[40 - i] = t;
        }
        struct bytes now = encode(&s.b);
        assert_int_equal(now.n, expected.n);
        assert_memory_equal(now.p, expected.p, now.n);
    }
    shape_clear(&s);
}

/* The tolerance is a promise: no vertex is farther from what is drawn than 0.35 pixel of the zoom.
 */
static void within_tolerance(void **state)
{
    (void)state;
    uint64_t seed = 3;
    struct shape s;
    shape_init(&s, 2001, 1);
    shape_star(&s, -92, 15, 0.3, 0.2, 2000, &seed);
    shape_close(&s, true);
    struct bytes bytes = encode(&s.b);
    struct drawing all = decode(bytes, DRAWING_ZOOM_MAX);
    for (int zoom = 6; zoom < DRAWING_ZOOM_MAX; zoom++) {
        struct drawing d = decode(bytes, zoom);
        double tolerance = 0.35 * ldexp(1, 22 - zoom);
        for (uint32_t i = 0, k = 0; i < all.points_n; i++) {
            while (k + 1 < d.points_n && d.points[k + 1].x == all.points[i].x &&
                   d.points[k + 1].y == all.points[i].y)
                k++;
            if (k + 1 == d.points_n)
                break;
            struct drawing_point p = all.points[i], a = d.points[k], b = d.points[k + 1];
            double dx = b.x - a.x, dy = b.y - a.y,
                   t = ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy);
            t = fmin(fmax(t, 0), 1);
            assert_true(hypot(p.x - a.x - t * dx, p.y - a.y - t * dy) <= tolerance * (1 + 1e-9));
        }
    }
    shape_clear(&s);
}

static void check_simple(const struct boundary *b, const char *what)
{
    struct bytes bytes = encode(b);
    for (int zoom = 0; zoom <= DRAWING_ZOOM_MAX; zoom++) {
        struct drawing d = decode(bytes, zoom);
        int crossings = drawing_crossings(&d, true);
        if (crossings)
            print_error("%s: %d crossings at zoom %d (%u points)\n", what, crossings, zoom,
                        d.points_n);
        assert_int_equal(crossings, 0);
        for (uint32_t part = 0, ring = 0; part < d.parts_n; part++)
            for (uint32_t first = ring; ring < d.part_end[part]; ring++)
                if (ring != first && !help_contains(&d, first, d.points[d.ring_end[ring - 1]]))
                    fail_msg("%s: hole outside at zoom %d", what, zoom);
    }
}

static void stars_stay_simple(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 60; i++) {
        struct shape s;
        shape_init(&s, 300, 2);
        shape_star(&s, -92, 15, 0.001 * pow(10, help_unit(&seed) * 2), 0.97,
                   8 + (int)(help_unit(&seed) * 120), &seed);
        shape_close(&s, true);
        check_simple(&s.b, "star");
        shape_clear(&s);
    }
}

/* Long thin fingers that lie close together, and a spiral: what plain Douglas-Peucker tangles. */
static void fingers_and_spirals_stay_simple(void **state)
{
    (void)state;
    uint64_t seed = 5;
    struct shape s;
    shape_init(&s, 2000, 1);
    for (int i = 0; i < 60; i++) { /* a comb with wiggly teeth */
        for (int k = 0; k <= 6; k++)
            shape_point(&s, -92 + i * 0.0004 + 0.0001 * help_unit(&seed),
                        15 + 0.01 * (i % 2 ? 6 - k : k) / 6);
    }
    shape_point(&s, -92 + 60 * 0.0004, 14.999);
    shape_point(&s, -92.0001, 14.999);
    shape_close(&s, true);
    check_simple(&s.b, "comb");
    shape_clear(&s);

    shape_init(&s, 2000, 1);
    for (int i = 0; i < 400; i++)
        shape_point(&s, -92 + (0.0005 + i * 0.00002) * cos(i * 0.2),
                    15 + (0.0005 + i * 0.00002) * sin(i * 0.2));
    for (int i = 399; i >= 0; i--)
        shape_point(&s, -92 + (0.0002 + i * 0.00002) * cos(i * 0.2),
                    15 + (0.0002 + i * 0.00002) * sin(i * 0.2));
    shape_close(&s, true);
    check_simple(&s.b, "spiral");
    shape_clear(&s);
}

/* A hole just behind a bump of the exterior, and an island in a bay, would change sides when the
 * bump or bay is dropped. */
static void sides_are_kept(void **state)
{
    (void)state;
    struct shape s;
    shape_init(&s, 100, 4);
    shape_point(&s, -92, 15);
    shape_point(&s, -91.9, 15);
    shape_point(&s, -91.9, 15.1);
    shape_point(&s, -91.949, 15.1); /* a bump of a kilometre with a hole inside */
    shape_point(&s, -91.949, 15.11);
    shape_point(&s, -91.951, 15.11);
    shape_point(&s, -91.951, 15.1);
    shape_point(&s, -92, 15.1);
    shape_point(&s, -92, 15.052);
    shape_point(&s, -91.99, 15.052); /* a bay with an island */
    shape_point(&s, -91.99, 15.050);
    shape_point(&s, -92, 15.050);
    shape_close(&s, false);
    shape_point(&s, -91.9505, 15.105);
    shape_point(&s, -91.9505, 15.108);
    shape_point(&s, -91.9495, 15.108);
    shape_point(&s, -91.9495, 15.105);
    shape_close(&s, true);
    shape_point(&s, -91.995, 15.0505);
    shape_point(&s, -91.994, 15.0505);
    shape_point(&s, -91.994, 15.0515);
    shape_point(&s, -91.995, 15.0515);
    shape_close(&s, true);
    check_simple(&s.b, "sides");
    struct bytes bytes = encode(&s.b);
    for (int zoom = 0; zoom <= DRAWING_ZOOM_MAX; zoom++) {
        struct drawing d = decode(bytes, zoom);
        assert_int_equal(d.rings_n, 3);
        assert_false(
            help_contains(&d, 0, d.points[d.ring_end[1]])); /* the island is outside the mainland */
        assert_true(help_contains(&d, 0, d.points[d.ring_end[0]]));
    }
    shape_clear(&s);
}

static void tiny_boundaries(void **state)
{
    (void)state;
    struct shape s;
    shape_init(&s, 20, 3);
    shape_point(&s, -92, 15); /* a centimetre: one point on the grid */
    shape_point(&s, -92 + 1e-8, 15);
    shape_point(&s, -92, 15 + 1e-8);
    shape_close(&s, false);
    shape_point(&s, -92, 15); /* a hole that vanishes */
    shape_point(&s, -92 + 1e-9, 15);
    shape_point(&s, -92, 15 + 1e-9);
    shape_close(&s, true);
    for (int zoom = 0; zoom <= DRAWING_ZOOM_MAX; zoom += 6) {
        struct drawing d = decode(encode(&s.b), zoom);
        assert_int_equal(d.parts_n, 1);
        assert_int_equal(d.rings_n, 1);
        assert_int_equal(d.points_n, 4);
    }
    shape_clear(&s);
    struct boundary none = {0};
    assert_int_equal(decode(encode(&none), 5).parts_n, 0);
}

/* A midpoint-displaced line from a to b, appended without its last point; the same for the same
 * seed. */
static void wiggle(struct shape *s, struct lonlat a, struct lonlat b, double rough, int depth,
                   uint64_t *seed)
{
    if (!depth) {
        shape_point(s, a.lon, a.lat);
        return;
    }
    double k = rough * (help_unit(seed) - 0.5), dx = b.lon - a.lon, dy = b.lat - a.lat;
    struct lonlat m = {(a.lon + b.lon) / 2 - dy * k, (a.lat + b.lat) / 2 + dx * k};
    wiggle(s, a, m, rough, depth - 1, seed);
    wiggle(s, m, b, rough, depth - 1, seed);
}

/* The border from corner a to corner b of a grid of cells, drawn the same from both sides. */
static void border(struct shape *s, int ax, int ay, int bx, int by, int depth)
{
    bool back = bx < ax || by < ay;
    int x0 = back ? bx : ax, y0 = back ? by : ay, x1 = back ? ax : bx, y1 = back ? ay : by;
    uint64_t seed = (uint64_t)(x0 * 1000003 + y0 * 10007 + (x1 - x0) * 101 + 1);
    struct shape line;
    shape_init(&line, (1u << depth) + 1, 1);
    wiggle(&line, (struct lonlat){-92 + x0 * 0.1, 15 + y0 * 0.1},
           (struct lonlat){-92 + x1 * 0.1, 15 + y1 * 0.1}, 0.25, depth, &seed);
    shape_point(&line, -92 + x1 * 0.1, 15 + y1 * 0.1);
    for (uint32_t i = 0; i + 1 < line.b.points_n; i++) {
        struct lonlat p = line.b.points[back ? line.b.points_n - 1 - i : i];
        shape_point(s, p.lon, p.lat);
    }
    shape_clear(&line);
}

static void rectangle(struct shape *s, int x0, int y0, int x1, int y1, int depth)
{
    for (int x = x0; x < x1; x++)
        border(s, x, y0, x + 1, y0, depth);
    for (int y = y0; y < y1; y++)
        border(s, x1, y, x1, y + 1, depth);
    for (int x = x1; x > x0; x--)
        border(s, x, y1, x - 1, y1, depth);
    for (int y = y1; y > y0; y--)
        border(s, x0, y, x0, y - 1, depth);
    shape_close(s, true);
}

/* 3 x 3 neighbours and, as a tenth feature of the same layer, their common outline: no gap and no
 * overlap at any zoom. */
static void neighbours_leave_no_gap(void **state)
{
    (void)state;
    enum { SIDE = 3, DEPTH = 7, N = SIDE * SIDE + 1 };
    struct shape cells[N];
    struct boundary layer[N];
    for (int i = 0; i < N - 1; i++) {
        shape_init(&cells[i], 4 << DEPTH | 1, 1);
        rectangle(&cells[i], i % SIDE, i / SIDE, i % SIDE + 1, i / SIDE + 1, DEPTH);
    }
    shape_init(&cells[N - 1], 4 * SIDE << DEPTH | 1, 1);
    rectangle(&cells[N - 1], 0, 0, SIDE, SIDE, DEPTH);
    for (int i = 0; i < N; i++)
        layer[i] = cells[i].b;

    struct error e = {0};
    unsigned char *bytes[N];
    size_t bytes_n[N];
    CHECK_OK(drawing_encode_layer(layer, N, &arena, bytes, bytes_n, &e), e);
    for (int zoom = 0; zoom <= DRAWING_ZOOM_MAX; zoom++) {
        __int128 sum = 0, outline = 0;
        uint32_t points = 0;
        for (int i = 0; i < N; i++) {
            struct drawing d = decode((struct bytes){bytes[i], bytes_n[i]}, zoom);
            assert_int_equal(drawing_crossings(&d, true), 0);
            *(i == N - 1 ? &outline : &sum) += drawing_area2(&d);
            points += d.points_n;
        }
        assert_true(sum == outline);
        assert_true(outline > 0);
        assert_true(zoom > 8 || points < 400); /* and something was dropped at all */
    }
    for (int i = 0; i < N; i++)
        shape_clear(&cells[i]);
}

/* An enclave: the hole of one feature is the whole exterior of another, without any node. */
static void enclave_fits_its_hole(void **state)
{
    (void)state;
    uint64_t seed = 6, again;
    struct shape outer, inner;
    shape_init(&outer, 1000, 2);
    shape_init(&inner, 500, 1);
    shape_star(&outer, -92, 15, 0.2, 0.2, 400, &seed);
    shape_close(&outer, false);
    again = seed;
    shape_star(&outer, -92, 15, 0.05, 0.6, 300, &seed);
    shape_close(&outer, true);
    shape_star(&inner, -92, 15, 0.05, 0.6, 300, &again);
    shape_close(&inner, true);
    struct boundary layer[2] = {outer.b, inner.b};
    struct error e = {0};
    unsigned char *bytes[2];
    size_t bytes_n[2];
    CHECK_OK(drawing_encode_layer(layer, 2, &arena, bytes, bytes_n, &e), e);
    for (int zoom = 0; zoom <= DRAWING_ZOOM_MAX; zoom++) {
        struct drawing a = decode((struct bytes){bytes[0], bytes_n[0]}, zoom),
                       b = decode((struct bytes){bytes[1], bytes_n[1]}, zoom);
        struct drawing shell = a;
        shell.rings_n = 1;
        shell.points_n = a.ring_end[0];
        assert_true(drawing_area2(&a) + drawing_area2(&b) == drawing_area2(&shell));
    }
    shape_clear(&outer);
    shape_clear(&inner);
}

static void malformed_bytes(void **state)
{
    (void)state;
    uint64_t seed = 7;
    struct shape s;
    struct error e = {0};
    struct drawing d;
    shape_init(&s, 100, 2);
    shape_star(&s, -92, 15, 0.01, 0.6, 40, &seed);
    shape_close(&s, false);
    shape_star(&s, -92, 15, 0.002, 0.6, 12, &seed);
    shape_close(&s, true);
    struct bytes bytes = encode(&s.b);
    for (size_t n = 0; n < bytes.n; n++) {
        unsigned char *cut =
            malloc(n + 1); /* its own block, so that reading past the end is seen */
        memcpy(cut, bytes.p, n);
        assert_int_equal(drawing_decode(cut, n, 18, &arena, &d, &e), STATUS_CORRUPT);
        free(cut);
    }
    unsigned char *longer = arena_alloc(&arena, bytes.n + 1);
    memcpy(longer, bytes.p, bytes.n);
    assert_int_equal(drawing_decode(longer, bytes.n + 1, 18, &arena, &d, &e), STATUS_CORRUPT);
    assert_string_equal(e.code, "drawing_corrupt");
    static const unsigned char huge[] = {1, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1};
    assert_int_equal(drawing_decode(huge, sizeof huge, 18, &arena, &d, &e), STATUS_CORRUPT);
    static const unsigned char zero_padded[] = {1, 0x80, 0, 0, 0};
    assert_int_equal(drawing_decode(zero_padded, sizeof zero_padded, 18, &arena, &d, &e),
                     STATUS_CORRUPT);
    static const unsigned char below_zero[] = {1, 1, 1, 3, 1, 3, 0, 1, 0, 0, 4, 0, 0, 0, 4};
    assert_int_equal(drawing_decode(below_zero, sizeof below_zero, 18, &arena, &d, &e),
                     STATUS_CORRUPT);
    static const unsigned char rank_19[] = {1, 1, 1, 3, 1, 3, 0, 0, 0, 0, 4, 0, 19, 0, 4};
    assert_int_equal(drawing_decode(rank_19, sizeof rank_19, 18, &arena, &d, &e), STATUS_CORRUPT);
    static const unsigned char good[] = {1, 1, 1, 3, 1, 3, 0, 0, 0, 0, 4, 0, 0, 0, 4};
    CHECK_OK(drawing_decode(good, sizeof good, 18, &arena, &d, &e), e);
    shape_clear(&s);
}

/* Cut into 64 tiles the pieces have the area of the whole, but for rounding where the border is
 * crossed. */
static void clipped_pieces_add_up(void **state)
{
    (void)state;
    uint64_t seed = 8;
    struct shape s;
    struct error e = {0};
    shape_init(&s, 2000, 4);
    shape_star(&s, -92, 15, 0.4, 0.95, 60, &seed);
    shape_close(&s, true);
    shape_star(&s, -91, 15, 0.45, 0.2, 90, &seed);
    shape_close(&s, false);
    shape_star(&s, -91, 15, 0.3, 0.7, 90, &seed);
    shape_close(&s, true);
    struct drawing all = decode(encode(&s.b), DRAWING_ZOOM_MAX);
    int32_t x0 = INT32_MAX, x1 = 0, y0 = INT32_MAX, y1 = 0;
    for (uint32_t i = 0; i < all.points_n; i++) {
        x0 = all.points[i].x < x0 ? all.points[i].x : x0;
        x1 = all.points[i].x > x1 ? all.points[i].x : x1;
        y0 = all.points[i].y < y0 ? all.points[i].y : y0;
        y1 = all.points[i].y > y1 ? all.points[i].y : y1;
    }
    for (int side = 1; side <= 16; side *= 2) {
        __int128 sum = 0;
        int pieces = 0;
        for (int i = 0; i < side * side; i++) {
            /* neighbouring rectangles share their rim points, so nothing lies between them */
            int64_t w = (x1 - x0) / side + 1, h = (y1 - y0) / side + 1, x = x0 + i % side * w,
                    y = y0 + i / side * h;
            struct drawing piece;
            CHECK_OK(drawing_clip(&all, x, y, x + w, y + h, &arena, &piece, &e), e);
            assert_int_equal(drawing_crossings(&piece, false), 0);
            for (uint32_t k = 0; k < piece.points_n; k++)
                assert_true(piece.points[k].x >= x && piece.points[k].x <= x + w &&
                            piece.points[k].y >= y && piece.points[k].y <= y + h);
            for (uint32_t r = 0, k = 0; r < piece.rings_n; k = piece.ring_end[r++]) {
                assert_true(piece.ring_end[r] - k >= 4);
                assert_memory_equal(&piece.points[k], &piece.points[piece.ring_end[r] - 1],
                                    sizeof *piece.points);
            }
            sum += drawing_area2(&piece);
            pieces += (int)piece.parts_n;
        }
        double whole = (double)drawing_area2(&all);
        CHECK_RELATIVE((double)sum, whole, 1e-5);
        assert_true(pieces >= side);
    }
    shape_clear(&s);
}

/* A comb cut across its teeth comes apart into teeth: parts of their own, without bridges along the
 * cut. */
static void concave_shapes_come_apart(void **state)
{
    (void)state;
    struct drawing_point comb[] = {{0, 0},    {0, 100},  {10, 100}, {10, 20}, {20, 20},
                                   {20, 100}, {30, 100}, {30, 20},  {40, 20}, {40, 100},
                                   {50, 100}, {50, 0},   {0, 0}};
    uint32_t ring_end = 13, part_end = 1;
    struct drawing in = {comb, &ring_end, &part_end, 13, 1, 1}, out;
    struct error e = {0};
    CHECK_OK(drawing_clip(&in, -5, 50, 60, 200, &arena, &out, &e), e);
    assert_int_equal(out.parts_n, 3);
    assert_true(drawing_area2(&out) == 2 * 3 * 10 * 50);
    CHECK_OK(drawing_clip(&in, -5, -5, 60, 200, &arena, &out, &e), e);
    assert_ptr_equal(out.points, in.points);
    CHECK_OK(drawing_clip(&in, 2, 30, 8, 40, &arena, &out, &e),
             e); /* wholly within a tooth: the rectangle */
    assert_int_equal(out.points_n, 5);
    assert_true(drawing_area2(&out) == 2 * 6 * 10);
    CHECK_OK(drawing_clip(&in, 12, 30, 18, 40, &arena, &out, &e),
             e); /* between two teeth: nothing */
    assert_int_equal(out.parts_n, 0);
    CHECK_OK(drawing_clip(&in, 100, 100, 200, 200, &arena, &out, &e), e);
    assert_int_equal(out.parts_n, 0);
    CHECK_OK(drawing_clip(&in, 5, 10, 45, 60, &arena, &out, &e), e);
    assert_int_equal(out.parts_n, 1);
    assert_true(drawing_area2(&out) == 2 * (40 * 50 - 2 * 10 * 40));
    assert_int_equal(drawing_crossings(&out, true), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(projection, setup, teardown),
        cmocka_unit_test_setup_teardown(whole_at_the_last_zoom, setup, teardown),
        cmocka_unit_test_setup_teardown(a_plot_is_a_layer_of_one, setup, teardown),
        cmocka_unit_test_setup_teardown(same_bytes_for_any_start_and_direction, setup, teardown),
        cmocka_unit_test_setup_teardown(within_tolerance, setup, teardown),
        cmocka_unit_test_setup_teardown(stars_stay_simple, setup, teardown),
        cmocka_unit_test_setup_teardown(fingers_and_spirals_stay_simple, setup, teardown),
        cmocka_unit_test_setup_teardown(sides_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(tiny_boundaries, setup, teardown),
        cmocka_unit_test_setup_teardown(neighbours_leave_no_gap, setup, teardown),
        cmocka_unit_test_setup_teardown(enclave_fits_its_hole, setup, teardown),
        cmocka_unit_test_setup_teardown(malformed_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(clipped_pieces_add_up, setup, teardown),
        cmocka_unit_test_setup_teardown(concave_shapes_come_apart, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
