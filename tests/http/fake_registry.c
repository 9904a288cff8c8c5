/* Figures and features in the shape the API passes on, echoing what it was asked. */
#include <stdlib.h>
#include <string.h>

#include "service/registry/hectares.h"
#include "service/registry/plot_json.h"
#include "service/web/web.h"

struct plot_words {
    int nothing;
};

enum status plot_words_load(struct store *s, struct plot_words **out, struct error *e)
{
    (void)s;
    *out = calloc(1, sizeof **out);
    return *out ? STATUS_OK : error_memory(e);
}

void plot_words_free(struct plot_words *w)
{
    free(w);
}

void plot_feature_json(const struct store_plot *p, const struct plot_words *w, bool personal,
                       struct buf *out)
{
    if (personal || !w)
        abort(); /* HTTP never asks for that */
    buf_printf(out, "{\"type\":\"Feature\",\"id\":%lld,\"geometry\":null,\"properties\":{\"code\":",
               (long long)p->revision.plot_id);
    buf_json_string(out, p->revision.code);
    buf_puts(out, ",\"note\":\"");
    for (int i = 0; i < 20; i++)
        buf_puts(out, "words to fill the page ");
    buf_puts(out, "\"}}");
}

enum status hectares_compute(struct store *s, const struct hectares_query *query, struct arena *a,
                             struct hectares *out, struct error *e)
{
    (void)s;
    (void)a;
    *out = (struct hectares){.query = *query};
    for (int i = 0; i < query->by_n; i++)
        if (strcmp(query->by[i], "municipality") && strcmp(query->by[i], "crop"))
            return error_set(e, STATUS_USAGE, "unknown_dimension", "use municipality or crop",
                             "there is no dimension %s", query->by[i]);
    return STATUS_OK;
}

void hectares_json(const struct hectares *h, struct buf *out)
{
    buf_printf(out, "{\"by_n\":%d,\"programmes_n\":%d,\"holders_min\":%d,\"where\":", h->query.by_n,
               (int)h->query.programmes_n, h->query.holders_min);
    buf_json_string(out, h->query.where);
    buf_json_key(out, "as_of");
    buf_json_string(out, h->query.as_of);
    buf_putc(out, '}');
}

void hectares_csv(const struct hectares *h, struct buf *out)
{
    buf_printf(out, "by_n,holders_min\r\n%d,%d\r\n", h->query.by_n, h->query.holders_min);
}

enum status hectares_xlsx(const struct hectares *h, struct buf *out, struct error *e)
{
    (void)h;
    buf_put(out, "PK\3\4\0x", 6);
    return out->failed ? error_memory(e) : STATUS_OK;
}

const struct web_asset *web_asset_find(const char *path)
{
    static const unsigned char page[] = "<!doctype html><title>Parcela</title>";
    static const unsigned char script[] = "'use strict'";
    static const struct web_asset assets[] = {
        {"/", "text/html; charset=utf-8", page, sizeof page - 1, NULL, 0, "\"p1\""},
        {"/assets/app.js", "text/javascript; charset=utf-8", script, sizeof script - 1, NULL, 0,
         "\"s1\""},
    };
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++)
        if (!strcmp(path, assets[i].path))
            return &assets[i];
    return NULL;
}
