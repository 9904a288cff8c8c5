/* States, municipalities and corridors: real names and keys, drawn by us.
 *
 * Municipalities are Voronoi cells round roughly known centres inside a rough outline of their
 * group; every straight line is then bent by a rule that depends on its two ends only, so that
 * neighbours bend their common border alike and share each vertex. Nothing here is traced from an
 * official map. */
#include "maker.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

struct place {
    const char *key, *name;
    struct position centre;
};
/* A group of neighbouring municipalities: the outline is common to them. */
struct group {
    const struct place *places;
    int places_n;
    const struct position *outline;
    int outline_n;
};

static const struct place NORTHERN_CHIAPAS[] = {
    {"07026", "Chenalhó", {-92.50, 16.96}},  {"07031", "Chilón", {-92.06, 17.12}},
    {"07039", "Huitiupán", {-92.71, 17.22}}, {"07059", "Ocosingo", {-91.92, 16.86}},
    {"07064", "Oxchuc", {-92.28, 16.80}},    {"07066", "Pantelhó", {-92.47, 17.05}},
    {"07076", "Sabanilla", {-92.66, 17.35}}, {"07077", "Salto de Agua", {-92.20, 17.48}},
    {"07081", "Simojovel", {-92.60, 17.12}}, {"07082", "Sitalá", {-92.33, 17.05}},
    {"07096", "Tila", {-92.48, 17.36}},      {"07100", "Tumbalá", {-92.28, 17.31}},
    {"07109", "Yajalón", {-92.36, 17.18}},   {"07112", "San Juan Cancuc", {-92.38, 16.92}},
};
static const struct position NORTHERN_CHIAPAS_OUTLINE[] = {
    {-92.87, 17.06}, {-92.90, 17.30}, {-92.72, 17.48}, {-92.45, 17.54}, {-92.10, 17.64},
    {-91.92, 17.44}, {-91.80, 17.20}, {-91.72, 16.92}, {-91.86, 16.68}, {-92.16, 16.62},
    {-92.38, 16.70}, {-92.60, 16.84}, {-92.64, 16.98}};
static const struct place SOCONUSCO[] = {
    {"07015", "Cacahoatán", {-92.17, 15.10}},
    {"07089", "Tapachula", {-92.34, 14.95}},
    {"07102", "Tuxtla Chico", {-92.18, 14.92}},
    {"07105", "Unión Juárez", {-92.09, 15.07}},
};
static const struct position SOCONUSCO_OUTLINE[] = {
    {-92.47, 14.78}, {-92.50, 15.02}, {-92.36, 15.17}, {-92.19, 15.20},
    {-92.05, 15.14}, {-92.05, 15.00}, {-92.11, 14.84}, {-92.24, 14.72}};
static const struct place ISTHMUS[] = {
    {"20057", "Matías Romero Avendaño", {-94.92, 17.05}},
    {"20198", "San Juan Guichicovi", {-95.11, 17.08}},
};
static const struct position ISTHMUS_OUTLINE[] = {{-94.62, 16.90}, {-94.60, 17.20},
                                                  {-94.90, 17.28}, {-95.25, 17.26},
                                                  {-95.30, 17.02}, {-95.02, 16.84}};
static const struct place PAPALOAPAN[] = {
    {"20044", "Loma Bonita", {-95.89, 18.02}},
    {"20184", "San Juan Bautista Tuxtepec", {-96.14, 18.05}},
};
static const struct position PAPALOAPAN_OUTLINE[] = {{-95.74, 17.92}, {-95.76, 18.14},
                                                     {-96.02, 18.24}, {-96.32, 18.20},
                                                     {-96.34, 17.92}, {-96.04, 17.84}};
static const struct place MIXTECA[] = {
    {"20006", "Asunción Nochixtlán", {-97.23, 17.45}},
    {"20397", "Heroica Ciudad de Tlaxiaco", {-97.68, 17.27}},
};
static const struct position MIXTECA_OUTLINE[] = {{-97.06, 17.36}, {-97.10, 17.58},
                                                  {-97.40, 17.56}, {-97.84, 17.40},
                                                  {-97.82, 17.12}, {-97.50, 17.18}};
static const struct place ATLIXCO[] = {
    {"21019", "Atlixco", {-98.44, 18.92}},     {"21022", "Atzitzihuacán", {-98.61, 18.80}},
    {"21069", "Huaquechula", {-98.50, 18.75}}, {"21175", "Tianguismanalco", {-98.50, 19.00}},
    {"21188", "Tochimilco", {-98.61, 18.92}},
};
static const struct position ATLIXCO_OUTLINE[] = {{-98.34, 18.78}, {-98.32, 18.98}, {-98.44, 19.05},
                                                  {-98.60, 19.03}, {-98.68, 18.92}, {-98.68, 18.74},
                                                  {-98.52, 18.66}};

