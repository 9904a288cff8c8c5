/* GDAL's error handler; see gdal_log.h. */
#include "importers/gdal_log.h"

#include <cpl_error.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "importers/reader.h"
#include "importers/reader_exit.h"
#include "importers/text.h"

/* Words with a slash are paths or addresses: they say more of the machine than of the file. */
static void without_paths(const char *text, char out[GDAL_LOG_TEXT])
{
    size_t n = 0;
    while (*text && n + 4 < GDAL_LOG_TEXT) {
        size_t space = strspn(text, " \t\r\n"), word = strcspn(text + space, " \t\r\n");
        if (space && n)
            out[n++] = ' ';
        text += space;
        if (memchr(text, '/', word)) {
            memcpy(out + n, "...", 3);
            n += 3;
        } else {
            for (size_t i = 0; i < word && n + 4 < GDAL_LOG_TEXT; i++)
                out[n++] = text[i] > 0x1F && text[i] < 0x7F ? text[i] : '?';
        }
        text += word;
    }
    out[n] = 0;
}

/* Advice, or what we find and report ourselves. */
static bool of_no_interest(const char *text)
{
    return strstr(text, "Non closed ring") || strstr(text, "organizePolygons") ||
           strstr(text, "OGR_GEOMETRY_ACCEPT") ||
           strstr(text, "has GPKG application_id, but non conformant");
}

static void CPL_STDCALL handle(CPLErr class, CPLErrorNum number, const char *text)
{
    struct gdal_log *log = CPLGetErrorHandlerUserData();
    if (class == CE_Fatal)
        _exit(number == CPLE_OutOfMemory ? READER_EXIT_MEMORY : READER_EXIT_LIBRARY);
    if (number == CPLE_OutOfMemory)
        log->out_of_memory = true;
    if ((class != CE_Warning && class != CE_Failure) || log->n == GDAL_LOG_MAX ||
        of_no_interest(text))
        return;
    struct gdal_log_entry *entry = &log->entries[log->n];
    entry->failure = class == CE_Failure;
    without_paths(text, entry->text);
    for (size_t i = 0; i < log->n; i++)
        if (strcmp(log->entries[i].text, entry->text) == 0)
            return;
    log->n++;
}

void gdal_log_start(struct gdal_log *log)
{
    *log = (struct gdal_log){.n = 0};
    CPLPushErrorHandlerEx(handle, log);
}

void gdal_log_reset(struct gdal_log *log)
{
    log->n = 0;
}

const struct gdal_log_entry *gdal_log_worst(const struct gdal_log *log)
{
    for (size_t i = 0; i < log->n; i++)
        if (log->entries[i].failure)
            return &log->entries[i];
    return log->n ? &log->entries[0] : NULL;
}
