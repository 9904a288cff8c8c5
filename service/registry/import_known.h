/* Private to service/registry: rows that an earlier import held or rejected and that come again. */
#ifndef SERVICE_REGISTRY_IMPORT_KNOWN_H
#define SERVICE_REGISTRY_IMPORT_KNOWN_H

#include "service/registry/import_work.h"

/* After row_decide: a held row that is held already, was decided or dropped becomes unchanged and
 * is said to be so; a rejected one that is known is counted; a plot that a decision has put in the
 * place of this row stays. Fills row->content_hash of held and rejected rows. */
enum status import_known_row(struct importing *im, struct import_row *row,
                             struct error *e) MUST_USE;
/* Says how many rows were rejected already. */
void import_known_say(struct importing *im);

#endif
