/* Areas and perimeters against published and long-double reference values. Vertices are "lat lon"
 * in the order of the sources: the nine plots V1-V9 (80-bit reference) and the ring tests of PROJ's
 * and GeographicLib's own suites. */
#include "tests/check.h"

#include <stdlib.h>

#include <geodesic.h>

#include "geo/area.h"

enum { POINTS_MAX = 8 };

struct vector {
    const char *name;
    double latlon[2 * POINTS_MAX];
    uint32_t n;
    double area_m2, perimeter_m;
};

/* GEO.md 1.4. */
static const struct vector plots[] = {
    {"V1",
     {16.5, -92.5, 16.5, -92.499, 16.501, -92.499, 16.501, -92.5},
     4,
     11814.908132357,
     434.855574791},
    {"V2",
     {16.73712, -92.63781, 16.73698, -92.63655, 16.73605, -92.63620, 16.73571, -92.63693, 16.73612,
      -92.63742, 16.73590, -92.63810, 16.73655, -92.63842},
     7,
     -24345.549177241,
     647.102061229},
    {"V3",
     {17.331, -96.487, 17.331, -96.486, 17.3315, -96.486, 17.3315, -96.4865, 17.332, -96.4865,
      17.332, -96.487},
     6,
     8823.134534637,
     433.939614054},
    {"V4",
     {20.017, -97.523, 20.017, -97.5227, 20.0173, -97.52285},
     3,
     521.264563278,
     104.857432669},
    {"V5",
     {16.9, -92.1, 16.9, -92.098, 16.902, -92.098, 16.902, -92.1},
     4,
     47163.053541408,
     868.839063573},
    {"V5 hole",
     {16.9005, -92.0995, 16.9005, -92.0990, 16.9010, -92.0990, 16.9010, -92.0995},
     4,
     2947.694658330,
     217.209903592},
    {"V6",
     {17, -96.001, 17, -95.999, 17.002, -95.999, 17.002, -96.001},
     4,
     47138.585672624,
     868.618135061},
    {"V7 bow-tie",
     {16.5, -92.5, 16.501, -92.499, 16.501, -92.5, 16.5, -92.499},
     4,
     -0.030353841,
     521.066548770},
    {"V7a", {16.5, -92.5, 16.5, -92.499, 16.5005, -92.4995}, 3, 2953.731019501, 260.533641993},
    {"V8 antimeridian",
     {16.5, 179.9995, 16.5, -179.9995, 16.501, -179.9995, 16.501, 179.9995},
     4,
     11814.908132021,
     434.855574785},
    {"V9 one degree",
     {16, -93, 16, -92, 17, -92, 17, -93},
     4,
     11815019730.269553,
     434847.847987029},
};

/* The closed ring of a vector, rotated by `start` and, for step -1, reversed. */
static uint32_t ring_of(const struct vector *v, uint32_t start, int step, struct lonlat *out)
{
    for (uint32_t i = 0; i <= v->n; i++) {
        uint32_t j = (start + (step > 0 ? i : v->n - i % v->n)) % v->n;
        out[i] = (struct lonlat){v->latlon[2 * j + 1], v->latlon[2 * j]};
    }
    return v->n + 1;
}

static void plot_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plots / sizeof *plots; i++) {
        const struct vector *v = &plots[i];
        struct lonlat ring[POINTS_MAX + 1];
        uint32_t n = ring_of(v, 0, 1, ring);
        print_message("%s\n", v->name);
        /* The difference of edge kinds (great circle, geodesic) grows as area^2: 6e-9 of it at 10
         * ha. */
        double edge_kind = fmax(fabs(v->area_m2), v->perimeter_m * v->perimeter_m / 16) * 1e-8;
        CHECK_NEAR(area_ring_geodesic_m2(ring, n), v->area_m2,
                   fmax(3e-4, fabs(v->area_m2) * 1e-13));
        if (v->perimeter_m < 1e4) {
            CHECK_NEAR(area_ring_authalic_m2(ring, n), v->area_m2, edge_kind);
            CHECK_NEAR(area_ring_m2(ring, n), v->area_m2, 5e-8 + 1e-11 * fabs(v->area_m2));
        } else {
            CHECK_RELATIVE(area_ring_authalic_m2(ring, n), v->area_m2, 2e-7);
            CHECK_RELATIVE(area_ring_m2(ring, n), v->area_m2, 1e-13);
        }
        struct boundary b = {ring, (uint32_t[]){n}, (uint32_t[]){1}, n, 1, 1};
        CHECK_RELATIVE(perimeter_boundary_m(&b), v->perimeter_m, 1e-11);
        CHECK_RELATIVE(area_boundary_m2(&b), fabs(area_ring_m2(ring, n)), 0);
    }
}

