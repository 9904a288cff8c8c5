/* An NMEA log as walks: one for the log, or one for each part between gaps in which nothing was
 * recorded. */
#include <cpl_vsi.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/import.h"
#include "importers/nmea.h"

enum { LINE_BYTES = 512, GAP_S = 300, DAY_S = 86400, FIXES_MAX = 5000000 };

enum column {
    COLUMN_TIME,
    COLUMN_END,
    COLUMN_POINTS,
    COLUMN_HDOP,
    COLUMN_HDOP_MAX,
    COLUMN_SATELLITES,
    COLUMNS_N
};
static const char *const COLUMNS[COLUMNS_N] = {"time",      "end",      "points",
                                               "hdop_mean", "hdop_max", "satellites_min"};

struct log {
    struct nmea_fix *fixes;
    size_t n, capacity;
    uint64_t bad, without;
    OGRFeatureDefnH definition;
    struct row_extras extras;
    struct track_walk walk; /* the one given last, for cleaning */
    size_t at;              /* first fix of the next walk */
};

static bool keep(struct log *l, const struct nmea_fix *fix)
{
    struct nmea_fix *last = l->n ? &l->fixes[l->n - 1] : NULL;
    if (last && fix->time_s >= 0 && last->time_s == fix->time_s && last->rmc != fix->rmc) {
        /* GGA and RMC of the same moment: the height from one, the date from the other. */
        if (fix->date)
            last->date = fix->date;
        if (last->rmc) {
            int date = last->date;
            *last = *fix;
            last->date = date;
        }
        return true;
    }
    if (l->n == l->capacity) {
        size_t n = l->capacity ? l->capacity * 2 : 1024;
        struct nmea_fix *more = l->n < FIXES_MAX ? realloc(l->fixes, n * sizeof *more) : NULL;
        if (!more)
            return false;
        l->fixes = more;
        l->capacity = n;
    }
    l->fixes[l->n] = *fix;
    if (last && !fix->date)
        l->fixes[l->n].date = last->date;
    l->n++;
    return true;
}

static bool take_line(struct log *l, const char *line, size_t n)
{
    struct nmea_fix fix;
    while (n && (line[n - 1] == '\r' || line[n - 1] == ' '))
        n--;
    switch (nmea_line(line, n, &fix)) {
    case NMEA_FIX:
        return keep(l, &fix);
    case NMEA_BAD:
        l->bad++;
        return true;
    case NMEA_NO_FIX:
        l->without++;
        return true;
    default:
        return true;
    }
}

static enum status read_log(const char *vsi_path, struct log *l, struct error *e)
{
    char chunk[1 << 15], line[LINE_BYTES];
    size_t used = 0;
    bool good = true;
    VSILFILE *f = VSIFOpenL(vsi_path, "rb");
    if (!f)
        return error_set(e, STATUS_IO, "file_unreadable", NULL, "the log cannot be read");
    for (size_t n; good && (n = VSIFReadL(chunk, 1, sizeof chunk, f)) > 0;)
        for (size_t i = 0; good && i < n; i++)
            if (chunk[i] == '\n' || chunk[i] == '\r') {
                good = take_line(l, line, used);
                used = 0;
            } else if (used <
                       sizeof line) { /* a longer line is no sentence: its checksum will be wrong */
                line[used++] = chunk[i];
            }
    if (good)
        good = take_line(l, line, used);
    VSIFCloseL(f);
    if (good)
        return STATUS_OK;
    return l->n >= FIXES_MAX ? error_set(e, STATUS_LIMIT, "nmea_limit", "split the log",
                                         "the log has more than %d positions", FIXES_MAX)
                             : error_memory(e);
}

static bool gap(const struct nmea_fix *a, const struct nmea_fix *b)
{
    if (a->time_s < 0 || b->time_s < 0)
        return false;
    double d = b->time_s - a->time_s;
    if (d < -DAY_S / 2.0) /* past midnight */
        d += DAY_S;
    return d > GAP_S || d < 0 || (a->date && b->date && b->date < a->date);
}

static size_t walk_end(const struct log *l, size_t from)
{
    size_t i = from + 1;
    while (i < l->n && !gap(&l->fixes[i - 1], &l->fixes[i]))
        i++;
    return i;
}

static void set_time(OGRFeatureH f, int column, const struct nmea_fix *fix)
{
    char text[40];
    int s = (int)fix->time_s;
    if (fix->time_s < 0)
        return;
    if (fix->date)
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", fix->date / 10000,
                 fix->date / 100 % 100, fix->date % 100, s / 3600, s / 60 % 60, s % 60);
    else if (column == COLUMN_TIME) /* it becomes the date of the plot */
        return;
    else
        snprintf(text, sizeof text, "%02d:%02d:%02dZ", s / 3600, s / 60 % 60, s % 60);
    OGR_F_SetFieldString(f, column, text);
}

