/* From the geometry of a row to a boundary that can be used, held or rejected, with the reasons.
 * Coordinates are checked here before any geometry library computes with them; repair is asked of
 * the repair worker. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/overlay/ring_simple.h"
#include "geo/uncertainty.h"
#include "importers/import.h"

static const struct lonlat NOWHERE = {NAN, NAN};

#define AREA_LEAST_M2 0.01 /* less is no area */
/* Buyers' checks stop at 100,000 ha; the state of Chiapas has 7.3 million. Whole square millimetres
 * have room for 92 of the largest that may be taken by hand. */
#define HELD_FROM_M2 1e9
#define REJECTED_FROM_M2 1e11
#define DEG2_TO_M2_MOST 1.25e10 /* ground of a square degree, at most */

static bool in_range(struct lonlat p)
{
    return p.lon >= -180 && p.lon <= 180 && p.lat >= -90 && p.lat <= 90;
}

static enum status keep_source(struct import *im, OGRGeometryH g, struct error *e)
{
    int n = OGR_G_WkbSize(g);
    unsigned char *wkb = n > 0 ? arena_alloc(&im->row_arena, (size_t)n) : NULL;
    if (n > 0 && !wkb)
        return error_memory(e);
    if (wkb && OGR_G_ExportToIsoWkb(g, wkbNDR, wkb) == OGRERR_NONE) {
        im->row.source_wkb = wkb;
        im->row.source_wkb_n = (size_t)n;
    }
    return STATUS_OK;
}

static void reject(struct import *im)
{
    im->row.outcome = CANDIDATE_REJECTED;
    im->row.boundary = im->row.alternative = (struct boundary){0};
}

/* ---- coordinates ---- */

static bool all_finite(const struct boundary *b, uint32_t *where)
{
    for (uint32_t i = 0; i < b->points_n; i++)
        if (!isfinite(b->points[i].lon) || !isfinite(b->points[i].lat)) {
            *where = i;
            return false;
        }
    return true;
}

static struct lonlat middle_of(const struct box *box)
{
    return (struct lonlat){(box->west + box->east) / 2, (box->south + box->north) / 2};
}

static bool box_in_range(const struct box *box)
{
    return in_range((struct lonlat){box->west, box->south}) &&
           in_range((struct lonlat){box->east, box->north});
}

/* Where the middle of the row would be with its two numbers exchanged; false when that is nowhere.
 */
static bool swapped_place(struct crs_transform *crs, struct lonlat middle, struct lonlat *out)
{
    struct lonlat p = {middle.lat, middle.lon};
    if (crs_transform_geographic(crs) && !in_range(p))
        return false;
    if (crs_transform_points(crs, &p, 1) != 1 || !in_range(p))
        return false;
    struct box b = {p.lon, p.lat, p.lon, p.lat};
    *out = p;
    return crs_transform_plausible(crs, &b);
}

/* Metres where degrees should be, or the other way round; false = neither. */
static bool name_units(struct import *im, struct lonlat raw)
{
    struct crs_suspect suspect = {.epsg = im->row.source_epsg, .raw = &raw, .raw_n = 1};
    struct crs_verdict v = {.fault = CRS_FAULT_NONE};
    char guess[120] = "";
    if (!im->crs_set)
        im->crs_set = crs_set_new();
    if (im->crs_set)
        crs_diagnose(im->crs_set, &suspect, NULL, &v);
    if (v.fault != CRS_FAULT_METRES && v.fault != CRS_FAULT_DEGREES)
        return false;
    if (v.epsg)
        snprintf(guess, sizeof guess,
                 "; in EPSG:%d they would lie at longitude %.5f, latitude %.5f", v.epsg,
                 v.place.lon, v.place.lat);
    import_row_finding(
        im, v.fault == CRS_FAULT_METRES ? FINDING_METRES_AS_DEGREES : FINDING_DEGREES_AS_METRES,
        v.place, NAN, "the coordinates are near %.7g, %.7g%s", raw.lon, raw.lat, guess);
    return true;
}

