/* parcela import: plots from outside files. */
#include "service/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "service/registry/import.h"
#include "service/registry/report_file.h"

enum { OPT_PROGRAMME, OPT_MAP, OPT_CRS, OPT_DRY_RUN, OPT_SKIP_BAD, OPT_REPORT, OPT_FORMAT, OPT_PROFILE, OPT_ENCODING, OPT_LANG, OPTIONS_N };

/* --map FIELD=COLUMN; the texts are copies in `a`. */
static int parse_mappings(const struct command *self, const struct cli_option *o, struct reader_mapping *out, struct arena *a)
{
    for (int i = 0; i < o->n; i++) {
        const char *equals = strchr(o->values[i], '=');
        if (!equals || equals == o->values[i] || !equals[1])
            return cli_usage(self, "--map takes FIELD=COLUMN, not \"%s\"", o->values[i]);
        out[i] = (struct reader_mapping){.field = arena_strndup(a, o->values[i], (size_t)(equals - o->values[i])), .column = equals + 1};
        if (!out[i].field)
            return EXIT_IO;
    }
    return EXIT_OK;
}

/* The error, with the table of candidates where the reference system is the trouble. */
static int fail_import(const struct error *e, const struct crs_candidates *candidates, enum output_format format)
{
    struct buf json, text;
    if (!candidates->n || (strcmp(e->code, "crs_missing") != 0 && strcmp(e->code, "crs_wrong") != 0))
        return cli_fail(e, format);
    buf_init(&json, 0);
    buf_init(&text, 0);
    buf_json_string(&json, "candidates");
    buf_putc(&json, ':');
    crs_candidates_json(candidates, &json);
    crs_candidates_text(candidates, &text);
    int exit_code = cli_fail_with(e, format, json.failed ? NULL : json.bytes, text.failed ? NULL : text.bytes);
    buf_clear(&json);
    buf_clear(&text);
    return exit_code;
}

static int print_json(const struct import_report *report, FILE *findings)
{
    bool ok = import_report_json_all(report, findings, stdout);
    return fflush(stdout) == 0 && ok ? EXIT_OK : EXIT_IO;
}

static int print_text(const struct import_report *report)
{
    struct buf b;
    buf_init(&b, 0);
    import_report_text(report, &b);
    return cli_print(&b);
}

