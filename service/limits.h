/* Everything that can grow, with its maximum: one table, published at /limits and printed by `parcela serve --help`. */
#ifndef SERVICE_LIMITS_H
#define SERVICE_LIMITS_H

#define LIMIT_TABLE(X)                                                                                                 \
    X(URL_BYTES, "url_bytes", 4096, "bytes in a request target")                                                       \
    X(QUERY_ARGUMENTS, "query_arguments", 32, "arguments in a query string")                                           \
    X(HEADER_COUNT, "header_count", 64, "request headers")                                                             \
    X(REQUEST_BODY_BYTES, "request_body_bytes", 1073741824, "bytes in an upload; no other request has a body")         \
    X(UPLOAD_BYTES_PER_SECOND, "upload_bytes_per_second", 4096, "bytes a second an upload must reach on average")      \
    X(UPLOAD_FILES, "upload_files", 500, "files in one form")                                                          \
    X(IMPORT_JOBS, "import_jobs", 64, "import jobs kept; the oldest that are over make room")                          \
    X(IMPORT_JOBS_MB, "import_jobs_mb", 8192, "megabytes of uploads kept")                                             \
    X(IMPORT_JOB_DAYS, "import_job_days", 7, "days until a job that is over is removed with its report")               \
    X(UPLOAD_WAIT_HOURS, "upload_wait_hours", 72, "hours until an upload that was checked, not committed, is removed") \
    X(IMPORT_FINDINGS, "import_findings", 10000, "findings in one answer; findings_total tells how many there are")    \
    X(CONNECTIONS, "connections", 1000, "open connections")                                                            \
    X(HEADER_SECONDS, "header_seconds", 10, "seconds to send a request's headers")                                     \
    X(RESPONSE_SECONDS, "response_seconds", 60, "seconds to take a response")                                          \
    X(ITEMS_PAGE_DEFAULT, "items_page_default", 1000, "features in a page when limit is not given")                    \
    X(ITEMS_PAGE_MAX, "items_page_max", 10000, "features in a page at most")                                           \
    X(TILE_ZOOM_MAX, "tile_zoom_max", 18, "highest tile zoom")                                                         \
    X(TILE_FEATURES, "tile_features", 4000, "plots drawn one by one in a tile; more become overview cells")            \
    X(TILE_CACHE_MB, "tile_cache_mb", 64, "megabytes of built tiles kept in memory")                                   \
    X(FILTER_BYTES, "filter_bytes", 2048, "bytes in a filter")                                                         \
    X(FILTER_DEPTH, "filter_depth", 16, "levels of parentheses and NOT in a filter")                                   \
    X(FILTER_VALUES, "filter_values", 200, "values in a filter")                                                       \
    X(GROUP_BY, "group_by", 3, "dimensions in one hectares query")                                                     \
    X(PUBLIC_HOLDERS_MIN, "public_holders_min", 10, "producers a public aggregate must have")

enum limit {
#define X(name, key, value, text) LIMIT_##name = (value),
    LIMIT_TABLE(X)
#undef X
};

#endif
