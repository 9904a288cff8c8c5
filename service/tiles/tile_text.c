/* Writers for the properties of a tile's features. */
#include <string.h>

#include "service/tiles/private.h"

void text_string(struct buf *out, const char *text)
{
    /* Most words are plain ASCII: then one copy does. buf_json_string looks after the rest. */
    size_t n = 0;
    if (text)
        while (text[n] >= ' ' && text[n] < 0x7F && text[n] != '"' && text[n] != '\\' &&
               text[n] != '<')
            n++;
    if (!text || text[n]) {
        buf_json_string(out, text);
        return;
    }
    char *p = buf_reserve(out, n + 2);
    if (!p)
        return;
    p[0] = '"';
    memcpy(p + 1, text, n);
    p[n + 1] = '"';
    p[n + 2] = 0;
    out->length += n + 2;
}

void text_ha(struct buf *out, int64_t mm2)
{
    buf_fixed(out, mm2, 10, true); /* 1 ha = 10^10 mm2 */
}
