/* What an import says: JSON for programs, text for people. */
#include "service/registry/import.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/area.h"

void finding_json(const struct finding *f, enum finding_lang lang, struct buf *out)
{
    const struct finding_entry *entry = finding_entry(f->code);
    char text[FINDING_MESSAGE_MAX];
    buf_putc(out, '{');
    buf_json_key(out, "code");
    buf_json_string(out, entry->code);
    buf_json_key(out, "severity");
    buf_json_string(out, finding_severity_name(entry->severity));
    buf_json_key(out, "file");
    buf_json_string(out, f->file);
    buf_json_key(out, "row");
    buf_int(out, (int64_t)f->row);
    buf_json_key(out, "plot");
    buf_json_string(out, f->plot);
    buf_json_key(out, "lon");
    buf_double(out, f->place.lon, 7);
    buf_json_key(out, "lat");
    buf_double(out, f->place.lat, 7);
    buf_json_key(out, "message");
    buf_json_string(out, finding_message(f, lang, text));
    buf_json_key(out, "remedy");
    buf_json_string(out, finding_remedy(f->code, lang));
    if (isfinite(f->effect_m2)) {
        buf_json_key(out, "effect_m2");
        buf_double(out, f->effect_m2, 3);
    }
    buf_putc(out, '}');
}

/* "the row says 07059; ...", "no region is called 07999; ...": a key is nobody's name. */
static bool names_a_key(const char *message)
{
    const char *digits = message ? strpbrk(message, "0123456789") : NULL, *end = message ? strchr(message, ';') : NULL;
    return digits && end && digits + strspn(digits, "0123456789") == end;
}

struct finding finding_unquoted(const struct finding *f, char text[512])
{
    struct finding out = *f;
    const char *first, *last;
    switch (f->code) {
    case FINDING_FILE_WARNING:
    case FINDING_ROW_WARNING:
    case FINDING_ROW_UNREADABLE:
    case FINDING_FIGURES_FAILED: /* a library's words */
        out.message = NULL;
        break;
    case FINDING_ENCODING_GUESSED:
    case FINDING_DATE_AMBIGUOUS:
    case FINDING_DATE_SERIAL:
    case FINDING_NUMBER_AMBIGUOUS:
    case FINDING_KEY_ZERO_RESTORED:
    case FINDING_VALUE_UNREADABLE:
        first = f->message ? strchr(f->message, '\'') : NULL;
        last = first ? strrchr(f->message, '\'') : NULL;
        if (last > first) {
            snprintf(text, 512, "%.*s\u2026%s", (int)(first + 1 - f->message), f->message, last);
            out.message = text;
        }
        break;
    case FINDING_REGION_KEY_UNKNOWN:
    case FINDING_OUTSIDE_DECLARED_REGION:
        if (!names_a_key(f->message))
            out.message = NULL;
        break;
    default:
        break;
    }
    return out;
}

void import_summary_json(const struct store_import *i, struct buf *out)
{
    buf_printf(out, "{\"import\":%" PRId64 ",\"status\":", i->id);
    buf_json_string(out, i->status);
    buf_json_key(out, "programme");
    buf_json_string(out, i->programme);
    buf_json_key(out, "committed_at");
    buf_json_string(out, i->committed_at);
    buf_json_key(out, "reverted_at");
    buf_json_string(out, i->reverted_at);
    buf_printf(out, ",\"rows\":%" PRId64 ",\"new\":%" PRId64 ",\"revised\":%" PRId64 ",\"unchanged\":%" PRId64 ",\"held\":%" PRId64 ",\"rejected\":%" PRId64
                  ",\"repaired\":%" PRId64, i->rows, i->new_n, i->revised_n, i->unchanged_n, i->held_n, i->rejected_n, i->repaired_n);
    buf_json_key(out, "hectares_added");
    buf_fixed(out, i->added_mm2, 10, true);
    buf_json_key(out, "sources");
    buf_puts(out, i->files && *i->files ? i->files : "[]");
    buf_json_key(out, "seconds");
    buf_double(out, i->seconds, 3);
    buf_putc(out, '}');
}

