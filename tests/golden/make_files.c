/* Shapefiles (ESRI white paper 1998), DBF III tables and zip archives (APPNOTE) by hand; see
 * make_files.h. */
#include "tests/golden/make_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/base/buf.h"

enum { VALUE_BYTES = 24 };

static void le32(struct buf *b, uint32_t v)
{
    unsigned char bytes[4] = {(unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16),
                              (unsigned char)(v >> 24)};
    buf_put(b, bytes, 4);
}

static void be32(struct buf *b, uint32_t v)
{
    unsigned char bytes[4] = {(unsigned char)(v >> 24), (unsigned char)(v >> 16),
                              (unsigned char)(v >> 8), (unsigned char)v};
    buf_put(b, bytes, 4);
}

static void le16(struct buf *b, uint32_t v)
{
    unsigned char bytes[2] = {(unsigned char)v, (unsigned char)(v >> 8)};
    buf_put(b, bytes, 2);
}

static void f64(struct buf *b, double v)
{
    buf_put(b, &v, sizeof v);
}

static void save(const char *folder, const char *name, const char *extension, const struct buf *b,
                 int cut)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s%s", folder, name, extension);
    FILE *f = fopen(path, "wb");
    size_t n = b->length - (size_t)cut;
    if (!f || fwrite(b->bytes, 1, n, f) != n || fclose(f) != 0)
        abort();
}

static void head(struct buf *b, uint32_t bytes, int type, const double box[4])
{
    be32(b, 9994);
    for (int i = 0; i < 5; i++)
        be32(b, 0);
    be32(b, bytes / 2);
    le32(b, 1000);
    le32(b, (uint32_t)type);
    for (int i = 0; i < 4; i++)
        f64(b, box[i]);
    for (int i = 0; i < 4; i++)
        f64(b, 0);
}

static void box_of(const struct make_row *r, double box[4])
{
    for (int i = 0; i < r->points_n; i++) {
        double x = r->xy[2 * i], y = r->xy[2 * i + 1];
        box[0] = i && box[0] < x ? box[0] : x;
        box[1] = i && box[1] < y ? box[1] : y;
        box[2] = i && box[2] > x ? box[2] : x;
        box[3] = i && box[3] > y ? box[3] : y;
    }
}

static void shapes(const struct make_shapefile *s, struct buf *shp, struct buf *shx)
{
    struct buf body, index;
    buf_init(&body, 0);
    buf_init(&index, 0);
    double all[4] = {0, 0, 0, 0};
    for (int i = 0; i < s->rows_n; i++) {
        const struct make_row *r = &s->rows[i];
        uint32_t bytes = r->points_n ? 48 + 16 * (uint32_t)r->points_n : 4;
        double box[4] = {0};
        box_of(r, box);
        if (i == 0)
            memcpy(all, box, sizeof all);
        be32(&index, (100 + (uint32_t)body.length) / 2);
        be32(&index, bytes / 2);
        be32(&body, (uint32_t)i + 1);
        be32(&body, bytes / 2);
        le32(&body, r->points_n ? (uint32_t)s->shape_type : 0);
        if (!r->points_n)
            continue;
        for (int k = 0; k < 4; k++)
            f64(&body, box[k]);
        le32(&body, 1);
        le32(&body, (uint32_t)r->points_n);
        le32(&body, 0);
        buf_put(&body, r->xy, (size_t)r->points_n * 16);
    }
    head(shp, 100 + (uint32_t)body.length, s->shape_type, all);
    buf_put(shp, body.bytes, body.length);
    head(shx, 100 + (uint32_t)index.length, s->shape_type, all);
    buf_put(shx, index.bytes, index.length);
    if (s->patch_shp_at > 0)
        memcpy(shp->bytes + s->patch_shp_at, &s->patch_value, 4);
    buf_clear(&body);
    buf_clear(&index);
}

