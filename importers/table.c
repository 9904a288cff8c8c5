/* Rows of a table -> features with a boundary; see table.h. */
#include "importers/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/coordinates.h"
#include "importers/mapping.h"
#include "importers/text.h"

/* ---- cells ---- */

static void problem(struct row_extras *x, const char *what, const char *cell)
{
    snprintf(x->problem, sizeof x->problem, "%s: '%.80s%s'", what, cell,
             strlen(cell) > 80 ? "..." : "");
}

static OGRGeometryH from_wkt(const char *cell, int srid, struct row_extras *x)
{
    OGRGeometryH g = NULL;
    const char *text = cell;
    if (strncasecmp(cell, "SRID=", 5) == 0) {
        char *end = NULL;
        long own = strtol(cell + 5, &end, 10);
        if (*end != ';' || (srid && own != srid)) {
            problem(x, "its SRID differs from that of the first row", cell);
            return NULL;
        }
        text = end + 1;
    }
    char *copy = strdup(text), *at = copy;
    OGRErr failed = copy ? OGR_G_CreateFromWkt(&at, NULL, &g) : OGRERR_NOT_ENOUGH_MEMORY;
    bool rest = failed == OGRERR_NONE && at[strspn(at, " \t\r\n;")];
    free(copy);
    if (failed == OGRERR_NONE && !rest)
        return g;
    if (g)
        OGR_G_DestroyGeometry(g);
    problem(x, "no well-formed WKT", cell);
    return NULL;
}

