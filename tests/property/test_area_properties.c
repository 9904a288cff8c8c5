/* Promises of the area over thousands of random plots: the stored digit does not depend on where a
 * ring starts, which way it runs or how parts are ordered; hectares are right to 1e-8 for 0.01-10
 * ha; parts add up.
 *
 * The reference: every edge is divided along its geodesic (points from PROJ, good to some
 * nanometres), and the refined ring is summed on the authalic sphere in 80-bit long double with the
 * plain formulas, whole strips to the equator. With edges 1/16 as long the great circles are 256
 * times closer to the geodesics, so what is left is far below 1e-9. */
#include "tests/check.h"

#include <geodesic.h>
#include <string.h>

#include "geo/area.h"
#include "tests/property/random.h"

enum { VERTICES_MAX = 64, DIVISIONS = 16, PLOTS = 4000 };

static struct geod_geodesic wgs84;

/* A star-shaped ring about a place in Mexico (or anywhere), counter-clockwise, of about so many m2.
 */
static uint32_t random_ring(struct lonlat *out, struct lonlat centre, double area_m2)
{
    uint32_t n = 3 + random_below(VERTICES_MAX - 4);
    double radius_m = sqrt(area_m2 / 2.5), east = 111320 * cos(centre.lat * M_PI / 180),
           north = 110600;
    for (uint32_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * (i + random_between(0, 0.9)) / n,
               r = radius_m * random_between(0.5, 1.4);
        out[i] = (struct lonlat){centre.lon + r * cos(angle) / east,
                                 centre.lat + r * sin(angle) / north};
    }
    out[n] = out[0];
    return n + 1;
}

static long double reference_edge(long double lon1, long double t1, long double lon2,
                                  long double t2)
{
    long double half = tanl((lon2 - lon1) * M_PIl / 360);
    return 2 * atanl(half * (t1 + t2) / (1 + t1 * t2));
}

static long double reference_t(long double lat)
{
    const long double f = 1 / 298.257223563L, e2 = f * (2 - f), e = sqrtl(e2);
    long double s = sinl(lat * M_PIl / 180);
    long double q = (1 - e2) * (s / (1 - e2 * s * s) + atanhl(e * s) / e),
                pole = 1 + (1 - e2) * atanhl(e) / e;
    return tanl(asinl(q / pole) / 2);
}

static long double reference_area_m2(const struct lonlat *ring, uint32_t n)
{
    const long double f = 1 / 298.257223563L, e2 = f * (2 - f), e = sqrtl(e2);
    const long double r2 = 6378137.0L * 6378137.0L * (1 + (1 - e2) * atanhl(e) / e) / 2;
    long double sum = 0;
    for (uint32_t i = 1; i < n; i++) {
        struct lonlat u = ring[i - 1], v = ring[i];
        struct geod_geodesicline line;
        geod_inverseline(&line, &wgs84, u.lat, u.lon, v.lat, v.lon, 0);
        long double lon = u.lon, t = reference_t(u.lat);
        for (int k = 1; k <= DIVISIONS; k++) {
            double lat = v.lat, next_lon = v.lon;
            if (k < DIVISIONS)
                geod_position(&line, line.s13 * k / DIVISIONS, &lat, &next_lon, NULL);
            long double next = reference_t(lat);
            sum += reference_edge(lon, t, next_lon, next);
            lon = next_lon;
            t = next;
        }
    }
    return -r2 * sum;
}

static void right_to_1e_8(void **state)
{
    (void)state;
    static const double sizes_ha[] = {0.01, 0.03, 0.1, 0.3, 1, 3, 10};
    double worst_all = 0;
    for (size_t s = 0; s < sizeof sizes_ha / sizeof *sizes_ha; s++) {
        double worst = 0;
        for (int i = 0; i < 300; i++) {
            struct lonlat ring[VERTICES_MAX],
                centre = {random_between(-99, -90), random_between(14, 21)};
            uint32_t n = random_ring(ring, centre, sizes_ha[s] * 1e4);
            double reference = (double)reference_area_m2(ring, n);
            worst = fmax(worst, fabs(area_ring_m2(ring, n) - reference) / reference);
        }
        print_message("%6.2f ha: largest relative difference %.2g\n", sizes_ha[s], worst);
        worst_all = fmax(worst_all, worst);
    }
    CHECK_NEAR(worst_all, 0, 1e-8);
}

/* The authalic sum's own rounding: against the same great circles in long double, at any latitude.
 */
static void rounding_is_small(void **state)
{
    (void)state;
    double worst = 0;
    for (int i = 0; i < PLOTS; i++) {
        struct lonlat ring[VERTICES_MAX],
            centre = {random_between(-179, 179), random_between(-88, 88)};
        double size = pow(10, random_between(2, 6));
        uint32_t n = random_ring(ring, centre, size);
        long double sum = 0;
        for (uint32_t k = 1; k < n; k++)
            sum += reference_edge(ring[k - 1].lon, reference_t(ring[k - 1].lat), ring[k].lon,
                                  reference_t(ring[k].lat));
        const long double r2 = 40589732499314.759978L;
        double reference = (double)(-r2 * sum);
        double allowed =
            1e-11 + 2e-8 / size; /* the reference itself cancels: 1e-19 of a strip of 1e11 m2 */
        worst = fmax(worst, fabs(area_ring_authalic_m2(ring, n) - reference) / reference / allowed);
    }
    CHECK_NEAR(worst, 0, 1);
}

static void ring_turn(const struct lonlat *ring, uint32_t n, uint32_t start, bool reverse,
                      struct lonlat *out)
{
    uint32_t distinct = n - 1;
    for (uint32_t i = 0; i < n; i++)
        out[i] = ring[(start + (reverse ? distinct - i % distinct : i)) % distinct];
}