static void reject_position(struct import *im, struct crs_transform *crs, struct lonlat raw,
                            struct lonlat got)
{
    struct lonlat swapped;
    if (name_units(im, raw)) {
        reject(im);
        return;
    }
    if (swapped_place(crs, raw, &swapped) &&
        (crs_transform_geographic(crs) || crs_in_mexico(swapped)))
        import_row_finding(im, FINDING_AXES_SWAPPED, swapped, NAN,
                           "the coordinates are near %.6g, %.6g; exchanged they would lie at "
                           "longitude %.5f, latitude %.5f",
                           raw.lon, raw.lat, swapped.lon, swapped.lat);
    else
        import_row_finding(im, FINDING_COORDINATES_OUT_OF_RANGE, in_range(got) ? got : NOWHERE, NAN,
                           "the coordinates are near %.6g, %.6g, which is outside %.60s", raw.lon,
                           raw.lat, crs_transform_name(crs));
    reject(im);
}

/* Degrees of which one vertex is nowhere, or where receivers are that know no place. */
static bool reject_degrees(struct import *im, struct crs_transform *crs, const struct box *box)
{
    const struct boundary *b = &im->rings.b;
    bool zero_inside = box->west <= 0 && box->east >= 0 && box->south <= 0 && box->north >= 0;
    if (box_in_range(box) && !zero_inside)
        return false;
    for (uint32_t i = 0; i < b->points_n; i++) {
        if (!in_range(b->points[i])) {
            reject_position(im, crs, middle_of(box), NOWHERE);
            return true;
        }
        if (b->points[i].lon == 0 && b->points[i].lat == 0) {
            import_row_finding(im, FINDING_NULL_ISLAND, b->points[i], NAN,
                               "vertex %u of %u is at 0, 0", i + 1, b->points_n);
            reject(im);
            return true;
        }
    }
    return false;
}

/* Finite, in range, transformed to WGS84, plausible for the CRS. false = rejected with its finding.
 */
static bool place_rings(struct import *im, struct crs_transform *crs)
{
    struct boundary *b = &im->rings.b;
    uint32_t where = 0;
    if (!all_finite(b, &where)) {
        import_row_finding(im, FINDING_COORDINATES_NOT_FINITE, NOWHERE, NAN,
                           "vertex %u of %u is not a number", where + 1, b->points_n);
        reject(im);
        return false;
    }
    bool degrees = crs_transform_geographic(crs);
    struct box raw_box = boundary_box(b), box = raw_box;
    struct lonlat raw = middle_of(&raw_box), got = NOWHERE;
    if (degrees && reject_degrees(im, crs, &raw_box))
        return false;
    bool well = true;
    if (im->row.source_epsg != CRS_WGS84) {
        well = crs_transform_points(crs, b->points, b->points_n) == b->points_n;
        box = boundary_box(b);
    }
    if (well) {
        got = middle_of(&box);
        well = box_in_range(&box);
    }
    if (!well || !crs_transform_plausible(crs, &box)) {
        reject_position(im, crs, raw, got);
        return false;
    }
    if (box.east - box.west > 180) {
        import_row_finding(im, FINDING_COORDINATES_OUT_OF_RANGE, got, NAN,
                           "the boundary reaches from %.4f to %.4f: split it at the 180th meridian",
                           box.west, box.east);
        reject(im);
        return false;
    }
    struct lonlat swapped;
    if (degrees && !crs_in_mexico(got) && swapped_place(crs, raw, &swapped) &&
        crs_in_mexico(swapped)) {
        reject_position(im, crs, raw, got);
        return false;
    }
    im->box = box;
    return true;
}

/* ---- validity and repair ---- */

/* What the rings enclose on paper, in square degrees: enough to tell something from nothing. */
static bool has_area(const struct boundary *b)
{
    double deg2 = 0;
    for (uint32_t r = 0; r < b->rings_n; r++) {
        uint32_t start = boundary_ring_start(b, r);
        deg2 += fabs(ring_signed_deg2(b->points + start, b->ring_end[r] - start));
    }
    return deg2 * 111000.0 * 111000.0 > AREA_LEAST_M2;
}

