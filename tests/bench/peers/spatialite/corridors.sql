-- Hectares inside corridors: the corridors cut into pieces of 128 vertices first, plots found through their index.
DROP TABLE IF EXISTS piece;
DROP TABLE IF EXISTS single;
CREATE TABLE piece AS SELECT ST_Multi(ST_Subdivide(geometry, 128)) AS geometry FROM corridors;
SELECT RecoverGeometryColumn('piece', 'geometry', 4326, 'MULTIPOLYGON', 'XY');
SELECT ElementaryGeometries('piece', 'geometry', 'single', 'id', 'piece_id', 1);
SELECT printf('%.9f', coalesce(sum(ST_Area(ST_Intersection(CASE WHEN ST_IsValid(p.geometry) = 1 THEN p.geometry ELSE MakeValid(p.geometry) END,
    s.geometry), 1)), 0) / 10000)
FROM single s CROSS JOIN plots p
WHERE p.ogc_fid IN (SELECT rowid FROM SpatialIndex WHERE f_table_name = 'plots' AND search_frame = s.geometry);
