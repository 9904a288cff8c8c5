/* From the reader process to the pipe: frames, findings, and the counts of what many rows have. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "importers/curp.h"
#include "importers/import.h"
#include "importers/text.h"

enum { FLUSH_BYTES = 256 * 1024 };

enum status import_flush(struct import *im, struct error *e)
{
    if (im->out.failed)
        return error_memory(e);
    for (size_t at = 0; at < im->out.length;) {
        ssize_t n = write(im->out_fd, im->out.bytes + at, im->out.length - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(e, STATUS_IO, "reader_pipe", NULL,
                             "the pipe to the registry is closed");
        at += (size_t)n;
    }
    buf_reset(&im->out);
    return STATUS_OK;
}

enum status import_flush_some(struct import *im, struct error *e)
{
    return im->out.length < FLUSH_BYTES && !im->out.failed ? STATUS_OK : import_flush(im, e);
}

const char *import_masked(struct import *im, struct arena *a, const char *text)
{
    static const unsigned char no_key[CURP_KEY_BYTES];
    uint64_t found = 0;
    const char *masked =
        curp_masked(a, im->request->curp_key ? im->request->curp_key : no_key, text, &found);
    return masked ? masked : "";
}

enum status import_ask(struct import *im, const struct reader_probe *probe, int *epsg,
                       struct error *e)
{
    struct probe_answer answer = {0};
    size_t at = 0;
    *epsg = 0;
    frame_put_probe(&im->out, probe);
    enum status s = import_flush(im, e);
    while (s == STATUS_OK && at < sizeof answer) {
        ssize_t n = read(READER_ANSWER_FD, (char *)&answer + at, sizeof answer - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) /* nobody there to answer */
            return STATUS_OK;
        at += (size_t)n;
    }
    if (s != STATUS_OK)
        return s;
    *epsg = answer.epsg;
    if (answer.refusal.status != STATUS_OK)
        *e = answer.refusal;
    return answer.refusal.status;
}

static void __attribute__((format(printf, 4, 0)))
file_finding(struct import *im, enum finding_code code, struct lonlat place, const char *format,
             va_list args)
{
    char text[600];
    vsnprintf(text, sizeof text, format, args);
    struct finding f = {.code = code, .file = im->file_name, .place = place, .effect_m2 = NAN};
    f.message = text_clean(&im->row_arena, text, sizeof text);
    if (f.message)
        f.message = import_masked(im, &im->row_arena, f.message);
    if (f.message)
        frame_put_finding(&im->out, &f);
}

void import_file_finding(struct import *im, enum finding_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    file_finding(im, code, (struct lonlat){NAN, NAN}, format, args);
    va_end(args);
}

void import_spot_finding(struct import *im, enum finding_code code, struct lonlat place,
                         const char *format, ...)
{
    va_list args;
    va_start(args, format);
    file_finding(im, code, place, format, args);
    va_end(args);
}

void import_row_finding(struct import *im, enum finding_code code, struct lonlat place,
                        double effect_m2, const char *format, ...)
{
    char text[600];
    va_list args;
    if (im->row.findings_n == FRAME_FINDINGS_MAX)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bool known = isfinite(place.lon) && isfinite(place.lat) && fabs(place.lon) <= 180 &&
                 fabs(place.lat) <= 90;
    struct finding *f = &im->findings[im->row.findings_n];
    *f = (struct finding){.code = code,
                          .file = im->file_name,
                          .row = im->row.row,
                          .plot = im->row.code,
                          .place = known ? place : (struct lonlat){NAN, NAN},
                          .effect_m2 = fabs(effect_m2) <= 1e15 ? effect_m2 : NAN};
    f->message = text_clean(&im->row_arena, text, sizeof text);
    if (f->message)
        f->message = import_masked(im, &im->row_arena, f->message);
    if (f->message)
        im->row.findings_n++;
    im->row.findings = im->findings;
}

