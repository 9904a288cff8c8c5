/* Sentences of NMEA 0183: positions of GGA and RMC of any talker. Pure function, thread-safe. */
#ifndef IMPORTERS_NMEA_H
#define IMPORTERS_NMEA_H

#include <stdbool.h>
#include <stddef.h>

enum nmea_answer {
    NMEA_OTHER,  /* another sentence, or no sentence */
    NMEA_BAD,    /* its checksum or its fields are wrong */
    NMEA_NO_FIX, /* the receiver had no position */
    NMEA_FIX
};

struct nmea_fix {
    bool rmc;             /* else GGA */
    double time_s;        /* of the day, UTC; -1 = not given */
    double lat, lon, alt; /* degrees; metres above sea level, NaN */
    double hdop;          /* NaN */
    int satellites;       /* -1 unknown */
    int date;             /* yyyymmdd, 0 unknown (only RMC has it) */
};

/* One line of n bytes, without its end. A sentence without a checksum is taken. */
enum nmea_answer nmea_line(const char *line, size_t n, struct nmea_fix *out);

#endif
