/* Looks a page up in the table that pack.c wrote at build time; see web.h. */
#include "service/web/web.h"

#include <string.h>

#include "service/web/assets.h"

const struct web_asset *web_asset_find(const char *path)
{
    /* five entries: a plain walk costs less than anything clever */
    for (size_t i = 0; i < web_assets_n; i++)
        if (strcmp(web_assets[i].path, path) == 0)
            return &web_assets[i];
    return NULL;
}
