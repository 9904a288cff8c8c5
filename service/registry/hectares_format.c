/* Hectares as JSON, CSV and a table for people. Every figure is made from whole mm2: JSON and CSV print them exactly (10 decimals of
 * a hectare), so they add up both ways. The table rounds to 0.0001 ha so that the groups' printed figures still add up to the
 * total's, and what is printed inside corridors never exceeds the hectares beside it (controlled rounding, Cox 1987). */
#include "service/registry/hectares.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/area.h"
#include "geo/uncertainty.h"

enum { MM2_PER_PRINTED = 1000000, PRINTED_DECIMALS = 4 }; /* 1e-4 ha = 1e6 mm2 */

/* ---- JSON ---- */

static void key_ha(struct buf *out, const char *key, int64_t mm2)
{
    buf_json_key(out, key);
    buf_fixed(out, mm2, 10, true);
}

static void key_int(struct buf *out, const char *key, int64_t value)
{
    buf_json_key(out, key);
    buf_int(out, value);
}

/* NAME_se and NAME_ci95; null where it is not known. */
static void error_json(const char *name, int64_t mm2, double se, struct buf *out)
{
    struct uncertainty_interval sure = uncertainty_interval95((double)mm2 / MM2_PER_HA, se);
    buf_json_comma(out);
    buf_printf(out, "\"%s_se\":", name);
    buf_double(out, se, 8);
    buf_printf(out, ",\"%s_ci95\":", name);
    if (isnan(se)) {
        buf_puts(out, "null");
        return;
    }
    buf_putc(out, '[');
    buf_double(out, sure.low, 8);
    buf_putc(out, ',');
    buf_double(out, sure.high, 8);
    buf_putc(out, ']');
}

/* What the slope classes hold in expectation under the elevation model's stated error; null where none is stated. */
static void expected_json(const struct hectares *h, const struct hectares_figures *f, struct buf *out)
{
    if (hectares_has_expected(h))
        key_ha(out, "hectares_expected", hectares_expected_mm2(f));
    buf_json_key(out, "slope_class_expected_hectares");
    if (!h->expected_known) {
        buf_puts(out, "null");
        return;
    }
    buf_putc(out, '{');
    for (int c = 0; c < h->classes.classes_n; c++)
        key_ha(out, h->classes.classes[c].code, f->expected_mm2[c]);
    key_ha(out, "no_data", f->expected_mm2[SLOPE_CLASSES_MAX]);
    buf_putc(out, '}');
}

static void figures_json(const struct hectares *h, const struct hectares_figures *f, struct buf *out)
{
    if (f->suppressed) {
        buf_json_key(out, "suppressed");
        buf_puts(out, "true");
        return;
    }
    key_int(out, "plots", f->plots);
    key_int(out, "producers", f->producers);
    key_int(out, "women", f->women);
    key_int(out, "point_plots", f->points);
    key_ha(out, "point_hectares_declared", f->declared_mm2);
    key_ha(out, "hectares", f->sum_mm2);
    error_json("hectares", f->sum_mm2, hectares_se_ha(f), out);
    key_ha(out, "hectares_distinct", f->sum_mm2 - f->double_mm2);
    error_json("hectares_distinct", f->sum_mm2 - f->double_mm2, hectares_distinct_se_ha(f), out);
    key_ha(out, "hectares_double_counted", f->double_mm2);
    key_ha(out, "corridor_hectares", f->corridor_mm2);
    error_json("corridor_hectares", f->corridor_mm2, hectares_corridor_se_ha(f), out);
    key_ha(out, "corridor_hectares_distinct", f->corridor_mm2 - f->corridor_double_mm2);
    key_ha(out, "corridor_edge_hectares", f->edge_mm2);
    buf_json_key(out, "corridor_share");
    buf_double(out, f->sum_mm2 ? (double)f->corridor_mm2 / (double)f->sum_mm2 : 0, 9);
    buf_json_key(out, "slope_class_hectares");
    buf_putc(out, '{');
    for (int c = 0; c < h->classes.classes_n; c++)
        key_ha(out, h->classes.classes[c].code, f->class_mm2[c]);
    key_ha(out, "no_data", f->class_mm2[SLOPE_CLASSES_MAX]);
    buf_putc(out, '}');
    expected_json(h, f, out);
}

