/* SpatiaLite for the writer's connection, loaded when a registry is first opened for writing:
 * linked, its libraries (PROJ, GEOS, libxml2, ...) would be loaded by every command that only
 * reads.
 *
 * Its open and close run under one mutex of the process (its cleanup frees globals of libxml2 twice
 * when two connections close at once; OSGeo/gdal #10685). */
#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>

#include <spatialite.h> /* wants sqlite3.h before it */

#include "service/store/private.h"

#define LIBRARY "libspatialite.so.7"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
    typeof(spatialite_alloc_connection) *alloc;
    typeof(spatialite_init_ex) *init;
    typeof(spatialite_cleanup_ex) *cleanup;
} functions;

static bool load(void)
{
    void *library =
        functions.alloc ? NULL : dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL); /* stays loaded */
    if (!library)
        return functions.alloc != NULL;
    void *alloc = dlsym(library, "spatialite_alloc_connection"),
         *init = dlsym(library, "spatialite_init_ex"),
         *cleanup = dlsym(library, "spatialite_cleanup_ex");
    if (!alloc || !init || !cleanup)
        return false;
    memcpy(&functions.init, &init,
           sizeof init); /* ISO C has no cast from object to function pointers */
    memcpy(&functions.cleanup, &cleanup, sizeof cleanup);
    memcpy(&functions.alloc, &alloc, sizeof alloc);
    return true;
}

enum status spatialite_attach(struct store *s, struct error *e)
{
    pthread_mutex_lock(&mutex);
    bool loaded = load();
    s->spatial = loaded ? functions.alloc() : NULL;
    if (s->spatial)
        functions.init(s->db, s->spatial, 0);
    pthread_mutex_unlock(&mutex);
    if (!loaded)
        return error_set(e, STATUS_INTERNAL, "spatialite_missing",
                         "Install SpatiaLite 5 (Debian: libspatialite7).",
                         "The library " LIBRARY " cannot be loaded.");
    return s->spatial ? STATUS_OK : error_memory(e);
}

void spatialite_detach(struct store *s)
{
    if (!s->spatial)
        return;
    pthread_mutex_lock(&mutex);
    functions.cleanup(s->spatial);
    pthread_mutex_unlock(&mutex);
    s->spatial = NULL;
}
