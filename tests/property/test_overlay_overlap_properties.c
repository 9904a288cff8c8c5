/* Overlap faces against GEOS' union, and the box index against looking at every box. */
#include "tests/check.h"

#include "geo/area.h"
#include "geo/overlay/convert.h"
#include "tests/geo_fixture.h"
#include "tests/shapes.h"

enum { SET = 12, SETS = 25, BOXES = 5000 };

struct set {
    struct boundary b[SET];
    struct overlap_plot plots[SET];
    GEOSGeometry *geos[SET];
};

/* Star-shaped plots thrown on a patch a few times their size; some copied, some without overlap.
 * Ids neither dense nor in order. */
static void make_set(struct fixture *f, struct set *s, double size, struct shape_random *random)
{
    for (int k = 0; k < SET; k++) {
        uint32_t n = 4 + (uint32_t)(30 * random_unit(random));
        struct lonlat c = {-92.5 + 3 * size * random_unit(random),
                           16.5 + 3 * size * random_unit(random)};
        struct boundary *b = &s->b[k];
        if (k > 0 && random_unit(random) < 0.1) {
            assert_true(boundary_copy(b, &s->b[k - 1], &f->a));
        } else {
            assert_true(boundary_alloc(b, &f->a, n + 1, 1, 1));
            for (uint32_t i = 0; i < n; i++) {
                double t = 2 * M_PI * i / n, r = size * (0.3 + 0.7 * random_unit(random));
                b->points[i] = (struct lonlat){c.lon + r * cos(t), c.lat + r * sin(t)};
            }
            b->points[n] = b->points[0];
            b->ring_end[0] = n + 1;
            b->part_end[0] = 1;
        }
        s->plots[k] = (struct overlap_plot){(k * 7 % SET + 1) * 1000LL, b};
        s->geos[k] = geos_from_boundary(f->g, b);
    }
}

static void clear_set(struct fixture *f, struct set *s)
{
    for (int k = 0; k < SET; k++)
        GEOSGeom_destroy_r(f->g->geos, s->geos[k]);
}

struct sums {
    double faces_deg2, faces_m2; /* area x (members - 1) */
    double pairs[SET][SET];      /* deg2 of faces with both members */
    size_t faces_n, most_members;
};

static int place_of(const struct set *s, int64_t id)
{
    for (int k = 0; k < SET; k++)
        if (s->plots[k].id == id)
            return k;
    fail();
    return -1;
}

static void add_face(const struct set *s, const struct overlap_face *face, int64_t lowest,
                     struct sums *sums)
{
    double deg2 = boundary_deg2(&face->geometry);
    assert_true(face->members_n >= 2 && face->members[0] == lowest);
    sums->faces_n++;
    sums->most_members =
        face->members_n > sums->most_members ? face->members_n : sums->most_members;
    sums->faces_deg2 += deg2 * (double)(face->members_n - 1);
    sums->faces_m2 += face->area_m2 * (double)(face->members_n - 1);
    for (size_t i = 0; i < face->members_n; i++)
        for (size_t j = 0; j < i; j++) {
            assert_true(face->members[j] < face->members[i]);
            int a = place_of(s, face->members[i]), b = place_of(s, face->members[j]);
            sums->pairs[a][b] += deg2;
            sums->pairs[b][a] += deg2;
        }
}

static struct sums all_faces(struct fixture *f, const struct set *s)
{
    struct sums sums = {0};
    for (int k = 0; k < SET; k++) {
        struct overlap_plot neighbours[SET];
        struct overlap_faces faces;
        struct error e;
        size_t n = 0;
        for (int j = 0; j < SET; j++)
            if (j != k)
                neighbours[n++] = s->plots[j];
        CHECK_OK(overlap_faces_of(f->g, s->plots[k], neighbours, n, &f->a, &faces, &e), e);
        for (size_t i = 0; i < faces.faces_n; i++)
            add_face(s, &faces.faces[i], s->plots[k].id, &sums);
    }
    return sums;
}