#define GROUP(name)                                                                                \
    {                                                                                              \
        name, COUNT(name), name##_OUTLINE, COUNT(name##_OUTLINE)                                   \
    }
static const struct group GROUPS[] = {GROUP(NORTHERN_CHIAPAS), GROUP(SOCONUSCO), GROUP(ISTHMUS),
                                      GROUP(PAPALOAPAN),       GROUP(MIXTECA),   GROUP(ATLIXCO)};

/* States go round counter-clockwise; two states write a common border with the same points. */
static const struct position CHIAPAS[] = {
    {-94.13, 16.20}, {-93.90, 15.95}, {-93.40, 15.60}, {-92.90, 15.12}, {-92.55, 14.72},
    {-92.25, 14.54}, {-92.10, 14.60}, {-92.01, 14.84}, {-91.97, 15.05}, {-92.08, 15.30},
    {-91.74, 16.07}, {-90.45, 16.07}, {-90.42, 16.40}, {-91.43, 17.23}, {-91.40, 17.80},
    {-92.00, 17.98}, {-92.80, 17.60}, {-93.20, 17.90}, {-93.60, 17.40}, {-94.00, 17.15},
    {-94.15, 16.80}};
static const struct position OAXACA[] = {
    {-94.13, 16.20}, {-94.15, 16.80}, {-94.00, 17.15}, {-94.30, 17.38}, {-94.90, 17.42},
    {-95.40, 17.60}, {-95.62, 18.22}, {-96.10, 18.42}, {-96.50, 18.50}, {-96.70, 18.65},
    {-96.90, 18.35}, {-97.40, 18.15}, {-97.80, 18.10}, {-98.30, 17.95}, {-98.40, 17.00},
    {-98.50, 16.32}, {-97.80, 16.00}, {-97.00, 15.85}, {-96.20, 15.68}, {-95.30, 16.05},
    {-94.80, 16.25}};
static const struct position PUEBLA[] = {
    {-98.30, 17.95}, {-97.80, 18.10}, {-97.40, 18.15}, {-96.90, 18.35}, {-97.20, 18.70},
    {-97.10, 19.10}, {-97.20, 19.60}, {-97.20, 20.30}, {-97.80, 20.85}, {-98.10, 20.50},
    {-98.30, 20.00}, {-97.90, 19.50}, {-98.00, 19.30}, {-98.60, 19.35}, {-98.74, 19.10},
    {-98.78, 18.70}, {-99.05, 18.40}, {-98.90, 18.10}};

/* Corridors: first ring outside, the others holes. */
static const struct position MAYA_ZOQUE[] = {
    {-93.30, 17.00}, {-93.02, 16.98}, {-92.66, 17.10}, {-92.46, 17.10},
    {-92.30, 17.00}, {-92.10, 16.98}, {-91.95, 16.80}, {-91.50, 16.52},
    {-90.80, 16.20}, {-90.70, 16.50}, {-91.50, 17.15}, {-91.70, 17.50},
    {-92.20, 17.58}, {-92.60, 17.44}, {-92.92, 17.40}, {-93.25, 17.30}};
static const struct position MAYA_ZOQUE_TILA[] = {
    {-92.47, 17.31}, {-92.42, 17.31}, {-92.40, 17.35}, {-92.44, 17.37}, {-92.49, 17.35}};
static const struct position MAYA_ZOQUE_CHILON[] = {
    {-92.10, 17.08}, {-92.02, 17.07}, {-91.99, 17.14}, {-92.06, 17.17}, {-92.12, 17.14}};
static const struct position MAYA_ZOQUE_JUNGLE[] = {
    {-91.50, 16.72}, {-91.36, 16.68}, {-91.30, 16.78}, {-91.40, 16.86}, {-91.52, 16.82}};
static const struct position SIERRA_MADRE[] = {{-92.02, 15.02}, {-92.02, 15.24}, {-92.40, 15.40},
                                               {-92.75, 15.65}, {-93.20, 15.92}, {-93.70, 16.32},
                                               {-93.86, 16.22}, {-93.30, 15.75}, {-92.85, 15.45},
                                               {-92.50, 15.16}, {-92.26, 15.04}};