/* What the survey cannot tell from nothing: half the 95 % interval of the area. The sigma is the
 * one its figure will have, except that a boundary of which nothing is known is taken as surveyed
 * with care, so that its difference is not waved through as noise. */
static double survey_noise95_m2(const struct import *im, const struct boundary *b)
{
    static const char *const surveys[] = {
        [SURVEY_IMPORTED] = "cadastral",
        [SURVEY_WALKED] = "walked",
        [SURVEY_DIGITISED] = "digitised",
        [SURVEY_CADASTRAL] = "cadastral",
    };
    struct uncertainty_model model = uncertainty_of_survey(surveys[im->row.survey & 3]);
    if (im->row.accuracy_m > 0)
        model.sigma_m = sigma_of_radius68_m(im->row.accuracy_m);
    struct uncertainty u = uncertainty_of_boundary(b, &model);
    return UNCERTAINTY_Z95 * uncertainty_se_measured_m2(&u);
}

/* Two repairs that differ by less than the survey's own noise are one answer. Not for layers: their
 * borders are nobody's walk. */
static bool differ_by_noise(const struct import *im, const struct repair *r)
{
    return im->request->purpose == READER_PLOTS && r->verdict == REPAIR_DISAGREED &&
           r->structure_m2 > 0 && r->linework_m2 > 0 &&
           fabs(r->structure_m2 - r->linework_m2) <= survey_noise95_m2(im, &r->linework);
}

/* Where both methods agree the linework candidate is taken: it is what PostGIS, SpatiaLite and QGIS
 * give by default, so that an analyst who repairs the same file there gets the same hectares. */
static void take_repaired(struct import *im, const struct repair *r, const struct validity *v)
{
    double effect = r->linework_m2 - r->drawn_m2;
    char other[160] = "";
    if (fabs(effect) < 0.005)
        effect = 0; /* not "-0.00" */
    if (r->verdict == REPAIR_DISAGREED)
        snprintf(other, sizeof other,
                 "; keeping the structure would give %.1f m2, which is within the accuracy of the "
                 "survey (95 %%: %.1f m2)",
                 r->structure_m2, survey_noise95_m2(im, &r->linework));
    import_row_finding(
        im, FINDING_SELF_CROSSING, v->spot, effect,
        "%s at %.6f, %.6f; the rings as drawn enclose %.1f m2, repaired %.1f m2 (%+.2f %%)%s",
        v->reason, v->spot.lon, v->spot.lat, fabs(r->drawn_m2), r->linework_m2,
        100 * effect / fmax(r->linework_m2, 0.01), other);
    im->row.boundary = r->linework;
    im->row.repaired = true;
}

static void hold_both(struct import *im, const struct repair *r, const struct validity *v)
{
    import_row_finding(
        im, FINDING_REPAIR_AMBIGUOUS, v->spot, r->structure_m2 - r->linework_m2,
        "%s at %.6f, %.6f; keeping the structure gives %.1f m2, keeping the lines gives %.1f m2",
        v->reason, v->spot.lon, v->spot.lat, r->structure_m2, r->linework_m2);
    im->row.outcome = CANDIDATE_HELD;
    im->row.boundary = r->linework;
    im->row.alternative = r->structure;
}

/* Both repairs turn a hole that lies outside its shell into land, and agree on it (GEO.md 6.3).
 * More ground than the outer rings enclose is such land: a person must look. */
static bool holes_became_land(const struct boundary *b, const struct repair *r)
{
    double outer_m2 = 0;
    if (b->rings_n == b->parts_n)
        return false;
    for (uint32_t part = 0; part < b->parts_n; part++) {
        uint32_t ring = boundary_part_start(b, part), start = boundary_ring_start(b, ring);
        outer_m2 += fabs(area_ring_m2(b->points + start, b->ring_end[ring] - start));
    }
    return r->linework_m2 > outer_m2 * 1.001;
}

