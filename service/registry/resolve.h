/* Deciding a held row: its plot is registered from one of the candidates, or the row is dropped. */
#ifndef SERVICE_REGISTRY_RESOLVE_H
#define SERVICE_REGISTRY_RESOLVE_H

#include "service/registry/import.h"

struct resolve_request {
    const char *registry;
    int64_t import_id;
    uint64_t row;
    const char *file;   /* base name; NULL = any, when there is only one such row */
    const char *accept; /* linework, structure, original, drop */
};
/* Everything in one transaction. The plot comes with an import of its own (*report; its id is what to revert to open the row
 * again), computed and stored on the same path as a file's. For "drop" nothing is registered and report->import.id is 0; a
 * dropped row may be decided anew. STATUS_NOT_FOUND held_row_not_found; STATUS_USAGE held_row_ambiguous, resolve_choice;
 * STATUS_CONFLICT held_row_decided, import_reverted; STATUS_INVALID no_such_candidate, original_invalid. On success the caller
 * ends with import_report_clear. */
enum status resolve_run(const struct resolve_request *q, struct import_report *report, struct error *e) MUST_USE;

/* Held rows still open, of one import or (0) all, as text or JSON: row, file, code, reason, both areas, the spot. */
enum status resolve_list(struct store *s, int64_t import_id, bool json, struct buf *out, struct error *e) MUST_USE;

#endif
