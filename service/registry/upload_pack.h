/* Private to service/registry: several files of one form as one archive on disk, written while they
 * come. Zip with nothing packed (PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16), so that a shapefile's parts
 * stand together for the reader and the names that clients give stay text inside. */
#ifndef SERVICE_REGISTRY_UPLOAD_PACK_H
#define SERVICE_REGISTRY_UPLOAD_PACK_H

#include "geo/base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { PACK_NAME_MAX = 256 };

struct pack;
/* Writes to `fd` from its beginning; the caller's, must be open for reading too. NULL = no memory.
 */
struct pack *pack_new(int fd);
void pack_free(struct pack *p); /* NULL allowed */
/* A member begins, called like the last part of `name` (after / and \\). STATUS_USAGE
 * "bad_filename", "same_name_twice" (letter case apart); STATUS_LIMIT "too_many_files"; STATUS_IO.
 */
enum status pack_member(struct pack *p, const char *name, struct error *e) MUST_USE;
enum status pack_write(struct pack *p, const void *bytes, size_t n, struct error *e) MUST_USE;
/* Writes a whole member from another descriptor, from its beginning. */
enum status pack_copy(struct pack *p, const char *name, int from, struct error *e) MUST_USE;
/* Writes the list of members; *bytes = all of the archive. */
enum status pack_end(struct pack *p, int64_t *bytes, struct error *e) MUST_USE;
/* What the archive may be called: the first .shp, or the member that came last, with .zip in place
 * of its ending. */
void pack_called(const struct pack *p, char out[PACK_NAME_MAX]);

#endif
