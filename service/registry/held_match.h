/* Private to service/registry: which held row a corrected boundary closes. */
#ifndef SERVICE_REGISTRY_HELD_MATCH_H
#define SERVICE_REGISTRY_HELD_MATCH_H

#include "service/registry/import_work.h"

/* After a plot was stored: closes ("corrected") the open held rows of other imports that it
 * corrects, of the same programme only, and says which (held_closed):
 *
 * - those with its code;
 * - where the held row has no code, the same row of the same file (name, layer, number, and every
 *   column as it was; without any value only where the two boxes meet), else the one whose linework
 *   or structure it covers as two walks of one plot cover each other (row_resurvey_iou). When
 * several are covered so, none is closed (held_several).
 *
 * attributes_json: the row's columns as they are stored. */
enum status held_match_close(struct importing *im, const struct import_row *row,
                             const char *attributes_json, struct error *e) MUST_USE;
void held_match_free(struct held_match *m); /* NULL is allowed */

#endif
