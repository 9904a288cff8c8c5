/* Pairs of plots that share ground; see overlaps.h. */
#include "service/registry/overlaps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/faces.h"
#include "service/registry/import_rows.h"

#define DUPLICATE_IOU 0.95
#define NEIGHBOUR_SIGMAS 2.0
#define NEIGHBOUR_SHARE 0.5

static const char *const NAMES[OVERLAP_CLASSES_N] = {"duplicate", "resurvey", "neighbour", "claimed_twice", "partial"};

const char *overlap_class_name(enum overlap_class c)
{
    return NAMES[c];
}

enum overlap_class overlap_class_parse(const char *name)
{
    int c = 0;
    while (c < OVERLAP_CLASSES_N && strcmp(NAMES[c], name) != 0)
        c++;
    return (enum overlap_class)c;
}

enum overlap_class overlap_classify(double a_m2, double b_m2, double shared_m2, double edge_m, double sigma_m, bool one_programme)
{
    double smaller_m2 = fmin(a_m2, b_m2), iou = shared_m2 / (a_m2 + b_m2 - shared_m2);
    if (iou >= row_resurvey_iou(smaller_m2, sigma_m))
        return !one_programme ? OVERLAP_CLAIMED_TWICE : iou >= DUPLICATE_IOU ? OVERLAP_DUPLICATE : OVERLAP_RESURVEY;
    if (shared_m2 <= NEIGHBOUR_SIGMAS * sigma_m * edge_m && shared_m2 <= NEIGHBOUR_SHARE * smaller_m2)
        return OVERLAP_NEIGHBOUR;
    return one_programme ? OVERLAP_PARTIAL : OVERLAP_CLAIMED_TWICE;
}

/* ---- gathering ---- */

enum { PAIRS_MANY = 4096 };

static bool same_revisions(const struct overlap_pair *a, const struct overlap_pair *b)
{
    return a->revisions[0] == b->revisions[0] && a->revisions[1] == b->revisions[1];
}

static bool pairs_reserve(struct overlaps *o)
{
    if (o->n < o->capacity)
        return true;
    size_t capacity = o->capacity ? o->capacity + o->capacity / 2 : 256;
    struct overlap_pair *more = realloc(o->pairs, capacity * sizeof *more);
    if (!more)
        return !(o->failed = true);
    o->pairs = more;
    o->capacity = capacity;
    return true;
}

static uint64_t pair_key(const struct overlap_pair *p)
{
    uint64_t h = (uint64_t)p->revisions[0] * UINT64_C(0x9E3779B97F4A7C15) ^ (uint64_t)p->revisions[1];
    return (h ^ h >> 32) * UINT64_C(0xBF58476D1CE4E5B9);
}

/* The place of the larger face; of two as large, one that does not depend on their order. */
static bool place_counts_more(const struct overlap_pair *a, const struct overlap_pair *b)
{
    if (a->largest_mm2 != b->largest_mm2)
        return a->largest_mm2 > b->largest_mm2;
    return a->place.lon != b->place.lon ? a->place.lon < b->place.lon : a->place.lat < b->place.lat;
}

/* Adds the pair, or its ground to what is known of the two already. false: full, or no memory. */
static bool pair_add(struct overlaps *o, const struct overlap_pair *pair)
{
    bool ok = true;
    for (uint64_t key = pair_key(pair);; key++) { /* the next key where another pair has this one */
        const uint64_t *at = key_set_find(&o->places, key);
        if (!at) {
            if (o->n >= OVERLAP_PAIRS_MAX)
                return !(o->incomplete = true);
            key_set_add(&o->places, key, o->n, &ok);
            if (!ok || !pairs_reserve(o))
                return !(o->failed = true);
            o->pairs[o->n++] = *pair;
            return true;
        }
        struct overlap_pair *there = &o->pairs[*at];
        if (!same_revisions(there, pair))
            continue;
        if (place_counts_more(pair, there)) {
            there->largest_mm2 = pair->largest_mm2;
            there->place = pair->place;
        }
        there->shared_mm2 += pair->shared_mm2;
        there->edge_um += pair->edge_um;
        return true;
    }
}

