-- Hectares on the ellipsoid, after repair where a boundary needs it.
SELECT printf('%.9f', sum(ST_Area(CASE WHEN ST_IsValid(geometry) = 1 THEN geometry ELSE MakeValid(geometry) END, 1)) / 10000) FROM plots;
