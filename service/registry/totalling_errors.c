/* How sure totals are: the variance of each group, from plots that err by themselves, from pieces of plots that layers cut
 * (geo/uncertainty.h), and from what moves all plots of one datum alike. See totalling_work.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/crs/crs.h"
#include "service/registry/totalling_work.h"

/* Variances and pulls are summed as multiples of a power of two, exactly: the sums do not depend on
 * the order of plots. NaN stays NaN. */
static double in_steps(double v)
{
    return nearbyint(v * 1024) / 1024;
}

/* What a further part adds to the square of a plot's share. */
static double more_share2(const struct store_total_row *row, int64_t *counted_mm2)
{
    double whole = (double)row->plot_mm2, before = (double)*counted_mm2 / whole,
           more = (double)row->area_mm2 / whole;
    *counted_mm2 += row->area_mm2;
    return row->plot_mm2 > 0 ? (2 * before + more) * more : 0;
}

/* A whole plot whose share s is in the group (by slope class) adds s^2 times its variance; its
 * parts come one by one. */
void totalling_add_variance(struct total_group *g, const struct store_total_row *row)
{
    double variance = row->plot_se_m2 * row->plot_se_m2;
    g->figures.variance_m4 += in_steps(more_share2(row, &g->last_mm2) * variance);
    if (row->corridor_set)
        g->figures.corridor_variance_m4 +=
            in_steps(more_share2(row, &g->last_corridor_mm2) * variance);
}

/* The datum of the file, looked up once; NULL = it is known where it lies. */
static const struct datum *datum_of(struct scan *scan, int epsg)
{
    struct crs_shift shift;
    struct error ignored;
    if (epsg == CRS_WGS84)
        return NULL;
    for (int i = 0; i < scan->datums_n; i++)
        if (scan->datums[i].epsg == epsg)
            return scan->datums[i].sigma_m > 0 ? &scan->datums[i] : NULL;
    if (scan->datums_n == DATUMS_MAX)
        return NULL;
    struct datum *d = &scan->datums[scan->datums_n++];
    *d = (struct datum){.epsg = epsg};
    if (crs_shift_of(epsg, scan->middle, &shift, &ignored) == STATUS_OK) {
        d->datum = shift.datum;
        d->sigma_m = sigma_of_radius68_m(shift.accuracy_m);
    }
    return d->sigma_m > 0 ? d : NULL;
}

bool totalling_keep_part(struct totalling *t, uint32_t group, const struct store_total_row *row)
{
    if (t->cut_n == t->cut_capacity) {
        size_t capacity = t->cut_capacity ? t->cut_capacity * 2 : 32;
        struct cut_part *more = realloc(t->cut, capacity * sizeof *more);
        if (!more)
            return false;
        t->cut = more;
        t->cut_capacity = capacity;
    }
    t->cut[t->cut_n++] =
        (struct cut_part){group, row->piece, row->corridor_set != 0, row->area_mm2};
    return true;
}

/* The plot's part in a group: its share of each piece, and of the pieces inside corridors. */
struct taken {
    double share[UNCERTAINTY_PIECES_MAX];
};

static double taken_variance(const struct cut_plot *c, const struct taken *t)
{
    double sum = 0;
    for (int p = 0; p < c->pieces_n; p++)
        for (int q = 0; q < c->pieces_n; q++)
            sum += t->share[p] * t->share[q] * c->covariance[p][q];
    return in_steps(fmax(sum, 0));
}

static struct uncertainty_pull taken_pull(const struct cut_plot *c, const struct taken *t)
{
    struct uncertainty_pull sum = {0, 0};
    for (int p = 0; p < c->pieces_n; p++) {
        sum.east_m += t->share[p] * c->pull[p].east_m;
        sum.north_m += t->share[p] * c->pull[p].north_m;
    }
    return (struct uncertainty_pull){in_steps(sum.east_m), in_steps(sum.north_m)};
}

static const uint32_t GROUP_TOTAL = UINT32_MAX - 1; /* stands for t->total among the groups of pulls */

