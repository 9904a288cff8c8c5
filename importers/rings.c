/* OGR geometry of one row -> flat arrays of rings in file coordinates. Nothing is judged here but
 * shape: polygons (also in collections, curves made straight), and lines that close. Rings are
 * closed, rings without three different vertices left out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "importers/import.h"

enum { DEPTH_MAX = 8 };

struct collect {
    struct rings *r;
    struct rings_notes *notes;
    bool tracks, failed, other_type;
    uint32_t lines;
};

static bool grow(void **array, uint32_t *capacity, uint32_t need, size_t each)
{
    if (need <= *capacity)
        return true;
    uint32_t wanted = *capacity ? *capacity : 256;
    while (wanted < need)
        wanted = wanted > UINT32_MAX / 2 ? need : wanted * 2;
    void *p = realloc(*array, wanted * each);
    if (!p)
        return false;
    *array = p;
    *capacity = wanted;
    return true;
}

static struct lonlat *more_points(struct collect *c, uint32_t n)
{
    struct rings *r = c->r;
    if (n > UINT32_MAX - r->b.points_n ||
        !grow((void **)&r->b.points, &r->points_capacity, r->b.points_n + n, sizeof *r->b.points)) {
        c->failed = true;
        return NULL;
    }
    return r->b.points + r->b.points_n;
}

static bool same(struct lonlat a, struct lonlat b)
{
    return a.lon == b.lon && a.lat == b.lat;
}

static bool three_different(const struct lonlat *p, uint32_t n)
{
    uint32_t i = 1, j;
    while (i < n && same(p[i], p[0]))
        i++;
    for (j = i + 1; j < n; j++)
        if (!same(p[j], p[0]) && !same(p[j], p[i]))
            return true;
    return false;
}

/* The points from b.points_n on (n of them, room for one more) become a ring. Returns false when it
 * is not one. */
static bool end_ring(struct collect *c, uint32_t n)
{
    struct boundary *b = &c->r->b;
    struct lonlat *p = b->points + b->points_n;
    if (!three_different(p, n)) {
        c->notes->dropped++;
        return false;
    }
    if (!same(p[0], p[n - 1])) {
        p[n++] = p[0];
        c->notes->closed++;
    }
    uint32_t repeated = 0;
    for (uint32_t i = 1; i < n; i++)
        repeated += same(p[i], p[i - 1]);
    c->notes->repeated += repeated;
    if (!grow((void **)&b->ring_end, &c->r->rings_capacity, b->rings_n + 1, sizeof *b->ring_end)) {
        c->failed = true;
        return false;
    }
    b->points_n += n;
    b->ring_end[b->rings_n++] = b->points_n;
    return true;
}

static bool end_part(struct collect *c)
{
    struct boundary *b = &c->r->b;
    if (!grow((void **)&b->part_end, &c->r->parts_capacity, b->parts_n + 1, sizeof *b->part_end)) {
        c->failed = true;
        return false;
    }
    b->part_end[b->parts_n++] = b->rings_n;
    return true;
}

static uint32_t read_points(struct collect *c, OGRGeometryH line)
{
    int n = OGR_G_GetPointCount(line);
    if (n <= 0)
        return 0;
    struct lonlat *p = more_points(c, (uint32_t)n + 1);
    if (p)
        OGR_G_GetPoints(line, &p->lon, sizeof *p, &p->lat, sizeof *p, NULL, 0);
    return p ? (uint32_t)n : 0;
}

static void add_polygon(struct collect *c, OGRGeometryH polygon)
{
    int n = OGR_G_GetGeometryCount(polygon);
    uint32_t rings_before = c->r->b.rings_n;
    for (int i = 0; i < n && !c->failed; i++) {
        uint32_t points = read_points(c, OGR_G_GetGeometryRef(polygon, i));
        bool kept = points ? end_ring(c, points) : false;
        if (!points)
            c->notes->dropped++;
        if (i == 0 && !kept) { /* a part without exterior: its holes are nothing */
            c->notes->dropped += (uint32_t)(n - 1);
            return;
        }
    }
    if (c->r->b.rings_n > rings_before)
        end_part(c);
}

