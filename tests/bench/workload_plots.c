/* The plots of the workload: communities of 12 to 800 plots beside one another, most of them in 14
 * municipalities, with what registers really hold: boundaries walked in the wrong order, holes, two
 * parcels under one code, land registered twice. */
#include "tests/bench/workload.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <math.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>

enum { SUBJECT_COMMUNITY = 11, SUBJECT_PLOT };
enum { RING_MAX = 40, FOCUS = 14 };
#define FOCUS_PLOTS 200000.0 /* above this many plots the surplus spreads over the whole state */
#define M_PER_DEG 110900.0   /* near enough for laying plots out */

static const char *const PROGRAMMES[] = {"Milpa Intercalada", "Pequeño Productor", "Ganaderos",
                                         "Café y Cacao",      "Cuencas",           "Municipal"};
static const char *const CROPS[] = {"maíz",    "café",     "cacao", "frijol", "milpa",
                                    "plátano", "aguacate", "pasto", "caña",   "limón"};
static const char *const PRACTICES[] = {"MIAF",           "agroforestal", "silvopastoril",
                                        "barreras vivas", "cobertura",    "rotación",
                                        "convencional",   "terrazas"};

struct ring {
    struct xy at[RING_MAX];
    int n;
    double near, far; /* of the centre, m */
};

/* A boundary as a person with a GPS walks it, around (0, 0), of the given area in m2. */
static void ring_draw(struct chance *c, double area_m2, struct ring *out)
{
    double u = chance_unit(c), stretch = exp(0.25 * chance_normal(c)),
           turn = chance_between(c, 0, M_PI);
    double wave[3], phase[3], sum = 0;
    out->n = 8 + (int)(32 * pow(u, 1.3));
    for (int h = 0; h < 3; h++) {
        wave[h] = 0.13 / (h + 1) * chance_normal(c);
        phase[h] = chance_between(c, 0, 2 * M_PI);
    }
    for (int i = 0; i < out->n; i++) {
        double angle = 2 * M_PI * (i + 0.6 * (chance_unit(c) - 0.5)) / out->n,
               rho = 1 + 0.04 * chance_normal(c);
        for (int h = 0; h < 3; h++)
            rho += wave[h] * cos((h + 2) * angle + phase[h]);
        rho = fmax(0.3, rho);
        double x = rho * cos(angle) * stretch, y = rho * sin(angle) / stretch;
        out->at[i] = (struct xy){x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)};
    }
    for (int i = 0; i < out->n; i++) {
        struct xy a = out->at[i], b = out->at[(i + 1) % out->n];
        sum += a.x * b.y - b.x * a.y;
    }
    double scale = sqrt(area_m2 / (sum / 2));
    out->near = INFINITY;
    out->far = 0;
    for (int i = 0; i < out->n; i++) {
        out->at[i].x *= scale;
        out->at[i].y *= scale;
        out->near = fmin(out->near, hypot(out->at[i].x, out->at[i].y));
        out->far = fmax(out->far, hypot(out->at[i].x, out->at[i].y));
    }
}

/* Metres around `origin` (degrees) to a ring of degrees with 7 decimals, moved by (dx, dy) metres.
 */
static OGRGeometryH ring_place(const struct ring *r, struct xy origin, double dx, double dy)
{
    double k = 1 / (M_PER_DEG * cos(origin.y * M_PI / 180));
    OGRGeometryH g = OGR_G_CreateGeometry(wkbLinearRing);
    OGR_G_SetPointCount(g, r->n + 1);
    for (int i = 0; i <= r->n; i++) {
        struct xy p = r->at[i % r->n];
        OGR_G_SetPoint_2D(g, i, round7(origin.x + (p.x + dx) * k),
                          round7(origin.y + (p.y + dy) / M_PER_DEG));
    }
    return g;
}

static OGRGeometryH polygon_of(OGRGeometryH ring)
{
    OGRGeometryH g = OGR_G_CreateGeometry(wkbPolygon);
    OGR_G_AddGeometryDirectly(g, ring);
    return g;
}

/* A house or a pond: a ring well inside. */
static OGRGeometryH hole_place(struct chance *c, const struct ring *outer, struct xy origin)
{
    struct ring hole;
    double radius = 0.4 * outer->near * chance_between(c, 0.3, 0.8);
    ring_draw(c, M_PI * radius * radius, &hole);
    double fit = fmin(1, 0.7 * outer->near / hole.far);
    for (int i = 0; i < hole.n; i++) {
        hole.at[i].x *= fit;
        hole.at[i].y *= fit;
    }
    return ring_place(&hole, origin, 0, 0);
}

