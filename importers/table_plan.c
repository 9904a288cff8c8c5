/* Which columns of a table hold boundaries; see table.h. Names decide for longitude and latitude,
 * the cells themselves for shapes. */
#include <stdlib.h>
#include <string.h>

#include "importers/coordinates.h"
#include "importers/table.h"
#include "importers/text.h"

static const char LON_NAMES[] = "|lon|long|lng|longitude|longitud|x|coordx|xcoord|coordenadax|xutm|"
                                "utmx|este|easting|longdd|londd|longituddecimal|";
static const char LAT_NAMES[] = "|lat|latitude|latitud|y|coordy|ycoord|coordenaday|yutm|utmy|norte|"
                                "northing|latdd|latituddecimal|";
static const char ORDER_NAMES[] = "|orden|order|vertice|vertex|vertices|novertice|numvertice|"
                                  "idvertice|vertexid|vertexno|vertexindex|punto|nopunto|numpunto|"
                                  "idpunto|point|pointorder|pointid|pointno|num|numero|no|seq|"
                                  "secuencia|sequence|consecutivo|index|indice|est|estacion|n|";
static const char CODE_NAMES[] = "|parcela|predio|plot|poligono|polygon|lote|field|parentindex|"
                                 "parentkey|submissionid|parentuid|plotname|nombre|name|";

static bool listed(const char *names, const char *key)
{
    char wanted[TEXT_KEY_MAX + 2];
    size_t n = strlen(key);
    if (!n)
        return false;
    wanted[0] = '|';
    memcpy(wanted + 1, key, n);
    memcpy(wanted + n + 1, "|", 2);
    return strstr(names, wanted) != NULL;
}

/* After the last / or : of a group's prefix. */
static const char *without_group(const char *name)
{
    const char *slash = strrchr(name, '/'), *colon = strrchr(name, ':');
    const char *last = slash > colon ? slash : colon;
    return last && last[1] ? last + 1 : name;
}

static int named(const struct table *t, const char *names, const char *end)
{
    char key[TEXT_KEY_MAX];
    size_t m = end ? strlen(end) : 0;
    for (size_t i = 0; i < t->columns_n; i++) {
        text_key(without_group(t->columns[i]), key);
        if (listed(names, key))
            return (int)i;
    }
    for (size_t i = 0; end && i < t->columns_n; i++) { /* Kobo's _ubicacion_latitude */
        text_key(without_group(t->columns[i]), key);
        size_t n = strlen(key);
        if (n > m && strcmp(key + n - m, end) == 0)
            return (int)i;
    }
    return -1;
}

static bool says_degrees(const char *name)
{
    char key[TEXT_KEY_MAX];
    text_key(without_group(name), key);
    return strstr(key, "lon") || strstr(key, "lat") || strcmp(key, "lng") == 0;
}

static bool is_hex_wkb(const char *cell)
{
    size_t n = strspn(cell, "0123456789abcdefABCDEF");
    return n >= 42 && n % 2 == 0 && !cell[n] && cell[0] == '0' &&
           (cell[1] == '0' || cell[1] == '1');
}

static const char *after_srid(const char *cell)
{
    if (strncasecmp(cell, "SRID=", 5) != 0)
        return cell;
    const char *p = cell + 5 + strspn(cell + 5, "0123456789");
    return *p == ';' ? p + 1 : cell;
}

enum cell_shape cell_shape(const char *cell)
{
    static const struct {
        const char *word;
        enum cell_shape shape;
    } words[] = {{"POLYGON", CELL_AREA},
                 {"MULTIPOLYGON", CELL_AREA},
                 {"CURVEPOLYGON", CELL_AREA},
                 {"MULTISURFACE", CELL_AREA},
                 {"LINESTRING", CELL_LINE},
                 {"MULTILINESTRING", CELL_LINE},
                 {"POINT", CELL_POINT},
                 {"MULTIPOINT", CELL_POINT},
                 {"GEOMETRYCOLLECTION", CELL_AREA}};
    cell += strspn(cell, " \t\r\n");
    const char *p = after_srid(cell);
    p += strspn(p, " ");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].word);
        if (strncasecmp(p, words[i].word, n) == 0 && strchr(" (zmZMeE", p[n]))
            return words[i].shape;
    }
    if (is_hex_wkb(cell)) /* the type's first byte, in either byte order */
        return (cell[1] == '1' ? cell[3] : cell[9]) == '1' ? CELL_POINT : CELL_AREA;
    if (*cell < '+' || *cell > '9')
        return CELL_OTHER;
    size_t n = form_points(cell, NULL, 0);
    return n == 0 ? CELL_OTHER : n == 1 ? (strchr(cell, ' ') ? CELL_POINT : CELL_OTHER) : CELL_LINE;
}

