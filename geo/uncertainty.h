/* How sure an area is: standard error and 95 % interval from the accuracy of the vertices.
 *
 * Model: each vertex has Gaussian noise of sigma_i metres per axis, the axes are independent, and
 * two vertices have correlation rho_ij that decays exponentially along the walk. Then, exactly
 * (GEO.md 2.1; Bogaert, Delince & Kay 2005): Var(A) = sum_ij rho_ij sigma_i sigma_j (g_i . g_j)  +
 * Var(Q),    g_i = (y_i+1 - y_i-1, x_i-1 - x_i+1) / 2 where Q is the area of the noise polygon
 * itself; without correlation Var(Q) is n sigma^4 / 2. For exponential correlation both sums are
 * O(n), about 20 ns a vertex (uncertainty.c has the derivation).
 *
 * With times the correlation is exp(-dt/tau) along the walk from its first to its last point: the
 * two ends are as strange to each other as their times say. Without times it is by metres along the
 * ring, on the closed ring, so that the result does not depend on where the ring begins or which
 * way it runs. Pure functions, no allocation, thread-safe. */
#ifndef GEO_UNCERTAINTY_H
#define GEO_UNCERTAINTY_H

#include "geo/boundary.h"

#define UNCERTAINTY_METHOD                                                                         \
    "standard error from vertex accuracy, exponentially correlated along the boundary"
#define UNCERTAINTY_Z95 1.959963984540054

/* ---- what a receiver or a survey says, as sigma per axis in m ---- */

/* 68 % radius (what phones and ODK call accuracy), 50 % radius (CEP), 95 % radius: Rayleigh
 * quantiles 1.515, 1.1774, 2.4477. */
double sigma_of_radius68_m(double radius_m);
double sigma_of_radius50_m(double radius_m);
double sigma_of_radius95_m(double radius_m);
/* HDOP^2 = (sigma_east^2 + sigma_north^2) / ranging error^2; civil single frequency ranging error
 * UNCERTAINTY_RANGING_M. */
#define UNCERTAINTY_RANGING_M 4.0
double sigma_of_hdop_m(double hdop);

struct uncertainty_model {
    double sigma_m;       /* of vertices whose own is not known */
    double correlation_s; /* tau; 0 = vertices are independent (used where times are given) */
    double correlation_m; /* the same in metres along the ring; 0 = independent (used where they are
                             not) */
};
/* The default of a survey method ("walked", "digitised", "cadastral", "imported") from
 * geo/data/survey_accuracy.csv; of "imported" when the method is not in it. */
struct uncertainty_model uncertainty_of_survey(const char *survey);

/* ---- one area ---- */

/* Two parts of a variance in m4, summed over rings. */
struct uncertainty {
    double linear_m4;  /* sum rho sigma sigma (g . g) at the vertices given */
    double product_m4; /* Var(Q) */
};
/* Adds the ring (closed, n points; fewer than 4 add nothing). sigma_m, time_s: n - 1 entries each,
 * or NULL; a sigma that is not positive is the model's, and times are used only when all are finite
 * and none runs backwards. Errors of the closed-ring form: product_m4 leaves out terms of relative
 * size exp(-perimeter / correlation_m), 5e-5 for 1 ha and 40 m. */
void uncertainty_add_ring(struct uncertainty *sum, const struct lonlat *points, uint32_t n,
                          const double *sigma_m, const double *time_s,
                          const struct uncertainty_model *model);
/* All rings of a boundary, holes too; the rings are taken as independent of each other. */
struct uncertainty uncertainty_of_boundary(const struct boundary *b,
                                           const struct uncertainty_model *model);
/* The standard error in m2 when the vertices given are the true ones (planning a survey). */
double uncertainty_se_true_m2(const struct uncertainty *u);
/* The same when they are measured: noise lengthens the diagonals, so that the linear part at
 * measured vertices is too large by 2 Var(Q) on average; this takes it off (never below Var(Q)). It
 * is the one for real boundaries. */
double uncertainty_se_measured_m2(const struct uncertainty *u);

struct uncertainty_interval {
    double low, high; /* same unit as the value */
};
/* value +- 1.96 se, low not under 0. */
struct uncertainty_interval uncertainty_interval95(double value, double se);

/* ---- pieces of a boundary that layers cut ---- */

enum { UNCERTAINTY_PIECES_MAX = 16 };

/* How the area of one piece changes when the boundary moves and the lines that cut it stay: in m2
 * for each metre that the whole boundary moves east and north. Over all pieces these add up to
 * nothing. */
struct uncertainty_pull {
    double east_m, north_m;
};
/* For pieces that together are the whole (at most UNCERTAINTY_PIECES_MAX): covariance[n * n] in m4,
 * from the noise of the boundary's own vertices, and the pulls. To first order exact: every vertex
 * of the boundary moves the pieces that its edges border. The covariances are scaled so that they add up to
 * se_m2^2, the whole's own variance. Cost is the boundary's vertices times the pieces'. Memory from
 * `a`. */
enum status uncertainty_of_pieces(const struct boundary *whole,
                                  const struct uncertainty_model *model, double se_m2,
                                  const struct boundary *const *pieces, size_t n, struct arena *a,
                                  struct uncertainty_pull *pulls, double *covariance,
                                  struct error *e) MUST_USE;

/* ---- totals ---- */

/* Plots err independently of each other (their variances add up); what they share (one datum, one
 * scale) errs together (adds up linearly). Kept apart, because no number of plots makes the shared
 * part smaller. */
struct uncertainty_total {
    double area_m2, independent_m4, shared_m2;
};
/* share of a plot (0..1) whose whole area has standard error se_m2 and shared relative standard
 * error `shared` (0 = none). */
void uncertainty_total_add(struct uncertainty_total *t, double area_m2, double share, double se_m2,
                           double shared);
double uncertainty_total_se_m2(const struct uncertainty_total *t); /* both parts together */

#endif
