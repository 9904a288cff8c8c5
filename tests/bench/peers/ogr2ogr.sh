# ogr2ogr: the bare copy of the shapefile into a SpatiaLite file with a spatial index. It computes nothing. Steps: ogr2ogr.*
# shellcheck shell=bash disable=SC2154  # run sets out, scratch, workload and the like

ogr2ogr_missing()
{
    command -v ogr2ogr >/dev/null || echo gdal-bin
}

ogr2ogr_copy()
{
    rm -f "$scratch/copy.sqlite"
    timed ogr2ogr.copy ogr2ogr -f SQLite -dsco SPATIALITE=YES -nlt PROMOTE_TO_MULTI -gt 65536 "$scratch/copy.sqlite" "$workload/plots.shp"
}