struct counts {
    long bow_ties, holes, multi, again, vertices;
};

/* One plot of `hectares` at origin: mostly a simple ring, otherwise one of the oddities in their
 * shares. */
static OGRGeometryH plot_draw(struct chance *c, struct xy origin, double hectares, struct counts *n)
{
    struct ring ring;
    double kind = chance_unit(c);
    bool two = kind < 0.03, hole = kind >= 0.03 && kind < 0.055,
         crossed = kind >= 0.055 && kind < 0.0675;
    double first = two ? hectares * chance_between(c, 0.5, 0.85) : hectares;
    ring_draw(c, first * 1e4, &ring);
    if (crossed) { /* two corners walked in the wrong order, neighbours or not */
        int i = chance_below(c, ring.n), j = (i + (chance_unit(c) < 0.7 ? 1 : ring.n / 2)) % ring.n;
        struct xy keep = ring.at[i];
        ring.at[i] = ring.at[j];
        ring.at[j] = keep;
        n->bow_ties++;
    }
    OGRGeometryH g = polygon_of(ring_place(&ring, origin, 0, 0));
    n->vertices += ring.n + 1;
    if (hole) {
        OGR_G_AddGeometryDirectly(g, hole_place(c, &ring, origin));
        n->holes++;
    }
    if (two) {
        struct ring second;
        OGRGeometryH multi = OGR_G_CreateGeometry(wkbMultiPolygon);
        ring_draw(c, (hectares - first) * 1e4, &second);
        double away = ring.far + second.far + chance_between(c, 5, 50),
               angle = chance_between(c, 0, 2 * M_PI);
        OGR_G_AddGeometryDirectly(multi, g);
        OGR_G_AddGeometryDirectly(
            multi, polygon_of(ring_place(&second, origin, away * cos(angle), away * sin(angle))));
        g = multi;
        n->multi++;
    }
    return g;
}

/* The same land measured on another day: the whole boundary a few metres off. */
static OGRGeometryH plot_again(struct chance *c, OGRGeometryH plot)
{
    OGRGeometryH g = OGR_G_Clone(plot);
    double dx = 4 * chance_normal(c) / M_PER_DEG, dy = 4 * chance_normal(c) / M_PER_DEG;
    for (int r = 0; r < OGR_G_GetGeometryCount(g); r++) {
        OGRGeometryH ring = OGR_G_GetGeometryRef(g, r);
        for (int i = 0; i < OGR_G_GetPointCount(ring); i++)
            OGR_G_SetPoint_2D(ring, i, round7(OGR_G_GetX(ring, i) + dx),
                              round7(OGR_G_GetY(ring, i) + dy));
    }
    return g;
}

static void plot_write(OGRLayerH layer, struct chance *c, long id, long plots, const char *region,
                       int programme, int crop, double hectares, OGRGeometryH g)
{
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
    OGR_F_SetFieldString(f, 0, CPLSPrintf("BEN-%07ld", id + 1));
    OGR_F_SetFieldString(f, 1,
                         CPLSPrintf("P%08ld", 1 + (long)(chance_unit(c) * 0.7 * (double)plots)));
    OGR_F_SetFieldString(f, 2, PROGRAMMES[chance_unit(c) < 0.7 ? programme : chance_below(c, 6)]);
    OGR_F_SetFieldString(f, 3, CROPS[chance_unit(c) < 0.6 ? crop : chance_below(c, 10)]);
    OGR_F_SetFieldString(f, 4, PRACTICES[chance_below(c, 8)]);
    OGR_F_SetFieldInteger(f, 5, 2016 + chance_below(c, 10));
    OGR_F_SetFieldString(f, 6, region);
    OGR_F_SetFieldDouble(f, 7, nearbyint(100 * hectares * (1 + 0.08 * chance_normal(c))) / 100);
    OGR_F_SetGeometry(f, g);
    if (OGR_L_CreateFeature(layer, f) != OGRERR_NONE)
        die("a plot cannot be written");
    OGR_F_Destroy(f);
}

/* Where community i of a brick stands: the golden-ratio sequence of the plane spreads any number of
 * them evenly (Roberts 2018). */
static struct xy community_place(uint64_t seed, const struct brick *b, int i, double shift)
{
    double u = fmod(shift + 0.7548776662466927 * i, 1), v = fmod(shift + 0.5698402909980532 * i, 1);
    return bend(seed, (struct xy){b->x0 + u * (b->x1 - b->x0), b->y0 + v * (b->y1 - b->y0)});
}

