/* Private to service/registry: what a report calls the files of an import that gives them names of
 * its own. */
#ifndef SERVICE_REGISTRY_IMPORT_NAMES_H
#define SERVICE_REGISTRY_IMPORT_NAMES_H

#include "service/registry/import.h"

/* The file's name; NULL when there is no such file. */
const char *import_file_name(const struct import_request *q, uint32_t file);
/* A layer called like its file is called like the file's name. In `a` when it changes. */
const char *import_layer_name(const struct import_request *q, struct arena *a, uint32_t file,
                              const char *layer);
/* "stored.zip/part.shp" with the file's name in front. In `a` when it changes. */
const char *import_member_name(const struct import_request *q, struct arena *a, const char *member);

#endif
