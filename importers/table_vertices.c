/* A table whose rows are corners: those with the same code, in order, are one plot. Rows of a plot
 * need not stand together. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/coordinates.h"
#include "importers/table.h"

struct vertex {
    uint32_t plot;
    uint32_t row;
    double order; /* NaN = as the rows stand */
    double x, y;
};

struct plot {
    char *cells; /* of its first row: columns_n texts, each ended by 0; the coordinates themselves
                    are left out */
    char problem[160];
    size_t first, n; /* among the sorted vertices */
};

struct table_vertices {
    size_t columns_n;
    struct vertex *vertices;
    size_t n, capacity;
    struct plot *plots;
    size_t plots_n, plots_capacity;
    uint32_t *slots; /* hash table of plots by code; UINT32_MAX = free */
    size_t slots_n;
    char **codes;
};

static uint64_t hash_of(const char *text)
{
    uint64_t h = 1469598103934665603ull; /* FNV-1a */
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211ull;
    return h;
}

static bool rehash(struct table_vertices *v)
{
    size_t n = v->slots_n ? v->slots_n * 2 : 256;
    uint32_t *slots = malloc(n * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0xFF, n * sizeof *slots);
    for (size_t i = 0; i < v->plots_n; i++) {
        size_t at = hash_of(v->codes[i]) & (n - 1);
        while (slots[at] != UINT32_MAX)
            at = (at + 1) & (n - 1);
        slots[at] = (uint32_t)i;
    }
    free(v->slots);
    v->slots = slots;
    v->slots_n = n;
    return true;
}

static char *first_cells(const struct table *t, const struct table_plan *p, const char **cells)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < t->columns_n; i++)
        total += strlen(cells[i]) + 1;
    char *out = malloc(total + 1);
    for (size_t i = 0; out && i < t->columns_n; i++) {
        bool of_corner =
            (int)i == p->lon || (int)i == p->lat || (int)i == p->order || (int)i == p->point;
        size_t n = of_corner ? 0 : strlen(cells[i]);
        memcpy(out + at, cells[i], n);
        out[at + n] = 0;
        at += n + 1;
    }
    return out;
}

static bool grow_plots(struct table_vertices *v)
{
    size_t n = v->plots_capacity ? v->plots_capacity * 2 : 64;
    struct plot *plots = realloc(v->plots, n * sizeof *plots);
    if (plots)
        v->plots = plots;
    char **codes = realloc(v->codes, n * sizeof *codes);
    if (codes)
        v->codes = codes;
    if (!plots || !codes)
        return false;
    v->plots_capacity = n;
    return true;
}

/* The plot of a code, made when it is new; UINT32_MAX = no memory. */
static uint32_t plot_of(struct table_vertices *v, const struct table *t, const struct table_plan *p,
                        const char **cells)
{
    const char *code = cells[p->code];
    if (v->slots_n < 2 * (v->plots_n + 1) && !rehash(v))
        return UINT32_MAX;
    size_t at = hash_of(code) & (v->slots_n - 1);
    for (; v->slots[at] != UINT32_MAX; at = (at + 1) & (v->slots_n - 1))
        if (strcmp(v->codes[v->slots[at]], code) == 0)
            return v->slots[at];
    if (v->plots_n == v->plots_capacity && !grow_plots(v))
        return UINT32_MAX;
    char *own = strdup(code), *texts = first_cells(t, p, cells);
    if (!own || !texts) {
        free(own);
        free(texts);
        return UINT32_MAX;
    }
    v->codes[v->plots_n] = own;
    v->plots[v->plots_n] = (struct plot){.cells = texts};
    v->slots[at] = (uint32_t)v->plots_n;
    return (uint32_t)v->plots_n++;
}

static bool corner(const struct table_plan *p, const char **cells, struct vertex *out)
{
    struct form_point point;
    char axis;
    out->order = NAN;
    if (p->order >= 0 && !coordinate_parse(cells[p->order], &out->order, &axis))
        out->order = NAN;
    if (p->lon >= 0)
        return cells_lonlat(cells[p->lon], cells[p->lat], &out->x, &out->y);
    if (form_points(cells[p->point], &point, 1) != 1)
        return false;
    out->x = point.lon;
    out->y = point.lat;
    return true;
}

