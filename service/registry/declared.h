/* Private to service/registry: what a row declares against what its boundary says: hectares, and
 * the municipality or state it lies in. */
#ifndef SERVICE_REGISTRY_DECLARED_H
#define SERVICE_REGISTRY_DECLARED_H

#include "service/registry/figures.h"
#include "service/registry/import_rows.h"

/* The share of a plot that must lie in the region it names (TerraMatch's three quarters of a
 * country); less is a finding unless all that is outside lies within the accuracy of the line. */
#define DECLARED_INSIDE_LEAST 0.75
/* Of a region layer that does not tell its own: half a millimetre at 1:250,000. */
#define DECLARED_LINE_ACCURACY_M 125.0
/* Declared hectares may differ by a tenth: people round, and pace out; and by two standard errors
 * of the boundary's own hectares. */
#define DECLARED_TOLERANCE 0.10

struct declared_regions;
void declared_regions_free(struct declared_regions *r); /* NULL allowed */

/* Before a row is computed: *regions is made when the first one names a region, and stays the
 * caller's. */
enum status declared_wanted(struct store *s, struct declared_regions **regions,
                            const struct candidate *c, struct error *e) MUST_USE;

/* In a worker, when the figures are there: fills declared_share and declared_reach_m. `r` (NULL: no
 * row names a region) is only read. */
void declared_measure(const struct declared_regions *r, const struct figures_setup *setup,
                      struct import_row *row);

/* Says what does not fit about a row that was measured. */
void declared_check(struct declared_regions *regions, const struct import_row *row,
                    void (*say)(const struct finding *, void *), void *say_arg);

#endif
