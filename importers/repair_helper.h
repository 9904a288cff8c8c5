/* Repair of boundaries in a process of its own, because GEOS cannot be interrupted (PLATFORM 1.9).
 *
 * repair_helper_start() forks, before the reader closes itself off, a supervisor whose only work is
 * to keep one worker alive; the worker closes itself off as the reader does, repairs one boundary
 * at a time in shared memory, and dies of its own CPU timer when one takes too long. The reader
 * then hears "died" and the supervisor starts the next worker. */
#ifndef IMPORTERS_REPAIR_HELPER_H
#define IMPORTERS_REPAIR_HELPER_H

#include "geo/overlay/overlay.h"

struct repair_helper;

enum repair_answer {
    REPAIR_ANSWERED, /* `out` is filled */
    REPAIR_TOO_LONG, /* the CPU limit or the budget of the whole file was passed, or it does not fit
                      */
    REPAIR_FAILED,   /* the library failed or crashed on it */
    REPAIR_TANGLED   /* not asked at all: it crosses itself too often */
};

/* limit_s: CPU seconds for one repair; budget_s: for all of them together, after which everything
 * is TOO_LONG. Single-threaded callers only (it forks). */
enum status repair_helper_start(double limit_s, double budget_s, struct repair_helper **out,
                                struct error *e) MUST_USE;
/* Result's memory in `a`. STATUS_IO when the helper itself is gone. */
enum status repair_helper_ask(struct repair_helper *h, const struct boundary *b, struct arena *a,
                              struct repair *out, enum repair_answer *answer,
                              struct error *e) MUST_USE;
void repair_helper_stop(struct repair_helper *h); /* NULL is allowed */

#endif
