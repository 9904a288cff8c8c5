#!/bin/bash
# The catalogue of checks on plots, one fault a row: each told once, at its row and place, in both languages; honest plots are told nothing.
. "$(dirname "$0")/common.sh"
r=$work/registry
"$parcela" init "$r" >/dev/null
# feature CODE CROP RING...: corners in metres, closed here, seven decimals; rings after a / are holes
feature()
{
    local code=$1 crop=$2
    shift 2
    awk -v code="$code" -v crop="$crop" -v corners="$*" 'BEGIN {
        n = split(corners, c, " "); first = ""; rings = "["
        for (i = 1; i <= n + 1; i++) {
            if (i > n || c[i] == "/") { rings = rings "," first "]"; first = ""; if (i <= n) rings = rings ",["; continue }
            split(c[i], p, ","); at = sprintf("[%.7f,%.7f]", -92.6123456 + p[1] / 106634, 16.7123456 + p[2] / 110574)
            rings = rings (first == "" ? "" : ",") at; if (first == "") first = at
        }
        printf "{\"type\":\"Feature\",\"properties\":{\"codigo\":\"%s\",\"cultivo\":\"%s\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[%s]}}\n", code, crop, rings }'
}
many_corners()
{
    awk 'BEGIN { for (i = 0; i < 5100; i++) printf "%.4f,%.4f ", 3000 + 380 * cos(i * 6.283185307 / 5100), 380 * sin(i * 6.283185307 / 5100) }'
}
{
    feature HONEST café 0,0 100,3 105,95 -4,101
    feature SPIKE café 200,0 300,3 301,50 360,51 300,53 305,95 196,101
    feature SLIVER café 400,0 1400,13 1400,23 400,10
    feature MANY café $(many_corners)
    feature SHORT café 0,300 100,303 100.02,303.1 105,395 -4,401
    feature HOLE café 200,300 300,303 305,395 196,401 / 230,330 260,330 260,360
    feature LARGE café 0,1000 800,1003 803,1803 2,1799
    feature PASTURE pasto 1000,1000 1800,1003 1803,1803 1002,1799
    feature MIXED 'café; caña de azúcar' 2000,1000 2800,1003 2803,1803 2002,1799
} | jq -s '{type: "FeatureCollection", features: .}' >"$work/plots.geojson"
sed -E 's/(-92|16)\.([0-9]{4})[0-9]*/\1.\2/g' "$work/plots.geojson" | jq '.features |= .[0:1]' >"$work/coarse.geojson"
exits 0 'a dry run' "$parcela" import "$r" "$work/plots.geojson" --programme P --dry-run --format json
expect 'all are plots' '9 0 0' "$(json '"\(.new) \(.held) \(.rejected)"' "$work/out")"
told()
{
    json "[.findings[] | select(.code == \"$1\") | .plot // .message] | join(\" \")" "$work/out"
}
expect 'spike' SPIKE "$(told spike)"
near 'its place' "$(awk 'BEGIN { printf "%.7f", -92.6123456 + 360 / 106634 }')" "$(json '.findings[] | select(.code == "spike") | .lon' "$work/out")" 0.000001
expect 'sliver' SLIVER "$(told sliver)"
expect 'many vertices' MANY "$(told many_vertices)"
expect 'size' LARGE "$(told size_for_crop)"
expect 'short edges' '1 rows have edges shorter than 0.2 m, the first is row 5' "$(told short_edges)"
expect 'holes' '1 rows have holes, the first is row 6' "$(told holes)"
near 'the place of the first' "$(awk 'BEGIN { printf "%.7f", -92.6123456 + 230 / 106634 }')" "$(json '.findings[] | select(.code == "holes") | .lon' "$work/out")" 0.000001
expect 'decimals' '' "$(told low_decimals)"
expect 'nothing else' 0 "$(json '[.findings[] | select(.code | IN("spike", "sliver", "many_vertices", "size_for_crop", "short_edges", "holes", "crs_assumed") | not)] | length' "$work/out")"
cp "$work/out" "$work/english"
exits 0 'in Spanish' "$parcela" import "$r" "$work/plots.geojson" --programme P --dry-run --format json --lang es
expect 'every sentence differs' 0 "$(jq -s '[.[0].findings, .[1].findings] | transpose | map(select(.[0].message == .[1].message or .[0].remedy == .[1].remedy or (.[1].remedy | length) == 0)) | length' "$work/english" "$work/out")"
# walks run out and back: that is for the cleaning of walks, not for this
jq '.features[].properties.metodo = "caminata"' "$work/plots.geojson" >"$work/walked.geojson"
exits 0 'as walks' "$parcela" import "$r" "$work/walked.geojson" --programme P --dry-run --format json --map survey=metodo
expect 'no spikes and short edges of walks' ' ' "$(told spike) $(told short_edges)"
expect 'the sliver is one' SLIVER "$(told sliver)"

exits 0 'few decimals' "$parcela" import "$r" "$work/coarse.geojson" --programme P --dry-run --format json
expect 'they are told' '1 rows have few decimals, the first is row 1: 4 decimals of a degree, steps of 11.1 m' "$(told low_decimals)"

# ---- EU 2023/1115: a point up to 4 ha ----
printf 'codigo,lon,lat,hectareas\nA,-92.612345,16.712345,4\nB,-92.622345,16.712345,4.01\n' >"$work/points.csv"
exits 0 'points' "$parcela" import "$r" "$work/points.csv" --programme P --dry-run --format json
expect 'the larger one needs a boundary' '1 1 B' "$(json '"\(.new) \(.rejected)"' "$work/out") $(told point_too_large)"
finish
