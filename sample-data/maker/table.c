/* Writing: plots, layers and works through OGR, walks as GPX text. Dates in file headers are set,
 * so that the same program makes the same bytes tomorrow. */
#include "maker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

void path_join(char out[512], const char *folder, const char *name)
{
    if (snprintf(out, 512, "%s/%s", folder, name) >= 512)
        give_up("path too long: %s/%s", folder, name);
}

static OGRSpatialReferenceH reference(int epsg)
{
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (OSRImportFromEPSG(srs, epsg) != OGRERR_NONE)
        give_up("unknown EPSG:%d", epsg);
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER); /* else GDAL wants latitude first */
    return srs;
}

static void transform(int from, int to, struct position *p, int n)
{
    if (from == to)
        return;
    OGRSpatialReferenceH a = reference(from), b = reference(to);
    OGRCoordinateTransformationH t = OCTNewCoordinateTransformation(a, b);
    for (int i = 0; i < n; i++)
        if (!t || !OCTTransform(t, 1, &p[i].x, &p[i].y, NULL))
            give_up("no way from EPSG:%d to EPSG:%d", from, to);
    OCTDestroyCoordinateTransformation(t);
    OSRDestroySpatialReference(a);
    OSRDestroySpatialReference(b);
}

void table_settle(int epsg, double step, struct field *f)
{
    transform(4326, epsg, f->ring, f->n);
    field_round(f, step);
    transform(epsg, 4326, f->ring, f->n);
}

/* ---- layers of OGR ---- */

static OGRDataSourceH source_create(const char *driver, const char *path)
{
    OGRSFDriverH d = OGRGetDriverByName(driver);
    unlink(path);
    OGRDataSourceH s = d ? OGR_Dr_CreateDataSource(d, path, NULL) : NULL;
    if (!s)
        give_up("cannot make %s", path);
    return s;
}

static OGRLayerH layer_create(OGRDataSourceH s, const char *name, int epsg, OGRwkbGeometryType type,
                              const char *const *options)
{
    OGRSpatialReferenceH srs = reference(epsg);
    OGRLayerH layer = OGR_DS_CreateLayer(s, name, srs, type, (char **)(uintptr_t)options);
    OSRDestroySpatialReference(srs);
    if (!layer)
        give_up("cannot make layer %s", name);
    return layer;
}

static void field_define(OGRLayerH layer, const char *name, OGRFieldType type, int width,
                         int precision)
{
    OGRFieldDefnH d = OGR_Fld_Create(name, type);
    OGR_Fld_SetWidth(d, width);
    OGR_Fld_SetPrecision(d, precision);
    if (OGR_L_CreateField(layer, d, FALSE) != OGRERR_NONE)
        give_up("cannot make field %s", name);
    OGR_Fld_Destroy(d);
}

static void feature_add(OGRLayerH layer, OGRFeatureH f)
{
    if (OGR_L_CreateFeature(layer, f) != OGRERR_NONE)
        give_up("a feature was refused");
    OGR_F_Destroy(f);
}

static OGRFieldType column_type(enum column_value v)
{
    switch (v) {
    case COLUMN_BIRTH_YEAR:
    case COLUMN_YEAR:
        return OFTInteger;
    case COLUMN_DECLARED:
    case COLUMN_ACCURACY:
        return OFTReal;
    case COLUMN_DATE:
        return OFTDate;
    default:
        return OFTString;
    }
}

static const char *column_text(const struct plot *p, enum column_value v)
{
    switch (v) {
    case COLUMN_CODE:
        return p->code;
    case COLUMN_PRODUCER:
        return p->person.name;
    case COLUMN_PRODUCER_CODE:
        return p->person.code;
    case COLUMN_GENDER:
        return p->person.gender == 'F' ? "mujer" : "hombre";
    case COLUMN_GENDER_LETTER:
        return p->person.gender == 'F' ? "F" : "M";
    case COLUMN_COMMUNITY:
        return p->community;
    case COLUMN_ORGANISATION:
        return p->organisation;
    case COLUMN_CROPS:
        return p->crops;
    case COLUMN_PRACTICES:
        return p->practices;
    case COLUMN_KIND:
        return p->kind;
    case COLUMN_METHOD:
        return p->method;
    default:
        return "";
    }
}

