/* /collections/plots/items and one item (OGC API Features 1.0, sections 7.15 and 7.16).
 *
 * Pages follow ascending plot ids: `after` is the last id of the page before, so a page costs the
 * same wherever it is and an import in between neither repeats nor skips a plot. A bbox with west >
 * east crosses the antimeridian: both halves are read and merged by id; then numberMatched is left
 * out (the standard allows that), because a plot may lie in both halves. */
#include <stdlib.h>
#include <string.h>

#include "service/api/internal.h"
#include "service/api/query.h"
#include "service/registry/cql2.h"

enum { PAGE_BYTES_MAX = 64 * 1024 * 1024 };

static enum status load_words(struct api_call *call)
{
    struct api_context *c = call->context;
    if (c->words && c->words_change == call->change)
        return STATUS_OK;
    if (c->words)
        plot_words_free(c->words);
    c->words = NULL;
    c->words_change = call->change;
    return plot_words_load(c->store, &c->words, &call->error);
}

/* ---- a page ---- */

struct feature {
    int64_t plot_id;
    size_t start, end; /* in page.text */
};
struct page {
    struct api_call *call;
    struct box boxes[2];
    int boxes_n; /* 0 = everywhere */
    const char *programme, *filter;
    const struct where *where; /* the filter, in `filters` */
    struct arena filters;      /* the call's own arena is reset with every plot */
    int64_t after, limit;
    struct buf text;
    struct feature *features; /* up to (limit + 1) per half */
    size_t features_n;
    int64_t matched; /* -1 = not known */
};

static bool take_feature(const struct store_plot *p, void *arg)
{
    struct page *page = arg;
    struct feature *f = &page->features[page->features_n++];
    f->plot_id = p->revision.plot_id;
    f->start = page->text.length;
    plot_feature_json(p, page->call->context->words, false, &page->text);
    f->end = page->text.length;
    return !page->text.failed;
}

static int by_plot_id(const void *a, const void *b)
{
    int64_t x = ((const struct feature *)a)->plot_id, y = ((const struct feature *)b)->plot_id;
    return (x > y) - (x < y);
}

/* Merges the two halves: ascending, each plot once. */
static void merge(struct page *page)
{
    size_t kept = 0;
    qsort(page->features, page->features_n, sizeof *page->features, by_plot_id);
    for (size_t i = 0; i < page->features_n; i++)
        if (!kept || page->features[i].plot_id != page->features[kept - 1].plot_id)
            page->features[kept++] = page->features[i];
    page->features_n = kept;
}

static enum status read_page(struct page *page)
{
    struct api_context *c = page->call->context;
    struct error *e = &page->call->error;
    int halves = page->boxes_n ? page->boxes_n : 1;
    page->features = malloc((size_t)(page->limit + 1) * (size_t)halves * sizeof *page->features);
    if (!page->features)
        return error_memory(e);
    enum status status = STATUS_OK;
    for (int i = 0; status == STATUS_OK && i < halves; i++)
        status = store_each_item(c->store, page->boxes_n ? &page->boxes[i] : NULL, page->programme,
                                 page->where, page->after, page->limit + 1, &c->arena, take_feature, page,
                                 halves == 1 ? &page->matched : NULL, e);
    if (status == STATUS_OK && page->text.failed)
        status = error_set(e, STATUS_LIMIT, "page_too_large", "ask for fewer plots with limit",
                           "the page is too large");
    if (status == STATUS_OK && halves == 2) {
        page->matched = -1;
        merge(page);
    }
    return status;
}

static void write_page_link(struct buf *b, const struct page *page, const char *rel, int64_t after)
{
    struct buf path;
    buf_init(&path, 0);
    buf_printf(&path, "/collections/plots/items?limit=%lld", (long long)page->limit);
    const char *bbox = api_argument(page->call, "bbox"), *f = api_argument(page->call, "f");
    if (bbox) {
        buf_puts(&path, "&bbox=");
        query_escape(&path, bbox);
    }
    if (page->programme) {
        buf_puts(&path, "&programme=");
        query_escape(&path, page->programme);
    }
    if (page->filter) {
        buf_puts(&path, "&filter=");
        query_escape(&path, page->filter);
    }
    if (f) {
        buf_puts(&path, "&f=");
        query_escape(&path, f);
    }
    if (after)
        buf_printf(&path, "&after=%lld", (long long)after);
    if (!path.failed)
        api_link(b, page->call, rel, "application/geo+json", NULL, path.bytes);
    buf_clear(&path);
}

static enum status write_page(struct page *page, const char *etag, struct http_reply **out)
{
    char now[24];
    struct buf b;
    size_t n = page->features_n > (size_t)page->limit ? (size_t)page->limit : page->features_n;
    buf_init(&b, 0);
    api_timestamp(now);
    buf_puts(&b, "{\"type\":\"FeatureCollection\",\"timeStamp\":");
    buf_json_string(&b, now);
    if (page->matched >= 0) {
        buf_json_key(&b, "numberMatched");
        buf_int(&b, page->matched);
    }
    buf_json_key(&b, "numberReturned");
    buf_int(&b, (int64_t)n);
    buf_puts(&b, ",\"links\":[");
    write_page_link(&b, page, "self", page->after);
    if (page->features_n > n)
        write_page_link(&b, page, "next", page->features[n - 1].plot_id);
    api_link(&b, page->call, "collection", "application/json", NULL, "/collections/plots");
    buf_puts(&b, "],\"features\":[");
    for (size_t i = 0; i < n; i++) {
        buf_puts(&b, i ? ",\n" : "\n");
        buf_put(&b, page->text.bytes + page->features[i].start,
                page->features[i].end - page->features[i].start);
    }
    buf_puts(&b, "]}\n");
    return api_reply_text(page->call, "application/geo+json", etag, &b, out);
}

