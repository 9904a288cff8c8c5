# SpatiaLite SQL on the bare copy: hectares and corridors, each answer made anew by the query. Steps: spatialite.*
# shellcheck shell=bash disable=SC2154  # run sets out, scratch, workload and the like

spatialite_missing()
{
    command -v spatialite >/dev/null || echo spatialite-bin
}

spatialite_layers()
{
    ogr2ogr -f SQLite -update -nlt PROMOTE_TO_MULTI -overwrite -lco GEOMETRY_NAME=geometry -nln corridors "$scratch/copy.sqlite" "$workload/corridors.gpkg"
}

spatialite_sql()
{
    spatialite -silent -bail "$scratch/copy.sqlite" <"$here/peers/spatialite/$1.sql"
}

spatialite_round()
{
    untimed spatialite.layers spatialite_layers
    export -f spatialite_sql
    scratch=$scratch here=$here timed spatialite.area bash -c 'spatialite_sql area'
    scratch=$scratch here=$here timed spatialite.corridors bash -c 'spatialite_sql corridors'
}

# its areas are rounded to about 1e-4 m2 a plot, which a small workload shows
spatialite_agree()
{
    agree 'hectares of all plots, SpatiaLite' "$(total_of parcela hectares)" "$(tail -1 "$out/log/spatialite.area")" 1e-7
    agree 'hectares in corridors, SpatiaLite' "$(total_of parcela corridor)" "$(tail -1 "$out/log/spatialite.corridors")" 1e-6
}
