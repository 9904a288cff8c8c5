/* Reader events as text; see dump.h. Numbers are printed so that they are the same on every
 * machine. */
#include "tests/golden/dump.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "geo/area.h"

static void dump_text(FILE *out, const char *name, const char *value)
{
    if (value)
        fprintf(out, "  %s: %s\n", name, value);
}

static void dump_finding(FILE *out, const char *indent, const struct finding *f)
{
    fprintf(out, "%s%s %s: %s", indent, finding_severity_name(finding_entry(f->code)->severity),
            finding_entry(f->code)->code, f->message);
    if (!isnan(f->place.lon))
        fprintf(out, " @ %.6f %.6f", f->place.lon, f->place.lat);
    if (!isnan(f->effect_m2))
        fprintf(out, " effect %.2f m2", f->effect_m2);
    fprintf(out, "\n");
}

static void dump_boundary(FILE *out, const char *name, const struct boundary *b)
{
    if (!b->points_n)
        return;
    fprintf(out, "  %s: %u parts, %u rings, %u points, %.2f m2\n", name, b->parts_n, b->rings_n,
            b->points_n, area_boundary_m2(b));
    if (b->points_n > 12)
        return;
    for (uint32_t r = 0; r < b->rings_n; r++) {
        fprintf(out, "   ");
        for (uint32_t i = boundary_ring_start(b, r); i < b->ring_end[r]; i++)
            fprintf(out, " %.7f %.7f%s", b->points[i].lon, b->points[i].lat,
                    i + 1 < b->ring_end[r] ? "," : "");
        fprintf(out, "\n");
    }
}

static void dump_list(FILE *out, const char *name, const char *const *list, int n)
{
    if (n == 0)
        return;
    fprintf(out, "  %s:", name);
    for (int i = 0; i < n; i++)
        fprintf(out, "%s %s", i ? "," : "", list[i]);
    fprintf(out, "\n");
}

static void dump_candidate(FILE *out, const struct candidate *c)
{
    static const char *const outcomes[] = {"ready", "held", "rejected"};
    static const char *const surveys[] = {"imported", "walked", "digitised", "cadastral"};
    fprintf(out, "row %" PRIu64 " %s%s\n", c->row, outcomes[c->outcome],
            c->repaired ? " repaired" : "");
    dump_text(out, "code", c->code);
    dump_text(out, "name", c->name);
    dump_text(out, "programme", c->programme);
    dump_text(out, "organisation", c->organisation);
    dump_text(out, "producer_code", c->producer_code);
    dump_text(out, "producer_name", c->producer_name);
    if (c->producer_gender)
        fprintf(out, "  gender: %c\n", c->producer_gender);
    if (c->producer_birth_year)
        fprintf(out, "  birth_year: %d\n", c->producer_birth_year);
    dump_list(out, "crops", c->crops, c->crops_n);
    dump_list(out, "practices", c->practices, c->practices_n);
    if (c->adoption_year)
        fprintf(out, "  adoption_year: %d\n", c->adoption_year);
    dump_text(out, "date", c->observed_date);
    if (c->survey)
        dump_text(out, "survey", surveys[c->survey]);
    if (!isnan(c->declared_ha))
        fprintf(out, "  declared_ha: %.4f\n", c->declared_ha);
    if (!isnan(c->accuracy_m))
        fprintf(out, "  accuracy_m: %.2f\n", c->accuracy_m);
    for (size_t i = 0; i < c->attributes_n; i++)
        fprintf(out, "  [%s] %s\n", c->attributes[i].name,
                c->attributes[i].value ? c->attributes[i].value : "(null)");
    dump_boundary(out, "boundary", &c->boundary);
    dump_boundary(out, "alternative", &c->alternative);
    if (c->source_wkb)
        fprintf(out, "  source: EPSG:%d, %zu bytes of WKB\n", c->source_epsg, c->source_wkb_n);
    for (size_t i = 0; i < c->findings_n; i++)
        dump_finding(out, "  ", &c->findings[i]);
}

static void dump_source(FILE *out, const struct reader_source *s)
{
    fprintf(out, "source %s (%s), EPSG:%d %s, %s, %" PRId64 " rows announced\n", s->layer,
            s->format, s->epsg, s->crs_name ? s->crs_name : "-", s->encoding ? s->encoding : "-",
            s->rows_announced);
    for (size_t i = 0; i < s->mapped_n; i++)
        fprintf(out, "  %s = %s\n", s->mapped[i].field, s->mapped[i].column);
}

static void dump_event(FILE *out, const struct reader_event *event)
{
    switch (event->kind) {
    case READER_SOURCE:
        dump_source(out, &event->source);
        break;
    case READER_CANDIDATE:
        dump_candidate(out, &event->candidate);
        break;
    case READER_FINDING:
        fprintf(out, "file %s: ", event->finding.file ? event->finding.file : "-");
        dump_finding(out, "", &event->finding);
        break;
    case READER_OPENING:
    case READER_PROBE:
        fprintf(out, "probe %s, EPSG:%d, %s, %zu rows\n", event->probe.layer, event->probe.declared,
                event->probe.degrees ? "degrees" : "not degrees", event->probe.rows_n);
        break;
    case READER_DIGEST: /* says nothing that a person could check */
        break;
    case READER_DONE:
        fprintf(out, "done, %" PRIu64 " rows\n", event->rows_n);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static enum status run(const struct reader_request *request, FILE *out, struct dump_counts *counts,
                       struct error *e)
{
    struct reader *r = NULL;
    struct arena a;
    struct reader_event event;
    double started = now();
    *counts = (struct dump_counts){0};
    area_init();
    arena_init(&a, 0);
    enum status s = reader_start(request, &r, e);
    while (s == STATUS_OK) {
        arena_reset(&a);
        s = reader_next(r, &a, &event, e);
        if (s != STATUS_OK)
            break;
        if (out)
            dump_event(out, &event);
        if (event.kind == READER_CANDIDATE) {
            counts->rows++;
            counts->outcomes[event.candidate.outcome]++;
            counts->repaired += event.candidate.repaired;
            for (size_t i = 0; i < event.candidate.findings_n; i++)
                counts->findings[event.candidate.findings[i].code]++;
        } else if (event.kind == READER_FINDING) {
            counts->findings[event.finding.code]++;
        } else if (event.kind == READER_DONE) {
            break;
        }
    }
    reader_stop(r);
    arena_clear(&a);
    counts->seconds = now() - started;
    return s;
}

enum status count_request(const struct reader_request *request, struct dump_counts *out,
                          struct error *e)
{
    return run(request, NULL, out, e);
}

enum status dump_request(const struct reader_request *request, FILE *out, enum dump_detail detail)
{
    struct dump_counts c;
    struct error e = {0};
    enum status s = run(request, detail == DUMP_ALL ? out : NULL, &c, &e);
    if (detail == DUMP_COUNTS) {
        fprintf(out,
                "rows %" PRIu64 ": ready %" PRIu64 " (repaired %" PRIu64 "), held %" PRIu64
                ", rejected %" PRIu64 "; %.2f s\n",
                c.rows, c.outcomes[0], c.repaired, c.outcomes[1], c.outcomes[2], c.seconds);
        for (int i = 0; i < FINDING_CODES_N; i++)
            if (c.findings[i])
                fprintf(out, "  %s %" PRIu64 "\n", finding_entry((enum finding_code)i)->code,
                        c.findings[i]);
    }
    if (s != STATUS_OK)
        fprintf(out, "error %s: %s%s%s%s\n", e.code, e.message, *e.remedy ? " (" : "", e.remedy,
                *e.remedy ? ")" : "");
    return s;
}
