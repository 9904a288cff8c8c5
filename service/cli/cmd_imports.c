/* parcela imports: list, show, revert. */
#include "service/cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "service/registry/report_file.h"
#include "service/registry/resolve.h"

static bool list_json(const struct store_import *i, void *arg)
{
    buf_json_comma(arg);
    import_summary_json(i, arg);
    return true;
}

static bool list_text(const struct store_import *i, void *arg)
{
    buf_printf(arg, "%4" PRId64 "  %-10s %s  %-12s %8" PRId64 " rows  %7" PRId64 " new  %7" PRId64 " revised  %6" PRId64 " held  %6" PRId64 " rejected  %+13.4f ha\n",
               i->id, i->status, i->committed_at, i->programme, i->rows, i->new_n, i->revised_n, i->held_n, i->rejected_n, (double)i->added_mm2 / MM2_PER_HA);
    return true;
}

static enum status list(struct store *s, enum output_format format, struct buf *b, struct error *e)
{
    if (format == FORMAT_JSON)
        buf_putc(b, '[');
    enum status status = store_each_import(s, format == FORMAT_JSON ? list_json : list_text, b, e);
    if (format == FORMAT_JSON)
        buf_puts(b, "]\n");
    else if (!b->length)
        buf_puts(b, "No imports yet.\n");
    return status;
}

struct told {
    struct buf *b;
    enum finding_lang lang;
};

static bool finding_to_json(const struct finding *f, void *arg)
{
    struct told *t = arg;
    buf_json_comma(t->b);
    finding_json(f, t->lang, t->b);
    return true;
}

static bool finding_to_text(const struct finding *f, void *arg)
{
    struct told *t = arg;
    bool es = t->lang == FINDING_ES;
    char text[FINDING_MESSAGE_MAX];
    const struct finding_entry *entry = finding_entry(f->code);
    buf_printf(t->b, "  %-7s %-20s", finding_severity_name(entry->severity), entry->code);
    if (f->row)
        buf_printf(t->b, es ? " fila %" PRIu64 : " row %" PRIu64, f->row);
    if (f->plot)
        buf_printf(t->b, es ? ", parcela %s" : ", plot %s", f->plot);
    if (isfinite(f->place.lon))
        buf_printf(t->b, es ? ", en %.6f %.6f" : ", at %.6f %.6f", f->place.lon, f->place.lat);
    buf_printf(t->b, ": %s\n", finding_message(f, t->lang, text));
    return true;
}

static enum status show(struct store *s, int64_t id, enum output_format format, enum finding_lang lang, struct buf *b, struct error *e)
{
    struct told told = {b, lang};
    struct arena a;
    arena_init(&a, 0);
    struct store_import import;
    enum status status = store_import_get(s, id, &a, &import, e);
    if (status == STATUS_OK && format == FORMAT_JSON) {
        import_summary_json(&import, b);
        b->length--; /* reopen the object */
        buf_puts(b, ",\"findings\":[");
        status = store_each_finding(s, id, finding_to_json, &told, e);
        buf_puts(b, "]}\n");
    } else if (status == STATUS_OK) {
        list_text(&import, b);
        status = store_each_finding(s, id, finding_to_text, &told, e);
    }
    arena_clear(&a);
    return status;
}

static int revert(const char *registry, int64_t id, enum output_format format)
{
    struct error e;
    struct import_reverted *done = calloc(1, sizeof *done);
    if (!done || import_revert(registry, id, done, &e) != STATUS_OK) {
        if (!done)
            (void)error_memory(&e);
        free(done);
        return cli_fail(&e, format);
    }
    struct buf b;
    buf_init(&b, 0);
    if (format == FORMAT_JSON) {
        buf_printf(&b, "{\"reverted\":%" PRId64 ",\"plots\":%" PRId64 ",\"decisions_reverted\":[", id, done->plots);
        for (size_t i = 0; i < done->also_n; i++)
            buf_printf(&b, "%s%" PRId64, i ? "," : "", done->also[i]);
        buf_puts(&b, "]}\n");
    } else {
        buf_printf(&b, "Import %" PRId64 " is undone: %" PRId64 " plots are as they were before it.\n", id, done->plots);
        for (size_t i = 0; i < done->also_n; i++)
            buf_printf(&b, "Import %" PRId64 ", which decided a held row of it, is undone with it.\n", done->also[i]);
    }
    free(done);
    return cli_print(&b);
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[] = {{.name = "format"}, {.name = "report"}, {.name = "lang"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_TEXT;
    if (cli_parse(self, argc, argv, options, 3, &args, &exit_code))
        return exit_code;
    enum finding_lang lang;
    if (!cli_format(self, &options[0], "text json", &format) || !cli_lang(self, &options[2], &lang))
        return EXIT_USAGE;
    if (args.positional_n < 1 || args.positional_n > 3)
        return cli_usage(self, "give REGISTRY, then list, show N, held or revert N");
    const char *what = args.positional_n > 1 ? args.positional[1] : "list";
    char *end = NULL;
    int64_t id = args.positional_n > 2 ? strtoll(args.positional[2], &end, 10) : 0;
    bool numbered = args.positional_n == 3 && end && end != args.positional[2] && !*end && id > 0;
    bool held = strcmp(what, "held") == 0, all = strcmp(what, "list") == 0 || (held && args.positional_n < 3);
    if (all ? args.positional_n > 2 : !numbered || (!held && strcmp(what, "show") != 0 && strcmp(what, "revert") != 0))
        return cli_usage(self, "say list, show N, held, held N or revert N, where N is the number of an import");
    const char *report = cli_value(&options[1], NULL);
    if (report && strcmp(what, "show") != 0)
        return cli_usage(self, "--report goes with show N");
    if (strcmp(what, "revert") == 0)
        return revert(args.positional[0], id, format);
    struct store *s = NULL;
    struct error e;
    struct buf b;
    buf_init(&b, 0);
    enum status status = store_open(args.positional[0], STORE_READ, &s, &e);
    if (status == STATUS_OK)
        status = held ? resolve_list(s, id, format == FORMAT_JSON, &b, &e) : all ? list(s, format, &b, &e) : show(s, id, format, lang, &b, &e);
    if (status == STATUS_OK && report)
        status = report_file_write(s, id, false, report, lang, &e);
    store_close(s);
    if (status != STATUS_OK) {
        buf_clear(&b);
        return cli_fail(&e, format);
    }
    return cli_print(&b);
}

const struct command command_imports = {
    .name = "imports",
    .summary = "list imports, show one with its findings, list held rows, or undo one",
    .help = "parcela imports REGISTRY [list | show N [--report FILE] | held [N] | revert N] [--lang es|en] [--format text|json]\n\n"
            "show --report writes the findings of import N to FILE: .json, .csv, .geojson or .gpkg (see parcela import --help).\n"
            "held lists the rows that wait for a decision (of import N), with the hectares of both candidates and the spot.\n"
            "revert undoes import N: what it added is gone from all totals, what it replaced is current again. The history keeps both.\n"
            "Plots that came of its held rows (parcela resolve) are undone with it, and named.\n"
            "Later imports may stay, unless they revised the same plots; then the answer names them.\n\n"
            "Examples:\n  parcela imports finca\n  parcela imports finca show 3 --report hallazgos.gpkg\n  parcela imports finca held\n"
            "  parcela imports finca revert 3",
    .run = run,
};
