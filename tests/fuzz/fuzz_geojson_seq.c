/* Sequences of GeoJSON before GDAL sees them: any bytes. */
#include "importers/geojson_seq.h"
#include "tests/fuzz/short_reads.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct text t = {bytes, n, 7};
    struct geojson_facts facts;
    struct error e;
    if (n && geojson_seq_guard(read_text, &t, &facts, &e) == STATUS_OK &&
        (facts.features_n < 1 || t.left))
        __builtin_trap();
    return 0;
}
