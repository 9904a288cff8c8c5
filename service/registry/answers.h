/* Answers kept for the questions that are asked most: the whole registry, and each single dimension
 * (every region level, programme, organisation, crop, practice, year, survey, slope class,
 * corridor), without condition, programmes or moment.
 *
 * They are made by the same scan that answers every other question, inside the transaction of the
 * change they belong to, and hold for that change number only: an answer of another change is not
 * used. `parcela check` compares each with a fresh scan. */
#ifndef SERVICE_REGISTRY_ANSWERS_H
#define SERVICE_REGISTRY_ANSWERS_H

#include "service/registry/hectares.h"

/* Makes and keeps them, as the last thing before a commit. `touched` is how many plots the change
 * touched: a small change of a large registry is not worth a pass over all of it; then nothing is
 * kept and questions are answered by a scan until a change that is. */
enum status answers_keep(struct store *s, int64_t touched, struct error *e) MUST_USE;
/* The kept answer to out->query at out->change: groups (in no order) and total, memory from `a`.
 * *found = false when there is none, or the question asks for more. */
enum status answers_find(struct store *s, struct arena *a, struct hectares *out, bool *found,
                         struct error *e) MUST_USE;
/* For parcela check: each kept answer of today against a fresh one. `detail` says how many, or
 * which one differs. */
enum status answers_check(struct store *s, bool *ok, char *detail, size_t detail_n,
                          struct error *e) MUST_USE;

/* Groups (in no order) and totals of n questions in one pass; classes filled, nothing suppressed.
 * The filter is the first question's, which all must share. Private to service/registry
 * (hectares.c). */
enum status hectares_scan(struct store *s, struct hectares *list, int n, struct arena *a,
                          struct error *e) MUST_USE;

#endif
