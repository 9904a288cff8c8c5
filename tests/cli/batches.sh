#!/bin/bash
# Several files at once (a folder, an archive, a command line): one that cannot be read is told with the others' fate and never imported
# by half; a real import is refused with all such files named, or leaves them out when asked to.
. "$(dirname "$0")/common.sh"
r=$work/registry
"$parcela" init "$r" >/dev/null
m=$work/mixed
mkdir -p "$m/sub"
cp "$samples"/soconusco/soconusco.geojson "$samples"/soconusco/caminatas_rayen.gpx "$m"
head -c 3000 "$samples/soconusco/soconusco.geojson" >"$m/cortado.geojson"
head -c 20000 "$samples/soconusco/caminatas_rayen.gpx" >"$m/sub/cortado.gpx"
echo hola >"$m/leame.txt"
head -c 300 /dev/zero | tr '\0' '\1' >"$m/foto.jpg"
(cd "$m" && zip -qr "$work/mixed.zip" .)

# findings CODE FILE: the files of that finding, sorted
findings()
{
    jq -r --arg code "$1" '[.findings[] | select(.code == $code) | .file] | sort | join(" ")' "$2"
}
rows_alone=$(
    for f in soconusco.geojson caminatas_rayen.gpx; do
        "$parcela" import "$r" "$m/$f" --programme T --dry-run --format json 2>/dev/null | jq .rows
    done | paste -sd+ | bc
)
for what in "$m:" "$work/mixed.zip:mixed.zip/"; do
    set -- "${what%:*}" "${what##*:}"
    exits 0 "dry run of $1" "$parcela" import "$r" "$1" --programme T --dry-run --format json
    cp "$work/out" "$work/dry.json"
    adds_up "$work/dry.json"
    expect "rows of the good files of $1" "$rows_alone" "$(json .rows "$work/dry.json")"
    expect "files that cannot be read in $1" "${2}cortado.geojson $2$([ -n "$2" ] && echo sub/)cortado.gpx" "$(findings file_unreadable "$work/dry.json")"
    expect "files of no use in $1" "${2}foto.jpg ${2}leame.txt" "$(findings member_ignored "$work/dry.json")"
    exits 3 "import of $1" "$parcela" import "$r" "$1" --programme T --format json
    expect "the reason for $1" files_unreadable "$(json .error.code "$work/out")"
    for f in cortado.geojson cortado.gpx; do
        json .error.message "$work/out" | grep -qF "$f" || fail "$f is not named: $(json .error.message "$work/out")"
    done
    expect "nothing of $1 was imported" 0 "$("$parcela" hectares "$r" --format json | jq .total.plots)"
done
exits 0 'the others' "$parcela" import "$r" "$m" --programme T --skip-bad-files --format json
expect 'rows of the others' "$rows_alone" "$(json .rows "$work/out")"
expect 'each with the hash of its file' "$(cd "$m" && sha256sum caminatas_rayen.gpx soconusco.geojson | tr -s ' ')" \
    "$(json '[.sources[] | "\(.sha256) \(.file)"] | unique_by(.[65:]) | .[]' "$work/out")"
exits 0 'the same, packed' "$parcela" import "$r" "$work/mixed.zip" --programme T --skip-bad-files --format json
expect 'the same content is no news' 0 "$(json '.new + .revised' "$work/out")"

# all are bad: nothing to leave out
exits 3 'two bad files' "$parcela" import "$r" "$m/cortado.geojson" "$m/sub/cortado.gpx" --skip-bad-files --format json
expect 'two bad files' files_unreadable "$(json .error.code "$work/out")"
exits 3 'one bad file' "$parcela" import "$r" "$m/cortado.geojson" --format json
expect 'one bad file' geojson_syntax "$(json .error.code "$work/out")"
(cd "$m" && zip -q "$work/one.zip" cortado.geojson)
exits 3 'one bad file, packed' "$parcela" import "$r" "$work/one.zip" --format json
expect 'one bad file, packed' geojson_syntax "$(json .error.code "$work/out")"
mkdir "$work/useless"
cp "$m/leame.txt" "$m/foto.jpg" "$work/useless"
exits 3 'files of no use' "$parcela" import "$r" "$work/useless" --format json
expect 'files of no use' nothing_to_read "$(json .error.code "$work/out")"

# a file that says how many rows it has and gives fewer is damaged: leaving bad files out does not cover it
mkdir "$work/short"
cp "$samples"/organizaciones/organizaciones_z15.* "$m/soconusco.geojson" "$work/short"
head -c "$(($(stat -c %s "$work/short/organizaciones_z15.dbf") / 2))" "$samples/organizaciones/organizaciones_z15.dbf" >"$work/short/organizaciones_z15.dbf"
exits 3 'a cut table among others' "$parcela" import "$r" "$work/short" --programme X --skip-bad-files --format json
expect 'a cut table among others' rows_missing "$(json .error.code "$work/out")"

# parts of a shapefile named one by one are that shapefile
exits 0 'all parts on the command line' "$parcela" import "$r" "$samples"/organizaciones/organizaciones_z15.* --programme O --dry-run --format json
expect 'one layer' 1 "$(json '.sources | length' "$work/out")"
expect 'the hash of its parts' "$(cat "$samples"/organizaciones/organizaciones_z15.{cpg,dbf,prj,shp,shx} 2>/dev/null | sha256sum | cut -d' ' -f1)" "$(json '.sources[0].sha256' "$work/out")"
expect 'no word about the parts' '' "$(findings file_unreadable "$work/out")$(findings member_ignored "$work/out")"

# a boundary as large as a country is no plot
printf '{"type":"FeatureCollection","features":[%s,%s]}' \
    '{"type":"Feature","properties":{"codigo":"G1"},"geometry":{"type":"Polygon","coordinates":[[[-93,16],[-92,16],[-92,16.3],[-93,16.3],[-93,16]]]}}' \
    '{"type":"Feature","properties":{"codigo":"G2"},"geometry":{"type":"Polygon","coordinates":[[[-150,-60],[-20,-60],[-20,60],[-150,60],[-150,-60]]]}}' >"$work/large.geojson"
exits 0 'boundaries too large' "$parcela" import "$r" "$work/large.geojson" --programme X --dry-run --format json
expect 'one held, one rejected' '1 1' "$(jq -r '"\(.held) \(.rejected)"' "$work/out")"
expect 'and why' '"area_implausible" "area_implausible"' "$(jq -c '.findings[] | select(.code == "area_implausible") | .code' "$work/out" | paste -sd' ')"
exits 0 'check' "$parcela" check "$r"
finish
