/* Pequeño Productor: vegetables and avocado of small farms in Puebla, Oaxaca and Chiapas, adopted
 * from 2011 on. Carries the rows that are wrong on purpose and can be told from a table; see the
 * README of sample-data. */
#include "maker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct {
    const char *key, *name, *prefix;
    int plots;
    double side_m;
    const char
        *other; /* the municipality across whose border the community lies; NULL = it lies inside */
} COMMUNITIES[] = {
    {"21019", "San Jerónimo Coyula", "PUE", 34, 125, NULL},
    {"21019", "La Trinidad Tepango", "PUE", 30, 145, NULL},
    {"21022", "San Juan Amecac", "PUE", 26, 155, NULL},
    {"21069", "Huejotal", "PUE", 32, 175, NULL},
    {"21069", "Soledad Morelos", "PUE", 24, 130, NULL},
    {"21175", "San Pedro Atlixco", "PUE", 26, 120, NULL},
    {"21188", "La Magdalena Yancuitlalpan", "PUE", 36, 170, NULL},
    {"21188", "San Antonio Alpanocan", "PUE", 30, 190, NULL},
    {"20006", "Santa María Añuma", "OAX", 24, 140, NULL},
    {"20397", "San Pedro Yucuxaco", "OAX", 28, 125, NULL},
    {"20397", "Palo de Letra", "OAX", 20, 155, NULL},
    {"20184", "Camelia Roja", "OAX", 24, 230, NULL},
    {"07031", "Tacuba", "CHI", 18, 130, NULL},
    {"07096", "Petalcingo", "CHI", 20, 145, NULL},
    {"07064", "Rancho del Cura", "CHI", 14, 125, NULL},
    {"21019", "Colonia La Raya", "PUE", 18, 130, "21069"},
};
static const char *const VEGETABLES[] = {"jitomate", "cebolla", "brócoli",  "chile",
                                         "calabaza", "lechuga", "zanahoria"};
static const char *const PRACTICES[] = {"cultivos de cobertura", "rotación de cultivos",
                                        "barreras contra la erosión", "uso eficiente del agua"};

static void crops_fill(struct rng *r, struct plot *p)
{
    if (rng_unit(r) < 0.38)
        snprintf(p->crops, sizeof p->crops, "aguacate");
    else if (rng_unit(r) < 0.3)
        snprintf(p->crops, sizeof p->crops, "%s; aguacate",
                 VEGETABLES[rng_below(r, COUNT(VEGETABLES))]);
    else
        snprintf(p->crops, sizeof p->crops, "%s", VEGETABLES[rng_below(r, COUNT(VEGETABLES))]);
    int first = rng_below(r, 4), second = rng_below(r, 4);
    if (first == second)
        snprintf(p->practices, sizeof p->practices, "%s", PRACTICES[first]);
    else
        snprintf(p->practices, sizeof p->practices, "%s; %s", PRACTICES[first], PRACTICES[second]);
}

static void plot_fill(struct rng *r, struct plot *p, const char *prefix, int number,
                      const char *community)
{
    snprintf(p->code, sizeof p->code, "PP-%s-%04d", prefix, number);
    snprintf(p->community, sizeof p->community, "%s", community);
    p->person = person_invent(r, "PP", number, 0.36, 0.25);
    crops_fill(r, p);
    p->year = 2011 + (int)(15 * sqrt(rng_unit(r))); /* the programme grew */
    date_in(r, p->year, p->date);
    bool walked = rng_unit(r) < 0.8;
    snprintf(p->method, sizeof p->method, "%s", walked ? "recorrido GPS" : "digitalizado");
    p->accuracy_m = walked ? round(rng_between(r, 2.5, 6) * 10) / 10 : 8;
}

static int communities_fill(struct world *w, struct rng *r, struct plot *plots)
{
    static struct field fields[64];
    int n = 0;
    for (int c = 0; c < COUNT(COMMUNITIES); c++) {
        struct position centre;
        if (COMMUNITIES[c].other)
            world_border(w, COMMUNITIES[c].key, COMMUNITIES[c].other, &centre);
        else if (!world_community(w, r, COMMUNITIES[c].key, COMMUNITIES[c].side_m * 6, CORRIDOR_ANY,
                                  &centre))
            give_up("no room for %s", COMMUNITIES[c].name);
        mosaic_make(r, centre, COMMUNITIES[c].side_m * 1.05, COMMUNITIES[c].plots, fields);
        for (int i = 0; i < COMMUNITIES[c].plots; i++) {
            struct plot *p = &plots[n++];
            memset(p, 0, sizeof *p);
            p->field = fields[i];
            plot_fill(r, p, COMMUNITIES[c].prefix, n, COMMUNITIES[c].name);
            if (i % 5 == 4)
                p->person = plots[n - 2].person;
        }
    }
    return n;
}

