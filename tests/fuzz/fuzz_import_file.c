/* Whole files of each kind through the reader's own way from bytes to frames (openers, columns,
 * encodings, walks, rings), without its process and walls. The first byte chooses the kind; of a
 * shapefile the next two are the sixteenths of the rest that are .shp and .dbf. What is sent must
 * be what the registry's decoder takes. GDAL itself is not under test: run with -detect_leaks=0. */
#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "geo/area.h"
#include "importers/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0:allocator_may_return_null=1"; /* libkml and json-c leak on damaged files
                                                          */
}

extern void RegisterOGRShape(void);
extern void RegisterOGRGeoJSON(void);
extern void RegisterOGRGPX(void);
extern void RegisterOGRGeoJSONSeq(void);
extern void RegisterOGRFlatGeobuf(void);
extern void RegisterOGRLIBKML(void);

static struct import im;
static struct reader_request request = {.purpose = READER_PLOTS, .files_n = 1};
static const char *const files[] = {"fuzz"};

static void begin(void)
{
    struct error e;
    request.files = files;
    im.request = &request;
    area_init();
    if (repair_helper_start(0.2, 1e9, &im.helper, &e) != STATUS_OK)
        abort();
    CPLSetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", "TRUE");
    CPLSetConfigOption("SHAPE_RESTORE_SHX", "NO");
    CPLSetConfigOption("GPX_ELE_AS_25D", "NO");
    CPLSetConfigOption("PROJ_NETWORK", "OFF");
    RegisterOGRShape();
    RegisterOGRGeoJSON();
    RegisterOGRGPX();
    RegisterOGRGeoJSONSeq();
    RegisterOGRFlatGeobuf();
    RegisterOGRLIBKML();
    im.geo = geo_context_new();
    im.crops = vocabulary_shipped(VOCABULARY_CROPS);
    im.practices = vocabulary_shipped(VOCABULARY_PRACTICES);
    im.out_fd = memfd_create("frames", 0);
    gdal_log_start(&im.log);
}

static const char *put(const char *name, const uint8_t *bytes, size_t n)
{
    VSILFILE *f = VSIFOpenL(name, "wb");
    if (f) {
        VSIFWriteL(bytes, 1, n, f);
        VSIFCloseL(f);
    }
    return name;
}

/* .shp, .dbf, and what is left as .prj; no .shx, so that it is rebuilt. */
static enum status shapefile(const uint8_t *bytes, size_t n, struct error *e)
{
    if (n < 2)
        return STATUS_OK;
    size_t rest = n - 2, shp = rest * (bytes[0] & 15) / 15,
           dbf = (rest - shp) * (bytes[1] & 15) / 15;
    put("/vsimem/fuzz.shp", bytes + 2, shp);
    if (dbf)
        put("/vsimem/fuzz.dbf", bytes + 2 + shp, dbf);
    if (rest - shp - dbf)
        put("/vsimem/fuzz.prj", bytes + 2 + shp + dbf, rest - shp - dbf);
    enum status s = shapefile_import(&im, "/vsimem/fuzz.shp", "fuzz", e);
    VSIUnlink("/vsimem/fuzz.shp");
    VSIUnlink("/vsimem/fuzz.dbf");
    VSIUnlink("/vsimem/fuzz.prj");
    return s;
}

static enum status import_bytes(int kind, const uint8_t *bytes, size_t n, struct error *e)
{
    enum status s = STATUS_OK;
    const char *path = "/vsimem/fuzz.txt";
    if (kind == 0)
        return shapefile(bytes, n, e);
    put(kind == 5 ? path = "/vsimem/fuzz.kml" : path, bytes, n);
    switch (kind) {
    case 1:
        s = csv_import(&im, path, "fuzz", e);
        break;
    case 2:
        s = geojson_import(&im, path, "fuzz", e);
        break;
    case 3:
        s = geojson_seq_import(&im, path, "fuzz", e);
        break;
    case 4:
        s = gpx_import(&im, path, "fuzz", e);
        break;
    case 5:
        s = kml_import(&im, path, "fuzz", e);
        break;
    case 6:
        s = nmea_import(&im, path, "fuzz", e);
        break;
    case 7:
        s = submission_import(&im, path, "fuzz", e);
        break;
    default:
        s = flatgeobuf_import(&im, path, "fuzz", e);
    }
    VSIUnlink(path);
    return s;
}

/* Every frame that was written can be read. */
static void check_frames(const unsigned char *bytes, size_t n)
{
    struct frame_decoder d;
    struct arena a;
    struct error e;
    struct reader_event event;
    frame_decoder_init(&d, 1);
    arena_init(&a, 0);
    for (size_t at = 0; at < n;) {
        size_t payload = 0;
        if (n - at < FRAME_HEAD || frame_head(bytes + at, &payload, &e) != STATUS_OK ||
            payload > n - at - FRAME_HEAD)
            __builtin_trap();
        arena_reset(&a);
        if (frame_decode(&d, bytes + at, FRAME_HEAD + payload, &a, &event, &e) != STATUS_OK) {
            fprintf(stderr, "a frame of kind %u: %s\n", bytes[at + 4], e.message);
            __builtin_trap();
        }
        at += FRAME_HEAD + payload;
    }
    frame_decoder_clear(&d);
    arena_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct error e = {0};
    if (!im.request)
        begin();
    if (n < 1)
        return 0;
    arena_reset(&im.file_arena);
    arena_reset(&im.row_arena);
    im.file_name = "fuzz";
    im.sources_n = im.read_n = im.unreadable_n = im.ignored_n = 0;
    im.rows_n = 0;
    gdal_log_reset(&im.log);
    if (import_bytes(bytes[0] % 9, bytes + 1, n - 1, &e) != STATUS_OK && (!*e.code || !*e.message))
        __builtin_trap();
    if (import_flush(&im, &e) != STATUS_OK)
        return 0;
    off_t length = lseek(im.out_fd, 0, SEEK_CUR);
    unsigned char *frames = malloc((size_t)length + 1);
    if (frames && pread(im.out_fd, frames, (size_t)length, 0) == length)
        check_frames(frames, (size_t)length);
    free(frames);
    (void)!ftruncate(im.out_fd, 0);
    lseek(im.out_fd, 0, SEEK_SET);
    return 0;
}
