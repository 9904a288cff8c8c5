/* Sequences of GeoJSON before GDAL sees them: any bytes. */
#include <string.h>

#include "importers/geojson_seq.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct text {
    const uint8_t *at;
    size_t left;
};

static size_t read_text(void *arg, char *buffer, size_t n)
{
    struct text *t = arg;
    size_t take = t->left < n ? t->left : n;
    if (take > 7)
        take = 7;
    memcpy(buffer, t->at, take);
    t->at += take;
    t->left -= take;
    return take;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct text t = {bytes, n};
    struct geojson_facts facts;
    struct error e;
    if (n && geojson_seq_guard(read_text, &t, &facts, &e) == STATUS_OK &&
        (facts.features_n < 1 || t.left))
        __builtin_trap();
    return 0;
}
