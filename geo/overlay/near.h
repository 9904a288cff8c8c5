/* Private to geo/overlay: how the features of a layer lie to one plot, without GEOS. */
#ifndef GEO_OVERLAY_NEAR_H
#define GEO_OVERLAY_NEAR_H

#include "geo/overlay/layer_index.h"

/* Fills g->near (ascending feature; only features that are cut, contain the plot or come within
 * accuracy_m of it; accuracy_m 0 = do not look) and *place, the cell from which layer_piece() gives
 * the ground around the plot. `cut` errs on the safe side: the border may merely touch the plot. */
enum status layer_near(struct geo_context *g, const struct layer_index *index,
                       const struct boundary *plot, const struct box *plot_box, double accuracy_m,
                       struct layer_place *place, struct error *e) MUST_USE;

/* Have the features f and g the same border in `box`, segment by segment, as neighbours in a layer
 * have? Then all of the box that is not in one is in the other, or they are the same there. `place`
 * as layer_near() gave it for the box; false also when it is not a leaf or the border is long. */
bool layer_border_shared(const struct layer_index *index, const struct layer_place *place,
                         const struct box *box, uint32_t f, uint32_t g);

#endif
