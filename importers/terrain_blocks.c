/* An LRU cache of decoded blocks of one raster band, as floats in metres with NaN for no data; see
 * terrain_blocks.h. GDAL's own block cache is global, locked and keeps the raw type; here every
 * handle has its own, so that workers do not meet, and GDALReadBlock passes GDAL's by. */
#include "importers/terrain_blocks.h"

#include <cpl_error.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Heights of land outside this range are voids that their file does not declare (-32768, -9999,
 * 32767, 1e38). */
static const float lowest_m = -1000, highest_m = 9000;
static const double foot_m = 0.3048, us_survey_foot_m = 1200.0 / 3937;

enum { SLOTS_MIN = 8, NONE = -1 };

struct slot {
    float *z; /* allocated when first used */
    int32_t block, newer, older;
};

struct terrain_blocks {
    GDALRasterBandH band;
    GDALDataType type;
    int cols, rows, block_cols, block_rows, blocks_across;
    double scale, offset;
    float nodata; /* NaN when none is declared */
    void *raw;
    struct slot *slots;
    int32_t slots_n, used_n, newest, oldest;
    int32_t *slot_of; /* by block, NONE when not in memory */
};

static double unit_m(const char *unit)
{
    if (!unit)
        return 1;
    if (strcmp(unit, "US survey foot") == 0 || strcmp(unit, "us-ft") == 0)
        return us_survey_foot_m;
    if (strcmp(unit, "ft") == 0 || strcmp(unit, "foot") == 0 || strcmp(unit, "feet") == 0)
        return foot_m;
    return 1;
}

static void blocks_describe(struct terrain_blocks *b, GDALDatasetH dataset)
{
    b->band = GDALGetRasterBand(dataset, 1);
    b->type = GDALGetRasterDataType(b->band);
    b->cols = GDALGetRasterXSize(dataset);
    b->rows = GDALGetRasterYSize(dataset);
    GDALGetBlockSize(b->band, &b->block_cols, &b->block_rows);
    b->blocks_across = (b->cols + b->block_cols - 1) / b->block_cols;
    int has;
    double unit = unit_m(GDALGetRasterUnitType(b->band)), value = GDALGetRasterScale(b->band, &has);
    b->scale = (has ? value : 1) * unit;
    value = GDALGetRasterOffset(b->band, &has);
    b->offset = (has ? value : 0) * unit;
    value = GDALGetRasterNoDataValue(b->band, &has);
    b->nodata = has ? (float)value : NAN;
    b->newest = b->oldest = NONE;
}

enum status terrain_blocks_open(GDALDatasetH dataset, size_t cache_mb, struct terrain_blocks **out,
                                struct error *e)
{
    struct terrain_blocks *b = calloc(1, sizeof *b);
    if (!b)
        return error_memory(e);
    blocks_describe(b, dataset);
    size_t cells = (size_t)b->block_cols * (size_t)b->block_rows;
    size_t down = ((size_t)b->rows + (size_t)b->block_rows - 1) / (size_t)b->block_rows;
    size_t blocks = (size_t)b->blocks_across * down,
           slots = (cache_mb << 20) / (cells * sizeof(float));
    slots = slots < SLOTS_MIN ? SLOTS_MIN : slots;
    slots = slots > blocks ? blocks : slots;
    if (blocks > INT32_MAX || cells > (size_t)64 << 20) {
        terrain_blocks_close(b);
        return error_set(e, STATUS_INVALID, "grid_blocks",
                         "add the file again with parcela layer add",
                         "the terrain file is stored in blocks that cannot be read piece by piece");
    }
    b->slots_n = (int32_t)slots;
    b->raw = malloc(cells * (size_t)GDALGetDataTypeSizeBytes(b->type));
    b->slots = calloc(slots, sizeof *b->slots);
    b->slot_of = malloc(blocks * sizeof *b->slot_of);
    if (!b->raw || !b->slots || !b->slot_of) {
        terrain_blocks_close(b);
        return error_memory(e);
    }
    memset(b->slot_of, 0xFF, blocks * sizeof *b->slot_of); /* NONE */
    *out = b;
    return STATUS_OK;
}

void terrain_blocks_close(struct terrain_blocks *b)
{
    if (!b)
        return;
    for (int32_t i = 0; i < b->used_n; i++)
        free(b->slots[i].z);
    free(b->slots);
    free(b->slot_of);
    free(b->raw);
    free(b);
}

