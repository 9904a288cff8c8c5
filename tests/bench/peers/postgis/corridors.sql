-- Hectares of each plot in each corridor, the corridors cut into pieces of 128 vertices first; a plot inside one piece is not cut.
DROP TABLE IF EXISTS corridor_piece, corridor_part;
CREATE TABLE corridor_piece AS SELECT corr_id, ST_Subdivide(geom, 128) AS geom FROM corridor;
CREATE INDEX ON corridor_piece USING gist (geom);
ANALYZE corridor_piece;
CREATE TABLE corridor_part AS
SELECT p.gid, c.corr_id,
       sum(CASE WHEN ST_CoveredBy(p.geom, c.geom) THEN a.ha ELSE ST_Area(ST_Intersection(p.geom, c.geom)::geography) / 10000 END) AS ha
FROM valid p JOIN corridor_piece c ON ST_Intersects(p.geom, c.geom) JOIN area a USING (gid)
GROUP BY p.gid, c.corr_id;
