#!/bin/bash
# Held rows and their decisions, overlaps as facts, report files, undoing an import on which others stand.
. "$(dirname "$0")/common.sh"
r=$work/registry
registry_new "$r"
pp=$samples/pequeno-productor/pequeno_productor.gpkg
ha()
{
    "$parcela" hectares "$r" --format json | jq -r ".total.$1"
}

# ---- report files: before anything is written, and from what is stored ----
exits 2 'a report of unknown kind' "$parcela" import "$r" "$pp" --programme PP --dry-run --report "$work/r.doc"
for kind in json csv geojson gpkg; do
    exits 0 "a dry run with .$kind" "$parcela" import "$r" "$pp" --programme PP --dry-run --report "$work/dry.$kind" --format json
done
findings=$(json .findings_total "$work/out")
expect 'nothing was registered' 0 "$(ha plots)"
expect 'findings in JSON' "$findings" "$(json '.findings | length' "$work/dry.json")"
expect 'findings in CSV' "$findings" "$(($(wc -l <"$work/dry.csv") - 1))"
expect 'spots in GeoJSON' "$findings" "$(json '[.features[] | select(.properties.layer == "spots")] | length' "$work/dry.geojson")"
expect 'layers of the GeoPackage' 'original proposed spots' "$(ogrinfo -q "$work/dry.gpkg" | sed 's/^[0-9]*: //; s/ (.*//' | sort | xargs)"
for layer in original proposed; do
    n=$(json "[.features[] | select(.properties.layer == \"$layer\")] | length" "$work/dry.geojson")
    [ "$n" -ge 2 ] || fail "only $n boundaries in $layer"
    expect "boundaries of $layer" "$n" "$(ogrinfo -so "$work/dry.gpkg" "$layer" | sed -n 's/^Feature Count: //p')"
done
expect 'every boundary has its geometry' 0 "$(json '[.features[] | select(.properties.layer != "spots" and .geometry == null)] | length' "$work/dry.geojson")"
expect 'originals lie in Mexico' true \
    "$(json '[.features[] | select(.properties.layer == "original") | .geometry | .. | arrays | select((.[0] | type) == "number") | .[0] > -118 and .[0] < -86 and .[1] > 14 and .[1] < 33] | all' "$work/dry.geojson")"
exits 5 'a report that is there' "$parcela" import "$r" "$pp" --programme PP --dry-run --report "$work/dry.json"

# ---- held rows ----
exits 0 'import' "$parcela" import "$r" "$pp" --programme PP --format json
import=$(json .import "$work/out")
exits 0 'a stored report' "$parcela" imports "$r" show "$import" --report "$work/stored.geojson"
cmp -s "$work/dry.geojson" "$work/stored.geojson" || fail 'the stored report differs from that of the dry run'
exits 0 'held rows' "$parcela" imports "$r" held --format json
cp "$work/out" "$work/held.json"
expect 'two wait' 2 "$(json length "$work/held.json")"
crossed=$(json '.[] | select(.reason == "repair_ambiguous") | .row' "$work/held.json")
twice=$(json '.[] | select(.reason == "duplicate_code") | .row' "$work/held.json")
expect 'both areas of the ambiguous one' true "$(json '.[] | select(.reason == "repair_ambiguous") | (.linework_ha > 0 and .structure_ha > 0)' "$work/held.json")"
expect 'its spot' number "$(json '.[] | select(.reason == "repair_ambiguous") | .lon | type' "$work/held.json")"
exits 0 'held rows as text' "$parcela" imports "$r" held "$import"
grep -q PP-MAL-0002 "$work/out" || fail 'the text names no plot'
plots=$(ha plots)
before=$(ha hectares)
exits 2 'an unknown choice' "$parcela" resolve "$r" "$import" "$crossed" --accept both
exits 3 'the original is not valid' "$parcela" resolve "$r" "$import" "$crossed" --accept original
exits 3 'no such candidate' "$parcela" resolve "$r" "$import" "$twice" --accept structure
exits 4 'no such row' "$parcela" resolve "$r" "$import" 99999 --accept drop
exits 4 'no such import' "$parcela" resolve "$r" 99 "$crossed" --accept drop
exits 4 'no such file' "$parcela" resolve "$r" "$import" "$crossed" --accept drop --file other.shp
exits 0 'accept linework' "$parcela" resolve "$r" "$import" "$crossed" --accept linework --file pequeno_productor.gpkg --format json
one_document "$work/out"
resolved=$(json .import "$work/out")
expect 'one new plot' '1 0' "$(json '"\(.new) \(.revised)"' "$work/out")"
near 'its hectares' "$(json '.[] | select(.reason == "repair_ambiguous") | .linework_ha' "$work/held.json")" \
    "$(awk -v a="$before" -v b="$(ha hectares)" 'BEGIN { printf "%.10f", b - a }')" 0.000002
