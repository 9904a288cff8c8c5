/* The registry over HTTP: one file per resource, a table of routes, one mapping from status to
 * problem+json.
 *
 * Every answer is read from one snapshot of a STORE_PUBLIC reader, so it is of one moment and no
 * personal field can be in it. Bound to a loopback address, whoever asks sits at this machine and
 * sees all of that; on any other address only the public policy is answered (page, corridors,
 * regions, totals with enough producers) to those without a token. Uploads are taken from editors
 * and run by a thread of their own (registry/jobs.h). */
#ifndef SERVICE_API_API_H
#define SERVICE_API_API_H

#include <stddef.h>

#include "geo/base/error.h"

/* Serves the registry in `registry_folder` on `listen` ("127.0.0.1:8080", "[::1]:0"; port 0 = any
 * free one) until SIGTERM or SIGINT, then ends what is in flight and returns STATUS_OK.
 * extra_hosts: n further names that a Host field may have. `ready` (may be NULL) is called once,
 * from this thread, with the address when requests are answered: "http://127.0.0.1:41233". */
enum status api_serve(const char *registry_folder, const char *listen,
                      const char *const *extra_hosts, size_t n,
                      void (*ready)(const char *url, void *arg), void *arg,
                      struct error *e) MUST_USE;

#endif
