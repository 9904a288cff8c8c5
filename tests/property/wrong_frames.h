/* A clean set of plots and the ways to spoil it, for the test of wrong reference systems. */
#ifndef TESTS_PROPERTY_WRONG_FRAMES_H
#define TESTS_PROPERTY_WRONG_FRAMES_H

#include "geo/crs/evidence.h"
#include "tests/shapes.h"

enum { FRAME_VERTICES_MAX = 48 };

/* One true plot and what another walk of it gave; both closed. */
struct true_plot {
    char key[8];
    struct lonlat points[FRAME_VERTICES_MAX], second[FRAME_VERTICES_MAX];
    uint32_t n;
    struct boundary second_boundary; /* points into `second` */
    uint32_t ring_end, part_end;
};

/* A town: where a plot may lie, and its key. */
struct town {
    char key[8];
    struct lonlat middle;
    double reach_deg; /* the plot's middle lies within this of the middle */
};

/* A plot of 0.05 to 5 ha in the town; the second walk has errors of sigma_m per axis, correlated
 * along the walk. */
void true_plot_make(struct shape_random *r, const struct town *town, double sigma_m,
                    struct true_plot *out);
/* Normal, mean 0, sd 1. */
double random_normal(struct shape_random *r);

/* The file as it was spoiled: vertices and the system it says. */
struct spoiled {
    int epsg;
    struct lonlat raw[FRAME_VERTICES_MAX];
    size_t n;
    int right_epsg; /* what would be right; 0 = no code helps */
};

struct spoiling {
    const char *name;
    enum crs_fault fault;
    void (*spoil)(struct crs_set *set, const struct true_plot *plot, struct spoiled *out);
    bool key, second; /* what is known */
    double least;     /* share that must be recognised */
};
extern const struct spoiling SPOILINGS[];
extern const size_t SPOILINGS_N;

#endif