static void column_set(OGRFeatureH f, int i, const struct plot *p, enum column_value v)
{
    switch (column_type(v)) {
    case OFTInteger:
        if (v == COLUMN_YEAR ? p->year : p->person.birth_year)
            OGR_F_SetFieldInteger(f, i, v == COLUMN_YEAR ? p->year : p->person.birth_year);
        break;
    case OFTReal:
        if ((v == COLUMN_DECLARED ? p->declared_ha : p->accuracy_m) > 0)
            OGR_F_SetFieldDouble(f, i, v == COLUMN_DECLARED ? p->declared_ha : p->accuracy_m);
        break;
    case OFTDate:
        if (p->date[0])
            OGR_F_SetFieldDateTime(f, i, atoi(p->date), atoi(p->date + 5), atoi(p->date + 8), 0, 0,
                                   0, 0);
        break;
    default:
        if (column_text(p, v)[0])
            OGR_F_SetFieldString(f, i, column_text(p, v));
    }
}

static OGRGeometryH field_geometry(const struct field *f, int epsg, double step)
{
    struct field out = *f;
    transform(4326, epsg, out.ring, out.n);
    field_round(&out, step);
    OGRGeometryH ring = OGR_G_CreateGeometry(wkbLinearRing),
                 polygon = OGR_G_CreateGeometry(wkbPolygon);
    for (int i = 0; i <= out.n; i++)
        OGR_G_AddPoint_2D(ring, out.ring[i % out.n].x, out.ring[i % out.n].y);
    OGR_G_AddGeometryDirectly(polygon, ring);
    return polygon;
}

void table_write(const struct table *t, const struct plot *plots, int n)
{
    OGRDataSourceH s = source_create(t->driver, t->path);
    OGRLayerH layer = layer_create(s, t->layer, t->epsg, wkbPolygon, t->layer_options);
    for (int k = 0; k < t->columns_n; k++) {
        OGRFieldType type = column_type(t->columns[k].value);
        bool real = type == OFTReal, integer = type == OFTInteger;
        field_define(layer, t->columns[k].name, type,
                     integer ? 4
                     : real  ? 9
                             : t->columns[k].width,
                     real ? 3 : 0);
    }
    bool transaction = OGR_L_StartTransaction(layer) == OGRERR_NONE;
    for (int i = 0; i < n; i++) {
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        for (int k = 0; k < t->columns_n; k++)
            column_set(f, k, &plots[i], t->columns[k].value);
        OGR_F_SetGeometryDirectly(f, field_geometry(&plots[i].field, t->epsg, t->step));
        feature_add(layer, f);
    }
    if (transaction && OGR_L_CommitTransaction(layer) != OGRERR_NONE)
        give_up("%s was not written", t->path);
    OGR_DS_Destroy(s);
}

void geometry_file_write(const struct world *w, const char *driver, const char *path,
                         const char *layer_name, const struct area *areas, int n, const char *key,
                         const char *name, const char *const *options)
{
    OGRDataSourceH s = source_create(driver, path);
    OGRLayerH layer = layer_create(s, layer_name, 4326, wkbPolygon, options);
    field_define(layer, key, OFTString, 0, 0);
    field_define(layer, name, OFTString, 0, 0);
    for (int i = 0; i < n; i++) {
        size_t wkb_n;
        unsigned char *wkb = GEOSGeomToWKB_buf_r(w->geos, areas[i].shape, &wkb_n);
        OGRGeometryH g;
        if (!wkb || OGR_G_CreateFromWkb(wkb, NULL, &g, (int)wkb_n) != OGRERR_NONE)
            give_up("%s has no geometry", areas[i].name);
        GEOSFree_r(w->geos, wkb);
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldString(f, 0, areas[i].key);
        OGR_F_SetFieldString(f, 1, areas[i].name);
        OGR_F_SetGeometryDirectly(f, g);
        feature_add(layer, f);
    }
    OGR_DS_Destroy(s);
}

