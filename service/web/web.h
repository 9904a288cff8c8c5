/* The page's files, built from npm sources and embedded in the binary: paths are request paths, "/" for the page itself and
 * "/assets/..." for what it loads. */
#ifndef SERVICE_WEB_WEB_H
#define SERVICE_WEB_WEB_H

#include <stddef.h>

struct web_asset {
    const char *path, *content_type;
    const unsigned char *bytes;
    size_t size;
    const unsigned char *gzip; /* NULL when there is none */
    size_t gzip_size;
    const char *etag; /* with quotes */
};

/* The asset at `path`, or NULL. Static memory; safe from any thread. */
const struct web_asset *web_asset_find(const char *path);

#endif
