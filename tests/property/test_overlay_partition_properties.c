/* Partition against GEOS on the uncut layer: random plots, wiggly regions and overlapping corridors
 * with holes. */
#include "tests/check.h"

#include <pthread.h>

#include "geo/area.h"
#include "geo/overlay/convert.h"
#include "geo/slope.h"
#include "tests/shapes.h"

enum {
    STRIPS = 5,
    LINE_POINTS = 1500,
    CORRIDORS = 3,
    CORRIDOR_POINTS = 5000,
    HOLE_POINTS = 400,
    PLOTS = 500
};

static struct world {
    struct geo_context *g;
    struct arena a;
    struct layer_feature regions[STRIPS + 1], corridors[CORRIDORS];
    GEOSGeometry *region_geos[STRIPS + 1], *corridor_geos[CORRIDORS];
    struct layer_index *region_index, *corridor_index;
} W;

/* A wiggly ring round a centre: never crosses itself, because every ray meets it once. */
static void star(struct lonlat *out, uint32_t n, struct lonlat centre, double radius, double rough,
                 struct shape_random *random)
{
    double a = 6.28 * random_unit(random), b = 6.28 * random_unit(random);
    for (uint32_t i = 0; i < n; i++) {
        double t = 2 * M_PI * i / n;
        double r = radius * (0.7 + 0.2 * sin(3 * t + a) * sin(t + b) + 0.05 * sin(17 * t + b) +
                             rough * random_unit(random));
        out[i] = (struct lonlat){centre.lon + r * cos(t), centre.lat + r * sin(t)};
    }
    out[n] = out[0];
}

static struct boundary star_boundary(const uint32_t *rings, uint32_t rings_n,
                                     const struct lonlat *centres, const double *radii,
                                     double rough, struct shape_random *random)
{
    struct boundary b;
    uint32_t points = 0;
    for (uint32_t r = 0; r < rings_n; r++)
        points += rings[r] + 1;
    assert_true(boundary_alloc(&b, &W.a, points, rings_n, 1));
    points = 0;
    for (uint32_t r = 0; r < rings_n; r++) {
        star(b.points + points, rings[r], centres[r], radii[r], rough, random);
        points += rings[r] + 1;
        b.ring_end[r] = points;
    }
    b.part_end[0] = rings_n;
    return b;
}

/* x of the line between strips k-1 and k at its point i. */
static double line_x(uint32_t k, uint32_t i)
{
    double t = (double)i / LINE_POINTS;
    uint32_t h = (k * 7919u + i) * 2654435761u;
    double noise = k == 0 || k == STRIPS ? 0 : (h >> 8 & 1023) / 1023.0 - 0.5;
    return -93 + 0.2 * k + 0.03 * sin(40 * t + k) + 0.002 * noise;
}

/* Strips share every vertex of their common line; the last region is an island in the hole of
 * strip 2. */
static void make_regions(struct shape_random *random)
{
    static const double radius = 0.05;
    static const struct lonlat centre = {-92.5, 16.5};
    struct lonlat ring[HOLE_POINTS + 1];
    star(ring, HOLE_POINTS, centre, radius, 0.05, random);
    for (uint32_t k = 0; k < STRIPS; k++) {
        struct boundary *b = &W.regions[k].boundary;
        uint32_t hole = k == 2 ? HOLE_POINTS + 1 : 0, n = 0;
        assert_true(boundary_alloc(b, &W.a, 2 * LINE_POINTS + 1 + hole, hole ? 2 : 1, 1));
        for (uint32_t i = 0; i < LINE_POINTS; i++)
            b->points[n++] = (struct lonlat){line_x(k, i), 16 + (double)i / LINE_POINTS};
        for (uint32_t i = LINE_POINTS; i-- > 0;)
            b->points[n++] = (struct lonlat){line_x(k + 1, i), 16 + (double)i / LINE_POINTS};
        b->points[n++] = b->points[0];
        b->ring_end[0] = n;
        if (hole) {
            memcpy(b->points + n, ring, sizeof ring);
            b->ring_end[1] = n + hole;
        }
        b->part_end[0] = b->rings_n;
        W.regions[k].id = 10 + k;
    }
    struct boundary *island = &W.regions[STRIPS].boundary;
    assert_true(boundary_alloc(island, &W.a, HOLE_POINTS + 1, 1, 1));
    memcpy(island->points, ring, sizeof ring);
    island->ring_end[0] = HOLE_POINTS + 1;
    island->part_end[0] = 1;
    W.regions[STRIPS].id = 3;
}