static int hex(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static OGRGeometryH from_hex(struct import *im, const char *cell, struct row_extras *x)
{
    OGRGeometryH g = NULL;
    size_t n = strlen(cell) / 2;
    unsigned char *bytes = arena_alloc(&im->row_arena, n);
    for (size_t i = 0; bytes && i < n; i++)
        bytes[i] = (unsigned char)(hex(cell[2 * i]) << 4 | hex(cell[2 * i + 1]));
    if (bytes && OGR_G_CreateFromWkb(bytes, NULL, &g, (int)n) == OGRERR_NONE)
        return g;
    problem(x, "no well-formed WKB", cell);
    return NULL;
}

static bool same_place(const struct form_point *a, const struct form_point *b)
{
    return a->lat == b->lat && a->lon == b->lon;
}

/* An old fault of ODK: the shape's end repeats its second point instead of its first. */
static void mend_end(struct form_point *p, size_t n, struct row_extras *x)
{
    if (n >= 5 && !same_place(&p[0], &p[n - 1]) && same_place(&p[1], &p[n - 1])) {
        p[n - 1] = p[0];
        snprintf(x->note, sizeof x->note,
                 "the last point repeated the second instead of the first (a fault of old forms); "
                 "it was closed");
    }
}

static OGRGeometryH from_points(struct import *im, const char *cell, struct row_extras *x)
{
    size_t n = form_points(cell, NULL, 0), measured = 0;
    double sum = 0;
    struct form_point *p = arena_array(&im->row_arena, n + 1, sizeof *p);
    if (!p)
        return NULL;
    form_points(cell, p, n);
    mend_end(p, n, x);
    bool heights = false, area = n > 3 && same_place(&p[0], &p[n - 1]);
    for (size_t i = 0; i < n; i++) {
        heights |= isfinite(p[i].alt) && p[i].alt != 0;
        if (p[i].accuracy > 0 && p[i].accuracy <= CANDIDATE_ACCURACY_MOST_M) {
            sum += p[i].accuracy;
            measured++;
        }
    }
    x->accuracy_m = measured ? sum / (double)measured : NAN;
    x->walked = measured > 0;
    x->track = !area;
    OGRGeometryH line = OGR_G_CreateGeometry(n == 1 ? wkbPoint
                                             : area ? wkbLinearRing
                                                    : wkbLineString);
    for (size_t i = 0; i < n; i++)
        if (heights)
            OGR_G_SetPoint(line, (int)i, p[i].lon, p[i].lat, isfinite(p[i].alt) ? p[i].alt : 0);
        else
            OGR_G_SetPoint_2D(line, (int)i, p[i].lon, p[i].lat);
    if (!area)
        return line;
    OGRGeometryH polygon = OGR_G_CreateGeometry(heights ? wkbPolygon25D : wkbPolygon);
    OGR_G_AddGeometryDirectly(polygon, line);
    return polygon;
}

OGRGeometryH cell_geometry(struct import *im, const char *cell, int srid, struct row_extras *x)
{
    cell += strspn(cell, " \t\r\n");
    if (!*cell)
        return NULL;
    if (cell_shape(cell) == CELL_OTHER) {
        problem(x, "no coordinates of a boundary", cell);
        return NULL;
    }
    if ((*cell | 32) >= 'a' && (*cell | 32) <= 'z')
        return from_wkt(cell, srid, x);
    return strpbrk(cell, " ;") ? from_points(im, cell, x) : from_hex(im, cell, x);
}

bool cells_lonlat(const char *lon, const char *lat, double *x, double *y)
{
    char lon_axis, lat_axis;
    if (!coordinate_parse(lon, x, &lon_axis) || !coordinate_parse(lat, y, &lat_axis))
        return false;
    if (lon_axis == 'n' &&
        lat_axis == 'e') { /* N in the column of longitudes and W in that of latitudes */
        double swap = *x;
        *x = *y;
        *y = swap;
        return true;
    }
    return lon_axis != 'n' && lat_axis != 'e';
}

/* ---- rows ---- */

struct table_rows {
    struct import *im;
    const struct table *t;
    struct table_plan plan;
    struct table_vertices *vertices; /* NULL = one plot per row */
    size_t at;
    const char **cells;
    OGRFeatureDefnH definition;
    struct row_extras extras;
};

static OGRGeometryH row_geometry(struct table_rows *r)
{
    const struct table_plan *p = &r->plan;
    for (int k = 0; k < TABLE_GEOMETRIES_MAX && p->geometry[k] >= 0; k++)
        if (*r->cells[p->geometry[k]])
            return cell_geometry(r->im, r->cells[p->geometry[k]], p->srid, &r->extras);
    if (p->point >= 0 && *r->cells[p->point])
        return cell_geometry(r->im, r->cells[p->point], p->srid, &r->extras);
    double x, y;
    if (p->lon < 0 || (!*r->cells[p->lon] && !*r->cells[p->lat]))
        return NULL;
    if (!cells_lonlat(r->cells[p->lon], r->cells[p->lat], &x, &y)) {
        snprintf(r->extras.problem, sizeof r->extras.problem, "longitude '%.60s', latitude '%.60s'",
                 r->cells[p->lon], r->cells[p->lat]);
        return NULL;
    }
    OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
    OGR_G_SetPoint_2D(point, 0, x, y);
    return point;
}

static OGRFeatureH next_feature(void *arg)
{
    struct table_rows *r = arg;
    OGRGeometryH g;
    r->extras = (struct row_extras){.accuracy_m = NAN};
    if (r->vertices) {
        if (r->at == table_vertices_plots(r->vertices))
            return NULL;
        g = table_vertices_plot(r->vertices, r->at, r->cells, &r->extras);
    } else {
        if (!r->t->next(r->t->arg, r->cells))
            return NULL;
        g = row_geometry(r);
    }
    OGRFeatureH f = OGR_F_Create(r->definition);
    OGR_F_SetFID(f, (GIntBig)r->at++);
    for (size_t i = 0; i < r->t->columns_n; i++)
        if (*r->cells[i])
            OGR_F_SetFieldString(f, (int)i, r->cells[i]);
    if (g)
        OGR_F_SetGeometryDirectly(f, g);
    return f;
}

static void rewind_rows(void *arg)
{
    struct table_rows *r = arg;
    r->at = 0;
    if (!r->vertices)
        r->t->rewind(r->t->arg);
}

static enum status rows_ended(void *arg, struct error *e)
{
    struct table_rows *r = arg;
    return r->vertices ? STATUS_OK : r->t->ended(r->t->arg, e);
}

static bool prepare(struct table_rows *r, const char *layer_name)
{
    r->cells = arena_array(&r->im->file_arena, r->t->columns_n + 1, sizeof *r->cells);
    r->definition = OGR_FD_Create(layer_name);
    if (!r->cells || !r->definition)
        return false;
    OGR_FD_Reference(r->definition);
    for (size_t i = 0; i < r->t->columns_n; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(r->t->columns[i], OFTString);
        OGR_FD_AddFieldDefn(r->definition, field);
        OGR_Fld_Destroy(field);
    }
    return true;
}

/* The column of the plot code: as --map says, else by its name. */
static int code_column(struct import *im, const struct table *t)
{
    struct mapping m;
    struct error ignored = {0}; /* told when the layer is read */
    if (im->request->purpose != READER_PLOTS ||
        mapping_make(READER_PLOTS, t->columns, t->columns_n, false, im->request->mappings,
                     im->request->mappings_n, &m, &ignored) != STATUS_OK)
        return -1;
    return m.column[FIELD_CODE][0];
}

static enum status no_geometry(struct import *im, const struct table *t, struct error *e)
{
    enum status s = STATUS_OK;
    const char **cells = arena_array(&im->row_arena, t->columns_n + 1, sizeof *cells);
    if (!cells)
        return error_memory(e);
    while (t->next(t->arg, cells)) /* a damaged table is the better reason */
        ;
    s = t->ended(t->arg, e);
    return s != STATUS_OK
               ? s
               : error_set(e, STATUS_INVALID, "table_no_geometry",
                           "name the columns wkt, geoshape, or code, order, longitude and latitude",
                           "%.80s has no column of boundaries or coordinates", im->file_name);
}

/* 0 = the numbers must tell. */
static int epsg_of(struct import *im, const struct table *t, const struct table_plan *p)
{
    if (t->epsg || p->srid || !p->degrees)
        return t->epsg ? t->epsg : p->srid;
    if (!im->request->crs)
        import_file_finding(im, FINDING_CRS_ASSUMED,
                            "columns of longitude and latitude were taken as WGS84 degrees");
    return CRS_WGS84;
}

enum status table_import(struct import *im, const struct table *t, const char *layer_name,
                         struct error *e)
{
    struct table_rows r = {.im = im, .t = t};
    enum status s = STATUS_OK;
    if (t->columns_n > FRAME_COLUMNS_MAX - 2)
        return error_set(e, STATUS_LIMIT, "too_many_columns", "leave out columns",
                         "the table has %zu columns", t->columns_n);
    table_plan_make(t, code_column(im, t), &r.plan);
    if (!table_plan_found(&r.plan))
        return no_geometry(im, t, e);
    if (r.plan.vertices && (s = table_vertices_gather(t, &r.plan, &r.vertices, e)) != STATUS_OK)
        return s;
    if (!prepare(&r, layer_name))
        s = error_memory(e);
    const struct layer_rows rows = {.definition = r.definition,
                                    .rewind = rewind_rows,
                                    .next = next_feature,
                                    .ended = rows_ended,
                                    .arg = &r};
    struct layer layer = {.rows = &rows,
                          .extras = &r.extras,
                          .name = layer_name,
                          .format = t->format,
                          .encoding = t->encoding,
                          .epsg = epsg_of(im, t, &r.plan),
                          .announced = r.vertices ? (int64_t)table_vertices_plots(r.vertices) : -1};
    if (s == STATUS_OK) {
        rewind_rows(&r);
        s = layer_import(im, &layer, e);
    }
    if (r.definition)
        OGR_FD_Release(r.definition);
    table_vertices_free(r.vertices);
    return s;
}
