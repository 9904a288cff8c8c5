/* Cases of golden imports; see import_cases.h. Places are in the Sierra of Chiapas unless a case is
 * about a wrong place. */
#include "tests/golden/import_cases.h"

#include <math.h>
#include <stdio.h>

#include "importers/export_ogr.h"
#include "tests/golden/make_files.h"

#define WGS84                                                                                      \
    "GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]]" \
    ",PRIMEM[\"Greenwich\",0.0],"                                                                  \
    "UNIT[\"Degree\",0.0174532925199433]]"
#define UTM15                                                                                      \
    "PROJCS[\"x\"," WGS84                                                                          \
    ",PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"False_Easting\",500000.0],PARAMETER["        \
    "\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",-93.0],PARAMETER[\"Scale_Factor\",0."  \
    "9996],PARAMETER["                                                                             \
    "\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]"
#define LCC                                                                                        \
    "PROJCS[\"Cónica\",GEOGCS[\"GCS\",DATUM[\"D_unknown\",SPHEROID[\"GRS80\",6378137,298."        \
    "257222101]],PRIMEM["                                                                          \
    "\"Greenwich\",0],UNIT[\"Degree\",0.017453292519943295]],PROJECTION[\"Lambert_Conformal_"      \
    "Conic\"],PARAMETER["                                                                          \
    "\"standard_parallel_1\",17.5],PARAMETER[\"standard_parallel_2\",29.5],PARAMETER[\"latitude_"  \
    "of_origin\",12],"                                                                             \
    "PARAMETER[\"central_meridian\",-102],PARAMETER[\"false_easting\",2500000],PARAMETER[\"false_" \
    "northing\",0],UNIT["                                                                          \
    "\"Meter\",1]]"
#define NAD27                                                                                      \
    "GEOGCS[\"GCS_North_American_1927\",DATUM[\"D_North_American_1927\",SPHEROID[\"Clarke_1866\"," \
    "6378206.4,"                                                                                   \
    "294.9786982]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]"
#define HOMEMADE                                                                                   \
    "GEOGCS[\"x\",DATUM[\"D_Clarke_1866\",SPHEROID[\"Clarke_1866\",6378206.4,294.9786982]],"       \
    "PRIMEM["                                                                                      \
    "\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]"
#define GRIDS                                                                                      \
    "GEOGCS[\"x\",DATUM[\"D_home\",SPHEROID[\"Clarke_1866\",6378206.4,294.9786982],EXTENSION["     \
    "\"PROJ4_GRIDS\","                                                                             \
    "\"/etc/passwd\"]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]"

/* A clockwise square with its lower left corner at x, y. */
#define SQUARE(x, y, d)                                                                            \
    {(x), (y), (x), (y) + (d), (x) + (d), (y) + (d), (x) + (d), (y), (x), (y)}, .points_n = 5

static void make_mixed(const char *folder)
{
    static const struct make_shapefile s = {
        .shape_type = 5,
        .columns = {"CLAVE", "PRODUCTOR", "SEXO", "CULTIVO", "PRACTICA", "ANIO"},
        .columns_n = 6,
        .prj = WGS84,
        .cpg = "UTF-8",
        .rows_n = 8,
        .rows = {
            {SQUARE(-92.7, 15.9, 0.001),
             .values = {"P-1", "María Gómez", "M", "maíz/frijol", "MIAF", "2019"}},
            /* a bow-tie */
            {{-92.70, 15.95, -92.70, 15.951, -92.699, 15.95, -92.699, 15.951, -92.70, 15.95},
             5,
             .values = {"P-2", "José", "H", "cafe, cacao y plátano", "terrazas", "2020"}},
            /* axes swapped */
            {{15.9, -92.7, 15.9, -92.699, 15.901, -92.699, 15.901, -92.7, 15.9, -92.7},
             5,
             .values = {"P-3", "", "", "ninguno", "", "0"}},
            {.points_n = 0, .values = {"P-4", "", "", "quinoa real", "", "veinte"}},
            /* a line there and back */
            {{-92.7, 15.9, -92.69, 15.9, -92.68, 15.9, -92.7, 15.9}, 4, .values = {"P-5"}},
            {{-92.7, 15.9, -92.69, 15.9, -92.7, 15.9}, 3, .values = {"P-6"}},
            {{-92.7, 15.9, NAN, 15.9, -92.69, 15.91, -92.7, 15.9}, 4, .values = {"P-7"}},
            /* open, with a repeated vertex, and a vertex without fix */
            {{0, 0, -92.7, 15.9, -92.7, 15.9, -92.7, 15.91, -92.69, 15.91}, 5, .values = {"P-8"}}}};
    make_shapefile(&s, folder, "mixed");
}

static struct make_shapefile plain(const char *prj, const char *cpg)
{
    return (struct make_shapefile){
        .shape_type = 5,
        .columns = {"folio", "cultivo"},
        .columns_n = 2,
        .prj = prj,
        .cpg = cpg,
        .rows_n = 3,
        .rows = {{SQUARE(-92.7, 15.9, 0.001), .values = {"A1", "cafe"}},
                 {SQUARE(-92.6, 15.9, 0.001), .values = {"A2", "cacao"}},
                 {SQUARE(-92.5, 15.9, 0.001), .values = {"A3", "maiz"}}}};
}

static void make_latin1(const char *folder)
{
    struct make_shapefile s = plain(WGS84, NULL);
    s.rows[0].values[1] = "caf\xE9";
    s.rows[1].values[1] = "ma\xEDz";
    make_shapefile(&s, folder, "latin1");
}

static void make_lying_cpg(const char *folder)
{
    struct make_shapefile s = plain(WGS84, "1252");
    s.rows[0].values[1] = "caf\xC3\xA9"; /* UTF-8 although 1252 is declared */
    s.rows[1].values[1] = "pl\xE1tano";  /* and one that is 1252 */
    make_shapefile(&s, folder, "lying");
}

static void make_metres(struct make_shapefile *s, double x, double y)
{
    for (int i = 0; i < s->rows_n; i++)
        for (int k = 0; k < 5; k++) {
            s->rows[i].xy[2 * k] = x + 200 * i + ((k == 2 || k == 3) ? 100.5 : 0.25);
            s->rows[i].xy[2 * k + 1] = y + ((k == 1 || k == 2) ? 100.5 : 0.25);
        }
}

static void make_utm(const char *folder)
{
    struct make_shapefile s = plain(UTM15, NULL);
    make_metres(&s, 532000, 1758000);
    make_shapefile(&s, folder, "utm");
}

static void make_utm_no_prj(const char *folder)
{
    struct make_shapefile s = plain(NULL, NULL);
    make_metres(&s, 532000, 1758000);
    make_shapefile(&s, folder, "noprj");
}

static void make_lcc(const char *folder)
{
    struct make_shapefile s = plain(LCC, NULL);
    make_metres(&s, 3500000, 460000);
    make_shapefile(&s, folder, "lcc");
}

static void make_lcc_no_prj(const char *folder)
{
    struct make_shapefile s = plain(NULL, NULL);
    make_metres(&s, 3500000, 460000);
    make_shapefile(&s, folder, "lccnoprj");
}

/* The .prj says degrees, the numbers are metres; and the other way round. */
static void make_metres_as_degrees(const char *folder)
{
    struct make_shapefile s = plain(WGS84, NULL);
    make_metres(&s, 532000, 1758000);
    make_shapefile(&s, folder, "lies");
}

static void make_degrees_as_metres(const char *folder)
{
    struct make_shapefile s = plain(UTM15, NULL);
    make_shapefile(&s, folder, "lies");
}

static void make_nad27(const char *folder)
{
    struct make_shapefile s = plain(NAD27, NULL);
    s.rows_n = 1;
    make_shapefile(&s, folder, "nad27");
}

static void make_homemade(const char *folder)
{
    struct make_shapefile s = plain(HOMEMADE, NULL);
    make_shapefile(&s, folder, "homemade");
}

static void make_grids(const char *folder)
{
    struct make_shapefile s = plain(GRIDS, NULL);
    make_shapefile(&s, folder, "grids");
}

static void make_no_prj(const char *folder)
{
    struct make_shapefile s = plain(NULL, NULL);
    make_shapefile(&s, folder, "degrees");
}

static void make_no_shx(const char *folder)
{
    struct make_shapefile s = plain(WGS84, "UTF-8");
    s.no_shx = 1;
    make_shapefile(&s, folder, "noshx");
}

static void make_no_dbf(const char *folder)
{
    struct make_shapefile s = plain(WGS84, NULL);
    s.no_dbf = 1;
    make_shapefile(&s, folder, "nodbf");
}

static void make_cut_dbf(const char *folder)
{
    struct make_shapefile s = plain(WGS84, NULL);
    s.cut_dbf = 80;
    make_shapefile(&s, folder, "cutdbf");
}

static void make_cut_shp(const char *folder)
{
    struct make_shapefile s = plain(WGS84, NULL);
    s.cut_shp = 60;
    make_shapefile(&s, folder, "cutshp");
}

static void make_deleted(const char *folder)
{
    struct make_shapefile s = plain(WGS84, NULL);
    s.rows[1].deleted = 1;
    make_shapefile(&s, folder, "deleted");
}

static void make_huge_count(const char *folder)
{
    struct make_shapefile s = plain(WGS84, NULL);
    s.patch_shp_at = 100 + 8 + 4 + 32 + 4; /* the number of points of the first shape */
    s.patch_value = 0x80000000u;
    make_shapefile(&s, folder, "count");
}

static void make_archive(const char *folder)
{
    char path[512], zip[512];
    static const char *const parts[] = {".shp", ".shx", ".dbf", ".prj"};
    struct make_member members[10];
    static char names[8][32], paths[8][512];
    int n = 0;
    struct make_shapefile s = plain(WGS84, NULL);
    s.rows_n = 1;
    make_shapefile(&s, folder, "uno");
    s.rows[0].values[0] = "B1";
    make_shapefile(&s, folder, "dos");
    for (int i = 0; i < 8; i++, n++) {
        const char *stem = i < 4 ? "uno" : "dos";
        snprintf(names[i], sizeof names[i], "%s%s%s", i < 4 ? "" : "carpeta/", stem, parts[i % 4]);
        snprintf(paths[i], sizeof paths[i], "%s/%s%s", folder, stem, parts[i % 4]);
        members[n] = (struct make_member){.name = names[i], .path = paths[i]};
    }
    members[n++] = (struct make_member){.name = "leame.txt", .bytes = "hola"};
    members[n++] = (struct make_member){.name = "__MACOSX/._uno.shp", .bytes = "x"};
    snprintf(zip, sizeof zip, "%s/varios.zip", folder);
    make_zip(zip, members, n);
    snprintf(path, sizeof path, "%s/uno.shp", folder);
}

static void one_member(const char *folder, const char *file, struct make_member m)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    make_zip(path, &m, 1);
}

