-- Tiles on request, nothing dropped or limited: every plot whose box meets the tile.
DROP TABLE IF EXISTS served, tile CASCADE; -- and tile_take with it
CREATE TABLE served AS SELECT v.gid, plot_code, programme, crop, year, ha, geom FROM valid v JOIN area USING (gid);
CREATE INDEX ON served USING gist (geom);
VACUUM ANALYZE served;
CREATE TABLE tile (id serial PRIMARY KEY, z int, x int, y int);
DROP SEQUENCE IF EXISTS tile_next;
CREATE SEQUENCE tile_next;
CREATE FUNCTION tile_take() RETURNS tile LANGUAGE plpgsql AS $$ -- each tile of the list once, whoever asks
DECLARE
    i bigint := nextval('tile_next');
    t tile;
BEGIN
    SELECT * INTO t FROM tile WHERE id = i;
    RETURN t;
END $$;
CREATE OR REPLACE FUNCTION tile_mvt(z int, x int, y int) RETURNS bytea LANGUAGE sql STABLE AS $$
    WITH b AS MATERIALIZED (SELECT ST_TileEnvelope(z, x, y) AS env, ST_Transform(ST_TileEnvelope(z, x, y), 4326) AS degrees)
    SELECT ST_AsMVT(t, 'plots') FROM (
        SELECT plot_code, programme, crop, year, ha, ST_AsMVTGeom(ST_Transform(s.geom, 3857), b.env, 4096, 64, true) AS geom
        FROM served s, b WHERE s.geom && b.degrees) AS t
$$;
CREATE OR REPLACE FUNCTION tile_geojson(z int, x int, y int) RETURNS json LANGUAGE sql STABLE AS $$
    WITH b AS MATERIALIZED (SELECT ST_Transform(ST_TileEnvelope(z, x, y), 4326) AS degrees)
    SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(ST_AsGeoJSON(t.*, 'geom', 6)::json), '[]'::json)) FROM (
        SELECT plot_code, programme, crop, year, ha, s.geom FROM served s, b WHERE s.geom && b.degrees) AS t
$$;
