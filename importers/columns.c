/* A look at the first rows of a layer: what its columns hold. A value such as 03/04/2019 or 1,250
 * means different things in different files, but a file is mostly written in one way: a value
 * beside it that has only one reading tells which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importers/import.h"
#include "importers/text.h"

enum { LOOK_ROWS = 500, SAMPLE_BYTES = 60, ACCENTS_MAX = 4 };

/* ---- translations ---- */

static int by_column_and_key(const void *a, const void *b)
{
    const struct plan_translation *x = a, *y = b;
    return x->column != y->column ? (x->column < y->column ? -1 : 1) : strcmp(x->key, y->key);
}

static enum status take_translations(struct import *im, struct row_plan *plan, size_t columns_n,
                                     struct error *e)
{
    const struct reader_request *q = im->request;
    plan->translations =
        arena_array(&im->file_arena, q->translations_n, sizeof *plan->translations);
    if (!plan->translations)
        return error_memory(e);
    for (size_t i = 0; i < q->translations_n; i++) {
        char key[TEXT_KEY_MAX];
        int column = mapping_column(plan->columns, columns_n, q->translations[i].column);
        text_key(q->translations[i].value, key);
        char *own = arena_strdup(&im->file_arena, key);
        if (!own)
            return error_memory(e);
        if (column >= 0)
            plan->translations[plan->translations_n++] =
                (struct plan_translation){column, own, q->translations[i].becomes};
    }
    if (plan->translations_n)
        qsort(plan->translations, plan->translations_n, sizeof *plan->translations,
              by_column_and_key);
    return STATUS_OK;
}

const char *row_translated(const struct row_plan *plan, int column, const char *value)
{
    if (!plan->translations_n || !value)
        return value;
    char key[TEXT_KEY_MAX];
    text_key(value, key);
    struct plan_translation wanted = {column, key, NULL};
    const struct plan_translation *found = bsearch(
        &wanted, plan->translations, plan->translations_n, sizeof wanted, by_column_and_key);
    return !found ? value : *found->becomes ? found->becomes : NULL;
}

/* ---- the look ---- */

/* The field a column feeds; FIELD_NONE. */
static enum import_field field_of(const struct row_plan *plan, size_t column, enum column_how *how)
{
    for (int f = 0; f < FIELDS_N; f++)
        for (int k = 0; k < MAPPING_SEVERAL_MAX; k++)
            if (plan->mapping.column[f][k] == (int)column) {
                *how = plan->mapping.how[f][k];
                return (enum import_field)f;
            }
    *how = COLUMN_UNMAPPED;
    return FIELD_NONE;
}

static void vote(struct row_plan *plan, enum import_field f, const char *text)
{
    enum date_order order = DATE_ORDER_UNKNOWN;
    enum number_sign sign = NUMBER_SIGN_UNKNOWN;
    if (f == FIELD_DATE || f == FIELD_ADOPTION_YEAR || f == FIELD_BIRTH_YEAR)
        order = date_order_of(text);
    else if (f == FIELD_DECLARED_HA || f == FIELD_ACCURACY_M)
        sign = value_number_sign(text);
    /* the first proof counts; a later one against it takes both away (-1) */
    if (order && plan->date_order[f] != order)
        plan->date_order[f] = plan->date_order[f] ? (enum date_order) - 1 : order;
    if (sign && plan->number_sign[f] != sign)
        plan->number_sign[f] = plan->number_sign[f] ? (enum number_sign) - 1 : sign;
}

static void end_votes(struct row_plan *plan)
{
    for (int f = 0; f < FIELDS_N; f++) {
        enum mapping_form form = plan->mapping.form[f];
        if (plan->date_order[f] == (enum date_order) - 1)
            plan->date_order[f] = DATE_ORDER_UNKNOWN;
        if (plan->number_sign[f] == (enum number_sign) - 1)
            plan->number_sign[f] = NUMBER_SIGN_UNKNOWN;
        if (form == FORM_DAY_FIRST || form == FORM_MONTH_FIRST)
            plan->date_order[f] = form == FORM_DAY_FIRST ? DATE_DAY_FIRST : DATE_MONTH_FIRST;
        if (form == FORM_POINT || form == FORM_COMMA)
            plan->number_sign[f] = form == FORM_POINT ? NUMBER_POINT : NUMBER_COMMA;
    }
}

