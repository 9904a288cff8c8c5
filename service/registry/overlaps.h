/* Pairs of plots that share ground, from the stored faces: how much, what share of each, and what it is likely to be.
 *
 * The hectares of a pair are the sum of the faces that have both as members. Where faces are coarse (geo/overlay/overlay.h) they do
 * not tell every pair: those are overlaid one by one, up to OVERLAP_PAIRS_ANEW_MAX. */
#ifndef SERVICE_REGISTRY_OVERLAPS_H
#define SERVICE_REGISTRY_OVERLAPS_H

#include "geo/base/buf.h"
#include "geo/base/key_set.h"
#include "geo/overlay/overlay.h"
#include "importers/finding.h"
#include "service/store/store.h"

enum { OVERLAP_PAIRS_MAX = 2000000, OVERLAP_PAIRS_ANEW_MAX = 50000, OVERLAP_FINDINGS_MAX = 5000 };

enum overlap_class {
    OVERLAP_DUPLICATE,     /* one programme, IoU 0.95 and more: the same boundary */
    OVERLAP_RESURVEY,      /* one programme, IoU that two walks of one plot have */
    OVERLAP_NEIGHBOUR,     /* a strip along a common border, no wider than the noise of the survey */
    OVERLAP_CLAIMED_TWICE, /* two programmes, more than that noise */
    OVERLAP_PARTIAL,       /* one programme, more than noise, less than the same plot */
    OVERLAP_CLASSES_N
};
const char *overlap_class_name(enum overlap_class c);
enum overlap_class overlap_class_parse(const char *name); /* OVERLAP_CLASSES_N when unknown */

/* The rules: the same plot when IoU >= row_resurvey_iou(smaller, sigma) (0.95: duplicate); a neighbour when shared <= 2 sigma x
 * edge and no more than half the smaller plot; edge_m: length of the common border. What is known of it is the shared ground
 * itself, a thin strip, so edge_m is taken as half the perimeter of that ground: for a strip as wide as 2 sigma along a border
 * of length L that is L + 2 sigma, a tolerance 2 sigma / L too large; the rule says that the strip's mean width is no more
 * than 2 sigma. sigma_m: root mean square of both accuracies. */
enum overlap_class overlap_classify(double a_m2, double b_m2, double shared_m2, double edge_m, double sigma_m, bool one_programme);

struct overlap_pair {
    int64_t revisions[2]; /* ascending */
    int64_t shared_mm2;
    int64_t edge_um;      /* half the perimeter of the shared ground in whole micrometres: the sum over faces has no order */
    int64_t largest_mm2;  /* of its faces; `place` is in that one */
    struct lonlat place;
    int64_t area_mm2[2];  /* of the plots, 0 = to be read from the store */
    float variance_m2;    /* mean square of both accuracies */
    bool one_programme;
    /* filled by overlaps_finish */
    struct store_brief *plots; /* two, by programme, then code; NULL for those that are not told */
    double iou;
    enum overlap_class class;
};
struct faces_done; /* faces.h */

/* Gathers pairs from faces. Zero-initialised = empty, all pairs. */
struct overlaps {
    int64_t from_revision; /* only pairs with a revision from this id on; 0 = all */
    struct overlap_pair *pairs;
    size_t n, capacity;
    size_t n_swept; /* pairs left when settled ones were last taken out */
    struct overlap_pair *settled; /* complete and to be told, the largest of them: a heap, the least of them first */
    size_t settled_n, settled_capacity;
    size_t untold; /* settled pairs beyond those */
    struct key_set places; /* hash of both revisions -> place in pairs */
    int64_t *coarse; /* members of coarse faces, owner first, in pairs; sorted and without repeats when finished */
    size_t coarse_n, coarse_capacity;
    bool failed;
    bool incomplete; /* a maximum was passed: some pairs are missing or too small */
    struct arena arena; /* briefs */
};
struct face_shape;
/* grounds: what is known of each member; NULL = the store is asked when the overlaps are finished. shape: NULL = computed here. done
 * (may be NULL): of the pairs of which every face was added only the largest that will be told are kept, so that memory does not grow
 * with the plots; for overlaps_finish `to_tell`. */
void overlaps_add(struct overlaps *o, const struct store_face *face, const struct store_ground *const *grounds, const struct face_shape *shape,
                  const struct faces_done *done);
/* Sums up, overlays anew what is coarse, classifies; largest first. `to_tell`: keeps what overlaps_say tells, described up to its
 * maximum. */
enum status overlaps_finish(struct overlaps *o, struct store *s, bool to_tell, struct error *e) MUST_USE;
void overlaps_clear(struct overlaps *o);
/* Findings of an import about the pairs: claimed_twice, duplicate_boundary, overlap_partial, too_many_overlaps; at most OVERLAP_FINDINGS_MAX, the
 * largest first. Of another programme's plot only programme and code are named. */
enum status overlaps_say(struct overlaps *o, struct store *s, void (*say)(const struct finding *, void *), void *say_arg, struct error *e) MUST_USE;

struct overlaps_query {
    const char *programme; /* one of the two is of it; NULL = any */
    double min_ha;
    enum overlap_class class; /* OVERLAP_CLASSES_N = all */
};
/* The current pairs of a registry that the query asks for, largest first. */
enum status overlaps_compute(struct store *s, const struct overlaps_query *q, struct overlaps *out, struct error *e) MUST_USE;
void overlaps_json(const struct overlaps *o, struct buf *out);
void overlaps_csv(const struct overlaps *o, struct buf *out);
void overlaps_table(const struct overlaps *o, struct buf *out);

#endif