static void note_coarse(struct overlaps *o, const struct store_face *face)
{
    if (o->coarse_n + 2 > o->coarse_capacity) {
        size_t capacity = o->coarse_capacity ? o->coarse_capacity * 2 : 64;
        int64_t *more = realloc(o->coarse, capacity * sizeof *more);
        if (!more) {
            o->failed = true;
            return;
        }
        o->coarse = more;
        o->coarse_capacity = capacity;
    }
    o->coarse[o->coarse_n++] = face->members[0];
    o->coarse[o->coarse_n++] = face->members[1];
}

static float variance_m2(double a_m, double b_m)
{
    double a = a_m > 0 ? a_m : ROW_SIGMA_M, b = b_m > 0 ? b_m : ROW_SIGMA_M;
    return (float)((a * a + b * b) / 2);
}

static int64_t whole_um(double m)
{
    return llrint(m * 1e6);
}

static void classify(struct overlap_pair *pair)
{
    double a_m2 = (double)pair->area_mm2[0] / MM2_PER_M2, b_m2 = (double)pair->area_mm2[1] / MM2_PER_M2;
    double shared_m2 = (double)pair->shared_mm2 / MM2_PER_M2;
    pair->iou = shared_m2 / (a_m2 + b_m2 - shared_m2);
    pair->class = overlap_classify(a_m2, b_m2, shared_m2, (double)pair->edge_um / 1e6, sqrt((double)pair->variance_m2), pair->one_programme);
}

/* Neighbours within the noise of the survey are no news, and less than a hundredth of the smaller plot is none either. */
static bool is_told(const struct overlap_pair *pair)
{
    int64_t smaller = pair->area_mm2[0] < pair->area_mm2[1] ? pair->area_mm2[0] : pair->area_mm2[1];
    return pair->class != OVERLAP_NEIGHBOUR && (pair->class != OVERLAP_PARTIAL || pair->shared_mm2 > smaller / 100);
}

static int compare_revisions(const void *a, const void *b)
{
    const struct overlap_pair *x = a, *y = b;
    int first = (x->revisions[0] > y->revisions[0]) - (x->revisions[0] < y->revisions[0]);
    return first ? first : (x->revisions[1] > y->revisions[1]) - (x->revisions[1] < y->revisions[1]);
}

static int compare_shared(const void *a, const void *b)
{
    const struct overlap_pair *x = a, *y = b;
    return x->shared_mm2 != y->shared_mm2 ? (x->shared_mm2 > y->shared_mm2 ? -1 : 1) : compare_revisions(a, b);
}

/* ---- settled pairs ---- */

/* As many as are told, and as many again as may turn out to be of coarse crowds and be overlaid anew. */
enum { SETTLED_MAX = OVERLAP_FINDINGS_MAX + OVERLAP_PAIRS_ANEW_MAX };

/* Puts a pair at the top of the heap and lets it sink. */
static void settled_sink(struct overlaps *o, size_t n, const struct overlap_pair *pair)
{
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && compare_shared(&o->settled[child], &o->settled[child + 1]) < 0)
            child++;
        if (compare_shared(pair, &o->settled[child]) >= 0)
            break;
        o->settled[at] = o->settled[child];
    }
    o->settled[at] = *pair;
}

static bool settled_add(struct overlaps *o, const struct overlap_pair *pair)
{
    if (o->settled_n == SETTLED_MAX) {
        o->untold++;
        if (compare_shared(pair, &o->settled[0]) < 0)
            settled_sink(o, o->settled_n, pair);
        return true;
    }
    if (o->settled_n == o->settled_capacity) {
        size_t capacity = o->settled_capacity ? o->settled_capacity * 2 : 1024;
        struct overlap_pair *more = realloc(o->settled, capacity * sizeof *more);
        if (!more)
            return false;
        o->settled = more;
        o->settled_capacity = capacity;
    }
    size_t at = o->settled_n++;
    for (size_t above; at && compare_shared(&o->settled[above = (at - 1) / 2], pair) < 0; at = above)
        o->settled[at] = o->settled[above];
    o->settled[at] = *pair;
    return true;
}

/* Takes out pairs that are complete: those to be told are settled, neighbours within noise forgotten. (Those of coarse crowds are
 * overlaid anew at the end.) */