/* Walks cross themselves a few times; what crosses itself more often than this would take the
 * repair seconds to hours. */
enum { CROSSINGS_MAX = 500 };

static enum status repair(struct import *im, const struct validity *v, struct error *e)
{
    struct repair r;
    enum repair_answer answer = REPAIR_TANGLED;
    enum status s = STATUS_OK;
    if (repair_loops(im->geo, &im->rings.b, &im->row_arena, &r))
        answer = REPAIR_ANSWERED;
    else if (!ring_crossings_over(&im->rings.b, CROSSINGS_MAX))
        s = repair_helper_ask(im->helper, &im->rings.b, &im->row_arena, &r, &answer, e);
    if (s != STATUS_OK)
        return s;
    im->row.boundary = (struct boundary){0};
    if (answer != REPAIR_ANSWERED) {
        import_row_finding(im, FINDING_REPAIR_LIMIT, v->spot, NAN,
                           "%s at %.6f, %.6f; %u vertices; %s", v->reason, v->spot.lon, v->spot.lat,
                           im->rings.b.points_n,
                           answer == REPAIR_TANGLED    ? "it crosses itself more than 500 times"
                           : answer == REPAIR_TOO_LONG ? "the time for repair ran out"
                                                       : "the repair failed");
        im->row.outcome = CANDIDATE_HELD;
        return STATUS_OK;
    }
    bool one_answer = r.verdict == REPAIR_AGREED || differ_by_noise(im, &r);
    if (one_answer && !holes_became_land(&im->rings.b, &r)) {
        take_repaired(im, &r, v);
    } else if (r.verdict != REPAIR_NOTHING) {
        hold_both(im, &r, v);
    } else {
        import_row_finding(im, FINDING_ZERO_AREA, v->spot, NAN,
                           "%s; nothing with an area is left after repair", v->reason);
        reject(im);
    }
    return STATUS_OK;
}

/* Larger than any plot. The rectangle around it tells nearly always that it is not. */
static void judge_size(struct import *im)
{
    const struct boundary *b = &im->row.boundary;
    struct box box = im->box;
    if (im->request->purpose != READER_PLOTS || !b->points_n)
        return;
    if ((box.east - box.west) * (box.north - box.south) * DEG2_TO_M2_MOST < HELD_FROM_M2)
        return;
    double m2 = area_boundary_m2(b);
    if (m2 < HELD_FROM_M2)
        return;
    import_row_finding(im, FINDING_AREA_IMPLAUSIBLE, b->points[0], NAN,
                       "it has %.0f ha; more than %.0f ha are %s", m2 / 10000,
                       (m2 < REJECTED_FROM_M2 ? HELD_FROM_M2 : REJECTED_FROM_M2) / 10000,
                       m2 < REJECTED_FROM_M2 ? "held until someone decides" : "no plot");
    im->row.outcome = CANDIDATE_HELD;
    if (m2 >= REJECTED_FROM_M2)
        reject(im);
}

static enum status judge(struct import *im, struct error *e)
{
    struct validity v = {0};
    im->row.boundary = im->rings.b;
    enum status s = STATUS_OK;
    v.valid = boundary_certainly_valid(&im->rings.b);
    if (!v.valid)
        s = validity_test(im->geo, &im->rings.b, &v, e);
    if (s != STATUS_OK)
        return s;
    if (!v.valid) {
        s = repair(im, &v, e);
        im->box = boundary_box(&im->row.boundary);
    } else if (!has_area(&im->rings.b)) {
        import_row_finding(im, FINDING_ZERO_AREA, im->rings.b.points[0], NAN,
                           "the rings enclose less than 0.01 m2");
        reject(im);
    }
    if (im->row.boundary.points_n)
        boundary_orient(&im->row.boundary);
    judge_size(im);
    if (im->row.alternative.points_n)
        boundary_orient(&im->row.alternative);
    return s;
}