/* What the field will have of a value, as the report shows it. */
static const char *understood(struct import *im, const struct row_plan *plan, enum import_field f,
                              int column, const char *text)
{
    const char *value = row_translated(plan, column, text), *pieces[8];
    char date[11], number[32], joined[200] = "";
    double v;
    if (!value)
        return "(nothing)";
    if (f == FIELD_CROP || f == FIELD_PRACTICE) {
        const struct vocabulary *words = f == FIELD_CROP ? im->crops : im->practices;
        const char *whole = vocabulary_code(words, value);
        int n = whole ? 0 : value_list(&im->row_arena, value, pieces, 8);
        for (int i = 0; i < n; i++) {
            const char *piece = row_translated(plan, column, pieces[i]),
                       *code = piece ? vocabulary_code(words, piece) : "";
            size_t used = strlen(joined);
            snprintf(joined + used, sizeof joined - used, "%s%s", used ? " + " : "",
                     code ? code : "?");
        }
        return whole ? whole : arena_strdup(&im->file_arena, joined);
    }
    if (f == FIELD_DATE)
        return date_parse(value, plan->date_order[f], date) != DATE_NONE
                   ? arena_strdup(&im->file_arena, date)
                   : "?";
    if (f == FIELD_DECLARED_HA || f == FIELD_ACCURACY_M) {
        if (value_number_as(value, plan->number_sign[f], &v) == NUMBER_NONE &&
            !value_number(value, &v))
            return "?";
        value_format(v, number);
        return arena_strdup(&im->file_arena, number);
    }
    return value == text ? NULL : value;
}

static void add_sample(struct import *im, struct reader_column *c, const char *text)
{
    int n = 0;
    while (n < COLUMN_SAMPLES && c->samples[n] && strncmp(c->samples[n], text, SAMPLE_BYTES) != 0)
        n++;
    if (n < COLUMN_SAMPLES && !c->samples[n])
        c->samples[n] = text_clean(&im->file_arena, text, SAMPLE_BYTES);
}

struct accents {
    const char *list[ACCENTS_MAX];
    int n;
};

static void add_accent(struct import *im, struct accents *a, const char *text)
{
    if (a->n == ACCENTS_MAX || text_ascii(text, strlen(text)))
        return;
    for (int i = 0; i < a->n; i++)
        if (strncmp(a->list[i], text, 40) == 0)
            return;
    char *own = text_clean(&im->file_arena, text, 40);
    if (own)
        a->list[a->n++] = own;
}

static void look_at_row(struct import *im, const struct layer *layer, struct row_plan *plan,
                        OGRFeatureH f, struct accents *accents)
{
    for (size_t i = 0; i < plan->columns_n; i++) {
        const char *text = text_trim(&im->row_arena, row_column_text(im, layer, plan, f, i));
        enum column_how how;
        if (!text)
            continue;
        add_sample(im, &plan->table[i], text);
        if (plan->types[i] != OFTString)
            continue;
        add_accent(im, accents, text);
        enum import_field field = field_of(plan, i, &how);
        if (field != FIELD_NONE)
            vote(plan, field, text);
    }
}

static void finish_table(struct import *im, struct row_plan *plan, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct reader_column *c = &plan->table[i];
        enum import_field f = field_of(plan, i, &c->how);
        const char *name = f == FIELD_NONE ? NULL : mapping_field_name(f);
        c->name = plan->columns[i];
        c->field = f == FIELD_NONE ? NULL : name ? name : "key";
        for (int k = 0; f != FIELD_NONE && k < COLUMN_SAMPLES && c->samples[k]; k++)
            c->becomes[k] = understood(im, plan, f, (int)i, c->samples[k]);
    }
}

enum status columns_look(struct import *im, const struct layer *layer, struct row_plan *plan,
                         struct error *e)
{
    size_t n = plan->columns_n + (layer->extra_column ? 1 : 0), rows = 0;
    struct accents accents = {.n = 0};
    enum status s = take_translations(im, plan, n, e);
    plan->table = arena_array(&im->file_arena, n, sizeof *plan->table);
    struct tally *kept = s == STATUS_OK ? malloc(sizeof *kept) : NULL;
    if (!plan->table || !kept) {
        free(kept);
        return s == STATUS_OK ? error_memory(e) : s;
    }
    *kept = im->tally; /* these rows come again, and count then */
    const char *no_geometry[] = {"OGR_GEOMETRY", NULL};
    bool plots = im->request->purpose == READER_PLOTS;
    if (plots && layer->ogr)
        (void)OGR_L_SetIgnoredFields(layer->ogr, no_geometry); /* only faster */
    if (plots)
        layer_rewind(layer);
    size_t most = layer->cut_after < 0                               ? 0
                  : layer->cut_after && layer->cut_after < LOOK_ROWS ? (size_t)layer->cut_after
                                                                     : LOOK_ROWS;
    for (OGRFeatureH f; plots && rows < most && (f = layer_next(layer)); OGR_F_Destroy(f), rows++) {
        look_at_row(im, layer, plan, f, &accents);
        arena_reset(&im->row_arena);
    }
    if (plots && layer->ogr)
        (void)OGR_L_SetIgnoredFields(layer->ogr, NULL);
    if (plots)
        layer_rewind(layer);
    gdal_log_reset(&im->log);
    im->tally = *kept;
    free(kept);
    end_votes(plan);
    finish_table(im, plan, n);
    for (int i = 0; i < accents.n; i++)
        plan->accents = arena_printf(&im->file_arena, "%s%s%s", plan->accents ? plan->accents : "",
                                     i ? " | " : "", accents.list[i]);
    arena_reset(&im->row_arena);
    return STATUS_OK;
}
