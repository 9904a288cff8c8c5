/* Renews the figures of plots that a layer change or a revert touched, inside the open write transaction. */
#ifndef SERVICE_REGISTRY_RECOMPUTE_H
#define SERVICE_REGISTRY_RECOMPUTE_H

#include "service/registry/faces.h"
#include "service/registry/staff.h"

/* Called now and then with done of total; NULL allowed. */
typedef void recompute_progress(uint64_t done, uint64_t total, void *arg);

/* Adds to `touched` every current revision whose box meets `box`, once each over several calls when `seen` is the same set. */
struct key_set;
enum status recompute_select(struct store *s, const struct box *box, struct key_set *seen, struct touched *touched, struct error *e) MUST_USE;
/* New figures for the revisions of `touched`: what differs is written. */
enum status recompute_plots(struct store *s, struct staff *staff, int64_t change, const struct touched *touched,
                            recompute_progress *progress, void *progress_arg, struct error *e) MUST_USE;
/* New parts for the faces whose box meets one of the boxes: a layer changes what ground belongs to, not which plots share it.
 * near_corridors: only for those of them that are near one, because nothing else changed and there were no corridors before. */
enum status recompute_faces(struct store *s, struct staff *staff, const struct box *boxes, size_t boxes_n, bool near_corridors,
                            struct error *e) MUST_USE;
/* Leaves in `touched` what is near a corridor. */
enum status recompute_near_corridors(struct staff *staff, struct touched *touched, struct error *e) MUST_USE;
/* New figures for the revisions of `touched`, then the faces around them from the beginning. */
enum status recompute_run(struct store *s, struct staff *staff, int64_t change, struct touched *touched,
                          recompute_progress *progress, void *progress_arg, struct error *e) MUST_USE;

#endif