bool hectares_has_name(const struct hectares *h, int dimension)
{
    static const char *const unnamed[] = {"crop", "practice", "year", "survey", "corridor", "status"};
    for (size_t i = 0; i < sizeof unnamed / sizeof *unnamed; i++)
        if (strcmp(h->query.by[dimension], unnamed[i]) == 0)
            return false;
    return true;
}

static void group_json(const struct hectares *h, const struct hectares_group *g, struct buf *out)
{
    buf_json_comma(out);
    buf_putc(out, '{');
    for (int i = 0; i < h->query.by_n; i++) {
        buf_json_key(out, h->query.by[i]);
        buf_json_string(out, g->key[i]);
        if (!hectares_has_name(h, i))
            continue;
        buf_json_comma(out);
        buf_printf(out, "\"%s_name\":", h->query.by[i]);
        buf_json_string(out, g->name[i]);
    }
    figures_json(h, &g->figures, out);
    buf_putc(out, '}');
}

void hectares_json(const struct hectares *h, struct buf *out)
{
    buf_putc(out, '{');
    buf_json_key(out, "by");
    buf_putc(out, '[');
    for (int i = 0; i < h->query.by_n; i++) {
        buf_json_comma(out);
        buf_json_string(out, h->query.by[i]);
    }
    buf_putc(out, ']');
    buf_json_key(out, "programmes");
    buf_putc(out, '[');
    for (size_t i = 0; i < h->query.programmes_n; i++) {
        buf_json_comma(out);
        buf_json_string(out, h->query.programmes[i]);
    }
    buf_putc(out, ']');
    if (h->query.where) {
        buf_json_key(out, "where");
        buf_json_string(out, h->query.where);
    }
    if (h->query.as_of) {
        buf_json_key(out, "as_of");
        buf_json_string(out, h->query.as_of);
        key_int(out, "as_of_change", h->as_of_change > 0 ? h->as_of_change : 0);
    }
    struct buf command;
    buf_init(&command, 0);
    hectares_command(h, &command);
    buf_json_key(out, "ask_again");
    buf_json_string(out, command.bytes);
    out->failed = out->failed || command.failed;
    buf_clear(&command);
    buf_json_key(out, "unit");
    buf_json_string(out, "hectare (10,000 m2) on the WGS84 ellipsoid");
    buf_json_key(out, "groups");
    buf_putc(out, '[');
    for (size_t i = 0; i < h->groups_n; i++)
        group_json(h, &h->groups[i], out);
    buf_putc(out, ']');
    buf_json_key(out, "total");
    buf_putc(out, '{');
    figures_json(h, &h->total, out);
    buf_putc(out, '}');
    buf_json_key(out, "method");
    buf_puts(out, h->method_json);
    buf_puts(out, "}\n");
}

/* ---- printed digits that add up ---- */

/* The table rounds what lies inside corridors, what lies outside, and what is counted twice; hectares are inside + outside and
 * distinct is hectares - twice, so that rows and columns both add up in the printed digits. */
enum cell { CELL_INSIDE, CELL_OUTSIDE, CELL_TWICE, CELL_EXPECTED, CELLS_N };

static int64_t cell_mm2(const struct hectares_figures *f, int cell)
{
    return cell == CELL_INSIDE    ? f->corridor_mm2
           : cell == CELL_OUTSIDE ? f->sum_mm2 - f->corridor_mm2
           : cell == CELL_TWICE   ? f->double_mm2
                                  : hectares_expected_mm2(f);
}

struct remainder {
    int64_t rest;
    size_t group;
};

static int compare_remainder(const void *a, const void *b)
{
    const struct remainder *x = a, *y = b;
    if (x->rest != y->rest)
        return x->rest > y->rest ? -1 : 1;
    return (x->group > y->group) - (x->group < y->group);
}

static int64_t rounded(int64_t mm2)
{
    return (mm2 + MM2_PER_PRINTED / 2) / MM2_PER_PRINTED;
}

/* Rounds one cell of all groups so that they add up to `total` printed units (largest remainder), where the groups' exact figures add
 * up to the exact total; they do not for double-counted ground and suppressed groups: then each is rounded by itself. */
