/* Ground covered by two or more plots: keeps the store's faces true after revisions began or ended. */
#ifndef SERVICE_REGISTRY_FACES_H
#define SERVICE_REGISTRY_FACES_H

#include "service/registry/figures.h"
#include "service/registry/neighbourhood.h"
#include "service/registry/pool.h"

/* A face that was stored, the owner first among its members, what is known of each (NULL: no memory to tell), and what the workers
 * know of its shape. */
struct faces_done;
struct face_shape {
    struct lonlat anchor; /* boundary_anchor */
    double perimeter_m;
};
typedef void faces_report(const struct store_face *face, const struct store_ground *const *members, const struct face_shape *shape,
                          const struct faces_done *done, void *arg);
/* Whether every face with both revisions as members was reported. false when that is not known. */
bool faces_pair_done(const struct faces_done *done, int64_t a, int64_t b);

/* Ends the faces owned by touched revisions and their neighbours and computes them anew, inside the open write transaction.
 * A face of untouched neighbours may change too (the ground a gone plot had in common with them), hence the neighbours.
 * touched: emptied once it is no longer needed. workers: one bundle per thread of the pool. progress(done 0..1) may be NULL; what
 * it returns other than STATUS_OK ends the work. */
enum status faces_renew(struct store *s, struct pool *pool, struct figures_worker *const *workers, int64_t change,
                        struct touched *touched, enum status (*progress)(double done, void *arg, struct error *e),
                        void *progress_arg, faces_report *report, void *report_arg, struct error *e) MUST_USE;
/* Computes all faces anew from the boundaries and tells them; nothing is written. */
enum status faces_compute(struct store *s, struct pool *pool, struct figures_worker *const *workers, faces_report *report, void *report_arg,
                          struct error *e) MUST_USE;

#endif
