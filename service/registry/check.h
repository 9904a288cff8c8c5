/* `parcela check`: are the promises of the design true of what is stored? */
#ifndef SERVICE_REGISTRY_CHECK_H
#define SERVICE_REGISTRY_CHECK_H

#include "service/store/store.h"

typedef void check_report(const char *name, bool ok, const char *detail, void *arg);
typedef void check_progress(const char *phase, uint64_t done, uint64_t total, void *arg);
/* Runs every check, reporting each by name ("one_hectare_truth", "parts_add_up", ...) as soon as it is done. STATUS_OK even when some are
 * broken: *all_ok says. progress may be NULL. Cost: about 6 s of two cores per 100 k plots. */
enum status check_run(struct store *s, check_report *report, check_progress *progress, void *arg, bool *all_ok, struct error *e) MUST_USE;

#endif
