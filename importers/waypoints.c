/* Points that are corners: people without a track mark each corner of a plot, and the receiver (or
 * they) number them. Names that differ in the number at their end only are one plot, its corners in
 * the order of the numbers. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/table.h"
#include "importers/text.h"

enum { POINTS_MAX = 200000, NAME_BYTES = 80, CORNERS_LEAST = 3, CELLS_N = 5, GAP_MAX = 3 };

static const char *const COLUMNS[CELLS_N] = {"plot_code", "order", "longitude", "latitude",
                                             "waypoint"};

struct waypoint {
    char stem[NAME_BYTES], name[NAME_BYTES];
    char order[24], lon[32], lat[32];
    bool numbered;
    bool taken;
};

struct waypoints {
    struct waypoint *list;
    size_t n, at;
    const char *fallback; /* the plot of points called 1, 2, 3 */
    bool failed;
};

/* "Lote 7-03" -> "Lote 7" and 3; false when the name does not end in a number. */
static bool split_name(struct waypoint *w)
{
    size_t n = strlen(w->name), from = n;
    while (from && isdigit((unsigned char)w->name[from - 1]))
        from--;
    if (from == n || n - from > 9)
        return false;
    snprintf(w->order, sizeof w->order, "%s", w->name + from);
    size_t stem = from;
    while (stem && strchr(" -_.#/", w->name[stem - 1]))
        stem--;
    snprintf(w->stem, sizeof w->stem, "%.*s", (int)stem, w->name);
    return true;
}

static bool take_feature(struct import *im, OGRFeatureH f, struct waypoint *out)
{
    OGRGeometryH g = OGR_F_GetGeometryRef(f);
    int field = OGR_F_GetFieldIndex(f, "name");
    if (field < 0)
        field = OGR_F_GetFieldIndex(f, "Name");
    if (!g || wkbFlatten(OGR_G_GetGeometryType(g)) != wkbPoint || OGR_G_IsEmpty(g))
        return false;
    char *raw = text_clean(&im->row_arena, field < 0 ? "" : OGR_F_GetFieldAsString(f, field),
                           NAME_BYTES - 1);
    char *name = raw ? text_trim(&im->row_arena, raw) : NULL;
    snprintf(out->name, sizeof out->name, "%s", name ? name : "");
    value_format(OGR_G_GetX(g, 0), out->lon);
    value_format(OGR_G_GetY(g, 0), out->lat);
    out->numbered = split_name(out);
    return true;
}

static int by_stem(const void *a, const void *b)
{
    const struct waypoint *const *x = a, *const *y = b;
    if ((*x)->numbered != (*y)->numbered)
        return (*x)->numbered ? -1 : 1;
    int c = strcmp((*x)->stem, (*y)->stem);
    return c ? c : atol((*x)->order) < atol((*y)->order) ? -1 : *x < *y ? -1 : 1;
}

/* Marks the points of names with at least three different numbers, counted up without large gaps
 * (GC1001, GC2500, GC9000 are somebody's catalogue, not corners); how many plots they are. */
static size_t choose(struct waypoints *w)
{
    size_t plots = 0;
    const struct waypoint **sorted = calloc(w->n + 1, sizeof *sorted);
    for (size_t i = 0; sorted && i < w->n; i++)
        sorted[i] = &w->list[i];
    if (sorted && w->n)
        qsort(sorted, w->n, sizeof *sorted, by_stem);
    for (size_t from = 0, to; sorted && from < w->n && sorted[from]->numbered; from = to) {
        size_t numbers = 1;
        for (to = from + 1;
             to < w->n && sorted[to]->numbered && strcmp(sorted[to]->stem, sorted[from]->stem) == 0;
             to++)
            numbers += atol(sorted[to]->order) != atol(sorted[to - 1]->order);
        long span = atol(sorted[to - 1]->order) - atol(sorted[from]->order);
        bool corners =
            numbers >= CORNERS_LEAST && numbers == to - from && span < GAP_MAX * (long)numbers;
        plots += corners;
        for (size_t i = from; corners && i < to; i++)
            w->list[sorted[i] - w->list].taken = true;
    }
    w->failed = w->failed || !sorted;
    free(sorted);
    return plots;
}