/* A field of straight sides by corners in metres round `origin`. */
static struct field drawn(struct position origin, const double (*corners)[2], int n)
{
    struct field f = {.n = n};
    for (int i = 0; i < n; i++)
        f.ring[i] = offset_position(origin, corners[i][0], corners[i][1]);
    return f;
}

static struct plot *faulty(struct rng *r, struct plot *plots, int *n, const char *code,
                           const char *kind)
{
    struct plot *p = &plots[(*n)++];
    memset(p, 0, sizeof *p);
    plot_fill(r, p, "MAL", *n, "");
    snprintf(p->code, sizeof p->code, "%s", code);
    snprintf(p->kind, sizeof p->kind, "%s", kind);
    return p;
}

/* The rows that are wrong on purpose. `spot` is a place without other plots in Puebla. */
static int faults_add(struct rng *r, const struct plot *miaf, struct position spot,
                      struct plot *plots, int n)
{
    /* walked past the start: a small loop at the corner, both repairs keep the same ground */
    static const double loop[][2] = {{0, 0}, {120, 0}, {120, 90}, {-12, 90}, {-12, 100}, {0, 82}};
    /* two overlapping turns in the same direction: is the middle in once or out? */
    static const double twice[][2] = {{0, 0},    {110, 0},   {110, 80}, {40, 80},
                                      {40, -40}, {170, -40}, {170, 50}, {0, 50}};
    static const double square[][2] = {{0, 0}, {95, 4}, {90, 84}, {-5, 80}};
    struct plot *p = faulty(r, plots, &n, "PP-MAL-0001", "se cruza, reparable");
    p->field = drawn(offset_position(spot, -300, 0), loop, COUNT(loop));
    p = faulty(r, plots, &n, "PP-MAL-0002", "se cruza, ambiguo");
    p->field = drawn(offset_position(spot, 0, 0), twice, COUNT(twice));
    /* one code on two fields */
    for (int k = 0; k < 2; k++) {
        p = faulty(r, plots, &n, "PP-MAL-0003", "clave repetida");
        p->field = drawn(offset_position(spot, 300, 150.0 * k), square, COUNT(square));
    }
    /* in Hidalgo: in no region of the sample */
    p = faulty(r, plots, &n, "PP-MAL-0004", "fuera de toda región");
    p->field = drawn((struct position){-98.75, 20.10}, square, COUNT(square));
    /* half of a MIAF-D plot, claimed by this programme too */
    p = faulty(r, plots, &n, "PP-MAL-0005", "encimada con MIAF-D");
    p->field = miaf->field;
    struct position shift = offset_position(miaf->field.ring[0], 45, 10);
    for (int i = 0; i < p->field.n; i++) {
        p->field.ring[i].x += shift.x - miaf->field.ring[0].x;
        p->field.ring[i].y += shift.y - miaf->field.ring[0].y;
    }
    return n;
}

int small_farms_make(struct world *w, const char *folder, const struct plot *miaf,
                     struct plot *plots)
{
    static const struct column columns[] = {
        {"codigo", COLUMN_CODE, 0},
        {"productor", COLUMN_PRODUCER, 0},
        {"id_productor", COLUMN_PRODUCER_CODE, 0},
        {"sexo", COLUMN_GENDER, 0},
        {"anio_nacimiento", COLUMN_BIRTH_YEAR, 0},
        {"localidad", COLUMN_COMMUNITY, 0},
        {"cultivo", COLUMN_CROPS, 0},
        {"practica", COLUMN_PRACTICES, 0},
        {"anio_adopcion", COLUMN_YEAR, 0},
        {"fecha", COLUMN_DATE, 0},
        {"levantamiento", COLUMN_METHOD, 0},
        {"precision_m", COLUMN_ACCURACY, 0},
        {"observaciones", COLUMN_KIND, 0},
    };
    struct rng r = rng_for("pequeno-productor");
    int n = communities_fill(w, &r, plots), sound = n;
    struct position spot;
    if (!world_community(w, &r, "21069", 700, CORRIDOR_ANY, &spot))
        give_up("no room for the faulty plots");
    n = faults_add(&r, miaf, spot, plots, n);
    double ha = 0, small = 0;
    for (int i = 0; i < n; i++) {
        field_round(&plots[i].field, 1e-7);
        if (i < sound) {
            double h = field_hectares(&plots[i].field);
            ha += h;
            small += h < 2;
        }
    }
    char path[512];
    path_join(path, folder, "pequeno_productor.gpkg");
    table_write(
        &(struct table){"GPKG", path, "parcelas", 4326, 1e-7, NULL, columns, COUNT(columns)}, plots,
        n);
    printf("Pequeño Productor: %d plots and %d wrong on purpose, %.4f ha, %.0f %% under 2 ha\n",
           sound, n - sound, ha, 100 * small / sound);
    return n;
}
