/* Rows of totals read by one thread and added up by another. Private to service/registry. */
#ifndef SERVICE_REGISTRY_ROWS_APART_H
#define SERVICE_REGISTRY_ROWS_APART_H

#include "service/store/totals.h"

/* store_each_total_row whose `each` runs in a thread of its own, on the rows in their order, while this one reads on. Has ended
 * when it returns. For many questions at once: handing the rows over costs as much as adding them up for one. */
enum status rows_apart(struct store *s, const struct store_totals_filter *filter, bool (*each)(const struct store_total_row *, void *),
                       void *arg, struct error *e) MUST_USE;

#endif
