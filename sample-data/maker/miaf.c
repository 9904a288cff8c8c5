/* MIAF-D, Chiapas: milpa between rows of fruit trees, 405.0 ha in 14 municipalities, 73 % of it
 * inside the corridors.
 *
 * Communities are placed inside, outside and on the border of the corridors; then the fields of
 * each kind are scaled until both figures hold, measured on the coordinates as the file stores them
 * (EPSG:6372, whole centimetres). */
#include "maker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

enum { EPSG_INEGI_LCC = 6372, PER_COMMUNITY = 12 };
static const double STEP_M = 0.01, TARGET_HA = 405.0, TARGET_SHARE = 0.73;

/* Two communities in each; I inside the corridor, O outside, E across its border. */
static const struct {
    const char *key, *names[2], *wish;
} MUNICIPALITIES[] = {
    {"07026", {"Yabteclum", "Los Chorros"}, "OO"},
    {"07031", {"Bachajón", "Guaquitepec"}, "IE"},
    {"07039", {"Sombra Carrizal", "El Azufre"}, "II"},
    {"07059", {"Abasolo", "El Tumbo"}, "OI"},
    {"07064", {"Mesbiljá", "Cholol"}, "OO"},
    {"07066", {"San Fernando", "Tzanembolom"}, "EI"},
    {"07076", {"Los Moyos", "El Paraíso"}, "II"},
    {"07077", {"La Trinidad", "Arroyo Palenque"}, "II"},
    {"07081", {"La Pimienta", "Las Maravillas"}, "II"},
    {"07082", {"Golonchán", "La Unión"}, "II"},
    {"07096", {"Nueva Esperanza", "Chulum Juárez"}, "IO"},
    {"07100", {"Hidalgo Joshil", "Emiliano Zapata"}, "II"},
    {"07109", {"Amado Nervo", "Lázaro Cárdenas"}, "II"},
    {"07112", {"Chiloljá", "Tzajalchén"}, "OO"},
};

static const struct {
    const char *crops, *practices;
} SYSTEMS[] = {
    {"maíz; frijol; durazno", "MIAF; barreras vivas"},
    {"maíz; durazno", "MIAF; labranza de conservación"},
    {"maíz; frijol; aguacate", "MIAF; terrazas de muro vivo"},
    {"maíz; frijol; calabaza; durazno", "MIAF; cultivos de cobertura"},
    {"maíz; aguacate", "MIAF; barreras vivas"},
};

static enum corridor_wish wish_of(char c)
{
    return c == 'I' ? CORRIDOR_IN : c == 'O' ? CORRIDOR_OUT : CORRIDOR_EDGE;
}

static int communities_fill(struct world *w, struct rng *r, struct plot *plots)
{
    static struct field fields[PER_COMMUNITY];
    int n = 0;
    for (int m = 0; m < COUNT(MUNICIPALITIES); m++)
        for (int c = 0; c < 2; c++) {
            struct position centre;
            if (!world_community(w, r, MUNICIPALITIES[m].key, 750,
                                 wish_of(MUNICIPALITIES[m].wish[c]), &centre))
                give_up("no room for %s in %s", MUNICIPALITIES[m].names[c], MUNICIPALITIES[m].key);
            int count = PER_COMMUNITY - rng_below(r, 4);
            mosaic_make(r, centre, 128, count, fields);
            for (int i = 0; i < count; i++) {
                struct plot *p = &plots[n++];
                memset(p, 0, sizeof *p);
                p->field = fields[i];
                snprintf(p->code, sizeof p->code, "MIAF-%s-%03d", MUNICIPALITIES[m].key, n);
                snprintf(p->community, sizeof p->community, "%s", MUNICIPALITIES[m].names[c]);
            }
        }
    return n;
}

static void people_fill(struct rng *r, struct plot *plots, int n)
{
    for (int i = 0; i < n; i++) {
        struct plot *p = &plots[i];
        /* every sixth plot belongs to the person of the plot before */
        if (i % 6 == 5 && strcmp(p->community, plots[i - 1].community) == 0)
            p->person = plots[i - 1].person;
        else
            p->person = person_invent(r, "MIAF", i + 1, 0.31, 0.2);
        int s = rng_below(r, COUNT(SYSTEMS));
        snprintf(p->crops, sizeof p->crops, "%s", SYSTEMS[s].crops);
        snprintf(p->practices, sizeof p->practices, "%s", SYSTEMS[s].practices);
        snprintf(p->method, sizeof p->method, "GPS");
        p->year = 2012 + rng_below(r, 12);
        date_in(r, p->year + 1, p->date);
    }
}

