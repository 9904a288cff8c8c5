-- The registry on disk: registry.sqlite, a SpatiaLite database (WAL, pages of 8 kB, STRICT tables).
--
-- Rules of this file
--   * A migration begins with the line "-- migration N" and is applied once, in order, in one transaction; PRAGMA
--     user_version says how far a registry is. A migration that has been released is never edited: add the next one.
--   * A SELECT here calls a SpatiaLite function and must give 1.
--   * Geometry columns are BLOB in STRICT tables, registered by RecoverGeometryColumn (AddGeometryColumn on a STRICT table
--     leaves a table that nothing can read, SpatiaLite 5.0.1).
--   * Areas are whole square millimetres, so that every sum is exact in any order. Words (crop, practice) are codes as text.
--   * Nothing is deleted: a revision or a face lives in [from_change, to_change); to_change NULL = it counts now;
--     to_change = from_change = undone by a revert, it never counted.
--   * Foreign keys document and are verified by store_check; they are not enforced row by row (half the time of an import).
--   * PERSONAL marks what a public connection may not read (authorizer.c).

-- migration 1

-- What the registry is: uuid, slope_table (code of the class table), slope_source (its citation), slope_change (which set it).
CREATE TABLE registry (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every committed import, revert and layer change, in order. Revisions made by change N have ids from first_revision_id
-- up to (not including) that of the next change.
CREATE TABLE change (
    number            INTEGER PRIMARY KEY,
    kind              TEXT NOT NULL CHECK (kind IN ('import', 'revert', 'layer')),
    at                TEXT NOT NULL, -- ISO 8601 UTC
    first_revision_id INTEGER NOT NULL
) STRICT;

-- ---- words ----

CREATE TABLE programme (
    id   INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;
INSERT INTO programme (id, code, name) VALUES (0, '', ''); -- plots of no programme

CREATE TABLE organisation (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- PERSONAL, except id and gender (for counting producers and women).
CREATE TABLE producer (
    id           INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL REFERENCES programme,
    code         TEXT,
    name         TEXT,
    gender       TEXT CHECK (gender IN ('f', 'm', 'x')),
    birth_year   INTEGER
) STRICT;
CREATE UNIQUE INDEX producer_by_code ON producer (programme_id, code) WHERE code IS NOT NULL;
CREATE INDEX producer_by_name ON producer (programme_id, name) WHERE code IS NULL;

-- ---- imports ----

CREATE TABLE import (
    id              INTEGER PRIMARY KEY,
    change          INTEGER NOT NULL REFERENCES change,
    status          TEXT NOT NULL CHECK (status IN ('committed', 'reverted')),
    programme       TEXT NOT NULL,
    files           TEXT NOT NULL, -- JSON array; PERSONAL (a GPX walk is often named after its farmer)
    committed_at    TEXT,
    reverted_at     TEXT,
    reverted_change INTEGER REFERENCES change,
    rows            INTEGER NOT NULL DEFAULT 0,
    new_n           INTEGER NOT NULL DEFAULT 0,
    revised_n       INTEGER NOT NULL DEFAULT 0,
    unchanged_n     INTEGER NOT NULL DEFAULT 0,
    held_n          INTEGER NOT NULL DEFAULT 0,
    rejected_n      INTEGER NOT NULL DEFAULT 0,
    repaired_n      INTEGER NOT NULL DEFAULT 0,
    added_mm2       INTEGER NOT NULL DEFAULT 0,
    seconds         REAL NOT NULL DEFAULT 0
) STRICT;

-- PERSONAL: message and file (they may quote the source).
CREATE TABLE finding (
    id        INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL REFERENCES import,
    code      TEXT NOT NULL,
    file      TEXT,
    row       INTEGER NOT NULL, -- 0 = the whole file
    plot      TEXT,
    lon       REAL,
    lat       REAL,
    message   TEXT,
    effect_m2 REAL
) STRICT;
CREATE INDEX finding_by_import ON finding (import_id);

-- Rows that became no plot: held (a person must decide) or rejected. PERSONAL.
CREATE TABLE held_row (
    id            INTEGER PRIMARY KEY,
    import_id     INTEGER NOT NULL REFERENCES import,
    outcome       TEXT NOT NULL CHECK (outcome IN ('held', 'rejected')),
    file          INTEGER NOT NULL, -- index into the import's files
    layer         TEXT,
    row           INTEGER NOT NULL,
    programme     TEXT,
    code          TEXT,
    attributes    TEXT NOT NULL, -- JSON object of every source column
    linework      BLOB,          -- repaired by linework; SpatiaLite geometry, EPSG:4326
    structure     BLOB,          -- repaired by structure
    source_wkb    BLOB,          -- as it stood in the file
    source_epsg   INTEGER NOT NULL
) STRICT;
CREATE INDEX held_row_by_import ON held_row (import_id);

-- ---- plots ----

CREATE TABLE plot (
    id                  INTEGER PRIMARY KEY,
    programme_id        INTEGER NOT NULL REFERENCES programme,
    current_revision_id INTEGER REFERENCES revision, -- NULL: every revision was undone
    code                TEXT
) STRICT;
CREATE UNIQUE INDEX plot_by_code ON plot (code, programme_id) WHERE code IS NOT NULL;

-- One dated state of a plot. The columns that queries touch most come first, the long ones last: reading the first
-- columns of a long row does not read its overflow pages.
CREATE TABLE revision (
    id               INTEGER PRIMARY KEY,
    plot_id          INTEGER NOT NULL REFERENCES plot,
    from_change      INTEGER NOT NULL REFERENCES change,
    to_change        INTEGER REFERENCES change,
    previous_id      INTEGER REFERENCES revision, -- the revision this one ended
    number           INTEGER NOT NULL,            -- 1 for the first of its plot
    import_id        INTEGER NOT NULL REFERENCES import,
    programme_id     INTEGER NOT NULL REFERENCES programme,
    organisation_id  INTEGER REFERENCES organisation,
    producer_id      INTEGER REFERENCES producer,
    code             TEXT, -- of the plot, repeated for drawing tiles without a second lookup
    crop             TEXT, -- the main crop; further ones in revision_crop
    practice         TEXT,
    adoption_year    INTEGER,
    survey           INTEGER NOT NULL, -- 0 imported, 1 walked, 2 digitised, 3 cadastral
    area_mm2         INTEGER NOT NULL CHECK (area_mm2 >= 0),
    hectares         REAL GENERATED ALWAYS AS (area_mm2 / 10000000000.0) VIRTUAL,
    corridor_mm2     INTEGER NOT NULL,
    corridor_verdict INTEGER NOT NULL, -- 0 outside, 1 edge, 2 inside
    slope_class      INTEGER NOT NULL, -- position in slope_class, the one with most hectares; -1 none
    slope_mean_pct   REAL,
    slope_max_pct    REAL,
    slope_p10_pct    REAL,
    slope_p50_pct    REAL,
    slope_p90_pct    REAL,
    slope_nodata     REAL,             -- share of the plot without elevation data
    surface_mm2      INTEGER NOT NULL, -- sloping area; 0 unknown
    layers_change    INTEGER NOT NULL, -- newest layer change that these figures know
    anchor_lon       REAL NOT NULL,
    anchor_lat       REAL NOT NULL,
    perimeter_m      REAL NOT NULL,
    name             TEXT, -- PERSONAL: free text
    observed_date    TEXT,
    declared_ha      REAL,
    accuracy_m       REAL,
    repaired         INTEGER NOT NULL,
    geometry_hash    BLOB NOT NULL,
    content_hash     BLOB NOT NULL,
    drawing          BLOB, -- compact form for tiles (geo/drawing.h)
    geom             BLOB NOT NULL
) STRICT;
SELECT RecoverGeometryColumn('revision', 'geom', 4326, 'MULTIPOLYGON', 'XY');
SELECT CreateSpatialIndex('revision', 'geom');
-- What totals group by, without the geometry, in id order. to_change is always NULL here; SQLite 3.40 reads the table for
-- it unless the index has it.
CREATE INDEX revision_current ON revision (id, plot_id, programme_id, organisation_id, producer_id, crop, practice,
    adoption_year, survey, corridor_verdict, to_change) WHERE to_change IS NULL;
-- Finding a plot that has no code by its boundary.
CREATE INDEX revision_by_geometry ON revision (geometry_hash) WHERE to_change IS NULL;

-- Further crops and practices of a plot that has several (maize, beans and avocado between rows); the main one is in revision.
CREATE TABLE revision_crop (
    revision_id INTEGER NOT NULL REFERENCES revision,
    position    INTEGER NOT NULL, -- from 1
    crop        TEXT NOT NULL,
    PRIMARY KEY (revision_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE revision_practice (
    revision_id INTEGER NOT NULL REFERENCES revision,
    position    INTEGER NOT NULL,
    practice    TEXT NOT NULL,
    PRIMARY KEY (revision_id, position)
) STRICT, WITHOUT ROWID;

-- Where a revision came from: the original is kept. PERSONAL.
CREATE TABLE source_row (
    revision_id INTEGER PRIMARY KEY REFERENCES revision,
    file        TEXT,
    row         INTEGER NOT NULL,
    attributes  TEXT, -- JSON object of every source column
    epsg        INTEGER NOT NULL,
    wkb         BLOB  -- the geometry as it stood in the file; NULL = identical to the boundary
) STRICT;

-- ---- layers: regions, corridors, terrain ----

CREATE TABLE layer (
    id          INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('regions', 'corridors', 'terrain')),
    level       TEXT NOT NULL, -- regions: 'state', 'municipality', ...
    source      TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    edition     TEXT NOT NULL,
    added_at    TEXT NOT NULL,
    accuracy_m  REAL,
    features_n  INTEGER NOT NULL,
    area_mm2    INTEGER NOT NULL,
    west        REAL,
    south       REAL,
    east        REAL,
    north       REAL,
    from_change INTEGER NOT NULL REFERENCES change,
    to_change   INTEGER REFERENCES change,
    file        TEXT NOT NULL, -- terrain: name inside terrain/
    crs         TEXT NOT NULL,
    cell_m      REAL
) STRICT;

CREATE TABLE layer_feature (
    id       INTEGER PRIMARY KEY,
    layer_id INTEGER NOT NULL REFERENCES layer,
    key      TEXT,
    name     TEXT,
    area_mm2 INTEGER NOT NULL,
    hectares REAL GENERATED ALWAYS AS (area_mm2 / 10000000000.0) VIRTUAL,
    drawing  BLOB,
    geom     BLOB NOT NULL
) STRICT;
CREATE INDEX layer_feature_by_layer ON layer_feature (layer_id);
SELECT RecoverGeometryColumn('layer_feature', 'geom', 4326, 'MULTIPOLYGON', 'XY');
SELECT CreateSpatialIndex('layer_feature', 'geom');

-- The slope classes in use; parts and revisions name a class by its position.
CREATE TABLE slope_class (
    position INTEGER PRIMARY KEY,
    code     TEXT NOT NULL,
    name_en  TEXT NOT NULL,
    name_es  TEXT NOT NULL,
    from_pct REAL NOT NULL
) STRICT;

-- ---- figures: what each plot's ground belongs to ----

-- The regions, one per level, that some ground lies in. words = 'state=12;municipality=-' (feature id, - = in none).
CREATE TABLE region_set (
    id    INTEGER PRIMARY KEY,
    words TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE region_set_level (
    region_set_id INTEGER NOT NULL REFERENCES region_set,
    position      INTEGER NOT NULL,
    level         TEXT NOT NULL,
    feature_id    INTEGER REFERENCES layer_feature, -- NULL = in none
    PRIMARY KEY (region_set_id, position)
) STRICT, WITHOUT ROWID;

-- The corridors that some ground lies in; 0 (no row) = none. words = '7;12'.
CREATE TABLE corridor_set (
    id    INTEGER PRIMARY KEY,
    words TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE corridor_set_member (
    corridor_set_id INTEGER NOT NULL REFERENCES corridor_set,
    feature_id      INTEGER NOT NULL REFERENCES layer_feature,
    PRIMARY KEY (corridor_set_id, feature_id)
) STRICT, WITHOUT ROWID;

-- Hectares of a revision by regions, corridors and slope class; they add up to its area. Small integers only, in the order
-- of revisions, so that totals are one merge of two scans.
CREATE TABLE part (
    revision_id  INTEGER NOT NULL REFERENCES revision,
    region_set   INTEGER NOT NULL REFERENCES region_set,
    corridor_set INTEGER NOT NULL,
    slope_class  INTEGER NOT NULL, -- -1 = no elevation data
    area_mm2     INTEGER NOT NULL,
    PRIMARY KEY (revision_id, region_set, corridor_set, slope_class)
) STRICT, WITHOUT ROWID;

CREATE TABLE corridor_hit (
    revision_id INTEGER NOT NULL REFERENCES revision,
    feature_id  INTEGER NOT NULL REFERENCES layer_feature,
    area_mm2    INTEGER NOT NULL,
    verdict     INTEGER NOT NULL,
    PRIMARY KEY (revision_id, feature_id)
) STRICT, WITHOUT ROWID;

-- Ground covered by two or more current plots; owner_id is the member that faces_renew computed it for.
CREATE TABLE face (
    id          INTEGER PRIMARY KEY,
    owner_id    INTEGER NOT NULL REFERENCES revision,
    from_change INTEGER NOT NULL REFERENCES change,
    to_change   INTEGER REFERENCES change,
    area_mm2    INTEGER NOT NULL,
    geom        BLOB
) STRICT;
SELECT RecoverGeometryColumn('face', 'geom', 4326, 'MULTIPOLYGON', 'XY');
CREATE INDEX face_current ON face (owner_id) WHERE to_change IS NULL;

CREATE TABLE face_member (
    face_id     INTEGER NOT NULL REFERENCES face,
    revision_id INTEGER NOT NULL REFERENCES revision,
    PRIMARY KEY (face_id, revision_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX face_member_by_revision ON face_member (revision_id);

CREATE TABLE face_part (
    face_id      INTEGER NOT NULL REFERENCES face,
    region_set   INTEGER NOT NULL REFERENCES region_set,
    corridor_set INTEGER NOT NULL,
    slope_class  INTEGER NOT NULL,
    area_mm2     INTEGER NOT NULL,
    PRIMARY KEY (face_id, region_set, corridor_set, slope_class)
) STRICT, WITHOUT ROWID;

-- ---- kept with every commit, for tiles ----

-- Sums of the current plots whose anchor lies in a web-mercator tile, for the odd zooms 7..17; an even zoom is the sum of
-- four neighbours of the next one, which are consecutive because cell = bits of x and y interleaved (y first).
CREATE TABLE overview_cell (
    zoom         INTEGER NOT NULL,
    cell         INTEGER NOT NULL,
    plots        INTEGER NOT NULL,
    area_mm2     INTEGER NOT NULL,
    corridor_mm2 INTEGER NOT NULL,
    classes      BLOB, -- mm2 without elevation data, in slope class 0, 1, ...: LEB128 numbers up to the last that is not 0
    PRIMARY KEY (zoom, cell)
) STRICT, WITHOUT ROWID;

-- The newest change that touched a plot of a tile, zooms 0..12; tile as overview_cell.cell.
CREATE TABLE tile_version (
    zoom   INTEGER NOT NULL,
    tile   INTEGER NOT NULL,
    change INTEGER NOT NULL,
    PRIMARY KEY (zoom, tile)
) STRICT, WITHOUT ROWID;

-- ---- for QGIS and ogrinfo: what counts now, without a personal column ----

CREATE VIEW plot_current AS
SELECT r.id AS revision_id, r.plot_id AS plot_id, r.code AS code, nullif(g.code, '') AS programme, o.name AS organisation,
       r.crop AS crop, r.practice AS practice, r.adoption_year AS adoption_year,
       CASE r.survey WHEN 1 THEN 'walked' WHEN 2 THEN 'digitised' WHEN 3 THEN 'cadastral' ELSE 'imported' END AS survey,
       r.hectares AS hectares, r.perimeter_m AS perimeter_m, c.code AS slope_class, r.slope_mean_pct AS slope_mean_pct,
       r.slope_max_pct AS slope_max_pct, r.slope_nodata AS slope_nodata, r.surface_mm2 / 10000000000.0 AS surface_hectares,
       r.corridor_mm2 / 10000000000.0 AS corridor_hectares,
       CASE r.corridor_verdict WHEN 1 THEN 'edge' WHEN 2 THEN 'inside' ELSE 'outside' END AS corridor,
       r.from_change AS since_change, r.geom AS geom
FROM revision r
LEFT JOIN programme g ON g.id = r.programme_id
LEFT JOIN organisation o ON o.id = r.organisation_id
LEFT JOIN slope_class c ON c.position = r.slope_class
WHERE r.to_change IS NULL;
INSERT INTO views_geometry_columns (view_name, view_geometry, view_rowid, f_table_name, f_geometry_column, read_only)
VALUES ('plot_current', 'geom', 'revision_id', 'revision', 'geom', 1);

-- migration 2

-- How sure the hectares are (geo/uncertainty.h). NULL for revisions made before it was computed.
ALTER TABLE revision ADD COLUMN area_se_m2 REAL;
DROP INDEX revision_current;
CREATE INDEX revision_current ON revision (id, plot_id, programme_id, organisation_id, producer_id, crop, practice,
    adoption_year, survey, corridor_verdict, to_change, area_mm2, area_se_m2) WHERE to_change IS NULL;

-- migration 3

-- Finished answers, valid while `change` is the newest change (registry/answers.h); the body's form is the registry's.
CREATE TABLE answer (
    question TEXT PRIMARY KEY,
    change   INTEGER NOT NULL REFERENCES change,
    body     BLOB NOT NULL
) STRICT;

-- migration 4

-- A face of the coarse form (geo/overlay/overlay.h): it may lie over others of its owner.
ALTER TABLE face ADD COLUMN coarse INTEGER NOT NULL DEFAULT 0;

-- What a held row needs to become a plot after all, and what was decided about it.
ALTER TABLE held_row ADD COLUMN file_name TEXT; -- base name
ALTER TABLE held_row ADD COLUMN programme_id INTEGER REFERENCES programme;
ALTER TABLE held_row ADD COLUMN reason TEXT; -- code of the finding that held it
ALTER TABLE held_row ADD COLUMN lon REAL; -- the spot
ALTER TABLE held_row ADD COLUMN lat REAL;
ALTER TABLE held_row ADD COLUMN ready INTEGER NOT NULL DEFAULT 0; -- 1: linework is a usable boundary, held for another reason
ALTER TABLE held_row ADD COLUMN repaired INTEGER NOT NULL DEFAULT 0; -- of a usable boundary
ALTER TABLE held_row ADD COLUMN name TEXT;
ALTER TABLE held_row ADD COLUMN organisation TEXT;
ALTER TABLE held_row ADD COLUMN producer_code TEXT;
ALTER TABLE held_row ADD COLUMN producer_name TEXT;
ALTER TABLE held_row ADD COLUMN producer_gender TEXT;
ALTER TABLE held_row ADD COLUMN producer_birth_year INTEGER;
ALTER TABLE held_row ADD COLUMN crops TEXT;     -- one a line, main first
ALTER TABLE held_row ADD COLUMN practices TEXT; -- the same
ALTER TABLE held_row ADD COLUMN adoption_year INTEGER;
ALTER TABLE held_row ADD COLUMN observed_date TEXT;
ALTER TABLE held_row ADD COLUMN survey INTEGER NOT NULL DEFAULT 0;
ALTER TABLE held_row ADD COLUMN declared_ha REAL;
ALTER TABLE held_row ADD COLUMN accuracy_m REAL;
-- linework, structure, original, drop, or corrected (a later import brought the plot); NULL = open
ALTER TABLE held_row ADD COLUMN decision TEXT CHECK (decision IN ('linework', 'structure', 'original', 'drop', 'corrected'));
ALTER TABLE held_row ADD COLUMN decided_at TEXT;
ALTER TABLE held_row ADD COLUMN decided_import_id INTEGER REFERENCES import; -- which brought the plot; its revert opens the row again
UPDATE held_row SET programme_id = (SELECT p.id FROM import i JOIN programme p ON p.code = coalesce(nullif(i.programme, ''), held_row.programme)
    WHERE i.id = held_row.import_id);
CREATE INDEX held_row_open ON held_row (programme_id, code) WHERE decision IS NULL AND outcome = 'held';
CREATE INDEX held_row_by_decision ON held_row (decided_import_id) WHERE decided_import_id IS NOT NULL;

-- migration 5

-- Who may write, or see more than the public, over HTTP. The token itself is shown once and kept nowhere; hash = BLAKE2b of
-- its 32 bytes. Rows stay after a revocation, so that a number always means the same token. PERSONAL.
CREATE TABLE token (
    id         INTEGER PRIMARY KEY,
    hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    role       TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    name       TEXT NOT NULL,
    created_at TEXT NOT NULL, -- ISO 8601 UTC
    expires_at TEXT,          -- NULL = never
    revoked_at TEXT,
    last_used  TEXT           -- a day
) STRICT;

-- Which upload an import came from, so that a job whose server was killed knows whether its commit was done.
CREATE TABLE import_job (
    job       TEXT PRIMARY KEY,
    import_id INTEGER NOT NULL REFERENCES import
) STRICT, WITHOUT ROWID;

-- migration 6

-- Terrain: which elevation model it is, and its vertical error (1 sigma, m; geo/slope_noise.h). NULL = not stated.
ALTER TABLE layer ADD COLUMN model TEXT;
ALTER TABLE layer ADD COLUMN vertical_error_m REAL;
ALTER TABLE layer ADD COLUMN vertical_error_steep_m REAL;       -- on slopes above 20 %
ALTER TABLE layer ADD COLUMN vertical_error_correlation REAL;   -- of cells side by side
ALTER TABLE layer ADD COLUMN vertical_error_source TEXT;

ALTER TABLE slope_class ADD COLUMN colour TEXT NOT NULL DEFAULT ''; -- '#rrggbb' of a user's table

-- Hectares by slope class in expectation under the vertical error, for each piece of a revision's ground (one, but where borders cross
-- it); no row where no error is stated. Written and read by expected.c alone.
CREATE TABLE slope_expected (
    revision_id INTEGER PRIMARY KEY REFERENCES revision,
    pieces      BLOB NOT NULL -- LEB128 numbers: for each piece region set, corridor set, n, mm2 in slope class 0 .. n-1
) STRICT;

-- migration 7

-- Metres by which the shift from the file's datum to WGS84 may be wrong (12 for NAD27 in Mexico): position, not area. NULL = no
-- shift was needed, or the row is from before it was kept.
ALTER TABLE source_row ADD COLUMN datum_accuracy_m REAL;
ALTER TABLE held_row ADD COLUMN datum_accuracy_m REAL;

-- migration 8

-- Mapping profiles (importers/profile.h), as they were saved. The one that is called like a programme is used for its imports.
-- PERSONAL: translations quote values.
CREATE TABLE profile (
    name     TEXT PRIMARY KEY COLLATE NOCASE,
    body     TEXT NOT NULL,
    saved_at TEXT NOT NULL -- ISO 8601 UTC
) STRICT, WITHOUT ROWID;

-- Who is known by a CURP: its keyed hash (importers/curp.h; the key is in the registry's folder). PERSONAL.
CREATE TABLE producer_curp (
    programme_id INTEGER NOT NULL REFERENCES programme,
    hash         TEXT NOT NULL,
    producer_id  INTEGER NOT NULL REFERENCES producer,
    PRIMARY KEY (programme_id, hash)
) STRICT, WITHOUT ROWID;

-- What a held or rejected row says, so that the same row of a file that comes again is known. PERSONAL.
CREATE TABLE held_content (
    held_id      INTEGER PRIMARY KEY REFERENCES held_row,
    programme_id INTEGER NOT NULL,
    hash         BLOB NOT NULL
) STRICT;
CREATE INDEX held_content_by_hash ON held_content (hash);

-- Plots that are points: nothing is measured, what is declared is told beside every total.
CREATE INDEX revision_point ON revision (id, declared_ha) WHERE area_mm2 = 0;

-- migration 9

-- How the pieces err of a plot that layers cut (geo/uncertainty.h): needed wherever a total takes some of a plot's pieces.
CREATE TABLE part_error (
    revision_id  INTEGER NOT NULL REFERENCES revision,
    region_set   INTEGER NOT NULL REFERENCES region_set,
    corridor_set INTEGER NOT NULL,
    piece        INTEGER NOT NULL, -- from 0, place in the covariances
    east_m       REAL NOT NULL,    -- change of its area, m2 for each metre that the plot moves
    north_m      REAL NOT NULL,
    covariance   BLOB NOT NULL,    -- m4, doubles: with each piece of the plot
    epsg         INTEGER NOT NULL, -- of the plot's file: what all plots of one datum share
    PRIMARY KEY (revision_id, region_set, corridor_set)
) STRICT, WITHOUT ROWID;

-- Few plots are repaired: totals by status read them from here.
CREATE INDEX revision_repaired ON revision (repaired) WHERE repaired = 1;

-- migration 10

-- Nothing asks for the faces of a revision; faces are found by their owner, members by their face.
DROP INDEX face_member_by_revision;

-- migration 11

-- Terrain: the kernel of its slopes (geo/slope_kernel.h). NULL = horn.
ALTER TABLE layer ADD COLUMN slope_kernel TEXT;

-- migration 12

-- producer again: an IN of three words in a CHECK is a table that SQLite builds anew for every row, dearer than the row.
CREATE TABLE producer_before AS SELECT * FROM producer ORDER BY id;
DROP TABLE producer;
CREATE TABLE producer (
    id           INTEGER PRIMARY KEY,
    programme_id INTEGER NOT NULL REFERENCES programme,
    code         TEXT,
    name         TEXT,
    gender       TEXT CHECK (gender = 'f' OR gender = 'm' OR gender = 'x'),
    birth_year   INTEGER
) STRICT;
INSERT INTO producer SELECT * FROM producer_before;
DROP TABLE producer_before;
CREATE UNIQUE INDEX producer_by_code ON producer (programme_id, code) WHERE code IS NOT NULL;
-- producer_by_name, and revision_by_geometry above: an import into a table that is still empty drops them, the first one that
-- searches by them makes them again (transaction.c).
CREATE INDEX producer_by_name ON producer (programme_id, name) WHERE code IS NULL;