/* The values of method B (great circles) and A (cylinder) themselves, also from GEO.md 1.4. */
static void method_vectors(void **state)
{
    (void)state;
    static const struct {
        int plot;
        double authalic_m2, cylinder_m2;
    } cases[] = {
        {0, 11814.908132, 11814.908132}, {1, -24345.549130, 24345.539496},
        {2, 8823.134557, 8823.138206},   {3, 521.264563, 521.264179},
        {4, 47163.053542, 47163.053538}, {5, 2947.694658, 2947.694658},
        {6, 47138.585673, 47138.585669}, {7, -0.030291, 0},
        {8, 2953.731033, 2953.730757},   {9, 11814.908132, 11814.908132},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lonlat ring[POINTS_MAX + 1];
        uint32_t n = ring_of(&plots[cases[i].plot], 0, 1, ring);
        struct boundary b = {ring, (uint32_t[]){n}, (uint32_t[]){1}, n, 1, 1};
        CHECK_NEAR(area_ring_authalic_m2(ring, n), cases[i].authalic_m2, 1e-6);
        CHECK_NEAR(area_equal_area_m2(&b), cases[i].cylinder_m2, 1e-6);
    }
    struct lonlat cell[POINTS_MAX + 1];
    uint32_t n = ring_of(&plots[10], 0, 1, cell);
    struct boundary b = {cell, (uint32_t[]){n}, (uint32_t[]){1}, n, 1, 1};
    CHECK_NEAR(area_ring_authalic_m2(cell, n), 11815018617.574, 1e-3);
    CHECK_NEAR(area_equal_area_m2(&b), 11814790695.404, 1e-3);
}

static void start_and_direction_leave_no_trace(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plots / sizeof *plots; i++) {
        struct lonlat ring[POINTS_MAX + 1];
        uint32_t n = ring_of(&plots[i], 0, 1, ring);
        double area = area_ring_m2(ring, n), geodesic = area_ring_geodesic_m2(ring, n);
        for (uint32_t start = 0; start < plots[i].n; start++) {
            ring_of(&plots[i], start, 1, ring);
            assert_true(area_ring_m2(ring, n) == area);
            assert_true(area_ring_geodesic_m2(ring, n) == geodesic);
            ring_of(&plots[i], start, -1, ring);
            assert_true(area_ring_m2(ring, n) == -area);
            assert_true(area_ring_geodesic_m2(ring, n) == -geodesic);
        }
    }
}

static void hole_of_any_direction(void **state)
{
    (void)state;
    for (int step = -1; step <= 1; step += 2) {
        struct lonlat points[10];
        uint32_t n = ring_of(&plots[4], 0, 1, points);
        ring_of(&plots[5], 1, step, points + n);
        struct boundary b = {points, (uint32_t[]){n, 2 * n}, (uint32_t[]){2}, 2 * n, 2, 1};
        CHECK_NEAR(area_boundary_m2(&b), 44215.358883078, 1e-6);
        CHECK_NEAR(fabs(area_ring_geodesic_m2(points, n)) -
                       fabs(area_ring_geodesic_m2(points + n, n)),
                   44215.358883, 4e-4);
        CHECK_NEAR(area_equal_area_m2(&b), 44215.358879268, 1e-6);
        CHECK_RELATIVE(perimeter_boundary_m(&b), 868.839063573 + 217.209903592, 1e-11);
        assert_int_equal(area_to_mm2(area_boundary_m2(&b)), 44215358883);
    }
}