#define OWN "tests/golden/importers/"

static void make_kmz(const char *folder)
{
    char path[512];
    const struct make_member members[] = {{.name = "doc.kml", .path = OWN "plots.kml"},
                                          {.name = "files/", .bytes = ""},
                                          {.name = "files/icon.png", .bytes = "\x89PNG"}};
    snprintf(path, sizeof path, "%s/plots.kmz", folder);
    make_zip(path, members, 3);
}

static void make_mixed_archive(const char *folder)
{
    char path[512];
    const struct make_member members[] = {{.name = "b/recorridos.gpx", .path = OWN "walks.gpx"},
                                          {.name = "a/esquinas.csv", .path = OWN "corners.csv"},
                                          {.name = "envio.xml", .path = OWN "submission.xml"},
                                          {.name = "capa.dbf", .bytes = "sin .shp"},
                                          {.name = "leame.txt", .bytes = "hola\n"},
                                          {.name = "otro.zip", .path = OWN "sheets.xlsx"}};
    snprintf(path, sizeof path, "%s/todo.zip", folder);
    make_zip(path, members, 6);
}

static void make_xlsx_bomb(const char *folder)
{
    char path[512];
    const struct make_member members[] = {{.name = "[Content_Types].xml", .bytes = "<Types/>"},
                                          {.name = "xl/workbook.xml", .bytes = "<workbook/>"},
                                          {.name = "xl/sharedStrings.xml", .bytes = "<sst/>", .claimed = 1500u << 20}};
    snprintf(path, sizeof path, "%s/bomb.xlsx", folder);
    make_zip(path, members, 3);
}

