/* What a change touched, and the boxes of the plots round it: who may share ground with whom,
 * without a boundary. */
#ifndef SERVICE_REGISTRY_NEIGHBOURHOOD_H
#define SERVICE_REGISTRY_NEIGHBOURHOOD_H

#include "geo/base/key_set.h"
#include "geo/overlay/overlay.h"
#include "service/store/store.h"

/* Revisions with their boxes, 24 bytes each. */
struct touched {
    int64_t *revisions;
    struct small_box *boxes;
    size_t n, capacity;
};
bool touched_add(struct touched *t, int64_t revision_id, struct box box);
void touched_clear(struct touched *t);

/* All current boxes near a change. */
struct neighbourhood {
    struct touched all;   /* current revisions; others speak of them by their places here */
    bool all_touched;     /* every one of them is touched: the list of those was taken over */
    bool ordered;         /* all there are, by ascending id; else `slots` finds them */
    struct key_set slots; /* revision id -> its place in all */
    struct box_index *index;
    bool failed;
};
/* The current revisions that meet a touched box, and those that meet one of these, or all there are
 * when that is cheaper. Takes `touched` over (it is empty then) when it names every current plot
 * with ground: of the first import, change `change`; always when that is negative. */
enum status neighbourhood_load(struct store *s, int64_t change, struct touched *touched,
                               struct neighbourhood *out, struct error *e) MUST_USE;
void neighbourhood_clear(struct neighbourhood *n);
/* The place of a revision; all.n = it is not there. */
size_t neighbourhood_place(const struct neighbourhood *n, int64_t id);

#endif
