/* Which reference system fits coordinates, and what is wrong with the coordinates of one row.
 *
 * Pure: coordinates, PROJ, and a caller who knows where the regions are. Two questions:
 * crs_rank() for a file whose system is not known, crs_diagnose() for a row that lies where it
 * should not (GEO.md 2.5, DOMAIN.md 6.1). Neither changes a coordinate; both only say what they
 * see. A struct crs_set belongs to one thread. */
#ifndef GEO_CRS_EVIDENCE_H
#define GEO_CRS_EVIDENCE_H

#include "geo/crs/crs.h"

/* Transformations that are opened when first asked for, and kept. */
struct crs_set;
struct crs_set *crs_set_new(void);      /* NULL = no memory */
void crs_set_free(struct crs_set *set); /* NULL is allowed */
/* The set's; NULL when there is no such transformation. */
struct crs_transform *crs_set_get(struct crs_set *set, int epsg);

/* Where a position is, for a row that says which region it belongs to. */
enum crs_home { CRS_HOME_NOWHERE, CRS_HOME_SOME, CRS_HOME_OWN };

/* What the caller knows of regions. key: the row's own region, one that exists, or NULL. */
struct crs_world {
    enum crs_home (*locate)(struct lonlat p, const char *key, void *arg);
    void *arg;
    bool mexico; /* the regions are of Mexico: who comes from abroad into Mexico comes home */
};

/* ---- ranking (rank.c) ---- */

enum { CRS_RANKS_MAX = 16, CRS_SAMPLES_MAX = 400 };

struct crs_sample {
    struct lonlat raw;    /* middle of the row in file coordinates, east or longitude first */
    const char *key;      /* its own region, or NULL */
    struct lonlat second; /* middle of another boundary of the same plot in WGS84; NaN = none */
};

struct crs_rank {
    int epsg;
    char name[64];
    uint32_t n;                /* rows sampled */
    uint32_t any_n;            /* of them in any region; where there are no regions, in Mexico */
    uint32_t keyed_n, own_n;   /* with a region of their own; of them in it */
    uint32_t second_n, near_n; /* with another boundary; of them on it rather than beside it */
    struct lonlat example;     /* where the first row would be */
};

/* Ranks the systems in use in Mexico (geographic WGS84 and NAD27, INEGI's Lambert conic, web
 * mercator, UTM 11..16 in WGS84 and NAD27) in which at least half of the rows would lie in Mexico
 * or in a region, best first: share in their own region, then in any, then what is commoner.
 * Systems that differ by 1-2 m only (ITRF92, ITRF2008, WGS84) stand as one under the code of the
 * first. world NULL = no regions: Mexico counts as one.
 *
 * *certain: the first one fits nine rows of ten and no other one fits more than one of ten, where
 * NAD27 (75..200 m away) is told from WGS84 only by other boundaries of at least three plots. */
size_t crs_rank(struct crs_set *set, const struct crs_sample *samples, size_t n,
                const struct crs_world *world, struct crs_rank out[CRS_RANKS_MAX], bool *certain);

/* ---- faults of a row (faults.c) ---- */

enum crs_fault {
    CRS_FAULT_NONE,
    CRS_FAULT_AXES,    /* the two numbers are exchanged */
    CRS_FAULT_SIGN,    /* a minus sign is lost (or too many) */
    CRS_FAULT_METRES,  /* projected metres in a system of degrees */
    CRS_FAULT_DEGREES, /* degrees in a projected system */
    CRS_FAULT_ZONE,    /* UTM of another zone */
    CRS_FAULT_DATUM,   /* NAD27 read as WGS84, or the other way round */
    CRS_FAULT_DMS      /* degrees, minutes and seconds typed as decimals: 16.4530 for 16 45' 30" */
};

struct crs_suspect {
    int epsg;                 /* the system it was read in */
    const struct lonlat *raw; /* vertices as they stand in the file */
    size_t raw_n;
    const char *key;               /* its own region, one that exists; NULL = not known */
    const struct boundary *second; /* another boundary of the same plot, WGS84; NULL = none */
};

struct crs_verdict {
    enum crs_fault fault;
    bool certain;        /* false: it may be so; worth a word, not worth holding the row */
    int epsg;            /* the system with which the row would be right; 0 = not one of ours */
    struct lonlat place; /* where it would be */
    enum crs_home home;  /* whose ground that is */
    double shift_m;      /* CRS_FAULT_DATUM: from where it was read to `place` */
};

/* A row is looked at when it is not in its own region (key NULL: in no region, or, without a world,
 * not in Mexico); the datum whenever there is a second boundary. A fault is certain when undoing it
 * brings the row into its own region, or, for axes, sign, metres and degrees, from nowhere into any
 * region. About 50 us and, the first time, 10 ms; nothing is allocated but transformations. */
enum crs_fault crs_diagnose(struct crs_set *set, const struct crs_suspect *suspect,
                            const struct crs_world *world, struct crs_verdict *out);
/* "axes_swapped", ...; "" for CRS_FAULT_NONE. */
const char *crs_fault_name(enum crs_fault fault);
/* WGS84 for NAD27 and the other way round, in the same projection; 0 = it has none. */
int crs_datum_twin(int epsg);

#endif