static enum status add(struct table_vertices *v, const struct table *t, const struct table_plan *p,
                       const char **cells, uint32_t row, struct error *e)
{
    struct vertex corner_of_row = {.row = row};
    corner_of_row.plot = plot_of(v, t, p, cells);
    if (corner_of_row.plot == UINT32_MAX)
        return error_memory(e);
    struct plot *plot = &v->plots[corner_of_row.plot];
    if (!corner(p, cells, &corner_of_row)) {
        if (!*plot->problem)
            snprintf(plot->problem, sizeof plot->problem, "row %u of the table: '%.40s' '%.40s'",
                     row, cells[p->lon >= 0 ? p->lon : p->point], p->lat >= 0 ? cells[p->lat] : "");
        return STATUS_OK;
    }
    if (p->order >= 0 && isnan(corner_of_row.order) && !*plot->problem)
        snprintf(plot->problem, sizeof plot->problem, "row %u of the table has no order: '%.40s'",
                 row, cells[p->order]);
    if (v->n == TABLE_VERTICES_MAX)
        return error_set(e, STATUS_LIMIT, "table_limit", "split the table",
                         "the table has more than %d corners", TABLE_VERTICES_MAX);
    if (v->n == v->capacity) {
        size_t n = v->capacity ? v->capacity * 2 : 1024;
        struct vertex *more = realloc(v->vertices, n * sizeof *more);
        if (!more)
            return error_memory(e);
        v->vertices = more;
        v->capacity = n;
    }
    v->vertices[v->n++] = corner_of_row;
    plot->n++;
    return STATUS_OK;
}

static int by_plot_and_order(const void *a, const void *b)
{
    const struct vertex *x = a, *y = b;
    if (x->plot != y->plot)
        return x->plot < y->plot ? -1 : 1;
    if (x->order != y->order && !isnan(x->order) && !isnan(y->order))
        return x->order < y->order ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

enum status table_vertices_gather(const struct table *t, const struct table_plan *p,
                                  struct table_vertices **out, struct error *e)
{
    struct table_vertices *v = calloc(1, sizeof *v);
    const char **cells = calloc(t->columns_n + 1, sizeof *cells);
    enum status s = v && cells ? STATUS_OK : error_memory(e);
    if (s == STATUS_OK)
        t->rewind(t->arg);
    for (uint32_t row = 1; s == STATUS_OK && t->next(t->arg, cells); row++)
        s = add(v, t, p, cells, row, e);
    if (s == STATUS_OK)
        s = t->ended(t->arg, e);
    free(cells);
    if (s != STATUS_OK) {
        table_vertices_free(v);
        return s;
    }
    v->columns_n = t->columns_n;
    if (v->n)
        qsort(v->vertices, v->n, sizeof *v->vertices, by_plot_and_order);
    for (size_t i = 0, at = 0; i < v->plots_n; at += v->plots[i++].n)
        v->plots[i].first = at;
    *out = v;
    return STATUS_OK;
}

size_t table_vertices_plots(const struct table_vertices *v)
{
    return v->plots_n;
}

OGRGeometryH table_vertices_plot(const struct table_vertices *v, size_t i, const char **cells,
                                 struct row_extras *extras)
{
    const struct plot *plot = &v->plots[i];
    const char *text = plot->cells;
    for (size_t k = 0; k < v->columns_n; k++, text += strlen(text) + 1)
        cells[k] = text;
    extras->code = *v->codes[i] ? v->codes[i] : NULL;
    if (*plot->problem) {
        snprintf(extras->problem, sizeof extras->problem, "%s", plot->problem);
        return NULL;
    }
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing),
                 polygon = OGR_G_CreateGeometry(wkbPolygon);
    for (size_t k = 0; k < plot->n; k++)
        OGR_G_SetPoint_2D(ring, (int)k, v->vertices[plot->first + k].x,
                          v->vertices[plot->first + k].y);
    OGR_G_CloseRings(ring); /* nobody lists the first corner twice */
    OGR_G_AddGeometryDirectly(polygon, ring);
    return polygon;
}

void table_vertices_free(struct table_vertices *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->plots_n; i++) {
        free(v->plots[i].cells);
        free(v->codes[i]);
    }
    free(v->plots);
    free(v->codes);
    free(v->slots);
    free(v->vertices);
    free(v);
}
