/* A candidate: one row of an outside file on its way to become a plot, a region or a corridor.
 * Strings are UTF-8 (NFC not enforced), NULL when absent; all memory belongs to the arena it was read into. */
#ifndef IMPORTERS_CANDIDATE_H
#define IMPORTERS_CANDIDATE_H

#include "geo/boundary.h"
#include "importers/finding.h"

enum candidate_outcome {
    CANDIDATE_READY,   /* boundary valid and in WGS84, maybe repaired */
    CANDIDATE_HELD,    /* kept whole, counted nowhere: a person must decide */
    CANDIDATE_REJECTED /* no usable boundary at all; findings say why */
};

enum survey_method { SURVEY_IMPORTED, SURVEY_WALKED, SURVEY_DIGITISED, SURVEY_CADASTRAL };

struct candidate_attribute {
    const char *name, *value; /* value NULL = null */
};

enum { CANDIDATE_CROPS_MAX = 8, CANDIDATE_PRACTICES_MAX = 8 };
/* A number above it is a slip, no accuracy: it counts as none. */
#define CANDIDATE_ACCURACY_MOST_M 1e6

struct candidate {
    uint32_t file; /* index into the request's files */
    uint64_t row;  /* 1-based row of its layer */
    const char *layer;
    enum candidate_outcome outcome;

    /* fields of a plot, found by name or by --map; for layer features only key and name are used */
    const char *code; /* plot code, or the key of a region / corridor */
    const char *name;
    const char *programme, *organisation;
    const char *producer_code, *producer_name; /* personal */
    const char *producer_curp; /* the mark of a good CURP (importers/curp.h), never the CURP itself; personal */
    char producer_gender;                      /* 'f', 'm', 'x', or 0 unknown; personal */
    int producer_birth_year;                   /* 0 unknown; personal */
    const char *crops[CANDIDATE_CROPS_MAX];    /* codes of importers/data/crops.csv, or the source's own text; main crop first */
    int crops_n;
    const char *practices[CANDIDATE_PRACTICES_MAX];
    int practices_n;
    int adoption_year;         /* 0 unknown */
    const char *observed_date; /* "2024-03-01" or NULL */
    enum survey_method survey;
    double declared_ha;        /* NaN */
    const char *region_key;    /* declared place: CVEGEO of a municipality or state, leading zeros restored, or */
    const char *municipality, *state; /* names */
    bool point;                /* a place with declared hectares: boundary is a speck there, nothing is measured */
    double accuracy_m;         /* vertex accuracy, NaN */
    double datum_accuracy_m;   /* of the shift from the file's datum to WGS84: position, not area; NaN = none was needed */
    struct candidate_attribute *attributes; /* every source column as it was, mapped ones too, in file order */
    size_t attributes_n;

    struct boundary boundary; /* READY: the one to use. HELD: the linework candidate, may be empty */
    struct boundary alternative; /* HELD: the structure candidate, may be empty */
    bool repaired;
    /* the geometry as it stood in the file, in the file's CRS: ISO WKB with Z if it had one; NULL when identical to boundary */
    const unsigned char *source_wkb;
    size_t source_wkb_n;
    int source_epsg; /* CRS of the file, 4326 when none was needed */

    struct finding *findings;
    size_t findings_n;
};

#endif