static void works_layer(OGRDataSourceH s, const char *name, OGRwkbGeometryType type,
                        const struct work *works, int n)
{
    OGRLayerH layer = layer_create(s, name, 4326, type, NULL);
    const char *const columns[] = {"codigo", "obra", "parcela"};
    for (int k = 0; k < 3; k++)
        field_define(layer, columns[k], OFTString, 0, 0);
    field_define(layer, "anio", OFTInteger, 0, 0);
    for (int i = 0; i < n; i++) {
        if ((works[i].n > 1) != (type == wkbLineString))
            continue;
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldString(f, 0, works[i].code);
        OGR_F_SetFieldString(f, 1, works[i].kind);
        OGR_F_SetFieldString(f, 2, works[i].farm);
        OGR_F_SetFieldInteger(f, 3, works[i].year);
        OGRGeometryH g = OGR_G_CreateGeometry(type);
        for (int k = 0; k < works[i].n; k++)
            OGR_G_AddPoint_2D(g, round(works[i].place[k].x * 1e7) / 1e7,
                              round(works[i].place[k].y * 1e7) / 1e7);
        OGR_F_SetGeometryDirectly(f, g);
        feature_add(layer, f);
    }
}

void works_write(const char *path, const struct work *works, int n)
{
    OGRDataSourceH s = source_create("GPKG", path);
    works_layer(s, "obras_puntos", wkbPoint, works, n);
    works_layer(s, "obras_lineas", wkbLineString, works, n);
    OGR_DS_Destroy(s);
}

void zip_shapefile(const char *folder, const char *stem, const char *zip_path)
{
    static const char *const endings[] = {"shp", "shx", "dbf", "prj"};
    unlink(zip_path);
    void *zip = CPLCreateZip(zip_path, NULL);
    for (int i = 0; i < 4; i++) {
        char name[128], path[512];
        snprintf(name, sizeof name, "%s.%s", stem, endings[i]);
        path_join(path, folder, name);
        GByte *bytes = NULL;
        vsi_l_offset n = 0;
        if (!zip || !VSIIngestFile(NULL, path, &bytes, &n, -1) ||
            CPLCreateFileInZip(zip, name, NULL) != CE_None ||
            CPLWriteFileInZip(zip, bytes, (int)n) != CE_None || CPLCloseFileInZip(zip) != CE_None)
            give_up("cannot zip %s", path);
        VSIFree(bytes);
        unlink(path);
    }
    CPLCloseZip(zip);
    char path[512], name[128];
    snprintf(name, sizeof name, "%s.cpg", stem); /* government portals send none */
    path_join(path, folder, name);
    unlink(path);
}

void gpx_write(const char *path, const struct plot *plots, int n, struct rng *r)
{
    FILE *f = fopen(path, "w");
    if (!f)
        give_up("cannot make %s", path);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<gpx version=\"1.1\" creator=\"muestra de Parcela\" "
          "xmlns=\"http://www.topografix.com/GPX/1/1\">\n",
          f);
    for (int i = 0; i < n; i++) {
        const struct plot *p = &plots[i];
        int seconds = 8 * 3600 + rng_below(r, 5 * 3600);
        fprintf(f, " <trk>\n  <name>%s</name>\n  <cmt>%s</cmt>\n  <desc>%s</desc>\n  <trkseg>\n",
                p->code, p->organisation, p->crops);
        for (int k = 0; k < p->field.n; k++, seconds += 5)
            fprintf(f,
                    "   <trkpt lat=\"%.7f\" "
                    "lon=\"%.7f\"><ele>%.1f</ele><time>%sT%02d:%02d:%02dZ</time><hdop>%.1f</hdop></"
                    "trkpt>\n",
                    p->field.ring[k].y, p->field.ring[k].x,
                    terrain_height(p->field.ring[k]) + 2 * rng_normal(r), p->date, seconds / 3600,
                    seconds / 60 % 60, seconds % 60, rng_between(r, 0.7, 2.4));
        fputs("  </trkseg>\n </trk>\n", f);
    }
    fputs("</gpx>\n", f);
    if (fclose(f))
        give_up("cannot write %s", path);
}
