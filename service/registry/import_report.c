/* What an import says: JSON for programs, text for people. */
#include "service/registry/import.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/area.h"

void finding_json(const struct finding *f, struct buf *out)
{
    const struct finding_entry *entry = finding_entry(f->code);
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
    buf_json_string(out, f->message ? f->message : entry->text_en);
    buf_json_key(out, "remedy");
    buf_json_string(out, entry->remedy_en);
    if (isfinite(f->effect_m2)) {
        buf_json_key(out, "effect_m2");
        buf_double(out, f->effect_m2, 3);
    }
    buf_putc(out, '}');
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
    case FINDING_VALUE_UNREADABLE:
        first = f->message ? strchr(f->message, '\'') : NULL;
        last = first ? strrchr(f->message, '\'') : NULL;
        if (last > first) {
            snprintf(text, 512, "%.*s\u2026%s", (int)(first + 1 - f->message), f->message, last);
            out.message = text;
        }
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

void import_report_json(const struct import_report *r, struct buf *out)
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
    key_int(out, "findings_total", (int64_t)r->findings_total);
    buf_json_key(out, "findings");
    buf_putc(out, '[');
    for (size_t k = 0; k < r->findings_n; k++) {
        buf_json_comma(out);
        finding_json(&r->findings[k], out);
    }
    buf_putc(out, ']');
    buf_json_key(out, "seconds");
    buf_double(out, i->seconds, 3);
    buf_puts(out, "}\n");
}

enum { TEXT_EXAMPLES = 3 };

static void text_finding(const struct finding *f, struct buf *out)
{
    const struct finding_entry *entry = finding_entry(f->code);
    buf_printf(out, "      %s", f->file ? f->file : "");
    if (f->row)
        buf_printf(out, " row %" PRIu64, f->row);
    if (f->plot)
        buf_printf(out, ", plot %s", f->plot);
    if (isfinite(f->place.lon))
        buf_printf(out, ", at %.6f %.6f", f->place.lon, f->place.lat);
    buf_printf(out, ": %s\n", f->message ? f->message : entry->text_en);
}

static void text_findings(const struct import_report *r, struct buf *out)
{
    for (int code = 0; code < FINDING_CODES_N; code++) {
        if (!r->findings_by_code[code])
            continue;
        const struct finding_entry *entry = finding_entry((enum finding_code)code);
        buf_printf(out, "  %s %s: %" PRIu64 "\n", finding_severity_name(entry->severity), entry->code, r->findings_by_code[code]);
        int shown = 0;
        for (size_t k = 0; k < r->findings_n && shown < TEXT_EXAMPLES; k++)
            if (r->findings[k].code == (enum finding_code)code) {
                text_finding(&r->findings[k], out);
                shown++;
            }
        if (r->findings_by_code[code] > (uint64_t)shown)
            buf_printf(out, "      ... and %" PRIu64 " more (--format json lists all)\n", r->findings_by_code[code] - (uint64_t)shown);
        if (*entry->remedy_en)
            buf_printf(out, "      -> %s\n", entry->remedy_en);
    }
}

void import_report_text(const struct import_report *r, struct buf *out)
{
    const struct store_import *i = &r->import;
    if (r->dry_run)
        buf_puts(out, "Dry run: nothing was written.\n");
    else if (i->id)
        buf_printf(out, "Import %" PRId64 " committed.\n", i->id);
    else
        buf_puts(out, "Nothing new: the registry is as it was.\n");
    buf_printf(out, "  rows       %" PRId64 "\n", i->rows);
    buf_printf(out, "  new        %" PRId64 "\n  revised    %" PRId64 "\n  unchanged  %" PRId64 "\n", i->new_n, i->revised_n, i->unchanged_n);
    buf_printf(out, "  held       %" PRId64 "%s\n", i->held_n, i->held_n ? "  (kept whole, counted in no total, until someone decides)" : "");
    buf_printf(out, "  rejected   %" PRId64 "\n  repaired   %" PRId64 "\n", i->rejected_n, i->repaired_n);
    buf_printf(out, "  hectares   %+.4f\n", (double)i->added_mm2 / MM2_PER_HA);
    if (r->findings_total)
        buf_puts(out, "Findings\n");
    text_findings(r, out);
    buf_printf(out, "Took %.1f s.\n", i->seconds);
}