struct counts {
    int shapes, points;
};

static void take_best(const struct table *t, struct counts *counts, struct table_plan *out)
{
    for (int k = 0; k < TABLE_GEOMETRIES_MAX; k++) {
        size_t best = 0;
        for (size_t i = 1; i < t->columns_n; i++)
            if (counts[i].shapes > counts[best].shapes)
                best = i;
        if (!t->columns_n || counts[best].shapes == 0)
            break;
        out->geometry[k] = (int)best;
        counts[best].shapes = 0;
    }
    for (size_t i = 0; i < t->columns_n; i++)
        if (counts[i].points && (out->point < 0 || counts[i].points > counts[out->point].points))
            out->point = (int)i;
}

/* Does a code stand on three or more of the rows? */
static bool code_repeats(char *const *codes, int n)
{
    for (int i = 0; i < n; i++) {
        int same = 0;
        for (int j = i; j < n; j++)
            same += *codes[i] && strcmp(codes[i], codes[j]) == 0;
        if (same >= 3)
            return true;
    }
    return false;
}

static int sample(const struct table *t, int code, const char **cells, struct counts *counts,
                  char **codes, struct table_plan *out)
{
    int n = 0;
    t->rewind(t->arg);
    for (; n < TABLE_SAMPLE_ROWS && t->next(t->arg, cells); n++) {
        for (size_t i = 0; i < t->columns_n; i++) {
            enum cell_shape shape = *cells[i] ? cell_shape(cells[i]) : CELL_OTHER;
            counts[i].shapes += shape >= CELL_LINE;
            counts[i].points += shape == CELL_POINT;
            if (shape != CELL_OTHER && out->srid == 0 && strncasecmp(cells[i], "SRID=", 5) == 0)
                out->srid = (int)strtol(cells[i] + 5, NULL, 10);
            if (shape == CELL_LINE && out->srid == 0 && strchr("+-0123456789. ", *cells[i]))
                out->srid = CRS_WGS84; /* forms know no other */
        }
        codes[n] = strdup(code >= 0 ? cells[code] : "");
        if (!codes[n])
            break;
    }
    t->rewind(t->arg);
    return n;
}

void table_plan_make(const struct table *t, int code, struct table_plan *out)
{
    char *codes[TABLE_SAMPLE_ROWS] = {NULL};
    const char **cells = calloc(t->columns_n + 1, sizeof *cells);
    struct counts *counts = calloc(t->columns_n + 1, sizeof *counts);
    *out = (struct table_plan){
        .geometry = {-1, -1, -1, -1}, .point = -1, .lon = -1, .lat = -1, .code = code, .order = -1};
    if (out->code < 0)
        out->code = named(t, CODE_NAMES, NULL);
    int n = cells && counts ? sample(t, out->code, cells, counts, codes, out) : 0;
    if (n)
        take_best(t, counts, out);
    if (out->geometry[0] < 0) {
        out->lon = named(t, LON_NAMES, "longitude");
        out->lat = named(t, LAT_NAMES, "latitude");
        if (out->lon < 0 || out->lat < 0)
            out->lon = out->lat = -1;
        out->degrees = out->lon >= 0 && says_degrees(t->columns[out->lon]) &&
                       says_degrees(t->columns[out->lat]);
        out->order = named(t, ORDER_NAMES, NULL);
        bool some_point = out->lon >= 0 || out->point >= 0;
        out->vertices =
            some_point && out->code >= 0 && out->code != out->order && code_repeats(codes, n);
    }
    for (int i = 0; i < n; i++)
        free(codes[i]);
    free(counts);
    free(cells);
}

bool table_plan_found(const struct table_plan *p)
{
    return p->geometry[0] >= 0 || p->point >= 0 || p->lon >= 0;
}
