-- Hectares counted once, municipality by municipality, so that no more than one is held in memory. This connection takes those whose
-- place in the order of size leaves :worker when divided by :workers.
SELECT format('INSERT INTO distinct_ha SELECT %L, ST_Area(ST_Union(geom)::geography) / 10000 FROM part WHERE mun_key = %L', mun_key, mun_key)
FROM (SELECT mun_key, row_number() OVER (ORDER BY count(*) DESC, mun_key) AS place FROM part GROUP BY mun_key) AS sizes
WHERE place % :workers = :worker
ORDER BY place
\gexec
