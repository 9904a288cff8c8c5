/* The reader process: takes one request from stdin, reads its files behind the walls of sandbox.h,
 * writes frames to stdout. Single-threaded. Everything it says goes through frames; it ends by
 * _exit, because nothing outside is its business. */
#include <cpl_conv.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "geo/area.h"
#include "importers/import.h"
#include "importers/reader_exit.h"
#include "importers/sandbox.h"

/* GDAL exports these without a public header; registering no others keeps every other format out of
 * reach. */
extern void RegisterOGRShape(void);
extern void RegisterOGRGeoJSON(void);
extern void RegisterOGRGPX(void);
extern void RegisterOGRGeoPackage(void);
extern void RegisterOGRGeoJSONSeq(void);
extern void RegisterOGRFlatGeobuf(void);
extern void RegisterOGRLIBKML(void);
extern void RegisterOGRXLSX(void);
extern void GDALRegister_GTiff(void);

#define MEMORY_BYTES ((size_t)1536 << 20)

static const double REPAIR_LIMIT_S = 2, LAYER_REPAIR_LIMIT_S = 10, REPAIR_BUDGET_S = 60;
static const double CPU_BASE_S = 30, CPU_PER_MB_S = 0.3;

static _Noreturn void out_of_memory(void)
{
    _exit(READER_EXIT_MEMORY);
}

/* C++'s operator new inside GDAL and GEOS would end in abort(), which looks like a crash; this says
 * what it was. */
static void catch_new(void)
{
    void (*(*set)(void (*)(void)))(void);
    void *symbol = dlsym(RTLD_DEFAULT, "_ZSt15set_new_handlerPFvvE");
    if (symbol) {
        memcpy(&set, &symbol, sizeof set);
        set(out_of_memory);
    }
}

