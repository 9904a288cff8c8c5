/* parcela layer add | list: regions, corridors, terrain. */
#include "service/cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/layers.h"
#include "service/registry/slope_tables.h"

enum {
    OPT_LEVEL, OPT_KEY, OPT_NAME, OPT_ACCURACY, OPT_EDITION, OPT_CRS, OPT_FORMAT, OPT_VALUE, OPT_THRESHOLD, OPT_NAMES,
    OPT_MODEL, OPT_ERROR, OPT_CORRELATION, OPT_CLASSES, OPT_KERNEL, OPT_LANG, OPTIONS_N
};

static void print_findings(const struct layer_report *r, enum finding_lang lang)
{
    char text[FINDING_MESSAGE_MAX];
    for (size_t i = 0; i < r->findings_n && i < 20; i++) {
        const struct finding *f = &r->findings[i];
        const struct finding_entry *entry = finding_entry(f->code);
        fprintf(stderr, "  %s %s, row %" PRIu64 ": %s\n", finding_severity_name(entry->severity), entry->code, f->row,
                finding_message(f, lang, text));
        if (*finding_remedy(f->code, lang))
            fprintf(stderr, "    -> %s\n", finding_remedy(f->code, lang));
    }
    if (r->findings_n > 20)
        fprintf(stderr, "  ... and %zu more findings\n", r->findings_n - 20);
}

static void print_terrain(const struct layer_request *q, const struct layer_report *r, struct buf *b)
{
    const struct store_layer *l = &r->layer;
    if (q->classes)
        buf_printf(b, "Slope classes: %s (%d classes; %s).\n", q->classes->code, q->classes->classes_n, q->classes->source);
    if (!l->file) /* there is no terrain, only classes were set */
        return;
    if (l->model && *l->model)
        buf_printf(b, "Elevation model: %s%s%s.\n", l->model, *l->edition ? ", " : "", l->edition);
    buf_printf(b, "Slopes by %s.\n", slope_kernel_name(l->slope_kernel));
    if (l->vertical_error_m > 0)
        buf_printf(b, "Vertical error (1 sigma): %g m, %g m on slopes above 20 %%, correlation of neighbouring cells %g\n  (%s).\n", l->vertical_error_m,
                   l->vertical_error_steep_m, l->vertical_error_correlation, l->vertical_error_source);
    else
        buf_puts(b, "Vertical error: not stated, so there are no expected hectares by slope class (--vertical-error-m).\n");
}

static int print_report(const struct layer_request *q, const struct layer_report *r, enum output_format format)
{
    struct buf b;
    buf_init(&b, 0);
    if (format == FORMAT_JSON) {
        buf_printf(&b, "{\"layer\":%" PRId64 ",\"features\":%" PRId64 ",\"held\":%" PRId64 ",\"rejected\":%" PRId64 ",\"repaired\":%" PRId64
                       ",\"plots_recomputed\":%" PRId64 ",\"hectares\":",
                   r->layer_id, r->features, r->held, r->rejected, r->repaired, r->plots_recomputed);
        buf_fixed(&b, r->area_mm2, 10, true);
        buf_puts(&b, "}\n");
        return cli_print(&b);
    }
    if (q->kind == LAYER_TERRAIN) {
        if (q->files_n)
            buf_printf(&b, "Added terrain from %" PRId64 " file(s): %s, cells of about %.1f m.\n", r->features, r->layer.crs, r->layer.cell_m);
        print_terrain(q, r, &b);
    } else
        buf_printf(&b, "Added %" PRId64 " %s%s%s: %.1f ha", r->features, q->kind == LAYER_REGIONS ? "regions of level " : "corridors",
                   q->level ? q->level : "", "", (double)r->area_mm2 / MM2_PER_HA);
    if (q->kind != LAYER_TERRAIN)
        buf_printf(&b, "%s.\n", r->held || r->rejected ? " (some rows could not be used, see above)" : "");
    if (r->plots_recomputed)
        buf_printf(&b, "Renewed the figures of %" PRId64 " plots.\n", r->plots_recomputed);
    return cli_print(&b);
}

