/* Fills struct error; see error.h. */
#include "geo/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status error_set(struct error *e, enum status status, const char *code, const char *remedy,
                      const char *format, ...)
{
    if (!e)
        return status;
    memset(e, 0, sizeof *e);
    e->status = status;
    snprintf(e->code, sizeof e->code, "%s", code);
    if (remedy)
        snprintf(e->remedy, sizeof e->remedy, "%s", remedy);
    va_list args;
    va_start(args, format);
    vsnprintf(e->message, sizeof e->message, format, args);
    va_end(args);
    return status;
}

enum status error_memory(struct error *e)
{
    return error_set(e, STATUS_MEMORY, "out_of_memory", "close other programs or use a smaller file", "out of memory");
}