static void take_settled(struct overlaps *o, const struct faces_done *done)
{
    size_t kept = 0;
    bool ok = true;
    key_set_empty(&o->places);
    for (size_t i = 0; i < o->n && ok; i++) {
        struct overlap_pair *pair = &o->pairs[i];
        if (pair->area_mm2[0] && faces_pair_done(done, pair->revisions[0], pair->revisions[1])) {
            classify(pair);
            if (is_told(pair))
                ok = settled_add(o, pair);
            continue;
        }
        uint64_t key = pair_key(pair);
        while (key_set_add(&o->places, key, kept, &ok) && ok)
            key++;
        o->pairs[kept++] = *pair;
    }
    o->n = o->n_swept = kept;
    o->failed = o->failed || !ok;
}

/* All pairs in one list again. */
static bool join_settled(struct overlaps *o)
{
    size_t n = o->n + o->settled_n;
    struct overlap_pair *all = o->settled_n ? realloc(o->pairs, n * sizeof *all) : o->pairs;
    if (n && !all)
        return false;
    if (o->settled_n)
        memcpy(all + o->n, o->settled, o->settled_n * sizeof *all);
    o->pairs = all;
    o->capacity = o->n = n;
    free(o->settled);
    o->settled = NULL;
    o->settled_n = o->settled_capacity = 0;
    return true;
}

/* ---- faces to pairs ---- */

void overlaps_add(struct overlaps *o, const struct store_face *face, const struct store_ground *const *grounds, const struct face_shape *shape,
                  const struct faces_done *done)
{
    struct overlap_pair of_face = {.shared_mm2 = face->area_mm2, .largest_mm2 = face->area_mm2, .place = {NAN, NAN}};
    bool go = true;
    if (done && o->n >= PAIRS_MANY && o->n >= o->n_swept + o->n_swept / 4)
        take_settled(o, done);
    if (face->coarse)
        note_coarse(o, face);
    for (size_t i = 0; i < face->members_n && go && !o->failed; i++)
        for (size_t k = 0; k < i && go; k++) {
            size_t first = face->members[i] < face->members[k] ? i : k, second = first == i ? k : i;
            if (face->members[second] < o->from_revision)
                continue;
            if (isnan(of_face.place.lon)) {
                of_face.place = shape ? shape->anchor : boundary_anchor(&face->geometry);
                of_face.edge_um = whole_um((shape ? shape->perimeter_m : perimeter_boundary_m(&face->geometry)) / 2);
            }
            struct overlap_pair pair = of_face;
            pair.revisions[0] = face->members[first];
            pair.revisions[1] = face->members[second];
            if (grounds) {
                pair.area_mm2[0] = grounds[first]->area_mm2;
                pair.area_mm2[1] = grounds[second]->area_mm2;
                pair.variance_m2 = variance_m2(grounds[first]->accuracy_m, grounds[second]->accuracy_m);
                pair.one_programme = grounds[first]->programme_id == grounds[second]->programme_id;
            }
            go = pair_add(o, &pair);
        }
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool has_id(const int64_t *ids, size_t n, int64_t id)
{
    return n && bsearch(&id, ids, n, sizeof *ids, compare_ids);
}

/* ---- pairs that coarse faces do not tell ---- */

struct anew {
    struct overlaps *o;
    const int64_t *ids; /* ascending */
    size_t n;
    struct boundary *boundaries;
    struct small_box *boxes;
    struct geo_context *geo;
    size_t at, done;
    enum status status;
    struct error *error;
};

static bool overlay_pair(uint32_t other, void *arg)
{
    struct anew *w = arg;
    double shared_m2;
    if (other <= w->at || (w->ids[w->at] < w->o->from_revision && w->ids[other] < w->o->from_revision))
        return true;
    if (++w->done > OVERLAP_PAIRS_ANEW_MAX) {
        w->o->incomplete = true;
        return false;
    }
    const struct boundary *a = &w->boundaries[w->at], *b = &w->boundaries[other];
    w->status = overlap_pair_m2(w->geo, a, b, &shared_m2, w->error);
    if (w->status != STATUS_OK || area_to_mm2(shared_m2) == 0)
        return w->status == STATUS_OK;
    struct overlap_pair pair = {.revisions = {w->ids[w->at], w->ids[other]},
                                .shared_mm2 = area_to_mm2(shared_m2),
                                .edge_um = whole_um(2 * sqrt(shared_m2)), /* of a square: the least, so that nothing passes as noise */
                                .place = boundary_anchor(area_boundary_m2(a) < area_boundary_m2(b) ? a : b)};
    return pair_add(w->o, &pair);
}

static enum status overlay_all(struct anew *w)
{
    struct box_index *index = box_index_build(w->boxes, w->n);
    if (!index)
        return error_memory(w->error);
    for (w->at = 0; w->at < w->n && w->status == STATUS_OK && !w->o->incomplete; w->at++)
        box_index_query(index, &w->boxes[w->at], overlay_pair, w);
    box_index_free(index);
    return w->status == STATUS_OK && w->o->failed ? error_memory(w->error) : w->status;
}

/* Replaces the pairs of which both plots are in a coarse crowd. */
static enum status coarse_anew(struct overlaps *o, struct store *s, const int64_t *ids, size_t n, struct error *e)
{
    struct arena a;
    arena_init(&a, 0);
    struct anew w = {.o = o, .ids = ids, .n = n, .error = e};
    w.boundaries = arena_array(&a, n, sizeof *w.boundaries);
    w.boxes = arena_array(&a, n, sizeof *w.boxes);
    w.geo = geo_context_new();
    enum status status = w.boundaries && w.boxes && w.geo ? STATUS_OK : error_memory(e);
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        status = store_boundary(s, ids[i], &a, &w.boundaries[i], e);
        if (status != STATUS_OK)
            break;
        struct box box = boundary_box(&w.boundaries[i]);
        w.boxes[i] = small_box_of(&box);
    }
    size_t kept = 0;
    for (size_t i = 0; status == STATUS_OK && i < o->n; i++)
        if (!has_id(ids, n, o->pairs[i].revisions[0]) || !has_id(ids, n, o->pairs[i].revisions[1]))
            o->pairs[kept++] = o->pairs[i];
    key_set_clear(&o->places); /* those that come now are of others */
    if (status == STATUS_OK) {
        o->n = kept;
        status = overlay_all(&w);
    }
    geo_context_free(w.geo);
    arena_clear(&a);
    return status;
}