static double length(const struct lonlat *p, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 1; i < n; i++)
        sum += hypot(p[i].lon - p[i - 1].lon, p[i].lat - p[i - 1].lat);
    return sum;
}

/* A walk: whatever it is, it is closed. A drawn line: only if it ends (nearly) where it began. */
static void add_line(struct collect *c, uint32_t n)
{
    if (n == 0)
        return;
    const struct lonlat *p = c->r->b.points + c->r->b.points_n;
    double along = length(p, n), gap = hypot(p[0].lon - p[n - 1].lon, p[0].lat - p[n - 1].lat);
    double share = along > 0 ? gap / along : 0;
    c->lines++;
    if (!c->tracks && share > 0.001) {
        c->other_type = true;
        return;
    }
    c->notes->from_line = true;
    if (share > c->notes->gap_share)
        c->notes->gap_share = share;
    if (end_ring(c, n))
        end_part(c);
}

static void add_lines(struct collect *c, OGRGeometryH lines)
{
    int n = OGR_G_GetGeometryCount(lines);
    if (!c->tracks) {
        for (int i = 0; i < n && !c->failed; i++)
            add_line(c, read_points(c, OGR_G_GetGeometryRef(lines, i)));
        return;
    }
    /* Segments of a track are one walk in which the receiver was switched off or lost its fix. */
    uint32_t before = c->r->b.points_n, points = 0;
    for (int i = 0; i < n && !c->failed; i++) {
        uint32_t more = read_points(c, OGR_G_GetGeometryRef(lines, i));
        points += more;
        c->r->b.points_n += more;
    }
    c->r->b.points_n = before;
    if (!c->failed)
        add_line(c, points);
}

static void add(struct collect *c, OGRGeometryH g, int depth)
{
    OGRwkbGeometryType type = OGR_G_GetGeometryType(g);
    if (wkbHasZ(type) || wkbHasM(type))
        c->notes->z = true;
    if (c->failed || OGR_G_IsEmpty(g))
        return;
    switch (wkbFlatten(type)) {
    case wkbPolygon:
        add_polygon(c, g);
        break;
    case wkbLineString:
        add_line(c, read_points(c, g));
        break;
    case wkbMultiLineString:
        add_lines(c, g);
        break;
    case wkbMultiPolygon:
    case wkbGeometryCollection:
        for (int i = 0; i < OGR_G_GetGeometryCount(g) && depth < DEPTH_MAX; i++)
            add(c, OGR_G_GetGeometryRef(g, i), depth + 1);
        break;
    case wkbCircularString:
    case wkbCompoundCurve:
    case wkbCurvePolygon:
    case wkbMultiCurve:
    case wkbMultiSurface: {
        OGRGeometryH straight = depth < DEPTH_MAX ? OGR_G_GetLinearGeometry(g, 0, NULL) : NULL;
        c->notes->linearised = true;
        if (straight) {
            add(c, straight, depth + 1);
            OGR_G_DestroyGeometry(straight);
        }
        break;
    }
    default:
        c->other_type = true;
        c->notes->ignored_parts++;
    }
}

enum rings_answer rings_collect(struct rings *r, OGRGeometryH geometry, bool tracks,
                                struct rings_notes *notes)
{
    struct collect c = {.r = r, .notes = notes, .tracks = tracks};
    *notes = (struct rings_notes){0};
    r->b.points_n = r->b.rings_n = r->b.parts_n = 0;
    add(&c, geometry, 0);
    if (c.failed)
        return RINGS_MEMORY;
    if (r->b.parts_n)
        return RINGS_OK;
    return c.other_type ? RINGS_TYPE : notes->dropped ? RINGS_FEW : RINGS_EMPTY;
}

void rings_clear(struct rings *r)
{
    free(r->b.points);
    free(r->b.ring_end);
    free(r->b.part_end);
    *r = (struct rings){0};
}
