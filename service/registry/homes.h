/* Which regions there are, by key, and where they lie: what tells a row that stands in a wrong
 * reference system (geo/crs/evidence.h). */
#ifndef SERVICE_REGISTRY_HOMES_H
#define SERVICE_REGISTRY_HOMES_H

#include "geo/crs/evidence.h"
#include "service/registry/figures.h"

struct homes;
/* The keys of the current region layers, in the order of the setup's levels. `setup` must outlive
 * it. */
enum status homes_load(struct store *s, const struct figures_setup *setup, struct homes **out,
                       struct error *e) MUST_USE;
void homes_free(struct homes *homes); /* NULL allowed */
bool homes_any(const struct homes *homes);
/* The key as the regions have it, or that of its state where there are only states; NULL = there is
 * no such region. */
const char *homes_key(const struct homes *homes, const char *key);
/* Has the region with this id this key (one that homes_key gave)? */
bool homes_is(const struct homes *homes, uint32_t region, const char *key);
/* For crs_rank and crs_diagnose; only after the setup's indexes are built. */
struct crs_world homes_world(const struct homes *homes);

#endif