static void make_corridors(struct shape_random *random)
{
    for (uint32_t k = 0; k < CORRIDORS; k++) {
        struct lonlat c = {-92.7 + 0.2 * k, 16.5 + 0.1 * (k & 1)};
        uint32_t rings[] = {CORRIDOR_POINTS, HOLE_POINTS, 30};
        struct lonlat centres[] = {c, {c.lon + 0.05, c.lat}, {c.lon - 0.06, c.lat + 0.01}};
        double radii[] = {0.3, 0.04, 0.002};
        W.corridors[k] =
            (struct layer_feature){100 - k, star_boundary(rings, 3, centres, radii, 0.01, random)};
    }
}

static int setup(void **state)
{
    (void)state;
    struct shape_random random = {42};
    struct error e;
    area_init();
    arena_init(&W.a, 0);
    W.g = geo_context_new();
    make_regions(&random);
    make_corridors(&random);
    for (int i = 0; i <= STRIPS; i++)
        W.region_geos[i] = geos_from_boundary(W.g, &W.regions[i].boundary);
    for (int i = 0; i < CORRIDORS; i++)
        W.corridor_geos[i] = geos_from_boundary(W.g, &W.corridors[i].boundary);
    return layer_index_build(W.g, W.regions, STRIPS + 1, &W.region_index, &e) != STATUS_OK ||
           layer_index_build(W.g, W.corridors, CORRIDORS, &W.corridor_index, &e) != STATUS_OK;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i <= STRIPS; i++)
        GEOSGeom_destroy_r(W.g->geos, W.region_geos[i]);
    for (int i = 0; i < CORRIDORS; i++)
        GEOSGeom_destroy_r(W.g->geos, W.corridor_geos[i]);
    layer_index_free(W.region_index);
    layer_index_free(W.corridor_index);
    geo_context_free(W.g);
    arena_clear(&W.a);
    return 0;
}

static void layers_are_valid(void **state)
{
    (void)state;
    struct validity v;
    struct error e;
    for (int i = 0; i <= STRIPS; i++) {
        CHECK_OK(validity_test(W.g, &W.regions[i].boundary, &v, &e), e);
        assert_true(v.valid);
    }
    for (int i = 0; i < CORRIDORS; i++) {
        CHECK_OK(validity_test(W.g, &W.corridors[i].boundary, &v, &e), e);
        assert_true(v.valid);
    }
}

/* From 2 m to 30 km wide, mostly upon a border; one in five with a hole, one in five of two parts.
 */
static struct boundary random_plot(struct shape_random *random)
{
    double radius = pow(10, -5 + 4.2 * random_unit(random));
    struct lonlat c = {-93.1 + 1.2 * random_unit(random), 15.95 + 1.1 * random_unit(random)};
    if (random_unit(random) < 0.75) {
        const struct boundary *b =
            random_unit(random) < 0.5
                ? &W.regions[(int)(random_unit(random) * (STRIPS + 1))].boundary
                : &W.corridors[(int)(random_unit(random) * CORRIDORS)].boundary;
        c = b->points[(uint32_t)(random_unit(random) * b->points_n)];
        c.lon += radius * (random_unit(random) - 0.5);
        c.lat += radius * (random_unit(random) - 0.5);
    }
    uint32_t rings[] = {5 + (uint32_t)(35 * random_unit(random)), 12};
    struct lonlat centres[] = {c, c};
    double radii[] = {radius, radius * 0.2};
    bool hole = random_unit(random) < 0.2, parts = !hole && random_unit(random) < 0.25;
    if (parts)
        centres[1].lon += 1.5 * radius;
    struct boundary b = star_boundary(rings, hole || parts ? 2 : 1, centres, radii, 0.1, random);
    if (parts) { /* two rings, each a part */
        uint32_t *part_end = arena_array(&W.a, 2, sizeof *part_end);
        part_end[0] = 1;
        part_end[1] = 2;
        b.part_end = part_end;
        b.parts_n = 2;
    }
    return b;
}

static double common_deg2(const GEOSGeometry *a, const GEOSGeometry *b)
{
    GEOSGeometry *common = GEOSIntersection_r(W.g->geos, a, b);
    assert_non_null(common);
    double area = geos_area_deg2(W.g, common);
    GEOSGeom_destroy_r(W.g->geos, common);
    return area;
}

static bool in_corridor(const struct partition_piece *piece, uint32_t id)
{
    for (int k = 0; k < piece->corridors_n; k++)
        if (piece->corridor[k] == id)
            return true;
    return false;
}

