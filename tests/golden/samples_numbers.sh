#!/bin/bash
# What the sample data promise, computed without Parcela: SpatiaLite's ellipsoidal areas and overlaps.
# samples_numbers.sh SAMPLE_DATA
set -euo pipefail
samples=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
db=$work/samples.sqlite
ogr2ogr -q -f SQLite -dsco SPATIALITE=YES "$db" "$samples/layers/municipios.gpkg" -nln municipios -lco GEOMETRY_NAME=geometry
load() # load SOURCE TABLE [OPTION...]
{
    ogr2ogr -q -update -f SQLite -t_srs EPSG:4326 "$db" "$1" -nln "$2" -lco GEOMETRY_NAME=geometry "${@:3}"
}
load "$samples/layers/corredores.gpkg" corredores
load "$samples/layers/estados.geojson" estados
load "/vsizip/$samples/miaf-d/parcelas_miaf.zip" miaf -oo ENCODING=ISO-8859-1
load "$samples/pequeno-productor/pequeno_productor.gpkg" pp
load "$samples/organizaciones/organizaciones_z14.shp" z14
load "$samples/organizaciones/organizaciones_z15.shp" z15

failed=0
expect() # expect WHAT LOW HIGH QUERY
{
    local got
    got=$(spatialite -silent "$db" "$4" 2>&1 | tail -n 1) || true
    if ! awk -v g="$got" -v l="$2" -v h="$3" 'BEGIN { exit !(g ~ /^-?[0-9][0-9.e+-]*$/ && g + 0 >= l && g + 0 <= h) }'; then
        echo "$1: expected $2 to $3, obtained $got"
        failed=1
    fi
}
expect 'MIAF-D hectares' 404.95 405.05 'select sum(ST_Area(geometry, 1)) / 1e4 from miaf'
expect 'MIAF-D share in corridors, %' 72.95 73.05 'select 100 * sum(ST_Area(ST_Intersection(m.geometry, c.g), 1)) /
    (select sum(ST_Area(geometry, 1)) from miaf) from miaf m, (select ST_Union(geometry) g from corredores) c'
expect 'MIAF-D municipalities' 14 14 'select count(distinct u.cvegeo) from miaf m join municipios u on ST_Intersects(m.geometry, u.geometry)'
expect 'MIAF-D hectares in municipalities' 404.95 405.05 'select sum(ST_Area(ST_Intersection(m.geometry, u.geometry), 1)) / 1e4
    from miaf m join municipios u on ST_Intersects(m.geometry, u.geometry)'
expect 'codes of MIAF-D told apart' 0 0 'select count(*) - count(distinct clave) from miaf'
expect 'municipalities inside their state' 29 29 "select count(*) from municipios m join estados s on substr(m.cvegeo, 1, 2) = s.cve_ent
    and ST_Contains(s.geometry, m.geometry)"
expect 'municipalities that overlap' 0 0 'select count(*) from municipios a join municipios b on a.cvegeo < b.cvegeo
    and ST_Area(ST_Intersection(a.geometry, b.geometry)) > 0'
expect 'gaps between the 14 municipalities' 0 0 "select sum(ST_NumInteriorRing(ST_GeometryN(g, 1))) + ST_NumGeometries(g) - 1
    from (select CastToMulti(ST_Union(geometry)) g from municipios where cvegeo between '07000' and '07999' and ST_Y(ST_Centroid(geometry)) > 16)"
expect 'holes of the corridors' 4 20 'select sum(ST_NumInteriorRing(geometry)) from corredores'
expect 'small farms under 2 ha, %' 45 55 "select 100.0 * sum(ST_Area(geometry, 1) < 2e4) / count(*) from pp where codigo not like 'PP-MAL%'"
expect 'first year of adoption' 2011 2011 'select min(anio_adopcion) from pp'
expect 'organisations' 13 13 'select count(distinct organizaci) from (select organizaci from z14 union all select organizaci from z15)'
expect 'model farms' 3 3 "select count(*) from (select tipo from z14 union all select tipo from z15) where tipo = 'rancho modelo'"
expect 'faulty rows' 6 6 "select count(*) from pp where codigo like 'PP-MAL%'"
expect 'invalid rows among the faulty' 2 2 'select count(*) from pp where ST_IsValid(geometry) <> 1'
expect 'plots across a municipal border' 2 40 'select count(*) from (select p.codigo from pp p join municipios u
    on ST_Intersects(p.geometry, u.geometry) group by p.codigo having count(*) > 1)'
exit $failed