void tally_word(struct import *im, int kind, const char *word)
{
    struct tally *t = &im->tally;
    for (size_t i = 0; i < t->words_n[kind]; i++)
        if (strcmp(t->words[kind][i].text, word) == 0) {
            t->words[kind][i].n++;
            return;
        }
    if (t->words_n[kind] < WORDS_MAX) {
        char *copy = arena_strdup(&im->file_arena, word);
        if (copy)
            t->words[kind][t->words_n[kind]++] = (struct word_count){copy, 1, im->row.row};
    }
}

void tally_note(struct import *im, enum tally_notes note, const char *sample)
{
    struct tally_note *t = &im->tally.notes[note];
    if (t->n++ == 0) {
        t->row = im->row.row;
        t->sample = arena_strndup(&im->file_arena, sample, strnlen(sample, 80));
    }
}

static void report_notes(struct import *im)
{
    static const struct {
        enum finding_code code;
        const char *format;
    } notes[TALLY_NOTES_N] = {
        [NOTE_DATE_AMBIGUOUS] = {FINDING_DATE_AMBIGUOUS,
                                 "%llu dates were read with the day first, for example '%s' in row "
                                 "%llu; nothing says whether day or month stands first"},
        [NOTE_DATE_SERIAL] = {FINDING_DATE_SERIAL,
                              "%llu dates were serial numbers of a spreadsheet, for example '%s' "
                              "in row %llu"},
        [NOTE_NUMBER_AMBIGUOUS] = {FINDING_NUMBER_AMBIGUOUS,
                                   "%llu numbers were read with a decimal sign, for example '%s' "
                                   "in row %llu; the sign may separate thousands"},
        [NOTE_ZERO_RESTORED] = {FINDING_KEY_ZERO_RESTORED,
                                "%llu keys got their leading zero back, for example '%s' in row "
                                "%llu"},
        [NOTE_CURP_MASKED] = {FINDING_CURP_MASKED,
                              "%llu values hold a CURP, the first in column '%s', row %llu"},
    };
    for (int i = 0; i < TALLY_NOTES_N; i++) {
        const struct tally_note *t = &im->tally.notes[i];
        if (!t->n)
            continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        import_file_finding(im, notes[i].code, notes[i].format, (unsigned long long)t->n,
                            t->sample ? t->sample : "", (unsigned long long)t->row);
#pragma GCC diagnostic pop
    }
}

void tally_report(struct import *im)
{
    report_notes(im);
    const struct tally *t = &im->tally;
    typedef unsigned long long ull;
    for (int kind = 0; kind < 2; kind++)
        for (size_t i = 0; i < t->words_n[kind]; i++)
            import_file_finding(
                im, kind ? FINDING_UNKNOWN_PRACTICE : FINDING_UNKNOWN_CROP,
                "'%.80s' is not in the list of %s; %llu rows have it, the first is row %llu",
                t->words[kind][i].text, kind ? "practices" : "crops", (ull)t->words[kind][i].n,
                (ull)t->words[kind][i].row);
    if (t->guessed_n)
        import_file_finding(im, FINDING_ENCODING_GUESSED,
                            "%llu values were taken as %s, for example '%.80s' in row %llu",
                            (ull)t->guessed_n, t->guessed_as, t->guessed_sample,
                            (ull)t->guessed_row);
    if (t->z_dropped)
        import_file_finding(im, FINDING_Z_DROPPED, "%llu rows have heights or measures",
                            (ull)t->z_dropped);
    if (t->repeated_vertices)
        import_file_finding(im, FINDING_REPEATED_VERTICES,
                            "%llu rows have repeated vertices, the first is row %llu",
                            (ull)t->repeated_vertices, (ull)t->first_repeated_row);
    shape_notes_report(im);
    if (t->deleted_rows)
        import_file_finding(im, FINDING_ROWS_DELETED, "%llu rows are marked as deleted",
                            (ull)t->deleted_rows);
}