/* The public vectors: PROJ src/tests/geodtest.c and GeographicLib tests/polygontest.cpp (planimeter
 * 0, 5, 6, 12, 13, 15, 19, 29; GEO.md 1.5). Those of polylines, circuits, edges by azimuth and
 * rhumb lines are below, in the shape that a ring can have. */
static void global_rings(void **state)
{
    (void)state;
    static const struct {
        double latlon[2 * POINTS_MAX];
        uint32_t n;
        double area_m2, tolerance, perimeter_m, perimeter_tolerance;
    } cases[] = {
        {{89, 0, 89, 90, 89, 180, 89, 270}, 4, 24952305678.0, 1, 631819.8745, 1e-4},
        {{-89, 0, -89, 90, -89, 180, -89, 270}, 4, -24952305678.0, 1, 631819.8745, 1e-4},
        {{0, -1, -1, 0, 0, 1, 1, 0}, 4, 24619419146.0, 1, 627598.2731, 1e-4},
        {{90, 0, 0, 0, 0, 90}, 3, 63758202715511.0, 1, 30022685, 1},
        {{89, 0.1, 89, 90.1, 89, -179.9}, 3, 12476152838.5, 1, 539297, 1},
        {{9, -1e-14, 9, 180, 9, 0}, 3, 0, 1, 36026861, 1},
        {{9, 1e-14, 9, 180, 9, 0}, 3, 0, 1, 36026861, 1},
        {{9, 0, 9, 180, 9, -1e-14}, 3, 0, 1, 36026861, 1},
        {{9, 0, 9, 180, 9, 1e-14}, 3, 0, 1, 36026861, 1},
        {{66.562222222, 0, 66.562222222, 180, 66.562222222, 360}, 3, 0, 1, 10465729, 1},
        {{66.562222222, 0, 66.562222222, -180, 66.562222222, -360}, 3, 0, 1, 10465729, 1},
        {{89, -360, 89, -240, 89, -120, 89, 0, 89, 120, 89, 240}, 6, 32415230256.0, 1, 1160741, 1},
        {{45, 60, 45, 180, 45, -60}, 3, 39433884866571.4277, 0.5, 0, 0}, /* geodesics: one circuit
                                                                          */
        {{2, 1, 1, 2, 3, 3}, 3, 18454562325.45119, 0.5, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vector v = {.n = cases[i].n};
        for (uint32_t j = 0; j < 2 * v.n; j++)
            v.latlon[j] = cases[i].latlon[j];
        struct lonlat ring[POINTS_MAX + 1];
        uint32_t n = ring_of(&v, 0, 1, ring);
        double expected = cases[i].area_m2;
        CHECK_NEAR(area_ring_geodesic_m2(ring, n), expected, cases[i].tolerance);
        CHECK_NEAR(area_ring_m2(ring, n), expected, cases[i].tolerance);
        /* Edges of many degrees: a great circle is not a geodesic, but nearly. */
        CHECK_NEAR(area_ring_authalic_m2(ring, n), expected, fabs(expected) * 2e-3 + 1);
        if (cases[i].perimeter_m > 0) {
            struct boundary b = {ring, (uint32_t[]){n}, (uint32_t[]){1}, n, 1, 1};
            CHECK_NEAR(perimeter_boundary_m(&b), cases[i].perimeter_m,
                       cases[i].perimeter_tolerance);
        }
        ring_of(&v, 1, -1, ring);
        CHECK_NEAR(area_ring_geodesic_m2(ring, n), -expected, cases[i].tolerance);
    }
}

/* The vectors of GEO.md 1.5 that are no simple ring of geodesics, as rings. */
static void global_oddities(void **state)
{
    (void)state;
    /* A polyline {90 0; 0 0; 0 90}, 20020719 m: there and back encloses nothing. */
    struct lonlat there[] = {{0, 90}, {0, 0}, {90, 0}, {0, 0}, {0, 90}};
    struct boundary b = {there, (uint32_t[]){5}, (uint32_t[]){1}, 5, 1, 1};
    CHECK_NEAR(perimeter_boundary_m(&b), 2 * 20020719, 2);
    CHECK_NEAR(area_ring_m2(there, 5), 0, 1);
    /* n circuits of the parallel of 45 degrees: n times the area; the other way round, minus. */
    struct lonlat round[3 * 4 + 1];
    for (uint32_t n = 1; n <= 4; n++) {
        for (uint32_t i = 0; i <= 3 * n; i++)
            round[i] = (struct lonlat){(const double[]){60, 180, -60}[i % 3], 45};
        CHECK_NEAR(area_ring_geodesic_m2(round, 3 * n + 1), n * 39433884866571.4277, 0.5 * n);
    }
    /* What lies outside {2 1; 1 2; 3 3} is the rest of the ellipsoid. */
    struct lonlat three[] = {{1, 2}, {2, 1}, {3, 3}, {1, 2}};
    CHECK_NEAR(510065621724088.5093 - area_ring_m2(three, 4),
               510065621724088.5093 - 18454562325.45119, 0.5);
    /* From 0,0 on by azimuth 90, 0, -90 and 1000 m each: a square, not half the earth. */
    struct geod_geodesic g;
    geod_init(&g, 6378137, 1 / 298.257223563);
    struct lonlat square[5] = {{0, 0}};
    for (int i = 0; i < 3; i++)
        geod_direct(&g, square[i].lat, square[i].lon, 90 - 90 * i, 1000, &square[i + 1].lat,
                    &square[i + 1].lon, NULL);
    square[4] = square[0];
    CHECK_NEAR(area_ring_m2(square, 5), 1000000, 0.01);
    CHECK_NEAR(area_ring_geodesic_m2(square, 5), 1000000, 0.01);
}

/* Wyoming, 41 N .. 45 N, 104 03 W .. 111 03 W, along its parallels: P 2029616, A 2535883763xx. With
 * geodesics from corner to corner it is another land. */
static void wyoming_along_parallels(void **state)
{
    (void)state;
    enum { STEPS = 2000 };
    static struct lonlat ring[2 * STEPS + 3];
    const double west = -111.05, east = -104.05;
    uint32_t n = 0;
    for (int i = 0; i <= STEPS; i++)
        ring[n++] = (struct lonlat){west + (east - west) * i / STEPS, 41};
    for (int i = 0; i <= STEPS; i++)
        ring[n++] = (struct lonlat){east + (west - east) * i / STEPS, 45};
    ring[n++] = ring[0];
    struct boundary b = {ring, &n, (uint32_t[]){1}, n, 1, 1};
    CHECK_NEAR(perimeter_boundary_m(&b), 2029616, 1);
    CHECK_NEAR(area_ring_m2(ring, n), 253588376350, 200);
    CHECK_NEAR(area_equal_area_m2(&b), 253588376350, 200);
    struct lonlat corners[] = {{west, 41}, {east, 41}, {east, 45}, {west, 45}, {west, 41}};
    assert_true(fabs(area_ring_m2(corners, 5) - 253588376350) > 1e7);
}

static void nothing_and_nonsense(void **state)
{
    (void)state;
    struct lonlat ring[5] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    assert_true(area_ring_m2(ring, 0) == 0);
    assert_true(area_ring_m2(ring, 1) == 0);
    assert_true(area_ring_m2(ring, 2) == 0);
    assert_true(perimeter_boundary_m(&(struct boundary){0}) == 0);
    assert_true(area_boundary_m2(&(struct boundary){0}) == 0);
    double bad[] = {NAN, INFINITY, -INFINITY, 91, -90.5};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ring[2].lat = bad[i];
        assert_true(isnan(area_ring_authalic_m2(ring, 5)));
        assert_true(isnan(area_ring_geodesic_m2(ring, 5)));
        assert_true(isnan(area_ring_m2(ring, 5)));
    }
    ring[2].lat = 1;
    ring[2].lon = NAN;
    assert_true(isnan(area_ring_m2(ring, 5)));
    assert_int_equal(area_to_mm2(NAN), 0);
    assert_int_equal(area_to_mm2(-5), 0);
    assert_int_equal(area_to_mm2(INFINITY), 0);
    assert_int_equal(area_to_mm2(0.0000015), 2);
    assert_int_equal(area_to_mm2(1.25), 1250000);
}

