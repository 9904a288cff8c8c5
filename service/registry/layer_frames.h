/* Private to the registry: the reference system of a layer that names none, or one that its numbers
 * contradict, by the regions that the registry has already. */
#ifndef SERVICE_REGISTRY_LAYER_FRAMES_H
#define SERVICE_REGISTRY_LAYER_FRAMES_H

#include "importers/reader.h"
#include "service/store/store.h"

/* Answers the reader's question. The regions decide where at least half of the rows lie in them in
 * the best candidate: one that leaves no doubt is taken, and `words` (in `a`) says why; without one
 * the file is refused with the candidates as the regions rank them. Otherwise, and where the
 * outline of Mexico alone leaves no doubt (the first states of a country among regions of one of
 * them), the reader decides as if there were no regions; then `words` is NULL. */
enum status layer_frames_answer(struct store *s, struct reader *reader,
                                const struct reader_probe *probe, const char *file, struct arena *a,
                                const char **words, struct error *e) MUST_USE;

#endif