static void slot_unlink(struct terrain_blocks *b, int32_t i)
{
    struct slot *s = &b->slots[i];
    *(s->newer == NONE ? &b->newest : &b->slots[s->newer].older) = s->older;
    *(s->older == NONE ? &b->oldest : &b->slots[s->older].newer) = s->newer;
}

static void slot_to_front(struct terrain_blocks *b, int32_t i)
{
    b->slots[i].newer = NONE;
    b->slots[i].older = b->newest;
    *(b->newest == NONE ? &b->oldest : &b->slots[b->newest].newer) = i;
    b->newest = i;
}

/* A slot for a new block: a fresh one while there are any and memory lasts, else the one not used
 * for longest. */
static int32_t slot_take(struct terrain_blocks *b)
{
    if (b->used_n < b->slots_n) {
        struct slot *s = &b->slots[b->used_n];
        s->z = malloc((size_t)b->block_cols * (size_t)b->block_rows * sizeof *s->z);
        if (s->z)
            return b->used_n++;
    }
    int32_t i = b->oldest;
    if (i != NONE) {
        slot_unlink(b, i);
        if (b->slots[i].block != NONE)
            b->slot_of[b->slots[i].block] = NONE;
    }
    return i;
}

static void block_decode(const struct terrain_blocks *b, float *z)
{
    int n = b->block_cols * b->block_rows;
    int size = GDALGetDataTypeSizeBytes(b->type);
    GDALCopyWords64(b->raw, b->type, size, z, GDT_Float32, (int)sizeof *z, n);
    float nodata = b->nodata, scale = (float)b->scale, offset = (float)b->offset;
    bool plain = b->scale == 1 && b->offset == 0;
    for (int i = 0; i < n; i++) {
        float height = plain ? z[i] : z[i] * scale + offset;
        z[i] = z[i] != nodata && height >= lowest_m && height <= highest_m ? height : NAN;
    }
}

static enum status block_get(struct terrain_blocks *b, int across, int down, const float **z,
                             struct error *e)
{
    int32_t block = down * b->blocks_across + across, i = b->slot_of[block];
    if (i != NONE) {
        if (i != b->newest) {
            slot_unlink(b, i);
            slot_to_front(b, i);
        }
        *z = b->slots[i].z;
        return STATUS_OK;
    }
    i = slot_take(b);
    if (i == NONE)
        return error_memory(e);
    slot_to_front(b, i);
    b->slots[i].block = NONE;
    CPLPushErrorHandler(CPLQuietErrorHandler);
    CPLErr failed = GDALReadBlock(b->band, across, down, b->raw);
    CPLPopErrorHandler();
    if (failed != CE_None)
        return error_set(e, STATUS_CORRUPT, "terrain_unreadable", "add the terrain files again",
                         "block %d, %d of the terrain file cannot be read", across, down);
    block_decode(b, b->slots[i].z);
    b->slots[i].block = block;
    b->slot_of[block] = i;
    *z = b->slots[i].z;
    return STATUS_OK;
}

enum status terrain_blocks_read(struct terrain_blocks *b, int col, int row, int cols, int rows,
                                float *z, struct error *e)
{
    int col_end = col + cols < b->cols ? col + cols : b->cols;
    int row_end = row + rows < b->rows ? row + rows : b->rows;
    int first_col = col < 0 ? 0 : col, first_row = row < 0 ? 0 : row;
    if (first_col > col || first_row > row || col_end < col + cols || row_end < row + rows)
        for (size_t i = 0; i < (size_t)cols * (size_t)rows; i++)
            z[i] = NAN;
    for (int r = first_row; r < row_end;) {
        int down = r / b->block_rows, r_end = (down + 1) * b->block_rows;
        r_end = r_end < row_end ? r_end : row_end;
        for (int c = first_col; c < col_end;) {
            int across = c / b->block_cols, c_end = (across + 1) * b->block_cols;
            c_end = c_end < col_end ? c_end : col_end;
            const float *from = NULL;
            enum status status = block_get(b, across, down, &from, e);
            if (status)
                return status;
            for (int i = r; i < r_end; i++)
                memcpy(z + (size_t)(i - row) * (size_t)cols + (size_t)(c - col),
                       from + (size_t)(i - down * b->block_rows) * (size_t)b->block_cols +
                           (size_t)(c - across * b->block_cols),
                       (size_t)(c_end - c) * sizeof *z);
            c = c_end;
        }
        r = r_end;
    }
    return STATUS_OK;
}
