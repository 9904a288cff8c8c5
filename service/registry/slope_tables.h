/* Tables of slope classes by name or from a user's file. */
#ifndef SERVICE_REGISTRY_SLOPE_TABLES_H
#define SERVICE_REGISTRY_SLOPE_TABLES_H

#include "geo/slope.h"

/* FAO_2006 (also FAO), GAEZ_2000 (GAEZ), MIAF_20 (MIAF), or the path of a CSV file (geo/slope.h,
 * slope_table_user). STATUS_NOT_FOUND when it is neither; STATUS_INVALID with the line that is
 * wrong. */
enum status slope_table_load(const char *name_or_file, struct slope_class_table *out,
                             struct error *e) MUST_USE;

#endif
