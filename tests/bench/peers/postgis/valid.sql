-- Boundaries that hold, and their index.
DROP TABLE IF EXISTS valid CASCADE;
CREATE TABLE valid AS
SELECT gid, plot_code, programme, crop, year,
       CASE WHEN ST_IsValid(geom) THEN geom ELSE ST_Multi(ST_CollectionExtract(ST_MakeValid(geom), 3)) END AS geom
FROM plot;
CREATE INDEX ON valid USING gist (geom);
ANALYZE valid;