/* A number in low .. high, or NaN when the option is not there. */
static bool take_number(const struct command *self, const struct cli_option *o, double low, double high, double *out, int *exit_code)
{
    const char *text = cli_value(o, NULL);
    char *end = NULL;
    *out = NAN;
    if (!text)
        return true;
    *out = strtod(text, &end);
    if (end != text && !*end && *out >= low && *out <= high)
        return true;
    *exit_code = cli_usage(self, "--%s takes a number from %g to %g, not \"%s\"", o->name, low, high, text);
    return false;
}

/* What a request on a terrain may point to. */
struct terrain_words {
    struct slope_class_table table;
    enum slope_kernel kernel;
};

/* What the options say of a terrain: its model, error, kernel and classes. */
static int take_terrain(const struct command *self, const struct cli_option *options, struct layer_request *q, struct terrain_words *words,
                        enum output_format format)
{
    int exit_code = EXIT_OK;
    struct error e;
    const char *classes = cli_value(&options[OPT_CLASSES], NULL), *kernel = cli_value(&options[OPT_KERNEL], NULL);
    q->model = cli_value(&options[OPT_MODEL], NULL);
    if (!take_number(self, &options[OPT_ERROR], 0, 100, &q->vertical_error_m, &exit_code) ||
        !take_number(self, &options[OPT_CORRELATION], 0, 0.999, &q->vertical_correlation, &exit_code))
        return exit_code;
    bool any = q->model || classes || kernel || !isnan(q->vertical_error_m) || !isnan(q->vertical_correlation);
    if (any && q->kind != LAYER_TERRAIN)
        return cli_usage(self, "--model, --vertical-error-m, --vertical-correlation, --slope-method and --classes are for terrain");
    if (kernel && !slope_kernel_parse(kernel, &words->kernel))
        return cli_usage(self, "--slope-method is horn or zevenbergen-thorne, not \"%s\"", kernel);
    q->kernel = kernel ? &words->kernel : NULL;
    if (!classes)
        return EXIT_OK;
    if (slope_table_load(classes, &words->table, &e) != STATUS_OK)
        return cli_fail(&e, format);
    q->classes = &words->table;
    return EXIT_OK;
}

static int set(const struct command *self, const struct cli_arguments *args, const struct cli_option *options, enum output_format format)
{
    if (args->positional_n != 3 || strcmp(args->positional[2], "terrain") != 0)
        return cli_usage(self, "layer set needs REGISTRY and terrain");
    struct layer_request q = {.registry = args->positional[1], .kind = LAYER_TERRAIN, .edition = cli_value(&options[OPT_EDITION], NULL), .progress = cli_progress};
    struct terrain_words words;
    struct layer_report r;
    struct error e;
    int exit_code = take_terrain(self, options, &q, &words, format);
    if (exit_code != EXIT_OK)
        return exit_code;
    if (!q.model && !q.edition && !q.classes && !q.kernel && isnan(q.vertical_error_m) && isnan(q.vertical_correlation))
        return cli_usage(self, "say what to set: --classes, --model, --edition, --vertical-error-m, --vertical-correlation or --slope-method");
    if (layer_set(&q, &r, &e) != STATUS_OK)
        return cli_fail(&e, format);
    cli_progress_end();
    exit_code = print_report(&q, &r, format);
    layer_report_clear(&r);
    return exit_code;
}

/* Which cells of a grid are inside a corridor or region. */
static int take_grid(const struct command *self, const struct cli_option *options, struct layer_request *q)
{
    const char *value = cli_value(&options[OPT_VALUE], NULL), *threshold = cli_value(&options[OPT_THRESHOLD], NULL);
    if (value && threshold)
        return cli_usage(self, "give --value or --threshold, not both");
    q->raster_rule = value ? RASTER_VALUE : threshold ? RASTER_THRESHOLD : RASTER_CATEGORIES;
    const char *number = value ? value : threshold;
    char *end = NULL;
    if (number && (!isfinite(q->raster_number = strtod(number, &end)) || !end || *end || end == number))
        return cli_usage(self, "--value and --threshold take a number, for example --threshold 0.5");
    if (q->kind == LAYER_TERRAIN && (number || q->raster_names))
        return cli_usage(self, "--value, --threshold and --names are for grids of corridors or regions");
    return EXIT_OK;
}

