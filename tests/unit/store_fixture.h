/* A registry in a temporary folder, with a few small layers and square plots, for the tests of
 * service/store. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include "service/store/private.h"

struct fixture {
    char top[64], folder[96]; /* top is removed at the end */
    struct store *s;          /* open for writing */
    struct arena arena;
    uint32_t states[2], municipalities[4], corridors[3]; /* feature ids */
    int64_t programme, organisation;
};

/* Fails the running test when anything goes wrong. */
void fixture_open(struct fixture *f);
void fixture_layers(struct fixture *f); /* one change */
void fixture_close(struct fixture *f);

/* A square ring of `side` degrees with its south-west corner at (lon, lat); memory from the arena.
 */
struct boundary fixture_square(struct arena *a, double lon, double lat, double side);
/* What a revision needs, with `parts_n` parts (1..4) that add up to area_mm2; memory from the
 * arena, to be changed at will. */
struct store_revision fixture_revision(struct fixture *f, struct arena *a, const char *code,
                                       double lon, double lat, int64_t area_mm2, int parts_n);
/* begin, change, import; and finish, commit */
void fixture_import_begin(struct fixture *f, bool bulk, int64_t *import_id, int64_t *change);
void fixture_import_end(struct fixture *f, int64_t import_id, int64_t change);
/* Fails the test unless store_check reports everything ok. */
void fixture_check(struct store *s);
int64_t fixture_int(struct store *s, const char *sql); /* one number by SQL */

#endif
