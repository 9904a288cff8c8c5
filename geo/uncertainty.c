/* Variance of a ring's area in O(n); see uncertainty.h.
 *
 * Linear part. For a chain with rho_ij = product of the neighbours' rho between them, the pairs i <
 * j are summed by carrying h_j = rho_(j-1) (h_(j-1) + sigma g_(j-1)). On the closed ring rho(d) =
 * (e^(-d/L) + e^(-(P-d)/L)) / (1 + e^(-P/L)), the stationary exponential process wrapped round
 * perimeter P: a second sum carries the way round the other side.
 *
 * Product part Q = sum (u_i v_i+1 - u_i+1 v_i) / 2. With v_i+1 = rho v_i + sqrt(1 - rho^2) eta (in
 * units of sigma) each term is sigma_i sigma_i+1 sqrt(1 - rho_i^2) (u_i eta_i - v_i xi_i), whose
 * eta, xi are new: terms along the chain are uncorrelated, each has variance 2 sigma^2 sigma^2 (1 -
 * rho_i^2), and only the closing edge is correlated with the rest (through R_i = rho_(0,i)
 * rho_(i+1,last)). For rho = 0 it is n sigma^4 / 2, for equal spacing n sigma^4 (1 - rho^2) / 2. */
#include "geo/uncertainty.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/slope.h"

extern const unsigned char survey_accuracy_csv[];

double sigma_of_radius68_m(double radius_m)
{
    return radius_m / 1.515;
}

double sigma_of_radius50_m(double radius_m)
{
    return radius_m / 1.1774;
}

double sigma_of_radius95_m(double radius_m)
{
    return radius_m / 2.4477;
}

double sigma_of_hdop_m(double hdop)
{
    return hdop * UNCERTAINTY_RANGING_M / sqrt(2.0);
}

/* The row of `survey` in the shipped table: name, three numbers, a text to the end of the line. */
static bool survey_row(const char *survey, struct uncertainty_model *out)
{
    size_t n = strlen(survey);
    for (const char *line = (const char *)survey_accuracy_csv; line && *line;
         line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, survey, n) != 0 || line[n] != ',')
            continue;
        char *end;
        out->sigma_m = strtod(line + n + 1, &end);
        out->correlation_s = *end == ',' ? strtod(end + 1, &end) : 0;
        out->correlation_m = *end == ',' ? strtod(end + 1, &end) : 0;
        return *end == ',' && out->sigma_m > 0;
    }
    return false;
}

struct uncertainty_model uncertainty_of_survey(const char *survey)
{
    struct uncertainty_model m = {.sigma_m = 3, .correlation_m = 30};
    if (!survey || !*survey || !survey_row(survey, &m))
        survey_row("imported", &m);
    return m;
}

/* ---- one ring ---- */

struct ring {
    const struct lonlat *p;
    uint32_t m; /* different vertices */
    const double *sigma, *time;
    const struct uncertainty_model *model;
    double east_m, north_m; /* metres per degree */
};

static double sigma_at(const struct ring *r, uint32_t i)
{
    return r->sigma && r->sigma[i] > 0 && isfinite(r->sigma[i]) ? r->sigma[i] : r->model->sigma_m;
}

static double edge_m(const struct ring *r, uint32_t i)
{
    double x = (r->p[i + 1].lon - r->p[i].lon) * r->east_m,
           y = (r->p[i + 1].lat - r->p[i].lat) * r->north_m;
    return sqrt(x * x + y * y); /* metres: nothing that hypot() guards against */
}

/* sigma_i g_i, the change of the area in units of the vertex' noise. */
static void gradient(const struct ring *r, uint32_t i, double out[2])
{
    const struct lonlat *next = &r->p[i + 1], *last = i ? &r->p[i - 1] : &r->p[r->m - 1];
    double half = sigma_at(r, i) / 2;
    out[0] = half * (next->lat - last->lat) * r->north_m;
    out[1] = half * (last->lon - next->lon) * r->east_m;
}

static bool timed(const struct ring *r)
{
    if (!r->time)
        return false;
    for (uint32_t i = 0; i < r->m; i++)
        if (!isfinite(r->time[i]) || (i && r->time[i] < r->time[i - 1]))
            return false;
    return true;
}

static double decay(double d, double length)
{
    return length > 0 ? exp(-d / length) : 0;
}

