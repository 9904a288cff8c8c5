/* Pairs of plots as text: findings of an import, and the answers of `parcela overlaps`. See overlaps.h. */
#include "service/registry/overlaps.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/area.h"

enum { CROWDS_TOLD_MAX = 100, CROWD_NAMES = 5 };

static double share_pct(const struct overlap_pair *pair, int i)
{
    return pair->plots[i].area_mm2 ? 100.0 * (double)pair->shared_mm2 / (double)pair->plots[i].area_mm2 : 0;
}

static double shared_ha(const struct overlap_pair *pair)
{
    return (double)pair->shared_mm2 / MM2_PER_HA;
}

/* ---- findings ---- */

/* Which of the two the finding is about: the one that this import brought, the first when it brought both. */
static int subject_of(const struct overlaps *o, const struct overlap_pair *pair)
{
    return pair->plots[0].revision_id >= o->from_revision ? 0 : 1;
}

static enum status say_pair(struct overlaps *o, const struct overlap_pair *pair, void (*say)(const struct finding *, void *), void *say_arg,
                            struct error *e)
{
    int own = subject_of(o, pair), other = 1 - own;
    const struct store_brief *p = &pair->plots[own], *with = &pair->plots[other];
    const char *message = arena_printf(&o->arena, "shares %.4f ha with plot %s of programme %s: %.1f %% of this plot, %.1f %% of that one (%s)", shared_ha(pair),
                                       with->code ? with->code : "without code", with->programme && *with->programme ? with->programme : "none",
                                       share_pct(pair, own), share_pct(pair, other), overlap_class_name(pair->class));
    if (!message)
        return error_memory(e);
    struct finding f = {.code = pair->class == OVERLAP_CLAIMED_TWICE ? FINDING_CLAIMED_TWICE : pair->class == OVERLAP_PARTIAL ? FINDING_OVERLAP_PARTIAL : FINDING_DUPLICATE_BOUNDARY,
                        .file = p->file, .row = p->row, .plot = p->code, .place = pair->place, .message = message, .effect_m2 = NAN};
    say(&f, say_arg);
    return STATUS_OK;
}

/* The coarse faces of one owner: names the owner and the first of its neighbours. `n` members, in pairs. */
static enum status say_crowd(struct overlaps *o, struct store *s, const int64_t *members, size_t n, void (*say)(const struct finding *, void *),
                             void *say_arg, struct error *e)
{
    struct store_brief owner, other;
    struct boundary boundary;
    struct buf names;
    buf_init(&names, 0);
    enum status status = store_brief(s, members[0], &o->arena, &owner, e);
    if (status == STATUS_OK)
        status = store_boundary(s, members[0], &o->arena, &boundary, e);
    for (size_t i = 1; status == STATUS_OK && i < n && i / 2 < CROWD_NAMES; i += 2) {
        status = store_brief(s, members[i], &o->arena, &other, e);
        if (status == STATUS_OK)
            buf_printf(&names, "%s%s", i > 1 ? ", " : "", other.code ? other.code : "without code");
    }
    if (status == STATUS_OK) {
        const char *message = arena_printf(&o->arena, "%zu other plots lie on its ground: %s%s", n / 2, names.bytes, n / 2 > CROWD_NAMES ? ", ..." : "");
        struct finding f = {.code = FINDING_TOO_MANY_OVERLAPS, .file = owner.file, .row = owner.row, .plot = owner.code,
                            .place = boundary_anchor(&boundary), .message = message, .effect_m2 = NAN};
        if (message && !names.failed)
            say(&f, say_arg);
        else
            status = error_memory(e);
    }
    buf_clear(&names);
    return status;
}

static enum status say_crowds(struct overlaps *o, struct store *s, void (*say)(const struct finding *, void *), void *say_arg, struct error *e)
{
    enum status status = STATUS_OK;
    int told = 0;
    for (size_t from = 0, to; status == STATUS_OK && from < o->coarse_n && told < CROWDS_TOLD_MAX; from = to, told++) {
        for (to = from; to < o->coarse_n && o->coarse[to] == o->coarse[from];)
            to += 2;
        status = say_crowd(o, s, o->coarse + from, to - from, say, say_arg, e);
    }
    return status;
}

enum status overlaps_say(struct overlaps *o, struct store *s, void (*say)(const struct finding *, void *), void *say_arg, struct error *e)
{
    enum status status = say_crowds(o, s, say, say_arg, e);
    size_t told = o->n < OVERLAP_FINDINGS_MAX ? o->n : OVERLAP_FINDINGS_MAX, more = o->n - told + o->untold;
    for (size_t i = 0; status == STATUS_OK && i < told; i++)
        status = say_pair(o, &o->pairs[i], say, say_arg, e);
    if (status == STATUS_OK && (more || o->incomplete)) {
        struct finding f = {.code = FINDING_OVERLAPS_MORE, .file = "", .place = {NAN, NAN}, .effect_m2 = NAN,
                            .message = arena_printf(&o->arena, "%zu pairs are told, %zu%s are not", told, more, o->incomplete ? " or more" : "")};
        say(&f, say_arg);
    }
    return status;
}

/* ---- answers ---- */