expect 'the plot is there' "$((plots + 1))" "$(ha plots)"
exits 0 'the plot' "$parcela" plot "$r" PP-MAL-0002
grep -q PP "$work/out" || fail 'the plot has no programme'
exits 5 'decided already' "$parcela" resolve "$r" "$import" "$crossed" --accept structure
expect 'one waits' 1 "$("$parcela" imports "$r" held --format json | jq length)"
expect 'the decision is in the history' "$import" "$("$parcela" imports "$r" list --format json | jq -r ".[] | select(.import == $resolved) | .sources[0].resolves_import")"
exits 0 'check' "$parcela" check "$r"

# the decision is undone with its import; then a corrected boundary closes the row
exits 0 'revert the decision' "$parcela" imports "$r" revert "$resolved"
expect 'both wait again' 2 "$("$parcela" imports "$r" held --format json | jq length)"
near 'hectares as before' "$before" "$(ha hectares)" 0
printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"clave":"PP-MAL-0002"},"geometry":{"type":"Polygon","coordinates":[[[-92.5,16.5],[-92.499,16.5],[-92.499,16.501],[-92.5,16.501],[-92.5,16.5]]]}}]}' >"$work/fixed.geojson"
exits 0 'a corrected boundary' "$parcela" import "$r" "$work/fixed.geojson" --programme OTHER --map code=clave --format json
expect 'another programme closes nothing' 2 "$("$parcela" imports "$r" held --format json | jq length)"
exits 0 'a corrected boundary' "$parcela" import "$r" "$work/fixed.geojson" --programme PP --map code=clave --format json
expect 'claimed twice' OTHER "$(json '[.findings[] | select(.code == "claimed_twice")][0].message' "$work/out" | grep -o OTHER)"
corrected=$(json .import "$work/out")
expect 'the row is closed' 1 "$("$parcela" imports "$r" held --format json | jq length)"
exits 0 'revert the correction' "$parcela" imports "$r" revert "$corrected"
expect 'the row is open again' 2 "$("$parcela" imports "$r" held --format json | jq length)"

# the second row with one code: its boundary is valid
exits 0 'drop' "$parcela" resolve "$r" "$import" "$twice" --accept drop
expect 'one waits' 1 "$("$parcela" imports "$r" held --format json | jq length)"
exits 0 'accept the original after all' "$parcela" resolve "$r" "$import" "$twice" --accept original --format json
expect 'its plot is revised' '0 1' "$(json '"\(.new) \(.revised)"' "$work/out")"
cp "$work/out" "$work/out.accepted"
exits 0 'check' "$parcela" check "$r"
resolved=$(json .import "$work/out.accepted")

# ---- the same file again: what was held stays as it was decided ----
before=$(ha hectares)
exits 0 'drop the other' "$parcela" resolve "$r" "$import" "$crossed" --accept drop
exits 0 'the same file again' "$parcela" import "$r" "$pp" --programme PP --format json
expect 'nothing is held or registered' '0 0 null' "$(json '"\(.held) \(.revised) \(.import)"' "$work/out")"
expect 'the dropped row is said to be so' 1 "$(json '[.findings[] | select(.code == "held_dropped")] | length' "$work/out")"
[ "$(json '[.findings[] | select(.code == "held_decided")] | length' "$work/out")" -ge 1 ] || fail 'nothing is said of the decided row'
adds_up "$work/out"
expect 'the same hectares' "$before" "$(ha hectares)"
expect 'none waits' 0 "$("$parcela" imports "$r" held --format json | jq length)"

# ---- undoing the import undoes the decisions about its rows too, and says so ----
exits 0 'revert of the first' "$parcela" imports "$r" revert "$import" --format json
expect 'with its decision' "[$resolved]" "$(jq -c .decisions_reverted "$work/out")"
expect 'only the plot of the other programme is left' 1 "$(ha plots)"
exits 0 'check of the empty one' "$parcela" check "$r"
exits 0 'the file once more' "$parcela" import "$r" "$pp" --programme PP --format json
expect 'its rows are held anew' 2 "$(json .held "$work/out")"
exits 0 'and again' "$parcela" import "$r" "$pp" --programme PP --format json
expect 'held once' '0 null 2' "$(json '"\(.held) \(.import) \([.findings[] | select(.code == "held_already")] | length)"' "$work/out")"
expect 'two wait' 2 "$("$parcela" imports "$r" held --format json | jq length)"