static bool next(void *arg, const char **cells)
{
    struct waypoints *w = arg;
    while (w->at < w->n && !w->list[w->at].taken)
        w->at++;
    if (w->at == w->n)
        return false;
    const struct waypoint *p = &w->list[w->at++];
    cells[0] = *p->stem ? p->stem : w->fallback;
    cells[1] = p->order;
    cells[2] = p->lon;
    cells[3] = p->lat;
    cells[4] = p->name;
    return true;
}

static void start(void *arg)
{
    ((struct waypoints *)arg)->at = 0;
}

static enum status ended(void *arg, struct error *e)
{
    return ((struct waypoints *)arg)->failed ? error_memory(e) : STATUS_OK;
}

static enum status gather(struct import *im, OGRLayerH layer, struct waypoints *w, struct error *e)
{
    size_t capacity = 0;
    OGR_L_ResetReading(layer);
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(layer)); OGR_F_Destroy(f)) {
        if (w->n == capacity && w->n < POINTS_MAX) {
            capacity = capacity ? capacity * 2 : 256;
            struct waypoint *more = realloc(w->list, capacity * sizeof *more);
            if (!more) {
                OGR_F_Destroy(f);
                return error_memory(e);
            }
            w->list = more;
        }
        if (w->n == capacity) { /* more than anyone walks */
            OGR_F_Destroy(f);
            return error_set(e, STATUS_LIMIT, "waypoints_limit", "split the file",
                             "%.80s has more than %d points", im->file_name, POINTS_MAX);
        }
        memset(&w->list[w->n], 0, sizeof *w->list);
        w->n += take_feature(im, f, &w->list[w->n]);
        arena_reset(&im->row_arena);
    }
    return STATUS_OK;
}

enum status waypoints_import(struct import *im, OGRLayerH points, const char *name,
                             const char *format, bool *taken, struct error *e)
{
    struct waypoints w = {.fallback = name};
    struct table t = {.format = format,
                      .columns = COLUMNS,
                      .columns_n = CELLS_N,
                      .next = next,
                      .rewind = start,
                      .ended = ended,
                      .arg = &w,
                      .epsg = CRS_WGS84};
    enum status s = gather(im, points, &w, e);
    size_t plots = s == STATUS_OK && im->request->purpose == READER_PLOTS ? choose(&w) : 0,
           used = 0;
    for (size_t i = 0; i < w.n; i++)
        used += w.list[i].taken;
    *taken = plots > 0;
    if (plots) {
        import_file_finding(im, FINDING_POINTS_AS_CORNERS,
                            "%zu numbered points were taken as the corners of %zu plots", used,
                            plots);
        if (used < w.n)
            import_file_finding(im, FINDING_LAYER_IGNORED, "%zu points are no numbered corners",
                                w.n - used);
        s = table_import(im, &t, name, e);
    }
    free(w.list);
    return s;
}

bool points_declare(const struct import *im, OGRLayerH points)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(points);
    int n = OGR_FD_GetFieldCount(definition);
    struct mapping m;
    struct error ignored = {0}; /* told when the layer is read */
    const char **columns = calloc((size_t)n + 1, sizeof *columns);
    for (int i = 0; columns && i < n; i++)
        columns[i] = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i));
    bool declared = columns && im->request->purpose == READER_PLOTS &&
                    mapping_make(READER_PLOTS, columns, (size_t)n, false, im->request->mappings,
                                 im->request->mappings_n, &m, &ignored) == STATUS_OK &&
                    m.column[FIELD_DECLARED_HA][0] >= 0;
    free(columns);
    return declared;
}