static void configure_gdal(enum reader_purpose purpose)
{
    static const char *const settings[][2] = {
        {"GDAL_DISABLE_READDIR_ON_OPEN", "TRUE"}, /* parts of a shapefile are looked up by name */
        {"GDAL_PAM_ENABLED", "NO"},
        {"SHAPE_RESTORE_SHX", "NO"},
        {"GPX_ELE_AS_25D", "NO"},
        {"OGR_XLSX_HEADERS",
         "FORCE"}, /* the first row names the columns, also when all cells are texts */
        {"PROJ_NETWORK", "OFF"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        CPLSetConfigOption(settings[i][0], settings[i][1]);
    RegisterOGRShape();
    RegisterOGRGeoJSON();
    RegisterOGRGPX();
    RegisterOGRGeoPackage();
    RegisterOGRGeoJSONSeq();
    RegisterOGRFlatGeobuf();
    RegisterOGRLIBKML();
    RegisterOGRXLSX();
    if (purpose != READER_PLOTS)
        GDALRegister_GTiff();
}

static bool read_all(int fd, unsigned char *bytes, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = read(fd, bytes + at, n - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

static enum status read_request(struct arena *a, struct reader_request *out, struct error *e)
{
    unsigned char head[FRAME_HEAD];
    size_t n = 0;
    if (!read_all(STDIN_FILENO, head, sizeof head))
        return error_set(e, STATUS_IO, "reader_pipe", NULL, "no request came");
    enum status s = frame_head(head, &n, e);
    if (s != STATUS_OK)
        return s;
    unsigned char *frame = arena_alloc(a, FRAME_HEAD + n);
    if (!frame)
        return error_memory(e);
    memcpy(frame, head, sizeof head);
    if (!read_all(STDIN_FILENO, frame + FRAME_HEAD, n))
        return error_set(e, STATUS_IO, "reader_pipe", NULL, "no request came");
    return frame_decode_request(frame, FRAME_HEAD + n, a, out, e);
}

/* Absolute paths, because GDAL takes some relative ones for something else; and the CPU time their
 * size is worth. */
static enum status resolve(struct arena *a, const struct reader_request *r, const char **paths,
                           double *cpu_s, struct error *e)
{
    double megabytes = 0;
    for (size_t i = 0; i < r->files_n; i++) {
        struct stat st;
        char *real = realpath(r->files[i], NULL);
        paths[i] = real ? arena_strdup(a, real) : NULL;
        free(real);
        if (!paths[i] || stat(paths[i], &st) != 0 || !S_ISREG(st.st_mode))
            return error_set(e, STATUS_NOT_FOUND, "file_missing", "check the name of the file",
                             "there is no file number %zu", i + 1);
        megabytes += (double)st.st_size / 1e6;
    }
    *cpu_s = r->cpu_limit_s > 0 ? r->cpu_limit_s * (double)r->files_n
                                : CPU_BASE_S * (double)r->files_n + CPU_PER_MB_S * megabytes;
    return STATUS_OK;
}

enum { PARTS_MAX = 12 };

static enum status enter_sandbox(struct arena *a, const char **paths, size_t n, const char *names,
                                 double cpu_s, struct error *e)
{
    const char **files = arena_array(a, n * PARTS_MAX + 1, sizeof *files);
    if (!files)
        return error_memory(e);
    struct sandbox_plan plan = {
        .files = files, .system_data = true, .cpu_s = cpu_s, .memory_bytes = MEMORY_BYTES};
    struct sandbox_state state;
    if (names)
        files[plan.files_n++] = names;
    for (size_t i = 0; i < n; i++)
        plan.files_n += source_parts(a, paths[i], files + plan.files_n, PARTS_MAX);
    return sandbox_enter(&plan, &state, e);
}

static enum status prepare(struct import *im, struct arena *a, const char ***paths, struct error *e)
{
    const struct reader_request *r = im->request;
    double cpu_s = 0, limit = r->repair_limit_s > 0        ? r->repair_limit_s
                              : r->purpose == READER_PLOTS ? REPAIR_LIMIT_S
                                                           : LAYER_REPAIR_LIMIT_S;
    *paths = arena_array(a, r->files_n, sizeof **paths);
    if (!*paths)
        return error_memory(e);
    enum status s = resolve(a, r, *paths, &cpu_s, e);
    if (s == STATUS_OK) /* forks: before the walls go up, and before GDAL knows anything */
        s = repair_helper_start(limit, REPAIR_BUDGET_S * (double)r->files_n, &im->helper, e);
    if (s != STATUS_OK)
        return s;
    catch_new();
    configure_gdal(r->purpose);
    im->geo = geo_context_new();
    im->crops = vocabulary_shipped(VOCABULARY_CROPS);
    im->practices = vocabulary_shipped(VOCABULARY_PRACTICES);
    if (!im->geo || !im->crops || !im->practices)
        return error_memory(e);
    gdal_log_start(&im->log);
    return enter_sandbox(a, *paths, r->files_n, r->raster_names, cpu_s, e);
}

static enum status run(struct import *im, struct arena *a, struct error *e)
{
    const char **paths = NULL;
    enum status s = prepare(im, a, &paths, e);
    for (size_t i = 0; i < im->request->files_n && s == STATUS_OK; i++) {
        im->file = (uint32_t)i;
        s = source_import(im, paths[i], im->request->files[i], e);
    }
    if (s == STATUS_OK)
        s = sources_ended(im, e);
    if (s == STATUS_OK)
        frame_put_done(&im->out, im->rows_n);
    return s;
}

int reader_process_main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[2], "--self-test") == 0)
        return sandbox_self_test("/etc/passwd");
    if (argc != 2)
        return READER_EXIT_USAGE;
    /* Whatever the server had open is not for this process. */
    syscall(SYS_close_range, READER_ANSWER_FD + 1u, ~0u, 0u);
    struct error e = {0};
    struct reader_request request;
    struct import *im = calloc(1, sizeof *im);
    struct arena a;
    arena_init(&a, 0);
    if (!im || sodium_init() < 0)
        return READER_EXIT_MEMORY;
    area_init();
    im->request = &request;
    im->out_fd = STDOUT_FILENO;
    enum status s = read_request(&a, &request, &e);
    if (s == STATUS_OK)
        s = run(im, &a, &e);
    if (s != STATUS_OK) {
        if (im->out.failed)
            buf_reset(&im->out);
        const char *masked = import_masked(im, &im->row_arena, e.message);
        if (masked != e.message)
            snprintf(e.message, sizeof e.message, "%s", masked);
        frame_put_error(&im->out, &e);
    }
    if (import_flush(im, &e) != STATUS_OK)
        _exit(READER_EXIT_PIPE);
    repair_helper_stop(im->helper);
    crs_set_free(im->crs_set);
    _exit(0); /* no exit handlers: LeakSanitizer's would need what the walls deny */
}
