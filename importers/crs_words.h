/* What is said of candidate reference systems, in the reader process and in the registry. Pure. */
#ifndef IMPORTERS_CRS_WORDS_H
#define IMPORTERS_CRS_WORDS_H

#include "geo/base/buf.h"
#include "geo/crs/evidence.h"

/* A ranking for people and programs; where_regions: the shares are of regions, else of Mexico. */
struct crs_candidates {
    struct crs_rank ranks[CRS_RANKS_MAX];
    size_t n;
    bool certain, regions;
    int declared;         /* what the file says, 0 = nothing */
    enum crs_fault fault; /* where no system fits: what is wrong with the numbers read as degrees */
    struct lonlat place;  /* and where the first row would be without it */
};

/* The error for a file without a system (declared 0), or with one that its numbers contradict:
 * STATUS_INVALID "crs_missing" or "crs_wrong", the first five candidates in the message, the first
 * in the remedy. degrees: the numbers could be degrees. */
enum status crs_candidates_error(const struct crs_candidates *c, const char *file, bool degrees,
                                 struct error *e);
/* "EPSG:32615 WGS 84 / UTM zone 15N: 200 of 200 rows in their own region, ..." */
void crs_rank_words(const struct crs_rank *r, bool regions, char *out, size_t size);
/* The table, one system a line. */
void crs_candidates_text(const struct crs_candidates *c, struct buf *out);
/* A JSON array of objects; share: of the rows that name their region those in it, else of all those
 * in any (0 to 1). */
void crs_candidates_json(const struct crs_candidates *c, struct buf *out);

#endif
