/* Boundaries of plots: neighbouring fields in a mosaic, and the same boundary as a GPS walk brings
 * it home. */
#include "maker.h"

#include <math.h>
#include <string.h>

#include <geodesic.h>

static const double A = 6378137.0, F = 1 / 298.257223563;

struct position offset_position(struct position origin, double east_m, double north_m)
{
    double phi = origin.y * M_PI / 180, e2 = F * (2 - F), w2 = 1 - e2 * sin(phi) * sin(phi);
    double n = A / sqrt(w2), m = A * (1 - e2) / (w2 * sqrt(w2));
    return (struct position){origin.x + east_m / (n * cos(phi)) * 180 / M_PI,
                             origin.y + north_m / m * 180 / M_PI};
}

double field_hectares(const struct field *f)
{
    struct geod_geodesic g;
    double lats[FIELD_VERTICES_MAX], lons[FIELD_VERTICES_MAX], area = 0;
    geod_init(&g, A, F);
    for (int i = 0; i < f->n; i++) {
        lats[i] = f->ring[i].y;
        lons[i] = f->ring[i].x;
    }
    geod_polygonarea(&g, lats, lons, f->n, &area, NULL);
    return fabs(area) / 1e4;
}

struct position field_centre(const struct field *f)
{
    struct position c = {0, 0};
    for (int i = 0; i < f->n; i++) {
        c.x += f->ring[i].x / f->n;
        c.y += f->ring[i].y / f->n;
    }
    return c;
}

void field_scale(struct field *f, double factor)
{
    struct position c = field_centre(f);
    for (int i = 0; i < f->n; i++) {
        f->ring[i].x = c.x + (f->ring[i].x - c.x) * factor;
        f->ring[i].y = c.y + (f->ring[i].y - c.y) * factor;
    }
}

void field_round(struct field *f, double step)
{
    for (int i = 0; i < f->n; i++) {
        f->ring[i].x = round(f->ring[i].x / step) * step;
        f->ring[i].y = round(f->ring[i].y / step) * step;
    }
}

/* A side from a to b with a few bends; b itself is left to the next side. */
static int side_add(struct rng *r, struct position a, struct position b, struct position *out)
{
    int n = 0, bends = 1 + rng_below(r, 4);
    double dx = b.x - a.x, dy = b.y - a.y;
    out[n++] = a;
    for (int k = 1; k <= bends; k++) {
        double t = (k + rng_between(r, -0.25, 0.25)) / (bends + 1);
        double bend =
            rng_between(r, -0.013, 0.013); /* of the side: less than the gap between fields */
        out[n++] = (struct position){a.x + dx * t - dy * bend, a.y + dy * t + dx * bend};
    }
    return n;
}

enum { LANES = 24 };

double mosaic_make(struct rng *r, struct position centre, double side_m, int n, struct field *out)
{
    static struct position node[LANES + 1][LANES + 1];
    double x[LANES + 1] = {0}, y[LANES + 1] = {0};
    for (int i = 1; i <= LANES; i++) {
        x[i] = x[i - 1] + side_m * rng_between(r, 0.6, 1.5);
        y[i] = y[i - 1] + side_m * rng_between(r, 0.6, 1.5);
    }
    double turn = rng_between(r, 0, M_PI), c = cos(turn), s = sin(turn), middle_x = x[LANES / 2],
           middle_y = y[LANES / 2];
    for (int i = 0; i <= LANES; i++)
        for (int j = 0; j <= LANES; j++) {
            double e = x[i] - middle_x + side_m * rng_between(r, -0.13, 0.13);
            double d = y[j] - middle_y + side_m * rng_between(r, -0.13, 0.13);
            node[i][j] = (struct position){e * c - d * s, e * s + d * c};
        }
    /* cells from the middle outwards, some left to forest and houses */
    int made = 0;
    double radius = 0;
    for (int shell = 1; shell <= LANES / 2 && made < n; shell++)
        for (int i = LANES / 2 - shell; i < LANES / 2 + shell && made < n; i++)
            for (int j = LANES / 2 - shell; j < LANES / 2 + shell && made < n; j++) {
                bool rim = i == LANES / 2 - shell || i == LANES / 2 + shell - 1 ||
                           j == LANES / 2 - shell || j == LANES / 2 + shell - 1;
                if (!rim || rng_unit(r) < 0.3)
                    continue;
                struct position corner[4] = {node[i][j], node[i + 1][j], node[i + 1][j + 1],
                                             node[i][j + 1]};
                struct field *f = &out[made++];
                f->n = 0;
                for (int k = 0; k < 4; k++)
                    f->n += side_add(r, corner[k], corner[(k + 1) % 4], f->ring + f->n);
                field_scale(f, 0.90);
                for (int k = 0; k < f->n; k++) {
                    radius = fmax(radius, hypot(f->ring[k].x, f->ring[k].y));
                    f->ring[k] = offset_position(centre, f->ring[k].x, f->ring[k].y);
                }
            }
    if (made < n)
        give_up("a mosaic has no room for %d fields", n);
    return radius;
}

void field_walk(struct rng *r, const struct field *f, double step_m, double sigma_m,
                struct field *out)
{
    struct position origin = field_centre(f), unit = offset_position(origin, 1, 1);
    double ux = unit.x - origin.x, uy = unit.y - origin.y; /* degrees per metre here */
    double rho = 0.93, kick = sigma_m * sqrt(1 - rho * rho), ex = sigma_m * rng_normal(r),
           ey = sigma_m * rng_normal(r);
    out->n = 0;
    for (int i = 0; i < f->n; i++) {
        struct position a = f->ring[i], b = f->ring[(i + 1) % f->n];
        double length = hypot((b.x - a.x) / ux, (b.y - a.y) / uy);
        int steps = (int)fmax(1, round(length / step_m));
        /* the last side ends a few metres before the start: nobody stops exactly where they began
         */
        int last = i == f->n - 1 && steps > 1 ? steps - 1 : steps;
        for (int k = 0; k < last && out->n < FIELD_VERTICES_MAX; k++) {
            double t = (double)k / steps;
            ex = rho * ex + kick * rng_normal(r);
            ey = rho * ey + kick * rng_normal(r);
            out->ring[out->n++] =
                (struct position){a.x + (b.x - a.x) * t + ex * ux, a.y + (b.y - a.y) * t + ey * uy};
        }
    }
}
