/* The table of resources: address, who may see it, what it reads, which parameters it knows.
 * openapi.json describes the same; tests/unit/test_api.c compares the two. */
#include "service/api/internal.h"

#define RESOURCE(build_, access_, reads_, ...)                                                     \
    &(const struct api_resource)                                                                   \
    {                                                                                              \
        .build = (build_), .access = (access_), .reads = (reads_), .parameters = { __VA_ARGS__ }   \
    }

static const struct http_route routes[] = {
    {.pattern = "/tiles/{layer}/{z}/{x}/{y}.geojson",
     .data = RESOURCE(tile_build, API_PUBLIC, API_SNAPSHOT, "level")},
    {.pattern = "/tiles/{layer}.json",
     .data = RESOURCE(tilejson_build, API_PUBLIC, API_SNAPSHOT, NULL)},
    {.pattern = "/hectares",
     .by_accept = true,
     .data = RESOURCE(hectares_build, API_PUBLIC, API_SNAPSHOT, "by", "programme", "f", "filter",
                      "filter-lang", "as_of")},
    {.pattern = "/milpa",
     .by_accept = true,
     .data = RESOURCE(milpa_build, API_VIEWER, API_SNAPSHOT, "plot", "programme", "f", "filter",
                      "filter-lang", "limit", "after", "slope_length_m", "tree_spacing_m", "ls",
                      "r_region", "rain_mm", "r", "k", "c", "p", "c_after", "p_after",
                      "tolerable")},
    {.pattern = "/collections/{collection}/items/{plot}",
     .data = RESOURCE(item_build, API_VIEWER, API_SNAPSHOT, NULL)},
    {.pattern = "/collections/{collection}/items",
     .data = RESOURCE(items_build, API_VIEWER, API_SNAPSHOT, "bbox", "limit", "after", "programme",
                      "f", "filter", "filter-lang")},
    {.pattern = "/collections/{collection}",
     .data = RESOURCE(collection_build, API_VIEWER, API_SNAPSHOT, NULL)},
    {.pattern = "/collections",
     .data = RESOURCE(collections_build, API_VIEWER, API_SNAPSHOT, NULL)},
    {.pattern = "/imports/jobs/{job}/commit",
     .methods = HTTP_METHOD(HTTP_POST),
     .data = RESOURCE(job_commit_build, API_EDITOR, API_NO_STORE, "skip_bad_files")},
    {.pattern = "/imports/jobs/{job}",
     .data = RESOURCE(job_build, API_EDITOR, API_NO_STORE, "lang")},
    {.pattern = "/imports/jobs/{job}",
     .methods = HTTP_METHOD(HTTP_DELETE),
     .data = RESOURCE(job_delete_build, API_EDITOR, API_NO_STORE, NULL)},
    {.pattern = "/imports/jobs", .data = RESOURCE(jobs_build, API_EDITOR, API_NO_STORE, NULL)},
    {.pattern = "/imports/{import}",
     .data = RESOURCE(import_build, API_VIEWER, API_SNAPSHOT, "limit", "offset", "lang")},
    {.pattern = "/imports/{import}",
     .methods = HTTP_METHOD(HTTP_DELETE),
     .data = RESOURCE(import_revert_build, API_EDITOR, API_STAFF, NULL)},
    {.pattern = "/imports", .data = RESOURCE(imports_build, API_VIEWER, API_SNAPSHOT, NULL)},
    {.pattern = "/imports",
     .methods = HTTP_METHOD(HTTP_POST),
     .sink = &upload_sink,
     .data =
         RESOURCE(upload_build, API_EDITOR, API_NO_STORE, "programme", "crs", "map", "filename",
                  "profile", "encoding")},
    {.pattern = "/layers", .data = RESOURCE(layers_build, API_VIEWER, API_SNAPSHOT, NULL)},
    {.pattern = "/",
     .in_loop = true,
     .by_accept = true,
     .data = RESOURCE(landing_build, API_PUBLIC, API_NO_STORE, "f")},
    {.pattern = "/assets/{path...}",
     .in_loop = true,
     .data = RESOURCE(asset_build, API_PUBLIC, API_NO_STORE, NULL)},
    {.pattern = "/api", .data = RESOURCE(openapi_build, API_PUBLIC, API_SNAPSHOT, NULL)},
    {.pattern = "/conformance",
     .in_loop = true,
     .data = RESOURCE(conformance_build, API_PUBLIC, API_NO_STORE, NULL)},
    {.pattern = "/limits",
     .in_loop = true,
     .data = RESOURCE(limits_build, API_PUBLIC, API_NO_STORE, NULL)},
    {.pattern = "/healthz",
     .in_loop = true,
     .data = RESOURCE(healthz_build, API_PUBLIC, API_NO_STORE, NULL)},
    {.pattern = "/readyz", .data = RESOURCE(readyz_build, API_PUBLIC, API_NO_STORE, NULL)},
};

const struct http_route *api_routes(size_t *n)
{
    *n = sizeof routes / sizeof *routes;
    return routes;
}