static const struct position SIERRA_MADRE_SILTEPEC[] = {
    {-92.70, 15.48}, {-92.62, 15.46}, {-92.60, 15.52}, {-92.68, 15.55}};
static const struct position CHIMALAPAS[] = {{-94.86, 16.86}, {-94.40, 16.62}, {-93.95, 16.55},
                                             {-93.75, 16.80}, {-93.90, 17.10}, {-94.40, 17.28},
                                             {-94.78, 17.18}, {-94.94, 17.12}};
static const struct position CHIMALAPAS_ZANATEPEC[] = {
    {-94.45, 16.84}, {-94.32, 16.82}, {-94.30, 16.92}, {-94.40, 16.96}};
static const struct position SIERRA_NORTE[] = {{-96.92, 17.62}, {-96.30, 17.30}, {-95.80, 17.45},
                                               {-95.70, 17.70}, {-96.02, 17.96}, {-96.24, 18.02},
                                               {-96.60, 18.06}};
static const struct position SIERRA_NORTE_VALLE[] = {
    {-96.50, 17.66}, {-96.36, 17.60}, {-96.30, 17.70}, {-96.42, 17.76}};

struct ring_points {
    const struct position *p;
    int n;
};
#define RING(name)                                                                                 \
    {                                                                                              \
        name, COUNT(name)                                                                          \
    }
static const struct {
    const char *key, *name;
    struct ring_points rings[5];
} CORRIDORS[CORRIDORS_N] = {
    {"CBM-01",
     "Selva Maya–Zoque (sintético)",
     {RING(MAYA_ZOQUE), RING(MAYA_ZOQUE_TILA), RING(MAYA_ZOQUE_CHILON), RING(MAYA_ZOQUE_JUNGLE)}},
    {"CBM-02",
     "Sierra Madre del Sur (sintético)",
     {RING(SIERRA_MADRE), RING(SIERRA_MADRE_SILTEPEC)}},
    {"CBM-03",
     "Selva Zoque–Chimalapas (sintético)",
     {RING(CHIMALAPAS), RING(CHIMALAPAS_ZANATEPEC)}},
    {"CBM-04",
     "Sierra Norte de Oaxaca (sintético)",
     {RING(SIERRA_NORTE), RING(SIERRA_NORTE_VALLE)}},
};
static const struct {
    const char *key, *name;
    struct ring_points ring;
} STATES[STATES_N] = {{"07", "Chiapas", RING(CHIAPAS)},
                      {"20", "Oaxaca", RING(OAXACA)},
                      {"21", "Puebla", RING(PUEBLA)}};

