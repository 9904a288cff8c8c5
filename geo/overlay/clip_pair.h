/* Private to geo/overlay: the ground two polygons without holes share, without GEOS. */
#ifndef GEO_OVERLAY_CLIP_PAIR_H
#define GEO_OVERLAY_CLIP_PAIR_H

#include "geo/boundary.h"

enum clip_answer {
    CLIP_APART,        /* they share nothing */
    CLIP_FIRST_INSIDE, /* all of a lies in b */
    CLIP_SHARED,       /* *out is what they share: one or more simple rings, counter-clockwise */
    CLIP_UNSURE        /* holes, touching vertices or edges: ask GEOS */
};
/* a and b are valid boundaries; their parts are taken two by two. Walks along both rings between their crossings (Weiler and Atherton 1977, for the case in which
 * every crossing is proper; two rings without holes share ground without holes). Each orientation test is certified by a static
 * error bound (Shewchuk 1997); when one is not, or the rings do not take turns at the crossings, the answer is CLIP_UNSURE.
 * About 2 us for rings of 20 vertices; GEOS takes 80. Memory from `scratch`; no memory is CLIP_UNSURE too. */
enum clip_answer clip_pair(const struct boundary *a, const struct boundary *b, struct arena *scratch, struct boundary *out);
/* Parts a by b, a single ring: *in is what they share, *out the rest of a (CLIP_APART: all of a is out, CLIP_FIRST_INSIDE: all is in;
 * then nothing else is to be used). A hole comes about only where b lies in a. */
enum clip_answer clip_split(const struct boundary *a, const struct boundary *b, struct arena *scratch, struct boundary *in,
                            struct boundary *out);

#endif
