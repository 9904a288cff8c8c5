/* Small files written byte by byte, sound or broken on purpose, for tests of the importers. */
#ifndef TESTS_GOLDEN_MAKE_FILES_H
#define TESTS_GOLDEN_MAKE_FILES_H

#include <stddef.h>
#include <stdint.h>

enum { MAKE_ROWS_MAX = 8, MAKE_COLUMNS_MAX = 6, MAKE_POINTS_MAX = 16 };

struct make_row {
    double xy[2 * MAKE_POINTS_MAX];       /* one ring; given order, not closed for you */
    int points_n;                         /* 0 = null shape */
    const char *values[MAKE_COLUMNS_MAX]; /* NULL = blank */
    int deleted;
};

struct make_shapefile {
    int shape_type; /* 5 polygon, 3 polyline */
    const char *columns[MAKE_COLUMNS_MAX];
    int columns_n;
    int language_byte;
    const char *prj, *cpg; /* NULL = no such file */
    struct make_row rows[MAKE_ROWS_MAX];
    int rows_n;
    int no_shx, no_dbf;
    int cut_dbf, cut_shp; /* bytes cut off the end */
    int64_t patch_shp_at; /* > 0: four bytes there become patch_value (little-endian) */
    uint32_t patch_value;
};

/* Writes folder/name.shp and its parts. */
void make_shapefile(const struct make_shapefile *s, const char *folder, const char *name);

struct make_member {
    const char *name; /* in the archive */
    const char *path; /* file whose bytes it gets; NULL = `bytes` */
    const char *bytes;
    int encrypted;    /* sets the flag only */
    uint32_t claimed; /* > 0: unpacked size that the list of files claims */
};
/* A zip archive with stored (not packed) members. */
void make_zip(const char *path, const struct make_member *members, int n);

void make_text(const char *path, const char *text);

#endif