static void whole_ellipsoid(void **state)
{
    (void)state;
    /* Eight octants; each edge of the octant is a geodesic and a great circle at once. */
    double sum = 0, cylinder = 0;
    for (int i = 0; i < 4; i++) {
        double west = -180 + 90 * i;
        for (int south = 0; south < 2; south++) {
            struct lonlat ring[5] = {{west, 0},
                                     {west + 90, 0},
                                     {west + 90, south ? -90 : 90},
                                     {west, south ? -90 : 90},
                                     {west, 0}};
            struct boundary b = {ring, (uint32_t[]){5}, (uint32_t[]){1}, 5, 1, 1};
            sum += fabs(area_ring_authalic_m2(ring, 5));
            cylinder += area_equal_area_m2(&b);
        }
    }
    CHECK_NEAR(sum, 510065621724088.5093, 1);
    CHECK_NEAR(cylinder, 510065621724088.5093, 1);
}

/* Round a pole, with the cap's area from the latitude alone. */
static void polar_caps(void **state)
{
    (void)state;
    for (int south = 0; south < 2; south++) {
        struct lonlat ring[361];
        for (int i = 0; i <= 360; i++)
            ring[i] = (struct lonlat){i % 360 - 180.0, south ? -80 : 80};
        double sine = sin(80 * M_PI / 180), e = sqrt((2 - 1 / 298.257223563) / 298.257223563);
        double q = (1 - e * e) * (sine / (1 - e * e * sine * sine) + atanh(e * sine) / e);
        double pole = 1 + (1 - e * e) * atanh(e) / e;
        double cap = M_PI * 6378137.0 * 6378137.0 * (pole - q);
        double sign = south ? -1 : 1; /* eastward is clockwise seen from above the south pole */
        struct boundary b = {ring, (uint32_t[]){361}, (uint32_t[]){1}, 361, 1, 1};
        CHECK_RELATIVE(area_equal_area_m2(&b), cap, 1e-10);
        CHECK_RELATIVE(area_ring_authalic_m2(ring, 361), sign * cap, 2e-4);
        CHECK_RELATIVE(area_ring_geodesic_m2(ring, 361), sign * cap, 2e-4);
        CHECK_RELATIVE(area_ring_authalic_m2(ring, 361), area_ring_geodesic_m2(ring, 361), 2e-8);
    }
}