/* Exterior with two holes and a second part; every ring turned and reversed at random, parts
 * swapped: same mm2, same mm. */
static void stored_digit_is_steady(void **state)
{
    (void)state;
    for (int i = 0; i < PLOTS; i++) {
        struct lonlat rings[4][VERTICES_MAX];
        uint32_t n[4];
        struct lonlat c = {random_between(-180, 180), random_between(-85, 85)};
        double size = pow(10, random_between(2, 7.5));
        n[0] = random_ring(rings[0], c, size);
        n[1] = random_ring(rings[1], c, size / 50);
        n[2] = random_ring(rings[2], (struct lonlat){c.lon + 1e-5, c.lat}, size / 80);
        n[3] = random_ring(rings[3], (struct lonlat){c.lon, c.lat + 0.1}, size);
        int64_t mm2 = 0, mm = 0;
        for (int variant = 0; variant < 4; variant++) {
            struct lonlat points[4 * VERTICES_MAX];
            uint32_t ring_end[4], total = 0;
            bool swapped = variant == 3;
            for (int k = 0; k < 4; k++) {
                int ring = swapped ? (k + 3) % 4 : k; /* second part first */
                uint32_t start = variant ? random_below(n[ring] - 1) : 0;
                ring_turn(rings[ring], n[ring], start, variant && random_below(2), points + total);
                total += n[ring];
                ring_end[k] = total;
            }
            uint32_t part_end[2] = {swapped ? 1 : 3, 4};
            struct boundary b = {points, ring_end, part_end, total, 4, 2};
            int64_t now = area_to_mm2(area_boundary_m2(&b)),
                    now_mm = llround(perimeter_boundary_m(&b) * 1000);
            if (!variant) {
                mm2 = now;
                mm = now_mm;
                assert_true(now > 0);
            }
            assert_true(now == mm2);
            assert_true(now_mm == mm);
        }
    }
}

/* Cut along a common line the pieces' cylinder areas add to the whole's, and the line between may
 * have any vertices. */
static void cylinder_adds_up(void **state)
{
    (void)state;
    for (int i = 0; i < PLOTS; i++) {
        double lon = random_between(-99, -90), lat = random_between(14, 21),
               w = random_between(1e-4, 0.5);
        double cut = lon + w * random_between(0.1, 0.9);
        struct lonlat whole[] = {
            {lon, lat}, {lon + w, lat}, {lon + w, lat + w}, {lon, lat + w}, {lon, lat}};
        struct lonlat west[] = {{lon, lat}, {cut, lat}, {cut, lat + w}, {lon, lat + w}, {lon, lat}};
        struct lonlat east[] = {
            {cut, lat}, {lon + w, lat}, {lon + w, lat + w}, {cut, lat + w}, {cut, lat}};
        struct boundary b[3];
        uint32_t five = 5, one = 1;
        for (int k = 0; k < 3; k++)
            b[k] = (struct boundary){k == 0 ? whole : k == 1 ? west : east, &five, &one, 5, 1, 1};
        double sum = area_equal_area_m2(&b[1]) + area_equal_area_m2(&b[2]);
        CHECK_RELATIVE(sum, area_equal_area_m2(&b[0]), 1e-12);
    }
}

static void parts_add_up(void **state)
{
    (void)state;
    for (int i = 0; i < 10 * PLOTS; i++) {
        double weights[40];
        int64_t out[40], total = (int64_t)(random_bits() >> (1 + random_below(60))), sum = 0;
        size_t n = 1 + random_below(40);
        double weight = 0;
        for (size_t k = 0; k < n; k++) {
            weights[k] = random_below(4) ? pow(10, random_between(-12, 8)) : 0;
            weight += weights[k];
        }
        area_apportion(total, weights, n, out);
        for (size_t k = 0; k < n; k++) {
            assert_true(out[k] >= 0);
            sum += out[k];
            if (weight > 0) {
                /* No part is more than one unit from its exact share (weights hold 52 bits). */
                double share = (double)total * (weights[k] / weight);
                assert_true(fabs((double)out[k] - share) <= 1 + 1e-13 * (double)total);
            }
            if (weight > 0 && weights[k] == 0)
                assert_true(out[k] == 0);
        }
        assert_true(sum == total);
    }
}

static void perimeter_follows_geodesics(void **state)
{
    (void)state;
    for (int i = 0; i < PLOTS; i++) {
        struct lonlat ring[VERTICES_MAX],
            centre = {random_between(-179, 179), random_between(-88, 88)};
        uint32_t n = random_ring(ring, centre, pow(10, random_between(2, 8)));
        double length = 0, edge;
        for (uint32_t k = 1; k < n; k++) {
            geod_inverse(&wgs84, ring[k - 1].lat, ring[k - 1].lon, ring[k].lat, ring[k].lon, &edge,
                         NULL, NULL);
            length += edge;
        }
        struct boundary b = {ring, &n, (uint32_t[]){1}, n, 1, 1};
        CHECK_NEAR(perimeter_boundary_m(&b), length, 1e-9 * length + 5e-7);
    }
}

static int setup(void **state)
{
    (void)state;
    area_init();
    geod_init(&wgs84, 6378137.0, 1 / 298.257223563);
    random_seed(20240607);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_to_1e_8),          cmocka_unit_test(rounding_is_small),
        cmocka_unit_test(stored_digit_is_steady), cmocka_unit_test(cylinder_adds_up),
        cmocka_unit_test(parts_add_up),           cmocka_unit_test(perimeter_follows_geodesics),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
