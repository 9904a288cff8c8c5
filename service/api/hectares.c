/* /hectares?by=municipality,crop&programme=MIAF-D&f=json|csv: the same figures as `parcela
 * hectares`, from the same function. */
#include "service/registry/hectares.h"

#include <string.h>

#include "service/api/internal.h"
#include "service/api/query.h"

enum { PROGRAMMES_MAX = 64 };

static enum status take_format(struct api_call *call, bool *csv)
{
    static const char *const offered[] = {"application/json", "text/csv"};
    const char *f = api_argument(call, "f");
    if (!f)
        *csv = http_accept_pick(call->q->accept, offered, 2) == 1;
    else if (!strcmp(f, "json") || !strcmp(f, "csv"))
        *csv = f[0] == 'c';
    else
        return error_set(&call->error, STATUS_USAGE, "bad_parameter", "use f=json or f=csv",
                         "f is \"%.40s\"", f);
    return STATUS_OK;
}

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
    query->holders_min = call->role >= TOKEN_VIEWER ? 0 : LIMIT_PUBLIC_HOLDERS_MIN;
    return status;
}

enum status hectares_build(struct api_call *call, struct http_reply **out)
{
    bool csv = false;
    struct hectares_query query = {0};
    struct hectares figures;
    enum status status = take_format(call, &csv);
    if (status == STATUS_OK)
        status = take_query(call, &query);
    if (status != STATUS_OK)
        return status;
    char etag[80];
    bool all = call->role >= TOKEN_VIEWER; /* the same address shows viewers more */
    api_change_etag(call, csv ? (all ? "hcv" : "hc") : (all ? "hjv" : "hj"), etag);
    if (api_not_modified(call, etag, out))
        return STATUS_OK;
    status = hectares_compute(call->context->store, &query, &call->context->arena, &figures,
                              &call->error);
    if (status != STATUS_OK)
        return status;
    struct buf b;
    buf_init(&b, 0);
    if (csv)
        hectares_csv(&figures, &b);
    else
        hectares_json(&figures, &b);
    status =
        api_reply_text(call, csv ? "text/csv; charset=utf-8" : "application/json", etag, &b, out);
    if (status != STATUS_OK)
        return status;
    if (csv)
        http_reply_header(*out, "Content-Disposition", "attachment; filename=\"hectares.csv\"");
    http_reply_keep(*out, call->change);
    return STATUS_OK;
}
