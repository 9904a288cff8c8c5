#!/bin/bash
# Whether corridors come before the plots or after them, and replace others or not: the same figures, also of plots that lie outside
# of all corridors but within the accuracy of their map.
. "$(dirname "$0")/common.sh"

# square FILE NAME WEST SOUTH SIDE
square()
{
    printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"%s"},"geometry":{"type":"Polygon","coordinates":[[[%s,%s],[%s,%s],[%s,%s],[%s,%s],[%s,%s]]]}}]}' \
        "$2" "$3" "$4" "$(bc <<<"$3+$5")" "$4" "$(bc <<<"$3+$5")" "$(bc <<<"$4+$5")" "$3" "$(bc <<<"$4+$5")" "$3" "$4" >"$1"
}
square "$work/corridor.geojson" C -92.6 16.5 0.1
square "$work/elsewhere.geojson" E -93.6 15.5 0.1
square "$work/north.geojson" NORTH -92.55 16.601 0.002 # 110 m north of the corridor
square "$work/west.geojson" WEST -92.6045 16.55 0.002  # 270 m west of it
square "$work/far.geojson" FAR -92.55 16.605 0.002     # 550 m north
square "$work/in.geojson" IN -92.55 16.55 0.002
plots=("$work"/{north,west,far,in}.geojson)

figures()
{
    rm -f "$work/plots.geojson"
    "$parcela" export "$1" "$work/plots.geojson" >/dev/null 2>&1
    jq -rc '.features[].properties | "\(.code) \(.corridor_hectares > 0) \(.corridor_verdict)"' "$work/plots.geojson" | sort | paste -sd,
}
for r in before after; do
    "$parcela" init "$work/$r" >/dev/null
done
exits 0 'corridors first' "$parcela" layer add "$work/before" corridors "$work/corridor.geojson" --key code --accuracy-m 300
exits 0 'then plots' "$parcela" import "$work/before" "${plots[@]}" --programme P
exits 0 'plots first' "$parcela" import "$work/after" "${plots[@]}" --programme P
exits 0 'then corridors' "$parcela" layer add "$work/after" corridors "$work/corridor.geojson" --key code --accuracy-m 300
expect 'corridors first' 'FAR false outside,IN true inside,NORTH false edge,WEST false edge' "$(figures "$work/before")"
expect 'the same figures' "$(figures "$work/before")" "$(figures "$work/after")"
exits 0 'corridors elsewhere in their place' "$parcela" layer add "$work/after" corridors "$work/elsewhere.geojson" --key code --accuracy-m 300
expect 'no corridor is near' 'FAR false outside,IN false outside,NORTH false outside,WEST false outside' "$(figures "$work/after")"
exits 0 'a finer map of the first' "$parcela" layer add "$work/before" corridors "$work/corridor.geojson" --key code --accuracy-m 50
expect 'what its accuracy reaches' 'FAR false outside,IN true inside,NORTH false outside,WEST false outside' "$(figures "$work/before")"
for r in before after; do
    exits 0 "all promises of $r" "$parcela" check "$work/$r"
done
finish
