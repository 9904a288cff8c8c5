/* /hectares?by=municipality,crop&programme=MIAF-D&filter=...&as_of=...&f=json|csv|xlsx: the same
 * figures as `parcela hectares`, from the same function.
 *
 * Without a viewer's rights neither filter nor as_of is answered: the difference of two totals that
 * are large enough each (all plots, all but one) would tell the hectares of a single plot. */
#include "service/registry/hectares.h"

#include <stdio.h>
#include <string.h>

#include "service/api/internal.h"
#include "service/api/query.h"

enum { PROGRAMMES_MAX = 64 };

static enum status take_query(struct api_call *call, struct hectares_query *query)
{
    struct arena *a = &call->context->arena;
    const char *by = api_argument(call, "by"), *programme = api_argument(call, "programme");
    enum status status = STATUS_OK;
    if (by) {
        const char *const *list;
        size_t n;
        status = query_list("by", by, a, LIMIT_GROUP_BY, &list, &n, &call->error);
        for (; status == STATUS_OK && query->by_n < (int)n; query->by_n++)
            query->by[query->by_n] = list[query->by_n];
    }
    if (status == STATUS_OK && programme)
        status = query_list("programme", programme, a, PROGRAMMES_MAX, &query->programmes,
                            &query->programmes_n, &call->error);
    if (status == STATUS_OK)
        status = api_filter(call, &query->where);
    query->as_of = api_argument(call, "as_of");
    query->holders_min = call->role >= TOKEN_VIEWER ? 0 : LIMIT_PUBLIC_HOLDERS_MIN;
    return status;
}

static enum status write_figures(struct api_call *call, enum api_table format,
                                 const struct hectares *figures, struct buf *b)
{
    enum status status = STATUS_OK;
    if (format == API_TABLE_XLSX)
        status = hectares_xlsx(figures, b, &call->error);
    else if (format == API_TABLE_CSV)
        hectares_csv(figures, b);
    else
        hectares_json(figures, b);
    if (status != STATUS_OK)
        buf_clear(b);
    return status;
}

enum status hectares_build(struct api_call *call, struct http_reply **out)
{
    enum api_table format = API_TABLE_JSON;
    struct hectares_query query = {0};
    struct hectares figures;
    enum status status = api_table_take(call, &format);
    if (status == STATUS_OK)
        status = take_query(call, &query);
    if (status != STATUS_OK)
        return status;
    if (query.holders_min && (query.where || query.as_of)) {
        *out = problem_unauthorized(false, call->q);
        return *out ? STATUS_OK : error_memory(&call->error);
    }
    char etag[80];
    char variant[8]; /* the same address shows viewers more */
    snprintf(variant, sizeof variant, "h%d%s", (int)format,
             query.holders_min ? "" : "v");
    api_change_etag(call, variant, etag);
    if (api_not_modified(call, etag, out))
        return STATUS_OK;
    struct buf b;
    buf_init(&b, 0);
    status = hectares_compute(call->context->store, &query, &call->context->arena, &figures,
                              &call->error);
    if (status == STATUS_OK)
        status = write_figures(call, format, &figures, &b);
    if (status == STATUS_OK)
        status = api_table_reply(call, format, "hectares", etag, &b, out);
    if (status != STATUS_OK)
        return status;
    http_reply_keep(*out, call->change);
    return STATUS_OK;
}
