#!/bin/bash
# The layering check can fail: each forbidden include, put alone into a clean tree, must be found; the clean tree must pass.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{geo/overlay,geo/crs,importers,service/{store,registry,tiles,http,api,web,cli}}

clean()
{
    rm -f "$tree"/*/*.c "$tree"/*/*/*.c
    printf '#include <geodesic.h>\n#include <math.h>\n#include "geo/area.h"\n' >"$tree/geo/area.c"
    printf '#include <geos_c.h>\n#include "geo/overlay/overlay.h"\n' >"$tree/geo/overlay/overlay.c"
    printf '#include <gdal.h>\n#include <ogr_api.h>\n#include "geo/area.h"\n' >"$tree/importers/read.c"
    printf '#include <sqlite3.h>\n#include "service/limits.h"\n#include "importers/candidate.h"\n' >"$tree/service/store/store.c"
    printf '#include <microhttpd.h>\n#include "service/limits.h"\n' >"$tree/service/http/http.c"
    printf '#include "service/store/store.h"\n' >"$tree/service/registry/registry.c"
    printf '#include "service/registry/hectares.h"\n#include "service/http/http.h"\n' >"$tree/service/api/api.c"
    printf '#include "service/api/api.h"\nint main(void)\n{\n}\n' >"$tree/service/cli/main.c"
}

failed=0
clean
if ! "$here/includes.sh" "$tree"; then
    echo "the clean tree does not pass"
    failed=1
fi

must_find()
{
    clean
    printf '%s\n' "$2" >>"$tree/$1"
    if "$here/includes.sh" "$tree" >/dev/null; then
        echo "not found: $2 in $1"
        failed=1
    fi
}
must_find geo/area.c '#include "importers/candidate.h"'
must_find geo/area.c '#include "service/limits.h"'
must_find geo/area.c '#include <geos_c.h>'
must_find geo/area.c '  #  include   <proj.h>'
must_find geo/area.c '#include <gdal.h>'
must_find geo/area.c '#include <jansson.h>'
must_find geo/area.c '#include "../importers/candidate.h"'
must_find geo/overlay/overlay.c '#include <proj.h>'
must_find importers/read.c '#include "service/store/store.h"'
must_find importers/read.c '#include "service/limits.h"'
must_find importers/read.c '#include <sqlite3.h>'
must_find importers/read.c '#include <geos_c.h>'
must_find importers/read.c '#include <microhttpd.h>'
must_find importers/read.c 'int main(void)'
must_find service/store/store.c '#include "service/http/http.h"'
must_find service/store/store.c '#include "service/registry/hectares.h"'
must_find service/store/store.c '#include <cpl_conv.h>'
must_find service/registry/registry.c '#include <spatialite.h>'
must_find service/registry/registry.c '#include "service/http/http.h"'
must_find service/registry/registry.c '#include "service/tiles/tiles.h"'
must_find service/tiles/tiles.c '#include "service/http/http.h"'
must_find service/http/http.c '#include "service/store/store.h"'
must_find service/http/http.c '#include "service/api/api.h"'
must_find service/api/api.c '#include <microhttpd.h>'
must_find service/api/api.c '#include "service/cli/cli.h"'
must_find service/api/api.c '#include "tests/check.h"'
must_find service/cli/main.c '#include <sqlite3.h>'
exit $failed
