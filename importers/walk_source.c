/* GPX tracks as walks: the recorded points of each track beside its line, cleaned by geo/walk.h,
 * each step told as a finding. The line as recorded stays with the row as its source geometry. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "importers/import.h"

struct track_points {
    struct track_walk walk; /* of the track asked for last */
    OGRLayerH layer;
    OGRFeatureH next; /* read, not yet taken */
    int track, time, hdop, satellites, accuracy;
    size_t capacity;
    char first_time[64];
    bool failed; /* no memory */
};

/* Recorders that write their accuracy do so in extensions with names of their own. */
static bool names_accuracy(const char *name)
{
    static const char *const others[] = {"vert", "speed", "bear", "head", "alt", "course"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcasestr(name, others[i]))
            return false;
    return (n >= 8 && strcasecmp(name + n - 8, "accuracy") == 0) ||
           (n >= 4 && strcasecmp(name + n - 4, "hacc") == 0);
}

struct track_points *track_points_open(GDALDatasetH dataset)
{
    OGRLayerH layer = GDALDatasetGetLayerByName(dataset, "track_points");
    struct track_points *t = layer ? calloc(1, sizeof *t) : NULL;
    if (!t)
        return NULL;
    OGRFeatureDefnH d = OGR_L_GetLayerDefn(layer);
    t->layer = layer;
    t->track = OGR_FD_GetFieldIndex(d, "track_fid");
    t->time = OGR_FD_GetFieldIndex(d, "time");
    t->hdop = OGR_FD_GetFieldIndex(d, "hdop");
    t->satellites = OGR_FD_GetFieldIndex(d, "sat");
    t->accuracy = -1;
    for (int i = 0; t->accuracy < 0 && i < OGR_FD_GetFieldCount(d); i++)
        if (names_accuracy(OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(d, i))))
            t->accuracy = i;
    OGR_L_ResetReading(layer);
    t->next = OGR_L_GetNextFeature(layer);
    return t;
}

void track_points_close(struct track_points *t)
{
    if (!t)
        return;
    if (t->next)
        OGR_F_Destroy(t->next);
    free(t->walk.points);
    free(t);
}

static double number(OGRFeatureH f, int field)
{
    char *end;
    if (field < 0 || !OGR_F_IsFieldSetAndNotNull(f, field))
        return NAN;
    const char *text = OGR_F_GetFieldAsString(f, field);
    double v = strtod(text, &end);
    return end == text ? NAN : v;
}

/* Seconds since 1970 (Howard Hinnant's days from civil, in whole numbers); NaN = no time. */
static double seconds(struct track_points *t, OGRFeatureH f)
{
    int y = 0, month = 0, d = 0, h = 0, mi = 0, zone = 0;
    float s = 0;
    if (t->time < 0 || !OGR_F_IsFieldSetAndNotNull(f, t->time) ||
        !OGR_F_GetFieldAsDateTimeEx(f, t->time, &y, &month, &d, &h, &mi, &s, &zone))
        return NAN;
    if (!t->first_time[0] && y >= 0 && y <= 9999)
        snprintf(t->first_time, sizeof t->first_time, "%04d-%02d-%02dT%02d:%02d:%02dZ", y, month, d,
                 h, mi, (int)s);
    int year = y - (month <= 2), era = (year >= 0 ? year : year - 399) / 400,
        of_era = year - era * 400;
    int day = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    double days = era * 146097.0 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
    return days * 86400 + h * 3600.0 + mi * 60.0 + (double)s;
}

static void take(struct track_points *t, OGRFeatureH f)
{
    OGRGeometryH g = OGR_F_GetGeometryRef(f);
    if (!g || OGR_G_IsEmpty(g) || t->failed)
        return;
    if (t->walk.n == t->capacity) {
        size_t capacity = t->capacity ? t->capacity * 2 : 1024;
        struct walk_point *more = realloc(t->walk.points, capacity * sizeof *more);
        if (!more) {
            t->failed = true;
            return;
        }
        t->walk.points = more;
        t->capacity = capacity;
    }
    double satellites = number(f, t->satellites);
    t->walk.points[t->walk.n++] = (struct walk_point){
        .at = {OGR_G_GetX(g, 0), OGR_G_GetY(g, 0)},
        .time_s = seconds(t, f),
        .accuracy_m = number(f, t->accuracy),
        .hdop = number(f, t->hdop),
        .altitude_m = NAN,
        .satellites = satellites >= 0 && satellites < 1000 ? (int)satellites : -1};
}

const char *track_points_time(void *arg, int64_t fid)
{
    struct track_points *t = arg;
    t->walk.n = 0;
    t->first_time[0] = 0;
    while (t->next && t->track >= 0) {
        int64_t track = OGR_F_GetFieldAsInteger64(t->next, t->track);
        if (track > fid)
            break;
        if (track == fid)
            take(t, t->next);
        OGR_F_Destroy(t->next);
        t->next = OGR_L_GetNextFeature(t->layer);
    }
    if (t->failed)
        t->walk.n = 0;
    return t->first_time[0] ? t->first_time : NULL;
}

const struct track_walk *track_points_walk(const struct track_points *t)
{
    return t ? &t->walk : NULL;
}

/* ---- findings ---- */

