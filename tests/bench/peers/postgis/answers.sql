-- What is compared with Parcela's answers, as files PREFIX.NAME.tsv. What lies in no municipality is the plots less their parts.
\pset footer off
\set file :prefix '.plot.tsv'
\o :file
SELECT plot_code, ha FROM valid JOIN area USING (gid);
\set file :prefix '.plot_corridor.tsv'
\o :file
SELECT plot_code, sum(c.ha) FROM corridor_part c JOIN valid USING (gid) GROUP BY plot_code HAVING sum(c.ha) > 0;
-- (Measured in the plane of degrees first: a sliver without width still has some square centimetres between its geodesics.)
CREATE INDEX IF NOT EXISTS part_by_plot ON part (gid);
CREATE TEMP TABLE rest AS
SELECT gid, geom FROM (
    SELECT v.gid, ST_Area(v.geom) AS whole,
           ST_Difference(v.geom, coalesce((SELECT ST_Union(geom) FROM part WHERE part.gid = v.gid), ST_GeomFromText('POLYGON EMPTY', 4326))) AS geom
    FROM valid v JOIN area a USING (gid) LEFT JOIN (SELECT gid, sum(ha) AS ha FROM part GROUP BY gid) AS p USING (gid)
    WHERE a.ha - coalesce(p.ha, 0) > 1e-9 * a.ha) AS outside
WHERE ST_Area(geom) > 1e-9 * whole;
\set file :prefix '.municipality.tsv'
\o :file
SELECT mun_key, sum(ha) FROM part GROUP BY mun_key HAVING sum(ha) > 0
UNION ALL SELECT 'none', sum(ST_Area(geom::geography)) / 10000 FROM rest HAVING sum(ST_Area(geom::geography)) > 0 ORDER BY 1;
\set file :prefix '.distinct.tsv'
\o :file
SELECT mun_key, ha FROM distinct_ha WHERE ha > 0
UNION ALL SELECT 'none', ST_Area(ST_Union(geom)::geography) / 10000 FROM rest HAVING sum(ST_Area(geom::geography)) > 0 ORDER BY 1;
\set file :prefix '.total.tsv'
\o :file
SELECT 'plots', count(*)::text FROM area UNION ALL SELECT 'hectares', sum(ha)::text FROM area
UNION ALL SELECT 'corridor', sum(ha)::text FROM corridor_part;
-- One union of everything: beyond that it takes more memory and time than there are. (A HAVING would come after the union was made.)
SELECT count(*) <= 200000 AS few FROM valid \gset
\if :few
SELECT 'distinct', (ST_Area(ST_Union(geom)::geography) / 10000)::text FROM valid;
\endif
