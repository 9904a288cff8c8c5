/* A plot as one GeoJSON Feature: the same writer for `parcela plot`, the items API and GeoJSON export. */
#ifndef SERVICE_REGISTRY_PLOT_JSON_H
#define SERVICE_REGISTRY_PLOT_JSON_H

#include "geo/base/buf.h"
#include "service/store/store.h"

/* What the parts of a plot are called: loaded once per snapshot. */
struct plot_words;
enum status plot_words_load(struct store *s, struct plot_words **out, struct error *e) MUST_USE;
void plot_words_free(struct plot_words *w);

/* One Feature (RFC 7946) with everything known in its properties. `personal` adds the producer and the source columns; pass
 * true only for a STORE_READ plot on the command line. Coordinates with 7 decimals. */
void plot_feature_json(const struct store_plot *p, const struct plot_words *w, bool personal, struct buf *out);
/* Standard error of the hectares inside corridors, in m2; NaN = not known. */
double plot_corridor_se_m2(const struct store_revision *r);

#endif