static enum status take_page(struct api_call *call, struct page *page)
{
    const char *limit = api_argument(call, "limit"), *after = api_argument(call, "after"),
               *bbox = api_argument(call, "bbox");
    const char *f = api_argument(call, "f");
    enum status status = STATUS_OK;
    *page = (struct page){.call = call,
                          .limit = LIMIT_ITEMS_PAGE_DEFAULT,
                          .programme = api_argument(call, "programme"),
                          .matched = -1};
    buf_init(&page->text, PAGE_BYTES_MAX);
    arena_init(&page->filters, 0);
    if (f && strcmp(f, "json") && strcmp(f, "geojson"))
        return error_set(&call->error, STATUS_USAGE, "bad_parameter", "use f=json or leave it out",
                         "f is \"%.40s\"", f);
    if (limit)
        status = query_integer("limit", limit, 1, INT64_MAX, &page->limit, &call->error);
    if (page->limit > LIMIT_ITEMS_PAGE_MAX)
        page->limit = LIMIT_ITEMS_PAGE_MAX; /* more than the maximum means the maximum (OGC
                                               17-069r4, 7.15.2) */
    if (status == STATUS_OK && after)
        status = query_integer("after", after, 0, INT64_MAX, &page->after, &call->error);
    if (status == STATUS_OK && bbox)
        status = query_boxes(bbox, page->boxes, &page->boxes_n, &call->error);
    if (status == STATUS_OK)
        status = api_filter(call, &page->filter);
    if (status == STATUS_OK && page->filter)
        status = cql2_parse(page->filter, &page->filters, &page->where, &call->error);
    return status;
}

static enum status answer_page(struct api_call *call, struct page *page, struct http_reply **out)
{
    char etag[80];
    enum status status = take_page(call, page);
    if (status != STATUS_OK)
        return status;
    api_change_etag(call, "i", etag);
    if (api_not_modified(call, etag, out))
        return STATUS_OK;
    status = load_words(call);
    if (status == STATUS_OK)
        status = read_page(page);
    return status == STATUS_OK ? write_page(page, etag, out) : status;
}

enum status items_build(struct api_call *call, struct http_reply **out)
{
    struct page page;
    if (strcmp(call->q->capture[0], "plots"))
        return error_set(&call->error, STATUS_NOT_FOUND, "no_such_collection", "see /collections",
                         "there is no such collection");
    enum status status = answer_page(call, &page, out);
    free(page.features);
    buf_clear(&page.text);
    arena_clear(&page.filters);
    return status;
}

/* ---- one item ---- */

struct found {
    struct api_call *call;
    struct buf text;
    int n;
    int64_t ids[2];
};

static bool take_one(const struct store_plot *p, void *arg)
{
    struct found *found = arg;
    if (found->n == 0)
        plot_feature_json(p, found->call->context->words, false, &found->text);
    found->ids[found->n++] = p->revision.plot_id;
    return found->n < 2;
}

/* An id when it is written as one and there is such a plot; a code otherwise. */
static enum status find_one(struct api_call *call, const char *name, struct found *found)
{
    struct api_context *c = call->context;
    int64_t id;
    enum status status = STATUS_OK;
    if (query_parse_integer(name, 1, INT64_MAX, &id))
        status = store_each_plot(c->store, NULL, id, &c->arena, take_one, found, &call->error);
    if (status == STATUS_OK && !found->n)
        status = store_each_plot(c->store, name, 0, &c->arena, take_one, found, &call->error);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && !found->n))
        return error_set(&call->error, STATUS_NOT_FOUND, "no_such_plot",
                         "see /collections/plots/items", "there is no such plot");
    if (status == STATUS_OK && found->n > 1)
        return error_set(&call->error, STATUS_CONFLICT, "plot_code_ambiguous", "ask by plot id",
                         "several plots have this code, among them the ids %lld and %lld",
                         (long long)found->ids[0], (long long)found->ids[1]);
    return status;
}

enum status item_build(struct api_call *call, struct http_reply **out)
{
    char etag[80];
    if (strcmp(call->q->capture[0], "plots"))
        return error_set(&call->error, STATUS_NOT_FOUND, "no_such_collection", "see /collections",
                         "there is no such collection");
    struct found found = {.call = call};
    buf_init(&found.text, PAGE_BYTES_MAX);
    enum status status = load_words(call);
    if (status == STATUS_OK)
        status = find_one(call, call->q->capture[1], &found);
    api_change_etag(call, "p", etag);
    if (status != STATUS_OK || api_not_modified(call, etag, out)) {
        buf_clear(&found.text);
        return status;
    }
    status = api_reply_text(call, "application/geo+json", etag, &found.text, out);
    if (status == STATUS_OK)
        http_reply_keep(*out, call->change);
    return status;
}