static void round_cells(const struct hectares *h, int cell, int64_t total, int64_t *printed, struct remainder *rest)
{
    int64_t sum = 0, floor_sum = 0;
    for (size_t i = 0; i < h->groups_n; i++) {
        int64_t mm2 = cell_mm2(&h->groups[i].figures, cell);
        sum += mm2;
        printed[i] = mm2 / MM2_PER_PRINTED;
        floor_sum += printed[i];
        rest[i] = (struct remainder){mm2 % MM2_PER_PRINTED, i};
    }
    printed[h->groups_n] = total;
    if (sum != cell_mm2(&h->total, cell)) {
        for (size_t i = 0; i < h->groups_n; i++)
            printed[i] += rest[i].rest * 2 >= MM2_PER_PRINTED;
        return;
    }
    qsort(rest, h->groups_n, sizeof *rest, compare_remainder);
    for (size_t i = 0; floor_sum + (int64_t)i < total && i < h->groups_n; i++)
        printed[rest[i].group]++;
}

/* printed[cell * (groups_n + 1) + group]; the total is the last group. NULL = no memory. */
static int64_t *round_all(const struct hectares *h)
{
    size_t rows = h->groups_n + 1;
    int64_t *printed = calloc(CELLS_N * rows, sizeof *printed);
    struct remainder *rest = calloc(rows, sizeof *rest);
    int64_t inside = rounded(h->total.corridor_mm2);
    const int64_t totals[CELLS_N] = {inside, rounded(h->total.sum_mm2) - inside, rounded(h->total.double_mm2),
                                      rounded(hectares_expected_mm2(&h->total))};
    for (int cell = 0; printed && rest && cell < CELLS_N; cell++)
        round_cells(h, cell, totals[cell], printed + (size_t)cell * rows, rest);
    if (!rest) {
        free(printed);
        printed = NULL;
    }
    free(rest);
    return printed;
}

/* ---- CSV ---- */

/* Quoted when needed; a leading = + - @ is defused, because spreadsheets run it. */
static void csv_text(struct buf *out, const char *text)
{
    if (!text)
        return;
    bool formula = strchr("=+-@\t\r", text[0]) && text[0];
    if (!formula && !strpbrk(text, ",\"\r\n")) {
        buf_puts(out, text);
        return;
    }
    buf_putc(out, '"');
    if (formula)
        buf_putc(out, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            buf_putc(out, '"');
        buf_putc(out, *p);
    }
    buf_putc(out, '"');
}

static void csv_header(const struct hectares *h, struct buf *out)
{
    for (int i = 0; i < h->query.by_n; i++) {
        buf_printf(out, "%s,", h->query.by[i]);
        if (hectares_has_name(h, i))
            buf_printf(out, "%s_name,", h->query.by[i]);
    }
    buf_puts(out, "plots,producers,women,hectares,hectares_distinct,hectares_double_counted,corridor_hectares,corridor_share");
    for (int c = 0; c < h->classes.classes_n; c++)
        buf_printf(out, ",slope_%s_hectares", h->classes.classes[c].code);
    buf_puts(out, ",slope_no_data_hectares,hectares_se,hectares_distinct_se,corridor_hectares_se,corridor_edge_hectares,point_plots,point_hectares_declared");
    for (int c = 0; h->expected_known && c < h->classes.classes_n; c++)
        buf_printf(out, ",slope_%s_expected_hectares", h->classes.classes[c].code);
    if (hectares_has_expected(h))
        buf_puts(out, ",hectares_expected");
    buf_puts(out, ",slope_table,terrain\r\n");
}

static void csv_ha(struct buf *out, int64_t mm2)
{
    buf_putc(out, ',');
    buf_fixed(out, mm2, 10, true);
}