static void key_int(struct buf *out, const char *key, int64_t value)
{
    buf_json_key(out, key);
    buf_int(out, value);
}

/* All that stands before the findings. */
static void report_head(const struct import_report *r, struct buf *out)
{
    const struct store_import *i = &r->import;
    buf_putc(out, '{');
    buf_json_key(out, "import");
    if (i->id)
        buf_int(out, i->id);
    else
        buf_puts(out, "null");
    buf_json_key(out, "dry_run");
    buf_puts(out, r->dry_run ? "true" : "false");
    key_int(out, "rows", i->rows);
    key_int(out, "new", i->new_n);
    key_int(out, "revised", i->revised_n);
    key_int(out, "unchanged", i->unchanged_n);
    key_int(out, "held", i->held_n);
    key_int(out, "rejected", i->rejected_n);
    key_int(out, "repaired", i->repaired_n);
    buf_json_key(out, "hectares_added");
    buf_fixed(out, i->added_mm2, 10, true);
    buf_json_key(out, "sources");
    buf_puts(out, r->sources_json);
    if (r->profile) {
        buf_json_key(out, "profile");
        buf_json_string(out, r->profile);
    }
    if (r->mapping_json) {
        buf_json_key(out, "mapping");
        buf_puts(out, r->mapping_json);
    }
    key_int(out, "findings_total", (int64_t)r->findings_total);
    buf_json_key(out, "findings");
    buf_putc(out, '[');
}

static void report_foot(const struct import_report *r, struct buf *out)
{
    buf_putc(out, ']');
    buf_json_key(out, "seconds");
    buf_double(out, r->import.seconds, 3);
    buf_puts(out, "}\n");
}

void import_report_json(const struct import_report *r, struct buf *out)
{
    report_head(r, out);
    for (size_t k = 0; k < r->findings_n; k++) {
        buf_json_comma(out);
        finding_json(&r->findings[k], r->lang, out);
    }
    report_foot(r, out);
}

bool import_report_json_all(const struct import_report *r, FILE *findings, FILE *out)
{
    char block[1 << 16];
    struct buf part;
    buf_init(&part, 0);
    report_head(r, &part);
    bool ok = !part.failed && fwrite(part.bytes, 1, part.length, out) == part.length;
    rewind(findings);
    for (size_t n; ok && (n = fread(block, 1, sizeof block, findings)) > 0;)
        ok = fwrite(block, 1, n, out) == n;
    buf_reset(&part);
    report_foot(r, &part);
    ok = ok && !ferror(findings) && !part.failed && fwrite(part.bytes, 1, part.length, out) == part.length;
    buf_clear(&part);
    return ok;
}

enum { TEXT_EXAMPLES = 3 };

static void text_finding(const struct finding *f, enum finding_lang lang, struct buf *out)
{
    char text[FINDING_MESSAGE_MAX];
    bool es = lang == FINDING_ES;
    buf_printf(out, "      %s", f->file ? f->file : "");
    if (f->row)
        buf_printf(out, es ? " fila %" PRIu64 : " row %" PRIu64, f->row);
    if (f->plot)
        buf_printf(out, es ? ", parcela %s" : ", plot %s", f->plot);
    if (isfinite(f->place.lon))
        buf_printf(out, es ? ", en %.6f %.6f" : ", at %.6f %.6f", f->place.lon, f->place.lat);
    buf_printf(out, ": %s\n", finding_message(f, lang, text));
}

static const char *severity_text(enum finding_severity severity, enum finding_lang lang)
{
    static const char *const es[] = {"aviso", "advertencia", "error"};
    return lang == FINDING_ES ? es[severity] : finding_severity_name(severity);
}