static void make_slip(const char *folder)
{
    one_member(folder, "slip.zip", (struct make_member){.name = "a/../../b.shp", .bytes = "x"});
}

static void make_encrypted(const char *folder)
{
    one_member(folder, "secret.zip",
               (struct make_member){.name = "a.shp", .bytes = "x", .encrypted = 1});
}

static void make_bomb(const char *folder)
{
    one_member(folder, "bomb.zip",
               (struct make_member){.name = "a.shp", .bytes = "x", .claimed = 1u << 30});
}

static void make_no_shapes(const char *folder)
{
    one_member(folder, "empty.zip", (struct make_member){.name = "a.txt", .bytes = "x"});
}

static void make_not_utf8_name(const char *folder)
{
    struct make_shapefile s = plain(WGS84, NULL);
    s.rows_n = 1;
    make_shapefile(&s, folder, "Ma\xEDz");
}

static void make_geopackage(const char *folder)
{
    static const struct export_field fields[] = {{"codigo", "", EXPORT_TEXT},
                                                 {"productora", "", EXPORT_TEXT},
                                                 {"fecha", "", EXPORT_TEXT},
                                                 {"hectareas", "", EXPORT_REAL},
                                                 {"anio", "", EXPORT_INTEGER}};
    struct lonlat points[] = {
        {-92.7, 15.9}, {-92.699, 15.9}, {-92.699, 15.901}, {-92.7, 15.901}, {-92.7, 15.9}};
    uint32_t ring_end = 5, part_end = 1;
    const struct boundary b = {points, &ring_end, &part_end, 5, 1, 1}, none = {0};
    const struct export_value values[] = {{.text = "G-1"},
                                          {.text = "Ana Ruiz"},
                                          {.text = "2024-03-01"},
                                          {.real = 1.25},
                                          {.integer = 2018}};
    const struct export_value unknown[] = {
        {.text = NULL}, {.text = NULL}, {.text = NULL}, {.real = NAN}, {.integer = 0}};
    char path[512];
    struct export_file *x = NULL;
    struct error e;
    snprintf(path, sizeof path, "%s/parcelas.gpkg", folder);
    if (export_open(path, fields, 5, &x, &e) != STATUS_OK ||
        export_row(x, &b, values, &e) != STATUS_OK ||
        export_row(x, &none, unknown, &e) != STATUS_OK || export_close(x, true, &e) != STATUS_OK)
        fprintf(stderr, "%s\n", e.message);
}