static int add(const struct command *self, const struct cli_arguments *args, const struct cli_option *options, enum output_format format, enum finding_lang lang)
{
    if (args->positional_n < 4)
        return cli_usage(self, "layer add needs REGISTRY, a kind (regions, corridors or terrain) and FILE");
    const char *kind = args->positional[2];
    struct layer_request q = {.registry = args->positional[1], .files = args->positional + 3, .files_n = (size_t)args->positional_n - 3,
                              .key = cli_value(&options[OPT_KEY], NULL), .name = cli_value(&options[OPT_NAME], NULL),
                              .crs = cli_value(&options[OPT_CRS], NULL), .edition = cli_value(&options[OPT_EDITION], NULL),
                              .accuracy_m = NAN, .raster_names = cli_value(&options[OPT_NAMES], NULL), .progress = cli_progress};
    if (strcmp(kind, "regions") == 0)
        q.kind = LAYER_REGIONS;
    else if (strcmp(kind, "corridors") == 0)
        q.kind = LAYER_CORRIDORS;
    else if (strcmp(kind, "terrain") == 0)
        q.kind = LAYER_TERRAIN;
    else
        return cli_usage(self, "\"%s\" is not a kind of layer: regions, corridors or terrain", kind);
    if (q.kind == LAYER_REGIONS && !(q.level = cli_value(&options[OPT_LEVEL], NULL)))
        return cli_usage(self, "regions need --level, for example --level municipality");
    if (q.kind == LAYER_REGIONS && (!*q.level || strspn(q.level, "abcdefghijklmnopqrstuvwxyz_0123456789") != strlen(q.level)))
        return cli_usage(self, "--level takes small letters, digits and _, for example municipality");
    if (q.kind != LAYER_TERRAIN && q.files_n != 1)
        return cli_usage(self, "give one FILE");
    const char *accuracy = cli_value(&options[OPT_ACCURACY], NULL);
    char *end = NULL;
    if (accuracy && ((q.accuracy_m = strtod(accuracy, &end)) < 0 || !end || *end || end == accuracy || !(q.accuracy_m < 1e5)))
        return cli_usage(self, "--accuracy-m takes metres, for example 125");
    struct terrain_words words;
    int exit_code = take_grid(self, options, &q);
    if (exit_code == EXIT_OK)
        exit_code = take_terrain(self, options, &q, &words, format);
    if (exit_code != EXIT_OK)
        return exit_code;
    struct layer_report r;
    struct error e;
    if (layer_add(&q, &r, &e) != STATUS_OK)
        return cli_fail(&e, format);
    cli_progress_end();
    if (format != FORMAT_JSON)
        print_findings(&r, lang);
    exit_code = print_report(&q, &r, format);
    layer_report_clear(&r);
    return exit_code;
}

static bool print_layer(const struct store_layer *l, void *arg)
{
    static const char *const kinds[] = {"regions", "corridors", "terrain"};
    buf_printf(arg, "%-10s %-14s %6" PRId64 "  %-32s %s %s\n", kinds[l->kind], l->level, l->features_n, l->source, l->added_at, l->edition);
    return true;
}

