-- Hectares on the ellipsoid.
DROP TABLE IF EXISTS area;
CREATE TABLE area AS SELECT gid, ST_Area(geom::geography) / 10000 AS ha FROM valid;
ANALYZE area;
