/* Errors of the pieces into which layers cut a boundary; see uncertainty.h.
 *
 * A piece's area changes with the boundary's edges that border it, while the lines that cut it
 * stay. Moving the ends of an edge by d0 and d1 sweeps, over the portion [t0, t1] of the edge that
 * borders the piece, the area of n . (d0 (1 - t) + d1 t) dt, n being the edge's outward normal of
 * its own length. Summed over edges this is the piece's gradient at every vertex; quadratic forms
 * of the gradients with the correlation of the noise are the covariances. */
#include "geo/uncertainty.h"

#include <math.h>
#include <string.h>

#include "geo/slope.h"

static const double on_edge_m = 1e-4; /* cuts leave points on the edge but for rounding */

struct vector {
    double x, y;
};

struct noisy_ring {
    uint32_t n;                       /* vertices, the first not repeated */
    struct vector *p;                 /* metres, n + 1 */
    double turn;                      /* 1: the plot lies to the left of its edges */
    double *start, *back, *rho, norm; /* of the correlation along the ring */
    struct vector *gradient;          /* of piece k at k * n */
};

static double decay(double d, double length)
{
    return length > 0 ? exp(-d / length) : 0;
}

static double edge_m(struct vector a, struct vector b)
{
    double x = b.x - a.x, y = b.y - a.y;
    return sqrt(x * x + y * y);
}

static bool ring_open(struct noisy_ring *r, const struct boundary *b, uint32_t ring, bool hole,
                      double east, double north, double length, size_t pieces, struct arena *a)
{
    uint32_t first = boundary_ring_start(b, ring);
    r->n = b->ring_end[ring] - first - 1;
    r->p = arena_array(a, r->n + 1, sizeof *r->p);
    r->start = arena_array(a, r->n, sizeof *r->start);
    r->back = arena_array(a, r->n, sizeof *r->back);
    r->rho = arena_array(a, r->n, sizeof *r->rho);
    r->gradient = arena_array(a, pieces * r->n, sizeof *r->gradient);
    if (!r->p || !r->start || !r->back || !r->rho || !r->gradient)
        return false;
    struct lonlat origin = b->points[0];
    for (uint32_t i = 0; i <= r->n; i++)
        r->p[i] = (struct vector){(b->points[first + i].lon - origin.lon) * east,
                                  (b->points[first + i].lat - origin.lat) * north};
    r->turn = (ring_signed_deg2(b->points + first, r->n + 1) > 0) != hole ? 1 : -1;
    double perimeter = 0, at = 0;
    for (uint32_t i = 0; i < r->n; i++)
        perimeter += edge_m(r->p[i], r->p[i + 1]);
    r->norm = 1 / (1 + decay(perimeter, length));
    for (uint32_t i = 0; i < r->n; i++) {
        double edge = edge_m(r->p[i], r->p[i + 1]);
        r->start[i] = decay(at, length);
        r->back[i] = decay(perimeter - at, length);
        r->rho[i] = decay(edge, length);
        at += edge;
    }
    return true;
}

/* The portion of edge a-b that the segment q0-q1 covers; false when it does not lie on the edge. */
static bool portion(struct vector a, struct vector b, struct vector q0, struct vector q1,
                    double *t0, double *t1)
{
    double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
    struct vector mid = {(q0.x + q1.x) / 2 - a.x, (q0.y + q1.y) / 2 - a.y};
    if (length2 == 0)
        return false;
    double t = (mid.x * dx + mid.y * dy) / length2,
           off = fabs(mid.x * dy - mid.y * dx) / sqrt(length2);
    if (off > on_edge_m || t <= 0 || t >= 1)
        return false;
    double u0 = ((q0.x - a.x) * dx + (q0.y - a.y) * dy) / length2,
           u1 = ((q1.x - a.x) * dx + (q1.y - a.y) * dy) / length2;
    double off0 = fabs((q0.x - a.x) * dy - (q0.y - a.y) * dx) / sqrt(length2);
    if (off0 > on_edge_m)
        return false;
    *t0 = fmin(fmax(fmin(u0, u1), 0), 1);
    *t1 = fmin(fmax(fmax(u0, u1), 0), 1);
    return true;
}