static enum status renew_coarse(struct overlaps *o, struct store *s, struct error *e)
{
    int64_t *ids = malloc(o->coarse_n * sizeof *ids);
    if (!ids)
        return error_memory(e);
    memcpy(ids, o->coarse, o->coarse_n * sizeof *ids);
    qsort(ids, o->coarse_n, sizeof *ids, compare_ids);
    size_t n = 0;
    for (size_t i = 0; i < o->coarse_n; i++)
        if (!n || ids[n - 1] != ids[i])
            ids[n++] = ids[i];
    enum status status = coarse_anew(o, s, ids, n, e);
    free(ids);
    return status;
}

/* ---- what a pair is ---- */

static int compare_briefs(const struct store_brief *a, const struct store_brief *b)
{
    int c = strcmp(a->programme ? a->programme : "", b->programme ? b->programme : "");
    return c ? c : strcmp(a->code ? a->code : "", b->code ? b->code : "");
}

/* Both plots, in the order they are told; strings in `a`. */
static enum status load_briefs(struct store *s, const struct overlap_pair *pair, struct arena *a, struct store_brief out[2], struct error *e)
{
    for (int i = 0; i < 2; i++) {
        enum status status = store_brief(s, pair->revisions[i], a, &out[i], e);
        if (status != STATUS_OK)
            return status;
    }
    if (compare_briefs(&out[0], &out[1]) > 0) {
        struct store_brief first = out[0];
        out[0] = out[1];
        out[1] = first;
    }
    return STATUS_OK;
}

static enum status know_plots(struct store *s, struct overlap_pair *pair, struct arena *a, struct error *e)
{
    struct store_brief plots[2];
    arena_reset(a);
    for (int i = 0; i < 2; i++) {
        enum status status = store_brief(s, pair->revisions[i], a, &plots[i], e);
        if (status != STATUS_OK)
            return status;
        pair->area_mm2[i] = plots[i].area_mm2;
    }
    pair->variance_m2 = variance_m2(plots[0].accuracy_m, plots[1].accuracy_m);
    pair->one_programme = plots[0].programme_id == plots[1].programme_id;
    return STATUS_OK;
}

