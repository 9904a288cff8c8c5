/* Sentences of receivers: any bytes, line by line. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "importers/nmea.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *p = (const char *)bytes, *end = p + n;
    while (p < end) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));
        size_t length = (size_t)((line_end ? line_end : end) - p);
        struct nmea_fix fix;
        if (nmea_line(p, length, &fix) == NMEA_FIX &&
            !(fabs(fix.lat) <= 90 && fabs(fix.lon) <= 180 && fix.time_s < 86401))
            __builtin_trap();
        p += length + 1;
    }
    return 0;
}
