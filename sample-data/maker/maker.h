/* The program that makes the sample data: shared types.
 *
 * Everything it writes comes from the tables in these files and from one seeded generator per
 * subject, so that a change in one programme leaves the others' bytes alone. It uses PROJ's
 * geodesic and GEOS directly and none of Parcela's own code: what it says about hectares is a
 * second opinion, not an echo. One thread. */
#ifndef SAMPLE_DATA_MAKER_H
#define SAMPLE_DATA_MAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <geos_c.h>

struct position {
    double x, y; /* longitude and latitude in degrees, or metres east and north */
};

/* ---- random.c: chance that is the same everywhere, and invented people ---- */

struct rng {
    uint64_t state;
};
struct rng rng_for(const char *subject);
double rng_unit(struct rng *r); /* [0, 1) */
double rng_between(struct rng *r, double low, double high);
int rng_below(struct rng *r, int n); /* 0 .. n-1 */
double rng_normal(struct rng *r);
/* A number in [-1, 1] that depends on the arguments only. */
double hash_unit(int64_t a, int64_t b, int64_t c);

struct person {
    char code[24], name[80];
    char gender; /* 'F' or 'M' */
    int birth_year;
};
/* An invented person; `women` is the share of women, `young` the share born after 1990. */
struct person person_invent(struct rng *r, const char *prefix, int number, double women,
                            double young);

/* ---- field.c: boundaries of plots ---- */

enum { FIELD_VERTICES_MAX = 400 };

struct field {
    struct position ring[FIELD_VERTICES_MAX]; /* lon/lat, not closed, counter-clockwise */
    int n;
};
/* Metres east and north of `origin` to lon/lat, good to a millimetre or so within 5 km. */
struct position offset_position(struct position origin, double east_m, double north_m);
double field_hectares(const struct field *f); /* geodesic, WGS84 (PROJ) */
struct position field_centre(const struct field *f);
/* Scales about the centre: hectares grow by factor squared. */
void field_scale(struct field *f, double factor);
/* Rounds each coordinate to a multiple of `step` degrees. */
void field_round(struct field *f, double step);

/* A mosaic of `n` neighbouring fields round `centre`: a turned grid with uneven lanes, jittered
 * corners and bent sides; each field keeps a gap to the next, so that none overlap. `side_m` is the
 * typical side. Returns the radius in metres. */
double mosaic_make(struct rng *r, struct position centre, double side_m, int n, struct field *out);
/* The boundary as a person with a phone walks it: a point every `step_m`, with correlated noise of
 * `sigma_m`; start and end do not quite meet. */
void field_walk(struct rng *r, const struct field *f, double step_m, double sigma_m,
                struct field *out);

/* ---- world.c: states, municipalities, corridors ---- */

enum { MUNICIPALITIES_N = 29, STATES_N = 3, CORRIDORS_N = 4 };

struct area {
    const char *key, *name;
    GEOSGeometry *shape; /* lon/lat */
};
struct world {
    GEOSContextHandle_t geos;
    struct area municipality[MUNICIPALITIES_N], state[STATES_N], corridor[CORRIDORS_N];
    GEOSGeometry *corridors; /* the union */
    struct position community[200];
    int communities_n;
};
/* Draws everything; exits with a message when a promise (municipality inside its state, gap-free
 * groups) does not hold. */
void world_make(struct world *w);
void world_free(struct world *w);
void world_write(const struct world *w, const char *folder);

enum corridor_wish { CORRIDOR_ANY, CORRIDOR_IN, CORRIDOR_OUT, CORRIDOR_EDGE };
/* A place for a community of `radius_m` inside the municipality, away from the others. False when
 * there is no room. */
bool world_community(struct world *w, struct rng *r, const char *municipality, double radius_m,
                     enum corridor_wish wish, struct position *out);
/* The middle of the border between two municipalities, taken as a community. */
void world_border(struct world *w, const char *one, const char *other, struct position *out);
GEOSGeometry *world_polygon(const struct world *w, const struct field *f);
/* Share of the field inside the corridors, 0..1. */
double world_corridor_share(const struct world *w, const struct field *f);
/* Key of the municipality that holds most of the field, or NULL. */
const char *world_municipality_of(const struct world *w, const struct field *f);
bool world_valid(const struct world *w, const struct field *f);

/* ---- table.c: writing plots as the formats people send ---- */

struct plot {
    char code[24];
    struct person person;
    char community[48];
    char organisation[80];
    char crops[80], practices[120];
    char kind[40];   /* what else the programme notes down */
    char method[24]; /* how the boundary was taken */
    char date[12];   /* 2023-05-17 */
    int year;        /* of adoption */
    double declared_ha, accuracy_m;
    struct field field;
};

enum column_value {
    COLUMN_CODE,
    COLUMN_PRODUCER,
    COLUMN_PRODUCER_CODE,
    COLUMN_GENDER,        /* mujer, hombre */
    COLUMN_GENDER_LETTER, /* F, M */
    COLUMN_BIRTH_YEAR,
    COLUMN_COMMUNITY,
    COLUMN_ORGANISATION,
    COLUMN_CROPS,
    COLUMN_PRACTICES,
    COLUMN_KIND,
    COLUMN_METHOD,
    COLUMN_DATE,
    COLUMN_YEAR,
    COLUMN_DECLARED,
    COLUMN_ACCURACY
};
struct column {
    const char *name;
    enum column_value value;
    int width;
};
struct table {
    const char *driver, *path, *layer;
    int epsg;
    double step; /* coordinates are whole multiples of this many metres or degrees */
    const char *const *layer_options;
    const struct column *columns;
    int columns_n;
};
void table_write(const struct table *t, const struct plot *plots, int n);
/* What a reader will find: the field through the table's CRS, rounding and back. */
void table_settle(int epsg, double step, struct field *f);
void geometry_file_write(const struct world *w, const char *driver, const char *path,
                         const char *layer, const struct area *areas, int n, const char *key,
                         const char *name, const char *const *layer_options);
/* Points (n 1) and lines (n > 1) of conservation works. */
struct work {
    const char *kind;
    char code[24], farm[24];
    int year, n;
    struct position place[8];
};
void works_write(const char *path, const struct work *works, int n);
/* Puts the files `stem`.shp, .shx, .dbf, .prj of a folder into a zip and removes them. */
void zip_shapefile(const char *folder, const char *stem, const char *zip_path);
void gpx_write(const char *path, const struct plot *plots, int n, struct rng *r);

/* ---- terrain.c ---- */

/* The made-up height in metres above the sea; 0 outside the areas. */
double terrain_height(struct position p);
/* Elevation in blocks under the plots, all files on one 1 arc-second grid. */
void terrain_write(const char *folder, const struct plot *plots, int n);

/* ---- the programmes: each fills `plots`, writes its files and returns how many plots there are
 * ---- */

enum { PLOTS_MAX = 1200 };
int miaf_make(struct world *w, const char *folder, struct plot *plots);
int small_farms_make(struct world *w, const char *folder, const struct plot *miaf,
                     struct plot *plots);
int organisations_make(struct world *w, const char *folder, struct plot *plots);
int soconusco_make(struct world *w, const char *folder, struct plot *plots);

/* ---- small helpers ---- */

/* Prints the message and ends the program: a maker of samples has nobody to report to. */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "folder/name" in `out`. */
void path_join(char out[512], const char *folder, const char *name);
/* A day of that year, as 2023-05-17, in the field season from January to June. */
void date_in(struct rng *r, int year, char out[12]);

#endif
