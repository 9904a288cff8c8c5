#!/bin/bash
# A layer that names no reference system is held against the regions that the registry has; where they say nothing, against Mexico.
. "$(dirname "$0")/common.sh"
munis=$samples/layers/municipios.gpkg
# shape NAME EPSG WHERE: municipalities as a shapefile in a system that it does not name
shape()
{
    mkdir -p "$work/$1"
    ogr2ogr -f 'ESRI Shapefile' "$work/$1/$1.shp" "$munis" -t_srs "EPSG:$2" -where "$3" 2>>"$work/ogr.log"
    rm "$work/$1/$1.prj"
}
# first: the remedy and the candidate that stands first
first()
{
    grep -oE 'EPSG:[0-9]+' "$work/err" | head -1
}
shape puebla 32614 "CVEGEO LIKE '21%'"
shape chiapas 6372 "CVEGEO LIKE '07%'"
ogr2ogr -f GeoJSON "$work/estado21.geojson" "$samples/layers/estados.geojson" -where "CVE_ENT = '21'"
"$parcela" init "$work/bare" >/dev/null
"$parcela" init "$work/states" >/dev/null
"$parcela" layer add "$work/states" regions "$samples/layers/estados.geojson" --level state >/dev/null
"$parcela" init "$work/one" >/dev/null
"$parcela" layer add "$work/one" regions "$work/estado21.geojson" --level state >/dev/null

# zone 14 or 15: the outline of Mexico cannot tell, a state can; the datum nobody can, so it is refused in both
exits 3 'by the outline' "$parcela" layer add "$work/bare" regions "$work/puebla/puebla.shp" --level municipality
by_outline=$(first)
[ "$by_outline" != EPSG:32614 ] || fail 'the outline alone tells zones apart: this test shows nothing'
exits 3 'by the states' "$parcela" layer add "$work/states" regions "$work/puebla/puebla.shp" --level municipality
expect 'the right zone comes first' EPSG:32614 "$(first)"
grep -q 'candidates: EPSG:32614 (own region 100 %' "$work/err" || fail "it does not say why: $(head -1 "$work/err")"
exits 0 'with it' "$parcela" layer add "$work/states" regions "$work/puebla/puebla.shp" --level municipality --crs EPSG:32614

# INEGI's Lambert conic has no twin
exits 0 'one that leaves no doubt' "$parcela" layer add "$work/states" regions "$work/chiapas/chiapas.shp" --level municipality
grep -q 'crs_assumed' "$work/err" && grep -q 'in their own region' "$work/err" || fail "it is not said: $(cat "$work/err")"
# regions elsewhere say nothing: as without them
exits 0 'regions of another state' "$parcela" layer add "$work/one" regions "$work/chiapas/chiapas.shp" --level municipality
grep -q 'crs_assumed' "$work/err" || fail "it is not said: $(cat "$work/err")"
box()
{
    ogrinfo -q "$1/registry.sqlite" -sql "SELECT round(min(ST_MinX(geom)), 6) || ' ' || round(max(ST_MaxY(geom)), 6) AS box FROM layer_feature WHERE key LIKE '070%'" | sed -n 's/.* = //p'
}
expect 'both lie in the same place' "$(box "$work/states")" "$(box "$work/one")"
[[ $(box "$work/one") == -9[0-9].*\ 1[0-9].* ]] || fail "they lie at $(box "$work/one")"
finish