static void make_latin1_geojson(const char *folder)
{
    char path[512];
    snprintf(path, sizeof path, "%s/latin1.geojson", folder);
    make_text(path, "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\","
                    "\"properties\":{\"cultivo\":\"caf\xE9\"},"
                    "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[179.9,15],[-179.9,15],[-"
                    "179.9,15.1],[179.9,15]]]}}]}");
}

/* A code by which corners are gathered, in windows-1252 and in a column that is no code by name. */
static void make_latin1_corners(const char *folder)
{
    char path[512];
    snprintf(path, sizeof path, "%s/corners.csv", folder);
    make_text(path, "nombre;orden;longitud;latitud\n"
                    "PE\xD1"
                    "A 1;1;-92,310;15,110\nPE\xD1"
                    "A 1;2;-92,309;15,110\nPE\xD1"
                    "A 1;3;-92,309;15,111\n");
}

const struct import_case IMPORT_CASES[] = {
    {.name = "shp_mixed_rows", .make = make_mixed, .file = "mixed.shp"},
    {.name = "shp_latin1_undeclared", .make = make_latin1, .file = "latin1.shp"},
    {.name = "shp_cpg_lies", .make = make_lying_cpg, .file = "lying.shp"},
    {.name = "shp_utm", .make = make_utm, .file = "utm.shp"},
    {.name = "shp_utm_no_prj", .make = make_utm_no_prj, .file = "noprj.shp"},
    {.name = "shp_utm_no_prj_given",
     .make = make_utm_no_prj,
     .file = "noprj.shp",
     .crs = "EPSG:32615"},
    {.name = "shp_lcc_by_parameters", .make = make_lcc, .file = "lcc.shp"},
    {.name = "shp_nad27", .make = make_nad27, .file = "nad27.shp"},
    {.name = "shp_clarke_without_datum", .make = make_homemade, .file = "homemade.shp"},
    {.name = "shp_prj_names_a_grid", .make = make_grids, .file = "grids.shp"},
    {.name = "shp_prj_overridden",
     .make = make_homemade,
     .file = "homemade.shp",
     .crs = "EPSG:4267"},
    {.name = "shp_degrees_no_prj", .make = make_no_prj, .file = "degrees.shp"},
    {.name = "shp_lcc_no_prj", .make = make_lcc_no_prj, .file = "lccnoprj.shp"},
    {.name = "shp_prj_says_degrees", .make = make_metres_as_degrees, .file = "lies.shp"},
    {.name = "shp_prj_says_metres", .make = make_degrees_as_metres, .file = "lies.shp"},
    {.name = "shp_metres_given_degrees",
     .make = make_metres_as_degrees,
     .file = "lies.shp",
     .crs = "EPSG:4326"},
    {.name = "shp_no_shx", .make = make_no_shx, .file = "noshx.shp"},
    {.name = "shp_no_dbf", .make = make_no_dbf, .file = "nodbf.shp"},
    {.name = "shp_cut_dbf", .make = make_cut_dbf, .file = "cutdbf.shp"},
    {.name = "shp_cut_shp", .make = make_cut_shp, .file = "cutshp.shp"},
    {.name = "shp_deleted_row", .make = make_deleted, .file = "deleted.shp"},
    {.name = "shp_absurd_count", .make = make_huge_count, .file = "count.shp"},
    {.name = "shp_name_not_utf8", .make = make_not_utf8_name, .file = "Ma\xEDz.shp"},
    {.name = "shp_map",
     .make = make_no_prj,
     .file = "degrees.shp",
     .crs = "EPSG:4326",
     .mappings = {{"name", "cultivo"}, {"crop", ""}},
     .mappings_n = 2},
    {.name = "shp_map_unknown_column",
     .make = make_no_prj,
     .file = "degrees.shp",
     .crs = "EPSG:4326",
     .mappings = {{"crop", "siembra"}},
     .mappings_n = 1},
    {.name = "shp_map_unknown_field",
     .make = make_no_prj,
     .file = "degrees.shp",
     .crs = "EPSG:4326",
     .mappings = {{"crops", "cultivo"}},
     .mappings_n = 1},
    {.name = "zip_two_shapefiles", .make = make_archive, .file = "varios.zip"},
    {.name = "zip_slip", .make = make_slip, .file = "slip.zip"},
    {.name = "zip_encrypted", .make = make_encrypted, .file = "secret.zip"},
    {.name = "zip_bomb", .make = make_bomb, .file = "bomb.zip"},
    {.name = "zip_nothing", .make = make_no_shapes, .file = "empty.zip"},
    {.name = "gpkg", .make = make_geopackage, .file = "parcelas.gpkg"},
    {.name = "geojson_plots", .file = "plots.geojson"},
    {.name = "geojson_repair_noise", .file = "noise.geojson"},
    {.name = "geojson_metres", .file = "metres.geojson"},
    {.name = "geojson_latin1", .make = make_latin1_geojson, .file = "latin1.geojson"},
    {.name = "geojson_crs_named", .file = "crs_named.geojson"},
    {.name = "geojson_crs_link", .file = "crs_link.geojson"},
    {.name = "geojson_crs_in_geometry", .file = "crs_in_geometry.geojson"},
    {.name = "geojson_truncated", .file = "truncated.geojson"},
    {.name = "geojson_nan", .file = "nan.geojson"},
    {.name = "geojson_regions", .file = "regions.geojson", .purpose = READER_REGIONS},
    {.name = "gpx_walks", .file = "walks.gpx"},
    {.name = "gpx_dirty_walk", .file = "dirty.gpx"},
    {.name = "gpx_cut", .file = "cut.gpx"},
    {.name = "gpx_waypoints_only", .file = "waypoints.gpx"},
    {.name = "gpx_waypoints_as_corners", .file = "corners.gpx"},
    {.name = "kml_empty", .file = "empty.kml"},
    {.name = "kml_plots", .file = "plots.kml"},
    {.name = "kml_doctype", .file = "doctype.kml"},
    {.name = "kml_track_without_times", .file = "track_without_times.kml"},
    {.name = "kmz", .make = make_kmz, .file = "plots.kmz"},
    {.name = "geojsonseq_lines", .file = "plots.geojsonl"},
    {.name = "geojsonseq_separators", .file = "separated.geojsons"},
    {.name = "geojsonseq_crs_link", .file = "link.geojsonl"},
    {.name = "flatgeobuf", .file = "plots.fgb"},
    {.name = "flatgeobuf_cut", .file = "cut.fgb"},
    {.name = "xlsx_sheets", .file = "sheets.xlsx"},
    {.name = "xlsx_bomb", .make = make_xlsx_bomb, .file = "bomb.xlsx"},
    {.name = "xform_submission", .file = "submission.xml"},
    {.name = "xform_corners", .file = "submission_corners.xml"},
    {.name = "xform_doctype", .file = "submission_doctype.xml"},
    {.name = "xform_cut", .file = "submission_cut.xml"},
    {.name = "xml_other", .file = "other.xml"},
    {.name = "nmea_walks", .file = "walks.nmea"},
    {.name = "zip_of_all_kinds", .make = make_mixed_archive, .file = "todo.zip"},
    {.name = "csv_corners", .file = "corners.csv"},
    {.name = "csv_corners_latin1", .make = make_latin1_corners, .file = "corners.csv"},
    {.name = "csv_corners_swapped", .file = "corners_swapped.csv"},
    {.name = "csv_corners_utm", .file = "corners_utm.csv"},
    {.name = "csv_corners_utm_given", .file = "corners_utm.csv", .crs = "EPSG:32615"},
    {.name = "csv_points", .file = "points.csv"},
    {.name = "csv_kobo", .file = "kobo.csv"},
    {.name = "csv_wkt", .file = "wkt.tsv"},
    {.name = "csv_unclosed_quote", .file = "unclosed.csv"},
    {.name = "csv_no_geometry", .file = "no_geometry.csv"},
};
const int IMPORT_CASES_N = (int)(sizeof IMPORT_CASES / sizeof *IMPORT_CASES);