static void csv_figures(const struct hectares *h, const struct hectares_figures *f, struct buf *out)
{
    if (f->suppressed) {
        buf_puts(out, "suppressed\r\n");
        return;
    }
    buf_int(out, f->plots);
    buf_putc(out, ',');
    buf_int(out, f->producers);
    buf_putc(out, ',');
    buf_int(out, f->women);
    csv_ha(out, f->sum_mm2);
    csv_ha(out, f->sum_mm2 - f->double_mm2);
    csv_ha(out, f->double_mm2);
    csv_ha(out, f->corridor_mm2);
    buf_putc(out, ',');
    buf_double(out, f->sum_mm2 ? (double)f->corridor_mm2 / (double)f->sum_mm2 : 0, 9);
    for (int c = 0; c < h->classes.classes_n; c++)
        csv_ha(out, f->class_mm2[c]);
    csv_ha(out, f->class_mm2[SLOPE_CLASSES_MAX]);
    const double errors[] = {hectares_se_ha(f), hectares_distinct_se_ha(f), hectares_corridor_se_ha(f)};
    for (int i = 0; i < 3; i++) {
        buf_putc(out, ',');
        if (!isnan(errors[i]))
            buf_double(out, errors[i], 6);
    }
    csv_ha(out, f->edge_mm2);
    buf_printf(out, ",%lld", (long long)f->points);
    csv_ha(out, f->declared_mm2);
    for (int c = 0; h->expected_known && c < h->classes.classes_n; c++)
        csv_ha(out, f->expected_mm2[c]);
    if (hectares_has_expected(h))
        csv_ha(out, hectares_expected_mm2(f));
    buf_putc(out, ',');
    csv_text(out, h->classes.code);
    buf_putc(out, ',');
    csv_text(out, h->terrain);
    buf_puts(out, "\r\n");
}

void hectares_csv_rows(const struct hectares *h, struct buf *out)
{
    csv_header(h, out);
    for (size_t i = 0; i < h->groups_n; i++) {
        for (int k = 0; k < h->query.by_n; k++) {
            csv_text(out, h->groups[i].key[k]);
            buf_putc(out, ',');
            if (hectares_has_name(h, k)) {
                csv_text(out, h->groups[i].name[k]);
                buf_putc(out, ',');
            }
        }
        csv_figures(h, &h->groups[i].figures, out);
    }
    for (int k = 0; k < h->query.by_n; k++)
        buf_puts(out, hectares_has_name(h, k) ? (k ? ",," : "TOTAL,,") : (k ? "," : "TOTAL,"));
    csv_figures(h, &h->total, out);
}

/* The names of slope classes and the boxes of layers are not needed to ask again. */
static bool tells_little(const char *name)
{
    return strncmp(name, "slope_classes.", 14) == 0 || strstr(name, ".bbox.");
}

static void csv_origin(const char *name, const char *value, void *arg)
{
    struct buf *out = arg;
    if (tells_little(name) || !*value)
        return;
    buf_printf(out, "# %s,", name);
    csv_text(out, value);
    buf_puts(out, "\r\n");
}

void hectares_csv(const struct hectares *h, struct buf *out)
{
    hectares_csv_rows(h, out);
    out->failed = out->failed || !hectares_origin(h, csv_origin, out);
}

/* ---- table ---- */

