/* Waypoints as corners. Where a GPX file has no walk, people have marked the corners of plots, and
 * named them, or just 001, 002, 003 as the receiver counts. Waypoints whose names
 * differ only in the number at their end, at least three and counted without large gaps, are one
 * plot, in the order of the numbers; every other waypoint is told as left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/table.h"
#include "importers/text.h"

enum { CORNERS_LEAST = 3, WAYPOINTS_MAX = 100000, NUMBER_DIGITS_MAX = 9, COLUMNS_N = 4, CELL_BYTES = 40 };

struct corner {
    const char *plot; /* "" = the file's own name */
    long number;      /* -1 = its name ends in no number */
    double lon, lat;
    bool taken;
};

struct corners {
    struct corner *list;
    size_t n, at;
    const char *stem;
    char cells[COLUMNS_N - 1][CELL_BYTES];
};

/* "A-01" -> "A" and 1. */
static bool split_name(struct import *im, const char *name, struct corner *out)
{
    size_t n = strlen(name), end = n;
    while (n && (name[n - 1] == ' ' || name[n - 1] == '\t'))
        end = --n;
    while (n && name[n - 1] >= '0' && name[n - 1] <= '9')
        n--;
    out->number = end > n && end - n <= NUMBER_DIGITS_MAX ? strtol(name + n, NULL, 10) : -1;
    while (n && strchr(" -_.#/:", name[n - 1]))
        n--;
    char *raw = arena_strndup(&im->file_arena, name, n);
    out->plot = raw ? text_clean(&im->file_arena, raw, 80) : NULL;
    return out->plot != NULL;
}

static enum status take_waypoints(struct import *im, OGRLayerH layer, struct corners *c,
                                  struct error *e)
{
    int name = OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), "name");
    int64_t announced = OGR_L_GetFeatureCount(layer, 1);
    if (announced > WAYPOINTS_MAX)
        announced = WAYPOINTS_MAX;
    c->list = arena_array(&im->file_arena, (size_t)announced + 1, sizeof *c->list);
    if (!c->list)
        return error_memory(e);
    OGR_L_ResetReading(layer);
    for (OGRFeatureH f; c->n < (size_t)announced && (f = OGR_L_GetNextFeature(layer));
         OGR_F_Destroy(f)) {
        OGRGeometryH g = OGR_F_GetGeometryRef(f);
        struct corner *corner = &c->list[c->n];
        if (!g || wkbFlatten(OGR_G_GetGeometryType(g)) != wkbPoint || OGR_G_IsEmpty(g))
            continue;
        *corner = (struct corner){.lon = OGR_G_GetX(g, 0), .lat = OGR_G_GetY(g, 0)};
        if (!split_name(im, name >= 0 ? OGR_F_GetFieldAsString(f, name) : "", corner)) {
            OGR_F_Destroy(f);
            return error_memory(e);
        }
        c->n++;
    }
    return STATUS_OK;
}

static int by_plot(const void *a, const void *b)
{
    const struct corner *x = a, *y = b;
    int order = strcmp(x->plot, y->plot);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* Sorts by plot and number, and keeps the groups that are plots; how many corners and plots. */
static size_t keep_plots(struct corners *c, int64_t *plots)
{
    size_t kept = 0;
    *plots = 0;
    qsort(c->list, c->n, sizeof *c->list, by_plot);
    for (size_t from = 0, to; from < c->n; from = to) {
        bool apart = c->list[from].number >= 0;
        for (to = from + 1; to < c->n && strcmp(c->list[to].plot, c->list[from].plot) == 0; to++)
            apart = apart && c->list[to].number != c->list[to - 1].number;
        size_t n = to - from;
        long range = c->list[to - 1].number - c->list[from].number + 1;
        if (n < CORNERS_LEAST || !apart || range > 2 * (long)n)
            continue;
        memmove(c->list + kept, c->list + from, n * sizeof *c->list);
        kept += n;
        ++*plots;
    }
    return kept;
}

static bool next(void *arg, const char **cells)
{
    struct corners *c = arg;
    if (c->at == c->n)
        return false;
    const struct corner *corner = &c->list[c->at++];
    snprintf(c->cells[0], CELL_BYTES, "%ld", corner->number);
    snprintf(c->cells[1], CELL_BYTES, "%.10g", corner->lon);
    snprintf(c->cells[2], CELL_BYTES, "%.10g", corner->lat);
    cells[0] = *corner->plot ? corner->plot : c->stem;
    for (int i = 1; i < COLUMNS_N; i++)
        cells[i] = c->cells[i - 1];
    return true;
}

static void rewind_corners(void *arg)
{
    ((struct corners *)arg)->at = 0;
}

static enum status ended(void *arg, struct error *e)
{
    (void)arg;
    (void)e;
    return STATUS_OK;
}

enum status gpx_corners_import(struct import *im, OGRLayerH waypoints, const char *stem,
                               uint64_t *plots, struct error *e)
{
    static const char *const columns[COLUMNS_N] = {"clave", "orden", "longitud", "latitud"};
    struct corners c = {.stem = stem};
    int64_t found = 0;
    enum status s = take_waypoints(im, waypoints, &c, e);
    if (s != STATUS_OK)
        return s;
    size_t all = c.n;
    c.n = keep_plots(&c, &found);
    if (all > c.n)
        import_file_finding(im, FINDING_LAYER_IGNORED,
                            "%zu waypoints that are no corners of a plot (their names end in no "
                            "number, or fewer than three belong together)",
                            all - c.n);
    *plots = (uint64_t)found;
    if (!found)
        return STATUS_OK;
    import_file_finding(im, FINDING_WAYPOINTS_AS_CORNERS,
                        "%zu waypoints were taken as the corners of %lld plots, by their names and "
                        "in the order of their numbers",
                        c.n, (long long)found);
    struct table t = {.format = "GPX",
                      .columns = columns,
                      .columns_n = COLUMNS_N,
                      .next = next,
                      .rewind = rewind_corners,
                      .ended = ended,
                      .arg = &c,
                      .srid = CRS_WGS84};
    return table_import(im, &t, "waypoints", e);
}