static bool add_pull(struct totalling *t, uint32_t group, int datum, struct uncertainty_pull all,
                     struct uncertainty_pull inside)
{
    bool ok;
    uint64_t key = (uint64_t)group << 32 | (uint32_t)datum,
             *there = key_set_add(&t->by_pull, key, t->pulls_n, &ok);
    if (!ok)
        return false;
    if (!there && t->pulls_n == t->pulls_capacity) {
        size_t capacity = t->pulls_capacity ? t->pulls_capacity * 2 : 16;
        struct shared_pull *more = realloc(t->pulls, capacity * sizeof *more);
        if (!more)
            return false;
        t->pulls = more;
        t->pulls_capacity = capacity;
    }
    struct shared_pull *p = &t->pulls[there ? *there : t->pulls_n];
    if (!there) {
        t->pulls_n++;
        *p = (struct shared_pull){.group = group, .datum = datum};
    }
    p->east_m += all.east_m;
    p->north_m += all.north_m;
    p->corridor_east_m += inside.east_m;
    p->corridor_north_m += inside.north_m;
    return true;
}

/* The errors of what one group took of the plot: parts[0..n) with `group`. */
static bool settle_group(struct totalling *t, const struct cut_plot *c, uint32_t group,
                         struct total_group *g)
{
    struct taken all = {{0}}, inside = {{0}};
    for (size_t i = 0; i < t->cut_n; i++) {
        const struct cut_part *p = &t->cut[i];
        if ((group != GROUP_TOTAL && p->group != group) || !c->mm2[p->piece])
            continue;
        double share = (double)p->mm2 / (double)c->mm2[p->piece];
        all.share[p->piece] += share;
        if (p->corridor)
            inside.share[p->piece] += share;
    }
    g->figures.variance_m4 += taken_variance(c, &all);
    g->figures.corridor_variance_m4 += taken_variance(c, &inside);
    return !c->datum ||
           add_pull(t, group, c->datum->datum, taken_pull(c, &all), taken_pull(c, &inside));
}

/* All parts of a cut plot have come. */
bool totalling_settle_cut(struct scan *scan)
{
    bool ok = true;
    for (int i = 0; scan->cut.pieces_n && i < scan->n; i++) {
        struct totalling *t = &scan->list[i];
        for (size_t k = 0; ok && k < t->cut_n; k++) {
            bool done = false;
            for (size_t before = 0; before < k; before++)
                done = done || t->cut[before].group == t->cut[k].group;
            if (!done)
                ok = settle_group(t, &scan->cut, t->cut[k].group, &t->groups[t->cut[k].group]);
        }
        if (i == 0) /* the total of all questions is one */
            ok = ok && settle_group(t, &scan->cut, GROUP_TOTAL, &t->total);
        t->cut_n = 0;
    }
    scan->cut.pieces_n = 0;
    return ok;
}

void totalling_begin_cut(struct scan *scan, const struct store_total_row *row)
{
    bool known = row->piece >= 0 && row->pieces_n <= UNCERTAINTY_PIECES_MAX;
    if (!known)
        return;
    memset(&scan->cut, 0, sizeof scan->cut);
    scan->cut.pieces_n = row->pieces_n;
    scan->cut.datum = datum_of(scan, row->source_epsg);
}

void totalling_note_piece(struct scan *scan, const struct store_total_row *row)
{
    struct cut_plot *c = &scan->cut;
    if (!c->pieces_n || row->piece < 0 || row->piece >= c->pieces_n)
        return;
    if (!c->mm2[row->piece]) {
        memcpy(c->covariance[row->piece], row->covariance,
               (size_t)c->pieces_n * sizeof *row->covariance);
        c->pull[row->piece] = (struct uncertainty_pull){row->east_m, row->north_m};
    }
    c->mm2[row->piece] += row->area_mm2;
}

/* The shared parts, once all plots have come: what is off together adds up before it is squared. */
void totalling_add_shared(const struct scan *scan, struct totalling *t)
{
    for (size_t i = 0; i < t->pulls_n; i++) {
        const struct shared_pull *p = &t->pulls[i];
        struct total_group *g = p->group == GROUP_TOTAL ? &t->total : &t->groups[p->group];
        double sigma = 0;
        for (int k = 0; k < scan->datums_n; k++)
            if (scan->datums[k].datum == p->datum)
                sigma = scan->datums[k].sigma_m;
        g->figures.variance_m4 +=
            in_steps(sigma * sigma * (p->east_m * p->east_m + p->north_m * p->north_m));
        g->figures.corridor_variance_m4 +=
            in_steps(sigma * sigma * (p->corridor_east_m * p->corridor_east_m +
                                      p->corridor_north_m * p->corridor_north_m));
    }
}
