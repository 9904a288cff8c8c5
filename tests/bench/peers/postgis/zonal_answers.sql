-- Files PREFIX.slope.tsv (every plot, whole cells) and PREFIX.slope_sample.tsv (about 300 plots, cells weighted by the part under the plot).
\set file :prefix '.slope.tsv'
\o :file
SELECT plot_code, mean FROM zonal JOIN valid USING (gid) WHERE mean IS NOT NULL;
\set file :prefix '.slope_sample.tsv'
\o :file
SELECT plot_code, sum(val * part) / sum(part) FROM (
    SELECT v.plot_code, c.val, ST_Area(ST_Intersection(c.geom, v.geom)) AS part
    FROM (SELECT plot_code, geom FROM valid ORDER BY md5(plot_code) LIMIT 300) AS v
    JOIN slope s ON ST_ConvexHull(s.rast) && v.geom
    CROSS JOIN LATERAL ST_PixelAsPolygons(ST_Clip(s.rast, ST_Expand(ST_Envelope(v.geom), 2 * ST_ScaleX(s.rast)), true)) AS c
    WHERE ST_Intersects(c.geom, v.geom)) AS cells
GROUP BY plot_code HAVING sum(part) > 0;
