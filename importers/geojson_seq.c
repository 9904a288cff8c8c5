/* Records of a GeoJSON sequence, one by one; see geojson_seq.h. */
#include "importers/geojson_seq.h"

#include <stdbool.h>

#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 16, SEPARATOR = 0x1E };

struct records {
    size_t (*read)(void *, char *, size_t);
    void *arg;
    char buffer[BUFFER];
    size_t at, n;
    bool separators; /* records begin with one; else they end with the line */
};

static bool fill(struct records *r)
{
    if (r->at == r->n) {
        r->n = r->read(r->arg, r->buffer, sizeof r->buffer);
        r->at = 0;
    }
    return r->at < r->n;
}

/* Bytes of the record that r stands in; 0 at its end, which is left for the next one. */
static size_t read_record(void *arg, char *buffer, size_t n)
{
    struct records *r = arg;
    if (!fill(r))
        return 0;
    size_t have = r->n - r->at < n ? r->n - r->at : n;
    const char *end = memchr(r->buffer + r->at, r->separators ? SEPARATOR : '\n', have);
    if (end)
        have = (size_t)(end - (r->buffer + r->at));
    memcpy(buffer, r->buffer + r->at, have);
    r->at += have;
    return have;
}

/* To the first byte of the next record; false when there is none. */
static bool next_record(struct records *r)
{
    while (fill(r)) {
        if (!strchr(" \t\r\n\x1E", r->buffer[r->at]) || !r->buffer[r->at])
            return true;
        r->at++;
    }
    return false;
}

static enum status judge(const struct geojson_facts *record, struct geojson_facts *all,
                         struct error *e)
{
    if (strcmp(record->type, "FeatureCollection") == 0)
        return error_set(e, STATUS_INVALID, "geojson_type", "write one Feature per line",
                         "it is a FeatureCollection, not a Feature");
    if (all->features_n == 0)
        *all = (struct geojson_facts){.epsg = record->epsg};
    else if (all->epsg != record->epsg)
        return error_set(e, STATUS_INVALID, "geojson_crs_mixed",
                         "write one reference system in the whole file",
                         "its coordinate reference system differs from that of the first record");
    if (all->features_n++ == 0)
        memcpy(all->type, record->type, sizeof all->type);
    return STATUS_OK;
}

enum status geojson_seq_guard(size_t (*read)(void *arg, char *buffer, size_t n), void *arg,
                              struct geojson_facts *out, struct error *e)
{
    enum status s = STATUS_OK;
    struct records *r = calloc(1, sizeof *r);
    *out = (struct geojson_facts){0};
    if (!r)
        return error_memory(e);
    r->read = read;
    r->arg = arg;
    if (fill(r) && r->n >= 3 && memcmp(r->buffer, "\xEF\xBB\xBF", 3) == 0)
        r->at = 3;
    r->separators = fill(r) && r->buffer[r->at] == SEPARATOR;
    while (s == STATUS_OK && next_record(r)) {
        struct geojson_facts record;
        s = geojson_guard(read_record, r, &record, e);
        if (s == STATUS_OK)
            s = judge(&record, out, e);
        if (s != STATUS_OK) {
            struct error inner = *e;
            s = error_set(e, inner.status, inner.code, inner.remedy, "record %lld: %s",
                          (long long)out->features_n + 1, inner.message);
        }
    }
    free(r);
    if (s == STATUS_OK && out->features_n == 0)
        s = error_set(e, STATUS_INVALID, "geojson_syntax", "export the file again",
                      "the text has no records");
    return s;
}