/* Characters a terminal shows, for padding: bytes that do not continue a UTF-8 sequence. */
static int text_width(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void pad(struct buf *out, int n)
{
    while (n-- > 0)
        buf_putc(out, ' ');
}

/* What has no key: outside every region, or not stated. English, as all of the command's output. */
static const char *hectares_none(const char *by)
{
    static const char *const of_plots[] = {"programme", "organisation", "crop", "practice", "year", "survey", "status"};
    for (size_t i = 0; i < sizeof of_plots / sizeof *of_plots; i++)
        if (strcmp(by, of_plots[i]) == 0)
            return "(not stated)";
    return strcmp(by, "slope_class") == 0 ? "(no elevation data)" : strcmp(by, "corridor_name") == 0 ? "(in no corridor)" : "(outside every region)";
}

static void group_label(const struct hectares *h, const struct hectares_group *g, struct buf *label)
{
    buf_reset(label);
    for (int k = 0; k < h->query.by_n; k++) {
        if (k)
            buf_puts(label, " · ");
        buf_puts(label, g->key[k] ? g->key[k] : hectares_none(h->query.by[k]));
        if (g->name[k] && (!g->key[k] || strcmp(g->name[k], g->key[k]) != 0)) {
            buf_putc(label, ' ');
            buf_puts(label, g->name[k]);
        }
    }
}

static void table_number(struct buf *out, int64_t printed)
{
    struct buf text;
    buf_init(&text, 0);
    buf_fixed(&text, printed, PRINTED_DECIMALS, false);
    pad(out, 15 - (int)text.length);
    buf_puts(out, text.bytes ? text.bytes : "");
    buf_clear(&text);
}

static void table_error(struct buf *out, double se_ha)
{
    if (isnan(se_ha))
        buf_puts(out, "           -");
    else
        buf_printf(out, "%12.4f", UNCERTAINTY_Z95 * se_ha);
}

static void table_row(const struct hectares *h, const struct hectares_figures *f, const char *label, int width, const int64_t *printed, size_t row,
                      struct buf *out)
{
    size_t rows = h->groups_n + 1;
    buf_puts(out, label);
    pad(out, width - text_width(label));
    if (f->suppressed) {
        buf_puts(out, "  (too few producers to show)\n");
        return;
    }
    buf_printf(out, "%8lld%11lld", (long long)f->plots, (long long)f->producers);
    int64_t inside = printed[CELL_INSIDE * rows + row], sum = inside + printed[CELL_OUTSIDE * rows + row];
    int64_t twice = printed[CELL_TWICE * rows + row];
    table_number(out, sum);
    if (hectares_has_expected(h))
        table_number(out, printed[CELL_EXPECTED * rows + row]);
    table_error(out, hectares_se_ha(f));
    table_number(out, sum - twice);
    table_number(out, twice);
    table_number(out, inside);
    table_error(out, hectares_corridor_se_ha(f));
    buf_printf(out, "%8.2f %%\n", f->sum_mm2 ? 100.0 * (double)f->corridor_mm2 / (double)f->sum_mm2 : 0.0);
}

/* Under the table: the question, and what it rests on, each in a line; of a layer its kind, level, source and edition in one. */
static void table_origin(const char *name, const char *value, void *arg)
{
    static const char *const told[] = {"registry at change", "of", "to ask again", "area", "uncertainty", "slope", "slope_table"};
    static const char *const of_layer[] = {"level", "source", "edition"};
    const char *field = strncmp(name, "layers.", 7) == 0 ? strrchr(name, '.') + 1 : "";
    if (!*value)
        return;
    if (strcmp(field, "kind") == 0)
        buf_printf(arg, "\nlayer: %s", value);
    for (size_t i = 0; i < sizeof of_layer / sizeof *of_layer; i++)
        if (strcmp(field, of_layer[i]) == 0)
            buf_printf(arg, ", %s", value);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (strcmp(name, told[i]) == 0)
            buf_printf(arg, "\n%s: %s", name, value);
}

void hectares_table(const struct hectares *h, struct buf *out)
{
    int64_t *printed = round_all(h);
    if (!printed) {
        out->failed = true;
        return;
    }
    struct buf label;
    buf_init(&label, 0);
    int width = 8;
    for (size_t i = 0; i < h->groups_n; i++) {
        group_label(h, &h->groups[i], &label);
        if (label.length && text_width(label.bytes) > width)
            width = text_width(label.bytes);
    }
    pad(out, width);
    buf_printf(out, "%8s%11s%15s", "plots", "producers", "hectares");
    if (hectares_has_expected(h))
        buf_printf(out, "%15s", "expected");
    buf_printf(out, "%12s%15s%15s%15s%12s%10s\n", "+- 95 %", "distinct", "counted twice", "in corridor", "+- 95 %", "share");
    for (size_t i = 0; i < h->groups_n; i++) {
        group_label(h, &h->groups[i], &label);
        table_row(h, &h->groups[i].figures, label.bytes, width, printed, i, out);
    }
    table_row(h, &h->total, "TOTAL", width, printed, h->groups_n, out);
    if (h->total.points)
        buf_printf(out, "%lld of the plots are points: %.4f ha declared, not measured, and in none of these figures\n", (long long)h->total.points,
                   (double)h->total.declared_mm2 / MM2_PER_HA);
    if (hectares_has_expected(h))
        buf_printf(out, "expected: hectares by slope class under the error of the elevation model (%s)\n", h->terrain);
    buf_clear(&label);
    free(printed);
    out->failed = out->failed || !hectares_origin(h, table_origin, out);
    buf_putc(out, '\n');
}