/* Area of the union: planar, and on the ellipsoid. */
static void union_areas(struct fixture *f, const struct set *s, double *deg2, double *m2)
{
    GEOSGeometry *clones[SET];
    struct boundary b;
    struct error e;
    for (int k = 0; k < SET; k++)
        clones[k] = GEOSGeom_clone_r(f->g->geos, s->geos[k]);
    GEOSGeometry *all =
        GEOSGeom_createCollection_r(f->g->geos, GEOS_GEOMETRYCOLLECTION, clones, SET);
    GEOSGeometry *joined = GEOSUnaryUnion_r(f->g->geos, all);
    assert_non_null(joined);
    *deg2 = geos_area_deg2(f->g, joined);
    CHECK_OK(geos_to_boundary(f->g, joined, &f->a, &b, &e), e);
    *m2 = area_boundary_m2(&b);
    GEOSGeom_destroy_r(f->g->geos, all);
    GEOSGeom_destroy_r(f->g->geos, joined);
}

static void faces_give_the_union(void **state)
{
    struct fixture *f = *state;
    struct shape_random random = {11};
    size_t faces_n = 0, most = 0;
    for (int round = 0; round < SETS; round++) {
        struct set s;
        double deg2, m2, sum_deg2 = 0, sum_m2 = 0;
        /* 10 km wide, so that slivers under 1e-4 m2 stay below the tolerance; every fifth 100 m. */
        bool small = round % 5 == 4;
        make_set(f, &s, small ? 1e-3 : 0.1, &random);
        struct sums sums = all_faces(f, &s);
        union_areas(f, &s, &deg2, &m2);
        for (int k = 0; k < SET; k++) {
            sum_deg2 += boundary_deg2(&s.b[k]);
            sum_m2 += area_boundary_m2(&s.b[k]);
        }
        CHECK_RELATIVE(sum_deg2 - sums.faces_deg2, deg2, small ? 1e-10 : 1e-12);
        /* On the ellipsoid an edge with a vertex more is another line: tan(lat) x length / 12 of
         * the area, 1e-4 at 10 km. */
        CHECK_RELATIVE(sum_m2 - sums.faces_m2, m2, small ? 1e-6 : 1e-4);
        for (int i = 0; i < SET; i++)
            for (int j = 0; j < i; j++) {
                GEOSGeometry *common = GEOSIntersection_r(f->g->geos, s.geos[i], s.geos[j]);
                CHECK_NEAR(sums.pairs[i][j], geos_area_deg2(f->g, common), 1e-9 * deg2);
                GEOSGeom_destroy_r(f->g->geos, common);
            }
        faces_n += sums.faces_n;
        most = sums.most_members > most ? sums.most_members : most;
        clear_set(f, &s);
    }
    assert_true(faces_n > SETS * SET && most >= 5);
}

static void pair_areas_agree(void **state)
{
    struct fixture *f = *state;
    struct shape_random random = {12};
    for (int round = 0; round < SETS; round++) {
        struct set s;
        make_set(f, &s, 1e-3, &random);
        for (int i = 1; i < SET; i++) {
            struct boundary b;
            struct error e;
            double m2;
            GEOSGeometry *common = GEOSIntersection_r(f->g->geos, s.geos[i - 1], s.geos[i]);
            CHECK_OK(geos_to_boundary(f->g, common, &f->a, &b, &e), e);
            CHECK_OK(overlap_pair_m2(f->g, &s.b[i - 1], &s.b[i], &m2, &e), e);
            CHECK_NEAR(m2, area_boundary_m2(&b), 1e-6);
            GEOSGeom_destroy_r(f->g->geos, common);
        }
        clear_set(f, &s);
    }
}

/* ---- copies of a plot, each a few metres away ---- */

enum { PILE_MAX = 30 };

struct pile {
    int n;
    struct boundary b[PILE_MAX];
    struct overlap_plot plots[PILE_MAX];
    struct overlap_faces faces[PILE_MAX];
    size_t faces_n, coarse_n;
};

