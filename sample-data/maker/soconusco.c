/* Soconusco: coffee and cocoa under shade of two organisations, RAYEN and POT. RAYEN's young
 * members walk their plots with a phone (GPX tracks); the rest comes as GeoJSON. The GeoJSON
 * carries one row with its axes swapped and one boundary twice. */
#include "maker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct {
    const char *key, *name, *organisation;
    int plots;
} COMMUNITIES[] = {
    {"07105", "Santo Domingo", "RAYEN", 24},
    {"07105", "Talquián", "RAYEN", 21},
    {"07015", "Benito Juárez El Plan", "RAYEN", 22},
    {"07015", "Agustín de Iturbide", "RAYEN", 18},
    {"07089", "Pavencul", "POT", 30},
    {"07089", "Nueva Alemania", "POT", 29},
    {"07102", "Medio Monte", "POT", 26},
};
enum { WALKED = 40, ALONE = 3 };

static void plot_fill(struct rng *r, struct plot *p, int c, int number)
{
    bool rayen = strcmp(COMMUNITIES[c].organisation, "RAYEN") == 0;
    snprintf(p->code, sizeof p->code, "%s-%03d", COMMUNITIES[c].organisation, number);
    snprintf(p->organisation, sizeof p->organisation, "%s", COMMUNITIES[c].organisation);
    snprintf(p->community, sizeof p->community, "%s", COMMUNITIES[c].name);
    p->person = person_invent(r, COMMUNITIES[c].organisation, number, 0.42, rayen ? 0.75 : 0.4);
    double u = rng_unit(r);
    snprintf(p->crops, sizeof p->crops, "%s",
             rayen      ? (u < 0.85 ? "café" : "café; cacao")
             : u < 0.5  ? "cacao"
             : u < 0.75 ? "café; cacao"
                        : "café");
    snprintf(p->practices, sizeof p->practices, "%s",
             u < 0.6 ? "sistema agroforestal" : "sistema agroforestal; cultivos de cobertura");
    p->year = 2018 + rng_below(r, 7);
    date_in(r, p->year, p->date);
}

/* A walk that does not cross itself; the noise is drawn again until it does not. */
static void walk(const struct world *w, struct rng *r, struct field *f)
{
    struct field straight = *f;
    for (int attempt = 0; attempt < 200; attempt++) {
        field_walk(r, &straight, 6, 2.0, f);
        field_round(f, 1e-7);
        if (world_valid(w, f))
            return;
    }
    give_up("a walk always crosses itself");
}

static int communities_fill(struct world *w, struct rng *r, struct plot *plots)
{
    static struct field fields[40];
    int n = 0, numbers[2] = {0, 0};
    for (int c = 0; c < COUNT(COMMUNITIES); c++) {
        struct position centre;
        if (!world_community(w, r, COMMUNITIES[c].key, 800, CORRIDOR_ANY, &centre))
            give_up("no room for %s", COMMUNITIES[c].name);
        mosaic_make(r, centre, 112, COMMUNITIES[c].plots, fields);
        for (int i = 0; i < COMMUNITIES[c].plots; i++) {
            struct plot *p = &plots[n++];
            memset(p, 0, sizeof *p);
            p->field = fields[i];
            plot_fill(r, p, c, ++numbers[COMMUNITIES[c].organisation[0] == 'P']);
            if (n <= WALKED) {
                walk(w, r, &p->field);
                snprintf(p->method, sizeof p->method, "caminata");
            }
            field_round(&p->field, 1e-7);
        }
    }
    return n;
}

static void faults_add(struct plot *plots, int *n, int model)
{
    struct plot *p = &plots[(*n)++];
    *p = plots[model];
    snprintf(p->code, sizeof p->code, "POT-MAL-1"); /* latitude first */
    for (int i = 0; i < p->field.n; i++) {
        struct position q = offset_position(p->field.ring[i], 1400, 0);
        p->field.ring[i] = (struct position){q.y, q.x};
    }
    field_round(&p->field, 1e-7);
    p = &plots[(*n)++];
    *p = plots[model];
    snprintf(p->code, sizeof p->code, "POT-MAL-2"); /* the same ground under a second code */
}

int soconusco_make(struct world *w, const char *folder, struct plot *plots)
{
    static const struct column columns[] = {
        {"codigo", COLUMN_CODE, 0},
        {"productor", COLUMN_PRODUCER, 0},
        {"id_productor", COLUMN_PRODUCER_CODE, 0},
        {"sexo", COLUMN_GENDER, 0},
        {"anio_nacimiento", COLUMN_BIRTH_YEAR, 0},
        {"organizacion", COLUMN_ORGANISATION, 0},
        {"cultivo", COLUMN_CROPS, 0},
        {"practica", COLUMN_PRACTICES, 0},
        {"anio_adopcion", COLUMN_YEAR, 0},
        {"fecha", COLUMN_DATE, 0},
        {"localidad", COLUMN_COMMUNITY, 0},
    };
    static const char *const options[] = {"COORDINATE_PRECISION=7",
                                          NULL}; /* RFC7946=YES would refuse the swapped row */
    struct rng r = rng_for("soconusco");
    int n = communities_fill(w, &r, plots), sound = n;
    double ha = 0;
    for (int i = 0; i < n; i++)
        ha += field_hectares(&plots[i].field);
    faults_add(plots, &n, sound - 5);
    char path[512];
    for (int i = 0; i < ALONE; i++) {
        char name[64];
        snprintf(name, sizeof name, "caminata_rayen_%03d.gpx", i + 1);
        path_join(path, folder, name);
        gpx_write(path, plots + i, 1, &r);
    }
    path_join(path, folder, "caminatas_rayen.gpx");
    gpx_write(path, plots + ALONE, WALKED - ALONE, &r);
    path_join(path, folder, "soconusco.geojson");
    table_write(
        &(struct table){"GeoJSON", path, "soconusco", 4326, 1e-7, options, columns, COUNT(columns)},
        plots + WALKED, n - WALKED);
    printf("Soconusco: %d plots and %d wrong on purpose, %.4f ha, %d of them walked\n", sound,
           n - sound, ha, WALKED);
    return n;
}