static void check_against_geos(const struct boundary *plot, const struct partition *p)
{
    GEOSGeometry *whole = geos_from_boundary(W.g, plot);
    double all = geos_area_deg2(W.g, whole), sum = 0;
    for (size_t i = 0; i < p->pieces_n; i++)
        sum += boundary_deg2(&p->pieces[i].geometry);
    CHECK_RELATIVE(sum, all, 1e-9);
    for (int f = 0; f <= STRIPS; f++) {
        sum = 0;
        for (size_t i = 0; i < p->pieces_n; i++)
            sum += p->pieces[i].region[0] == W.regions[f].id ? boundary_deg2(&p->pieces[i].geometry)
                                                             : 0;
        CHECK_NEAR(sum, common_deg2(whole, W.region_geos[f]), 1e-9 * all);
    }
    for (int f = 0; f < CORRIDORS; f++) {
        sum = 0;
        for (size_t i = 0; i < p->pieces_n; i++)
            sum += in_corridor(&p->pieces[i], W.corridors[f].id)
                       ? boundary_deg2(&p->pieces[i].geometry)
                       : 0;
        double expected = common_deg2(whole, W.corridor_geos[f]), share = 0;
        CHECK_NEAR(sum, expected, 1e-9 * all);
        for (size_t k = 0; k < p->corridors_n; k++)
            share += p->corridors[k].id == W.corridors[f].id ? p->corridors[k].share : 0;
        /* The share is of the equal-area plane, whose scale changes by 0.5% a degree of latitude.
         */
        CHECK_NEAR(share, expected / all, 2e-3);
    }
    GEOSGeom_destroy_r(W.g->geos, whole);
}

static void check_order(const struct partition *p)
{
    double weights = 0;
    for (size_t i = 0; i < p->pieces_n; i++) {
        assert_true(p->pieces[i].weight > 0);
        weights += p->pieces[i].weight;
        assert_true(i == 0 || p->pieces[i - 1].region[0] <= p->pieces[i].region[0]);
        for (int k = 1; k < p->pieces[i].corridors_n; k++)
            assert_true(p->pieces[i].corridor[k - 1] < p->pieces[i].corridor[k]);
    }
    for (size_t k = 0; k < p->corridors_n; k++) {
        assert_true(k == 0 || p->corridors[k - 1].id < p->corridors[k].id);
        assert_true(p->corridors[k].share >= 0 && p->corridors[k].share <= 1);
    }
    assert_true(weights > 0);
}

static void pieces_equal_geos(void **state)
{
    (void)state;
    struct shape_random random = {1};
    struct partition_layers layers = {{W.region_index}, 1, W.corridor_index, 125};
    size_t cut = 0, many = 0;
    for (int i = 0; i < PLOTS; i++) {
        struct boundary plot = random_plot(&random);
        struct partition p;
        struct error e;
        CHECK_OK(partition_plot(W.g, &plot, &layers, &W.a, &p, &e), e);
        check_against_geos(&plot, &p);
        check_order(&p);
        cut += p.pieces_n > 1;
        many += p.pieces_n > 4;
    }
    /* The plots were worth trying. */
    assert_true(cut > PLOTS / 4 && cut < PLOTS && many > PLOTS / 50);
}

/* Smallest distance of the borders of plot and feature, on the plane that near.c uses too. */
static double border_distance_m(const struct boundary *plot, const struct boundary *feature)
{
    struct box box = boundary_box(plot);
    struct boundary both[2];
    double east, north;
    ground_m_per_degree((box.south + box.north) / 2, &east, &north);
    GEOSGeometry *lines[2];
    for (int k = 0; k < 2; k++) {
        assert_true(boundary_copy(&both[k], k ? feature : plot, &W.a));
        for (uint32_t i = 0; i < both[k].points_n; i++) {
            both[k].points[i].lon = (both[k].points[i].lon + 92.5) * east;
            both[k].points[i].lat = (both[k].points[i].lat - 16.5) * north;
        }
        GEOSGeometry *area = geos_from_boundary(W.g, &both[k]);
        lines[k] = GEOSBoundary_r(W.g->geos, area);
        GEOSGeom_destroy_r(W.g->geos, area);
    }
    double d = -1;
    assert_int_equal(GEOSDistanceIndexed_r(W.g->geos, lines[0], lines[1], &d), 1);
    GEOSGeom_destroy_r(W.g->geos, lines[0]);
    GEOSGeom_destroy_r(W.g->geos, lines[1]);
    return d;
}