static int import_files(const struct import_request *given, enum output_format format)
{
    struct import_report report;
    struct error e;
    struct crs_candidates candidates = {0};
    struct import_request q = *given;
    q.candidates = &candidates;
    if (format == FORMAT_JSON && !(q.findings = tmpfile())) {
        error_set(&e, STATUS_IO, "temporary_file", "make room in the folder of temporary files", "a temporary file cannot be made");
        return cli_fail(&e, format);
    }
    enum status status = import_run(&q, &report, &e);
    int exit_code = EXIT_OK;
    if (status == STATUS_OK) {
        cli_progress_end();
        exit_code = q.findings ? print_json(&report, q.findings) : print_text(&report);
        import_report_clear(&report);
    } else {
        exit_code = fail_import(&e, &candidates, format);
    }
    if (q.findings)
        fclose(q.findings);
    return exit_code;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[OPTIONS_N] = {{.name = "programme"}, {.name = "map"}, {.name = "crs"}, {.name = "dry-run", .flag = true}, {.name = "skip-bad-files", .flag = true}, {.name = "report"}, {.name = "format"},
                                            {.name = "profile"}, {.name = "encoding"}, {.name = "lang"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TEXT;
    if (cli_parse(self, argc, argv, options, OPTIONS_N, &args, &exit_code))
        return exit_code;
    if (!cli_format(self, &options[OPT_FORMAT], "text json", &format))
        return EXIT_USAGE;
    enum finding_lang lang;
    if (!cli_lang(self, &options[OPT_LANG], &lang))
        return EXIT_USAGE;
    if (args.positional_n < 2)
        return cli_usage(self, "give REGISTRY and at least one FILE");
    struct arena a;
    arena_init(&a, 0);
    struct reader_mapping mappings[CLI_VALUES_MAX];
    exit_code = parse_mappings(self, &options[OPT_MAP], mappings, &a);
    struct import_request q = {.registry = args.positional[0], .files = args.positional + 1, .files_n = (size_t)args.positional_n - 1,
                               .programme = cli_value(&options[OPT_PROGRAMME], NULL), .crs = cli_value(&options[OPT_CRS], NULL),
                               .mappings = mappings, .mappings_n = (size_t)options[OPT_MAP].n, .dry_run = options[OPT_DRY_RUN].n > 0,
                               .skip_bad_files = options[OPT_SKIP_BAD].n > 0,
                               .report = cli_value(&options[OPT_REPORT], NULL), .profile = cli_value(&options[OPT_PROFILE], NULL), .profile_files = true,
                               .encoding = cli_value(&options[OPT_ENCODING], NULL), .lang = lang, .progress = cli_progress};
    struct error e;
    if (exit_code == EXIT_OK && q.report && report_file_check(q.report, &e) != STATUS_OK)
        exit_code = cli_fail(&e, format);
    if (exit_code == EXIT_OK)
        exit_code = import_files(&q, format);
    arena_clear(&a);
    return exit_code;
}

const struct command command_import = {
    .name = "import",
    .summary = "import plots from shapefile, GeoPackage, KML, GPX, CSV and other files",
    .help = "parcela import REGISTRY FILE... [--programme CODE] [--profile NAME|FILE] [--map FIELD=COLUMN]...\n"
            "               [--crs EPSG:n] [--encoding NAME] [--dry-run] [--skip-bad-files] [--report FILE] [--lang es|en]\n"
            "               [--format text|json]\n\n"
            "Reads plot boundaries, computes hectares, slope and overlaps, and registers them in one transaction: all or nothing.\n"
            "Each row ends as new, revised, unchanged, held (kept whole, counted nowhere, until someone decides) or rejected. Rows with swapped\n"
            "axes, a lost minus sign, of another UTM zone and the like are held or rejected by name; when most rows are, the file is refused.\n"
            "The same file again changes nothing. Columns find their fields by Spanish and English names.\n\n"
            "FILE is a shapefile (.shp or .zip), GeoPackage, GeoJSON (also one object per line), KML or KMZ, GPX, FlatGeobuf, CSV or XLSX,\n"
            "the submission of a form (ODK, Kobo: XML or CSV), an NMEA log, or a folder or .zip of such files. The bytes decide, not the name.\n"
            "A table holds boundaries as WKT or geoshape texts, or corners: plot code, order, longitude, latitude (degrees or 16°44'13.2\"N).\n\n"
            "  --programme CODE    programme of all rows (else the file's column)\n"
            "  --profile NAME|FILE a mapping profile (parcela profile --help): which column is what, and what its words mean; without it\n"
            "                      the saved one that is called like the programme; - takes none\n"
            "  --map FIELD=COLUMN  FIELD is code, name, programme, organisation, producer_code, producer_name, curp, gender, birth_year,\n"
            "                      crop, practice, adoption_year, date, survey, declared_ha, accuracy_m, municipality or state; date(dmy),\n"
            "                      date(mdy), declared_ha(comma), declared_ha(point) say how it is written. Comes before the profile\n"
            "  --crs EPSG:n        coordinate system when the file names none, or a wrong one. Without it such a file is refused with a table of\n"
            "                      candidates (rows in the municipality they name, in any region), unless one leaves no doubt: nine rows of\n"
            "                      ten fit it and no other. WGS84 and NAD27 are told apart only by plots that the registry has already\n"
            "  --encoding NAME     of the text of shapefiles and CSV, in place of what the file says and the bytes show: utf-8,\n"
            "                      windows-1252, latin1, cp850, cp437\n"
            "  --dry-run           the whole report with the table of columns, nothing written\n"
            "  --skip-bad-files    of several files (a folder, a .zip) import those that can be read, though others cannot\n"
            "  --report FILE       all findings: .json or .csv; .geojson or .gpkg with the spots and, side by side, the original and the\n"
            "                      proposed boundaries of held and repaired rows, to open in QGIS\n"
            "  --lang es|en        language of the report (else LC_ALL, LC_MESSAGES, LANG; else English)\n"
            "  --format text|json  json prints one document on stdout\n\n"
            "A CURP is checked and kept only as a keyed hash (key: REGISTRY/curp.key); the same person is known by it again. A point with\n"
            "declared hectares, 4 at most, is a plot whose hectares stand apart: nothing is measured.\n\n"
            "Examples:\n"
            "  parcela import finca parcelas.zip --programme MIAF-D --dry-run\n"
            "  parcela import finca caminatas.gpx --programme SOCONUSCO --map code=desc\n"
            "  parcela import finca predios.shp --crs EPSG:32615 --format json",
    .run = run,
};