static void table(const struct make_shapefile *s, struct buf *b)
{
    char date[4] = {3, 124, 1, 1};
    buf_put(b, date, 4);
    le32(b, (uint32_t)s->rows_n);
    le16(b, (uint32_t)(33 + 32 * s->columns_n));
    le16(b, (uint32_t)(1 + VALUE_BYTES * s->columns_n));
    for (int i = 0; i < 17; i++)
        buf_putc(b, 0);
    buf_putc(b, (char)s->language_byte);
    le16(b, 0);
    for (int i = 0; i < s->columns_n; i++) {
        char field[32] = {0};
        strncpy(field, s->columns[i], 10);
        field[11] = 'C';
        field[16] = VALUE_BYTES;
        buf_put(b, field, 32);
    }
    buf_putc(b, 13);
    for (int r = 0; r < s->rows_n; r++) {
        buf_putc(b, s->rows[r].deleted ? '*' : ' ');
        for (int i = 0; i < s->columns_n; i++) {
            char value[VALUE_BYTES];
            const char *text = s->rows[r].values[i] ? s->rows[r].values[i] : "";
            size_t n = strlen(text) < VALUE_BYTES ? strlen(text) : VALUE_BYTES;
            memset(value, ' ', sizeof value);
            memcpy(value, text, n);
            buf_put(b, value, VALUE_BYTES);
        }
    }
    buf_putc(b, 26);
}

void make_shapefile(const struct make_shapefile *s, const char *folder, const char *name)
{
    struct buf shp, shx, dbf;
    char path[512];
    buf_init(&shp, 0);
    buf_init(&shx, 0);
    buf_init(&dbf, 0);
    shapes(s, &shp, &shx);
    table(s, &dbf);
    save(folder, name, ".shp", &shp, s->cut_shp);
    if (!s->no_shx)
        save(folder, name, ".shx", &shx, 0);
    if (!s->no_dbf)
        save(folder, name, ".dbf", &dbf, s->cut_dbf);
    snprintf(path, sizeof path, "%s/%s.prj", folder, name);
    if (s->prj)
        make_text(path, s->prj);
    snprintf(path, sizeof path, "%s/%s.cpg", folder, name);
    if (s->cpg)
        make_text(path, s->cpg);
    buf_clear(&shp);
    buf_clear(&shx);
    buf_clear(&dbf);
}

void make_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(text, 1, strlen(text), f) != strlen(text) || fclose(f) != 0)
        abort();
}

static uint32_t crc32_of(const char *bytes, size_t n)
{
    uint32_t c = 0xFFFFFFFFu;
    for (size_t i = 0; i < n; i++) {
        c ^= (unsigned char)bytes[i];
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320u ^ c >> 1 : c >> 1;
    }
    return ~c;
}

static void read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    char chunk[4096];
    if (!f)
        abort();
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_put(out, chunk, n);
    fclose(f);
}

static void member_fields(struct buf *b, const struct make_member *m, const struct buf *bytes,
                          uint32_t unpacked)
{
    le16(b, 20);
    le16(b, m->encrypted ? 1 : 0);
    le16(b, 0); /* stored */
    le16(b, 0);
    le16(b, 0x5821);
    le32(b, crc32_of(bytes->bytes ? bytes->bytes : "", bytes->length));
    le32(b, (uint32_t)bytes->length);
    le32(b, unpacked);
    le16(b, (uint32_t)strlen(m->name));
    le16(b, 0);
}

void make_zip(const char *path, const struct make_member *members, int n)
{
    struct buf zip, list;
    buf_init(&zip, 0);
    buf_init(&list, 0);
    for (int i = 0; i < n; i++) {
        const struct make_member *m = &members[i];
        struct buf bytes;
        buf_init(&bytes, 0);
        if (m->path)
            read_file(m->path, &bytes);
        else
            buf_puts(&bytes, m->bytes);
        uint32_t at = (uint32_t)zip.length;
        buf_put(&zip, "PK\3\4", 4);
        member_fields(&zip, m, &bytes, (uint32_t)bytes.length);
        buf_puts(&zip, m->name);
        buf_put(&zip, bytes.bytes, bytes.length);
        buf_put(&list, "PK\1\2\24\0", 6);
        member_fields(&list, m, &bytes, m->claimed ? m->claimed : (uint32_t)bytes.length);
        le16(&list, 0);
        le16(&list, 0);
        le16(&list, 0);
        le32(&list, 0);
        le32(&list, at);
        buf_puts(&list, m->name);
        buf_clear(&bytes);
    }
    uint32_t list_at = (uint32_t)zip.length;
    buf_put(&zip, list.bytes, list.length);
    buf_put(&zip, "PK\5\6\0\0\0\0", 8);
    le16(&zip, (uint32_t)n);
    le16(&zip, (uint32_t)n);
    le32(&zip, (uint32_t)list.length);
    le32(&zip, list_at);
    le16(&zip, 0);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(zip.bytes, 1, zip.length, f) != zip.length || fclose(f) != 0)
        abort();
    buf_clear(&zip);
    buf_clear(&list);
}
