/* The GeoJSON guard: any bytes. */
#include "importers/geojson_guard.h"
#include "tests/fuzz/short_reads.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct text t = {bytes, n, 7};
    struct geojson_facts facts;
    struct error e;
    if (n && geojson_guard(read_text, &t, &facts, &e) == STATUS_OK && facts.epsg < 0)
        __builtin_trap();
    return 0;
}
