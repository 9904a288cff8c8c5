#!/bin/bash
# A held row without a code is closed by a corrected boundary: the same row of the file, or the same ground; never by anything else.
. "$(dirname "$0")/common.sh"
r=$work/registry
"$parcela" init "$r" >/dev/null
# feature NOTE RING...: corners in units of 1e-4 degrees, closed here
feature()
{
    local note=$1 ring
    shift
    ring=$(for corner in "$@" "$1"; do awk -F, '{ printf "[%.7f,%.7f]\n", -92.5 + $1 * 1e-4, 16.5 + $2 * 1e-4 }' <<<"$corner"; done | paste -sd,)
    printf '{"type":"Feature","properties":{"nota":"%s"},"geometry":{"type":"Polygon","coordinates":[[%s]]}}\n' "$note" "$ring"
}
# collection FILE: features on stdin
collection()
{
    jq -s '{type: "FeatureCollection", features: .}' >"$1"
}
open_rows()
{
    "$parcela" imports "$r" held --format json | jq length
}
# found CODE: how many findings of it in the last answer
found()
{
    json "[.findings[] | select(.code == \"$1\")] | length" "$work/out"
}
twice_round=(0,0 10,0 10,10 0,10 0,1 7,1 7,8 1,8) # goes round twice: the repairs disagree
whole=(0,0 10,0 10,10 0,10)

mkdir "$work/a" "$work/b"
{
    feature 'lote de arriba' "${twice_round[@]}"
    feature 'lote de abajo' 20,0 30,0 30,10 20,10
} | collection "$work/a/lotes.geojson"
exits 0 'import' "$parcela" import "$r" "$work/a/lotes.geojson" --programme P --format json
expect 'one new, one held' '1 1' "$(json '"\(.new) \(.held)"' "$work/out")"

# ---- what is another plot closes nothing ----
feature 'otro' 0,9 10,9 10,19 0,19 | collection "$work/b/otro.geojson"
exits 0 'a neighbour' "$parcela" import "$r" "$work/b/otro.geojson" --programme P --format json
expect 'a neighbour closes nothing' '0 1' "$(found held_closed) $(open_rows)"
feature 'lote de arriba' "${whole[@]}" | collection "$work/b/ajeno.geojson"
exits 0 'another programme' "$parcela" import "$r" "$work/b/ajeno.geojson" --programme Q --format json
expect 'another programme closes nothing' '0 1' "$(found held_closed) $(open_rows)"
{
    feature 'lote ajeno' 50,50 60,50 60,60 50,60
} | collection "$work/b/lotes.geojson"
exits 0 'another file of the same name' "$parcela" import "$r" "$work/b/lotes.geojson" --programme P --format json
expect 'the same name and number, another row' '0 1' "$(found held_closed) $(open_rows)"

# ---- the same ground ----
feature 'recorrido nuevo' 0.2,0 10,0.2 9.9,10 0,10.1 | collection "$work/b/nuevo.geojson"
exits 0 'dry run' "$parcela" import "$r" "$work/b/nuevo.geojson" --programme P --dry-run --format json
expect 'a dry run says what would be closed' '1 1' "$(found held_closed) $(open_rows)"
exits 0 'the same ground' "$parcela" import "$r" "$work/b/nuevo.geojson" --programme P --format json
expect 'it is closed' '1 0' "$(found held_closed) $(open_rows)"
json '.findings[] | select(.code == "held_closed") | .message' "$work/out" | grep -q 'import 1 held it as row 1; the boundaries share 9[0-9] % of their ground' || fail 'the finding does not say which row'
exits 0 'undone' "$parcela" imports "$r" revert "$(json .import "$work/out")"
expect 'the row is open again' 1 "$(open_rows)"
exits 0 'with a code of its own now' "$parcela" import "$r" "$work/b/nuevo.geojson" --programme P --map code=nota --format json
expect 'it is closed as well' '1 0' "$(found held_closed) $(open_rows)"
exits 0 'undone' "$parcela" imports "$r" revert "$(json .import "$work/out")"

# ---- the same row of the file, wherever it lies now ----
{
    feature 'lote de arriba' 100,100 110,100 110,110 100,110
    feature 'lote de abajo' 20,0 30,0 30,10 20,10
} | collection "$work/b/lotes.geojson"
exits 0 'the corrected file' "$parcela" import "$r" "$work/b/lotes.geojson" --programme P --format json --lang es
expect 'one new, one as it was' '1 0 1' "$(json '"\(.new) \(.held) \(.unchanged)"' "$work/out")"
expect 'it is closed' '1 0' "$(found held_closed) $(open_rows)"
expect 'and said in Spanish' 'la importación 1 la retuvo como fila 1; es la misma fila del archivo' "$(json '.findings[] | select(.code == "held_closed") | .message' "$work/out")"
exits 0 'undone' "$parcela" imports "$r" revert "$(json .import "$work/out")"

# the same row held twice, as it came with another boundary that could not be used either: both are closed
mkdir "$work/c"
{
    feature 'lote de arriba' 0,0 10,0 10,10 0,10 0,2 6,1 7,8 1,8
    feature 'lote de abajo' 20,0 30,0 30,10 20,10
} | collection "$work/c/lotes.geojson"
exits 0 'still not usable' "$parcela" import "$r" "$work/c/lotes.geojson" --programme P --format json
second=$(json .import "$work/out")
expect 'two wait' 2 "$(open_rows)"
exits 0 'the corrected file' "$parcela" import "$r" "$work/b/lotes.geojson" --programme P --format json
expect 'both are closed' '2 0' "$(found held_closed) $(open_rows)"
exits 0 'undone' "$parcela" imports "$r" revert "$(json .import "$work/out")"
exits 0 'undone' "$parcela" imports "$r" revert "$second"

# ---- two held rows on one ground: a person says which ----
feature 'otra caminata' "${twice_round[@]}" | collection "$work/b/caminata.geojson"
exits 0 'a second held row' "$parcela" import "$r" "$work/b/caminata.geojson" --programme P --format json
expect 'two wait' 2 "$(open_rows)"
exits 0 'the same ground' "$parcela" import "$r" "$work/b/nuevo.geojson" --programme P --format json
expect 'none is closed, and that is said' '0 1 2' "$(found held_closed) $(found held_several) $(open_rows)"
exits 0 'check' "$parcela" check "$r"
finish
