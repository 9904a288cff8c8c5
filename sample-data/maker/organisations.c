/* Producer organisations of Oaxaca and Chiapas: silvopasture of thirteen dairy and beef groups,
 * three model farms with conservation works. Two shapefiles, because 96 degrees west runs through
 * Oaxaca: UTM zone 15, and zone 14 for Tuxtepec. */
#include "maker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct {
    const char *key, *name, *initials;
    int zone, plots;
    bool model;
} ORGANISATIONS[] = {
    {"20184", "Ganaderos Unidos de Tuxtepec", "GUT", 14, 9, true},
    {"20184", "Lecheros del Papaloapan", "LEP", 14, 8, false},
    {"20184", "Sociedad Ganadera La Mina", "SLM", 14, 6, false},
    {"20044", "Productores de Carne de Loma Bonita", "PLB", 15, 8, false},
    {"20044", "Unión Lechera Piñera", "ULP", 15, 7, false},
    {"20057", "Ganaderos de Matías Romero", "GMR", 15, 9, true},
    {"20057", "Silvopastores de los Chimalapas", "SCH", 15, 8, false},
    {"20057", "Leche del Istmo", "LIS", 15, 6, false},
    {"20198", "Mujeres Ganaderas de Guichicovi", "MGG", 15, 7, false},
    {"20198", "Ganaderos Mixes del Istmo", "GMI", 15, 7, false},
    {"07077", "Ganaderos de Salto de Agua", "GSA", 15, 8, true},
    {"07031", "Quesería Comunitaria de Bachajón", "QCB", 15, 6, false},
    {"07059", "Silvopastoril Valle de Ocosingo", "SVO", 15, 7, false},
};

enum { WORKS_MAX = 60 };
struct works {
    struct work list[WORKS_MAX];
    int n;
};

static void work_add(struct works *w, const char *kind, const struct plot *farm, int year)
{
    struct work *work = &w->list[w->n++];
    *work = (struct work){.kind = kind, .year = year};
    snprintf(work->code, sizeof work->code, "OBRA-%03d", w->n);
    snprintf(work->farm, sizeof work->farm, "%s", farm->code);
}

/* Log dams down a gully, channels along the contour, waterers: what a model farm has built. */
static void model_farm_works(struct rng *r, const struct plot *farm, struct works *w)
{
    struct position centre = field_centre(&farm->field);
    double angle = rng_between(r, 0, 2 * M_PI), c = cos(angle), s = sin(angle);
    for (int k = 0; k < 4; k++) {
        work_add(w, "presa filtrante de morillos", farm, 2019 + rng_below(r, 4));
        struct work *dam = &w->list[w->n - 1];
        double along = -70 + 45.0 * k;
        dam->place[dam->n++] = offset_position(centre, along * c, along * s);
    }
    for (int k = 0; k < 2; k++) {
        work_add(w, "bebedero", farm, 2020 + rng_below(r, 4));
        struct work *trough = &w->list[w->n - 1];
        trough->place[trough->n++] =
            offset_position(centre, rng_between(r, -60, 60), rng_between(r, -60, 60));
    }
    for (int k = 0; k < 3; k++) {
        work_add(w, k ? "zanja de infiltración" : "canal de desvío", farm, 2019 + rng_below(r, 4));
        struct work *channel = &w->list[w->n - 1];
        for (int i = 0; i < 6; i++) {
            double along = -75 + 30.0 * i, across = -40 + 40.0 * k + rng_between(r, -6, 6);
            channel->place[channel->n++] =
                offset_position(centre, along * c - across * s, along * s + across * c);
        }
    }
}

static void plot_fill(struct rng *r, struct plot *p, int o, int i)
{
    snprintf(p->code, sizeof p->code, "%s-%02d", ORGANISATIONS[o].initials, i + 1);
    snprintf(p->organisation, sizeof p->organisation, "%s", ORGANISATIONS[o].name);
    p->person = person_invent(r, ORGANISATIONS[o].initials, i + 1,
                              strstr(ORGANISATIONS[o].name, "Mujeres") ? 1 : 0.22, 0.15);
    bool pasture = rng_unit(r) < 0.82;
    snprintf(p->crops, sizeof p->crops, "%s", pasture ? "pasto" : "pasto; maíz");
    bool model = ORGANISATIONS[o].model && i == 0;
    snprintf(p->practices, sizeof p->practices, "%s",
             model     ? "silvopastoril; presas filtrantes; uso eficiente del agua"
             : pasture ? "silvopastoril"
                       : "silvopastoril; rotación de cultivos");
    snprintf(p->kind, sizeof p->kind, "%s",
             model                ? "rancho modelo"
             : rng_unit(r) < 0.55 ? "leche"
                                  : "carne");
    p->year = 2015 + rng_below(r, 10);
    date_in(r, p->year, p->date);
}

int organisations_make(struct world *w, const char *folder, struct plot *plots)
{
    static const struct column columns[] = {
        {"ID_PARCELA", COLUMN_CODE, 12},    {"ORGANIZACI", COLUMN_ORGANISATION, 60},
        {"PRODUCTOR", COLUMN_PRODUCER, 60}, {"SEXO", COLUMN_GENDER_LETTER, 1},
        {"CULTIVO", COLUMN_CROPS, 40},      {"PRACTICA", COLUMN_PRACTICES, 80},
        {"ANIO", COLUMN_YEAR, 4},           {"FECHA", COLUMN_DATE, 0},
        {"TIPO", COLUMN_KIND, 20},
    };
    static const char *const options[] = {"ENCODING=UTF-8", "DBF_DATE_LAST_UPDATE=2024-03-01",
                                          NULL};
    static struct field fields[16];
    static struct works works;
    struct rng r = rng_for("organizaciones");
    int n = 0, zone_n[2] = {0, 0};
    double ha = 0;
    works.n = 0;
    for (int o = 0; o < COUNT(ORGANISATIONS); o++) {
        struct position centre;
        if (!world_community(w, &r, ORGANISATIONS[o].key, 1900, CORRIDOR_ANY, &centre))
            give_up("no room for %s", ORGANISATIONS[o].name);
        mosaic_make(&r, centre, 430, ORGANISATIONS[o].plots, fields);
        for (int i = 0; i < ORGANISATIONS[o].plots; i++) {
            struct plot *p = &plots[n++];
            memset(p, 0, sizeof *p);
            p->field = fields[i];
            plot_fill(&r, p, o, i);
            table_settle(32600 + ORGANISATIONS[o].zone, 0.01, &p->field);
            ha += field_hectares(&p->field);
            zone_n[ORGANISATIONS[o].zone == 15]++;
            if (ORGANISATIONS[o].model && i == 0)
                model_farm_works(&r, p, &works);
        }
    }
    char path[512];
    struct table t = {"ESRI Shapefile", path,    "organizaciones_z14", 32614, 0.01,
                      options,          columns, COUNT(columns)};
    path_join(path, folder, "organizaciones_z14.shp");
    table_write(&t, plots, zone_n[0]);
    t.epsg = 32615;
    t.layer = "organizaciones_z15";
    path_join(path, folder, "organizaciones_z15.shp");
    table_write(&t, plots + zone_n[0], zone_n[1]);
    path_join(path, folder, "obras_conservacion.gpkg");
    works_write(path, works.list, works.n);
    printf("Organisations: %d plots of %d organisations, %.4f ha, %d works\n", n,
           COUNT(ORGANISATIONS), ha, works.n);
    return n;
}
