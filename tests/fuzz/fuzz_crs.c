/* The text of a reference system: any bytes give a known code or a refusal. */
#include <stdlib.h>
#include <string.h>

#include "geo/crs/crs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct crs_identity id;
    struct error e;
    char *text = malloc(n + 1);
    memcpy(text, bytes, n);
    text[n] = 0;
    if (crs_identify(text, &id, &e) == STATUS_OK && id.epsg <= 0)
        __builtin_trap();
    free(text);
    return 0;
}
