/* The findings of an import as a file: .json and .csv hold the findings; .geojson and .gpkg also the boundaries in question, so
 * that each fault can be seen in QGIS: layers (GeoJSON: the property "layer") `spots` the places of findings, `original` the
 * boundaries of held and repaired rows as they stood in the file, `proposed` what they became or may become. Personal: the
 * findings quote the source. */
#ifndef SERVICE_REGISTRY_REPORT_FILE_H
#define SERVICE_REGISTRY_REPORT_FILE_H

#include "service/store/store.h"

/* STATUS_USAGE report_format, STATUS_CONFLICT file_exists. Nothing half-written remains. `s` may be in the transaction of the import. */
enum status report_file_write(struct store *s, int64_t import_id, bool dry_run, const char *path, enum finding_lang lang, struct error *e) MUST_USE;
/* Refuses before any work what would be refused at the end. */
enum status report_file_check(const char *path, struct error *e) MUST_USE;

#endif
