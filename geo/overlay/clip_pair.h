/* Private to geo/overlay: the ground two polygons share, without GEOS. */
#ifndef GEO_OVERLAY_CLIP_PAIR_H
#define GEO_OVERLAY_CLIP_PAIR_H

#include "geo/boundary.h"

enum clip_answer {
    CLIP_APART,        /* they share nothing */
    CLIP_FIRST_INSIDE, /* all of a lies in b */
    CLIP_SHARED,       /* *out is what they share */
    CLIP_UNSURE        /* touching vertices or edges, or too many of them: ask GEOS */
};
/* Is p in the boundary? *sure = false when it is on its border, or too near to tell. */
bool clip_contains(const struct boundary *b, struct lonlat p, bool *sure);
/* a and b are valid boundaries, with any parts and holes. Walks along the rings of both between
 * their crossings (Weiler and Atherton 1977, for the case in which every crossing is proper): with
 * the ground always on the left, what is shared lies between an entering crossing and the next one
 * along a, and from there along b. Rings without crossings lie in the other polygon as a whole, or
 * out of it. Each orientation test is certified by a static error bound (Shewchuk 1997); when one
 * is not, when crossings do not alternate along a ring, or when a ring comes about from two rings
 * of one polygon whose rings may touch, the answer is CLIP_UNSURE. About 1 us for rings of 20
 * vertices; GEOS takes 80. *out has shells counter-clockwise, each followed by its holes, but rings
 * begin anywhere. Memory from `scratch`; no memory is CLIP_UNSURE too. */
enum clip_answer clip_pair(const struct boundary *a, const struct boundary *b,
                           struct arena *scratch, struct boundary *out);
/* Parts a by b: *in is what they share, *out the rest of a (CLIP_APART: all of a is out,
 * CLIP_FIRST_INSIDE: all is in; then nothing else is to be used). */
enum clip_answer clip_split(const struct boundary *a, const struct boundary *b,
                            struct arena *scratch, struct boundary *in, struct boundary *out);

#endif
