/* Mapping profiles of a registry (importers/profile.h): saved by name, found for an import, and a
 * first one proposed from a file. */
#ifndef SERVICE_REGISTRY_PROFILES_H
#define SERVICE_REGISTRY_PROFILES_H

#include "geo/base/buf.h"
#include "importers/profile.h"
#include "service/store/store.h"

enum { PROFILE_NAME_MAX = 100 };

/* Checks the text and saves it. STATUS_USAGE "profile_name", STATUS_INVALID "profile_invalid". */
enum status profiles_save(const char *registry, const char *name, const char *text, size_t n,
                          struct error *e) MUST_USE;
/* The profile of an import: `name` saved in the registry, or (with `files`) a file of that name;
 * or, when name is NULL, the saved one that is called like the programme; "-" is none. *used: its
 * name, NULL = none. Memory from `a`. STATUS_NOT_FOUND "profile_not_found". */
enum status profiles_find(struct store *s, const char *name, bool files, const char *programme,
                          struct arena *a, struct profile *out, const char **used,
                          struct error *e) MUST_USE;
/* Reads a whole file of a profile into `a`. */
enum status profiles_read_file(const char *path, struct arena *a, const char **text, size_t *n,
                               struct error *e) MUST_USE;
/* A first profile for a file: the columns of its first layer, with what their names say. */
enum status profiles_propose(const char *file, const char *crs, const char *encoding,
                             struct buf *out, struct error *e) MUST_USE;

#endif