/* ---- the row ---- */

static void note_rings(struct import *im, const struct rings_notes *n, const struct layer *layer)
{
    const struct boundary *b = &im->rings.b;
    struct lonlat first = b->points_n ? b->points[0] : NOWHERE;
    if (n->from_line && !layer->tracks && !(layer->extras && layer->extras->track))
        import_row_finding(im, FINDING_LINE_AS_POLYGON, first, NAN,
                           "a closed line was taken as a polygon");
    if (layer->extras && *layer->extras->note)
        import_row_finding(im, FINDING_RING_CLOSED, first, NAN, "%s", layer->extras->note);
    if (n->linearised)
        import_row_finding(im, FINDING_CURVES_STRAIGHTENED, first, NAN, "the boundary has curves");
    if (n->gap_share > 0.2)
        import_row_finding(im, FINDING_TRACK_OPEN, first, NAN,
                           "the straight line that closes it is %.0f %% as long as the walk",
                           100 * n->gap_share);
    else if (n->closed)
        import_row_finding(im, FINDING_RING_CLOSED, first, NAN, "%u open rings were closed",
                           n->closed);
    if (n->dropped)
        import_row_finding(im, FINDING_RING_DROPPED, first, NAN,
                           "%u rings have fewer than three different vertices", n->dropped);
    if (n->ignored_parts)
        import_row_finding(im, FINDING_PARTS_IGNORED, first, NAN,
                           "%u parts of the geometry are no polygons", n->ignored_parts);
    if (n->repeated && im->tally.repeated_vertices++ == 0)
        im->tally.first_repeated_row = im->row.row;
}

/* Before the coordinates are transformed. */
static struct shape_precision precision_of(const struct import *im, struct crs_transform *crs)
{
    return shape_precision(&im->rings.b, crs_transform_geographic(crs));
}

static void note_shape(struct import *im, struct shape_precision precision, bool walked)
{
    if (im->request->purpose != READER_PLOTS || im->row.outcome == CANDIDATE_REJECTED)
        return;
    shape_note_precision(im, precision, im->rings.b.points[0]);
    shape_note(im, walked);
}

/* A point is a place, not a plot: nothing can be measured. */
static void reject_point(struct import *im, OGRGeometryH g)
{
    import_row_finding(im, FINDING_POINT_ONLY, NOWHERE, NAN, "a point at %.7g, %.7g",
                       OGR_G_GetX(g, 0), OGR_G_GetY(g, 0));
    reject(im);
}

/* EU 2023/1115: up to 4 ha a point may stand for a plot. */
#define POINT_HA_MAX 4.0

/* A point with declared hectares: a plot whose place is known and whose ground is not. */
static enum status take_point(struct import *im, OGRGeometryH g, struct crs_transform *crs,
                              struct error *e)
{
    struct rings *r = &im->rings;
    double declared = im->row.declared_ha;
    if (!r->b.points && !(r->b.points = malloc(sizeof *r->b.points)))
        return error_memory(e);
    r->points_capacity = r->points_capacity ? r->points_capacity : 1;
    r->b.points[0] = (struct lonlat){OGR_G_GetX(g, 0), OGR_G_GetY(g, 0)};
    r->b.points_n = 1;
    r->b.rings_n = r->b.parts_n = 0;
    struct shape_precision precision = precision_of(im, crs);
    if (!place_rings(im, crs))
        return STATUS_OK;
    struct lonlat place = r->b.points[0];
    if (declared > POINT_HA_MAX) {
        import_row_finding(im, FINDING_POINT_TOO_LARGE, place, NAN,
                           "a point, and %.4g ha are declared", declared);
        reject(im);
        return STATUS_OK;
    }
    if (!boundary_alloc(&im->row.boundary, &im->row_arena, BOUNDARY_SPECK_POINTS, 1, 1))
        return error_memory(e);
    boundary_speck(place, im->row.boundary.points);
    im->row.boundary.ring_end[0] = BOUNDARY_SPECK_POINTS;
    im->row.boundary.part_end[0] = 1;
    im->row.point = true;
    shape_note_precision(im, precision, place);
    import_row_finding(im, FINDING_DECLARED_ONLY, place, NAN, "a point; %.4g ha are declared",
                       declared);
    return keep_source(im, g, e);
}