/* `shift`: how far a copy lies from the first, in degrees; 0 = all the same. */
static void make_pile(struct fixture *f, struct pile *p, int n, double shift, uint64_t seed)
{
    struct shape_random random = {seed};
    double radius[20];
    *p = (struct pile){.n = n};
    for (int i = 0; i < 20; i++)
        radius[i] = 6e-4 * (0.8 + 0.4 * random_unit(&random));
    for (int k = 0; k < n; k++) {
        double way = 2 * M_PI * random_unit(&random);
        assert_true(boundary_alloc(&p->b[k], &f->a, 21, 1, 1));
        for (int i = 0; i < 20; i++)
            p->b[k].points[i] =
                (struct lonlat){-92.5 + shift * cos(way) + radius[i] * cos(2 * M_PI * i / 20),
                                16.5 + shift * sin(way) + radius[i] * sin(2 * M_PI * i / 20)};
        p->b[k].points[20] = p->b[k].points[0];
        p->b[k].ring_end[0] = 21;
        p->b[k].part_end[0] = 1;
        p->plots[k] = (struct overlap_plot){k, &p->b[k]};
    }
    for (int k = 0; k < n; k++) {
        struct overlap_plot others[PILE_MAX];
        struct error e;
        size_t others_n = 0;
        for (int j = 0; j < n; j++)
            if (j != k)
                others[others_n++] = p->plots[j];
        CHECK_OK(overlap_faces_of(f->g, p->plots[k], others, others_n, &f->a, &p->faces[k], &e), e);
        p->faces_n += p->faces[k].faces_n;
        p->coarse_n += p->faces[k].coarse_n;
    }
}

/* Distinct deg2 of the plots in `chosen` (bits), by the formula of overlay.h. */
static double pile_distinct(const struct pile *p, uint32_t chosen)
{
    double deg2 = 0;
    for (int k = 0; k < p->n; k++) {
        if (chosen >> k & 1)
            deg2 += boundary_deg2(&p->b[k]);
        for (size_t i = 0; i < p->faces[k].faces_n; i++) {
            const struct overlap_face *face = &p->faces[k].faces[i];
            int members = 0;
            for (size_t m = 0; m < face->members_n; m++)
                members += (int)(chosen >> face->members[m] & 1);
            if (members > 1)
                deg2 -= (members - 1) * boundary_deg2(&face->geometry);
        }
    }
    return deg2;
}

static double pile_union(struct fixture *f, const struct pile *p, uint32_t chosen)
{
    GEOSGeometry *clones[PILE_MAX];
    unsigned n = 0;
    for (int k = 0; k < p->n; k++)
        if (chosen >> k & 1)
            clones[n++] = geos_from_boundary(f->g, &p->b[k]);
    GEOSGeometry *all = GEOSGeom_createCollection_r(f->g->geos, GEOS_GEOMETRYCOLLECTION, clones, n);
    GEOSGeometry *joined = GEOSUnaryUnion_r(f->g->geos, all);
    double deg2 = geos_area_deg2(f->g, joined);
    GEOSGeom_destroy_r(f->g->geos, all);
    GEOSGeom_destroy_r(f->g->geos, joined);
    return deg2;
}

/* Slivers under 1e-4 m2 are no faces: thousands of them are 1e-5 of a hectare at most. */
#define PILE_TOLERANCE 1e-5

static void few_copies_are_exact(void **state)
{
    struct pile p;
    struct shape_random random = {31};
    make_pile(*state, &p, 6, 1e-4, 30);
    assert_int_equal(p.coarse_n, 0);
    for (int round = 0; round < 20; round++) {
        uint32_t chosen = 1 + (uint32_t)(62 * random_unit(&random));
        CHECK_RELATIVE(pile_distinct(&p, chosen), pile_union(*state, &p, chosen), PILE_TOLERANCE);
    }
}

static void same_copies_are_exact(void **state)
{
    struct pile p;
    make_pile(*state, &p, PILE_MAX, 0, 32);
    assert_int_equal(p.coarse_n, 0);
    assert_int_equal(p.faces_n, 1);
    CHECK_RELATIVE(pile_distinct(&p, 0x3000), pile_union(*state, &p, 0x3000), 1e-9);
}

