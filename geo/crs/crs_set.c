/* Transformations opened when first asked for; and which codes are the same in another datum or
 * zone. See evidence.h and utm.h. */
#include <stdlib.h>

#include "geo/crs/evidence.h"
#include "geo/crs/utm.h"

enum { SET_MAX = 64 };

struct crs_set {
    struct {
        int epsg;
        struct crs_transform *transform; /* NULL = there is none */
    } items[SET_MAX];
    size_t n;
};

struct crs_set *crs_set_new(void)
{
    return calloc(1, sizeof(struct crs_set));
}

void crs_set_free(struct crs_set *set)
{
    for (size_t i = 0; set && i < set->n; i++)
        crs_transform_close(set->items[i].transform);
    free(set);
}

struct crs_transform *crs_set_get(struct crs_set *set, int epsg)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->items[i].epsg == epsg)
            return set->items[i].transform;
    struct crs_transform *t = NULL;
    if (set->n == SET_MAX || crs_transform_open(epsg, &t, NULL) != STATUS_OK)
        t = NULL;
    if (set->n < SET_MAX) {
        set->items[set->n].epsg = epsg;
        set->items[set->n++].transform = t;
    }
    return t;
}

/* First code of a run of UTM zones, and the zone that it is. */
static const struct {
    int code, zone, zones;
    bool nad27;
} RUNS[] = {
    {32601, 1, 60, false}, {32701, 1, 60, false}, {6366, 11, 6, false},
    {4484, 11, 6, false},  {26901, 1, 23, false}, {26701, 1, 22, true},
};

int utm_zone(int epsg)
{
    for (size_t i = 0; i < sizeof RUNS / sizeof *RUNS; i++)
        if (epsg >= RUNS[i].code && epsg < RUNS[i].code + RUNS[i].zones)
            return RUNS[i].zone + epsg - RUNS[i].code;
    return 0;
}

int utm_other_zone(int epsg, int zone)
{
    for (size_t i = 0; i < sizeof RUNS / sizeof *RUNS; i++)
        if (epsg >= RUNS[i].code && epsg < RUNS[i].code + RUNS[i].zones)
            return zone >= RUNS[i].zone && zone < RUNS[i].zone + RUNS[i].zones
                       ? RUNS[i].code + zone - RUNS[i].zone
                       : 0;
    return 0;
}

int crs_datum_twin(int epsg)
{
    switch (epsg) {
    case 4326:
    case 6365:
    case 4483:
    case 4269:
        return 4267;
    case 4267:
        return 4326;
    default:
        break;
    }
    int zone = utm_zone(epsg);
    if (!zone || zone > 22 || (epsg > 32700 && epsg <= 32760))
        return 0;
    return epsg >= 26701 && epsg <= 26722 ? 32600 + zone : 26700 + zone;
}
