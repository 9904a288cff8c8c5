/* /milpa?plot=MIAF-0007 or ?filter=...&programme=...: plans of milpa between fruit trees, the same
 * as `parcela milpa`, from the same function and the same compiler of conditions. For viewers: a
 * plan is of a single plot. Pages follow ascending plot ids, as items do. */
#include "service/registry/milpa_report.h"

#include <stdio.h>
#include <string.h>

#include "service/api/internal.h"
#include "service/api/query.h"

static enum status take_query(struct api_call *call, struct milpa_query *q)
{
    static const char *const numbers[] = {
        "slope_length_m", "tree_spacing_m", "ls",       "r_region", "rain_mm", "r", "k", "c", "p",
        "c_after",        "p_after",        "tolerable"};
    const char *limit = api_argument(call, "limit"), *after = api_argument(call, "after");
    struct error *e = &call->error;
    milpa_query_init(q);
    q->plot = api_argument(call, "plot");
    q->by_id = true;
    q->programme = api_argument(call, "programme");
    q->limit = LIMIT_ITEMS_PAGE_DEFAULT;
    enum status status = api_filter(call, &q->where);
    if (status == STATUS_OK && q->plot && q->where)
        status = error_set(e, STATUS_USAGE, "bad_parameter", "leave one of them out",
                           "plot and filter cannot be asked together");
    if (status == STATUS_OK && limit)
        status = query_integer("limit", limit, 1, INT64_MAX, &q->limit, e);
    if (q->limit > LIMIT_ITEMS_PAGE_MAX)
        q->limit = LIMIT_ITEMS_PAGE_MAX; /* as items do */
    if (status == STATUS_OK && after)
        status = query_integer("after", after, 0, INT64_MAX, &q->after, e);
    for (size_t i = 0; status == STATUS_OK && i < sizeof numbers / sizeof *numbers; i++) {
        const char *text = api_argument(call, numbers[i]);
        if (text)
            status = milpa_query_set(q, numbers[i], text, e);
    }
    return status;
}

static enum status write_report(struct api_call *call, enum api_table format,
                                const struct milpa_report *r, struct buf *b)
{
    enum status status = STATUS_OK;
    if (format == API_TABLE_XLSX)
        status = milpa_report_xlsx(r, b, &call->error);
    else if (format == API_TABLE_CSV)
        milpa_report_csv(r, b);
    else
        milpa_report_json(r, b);
    if (status != STATUS_OK)
        buf_clear(b);
    return status;
}

enum status milpa_build(struct api_call *call, struct http_reply **out)
{
    enum api_table format = API_TABLE_JSON;
    struct milpa_query query;
    struct milpa_report report;
    char etag[80], variant[8];
    enum status status = api_table_take(call, &format);
    if (status == STATUS_OK)
        status = take_query(call, &query);
    if (status != STATUS_OK)
        return status;
    snprintf(variant, sizeof variant, "m%d", (int)format);
    api_change_etag(call, variant, etag);
    if (api_not_modified(call, etag, out))
        return STATUS_OK;
    struct buf b;
    buf_init(&b, 0);
    status = milpa_report_make(call->context->store, &query, &report, &call->error);
    if (status != STATUS_OK)
        return status;
    status = write_report(call, format, &report, &b);
    milpa_report_clear(&report);
    if (status == STATUS_OK)
        status = api_table_reply(call, format, "milpa", etag, &b, out);
    return status;
}
