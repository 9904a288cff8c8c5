/* `parcela check`: are the promises of the design true of what is stored? */
#ifndef SERVICE_REGISTRY_CHECK_H
#define SERVICE_REGISTRY_CHECK_H

#include "service/store/store.h"

typedef void check_report(const char *name, bool ok, const char *detail, void *arg);
/* Runs every check, reporting each by name ("one_hectare_truth", "parts_add_up", ...). STATUS_OK even when some are broken:
 * *all_ok says. Cost: about 3 s per 100 k plots. */
enum status check_run(struct store *s, check_report *report, void *arg, bool *all_ok, struct error *e) MUST_USE;

#endif
