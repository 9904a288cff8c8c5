/* What /hectares and /milpa are asked in: ?f= or Accept, and how each form of a table is sent. */
#include <stdio.h>
#include <string.h>

#include "service/api/internal.h"

#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

enum { FORMATS_N = API_TABLE_XLSX + 1 };
static const char *const NAMES[FORMATS_N] = {"json", "csv", "xlsx"};

enum status api_table_take(struct api_call *call, enum api_table *out)
{
    static const char *const offered[FORMATS_N] = {"application/json", "text/csv", XLSX_TYPE};
    const char *f = api_argument(call, "f");
    int picked = f ? -1 : http_accept_pick(call->q->accept, offered, FORMATS_N);
    for (int i = 0; f && i < FORMATS_N; i++)
        if (!strcmp(f, NAMES[i]))
            picked = i;
    if (f && picked < 0)
        return error_set(&call->error, STATUS_USAGE, "bad_parameter", "use f=json, f=csv or f=xlsx",
                         "f is \"%.40s\"", f);
    *out = picked < 0 ? API_TABLE_JSON : (enum api_table)picked;
    return STATUS_OK;
}

enum status api_table_reply(struct api_call *call, enum api_table table, const char *stem,
                            const char *etag, struct buf *body, struct http_reply **out)
{
    static const char *const types[FORMATS_N] = {"application/json", "text/csv; charset=utf-8",
                                                 XLSX_TYPE};
    char disposition[80];
    enum status status = api_reply_text(call, types[table], etag, body, out);
    if (status != STATUS_OK || table == API_TABLE_JSON)
        return status;
    snprintf(disposition, sizeof disposition, "attachment; filename=\"%s.%s\"", stem,
             NAMES[table]);
    http_reply_header(*out, "Content-Disposition", disposition);
    return STATUS_OK;
}