struct measured {
    double in_ha, out_ha; /* of fields with most of them inside, outside */
    double corridor_ha;
};

static struct measured measure(const struct world *w, const struct plot *plots, int n)
{
    struct measured m = {0};
    for (int i = 0; i < n; i++) {
        struct field f = plots[i].field;
        table_settle(EPSG_INEGI_LCC, STEP_M, &f);
        double ha = field_hectares(&f), share = world_corridor_share(w, &f);
        *(share > 0.5 ? &m.in_ha : &m.out_ha) += ha;
        m.corridor_ha += ha * share;
    }
    return m;
}

/* Scales inside and outside fields apart until the total and the share hold. */
static void tune(const struct world *w, struct plot *plots, int n)
{
    for (int round = 0; round < 12; round++) {
        struct measured m = measure(w, plots, n);
        double total = m.in_ha + m.out_ha;
        if (fabs(total - TARGET_HA) < 2e-3 && fabs(m.corridor_ha / total - TARGET_SHARE) < 2e-5)
            return;
        /* what crosses the border keeps its excess: aim at the in-group hectares that give the
         * right share */
        double in_goal = m.in_ha + (TARGET_HA * TARGET_SHARE - m.corridor_ha),
               out_goal = TARGET_HA - in_goal;
        double in_factor = sqrt(in_goal / m.in_ha), out_factor = sqrt(out_goal / m.out_ha);
        if (getenv("MAKE_SAMPLES_VERBOSE"))
            fprintf(stderr, "round %d: %.4f ha, %.4f %%, factors %.4f %.4f\n", round, total,
                    100 * m.corridor_ha / total, in_factor, out_factor);
        for (int i = 0; i < n; i++) {
            bool in = world_corridor_share(w, &plots[i].field) > 0.5;
            field_scale(&plots[i].field, in ? in_factor : out_factor);
        }
    }
    give_up("MIAF-D does not settle on %.1f ha and %.0f %%", TARGET_HA, 100 * TARGET_SHARE);
}

int miaf_make(struct world *w, const char *folder, struct plot *plots)
{
    static const struct column columns[] = {
        {"CLAVE", COLUMN_CODE, 16},
        {"PRODUCTOR", COLUMN_PRODUCER, 60},
        {"ID_PRODUCT", COLUMN_PRODUCER_CODE, 12},
        {"SEXO", COLUMN_GENDER, 6},
        {"ANIO_NAC", COLUMN_BIRTH_YEAR, 4},
        {"COMUNIDAD", COLUMN_COMMUNITY, 40},
        {"CULTIVO", COLUMN_CROPS, 60},
        {"PRACTICA", COLUMN_PRACTICES, 60},
        {"ANIO_ADOP", COLUMN_YEAR, 4},
        {"FECHA", COLUMN_DATE, 0},
        {"LEVANTAMIE", COLUMN_METHOD, 12},
        {"SUP_DECL", COLUMN_DECLARED, 9},
    };
    static const char *const options[] = {"ENCODING=ISO-8859-1", "DBF_DATE_LAST_UPDATE=2024-01-15",
                                          NULL};
    struct rng r = rng_for("miaf-d");
    int n = communities_fill(w, &r, plots);
    people_fill(&r, plots, n);
    tune(w, plots, n);
    for (int i = 0; i < n; i++) {
        table_settle(EPSG_INEGI_LCC, STEP_M, &plots[i].field);
        /* people say quarters of a hectare */
        plots[i].declared_ha =
            fmax(0.25, round(field_hectares(&plots[i].field) * rng_between(&r, 0.92, 1.1) * 4) / 4);
    }
    char path[512], zip[512];
    path_join(path, folder, "parcelas_miaf.shp");
    path_join(zip, folder, "parcelas_miaf.zip");
    table_write(&(struct table){"ESRI Shapefile", path, "parcelas_miaf", EPSG_INEGI_LCC, STEP_M,
                                options, columns, COUNT(columns)},
                plots, n);
    zip_shapefile(folder, "parcelas_miaf", zip);
    struct measured m = measure(w, plots, n);
    printf("MIAF-D: %d plots, %.4f ha, %.4f %% in the corridors\n", n, m.in_ha + m.out_ha,
           100 * m.corridor_ha / (m.in_ha + m.out_ha));
    return n;
}
