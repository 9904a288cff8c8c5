/* Coordinates as people and forms write them. Pure functions, thread-safe, no locale. */
#ifndef IMPORTERS_COORDINATES_H
#define IMPORTERS_COORDINATES_H

#include <stdbool.h>
#include <stddef.h>

/* One number: decimal with point or comma ("-92.637", "-92,637"), or degrees, minutes and seconds:
 * 16°44'13.2"N, 16 44 13.2, N16:44.22, 92° 38' 14,5" O. *axis becomes 'n' (N, S), 'e' (E, W, O) or
 * 0. S, W and O are negative; a minus sign beside N or E is refused, as are minutes and seconds of
 * 60 and more. Without marks or letters any finite number is taken (metres too). */
bool coordinate_parse(const char *text, double *out, char *axis);

/* A point of ODK and Kobo: "lat lon alt accuracy", latitude first; NaN where the text ends early.
 */
struct form_point {
    double lat, lon, alt, accuracy;
};

enum { FORM_POINTS_MAX = 200000 };

/* geopoint, geotrace and geoshape: points joined by ; with or without spaces, trailing separators
 * allowed. Writes at most `max` points to `out` (NULL: only counts). Returns how many points the
 * text has; 0 when it is not such a text. */
size_t form_points(const char *text, struct form_point *out, size_t max);

#endif