static void text_findings(const struct import_report *r, struct buf *out)
{
    bool es = r->lang == FINDING_ES;
    for (int code = 0; code < FINDING_CODES_N; code++) {
        if (!r->findings_by_code[code])
            continue;
        const struct finding_entry *entry = finding_entry((enum finding_code)code);
        const char *remedy = finding_remedy((enum finding_code)code, r->lang);
        buf_printf(out, "  %s %s: %" PRIu64 "\n", severity_text(entry->severity, r->lang), entry->code, r->findings_by_code[code]);
        int shown = 0;
        for (size_t k = 0; k < r->findings_n && shown < TEXT_EXAMPLES; k++)
            if (r->findings[k].code == (enum finding_code)code) {
                text_finding(&r->findings[k], r->lang, out);
                shown++;
            }
        if (r->findings_by_code[code] > (uint64_t)shown)
            buf_printf(out, es ? "      ... y %" PRIu64 " más (--format json los lista todos)\n" : "      ... and %" PRIu64 " more (--format json lists all)\n",
                       r->findings_by_code[code] - (uint64_t)shown);
        if (*remedy)
            buf_printf(out, "      -> %s\n", remedy);
    }
}

/* The words of the report; the figures stand in the same order in both. */
static const struct report_words {
    const char *dry_run, *nothing, *rows, *new_, *revised, *unchanged, *held, *held_means, *rejected, *repaired, *hectares, *profile, *findings;
} WORDS[] = {
    [FINDING_EN] = {"Dry run: nothing was written.\n", "Nothing new: the registry is as it was.\n", "rows", "new", "revised",
                    "unchanged", "held", "(kept whole, counted in no total, until someone decides)", "rejected", "repaired", "hectares", "profile", "Findings\n"},
    [FINDING_ES] = {"Ensayo: no se escribió nada.\n", "Nada nuevo: el registro queda como estaba.\n", "filas", "nuevas",
                    "revisadas", "sin cambio", "retenidas", "(guardadas enteras, en ningún total, hasta que alguien decida)", "rechazadas", "reparadas",
                    "hectáreas", "perfil", "Hallazgos\n"}};

static void text_count(const char *word, int64_t n, struct buf *out)
{
    /* hectáreas has a letter of two bytes */
    int width = 10 + (strstr(word, "\xC3") != NULL);
    buf_printf(out, "  %-*s %" PRId64, width, word, n);
}

void import_report_text(const struct import_report *r, struct buf *out)
{
    const struct store_import *i = &r->import;
    const struct report_words *w = &WORDS[r->lang];
    if (r->dry_run)
        buf_puts(out, w->dry_run);
    else if (i->id)
        buf_printf(out, r->lang == FINDING_ES ? "Importación %" PRId64 " registrada.\n" : "Import %" PRId64 " committed.\n", i->id);
    else
        buf_puts(out, w->nothing);
    const struct {
        const char *word;
        int64_t n;
    } counts[] = {{w->rows, i->rows}, {w->new_, i->new_n}, {w->revised, i->revised_n}, {w->unchanged, i->unchanged_n},
                  {w->held, i->held_n}, {w->rejected, i->rejected_n}, {w->repaired, i->repaired_n}};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        text_count(counts[k].word, counts[k].n, out);
        if (counts[k].word == w->held && counts[k].n)
            buf_printf(out, "  %s", w->held_means);
        buf_putc(out, '\n');
    }
    buf_printf(out, "  %-*s %+.4f\n", r->lang == FINDING_ES ? 11 : 10, w->hectares, (double)i->added_mm2 / MM2_PER_HA);
    if (r->profile)
        buf_printf(out, "  %-10s %s\n", w->profile, r->profile);
    if (r->dry_run && r->mapping_text)
        buf_puts(out, r->mapping_text);
    if (r->findings_total)
        buf_puts(out, w->findings);
    text_findings(r, out);
    buf_printf(out, r->lang == FINDING_ES ? "Tardó %.1f s.\n" : "Took %.1f s.\n", i->seconds);
}