void give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("make_samples: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static void geos_says(const char *message, void *unused)
{
    (void)unused;
    fprintf(stderr, "make_samples: GEOS: %s\n", message);
}

/* ---- bent lines ---- */

struct line {
    struct position *p;
    int n, room;
};

static void line_add(struct line *l, struct position p)
{
    if (l->n == l->room) {
        l->room = l->room ? l->room * 2 : 64;
        l->p = realloc(l->p, (size_t)l->room * sizeof *l->p);
        if (!l->p)
            give_up("no memory");
    }
    l->p[l->n++] = p;
}

static struct position rounded(struct position p)
{
    return (struct position){round(p.x * 1e6) / 1e6, round(p.y * 1e6) / 1e6};
}

/* Adds everything after a up to and including b. The middle moves sideways by a share of the length
 * that depends on the two ends in either order: the same line bends the same way for both
 * neighbours. */
static void bend(struct line *l, struct position a, struct position b, double shortest_deg,
                 double sway)
{
    double dx = b.x - a.x, dy = b.y - a.y;
    if (hypot(dx, dy) < shortest_deg) {
        line_add(l, b);
        return;
    }
    bool swap = b.x < a.x || (!(a.x < b.x) && b.y < a.y);
    struct position low = swap ? b : a, high = swap ? a : b;
    double h = hash_unit(llround(low.x * 1e6), llround(low.y * 1e6),
                         llround(high.x * 1e6) * 4000037 + llround(high.y * 1e6));
    double side = (swap ? -1 : 1) * h * sway;
    struct position middle =
        rounded((struct position){(a.x + b.x) / 2 - dy * side, (a.y + b.y) / 2 + dx * side});
    bend(l, a, middle, shortest_deg, sway);
    bend(l, middle, b, shortest_deg, sway);
}

static GEOSCoordSequence *sequence(GEOSContextHandle_t g, const struct position *p, int n,
                                   bool close)
{
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(g, (unsigned)(n + close), 2);
    for (int i = 0; i < n + close; i++)
        GEOSCoordSeq_setXY_r(g, s, (unsigned)i, p[i % n].x, p[i % n].y);
    return s;
}

static GEOSGeometry *bent_ring(GEOSContextHandle_t g, struct ring_points r, double shortest_deg,
                               double sway)
{
    struct line l = {0};
    for (int i = 0; i < r.n; i++)
        bend(&l, r.p[i], r.p[(i + 1) % r.n], shortest_deg, sway);
    GEOSGeometry *ring = GEOSGeom_createLinearRing_r(g, sequence(g, l.p, l.n, true));
    free(l.p);
    return ring;
}

static GEOSGeometry *checked(GEOSContextHandle_t g, GEOSGeometry *shape, const char *name)
{
    if (!shape || GEOSisValid_r(g, shape) != 1)
        give_up("%s came out invalid", name);
    return shape;
}

/* ---- municipalities ---- */

/* Bends each segment of a multi-line. */
static GEOSGeometry *bend_lines(GEOSContextHandle_t g, const GEOSGeometry *lines)
{
    int n = GEOSGetNumGeometries_r(g, lines);
    GEOSGeometry **bent = calloc((size_t)n * 64, sizeof(GEOSGeometry *));
    unsigned bent_n = 0;
    for (int i = 0; i < n; i++) {
        const GEOSCoordSequence *s = GEOSGeom_getCoordSeq_r(g, GEOSGetGeometryN_r(g, lines, i));
        unsigned points = 0;
        GEOSCoordSeq_getSize_r(g, s, &points);
        for (unsigned k = 0; k + 1 < points; k++) {
            struct position a, b;
            GEOSCoordSeq_getXY_r(g, s, k, &a.x, &a.y);
            GEOSCoordSeq_getXY_r(g, s, k + 1, &b.x, &b.y);
            a = rounded(a);
            b = rounded(b);
            struct line l = {0};
            line_add(&l, a);
            bend(&l, a, b, 0.012, 0.10);
            bent[bent_n++] = GEOSGeom_createLineString_r(g, sequence(g, l.p, l.n, false));
            free(l.p);
        }
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(g, GEOS_MULTILINESTRING, bent, bent_n);
    free(bent);
    return all;
}

/* The lines of a group: its outline and the Voronoi edges inside it, cut where they meet. */
static GEOSGeometry *group_lines(GEOSContextHandle_t g, const struct group *group)
{
    struct position sites[32];
    for (int i = 0; i < group->places_n; i++)
        sites[i] = group->places[i].centre;
    GEOSGeometry *outline = GEOSGeom_createPolygon_r(
        g, GEOSGeom_createLinearRing_r(g, sequence(g, group->outline, group->outline_n, true)),
        NULL, 0);
    GEOSGeometry *points =
        GEOSGeom_createLineString_r(g, sequence(g, sites, group->places_n, false));
    GEOSGeometry *room = GEOSBuffer_r(g, outline, 1, 4);
    GEOSGeometry *edges = GEOSVoronoiDiagram_r(g, points, room, 0, 1);
    /* not cut to the outline first: the ends would lie beside it by a rounding, and no node would
     * join them */
    GEOSGeometry *border = GEOSBoundary_r(g, outline);
    GEOSGeometry *lines = GEOSUnion_r(g, edges, border);
    if (!lines)
        give_up("no borders for the group of %s", group->places[0].name);
    GEOSGeometry *used[] = {outline, points, room, edges, border};
    for (int i = 0; i < COUNT(used); i++)
        GEOSGeom_destroy_r(g, used[i]);
    return lines;
}

static int group_make(GEOSContextHandle_t g, const struct group *group, struct area *out)
{
    GEOSGeometry *straight = group_lines(g, group), *lines = bend_lines(g, straight);
    const GEOSGeometry *one[] = {lines};
    GEOSGeometry *cells = GEOSPolygonize_r(g, one, 1);
    if (!cells)
        give_up("no cells for the group of %s", group->places[0].name);
    for (int i = 0; i < group->places_n; i++) {
        const struct place *p = &group->places[i];
        GEOSGeometry *centre = GEOSGeom_createPointFromXY_r(g, p->centre.x, p->centre.y);
        out[i] = (struct area){p->key, p->name, NULL};
        for (int k = 0; k < GEOSGetNumGeometries_r(g, cells); k++)
            if (GEOSContains_r(g, GEOSGetGeometryN_r(g, cells, k), centre) == 1)
                out[i].shape =
                    checked(g, GEOSGeom_clone_r(g, GEOSGetGeometryN_r(g, cells, k)), p->name);
        if (!out[i].shape)
            give_up("no cell for %s", p->name);
        GEOSGeom_destroy_r(g, centre);
    }
    GEOSGeom_destroy_r(g, cells);
    GEOSGeom_destroy_r(g, lines);
    GEOSGeom_destroy_r(g, straight);
    return group->places_n;
}

static GEOSGeometry *corridor_make(GEOSContextHandle_t g, int i)
{
    /* as wild as it can be without crossing itself */
    for (double sway = 0.2; sway > 0.05; sway *= 0.9) {
        GEOSGeometry *holes[4], *shape;
        unsigned holes_n = 0;
        for (int k = 1; k < 5 && CORRIDORS[i].rings[k].p; k++)
            holes[holes_n++] = bent_ring(g, CORRIDORS[i].rings[k], 0.0015, sway);
        shape = GEOSGeom_createPolygon_r(g, bent_ring(g, CORRIDORS[i].rings[0], 0.002, sway), holes,
                                         holes_n);
        if (GEOSisValid_r(g, shape) == 1)
            return shape;
        GEOSGeom_destroy_r(g, shape);
    }
    give_up("%s came out invalid", CORRIDORS[i].name);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct area *)a)->key, ((const struct area *)b)->key);
}

