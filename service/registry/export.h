/* Exporting current plots with their figures: .geojson with everything, .gpkg .shp .shp.zip .csv as a flat table. */
#ifndef SERVICE_REGISTRY_EXPORT_H
#define SERVICE_REGISTRY_EXPORT_H

#include "service/store/store.h"

struct export_request {
    const char *registry, *path;
    const char *programme; /* code, NULL = all */
    bool personal;         /* adds the producer's columns */
    void (*progress)(const char *phase, uint64_t done, uint64_t total, void *arg);
    void *progress_arg;
};
/* *plots = how many were written. STATUS_USAGE export_format, STATUS_CONFLICT file_exists. Nothing half-written remains. */
enum status export_plots(const struct export_request *q, int64_t *plots, struct error *e) MUST_USE;

#endif
