/* parcela plot: one plot, everything known of it. */
#include "service/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "service/registry/plot_json.h"

struct found_plot {
    const struct plot_words *words;
    const char *programme; /* NULL = any */
    struct buf *out;
    int n;
    char programmes[256];
};

static bool take_plot(const struct store_plot *p, void *arg)
{
    struct found_plot *f = arg;
    if (f->programme && strcmp(f->programme, p->programme) != 0)
        return true;
    size_t used = strlen(f->programmes);
    snprintf(f->programmes + used, sizeof f->programmes - used, "%s%s", f->n ? ", " : "", p->programme);
    if (!f->n++)
        plot_feature_json(p, f->words, true, f->out);
    return true;
}

static enum status find_plot(struct store *s, const char *code, struct found_plot *f, struct error *e)
{
    struct plot_words *words = NULL;
    struct arena a;
    arena_init(&a, 0);
    enum status status = plot_words_load(s, &words, e);
    f->words = words;
    if (status == STATUS_OK)
        status = store_each_plot(s, code, 0, &a, take_plot, f, e);
    if (status == STATUS_OK && f->n == 0)
        status = error_set(e, STATUS_NOT_FOUND, "plot_not_found", "codes are matched exactly, with accents and case", "no plot has the code \"%.80s\"", code);
    if (status == STATUS_OK && f->n > 1)
        status = error_set(e, STATUS_CONFLICT, "plot_ambiguous", "add --programme", "the code \"%.80s\" stands in several programmes: %s", code, f->programmes);
    plot_words_free(words);
    arena_clear(&a);
    return status;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct cli_option options[] = {{.name = "programme"}, {.name = "format"}};
    struct cli_arguments args;
    int exit_code;
    enum output_format format = FORMAT_JSON;
    if (cli_parse(self, argc, argv, options, 2, &args, &exit_code))
        return exit_code;
    if (!cli_format(self, &options[1], "json", &format))
        return EXIT_USAGE;
    if (args.positional_n != 2)
        return cli_usage(self, "give REGISTRY and the plot's CODE");
    struct store *s = NULL;
    struct error e;
    struct buf b;
    buf_init(&b, 0);
    struct found_plot f = {.programme = cli_value(&options[0], NULL), .out = &b};
    enum status status = store_open(args.positional[0], STORE_READ, &s, &e);
    if (status == STATUS_OK)
        status = find_plot(s, args.positional[1], &f, &e);
    store_close(s);
    if (status != STATUS_OK) {
        buf_clear(&b);
        return cli_fail(&e, FORMAT_TEXT);
    }
    buf_putc(&b, '\n');
    return cli_print(&b);
}

const struct command command_plot = {
    .name = "plot",
    .summary = "everything known of one plot, as GeoJSON",
    .help = "parcela plot REGISTRY CODE [--programme P]\n\n"
            "Prints one GeoJSON Feature: boundary, hectares, slope, regions, corridors, crops, practices, the producer (personal: this is\n"
            "for the person at this machine) and every column of the row it came from.\n\n"
            "Example:\n  parcela plot finca MIAF-0007",
    .run = run,
};
