-- Plots cut by municipality borders: one row for each part of a plot, as Parcela keeps them. The municipalities are cut into pieces
-- of 128 vertices first (without that it takes twenty times as long); a plot inside one piece is not cut.
DROP TABLE IF EXISTS region_piece, part;
CREATE TABLE region_piece AS SELECT mun_key, ST_Subdivide(geom, 128) AS geom FROM region;
CREATE INDEX ON region_piece USING gist (geom);
ANALYZE region_piece;
CREATE TABLE part AS
SELECT gid, mun_key, CASE WHEN whole THEN ha ELSE ST_Area(geom::geography) / 10000 END AS ha, geom
FROM (SELECT p.gid, r.mun_key, a.ha, ST_CoveredBy(p.geom, r.geom) AS whole,
             CASE WHEN ST_CoveredBy(p.geom, r.geom) THEN p.geom ELSE ST_CollectionExtract(ST_Intersection(p.geom, r.geom), 3) END AS geom
      FROM valid p JOIN region_piece r ON ST_Intersects(p.geom, r.geom) JOIN area a USING (gid)) AS cut;
CREATE INDEX ON part (mun_key);
ANALYZE part;