static int list(const struct command *self, const struct cli_arguments *args, enum output_format format)
{
    if (args->positional_n != 2)
        return cli_usage(self, "layer list needs REGISTRY");
    struct store *s = NULL;
    struct error e;
    struct buf b;
    buf_init(&b, 0);
    enum status status = store_open(args->positional[1], STORE_READ, &s, &e);
    if (status == STATUS_OK)
        status = format == FORMAT_JSON ? layers_json(s, &b, &e) : store_each_layer(s, print_layer, &b, &e);
    store_close(s);
    if (status != STATUS_OK) {
        buf_clear(&b);
        return cli_fail(&e, format);
    }
    if (format == FORMAT_JSON)
        buf_putc(&b, '\n');
    else if (!b.length)
        buf_puts(&b, "No layers yet.\n");
    return cli_print(&b);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {{.name = "level"}, {.name = "key"}, {.name = "name"}, {.name = "accuracy-m"},
                                            {.name = "edition"}, {.name = "crs"}, {.name = "format"}, {.name = "value"}, {.name = "threshold"},
                                            {.name = "names"}, {.name = "model"}, {.name = "vertical-error-m"},
                                            {.name = "vertical-correlation"}, {.name = "classes"}, {.name = "slope-method"}, {.name = "lang"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TEXT;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    enum finding_lang lang;
    if (!cli_format(self, &options[OPT_FORMAT], "text json", &format) || !cli_lang(self, &options[OPT_LANG], &lang))
        return EXIT_USAGE;
    if (args.positional_n && strcmp(args.positional[0], "add") == 0)
        return add(self, &args, options, format, lang);
    if (args.positional_n && strcmp(args.positional[0], "list") == 0)
        return list(self, &args, format);
    if (args.positional_n && strcmp(args.positional[0], "set") == 0)
        return set(self, &args, options, format);
    return cli_usage(self, "say layer add, layer set or layer list");
}

const struct command command_layer = {
    .name = "layer",
    .summary = "add or list regions, corridors and terrain",
    .help = "parcela layer add REGISTRY regions   FILE --level state|municipality|... [--key FIELD] [--name FIELD]\n"
            "parcela layer add REGISTRY corridors FILE [--key FIELD] [--name FIELD] [--accuracy-m 125]\n"
            "parcela layer add REGISTRY corridors GRID.tif [--value 1 | --threshold 0.5] [--names FILE.csv] [--accuracy-m M]\n"
            "parcela layer add REGISTRY terrain   FILE... [--model NAME] [--edition TEXT] [--vertical-error-m S] [--classes NAME|FILE]\n"
            "                                     [--slope-method horn|zevenbergen-thorne]\n"
            "parcela layer set REGISTRY terrain   [--classes NAME|FILE] [--model NAME] [--edition TEXT] [--vertical-error-m S]\n"
            "                                     [--slope-method horn|zevenbergen-thorne]\n"
            "parcela layer list REGISTRY [--format text|json]\n\n"
            "A layer replaces the one of the same kind and level; the plots it touches are computed anew.\n"
            "FILE is a shapefile (also zipped), GeoPackage or GeoJSON, or a GeoTIFF of cells, whose outlines are taken as they are: each\n"
            "value other than 0 is a corridor, or the cells of one value, or all from a threshold on; terrain is one or more elevation grids (GeoTIFF, SRTM .hgt,\n"
            "ASCII grid) in one coordinate system and on one grid.\n\n"
            "  --level NAME      regions: which level, for example state or municipality\n"
            "  --key FIELD       the column with the key (CVEGEO and the like are found by name)\n"
            "  --name FIELD      the column with the name\n"
            "  --accuracy-m M    corridors: how far the drawn line may be from the true one (default 125, a 1:250,000\n"
            "                    map; half a cell of a grid)\n"
            "  --value V         a grid: the cells of this value are inside\n"
            "  --threshold T     a grid: the cells from this value on are inside\n"
            "  --names FILE.csv  a grid: lines of value, name (otherwise from the attribute table in the file's .aux.xml)\n"
            "  --edition TEXT    what is printed beside figures, for example \"Marco Geoestadistico 2025\"\n"
            "  --crs EPSG:n      coordinate system when the file names none, or a wrong one\n"
            "  --classes TABLE   terrain: the slope classes, FAO_2006 (default), GAEZ_2000, MIAF_20, or a CSV file whose first line names\n"
            "                    the columns: code, from_pct and, if wanted, to_pct, name_en, name_es, colour (#rrggbb), source\n"
            "  --model NAME      terrain: the elevation model, for example \"Copernicus GLO-30\", \"SRTM\", \"INEGI CEM 3.0\"\n"
            "  --vertical-error-m S\n"
            "                    terrain: 1 sigma of the relative vertical error; left out, that of a known model (named by --model,\n"
            "                    --edition or the file); 0: none. From it come the expected hectares by slope class\n"
            "  --vertical-correlation R\n"
            "                    terrain: correlation of the errors of neighbouring cells, 0 (independent) to 0.999\n"
            "  --slope-method M  terrain: horn (default; eight neighbours), or zevenbergen-thorne (four: sharper, 1.6 times the noise)\n"
            "  --lang es|en      language of findings and errors (else LC_ALL, LC_MESSAGES, LANG; else English)\n"
            "  --format text|json\n\n"
            "Examples:\n"
            "  parcela layer add finca regions municipios.shp --level municipality --edition 2025\n"
            "  parcela layer add finca corridors corredores.zip --accuracy-m 125\n"
            "  parcela layer add finca corridors corredores_bioclimaticos.tif --value 1\n"
            "  parcela layer add finca terrain n16w093.hgt n16w092.hgt --edition \"SRTM v3\"\n"
            "  parcela layer set finca terrain --classes clases_de_la_norma.csv",
    .run = run,
};
