-- Mean slope of each plot over whole cells whose centres lie in it; a plot smaller than a cell may have none.
DROP TABLE IF EXISTS zonal;
CREATE TABLE zonal AS
SELECT p.gid, (ST_SummaryStatsAgg(ST_Clip(s.rast, p.geom, true), 1, true)).mean AS mean
FROM valid p JOIN slope s ON ST_ConvexHull(s.rast) && p.geom
GROUP BY p.gid;
