/* Private to the registry: looks at every current plot as it is stored. */
#ifndef SERVICE_REGISTRY_CHECK_FIGURES_H
#define SERVICE_REGISTRY_CHECK_FIGURES_H

#include "service/registry/check.h"

/* What a plot is looked at for. */
enum {
    CHECK_AREA,     /* its hectares are those of its boundary */
    CHECK_HASH,     /* the boundary is the one imported */
    CHECK_VALID,    /* and valid */
    CHECK_ANCHOR,   /* its anchor is the boundary's */
    CHECK_PARTS,    /* its parts add up to its hectares, and those in corridors to the hectares in corridors; each lies in one slope class
                       and one region of each level, or none */
    CHECK_COMPUTED, /* all of its figures are what its boundary and today's layers give */
    CHECK_COUNTS_N
};

struct figures_check {
    int64_t plots, sum_mm2;
    struct {
        int64_t wrong;
        char first[64]; /* code of the first such plot */
    } counts[CHECK_COUNTS_N];
    /* the parts: how many, and the worst that is missing of a plot, absolute and relative to the plot */
    int64_t parts, worst_mm2;
    double worst_share;
    int levels; /* of regions */
};
/* In parallel. Exact comparison: the computation is reproducible to the bit. progress may be NULL. */
enum status check_figures(struct store *s, check_progress *progress, void *progress_arg, struct figures_check *out, struct error *e) MUST_USE;

#endif
