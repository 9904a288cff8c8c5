/* The table that pack.c generates; private to this folder, use web.h. */
#ifndef SERVICE_WEB_ASSETS_H
#define SERVICE_WEB_ASSETS_H

#include "service/web/web.h"

extern const struct web_asset web_assets[];
extern const size_t web_assets_n;

#endif