static void set_quality(OGRFeatureH f, const struct nmea_fix *fixes, size_t n)
{
    double sum = 0, worst = 0;
    int least = -1;
    size_t measured = 0;
    char text[32];
    for (size_t i = 0; i < n; i++) {
        if (fixes[i].hdop > 0) {
            sum += fixes[i].hdop;
            worst = fmax(worst, fixes[i].hdop);
            measured++;
        }
        if (fixes[i].satellites >= 0 && (least < 0 || fixes[i].satellites < least))
            least = fixes[i].satellites;
    }
    snprintf(text, sizeof text, "%zu", n);
    OGR_F_SetFieldString(f, COLUMN_POINTS, text);
    if (measured) {
        snprintf(text, sizeof text, "%.2f", sum / (double)measured);
        OGR_F_SetFieldString(f, COLUMN_HDOP, text);
        snprintf(text, sizeof text, "%.2f", worst);
        OGR_F_SetFieldString(f, COLUMN_HDOP_MAX, text);
    }
    if (least >= 0) {
        snprintf(text, sizeof text, "%d", least);
        OGR_F_SetFieldString(f, COLUMN_SATELLITES, text);
    }
}

static void fill_walk(struct log *l, size_t from, size_t end)
{
    double day = 0;
    l->walk.n = 0;
    for (size_t i = from; i < end; i++) {
        const struct nmea_fix *f = &l->fixes[i];
        if (i > from && f->time_s >= 0 && f->time_s < l->fixes[i - 1].time_s)
            day += DAY_S;
        l->walk.points[l->walk.n++] =
            (struct walk_point){.at = {f->lon, f->lat},
                                .time_s = f->time_s >= 0 ? day + f->time_s : NAN,
                                .accuracy_m = NAN,
                                .hdop = f->hdop,
                                .altitude_m = NAN,
                                .satellites = f->satellites};
    }
}

static OGRFeatureH next_walk(void *arg)
{
    struct log *l = arg;
    if (l->at >= l->n)
        return NULL;
    size_t from = l->at, end = walk_end(l, from);
    l->at = end;
    fill_walk(l, from, end);
    OGRFeatureH f = OGR_F_Create(l->definition);
    OGRGeometryH line = OGR_G_CreateGeometry(wkbLineString);
    for (size_t i = from; i < end; i++)
        if (isfinite(l->fixes[i].alt))
            OGR_G_SetPoint(line, (int)(i - from), l->fixes[i].lon, l->fixes[i].lat,
                           l->fixes[i].alt);
        else
            OGR_G_SetPoint_2D(line, (int)(i - from), l->fixes[i].lon, l->fixes[i].lat);
    OGR_F_SetGeometryDirectly(f, line);
    OGR_F_SetFID(f, (GIntBig)from);
    set_time(f, COLUMN_TIME, &l->fixes[from]);
    set_time(f, COLUMN_END, &l->fixes[end - 1]);
    set_quality(f, l->fixes + from, end - from);
    return f;
}

static void rewind_walks(void *arg)
{
    ((struct log *)arg)->at = 0;
}

static enum status walks_ended(void *arg, struct error *e)
{
    (void)arg;
    (void)e;
    return STATUS_OK;
}

static enum status import_walks(struct import *im, struct log *l, const char *layer_name,
                                struct error *e)
{
    int64_t walks = 0;
    if (!(l->walk.points = malloc(l->n * sizeof *l->walk.points)))
        return error_memory(e);
    for (size_t i = 0; i < l->n; i = walk_end(l, i))
        walks++;
    l->definition = OGR_FD_Create(layer_name);
    OGR_FD_Reference(l->definition);
    for (int i = 0; i < COLUMNS_N; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(COLUMNS[i], OFTString);
        OGR_FD_AddFieldDefn(l->definition, field);
        OGR_Fld_Destroy(field);
    }
    const struct layer_rows rows = {l->definition, rewind_walks, next_walk, walks_ended, l, NULL};
    l->extras = (struct row_extras){.accuracy_m = NAN};
    struct layer layer = {.rows = &rows,
                          .extras = &l->extras,
                          .name = layer_name,
                          .format = "NMEA",
                          .epsg = CRS_WGS84,
                          .tracks = true,
                          .announced = walks,
                          .walk = &l->walk};
    enum status s = layer_import(im, &layer, e);
    OGR_FD_Release(l->definition);
    return s;
}

enum status nmea_import(struct import *im, const char *vsi_path, const char *layer_name,
                        struct error *e)
{
    struct log l = {0};
    enum status s = read_log(vsi_path, &l, e);
    if (s == STATUS_OK && l.n == 0)
        s = error_set(e, STATUS_INVALID, "nmea_no_fixes", "record the walk again under open sky",
                      "%.80s has no positions: %llu sentences without a fix, %llu damaged",
                      im->file_name, (unsigned long long)l.without, (unsigned long long)l.bad);
    if (s == STATUS_OK)
        s = import_walks(im, &l, layer_name, e);
    if (s == STATUS_OK && (l.bad || l.without))
        import_file_finding(
            im, FINDING_FILE_WARNING,
            "%llu sentences are damaged (checksum), %llu have no fix; they were left out",
            (unsigned long long)l.bad, (unsigned long long)l.without);
    free(l.walk.points);
    free(l.fixes);
    return s;
}
