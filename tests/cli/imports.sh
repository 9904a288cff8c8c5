#!/bin/bash
# The life of an import: dry run, the same file again, a changed file, revert, a missing CRS, things that are not plots.
. "$(dirname "$0")/common.sh"
r=$work/registry
registry_new "$r"

# what a registry says: totals and imports
state()
{
    "$parcela" hectares "$r" --by programme,municipality --format json | jq -S 'del(.method)'
    "$parcela" imports "$r" list --format json | jq -S .
}

state >"$work/empty"
exits 0 'dry run' "$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D --dry-run --format json
one_document "$work/out"
adds_up "$work/out"
expect 'a dry run says so' true "$(json .dry_run "$work/out")"
expect 'it computes everything' 301 "$(json .new "$work/out")"
state >"$work/now"
cmp -s "$work/empty" "$work/now" || fail 'a dry run has changed the registry'
expect 'no plot after a dry run' 0 "$("$parcela" hectares "$r" --format json | jq .total.plots)"

exits 0 'import' "$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D --format json
first=$(json .import "$work/out")
state >"$work/one"
exits 0 'the same file again' "$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D --format json
expect 'all unchanged' '0 0 301' "$(json '"\(.new) \(.revised) \(.unchanged)"' "$work/out")"
adds_up "$work/out"
cmp -s <(jq -S .groups <("$parcela" hectares "$r" --by municipality --format json)) \
    <(jq -S .groups <("$parcela" hectares "$r" --by municipality --programme MIAF-D --format json)) || fail 'totals by programme differ'
near 'totals after the second import' 405.0 "$("$parcela" hectares "$r" --format json | jq .total.hectares)" 0.05

# other attributes and one moved boundary: revised
ogr2ogr -f GeoJSON "$work/changed.geojson" "/vsizip/$samples/miaf-d/parcelas_miaf.zip" -t_srs EPSG:4326 -oo ENCODING=ISO-8859-1 \
    -where "CLAVE LIKE 'MIAF-07096-%'"
n=$(jq '.features | length' "$work/changed.geojson")
jq '.features[0].geometry.coordinates[0] |= map([.[0] + 0.00002, .[1]])
    | .features[1].properties.CULTIVO = "café"' "$work/changed.geojson" >"$work/changed2.geojson"
exits 0 'a changed file' "$parcela" import "$r" "$work/changed2.geojson" --programme MIAF-D --format json
adds_up "$work/out"
expect 'rows of the changed file' "$n" "$(json .rows "$work/out")"
expect 'nothing new' 0 "$(json .new "$work/out")"
[ "$(json .revised "$work/out")" -ge 2 ] || fail 'the two changed rows are not revised'
second=$(json .import "$work/out")
expect 'still 301 plots' 301 "$("$parcela" hectares "$r" --format json | jq .total.plots)"
exits 0 'check' "$parcela" check "$r"

# an import on which a later one stands cannot go first
exits 5 'revert of the first import' "$parcela" imports "$r" revert "$first"
exits 0 'revert of the second' "$parcela" imports "$r" revert "$second"
cmp -s <("$parcela" hectares "$r" --by programme,municipality --format json | jq -S '.groups, .total') \
    <(jq -S 'select(type == "object") | .groups, .total' "$work/one") || fail 'revert does not bring the totals back'
exits 0 'check after revert' "$parcela" check "$r"
exits 0 'revert of the first' "$parcela" imports "$r" revert "$first"
expect 'empty again' '0 0' "$("$parcela" hectares "$r" --format json | jq -r '"\(.total.plots) \(.total.hectares)"' | sed 's/\.0*$//')"
exits 0 'check when empty' "$parcela" check "$r"
exits 5 'revert twice' "$parcela" imports "$r" revert "$first"
exits 4 'revert of nothing' "$parcela" imports "$r" revert 9999
exits 0 'import after revert' "$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D --format json
adds_up "$work/out"
near 'hectares after revert and import' 405.0 "$("$parcela" hectares "$r" --format json | jq .total.hectares)" 0.05
exits 0 'list' "$parcela" imports "$r"
grep -q reverted "$work/out" || fail 'the list does not name what was reverted'
exits 0 'show' "$parcela" imports "$r" show "$first" --format json
one_document "$work/out"

# no CRS: an error that names candidates, nothing written; --crs helps
mkdir "$work/nocrs"
for part in shp shx dbf; do
    cp "$samples/organizaciones/organizaciones_z15.$part" "$work/nocrs/predios.$part"
done
state >"$work/before"
exits 3 'no CRS' "$parcela" import "$r" "$work/nocrs/predios.shp" --programme X
grep -q 'EPSG:32615' "$work/err" || fail "the error names no candidate: $(cat "$work/err")"
exits 3 'no CRS, as JSON' "$parcela" import "$r" "$work/nocrs/predios.shp" --programme X --format json
one_document "$work/out"
state >"$work/now"
cmp -s "$work/before" "$work/now" || fail 'a refused file has changed the registry'
exits 0 'with --crs' "$parcela" import "$r" "$work/nocrs/predios.shp" --crs EPSG:32615 --programme X --dry-run --format json
expect 'rows with --crs' 0 "$(json '.rows - .new' "$work/out")"

# conservation works are points and lines, not plots
exits_works=0
"$parcela" import "$r" "$samples/organizaciones/obras_conservacion.gpkg" --programme X --format json >"$work/out" 2>"$work/err" || exits_works=$?
one_document "$work/out"
if [ "$exits_works" = 0 ]; then
    expect 'works are no plots' 0 "$(json '.new + .revised + .held' "$work/out")"
    adds_up "$work/out"
    [ "$(json '.findings | length' "$work/out")" -gt 0 ] || fail 'nothing is said about the works'
else
    expect 'the exit code for works' 3 "$exits_works"
    [ -n "$(json '.error.message' "$work/out")" ] || fail 'nothing is said about the works'
fi
# --map of columns that are not there names those that are
exits 2 'a column that is not there' "$parcela" import "$r" "$samples/soconusco/soconusco.geojson" --programme X --map code=nada
grep -q codigo "$work/err" || fail 'the error does not name the columns there are'
# ---- more findings than a report holds in memory: text shows examples, JSON lists every one ----
many=$work/many
"$parcela" init "$many" >/dev/null
awk 'BEGIN { print "codigo,hectareas,wkt"
    for (i = 0; i < 1500; i++) { x = -92.5 + i % 50 * 0.002; y = 16.5 + int(i / 50) * 0.002
        printf "N%04d,9,\"POLYGON((%.6f %.6f,%.6f %.6f,%.6f %.6f,%.6f %.6f))\"\n", i, x, y, x + 0.001, y, x + 0.001, y + 0.001, x, y } }' >"$work/many.csv"
exits 0 'a dry run with many findings' "$parcela" import "$many" "$work/many.csv" --crs EPSG:4326 --dry-run --format json
one_document "$work/out"
adds_up "$work/out"
expect 'one for each row' 1500 "$(json '[.findings[] | select(.code == "declared_differs")] | length' "$work/out")"
expect 'and all are listed' true "$(json '.findings_total == (.findings | length)' "$work/out")"
exits 0 'the import itself' "$parcela" import "$many" "$work/many.csv" --crs EPSG:4326
expect 'three examples of a code' 3 "$(grep -c 'declared 9 ha' "$work/out")"
grep -q 'and 1497 more' "$work/out" || fail 'the text does not say how many more there are'

finish
