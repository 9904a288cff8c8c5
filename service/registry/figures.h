/* The figures of a boundary: its parts by region, corridor and slope class, slope statistics, verdicts.
 *
 * A figures_setup is what all workers share (layer indexes, class table): immutable after figures_setup_finish. A figures_worker
 * is one thread's bundle: GEOS context, terrain handle, scratch arena. The same figures serve plots and the faces where plots
 * overlap, so that totals without double counting can be asked by anything a plot can be grouped by. */
#ifndef SERVICE_REGISTRY_FIGURES_H
#define SERVICE_REGISTRY_FIGURES_H

#include "geo/overlay/overlay.h"
#include "service/registry/area_error.h"
#include "service/registry/pool.h"
#include "service/store/store.h"

struct figures_setup;
/* Reads the current layers from the store; their indexes are still to be built. */
enum status figures_setup_load(struct store *s, struct figures_setup **out, struct error *e) MUST_USE;
void figures_setup_free(struct figures_setup *setup); /* NULL allowed; not while the pool builds */
/* Builds the indexes in the pool: the caller may do other things until pool_wait, and then calls figures_setup_finish. */
void figures_setup_build(struct figures_setup *setup, struct pool *pool);
enum status figures_setup_finish(struct figures_setup *setup, struct error *e) MUST_USE;
int64_t figures_setup_change(const struct figures_setup *setup); /* newest change among its layers */
/* The index of a level of regions, NULL = there is no such level; after figures_setup_finish. */
const struct layer_index *figures_setup_regions(const struct figures_setup *setup, int level);
bool figures_setup_has_regions(const struct figures_setup *setup);
/* The box with all that is within the accuracy of it, and a little more. Metres; NaN = 0. */
struct box figures_reach(const struct box *box, double accuracy_m);
/* Whether any corridor meets the box or comes within the layer's accuracy of it: ground in other boxes has nothing to do with
 * corridors. About a microsecond; for many threads. After figures_setup_finish. */
bool figures_setup_near_corridor(const struct figures_setup *setup, const struct box *box);

/* The vertical error of a terrain layer, without the table of slope_noise_new(); sigma_m 0 = not stated. */
struct slope_error figures_error_of(const struct store_layer *terrain);

struct figures_worker;
/* Make all workers' bundles serially, before their threads use them. */
enum status figures_worker_new(const struct figures_setup *setup, struct figures_worker **out, struct error *e) MUST_USE;
void figures_worker_free(struct figures_worker *w);
struct geo_context *figures_worker_geo(struct figures_worker *w);
struct arena *figures_worker_scratch(struct figures_worker *w);

/* Figures of valid boundary `b` whose area is area_mm2; arrays of the result live in `keep`. The parts add up to area_mm2
 * exactly and do not depend on ring order, worker or batch. */
enum status figures_of(struct figures_worker *w, const struct boundary *b, int64_t area_mm2, struct arena *keep, struct store_figures *out,
                       struct error *e) MUST_USE;
/* The parts alone, which is all that is kept of a face. */
enum status figures_parts_of(struct figures_worker *w, const struct boundary *b, int64_t area_mm2, struct arena *keep, struct store_figures *out,
                             struct error *e) MUST_USE;
/* As figures_of for a plot, with the errors of its pieces where layers cut it. survey, accuracy_m: see area_error.h; area_se_m2: its result. */
enum status figures_of_plot(struct figures_worker *w, const struct boundary *b, int64_t area_mm2, const struct area_noise *noise,
                            struct arena *keep, struct store_figures *out, struct error *e) MUST_USE;

#endif
