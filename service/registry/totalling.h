/* From stored parts and faces to groups, for one grouping or for several in one pass over the rows.
 * Private to service/registry.
 *
 * One pass over the parts of all selected plots fills the groups; one pass over the faces (ground
 * that several plots share) takes off what a group counts more than once: (members of the face in
 * the group - 1) x the face's area. */
#ifndef SERVICE_REGISTRY_TOTALLING_H
#define SERVICE_REGISTRY_TOTALLING_H

#include "service/registry/dimensions.h"

struct total_group {
    uint32_t slots[LIMIT_GROUP_BY];
    struct hectares_figures figures;
    int64_t last_revision;               /* counted already */
    int64_t last_mm2, last_corridor_mm2; /* what is counted of it */
};

/* Who was met in which group. Most producers are met in one group only: that one is kept by id,
 * further ones in a set. */
struct holders {
    uint32_t *first; /* by producer id: group + 1, 0 = not met */
    size_t first_n;
    struct key_set further;
};

/* A part of a plot that layers cut, until the plot's last one has come. */
struct cut_part {
    uint32_t group;
    int piece;
    bool corridor;
    int64_t mm2;
};

/* What the plots of one datum pull in a group when they all move together. */
struct shared_pull {
    uint32_t group;
    int datum;
    double east_m, north_m, corridor_east_m, corridor_north_m;
};

struct totalling {
    struct dimensions dimensions; /* opened by the owner */
    struct total_group *groups;
    uint32_t groups_n, groups_capacity;
    struct total_group total; /* made once, in the first of the list, for all */
    /* private */
    struct key_set by_slots; /* packed slots -> group */
    uint64_t last_key;
    uint32_t last_group; /* of last_key */
    struct holders holders, total_holders;
    uint32_t
        slots[LIMIT_GROUP_BY]; /* of the plot at hand; those of the ground change with each part */
    uint32_t *plot_slots;      /* plot_dimensions for each selected plot */
    int plot_dimensions;
    int64_t point_mm2; /* declared of the plot at hand, which is a point; -1 = it has a boundary */
    struct cut_part *cut; /* of the plot at hand */
    size_t cut_n, cut_capacity;
    struct shared_pull *pulls;
    size_t pulls_n, pulls_capacity;
    struct key_set by_pull; /* group and datum -> pull */
    bool failed; /* no memory */
};

/* Fills the groups and total of each of the n totallings. */
enum status totalling_run(struct store *s, const struct store_totals_filter *filter,
                          struct totalling *list, int n, struct error *e) MUST_USE;
/* Frees everything, the dimensions too. */
void totalling_close(struct totalling *t);

#endif
