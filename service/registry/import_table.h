/* Private to service/registry: the columns of a layer and the fields they feed, as a table for
 * people. */
#ifndef SERVICE_REGISTRY_IMPORT_TABLE_H
#define SERVICE_REGISTRY_IMPORT_TABLE_H

#include "geo/base/buf.h"
#include "importers/finding.h"
#include "importers/reader.h"

/* "columns":[...] of a source, without any value of the file: that is stored, and shown over HTTP.
 */
void import_columns_json(const struct reader_source *s, struct buf *out);
/* An object with samples and what becomes of them, for the report of the command. */
void import_mapping_json(const struct reader_source *s, const char *file, const char *layer,
                         struct buf *out);
void import_mapping_text(const struct reader_source *s, const char *file, const char *layer,
                         enum finding_lang lang, struct buf *out);

#endif
