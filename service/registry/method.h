/* How the figures were made, as JSON: area method and version, layers with editions, terrain, class table, change number. So that
 * a figure can be traced a year later. */
#ifndef SERVICE_REGISTRY_METHOD_H
#define SERVICE_REGISTRY_METHOD_H

#include "service/store/store.h"

#define SLOPE_EXPECTED_METHOD                                                                                                   \
    "each cell counts in every class with the probability that its true slope lies there, given the vertical error stated for the "  \
    "elevation model (1 sigma, normal, the kernel's share of it, the stated correlation of neighbouring cells): Rice distribution"

enum status method_json(struct store *s, const struct slope_class_table *classes, struct arena *a, const char **out, struct error *e) MUST_USE;

#endif
