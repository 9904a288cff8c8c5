/* What the commands share: options, errors to people and programs, exit codes, progress. Private to service/cli. */
#ifndef SERVICE_CLI_CLI_H
#define SERVICE_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geo/base/buf.h"
#include "importers/finding.h"
#include "geo/base/error.h"

/* Exit codes, printed by `parcela --help`. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_BROKEN = 1,    /* check found a broken promise */
    EXIT_USAGE = 2,     /* the command line is wrong */
    EXIT_INPUT = 3,     /* a file or value is wrong */
    EXIT_NOT_FOUND = 4, /* no such registry, plot, import */
    EXIT_CONFLICT = 5,  /* it exists already, or something stands in the way */
    EXIT_BUSY = 6,      /* another process writes the registry */
    EXIT_IO = 7,        /* disk, memory or limits */
    EXIT_CORRUPT = 8,   /* the registry contradicts itself */
    EXIT_FAULT = 9      /* a fault of this program */
};
int exit_code_of(enum status status);

struct command {
    const char *name;    /* "layer add" is one command "layer" that looks further itself */
    const char *summary; /* one line */
    const char *help;    /* the whole text of --help */
    int (*run)(const struct command *self, int argc, char **argv); /* argv[0] is the command's name */
};
extern const struct command command_init, command_layer, command_import, command_imports, command_hectares, command_overlaps, command_resolve, command_plot, command_export,
    command_check, command_serve, command_token, command_milpa, command_profile;

enum output_format { FORMAT_TEXT, FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV, FORMAT_XLSX };

/* Prints the error with its remedy on stderr, in the language of cli_lang (as {"error":...} on stdout for FORMAT_JSON) and returns its exit code. */
int cli_fail(const struct error *e, enum output_format format);
/* The same with more members for the JSON object, and lines for people (NULL = none). */
int cli_fail_with(const struct error *e, enum output_format format, const char *json, const char *text);
/* A wrong command line: message and a pointer to --help; returns EXIT_USAGE. */
int cli_usage(const struct command *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes the buffer to stdout and clears it; EXIT_OK, or EXIT_IO when stdout is gone. */
int cli_print(struct buf *b);

/* Writes the buffer to a file, which appears whole or not at all, and clears it. */
enum status cli_write(struct buf *b, const char *path, struct error *e) MUST_USE;

/* The end of a command that answers with `b`: into the file `output`, onto stdout where that is NULL, or the error. Clears b. */
int cli_answer(enum status status, struct buf *b, const char *output, enum output_format format, struct error *e);

/* One option of a command: `--name VALUE`, or `--name` when flag is set. Values given more than once are all kept. */
enum { CLI_VALUES_MAX = 64, CLI_OPTIONS_MAX = 16 };
struct cli_option {
    const char *name;
    bool flag;
    const char *values[CLI_VALUES_MAX];
    int n; /* times given */
};
struct cli_arguments {
    const char **positional;
    int positional_n;
};
/* Sorts argv into options and positionals (options may stand anywhere; "--" ends them). 0 = go on; otherwise `*exit_code` is to be
 * returned: after --help (printed), or after a usage error (printed). */
int cli_parse(const struct command *c, int argc, char **argv, struct cli_option *options, int options_n, struct cli_arguments *out,
              int *exit_code);
/* The last value of an option, or `otherwise`. */
const char *cli_value(const struct cli_option *o, const char *otherwise);
/* Parses --format among the allowed names ("text json"); false after printing a usage error. */
bool cli_format(const struct command *c, const struct cli_option *o, const char *allowed, enum output_format *out);

/* --format table|csv|json|xlsx and --output of such a command; xlsx only into a file. false after printing a usage error. */
bool cli_table_format(const struct command *c, const struct cli_option *format_option, const struct cli_option *output_option,
                      enum output_format *format, const char **output);

/* --lang es|en; without it what LC_ALL, LC_MESSAGES or LANG say, else English. Errors speak it as soon as the option was parsed. false after printing a usage error. */
bool cli_lang(const struct command *c, const struct cli_option *o, enum finding_lang *out);

/* Progress on stderr: a bar on a terminal, a line every few seconds elsewhere. Matches the registry's progress callbacks. */
void cli_progress(const char *phase, uint64_t done, uint64_t total, void *unused);
void cli_progress_end(void);

#endif
