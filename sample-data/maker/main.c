/* make_samples FOLDER: writes the sample data into FOLDER (made when absent), always the same. */
#include "maker.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cpl_conv.h>
#include <gdal.h>

static const char *folder_make(char out[512], const char *root, const char *name)
{
    path_join(out, root, name);
    if (mkdir(out, 0777) && errno != EEXIST)
        give_up("cannot make %s: %s", out, strerror(errno));
    return out;
}

static struct position low(const struct field *f)
{
    struct position p = f->ring[0];
    for (int i = 1; i < f->n; i++)
        p = (struct position){fmin(p.x, f->ring[i].x), fmin(p.y, f->ring[i].y)};
    return p;
}

static struct position high(const struct field *f)
{
    struct position p = f->ring[0];
    for (int i = 1; i < f->n; i++)
        p = (struct position){fmax(p.x, f->ring[i].x), fmax(p.y, f->ring[i].y)};
    return p;
}

/* Walked neighbours overlap by strips, as they do in life; rows that are wrong on purpose do what
 * they do. */
static bool may_overlap(const struct plot *p)
{
    return strstr(p->code, "-MAL-") || strcmp(p->method, "caminata") == 0;
}

/* No two other plots share ground. */
static void check_apart(const struct world *w, const struct plot *plots, int n)
{
    GEOSContextHandle_t g = w->geos;
    for (int i = 0; i < n; i++) {
        if (may_overlap(&plots[i]))
            continue;
        struct position min = low(&plots[i].field), max = high(&plots[i].field);
        GEOSGeometry *a = world_polygon(w, &plots[i].field);
        for (int k = i + 1; k < n; k++) {
            struct position from = low(&plots[k].field), to = high(&plots[k].field);
            if (may_overlap(&plots[k]) || from.x > max.x || from.y > max.y || to.x < min.x ||
                to.y < min.y)
                continue;
            GEOSGeometry *b = world_polygon(w, &plots[k].field);
            if (GEOSIntersects_r(g, a, b) != 0)
                give_up("%s and %s overlap", plots[i].code, plots[k].code);
            GEOSGeom_destroy_r(g, b);
        }
        GEOSGeom_destroy_r(g, a);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: make_samples FOLDER\n", stderr);
        return 2;
    }
    static struct world w;
    static struct plot plots[PLOTS_MAX];
    char folder[512];
    CPLSetConfigOption("OGR_CURRENT_DATE",
                       "2024-01-15T12:00:00.000Z"); /* last_change of a GeoPackage */
    GDALAllRegister();
    folder_make(folder, argv[1], "");
    world_make(&w);
    world_write(&w, folder_make(folder, argv[1], "layers"));
    int n = miaf_make(&w, folder_make(folder, argv[1], "miaf-d"), plots);
    n += small_farms_make(&w, folder_make(folder, argv[1], "pequeno-productor"), plots, plots + n);
    n += organisations_make(&w, folder_make(folder, argv[1], "organizaciones"), plots + n);
    n += soconusco_make(&w, folder_make(folder, argv[1], "soconusco"), plots + n);
    check_apart(&w, plots, n);
    terrain_write(folder_make(folder, argv[1], "terrain"), plots, n);
    world_free(&w);
    return 0;
}