static OGRLayerH plots_layer(GDALDatasetH ds)
{
    char **options = CSLSetNameValue(NULL, "ENCODING", "UTF-8");
    options = CSLSetNameValue(options, "DBF_DATE_LAST_UPDATE", "2025-01-01");
    OGRSpatialReferenceH srs = wgs84();
    OGRLayerH layer = GDALDatasetCreateLayer(ds, "plots", srs, wkbPolygon, options);
    OSRRelease(srs);
    CSLDestroy(options);
    if (!layer)
        die("plots.shp cannot be made");
    field_add(layer, "plot_code", OFTString, 12, 0);
    field_add(layer, "producer", OFTString, 10, 0);
    field_add(layer, "programme", OFTString, 28, 0);
    field_add(layer, "crop", OFTString, 12, 0);
    field_add(layer, "practice", OFTString, 24, 0);
    field_add(layer, "year", OFTInteger, 4, 0);
    field_add(layer, "mun_key", OFTString, 5, 0);
    field_add(layer, "ha_decl", OFTReal, 9, 2);
    return layer;
}

/* The plots of one community in rows beside one another, each as far from its neighbour as both are
 * wide: rows are of one height, so that large plots reach into the next. About 10 % of all hectares
 * are under two plots. */
static void community_write(OGRLayerH layer, uint64_t seed, uint64_t community,
                            const struct brick *b, struct xy centre, long first, int n, long plots,
                            struct counts *counts)
{
    struct chance shared = chance_for(seed, SUBJECT_COMMUNITY, 1000 + community);
    int programme = chance_below(&shared, 6), crop = chance_below(&shared, 10);
    double side = 166 * sqrt((double)n), x = -side / 2, y = -side / 2;
    double k = 1 / (M_PER_DEG * cos(centre.y * M_PI / 180));
    OGRGeometryH last = NULL;
    for (int i = 0; i < n; i++) {
        struct chance c = chance_for(seed, SUBJECT_PLOT, (uint64_t)(first + i));
        double hectares = fmin(50, fmax(0.04, 1.2 * exp(0.85 * chance_normal(&c)))),
               width = sqrt(hectares * 1e4);
        x += width / 2;
        struct xy origin = {centre.x + (x + 8 * chance_normal(&c)) * k,
                            centre.y + (y + 8 * chance_normal(&c)) / M_PER_DEG};
        x += width / 2 + 4;
        if (x > side / 2) {
            x = -side / 2;
            y += 172;
        }
        OGRGeometryH g;
        if (last && OGR_G_GetGeometryType(last) == wkbPolygon && chance_unit(&c) < 0.0125) {
            g = plot_again(&c, last);
            counts->again++;
        } else {
            g = plot_draw(&c, origin, hectares, counts);
        }
        plot_write(layer, &c, first + i, plots, b->key, programme, crop, hectares, g);
        if (last)
            OGR_G_DestroyGeometry(last);
        last = g;
    }
    if (last)
        OGR_G_DestroyGeometry(last);
}

void plots_write(const char *folder, uint64_t seed, long plots)
{
    struct brick bricks[256];
    int bricks_n = bricks_make(bricks, 256), placed[256] = {0};
    GDALDatasetH ds = dataset_new("ESRI Shapefile", path_in(folder, "plots.shp"));
    OGRLayerH layer = plots_layer(ds);
    struct counts counts = {0};
    struct chance c = chance_for(seed, SUBJECT_COMMUNITY, 0);
    double in_focus = 0.93 * fmin(1, FOCUS_PLOTS / (double)plots);
    uint64_t community = 0;
    for (long done = 0; done < plots; community++) {
        int n = (int)fmin(800, fmax(12, 90 * exp(0.7 * chance_normal(&c))));
        if (n > plots - done)
            n = (int)(plots - done);
        int b = chance_unit(&c) < in_focus
                    ? (2 * chance_below(&c, FOCUS) + 1) * bricks_n / (2 * FOCUS)
                    : chance_below(&c, bricks_n);
        struct xy centre = community_place(seed, &bricks[b], placed[b]++, 0.5);
        community_write(layer, seed, community, &bricks[b], centre, done, n, plots, &counts);
        done += n;
    }
    GDALClose(ds);
    printf("plots: %ld in %llu communities, %ld vertices; %ld cross themselves, %ld have a hole, "
           "%ld two parts, %ld are registered twice\n",
           plots, (unsigned long long)community, counts.vertices, counts.bow_ties, counts.holes,
           counts.multi, counts.again);
}
