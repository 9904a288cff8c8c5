/* Findings about the shape of a plot and the precision of its coordinates (shape.h): what concerns
 * one plot is told with it, what whole files have in common once per layer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "importers/import.h"
#include "importers/shape.h"

extern const unsigned char importers_crop_sizes_csv[];

enum {
    VERTICES_MANY = 5000
}; /* buyers' checks ask for a simpler boundary from here on (Agridence) */

static void count(struct import *im, struct tally_spot *t, struct lonlat place)
{
    if (t->n++ == 0) {
        t->row = im->row.row;
        t->place = place;
    }
}

/* ---- precision ---- */

/* What is coarser than five decimals is told of every plot. Five decimals (or whole metres) can be
 * chance where a rectangle has but four numbers, so they are told where more than a row in a
 * hundred has them. A point has only two numbers: most points must have them. */
void shape_note_precision(struct import *im, struct shape_precision p, struct lonlat place)
{
    struct tally *t = &im->tally;
    bool point = im->row.point;
    *(point ? &t->points : &t->polygons) += 1;
    if (p.steps == SHAPE_STEPS_FINE)
        return;
    struct coarse *c = point ? &t->coarse_points : p.ground_m < 2 ? &t->coarse_little : &t->coarse;
    if (!c->spot.n)
        c->precision = p;
    count(im, &c->spot, place);
}

static void report_coarse(struct import *im, const struct coarse *c)
{
    typedef unsigned long long ull;
    const struct shape_precision *p = &c->precision;
    ull n = (ull)c->spot.n, row = (ull)c->spot.row;
    char ground[16];
    snprintf(ground, sizeof ground, p->ground_m < 100 ? "%.1f" : "%.0f", p->ground_m);
    if (p->steps == SHAPE_STEPS_DECIMALS)
        import_spot_finding(im, FINDING_LOW_DECIMALS, c->spot.place,
                            "%llu rows have few decimals, the first is row %llu: %.0f decimals of "
                            "a degree, steps of %s m",
                            n, row, p->value, ground);
    else if (p->steps == SHAPE_STEPS_SECONDS)
        import_spot_finding(im, FINDING_LOW_DECIMALS, c->spot.place,
                            "%llu rows have few decimals, the first is row %llu: steps of %.1f "
                            "seconds of arc, %s m",
                            n, row, p->value, ground);
    else
        import_spot_finding(im, FINDING_LOW_DECIMALS, c->spot.place,
                            "%llu rows have few decimals, the first is row %llu: whole steps of "
                            "%.0f m",
                            n, row, p->value);
}

/* ---- size ---- */

/* Hectares from which a plot of this crop is looked at again; INFINITY = not known. */
static double crop_size_ha(const char *code)
{
    size_t n = strlen(code);
    const char *line = (const char *)importers_crop_sizes_csv;
    for (; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (*line != '#' && strncmp(line, code, n) == 0 && line[n] == ',')
            return strtod(line + n + 1, NULL);
    return INFINITY;
}

static void note_size(struct import *im)
{
    const struct candidate *c = &im->row;
    const struct boundary *b = &c->boundary;
    double limit_ha = 0;
    for (int i = 0; i < c->crops_n; i++)
        limit_ha = fmax(limit_ha, crop_size_ha(c->crops[i]));
    if (limit_ha <= 0 || isinf(limit_ha))
        return;
    double ha = area_boundary_m2(b) / 10000;
    if (ha > limit_ha)
        import_row_finding(im, FINDING_SIZE_FOR_CROP, b->points[0], NAN,
                           "it has %.2f ha; plots of %.60s over %.0f ha are looked at again", ha,
                           c->crops[0], limit_ha);
}

/* ---- one plot ---- */

#define SIZE_LEAST_DEG2 (2e5 / 1.25e10) /* no crop's limit is under 20 ha */

void shape_note(struct import *im, bool walked)
{
    const struct boundary *b = &im->row.boundary;
    struct shape s;
    if (!b->points_n || im->row.point)
        return;
    shape_look(b, &s);
    if (s.spike.n && !walked)
        import_row_finding(im, FINDING_SPIKE, s.spike.place, NAN,
                           "it runs out %.1f m and back and encloses %.1f m2; spikes in all: %u",
                           s.spike.length_m, s.spike.effect_m2, s.spike.n);
    if (s.thinness < SHAPE_SLIVER)
        import_row_finding(im, FINDING_SLIVER, b->points[0], NAN,
                           "it is about %.1f m wide; 4 pi area / perimeter^2 = %.3f", s.width_m,
                           s.thinness);
    if (b->points_n > VERTICES_MANY)
        import_row_finding(im, FINDING_MANY_VERTICES, b->points[0], NAN,
                           "the boundary has %u vertices", b->points_n);
    if (s.short_n && !walked)
        count(im, &im->tally.short_edges, s.short_place);
    if (b->rings_n > b->parts_n) {
        uint32_t hole = b->part_end[0] > 1 ? 1 : 0;
        for (uint32_t part = 0; !hole && part + 1 < b->parts_n; part++)
            if (b->part_end[part + 1] - b->part_end[part] > 1)
                hole = b->part_end[part] + 1;
        count(im, &im->tally.holes, b->points[boundary_ring_start(b, hole)]);
    }
    struct box box = im->box;
    if (im->row.crops_n && (box.east - box.west) * (box.north - box.south) > SIZE_LEAST_DEG2)
        note_size(im);
}

/* ---- a layer ---- */

void shape_notes_report(struct import *im)
{
    const struct tally *t = &im->tally;
    typedef unsigned long long ull;
    if (t->coarse.spot.n)
        report_coarse(im, &t->coarse);
    if (t->coarse_little.spot.n * 100 > t->polygons)
        report_coarse(im, &t->coarse_little);
    if (t->coarse_points.spot.n * 2 > t->points)
        report_coarse(im, &t->coarse_points);
    if (t->short_edges.n)
        import_spot_finding(im, FINDING_SHORT_EDGES, t->short_edges.place,
                            "%llu rows have edges shorter than 0.2 m, the first is row %llu",
                            (ull)t->short_edges.n, (ull)t->short_edges.row);
    if (t->holes.n)
        import_spot_finding(im, FINDING_HOLES, t->holes.place,
                            "%llu rows have holes, the first is row %llu", (ull)t->holes.n,
                            (ull)t->holes.row);
}