void world_make(struct world *w)
{
    memset(w, 0, sizeof *w);
    GEOSContextHandle_t g = w->geos = GEOS_init_r();
    GEOSContext_setErrorMessageHandler_r(g, geos_says, NULL);
    for (int i = 0; i < STATES_N; i++) {
        GEOSGeometry *shell = bent_ring(g, STATES[i].ring, 0.04, 0.08);
        w->state[i] =
            (struct area){STATES[i].key, STATES[i].name,
                          checked(g, GEOSGeom_createPolygon_r(g, shell, NULL, 0), STATES[i].name)};
    }
    int n = 0;
    for (int i = 0; i < COUNT(GROUPS); i++)
        n += group_make(g, &GROUPS[i], w->municipality + n);
    if (n != MUNICIPALITIES_N)
        give_up("%d municipalities instead of %d", n, MUNICIPALITIES_N);
    qsort(w->municipality, MUNICIPALITIES_N, sizeof w->municipality[0], by_key);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < STATES_N; k++)
            if (strncmp(w->municipality[i].key, w->state[k].key, 2) == 0 &&
                GEOSContains_r(g, w->state[k].shape, w->municipality[i].shape) != 1)
                give_up("%s is not inside %s", w->municipality[i].name, w->state[k].name);
    GEOSGeometry *parts[CORRIDORS_N];
    for (int i = 0; i < CORRIDORS_N; i++) {
        w->corridor[i] = (struct area){CORRIDORS[i].key, CORRIDORS[i].name, corridor_make(g, i)};
        parts[i] = GEOSGeom_clone_r(g, w->corridor[i].shape);
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(g, GEOS_GEOMETRYCOLLECTION, parts, CORRIDORS_N);
    w->corridors = GEOSUnaryUnion_r(g, all);
    GEOSGeom_destroy_r(g, all);
}

void world_free(struct world *w)
{
    GEOSContextHandle_t g = w->geos;
    for (int i = 0; i < STATES_N; i++)
        GEOSGeom_destroy_r(g, w->state[i].shape);
    for (int i = 0; i < MUNICIPALITIES_N; i++)
        GEOSGeom_destroy_r(g, w->municipality[i].shape);
    for (int i = 0; i < CORRIDORS_N; i++)
        GEOSGeom_destroy_r(g, w->corridor[i].shape);
    GEOSGeom_destroy_r(g, w->corridors);
    GEOS_finish_r(g);
}

void world_write(const struct world *w, const char *folder)
{
    char path[512];
    path_join(path, folder, "municipios.gpkg");
    geometry_file_write(w, "GPKG", path, "municipios", w->municipality, MUNICIPALITIES_N, "CVEGEO",
                        "NOMGEO", NULL);
    path_join(path, folder, "estados.geojson");
    const char *const geojson[] = {"RFC7946=YES", "COORDINATE_PRECISION=6", NULL};
    geometry_file_write(w, "GeoJSON", path, "estados", w->state, STATES_N, "CVE_ENT", "NOMGEO",
                        geojson);
    path_join(path, folder, "corredores.gpkg");
    geometry_file_write(w, "GPKG", path, "corredores", w->corridor, CORRIDORS_N, "clave", "nombre",
                        NULL);
}