static void reject_without_geometry(struct import *im, const struct layer *layer)
{
    const struct gdal_log_entry *said = gdal_log_worst(&im->log);
    if (layer->extras && *layer->extras->problem)
        import_row_finding(im, FINDING_COORDINATES_UNREADABLE, NOWHERE, NAN, "%s",
                           layer->extras->problem);
    else
        import_row_finding(im, said ? FINDING_ROW_UNREADABLE : FINDING_GEOMETRY_MISSING, NOWHERE,
                           NAN, "%s", said ? said->text : "the row has no geometry");
    gdal_log_reset(&im->log);
    reject(im);
}

static enum status not_rings(struct import *im, enum rings_answer answer, OGRGeometryH g,
                             struct crs_transform *crs, struct error *e)
{
    OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(g));
    if (answer == RINGS_TYPE && type == wkbMultiPoint && OGR_G_GetGeometryCount(g) == 1) {
        g = OGR_G_GetGeometryRef(g, 0);
        type = wkbPoint;
    }
    bool plots = im->request->purpose == READER_PLOTS;
    if (answer == RINGS_TYPE && type == wkbPoint && plots && im->row.declared_ha > 0)
        return take_point(im, g, crs, e);
    if (answer == RINGS_TYPE && type == wkbPoint)
        reject_point(im, g);
    else if (answer == RINGS_TYPE)
        import_row_finding(im, FINDING_GEOMETRY_TYPE, NOWHERE, NAN, "the geometry is a %s",
                           OGR_G_GetGeometryName(g));
    else if (answer == RINGS_FEW)
        import_row_finding(im, FINDING_TOO_FEW_VERTICES, NOWHERE, NAN,
                           "no ring has three different vertices");
    else
        import_row_finding(im, FINDING_GEOMETRY_MISSING, NOWHERE, NAN, "the geometry is empty");
    reject(im);
    return STATUS_OK;
}

enum status geometry_read(struct import *im, OGRGeometryH g, const struct layer *layer,
                          struct crs_transform *crs, struct error *e)
{
    struct rings_notes notes;
    im->row.outcome = CANDIDATE_READY;
    if (!g) {
        reject_without_geometry(im, layer);
        return STATUS_OK;
    }
    bool track = layer->tracks || (layer->extras && layer->extras->track);
    enum rings_answer answer = rings_collect(&im->rings, g, track, &notes);
    im->tally.z_dropped += notes.z;
    if (answer == RINGS_MEMORY)
        return error_memory(e);
    enum status s = STATUS_OK;
    bool walked = false;
    if (answer == RINGS_OK && layer->walk && im->request->purpose == READER_PLOTS)
        s = walk_clean(im, layer->walk, &walked, e);
    if (s != STATUS_OK)
        return s;
    if (walked) /* told already */
        notes.gap_share = notes.closed = notes.repeated = 0;
    if (answer != RINGS_OK) {
        s = not_rings(im, answer, g, crs, e);
    } else {
        struct shape_precision precision = precision_of(im, crs);
        if (place_rings(im, crs)) {
            note_rings(im, &notes, layer);
            s = judge(im, e);
            note_shape(im, precision, walked || track || im->row.survey == SURVEY_WALKED);
        }
    }
    bool changed = notes.z || notes.from_line || notes.linearised || notes.closed ||
                   notes.dropped || notes.ignored_parts || im->row.source_epsg != CRS_WGS84 ||
                   im->row.repaired || im->row.outcome != CANDIDATE_READY;
    return s == STATUS_OK && changed ? keep_source(im, g, e) : s;
}