/* Short steps in a narrow band of latitude, but round the pole: not a plot. */
static void dense_parallel(void **state)
{
    (void)state;
    enum { N = 3600 };
    static struct lonlat ring[N + 1];
    for (int i = 0; i <= N; i++)
        ring[i] = (struct lonlat){i % N * 0.1 - 180, 60};
    CHECK_RELATIVE(area_ring_authalic_m2(ring, N + 1), area_ring_geodesic_m2(ring, N + 1), 1e-9);
    CHECK_RELATIVE(area_ring_m2(ring, N + 1), area_ring_geodesic_m2(ring, N + 1), 0);
    assert_true(area_ring_m2(ring, N + 1) > 3e13);
}

/* The switch to geodesics must not be a step. */
static void methods_meet(void **state)
{
    (void)state;
    for (double side = 0.0089; side < 0.0101; side += 0.0001) {
        struct lonlat ring[5] = {
            {-92, 16}, {-92 + side, 16}, {-92 + side, 16 + side}, {-92, 16 + side}, {-92, 16}};
        CHECK_RELATIVE(area_ring_authalic_m2(ring, 5), area_ring_geodesic_m2(ring, 5), 2e-8);
        CHECK_RELATIVE(area_ring_m2(ring, 5), area_ring_geodesic_m2(ring, 5), 5e-10);
    }
}

static int setup(void **state)
{
    (void)state;
    area_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plot_vectors),
        cmocka_unit_test(method_vectors),
        cmocka_unit_test(hole_of_any_direction),
        cmocka_unit_test(start_and_direction_leave_no_trace),
        cmocka_unit_test(global_rings),
        cmocka_unit_test(global_oddities),
        cmocka_unit_test(wyoming_along_parallels),
        cmocka_unit_test(nothing_and_nonsense),
        cmocka_unit_test(whole_ellipsoid),
        cmocka_unit_test(polar_caps),
        cmocka_unit_test(dense_parallel),
        cmocka_unit_test(methods_meet),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
