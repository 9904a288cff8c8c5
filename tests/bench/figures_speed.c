/* How long the pure computations take, one thread: nanoseconds a vertex for hectares, perimeter and standard error, microseconds a plot for
 * corridors of 100,000 vertices each; processor time. Prints; asserts nothing.
 *
 *   bench_figures_speed [PLOTS] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "geo/area.h"
#include "geo/overlay/overlay.h"
#include "geo/uncertainty.h"

enum { CORNERS = 32, CORRIDOR_CORNERS = 100000, CORRIDORS = 4, ROUNDS = 5 };

static uint64_t state = 42;

static double random_unit(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) * 0x1p-53;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct boundary ring_round(struct arena *a, struct lonlat centre, double radius_deg, uint32_t n, double rough)
{
    struct boundary b;
    if (!boundary_alloc(&b, a, n + 1, 1, 1))
        exit(1);
    double waves = floor(3 + 5 * random_unit()), turn = 6.28 * random_unit();
    for (uint32_t i = 0; i < n; i++) {
        double t = 2 * M_PI * i / n, r = radius_deg * (1 + rough * sin(waves * t + turn) + 0.0001 * random_unit());
        b.points[i] = (struct lonlat){centre.lon + r * cos(t), centre.lat + r * sin(t)};
    }
    b.points[n] = b.points[0];
    b.ring_end[0] = n + 1;
    b.part_end[0] = 1;
    return b;
}

/* The best of some rounds of `work` over all plots, in ns for each vertex. */
static void time_vertices(const char *what, double (*work)(const struct boundary *), const struct boundary *plots, size_t n)
{
    double best = INFINITY, sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_s();
        for (size_t i = 0; i < n; i++)
            sum += work(&plots[i]);
        best = fmin(best, now_s() - start);
    }
    printf("%-44s %8.1f ns a vertex   (sum %.6g)\n", what, best / (double)n / CORNERS * 1e9, sum / ROUNDS);
}

static double geodesic(const struct boundary *b)
{
    return fabs(area_ring_geodesic_m2(b->points, b->points_n));
}

static double error_of(const struct boundary *b)
{
    static struct uncertainty_model model;
    if (model.sigma_m <= 0)
        model = uncertainty_of_survey("walked");
    struct uncertainty u = uncertainty_of_boundary(b, &model);
    return uncertainty_se_measured_m2(&u);
}

static void time_corridors(const struct boundary *plots, size_t n)
{
    struct geo_context *g = geo_context_new();
    struct layer_feature features[CORRIDORS];
    struct layer_index *index = NULL;
    struct arena a, row;
    struct error e = {0};
    arena_init(&a, 0);
    arena_init(&row, 0);
    for (uint32_t i = 0; i < CORRIDORS; i++)
        features[i] = (struct layer_feature){i + 1, ring_round(&a, (struct lonlat){-93.2 + 0.4 * i, 16.5}, 0.3, CORRIDOR_CORNERS, 0.1)};
    double start = now_s();
    if (layer_index_build(g, features, CORRIDORS, &index, &e) != STATUS_OK) {
        fprintf(stderr, "%s\n", e.message);
        exit(1);
    }
    double built = now_s() - start, best = INFINITY;
    size_t cut = 0, inside = 0;
    struct partition_layers layers = {.corridors = index, .corridor_accuracy_m = 125};
    for (int round = 0; round < ROUNDS; round++) {
        cut = inside = 0;
        start = now_s();
        for (size_t i = 0; i < n; i++) {
            struct partition p;
            arena_reset(&row);
            if (partition_plot(g, &plots[i], &layers, &row, &p, &e) != STATUS_OK) {
                fprintf(stderr, "%s\n", e.message);
                exit(1);
            }
            cut += p.pieces_n > 1;
            inside += p.pieces_n == 1 && p.pieces[0].corridors_n > 0;
        }
        best = fmin(best, now_s() - start);
    }
    printf("%-44s %8.2f us a plot     (%zu plots, %zu cut, %zu inside; index %.2f s once)\n", "4 corridors of 100,000 vertices, exact shares", best / (double)n * 1e6, n,
           cut, inside, built);
    layer_index_free(index);
    geo_context_free(g);
    arena_clear(&row);
    arena_clear(&a);
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
    struct arena a;
    struct boundary *plots = calloc(n ? n : 1, sizeof *plots);
    if (!plots || !n)
        return 1;
    area_init();
    arena_init(&a, 0);
    for (size_t i = 0; i < n; i++)
        plots[i] = ring_round(&a, (struct lonlat){-93.6 + 2 * random_unit(), 16.1 + 0.8 * random_unit()}, 0.0003 + 0.0006 * random_unit(), CORNERS, 0.15);
    time_vertices("hectares", area_boundary_m2, plots, n);
    time_vertices("hectares, PROJ's geodesic polygon", geodesic, plots, n);
    time_vertices("perimeter", perimeter_boundary_m, plots, n);
    time_vertices("standard error", error_of, plots, n);
    time_corridors(plots, n);
    free(plots);
    arena_clear(&a);
    return 0;
}