/* Variances on the chain of times. */
static void add_chain(const struct ring *r, struct uncertainty *sum)
{
    uint32_t last = r->m - 1;
    double tau = r->model->correlation_s, h[2] = {0, 0}, before[2] = {0, 0};
    double from_first = 1; /* rho_(0,i) */
    double first_sigma = sigma_at(r, 0), last_sigma = sigma_at(r, last),
           ends = decay(r->time[last] - r->time[0], tau);
    for (uint32_t j = 0; j <= last; j++) {
        double g[2], rho = j ? decay(r->time[j] - r->time[j - 1], tau) : 0;
        gradient(r, j, g);
        h[0] = rho * (h[0] + before[0]);
        h[1] = rho * (h[1] + before[1]);
        sum->linear_m4 += g[0] * (g[0] + 2 * h[0]) + g[1] * (g[1] + 2 * h[1]);
        if (j) {
            double pair = sigma_at(r, j - 1) * sigma_at(r, j),
                   round = from_first * decay(r->time[last] - r->time[j], tau);
            sum->product_m4 +=
                (1 - rho * rho) * pair * (pair / 2 - round * first_sigma * last_sigma);
            from_first *= rho;
        }
        memcpy(before, g, sizeof before);
    }
    double pair = first_sigma * last_sigma;
    sum->product_m4 += pair * pair * (1 - ends * ends) / 2;
}

/* Below this the correlation all round a ring is too small to be divided by. */
static const double round_least = 1e-200;

/* Variances on the closed ring of distances. One exponential a vertex: the others are products and
 * quotients of it, right to 1e-16 for each vertex passed. */
static void add_round(const struct ring *r, struct uncertainty *sum)
{
    double length = r->model->correlation_m, perimeter = 0, at = 0;
    for (uint32_t i = 0; i < r->m; i++)
        perimeter += edge_m(r, i);
    double q = decay(perimeter, length), norm = 1 / (1 + q), start = length > 0;
    double h[2] = {0, 0}, before[2] = {0, 0}, k[2] = {0, 0}, rho = 0, sigma = sigma_at(r, 0);
    for (uint32_t j = 0; j < r->m; j++) {
        double g[2], edge = edge_m(r, j);
        gradient(r, j, g);
        h[0] = rho * (h[0] + before[0]);
        h[1] = rho * (h[1] + before[1]);
        /* from here on to the end of the ring, and from its start on */
        double back = q > round_least ? q / start : decay(perimeter - at, length);
        sum->linear_m4 += g[0] * (g[0] + 2 * norm * (h[0] + back * k[0])) +
                          g[1] * (g[1] + 2 * norm * (h[1] + back * k[1]));
        double next = sigma_at(r, j + 1 < r->m ? j + 1 : 0), pair = sigma * next;
        k[0] += start * g[0];
        k[1] += start * g[1];
        rho = decay(edge, length);
        double round = q > round_least ? q / rho : decay(perimeter - edge, length);
        double wrapped = (rho + round) * norm;
        sum->product_m4 += pair * pair * (1 - wrapped * wrapped) / 2;
        at += edge;
        start *= rho;
        sigma = next;
        memcpy(before, g, sizeof before);
    }
}

void uncertainty_add_ring(struct uncertainty *sum, const struct lonlat *points, uint32_t n,
                          const double *sigma_m, const double *time_s,
                          const struct uncertainty_model *model)
{
    if (n < 4)
        return;
    struct ring r = {.p = points, .m = n - 1, .sigma = sigma_m, .time = time_s, .model = model};
    double south = INFINITY, north = -INFINITY;
    for (uint32_t i = 0; i < r.m; i++) {
        south = points[i].lat < south ? points[i].lat : south;
        north = points[i].lat > north ? points[i].lat : north;
    }
    ground_m_per_degree((south + north) / 2, &r.east_m, &r.north_m);
    if (timed(&r))
        add_chain(&r, sum);
    else
        add_round(&r, sum);
}

struct uncertainty uncertainty_of_boundary(const struct boundary *b,
                                           const struct uncertainty_model *model)
{
    struct uncertainty u = {0, 0};
    for (uint32_t ring = 0; ring < b->rings_n; ring++) {
        uint32_t start = boundary_ring_start(b, ring);
        uncertainty_add_ring(&u, b->points + start, b->ring_end[ring] - start, NULL, NULL, model);
    }
    return u;
}

double uncertainty_se_true_m2(const struct uncertainty *u)
{
    return sqrt(fmax(u->linear_m4 + u->product_m4, 0));
}

double uncertainty_se_measured_m2(const struct uncertainty *u)
{
    return sqrt(fmax(fmax(u->linear_m4 - u->product_m4, u->product_m4), 0));
}

struct uncertainty_interval uncertainty_interval95(double value, double se)
{
    return (struct uncertainty_interval){fmax(value - UNCERTAINTY_Z95 * se, 0),
                                         value + UNCERTAINTY_Z95 * se};
}

/* ---- totals ---- */

void uncertainty_total_add(struct uncertainty_total *t, double area_m2, double share, double se_m2,
                           double shared)
{
    t->area_m2 += share * area_m2;
    t->independent_m4 += share * share * se_m2 * se_m2;
    t->shared_m2 += share * area_m2 * shared;
}

double uncertainty_total_se_m2(const struct uncertainty_total *t)
{
    return sqrt(t->independent_m4 + t->shared_m2 * t->shared_m2);
}