# ---- overlaps, and reverting below imports of other plots ----
r=$work/pairs
"$parcela" init "$r" >/dev/null
# square CODE X Y SIDE (units of 1e-4 degrees)
square()
{
    awk -v c="$1" -v x="$2" -v y="$3" -v s="$4" 'BEGIN { w = -92.5 + x * 1e-4; o = 16.5 + y * 1e-4; e = w + s * 1e-4; n = o + s * 1e-4
        printf "{\"type\":\"Feature\",\"properties\":{\"codigo\":\"%s\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f]]]}}\n", c, w, o, e, o, e, n, w, n, w, o }'
}
collection()
{
    jq -s '{type: "FeatureCollection", features: .}'
}
{
    square A 0 0 10
    square NEXT 9.8 0 10
    square HALF 40 0 10
    square HALF2 45 0 10
    square WALK 60 0 10
    square WALK2 60.3 0.3 10
    square SAME 80 0 10
    square SAME2 80 0 10.02
} | collection >"$work/one.geojson"
{
    square B 0 5 10
} | collection >"$work/two.geojson"
exits 0 'programme ONE' "$parcela" import "$r" "$work/one.geojson" --programme ONE --format json
one=$(json .import "$work/out")
expect 'pairs found at import' 2 "$(json '[.findings[] | select(.code == "duplicate_boundary")] | length' "$work/out")"
exits 0 'programme TWO' "$parcela" import "$r" "$work/two.geojson" --programme TWO --format json
expect 'claimed twice' 'B 1' "$(json '[.findings[] | select(.code == "claimed_twice")] | "\(.[0].plot) \(.[0].row)"' "$work/out")"
exits 0 'overlaps' "$parcela" overlaps "$r" --format json
one_document "$work/out"
class()
{
    json ".pairs[] | select([.plots[].code] == [\"$1\",\"$2\"]) | .class" "$work/out"
}
expect 'a strip' neighbour "$(class A NEXT)"
expect 'half a plot' partial "$(class HALF HALF2)"
expect 'two walks' resurvey "$(class WALK WALK2)"
expect 'one boundary twice' duplicate "$(class SAME SAME2)"
expect 'two programmes' claimed_twice "$(class A B)"
near 'shared hectares and share' 0.5 "$(json '.pairs[] | select(.class == "claimed_twice" and .plots[0].code == "A") | .hectares / .plots[0].hectares' "$work/out")" 0.001
# A, NEXT and B share a strip of 0.2 by 5 units: three pairs have it, totals count it twice too often
near 'the pairs and what totals count twice' 0.0118 \
    "$(json "([.pairs[].hectares] | add) - $(ha hectares_double_counted)" "$work/out")" 0.0001
exits 0 'one class' "$parcela" overlaps "$r" --class claimed_twice --programme TWO --min-hectares 0.3 --format csv
expect 'one line and the head' 2 "$(wc -l <"$work/out")"
exits 0 'a table' "$parcela" overlaps "$r"
grep -q 'claimed_twice' "$work/out" || fail 'the table names no class'
exits 2 'an unknown class' "$parcela" overlaps "$r" --class same
exits 2 'no number' "$parcela" overlaps "$r" --min-hectares much
exits 4 'no registry' "$parcela" overlaps "$work/none"

# the first import goes, the second stays: as if it had come alone
exits 0 'revert below' "$parcela" imports "$r" revert "$one"
"$parcela" init "$work/alone" >/dev/null
"$parcela" import "$work/alone" "$work/two.geojson" --programme TWO >/dev/null 2>&1
cmp -s <("$parcela" hectares "$r" --by programme --format json | jq -S '.groups, .total') \
    <("$parcela" hectares "$work/alone" --by programme --format json | jq -S '.groups, .total') || fail 'the totals are not those of the second import alone'
expect 'no pair is left' 0 "$("$parcela" overlaps "$r" --format json | jq .pairs_total)"
exits 0 'check' "$parcela" check "$r"

# many copies of one plot, each metres away: said, and totals stay right
for i in $(seq 0 19); do
    square "C$i" "$(awk -v i="$i" 'BEGIN { print 200 + cos(i) }')" "$(awk -v i="$i" 'BEGIN { print sin(i) }')" 10
done | collection >"$work/pile.geojson"
exits 0 'a pile' "$parcela" import "$r" "$work/pile.geojson" --programme PILE --format json
[ "$(json '[.findings[] | select(.code == "too_many_overlaps")] | length' "$work/out")" -ge 1 ] || fail 'nothing is said about the pile'
exits 0 'check of the pile' "$parcela" check "$r"
exits 0 'its pairs' "$parcela" overlaps "$r" --programme PILE --format json
expect 'all pairs are known' 190 "$(json .pairs_total "$work/out")"
expect 'and their shares' true "$(json '[.pairs[] | .iou > 0.5] | all' "$work/out")"
finish