static void plot_json(const struct overlap_pair *pair, int i, struct buf *out)
{
    buf_json_comma(out);
    buf_putc(out, '{');
    buf_json_key(out, "code");
    buf_json_string(out, pair->plots[i].code);
    buf_json_key(out, "programme");
    buf_json_string(out, pair->plots[i].programme);
    buf_json_key(out, "plot_id");
    buf_int(out, pair->plots[i].plot_id);
    buf_json_key(out, "hectares");
    buf_fixed(out, pair->plots[i].area_mm2, 10, true);
    buf_json_key(out, "share_pct");
    buf_double(out, share_pct(pair, i), 4);
    buf_putc(out, '}');
}

void overlaps_json(const struct overlaps *o, struct buf *out)
{
    buf_puts(out, "{\"pairs_total\":");
    buf_int(out, (int64_t)o->n);
    buf_json_key(out, "complete");
    buf_puts(out, o->incomplete ? "false" : "true");
    buf_json_key(out, "pairs");
    buf_putc(out, '[');
    for (size_t i = 0; i < o->n; i++) {
        const struct overlap_pair *pair = &o->pairs[i];
        buf_puts(out, i ? ",\n{" : "\n{");
        buf_json_key(out, "class");
        buf_json_string(out, overlap_class_name(pair->class));
        buf_json_key(out, "hectares");
        buf_fixed(out, pair->shared_mm2, 10, true);
        buf_json_key(out, "iou");
        buf_double(out, pair->iou, 6);
        buf_json_key(out, "lon");
        buf_double(out, pair->place.lon, 7);
        buf_json_key(out, "lat");
        buf_double(out, pair->place.lat, 7);
        buf_json_key(out, "plots");
        buf_putc(out, '[');
        plot_json(pair, 0, out);
        plot_json(pair, 1, out);
        buf_puts(out, "]}");
    }
    buf_puts(out, "]}\n");
}

/* Quoted when needed; a cell that a spreadsheet would run as a formula gets an apostrophe. */
static void csv_text(struct buf *out, const char *text)
{
    text = text ? text : "";
    const char *guard = *text && strchr("=+-@\t\r", *text) ? "'" : "";
    if (!strpbrk(text, ",\"\r\n")) {
        buf_printf(out, "%s%s", guard, text);
        return;
    }
    buf_printf(out, "\"%s", guard);
    for (; *text; text++) {
        if (*text == '"')
            buf_putc(out, '"');
        buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

void overlaps_csv(const struct overlaps *o, struct buf *out)
{
    buf_puts(out, "class,hectares,iou,programme_1,code_1,hectares_1,share_pct_1,programme_2,code_2,hectares_2,share_pct_2,lon,lat\r\n");
    for (size_t i = 0; i < o->n; i++) {
        const struct overlap_pair *pair = &o->pairs[i];
        buf_printf(out, "%s,", overlap_class_name(pair->class));
        buf_fixed(out, pair->shared_mm2, 10, true);
        buf_putc(out, ',');
        buf_double(out, pair->iou, 6);
        for (int k = 0; k < 2; k++) {
            buf_putc(out, ',');
            csv_text(out, pair->plots[k].programme);
            buf_putc(out, ',');
            csv_text(out, pair->plots[k].code);
            buf_putc(out, ',');
            buf_fixed(out, pair->plots[k].area_mm2, 10, true);
            buf_putc(out, ',');
            buf_double(out, share_pct(pair, k), 4);
        }
        if (isfinite(pair->place.lon))
            buf_printf(out, ",%.7f,%.7f\r\n", pair->place.lon, pair->place.lat);
        else
            buf_puts(out, ",,\r\n");
    }
}

void overlaps_table(const struct overlaps *o, struct buf *out)
{
    int64_t by_class[OVERLAP_CLASSES_N] = {0}, mm2[OVERLAP_CLASSES_N] = {0};
    if (o->n)
        buf_printf(out, "%-13s %11s %6s  %6s %-32s %6s %-32s %s\n", "class", "hectares", "IoU", "%", "plot", "%", "plot", "longitude latitude");
    for (size_t i = 0; i < o->n; i++) {
        const struct overlap_pair *pair = &o->pairs[i];
        char names[2][160];
        for (int k = 0; k < 2; k++)
            snprintf(names[k], sizeof names[k], "%s %s", pair->plots[k].programme ? pair->plots[k].programme : "", pair->plots[k].code ? pair->plots[k].code : "-");
        buf_printf(out, "%-13s %11.4f %6.3f  %6.2f %-32s %6.2f %-32s %.6f %.6f\n", overlap_class_name(pair->class), shared_ha(pair), pair->iou,
                   share_pct(pair, 0), names[0], share_pct(pair, 1), names[1], pair->place.lon, pair->place.lat);
        by_class[pair->class]++;
        mm2[pair->class] += pair->shared_mm2;
    }
    buf_printf(out, "%zu pairs\n", o->n);
    for (int c = 0; c < OVERLAP_CLASSES_N; c++)
        if (by_class[c])
            buf_printf(out, "  %-13s %8" PRId64 " pairs %14.4f ha\n", overlap_class_name((enum overlap_class)c), by_class[c], (double)mm2[c] / MM2_PER_HA);
    if (o->incomplete)
        buf_puts(out, "There are more: a maximum was passed.\n");
}