static void verdicts_follow_distance(void **state)
{
    (void)state;
    struct shape_random random = {2};
    size_t counts[3] = {0};
    for (int i = 0; i < 120; i++) {
        double accuracy_m = pow(10, 1 + 2.5 * random_unit(&random));
        struct partition_layers layers = {{NULL}, 0, W.corridor_index, accuracy_m};
        struct boundary plot = random_plot(&random);
        struct partition p;
        struct error e;
        CHECK_OK(partition_plot(W.g, &plot, &layers, &W.a, &p, &e), e);
        GEOSGeometry *whole = geos_from_boundary(W.g, &plot);
        for (int f = 0; f < CORRIDORS; f++) {
            double share = common_deg2(whole, W.corridor_geos[f]) / geos_area_deg2(W.g, whole);
            double distance_m = border_distance_m(&plot, &W.corridors[f].boundary);
            /* A border within the plot leaves the borders apart, yet cuts it. */
            bool cut = share > 1e-9 && share < 1 - 1e-9;
            int expected = cut || distance_m < accuracy_m ? LAYER_EDGE
                           : share > 0.5                  ? LAYER_INSIDE
                                                          : LAYER_OUTSIDE;
            int obtained = LAYER_OUTSIDE;
            for (size_t k = 0; k < p.corridors_n; k++)
                if (p.corridors[k].id == W.corridors[f].id)
                    obtained = (int)p.corridors[k].verdict;
            assert_int_equal(obtained, expected);
            counts[expected]++;
        }
        GEOSGeom_destroy_r(W.g->geos, whole);
    }
    assert_true(counts[LAYER_OUTSIDE] > 20 && counts[LAYER_EDGE] > 20 && counts[LAYER_INSIDE] > 20);
}

static void query_finds_what_meets(void **state)
{
    (void)state;
    struct shape_random random = {3};
    for (int i = 0; i < 300; i++) {
        double w = pow(10, -4 + 3.5 * random_unit(&random)),
               h = pow(10, -4 + 3.5 * random_unit(&random));
        struct lonlat c = {-93.1 + 1.2 * random_unit(&random), 15.95 + 1.1 * random_unit(&random)};
        struct box box = {c.lon - w / 2, c.lat - h / 2, c.lon + w / 2, c.lat + h / 2};
        uint32_t ids[STRIPS + 1];
        size_t n = layer_index_query(W.region_index, &box, ids, STRIPS + 1), at = 0;
        GEOSGeometry *area = geos_from_box(W.g, &box);
        for (int f = 0; f <= STRIPS; f++) { /* ascending ids: the island first */
            int feature = f == 0 ? STRIPS : f - 1;
            if (GEOSIntersects_r(W.g->geos, area, W.region_geos[feature]) != 1)
                continue;
            assert_true(at < n);
            assert_int_equal(ids[at++], W.regions[feature].id);
        }
        assert_int_equal(at, n);
        GEOSGeom_destroy_r(W.g->geos, area);
    }
}

struct worker {
    struct geo_context *g;
    struct arena a;
    struct boundary *plots;
    double sums[PLOTS];
};

static void *partition_all(void *arg)
{
    struct worker *w = arg;
    struct partition_layers layers = {{W.region_index}, 1, W.corridor_index, 125};
    for (int i = 0; i < PLOTS; i++) {
        struct partition p;
        struct error e;
        w->sums[i] = -1;
        arena_reset(&w->a);
        if (partition_plot(w->g, &w->plots[i], &layers, &w->a, &p, &e) != STATUS_OK)
            continue;
        w->sums[i] = 0;
        for (size_t k = 0; k < p.pieces_n; k++)
            w->sums[i] += p.pieces[k].weight * (double)(k + 1) * (1 + p.pieces[k].corridors_n);
    }
    return NULL;
}

/* One index, two threads, each with its own context: the same figures to the last bit. Run it under
 * the tsan preset too. */
static void threads_agree(void **state)
{
    (void)state;
    static struct worker workers[2];
    static struct boundary plots[PLOTS];
    struct shape_random random = {4};
    pthread_t threads[2];
    for (int i = 0; i < PLOTS; i++)
        plots[i] = random_plot(&random);
    for (int k = 0; k < 2; k++) {
        workers[k].plots = plots;
        workers[k].g = geo_context_new();
        arena_init(&workers[k].a, 0);
    }
    for (int k = 0; k < 2; k++)
        assert_int_equal(pthread_create(&threads[k], NULL, partition_all, &workers[k]), 0);
    for (int k = 0; k < 2; k++)
        pthread_join(threads[k], NULL);
    for (int i = 0; i < PLOTS; i++) {
        assert_true(workers[0].sums[i] > 0);
        assert_true(workers[0].sums[i] == workers[1].sums[i]);
    }
    for (int k = 0; k < 2; k++) {
        geo_context_free(workers[k].g);
        arena_clear(&workers[k].a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_valid),
        cmocka_unit_test(pieces_equal_geos),
        cmocka_unit_test(verdicts_follow_distance),
        cmocka_unit_test(query_finds_what_meets),
        cmocka_unit_test(threads_agree),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