static enum status classify_all(struct overlaps *o, struct store *s, bool to_tell, struct error *e)
{
    struct arena a;
    enum status status = STATUS_OK;
    size_t kept = 0;
    arena_init(&a, 0);
    for (size_t i = 0; status == STATUS_OK && i < o->n; i++) {
        struct overlap_pair *pair = &o->pairs[i];
        if (!pair->area_mm2[0])
            status = know_plots(s, pair, &a, e);
        classify(pair);
        if (!to_tell || is_told(pair))
            o->pairs[kept++] = *pair;
    }
    o->n = kept;
    arena_clear(&a);
    return status;
}

static enum status describe(struct overlaps *o, struct store *s, size_t n, struct error *e)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        o->pairs[i].plots = arena_array(&o->arena, 2, sizeof *o->pairs[i].plots);
        status = o->pairs[i].plots ? load_briefs(s, &o->pairs[i], &o->arena, o->pairs[i].plots, e) : error_memory(e);
    }
    return status;
}

static int compare_pairs(const void *a, const void *b)
{
    const struct overlap_pair *x = a, *y = b;
    if (x->shared_mm2 != y->shared_mm2)
        return x->shared_mm2 > y->shared_mm2 ? -1 : 1;
    int c = compare_briefs(&x->plots[0], &y->plots[0]);
    c = c ? c : compare_briefs(&x->plots[1], &y->plots[1]);
    return c ? c : compare_revisions(a, b);
}

enum status overlaps_finish(struct overlaps *o, struct store *s, bool to_tell, struct error *e)
{
    if (o->failed || !join_settled(o))
        return error_memory(e);
    enum status status = o->coarse_n ? renew_coarse(o, s, e) : STATUS_OK;
    key_set_clear(&o->places);
    if (status == STATUS_OK)
        status = classify_all(o, s, to_tell, e);
    if (status != STATUS_OK || !o->n)
        return status;
    qsort(o->pairs, o->n, sizeof *o->pairs, compare_shared);
    size_t described = to_tell && o->n > OVERLAP_FINDINGS_MAX ? OVERLAP_FINDINGS_MAX : o->n;
    status = describe(o, s, described, e);
    if (status == STATUS_OK)
        qsort(o->pairs, described, sizeof *o->pairs, compare_pairs);
    return status;
}

void overlaps_clear(struct overlaps *o)
{
    free(o->pairs);
    free(o->settled);
    free(o->coarse);
    key_set_clear(&o->places);
    arena_clear(&o->arena);
    *o = (struct overlaps){0};
}

/* ---- a registry's pairs ---- */

static bool take_face(const struct store_face *face, void *arg)
{
    struct overlaps *o = arg;
    overlaps_add(o, face, NULL, NULL, NULL);
    return !o->failed && o->n < OVERLAP_PAIRS_MAX;
}

static bool is_of(const struct overlap_pair *pair, const char *programme)
{
    for (int i = 0; i < 2; i++)
        if (pair->plots[i].programme && strcmp(pair->plots[i].programme, programme) == 0)
            return true;
    return false;
}

enum status overlaps_compute(struct store *s, const struct overlaps_query *q, struct overlaps *out, struct error *e)
{
    *out = (struct overlaps){0};
    enum status status = store_each_face(s, take_face, out, e);
    if (status == STATUS_OK)
        status = overlaps_finish(out, s, false, e);
    size_t kept = 0;
    for (size_t i = 0; status == STATUS_OK && i < out->n; i++) {
        const struct overlap_pair *pair = &out->pairs[i];
        if ((!q->programme || is_of(pair, q->programme)) && (double)pair->shared_mm2 >= q->min_ha * MM2_PER_HA &&
            (q->class == OVERLAP_CLASSES_N || q->class == pair->class))
            out->pairs[kept++] = *pair;
    }
    if (status == STATUS_OK)
        out->n = kept;
    else
        overlaps_clear(out);
    return status;
}