static void many_copies_are_bounded(void **state)
{
    struct pile p;
    struct shape_random random = {33};
    uint32_t everything = (UINT32_C(1) << PILE_MAX) - 1;
    make_pile(*state, &p, PILE_MAX, 1e-4, 34);
    assert_true(p.coarse_n > 0);
    /* the arrangement has 30 x 29 + 1 of them, most with ten members and more */
    assert_true(p.faces_n <= (size_t)PILE_MAX * (PILE_MAX - 1) + 10 * 64);
    CHECK_RELATIVE(pile_distinct(&p, everything), pile_union(*state, &p, everything),
                   PILE_TOLERANCE);
    bool less = false;
    for (int round = 0; round < 20; round++) {
        uint32_t chosen = 1 + (uint32_t)((everything - 1) * random_unit(&random));
        double truth = pile_union(*state, &p, chosen), said = pile_distinct(&p, chosen), sum = 0;
        for (int k = 0; k < p.n; k++)
            sum += chosen >> k & 1 ? boundary_deg2(&p.b[k]) : 0;
        assert_true(said >= truth * (1 - PILE_TOLERANCE) && said <= sum);
        less = less || said < sum * 0.9;
    }
    assert_true(less);
}

/* A pile in one corner of a large plot makes only that corner coarse. */
static void crowds_are_apart(void **state)
{
    struct fixture *f = *state;
    struct pile p;
    struct boundary large, alone;
    struct overlap_plot others[PILE_MAX + 1];
    struct overlap_faces faces;
    struct error e;
    make_pile(f, &p, 20, 1e-4, 35);
    large = shape_in(&f->a, (struct shape_frame){{-92.5, 16.5}, 1e-4},
                     "-20 -20, 200 -20, 200 200, -20 200");
    alone = shape_in(&f->a, (struct shape_frame){{-92.5, 16.5}, 1e-4},
                     "100 100, 110 100, 110 110, 100 110");
    for (int k = 0; k < 20; k++)
        others[k] = (struct overlap_plot){k + 1, &p.b[k]};
    others[20] = (struct overlap_plot){21, &alone};
    CHECK_OK(
        overlap_faces_of(f->g, (struct overlap_plot){0, &large}, others, 21, &f->a, &faces, &e), e);
    assert_int_equal(faces.faces_n, 21);
    assert_int_equal(faces.coarse_n, 20);
    for (size_t i = 0; i < faces.faces_n; i++) {
        assert_int_equal(faces.faces[i].members_n, 2);
        assert_int_equal(faces.faces[i].coarse, faces.faces[i].members[1] != 21);
    }
}

struct found {
    bool seen[BOXES];
    size_t n;
};

static bool note(uint32_t place, void *arg)
{
    struct found *found = arg;
    assert_true(place < BOXES && !found->seen[place]);
    found->seen[place] = true;
    found->n++;
    return true;
}

static void box_index_equals_looking(void **state)
{
    (void)state;
    static struct box boxes[BOXES];
    static struct small_box small[BOXES];
    static struct found found;
    struct shape_random random = {13};
    for (int i = 0; i < BOXES; i++) {
        /* On a grid of round numbers, so that many touch and some are the same. */
        double x = floor(100 * random_unit(&random)), y = floor(60 * random_unit(&random));
        double w = floor(4 * random_unit(&random) * random_unit(&random)),
               h = floor(3 * random_unit(&random));
        boxes[i] = (struct box){x, y, x + w, y + h};
        small[i] = small_box_of(&boxes[i]);
    }
    struct box_index *index = box_index_build(small, BOXES);
    assert_non_null(index);
    for (int q = 0; q < 500; q++) {
        double x = floor(110 * random_unit(&random)) - 5, y = floor(70 * random_unit(&random)) - 5;
        struct box box = {x, y, x + floor(10 * random_unit(&random)),
                          y + floor(10 * random_unit(&random))};
        size_t expected = 0;
        struct small_box around = small_box_of(&box);
        found = (struct found){0};
        box_index_query(index, &around, note, &found);
        for (int i = 0; i < BOXES; i++) {
            bool meets = boxes[i].west <= box.east && boxes[i].east >= box.west &&
                         boxes[i].south <= box.north && boxes[i].north >= box.south;
            assert_int_equal(found.seen[i], meets);
            expected += meets;
        }
        assert_int_equal(found.n, expected);
    }
    found = (struct found){0};
    for (size_t i = 0; i < BOXES; i++) /* asserts that each comes once */
        note(box_index_place(index, i), &found);
    box_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faces_give_the_union),     cmocka_unit_test(pair_areas_agree),
        cmocka_unit_test(few_copies_are_exact),     cmocka_unit_test(same_copies_are_exact),
        cmocka_unit_test(many_copies_are_bounded),  cmocka_unit_test(crowds_are_apart),
        cmocka_unit_test(box_index_equals_looking),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