/* Adds what the segment q0-q1 of piece k's outline has in common with the ring. */
static void add_segment(struct noisy_ring *r, size_t k, struct vector q0, struct vector q1,
                        struct uncertainty_pull *pull)
{
    double west = fmin(q0.x, q1.x), east = fmax(q0.x, q1.x), south = fmin(q0.y, q1.y),
           north = fmax(q0.y, q1.y);
    struct vector *g = r->gradient + k * r->n;
    for (uint32_t i = 0; i < r->n; i++) {
        struct vector a = r->p[i], b = r->p[i + 1];
        double t0, t1;
        if (fmax(a.x, b.x) < west - on_edge_m || fmin(a.x, b.x) > east + on_edge_m ||
            fmax(a.y, b.y) < south - on_edge_m || fmin(a.y, b.y) > north + on_edge_m ||
            !portion(a, b, q0, q1, &t0, &t1))
            continue;
        struct vector normal = {r->turn * (b.y - a.y), -r->turn * (b.x - a.x)};
        double second = (t1 * t1 - t0 * t0) / 2, first = t1 - t0 - second;
        uint32_t j = i + 1 < r->n ? i + 1 : 0;
        g[i].x += first * normal.x;
        g[i].y += first * normal.y;
        g[j].x += second * normal.x;
        g[j].y += second * normal.y;
        pull->east_m += (t1 - t0) * normal.x;
        pull->north_m += (t1 - t0) * normal.y;
        return;
    }
}

static void add_piece(struct noisy_ring *r, size_t k, const struct boundary *piece,
                      struct lonlat origin, double east, double north,
                      struct uncertainty_pull *pull)
{
    for (uint32_t ring = 0; ring < piece->rings_n; ring++)
        for (uint32_t i = boundary_ring_start(piece, ring); i + 1 < piece->ring_end[ring]; i++) {
            struct vector q0 = {(piece->points[i].lon - origin.lon) * east,
                                (piece->points[i].lat - origin.lat) * north},
                          q1 = {(piece->points[i + 1].lon - origin.lon) * east,
                                (piece->points[i + 1].lat - origin.lat) * north};
            add_segment(r, k, q0, q1, pull);
        }
}

/* sum rho_ij (f_i . g_j) over the ring, both ways round. */
static double form(const struct noisy_ring *r, const struct vector *f, const struct vector *g)
{
    struct vector hf = {0, 0}, hg = {0, 0}, kf = {0, 0}, kg = {0, 0};
    double sum = 0;
    for (uint32_t j = 0; j < r->n; j++) {
        if (j) {
            double rho = r->rho[j - 1];
            hf = (struct vector){rho * (hf.x + f[j - 1].x), rho * (hf.y + f[j - 1].y)};
            hg = (struct vector){rho * (hg.x + g[j - 1].x), rho * (hg.y + g[j - 1].y)};
        }
        double back = r->back[j];
        sum += f[j].x * g[j].x + f[j].y * g[j].y;
        sum += r->norm * (g[j].x * (hf.x + back * kf.x) + g[j].y * (hf.y + back * kf.y));
        sum += r->norm * (f[j].x * (hg.x + back * kg.x) + f[j].y * (hg.y + back * kg.y));
        kf.x += r->start[j] * f[j].x;
        kf.y += r->start[j] * f[j].y;
        kg.x += r->start[j] * g[j].x;
        kg.y += r->start[j] * g[j].y;
    }
    return sum;
}

static void add_covariances(const struct noisy_ring *r, size_t n, double sigma2, double *covariance)
{
    for (size_t p = 0; p < n; p++)
        for (size_t q = p; q < n; q++) {
            double c = sigma2 * form(r, r->gradient + p * r->n, r->gradient + q * r->n);
            covariance[p * n + q] += c;
            if (q != p)
                covariance[q * n + p] += c;
        }
}

enum status uncertainty_of_pieces(const struct boundary *whole,
                                  const struct uncertainty_model *model, double se_m2,
                                  const struct boundary *const *pieces, size_t n, struct arena *a,
                                  struct uncertainty_pull *pulls, double *covariance,
                                  struct error *e)
{
    double east, north, total = 0;
    struct box box = boundary_box(whole);
    ground_m_per_degree((box.south + box.north) / 2, &east, &north);
    memset(pulls, 0, n * sizeof *pulls);
    memset(covariance, 0, n * n * sizeof *covariance);
    for (uint32_t part = 0; part < whole->parts_n; part++)
        for (uint32_t ring = boundary_part_start(whole, part); ring < whole->part_end[part];
             ring++) {
            struct noisy_ring r;
            bool hole = ring != boundary_part_start(whole, part);
            if (!ring_open(&r, whole, ring, hole, east, north, model->correlation_m, n, a))
                return error_memory(e);
            for (size_t k = 0; k < n; k++)
                add_piece(&r, k, pieces[k], whole->points[0], east, north, &pulls[k]);
            add_covariances(&r, n, model->sigma_m * model->sigma_m, covariance);
        }
    for (size_t i = 0; i < n * n; i++)
        total += covariance[i];
    for (size_t i = 0; i < n * n && total > 0; i++)
        covariance[i] *= se_m2 * se_m2 / total;
    return STATUS_OK;
}