static void tell(struct import *im, const struct walk_note *n)
{
    struct lonlat at = n->place;
    switch (n->step) {
    case WALK_RANGE:
        import_row_finding(im, FINDING_WALK_NO_FIX, at, NAN, "%u points are no positions",
                           n->count);
        break;
    case WALK_ACCURACY:
        import_row_finding(im, FINDING_WALK_INACCURATE, at, n->effect_m2,
                           "%u points were left out (%+.1f m2)", n->count, n->effect_m2);
        break;
    case WALK_ACCURACY_POOR:
        import_row_finding(im, FINDING_WALK_DOUBTFUL, at, NAN, "%u points, the worst with %.1f",
                           n->count, n->figure);
        break;
    case WALK_ACCURACY_ZERO:
        import_row_finding(
            im, FINDING_WALK_DOUBTFUL, at, NAN,
            "%u points have accuracy 0: they were placed by hand or made by a program", n->count);
        break;
    case WALK_STOPS:
        import_row_finding(im, FINDING_WALK_STOPS, at, n->effect_m2, "%u points (%+.1f m2)",
                           n->count, n->effect_m2);
        break;
    case WALK_SPIKES:
        import_row_finding(im, FINDING_WALK_SPIKES, at, n->effect_m2, "%u points (%+.1f m2)",
                           n->count, n->effect_m2);
        break;
    case WALK_OVERLAP:
        import_row_finding(im, FINDING_WALK_OVERLAP, at, n->effect_m2,
                           "%.0f m were walked twice; %u points were left out (%+.1f m2)",
                           n->figure, n->count, n->effect_m2);
        break;
    case WALK_CLOSED:
        import_row_finding(im, FINDING_RING_CLOSED, at, NAN, "the ends are %.1f m apart",
                           n->figure);
        break;
    case WALK_OPEN:
        import_row_finding(im, FINDING_TRACK_OPEN, at, NAN, "the ends are %.1f m apart", n->figure);
        break;
    case WALK_LOOPS:
        import_row_finding(im, FINDING_WALK_LOOPS, at, n->effect_m2,
                           "%u loops, the largest of %.1f m2 (%+.1f m2)", n->count, n->figure,
                           n->effect_m2);
        break;
    case WALK_LOOPS_LARGE:
        import_row_finding(im, FINDING_WALK_LOOP_LARGE, at, NAN,
                           "%u crossings, the largest loop has %.1f m2", n->count, n->figure);
        break;
    case WALK_TANGLED:
        import_row_finding(im, FINDING_WALK_LOOP_LARGE, at, NAN,
                           "the walk crosses itself too often to follow");
        break;
    case WALK_SIMPLIFIED:
        import_row_finding(im, FINDING_WALK_SIMPLIFIED, at, n->effect_m2,
                           "%u vertices within %.2f m (%+.2f m2)", n->count, n->figure,
                           n->effect_m2);
        break;
    case WALK_LOW_PRECISION:
        import_row_finding(im, FINDING_LOW_PRECISION, at, NAN,
                           "the standard error is %.0f %% of the area", n->figure);
        break;
    }
}

/* A line whose points have no time and no quality is an outline that some program wrote: it is read
 * as the same outline in any other format is. */
static bool is_recorded(const struct walk_point *p)
{
    return isfinite(p->time_s) || isfinite(p->hdop) || isfinite(p->accuracy_m) ||
           p->satellites >= 0;
}

/* Where most positions are nowhere on Earth the fault lies in the file, and the rules for
 * coordinates say which it is. A walk across the 180th meridian is rare enough to be left as it is.
 */
static bool can_be_cleaned(const struct track_walk *t)
{
    size_t usable = 0;
    bool recorded = false;
    double west = 180, east = -180;
    for (size_t i = 0; i < t->n; i++) {
        struct lonlat p = t->points[i].at;
        if (!(fabs(p.lon) <= 180 && fabs(p.lat) <= 90) || (p.lon == 0 && p.lat == 0))
            continue;
        usable++;
        recorded |= is_recorded(&t->points[i]);
        west = fmin(west, p.lon);
        east = fmax(east, p.lon);
    }
    return recorded && usable * 2 > t->n && east - west <= 180;
}

enum status walk_clean(struct import *im, const struct track_walk *track, bool *cleaned,
                       struct error *e)
{
    struct walk walk;
    struct boundary *b = &im->rings.b;
    *cleaned = false;
    if (b->rings_n != 1 || !can_be_cleaned(track))
        return STATUS_OK;
    enum status s = walk_boundary(track->points, track->n, NULL, &im->row_arena, &walk, e);
    if (s != STATUS_OK || !walk.ring_n || walk.ring_n > b->points_n)
        return s; /* what is left is judged as it stands in the file */
    memcpy(b->points, walk.ring, walk.ring_n * sizeof *b->points);
    b->points_n = b->ring_end[0] = walk.ring_n;
    if (isnan(im->row.accuracy_m) && walk.accuracy_m <= CANDIDATE_ACCURACY_MOST_M)
        im->row.accuracy_m = walk.accuracy_m;
    for (size_t i = 0; i < walk.notes_n; i++)
        tell(im, &walk.notes[i]);
    *cleaned = true;
    return STATUS_OK;
}
