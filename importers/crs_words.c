/* Candidates in words; see crs_words.h. */
#include "importers/crs_words.h"

#include <math.h>
#include <stdio.h>

enum { NAMED_MOST = 5 };

static int percent(uint32_t part, uint32_t whole)
{
    return whole ? (int)lrint(100.0 * part / whole) : 0;
}

/* Short, so that five of them fit into a message. */
static size_t name_one(const struct crs_rank *r, bool regions, char *out, size_t size)
{
    int n = snprintf(out, size, "EPSG:%d (", r->epsg);
    size_t used = n > 0 ? (size_t)n : 0;
    if (r->keyed_n && used < size)
        used += (size_t)snprintf(out + used, size - used, "own region %d %%, ",
                                 percent(r->own_n, r->keyed_n));
    if (used < size)
        used += (size_t)snprintf(out + used, size - used, "%s %d %%, at %.4f %.4f)",
                                 regions ? "any" : "Mexico", percent(r->any_n, r->n),
                                 r->example.lon, r->example.lat);
    return used < size ? used : size;
}

static const char *fault_words(enum crs_fault fault)
{
    return fault == CRS_FAULT_AXES   ? "; latitude and longitude are exchanged"
           : fault == CRS_FAULT_SIGN ? "; the minus sign of the longitude is missing"
                                     : "";
}

enum status crs_candidates_error(const struct crs_candidates *c, const char *file, bool degrees,
                                 struct error *e)
{
    char list[400] = "", remedy[200];
    size_t used = 0;
    for (size_t i = 0; i < c->n && i < NAMED_MOST && used + 70 < sizeof list; i++) {
        if (i)
            used += (size_t)snprintf(list + used, sizeof list - used, ", ");
        used += name_one(&c->ranks[i], c->regions, list + used, sizeof list - used);
    }
    if (c->n)
        snprintf(remedy, sizeof remedy,
                 "say which it is with --crs; the likeliest is --crs EPSG:%d", c->ranks[0].epsg);
    else if (c->fault != CRS_FAULT_NONE)
        snprintf(remedy, sizeof remedy,
                 "correct the coordinates in the file, then --crs EPSG:4326");
    else
        snprintf(remedy, sizeof remedy, "give the EPSG code with --crs, for example --crs EPSG:%d",
                 degrees ? 4326 : 32615);
    if (c->declared)
        return error_set(e, STATUS_INVALID, "crs_wrong", remedy,
                         "%.80s says EPSG:%d, but its numbers are %s%s%s", file, c->declared,
                         degrees ? "degrees" : "no degrees", c->n ? "; candidates: " : "", list);
    return error_set(e, STATUS_INVALID, "crs_missing", remedy,
                     "%.80s names no coordinate reference system%s%s", file,
                     c->n ? "; candidates: "
                     : c->fault == CRS_FAULT_AXES || c->fault == CRS_FAULT_SIGN
                         ? fault_words(c->fault)
                     : degrees ? "; its numbers may be degrees, but not of Mexico"
                               : " and its numbers fit none in use in Mexico",
                     list);
}

void crs_rank_words(const struct crs_rank *r, bool regions, char *out, size_t size)
{
    char own[64] = "", second[80] = "";
    if (r->keyed_n)
        snprintf(own, sizeof own, "%u of %u rows in their own region, ", r->own_n, r->keyed_n);
    if (r->second_n)
        snprintf(second, sizeof second, ", %u of %u on the boundary the registry has", r->near_n,
                 r->second_n);
    snprintf(out, size, "EPSG:%d %s: %s%u of %u in %s%s", r->epsg, r->name, own, r->any_n, r->n,
             regions ? "a region" : "Mexico", second);
}

void crs_candidates_text(const struct crs_candidates *c, struct buf *out)
{
    if (!c->n)
        return;
    buf_printf(out, "  %-11s %-34s %10s %10s %10s  %s\n", "code", "name", "own region",
               c->regions ? "any region" : "in Mexico", "second", "first row at");
    for (size_t i = 0; i < c->n; i++) {
        const struct crs_rank *r = &c->ranks[i];
        char own[16] = "-", near[16] = "-";
        if (r->keyed_n)
            snprintf(own, sizeof own, "%d %%", percent(r->own_n, r->keyed_n));
        if (r->second_n)
            snprintf(near, sizeof near, "%d %%", percent(r->near_n, r->second_n));
        buf_printf(out, "  EPSG:%-6d %-34s %10s %8d %% %10s  %.5f %.5f\n", r->epsg, r->name, own,
                   percent(r->any_n, r->n), near, r->example.lon, r->example.lat);
    }
    buf_printf(out, "  of %u rows sampled; second: rows on the boundary that the registry has\n",
               c->ranks[0].n);
    if (c->n > 1 && crs_datum_twin(c->ranks[0].epsg) == c->ranks[1].epsg) {
        struct lonlat a = c->ranks[0].example, b = c->ranks[1].example;
        double apart_m =
            hypot((a.lon - b.lon) * 111320 * cos(a.lat * M_PI / 180), (a.lat - b.lat) * 110700);
        buf_printf(out,
                   "  EPSG:%d and EPSG:%d lie %.0f m apart here: regions cannot tell which it is, "
                   "plots that the registry has can\n",
                   c->ranks[0].epsg, c->ranks[1].epsg, apart_m);
    }
}

static void share_json(struct buf *out, const char *key, uint32_t part, uint32_t whole)
{
    buf_json_key(out, key);
    if (whole)
        buf_double(out, (double)part / whole, 4);
    else
        buf_puts(out, "null");
}

void crs_candidates_json(const struct crs_candidates *c, struct buf *out)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < c->n; i++) {
        const struct crs_rank *r = &c->ranks[i];
        buf_json_comma(out);
        buf_putc(out, '{');
        buf_json_key(out, "epsg");
        buf_int(out, r->epsg);
        buf_json_key(out, "crs"); /* as --crs and ?crs= take it */
        buf_printf(out, "\"EPSG:%d\"", r->epsg);
        buf_json_key(out, "name");
        buf_json_string(out, r->name);
        buf_json_key(out, "rows");
        buf_int(out, r->n);
        share_json(out, "share", r->keyed_n ? r->own_n : r->any_n, r->keyed_n ? r->keyed_n : r->n);
        share_json(out, "own_region", r->own_n, r->keyed_n);
        share_json(out, c->regions ? "any_region" : "in_mexico", r->any_n, r->n);
        share_json(out, "second_boundary", r->near_n, r->second_n);
        buf_json_key(out, "lon");
        buf_double(out, r->example.lon, 7);
        buf_json_key(out, "lat");
        buf_double(out, r->example.lat, 7);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}
