#!/bin/bash
# Reference systems: files without one, with a wrong one, and rows that stand in a wrong one. A clean set (the MIAF plots, with the key
# of their municipality) is spoiled in each known way; what is recognised is refused or held, and imports once it is told right.
. "$(dirname "$0")/common.sh"
r=$work/registry
registry_new "$r"

zip=/vsizip/$samples/miaf-d/parcelas_miaf.zip
ogr2ogr -f GeoJSON "$work/plain.geojson" "$zip" -t_srs EPSG:4326 -oo ENCODING=ISO-8859-1 -lco COORDINATE_PRECISION=7
jq -c '.features |= map(.properties.CVEGEO = (.properties.CLAVE | split("-")[1]))' "$work/plain.geojson" >"$work/clean.geojson"
n=$(jq '.features | length' "$work/clean.geojson")

# spoil NAME FILTER: every position [lon, lat] of the clean set through a jq filter
spoil()
{
    jq -c "def place: $2; .features |= map(.geometry.coordinates |= (if (.[0][0][0] | type) == \"array\" then map(map(map(place))) else map(map(place)) end))" \
        "$work/clean.geojson" >"$work/$1.geojson"
}

# shape NAME NUMBERS SAYS [FILE]: a shapefile with the numbers of one system that says another ("" = nothing)
shape()
{
    mkdir -p "$work/$1"
    ogr2ogr -f 'ESRI Shapefile' "$work/$1/$1.shp" "${4:-$work/clean.geojson}" -t_srs "$2" 2>>"$work/ogr.log"
    if [ "$3" ]; then
        gdalsrsinfo -o wkt_esri "$3" | tr -d '\n' >"$work/$1/$1.prj"
    else
        rm "$work/$1/$1.prj"
    fi
}

# share CODE LEAST FILE OPTIONS...: a dry run recognises so many rows
share()
{
    exits 0 "dry run of $3" "$parcela" import "$r" "$work/$3" --programme MIAF-D --dry-run --format json "${@:4}"
    adds_up "$work/out"
    local found
    found=$(jq --arg c "$1" '[.findings[] | select(.code == $c)] | length' "$work/out")
    printf '%-24s %s of %s rows\n' "$1" "$found" "$n"
    [ "$found" -ge "$2" ] || fail "$3: expected $1 in $2 rows, found in $found"
    expect "$3: nothing counts" 0 "$(json ".rows - .held - .rejected - ($n - $found)" "$work/out")"
    jq -e --arg c "$1" '.findings[] | select(.code == $c) | .lon != null and .remedy != "" and .row > 0' "$work/out" >/dev/null ||
        fail "$3: a finding without its place, row or remedy"
}

# refused WHAT REMEDY FILE: nothing is written, and the remedy says what to do
refused()
{
    exits 3 "$1" "$parcela" import "$r" "$work/$3" --programme MIAF-D --format json
    one_document "$work/out"
    [[ $(json .error.remedy "$work/out") == *"$2"* ]] || fail "$1: the remedy is: $(json .error.remedy "$work/out")"
}

# ---- rows in a wrong system ----
spoil swapped '[.[1], .[0]]'
share axes_swapped "$n" swapped.geojson
refused 'swapped axes' 'swap the two coordinates' swapped.geojson
spoil sign '[-.[0], .[1]]'
share sign_lost "$n" sign.geojson
refused 'lost sign' 'correct the sign' sign.geojson
shape zone EPSG:32615 EPSG:32614
share wrong_zone "$n" zone/zone.shp
refused 'wrong zone' '--crs EPSG:32615' zone/zone.shp
share wrong_zone "$n" zone/zone.shp --crs EPSG:32616
spoil dms '[.[] | (if . < 0 then -1 else 1 end) as $s | (fabs * 36000 | round) as $t | $s * (($t / 36000 | floor) + (($t / 600 | floor) % 60) / 100 + ($t % 600) / 100000)]'
# those that still lie in their own municipality are not seen one by one (Ocosingo is 100 km wide); the file is refused all the same
share dms_as_decimals $((n * 80 / 100)) dms.geojson
refused 'DMS as decimals' 'decimal degrees' dms.geojson

# with more decimals than people type one row proves nothing, most rows of a file do
spoil digits '[.[] | (if . < 0 then -1 else 1 end) as $s | (fabs * 3600000 | round) as $t | $s * (($t / 3600000 | floor) + (($t / 60000 | floor) % 60) / 100 + ($t % 60000) / 10000000)]'
refused 'DMS with thousandths of a second' 'decimal degrees' digits.geojson

# ---- files in a wrong system, and in none ----
shape metres EPSG:32615 EPSG:4326
refused 'metres with a .prj of degrees' 'EPSG:32615' metres/metres.shp
expect 'the code' crs_wrong "$(json .error.code "$work/out")"
shape degrees EPSG:4326 EPSG:32615
refused 'degrees with a .prj of metres' 'EPSG:4326' degrees/degrees.shp
ogr2ogr -f GeoJSON "$work/utm.geojson" "$work/zone/zone.shp" -a_srs EPSG:4326 2>>"$work/ogr.log"
refused 'metres in GeoJSON' 'EPSG:32615' utm.geojson
expect 'its own municipality' 1 "$(json '.error.candidates[0].own_region' "$work/out")"
shape nothing EPSG:32615 ''
refused 'UTM without .prj' 'EPSG:32615' nothing/nothing.shp
expect 'the code' crs_missing "$(json .error.code "$work/out")"
expect 'NAD27 is the second' 26715 "$(json '.error.candidates[1].epsg' "$work/out")"
exits 3 'as text' "$parcela" import "$r" "$work/nothing/nothing.shp" --programme MIAF-D
grep -q 'EPSG:32615 .*100 %' "$work/err" || fail "no table of candidates: $(cat "$work/err")"
shape bare EPSG:4326 ''
refused 'degrees without .prj' 'EPSG:4326' bare/bare.shp
shape lambert EPSG:6372 ''
exits 0 'LCC without .prj: nothing else fits' "$parcela" import "$r" "$work/lambert/lambert.shp" --programme MIAF-D --dry-run --format json
expect 'it is said' 6372 "$(json '.sources[0].epsg' "$work/out")"
expect 'with a warning' 1 "$(json '[.findings[] | select(.code == "crs_assumed")] | length' "$work/out")"
expect 'the registry is empty still' 0 "$("$parcela" hectares "$r" --format json | jq .total.plots)"

# ---- one bad row among good ones is held, and a person may decide ----
jq -c '.features[7].geometry.coordinates[0] |= map([-.[0], .[1]])' "$work/clean.geojson" >"$work/one.geojson"
exits 0 'one row without its sign' "$parcela" import "$r" "$work/one.geojson" --programme MIAF-D --format json
expect 'it is held' "1 $((n - 1))" "$(json '"\(.held) \(.new)"' "$work/out")"
expect 'for its sign' sign_lost "$(json '[.findings[] | select(.severity == "error")][0].code' "$work/out")"
import=$(json .import "$work/out")
exits 0 'the right file closes it' "$parcela" import "$r" "$work/clean.geojson" --programme MIAF-D --format json
expect 'one is new' "1 $((n - 1)) 0" "$(json '"\(.new) \(.unchanged) \(.held)"' "$work/out")"
exits 0 'nothing of it is held' "$parcela" imports "$r" held "$import" --format json

# ---- NAD27 read as WGS84, now that a second boundary of each plot is known ----
shape shifted EPSG:26715 EPSG:32615
share nad27_shift $((n * 95 / 100)) shifted/shifted.shp
refused 'NAD27 as WGS84' '--crs EPSG:26715' shifted/shifted.shp
exits 0 'as what it is' "$parcela" import "$r" "$work/shifted/shifted.shp" --programme MIAF-D --crs EPSG:26715 --dry-run --format json
expect 'nothing is held' 0 "$(json .held "$work/out")"
expect 'the shift is limited' 12 "$(json '.findings[] | select(.code == "crs_shifted") | .message | capture("of (?<m>[0-9]+) m").m' "$work/out")"
exits 0 'degrees without .prj on known plots' "$parcela" import "$r" "$work/bare/bare.shp" --programme MIAF-D --dry-run --format json
expect 'are WGS84' 4326 "$(json '.sources[0].epsg' "$work/out")"
shape old EPSG:4267 ''
exits 0 'and those of NAD27' "$parcela" import "$r" "$work/old/old.shp" --programme MIAF-D --dry-run --format json
expect 'are NAD27' 4267 "$(json '.sources[0].epsg' "$work/out")"

# a held row whose place is right after all
jq -c '.features |= [.[3]] | .features[0].geometry.coordinates[0] |= map([.[0] + 0.00017, .[1] - 0.00080])' "$work/clean.geojson" >"$work/moved.geojson"
shape moved EPSG:4326 EPSG:4326 "$work/moved.geojson"
code=$(jq -r '.features[3].properties.CLAVE' "$work/clean.geojson")
exits 0 'a plot that moved as far as the datums are apart' "$parcela" import "$r" "$work/moved/moved.shp" --programme MIAF-D --format json
expect 'is held' '1 nad27_shift' "$(json '"\(.held) \(.findings[] | select(.severity == "error") | .code)"' "$work/out")"
exits 0 'it did move' "$parcela" resolve "$r" "$(json .import "$work/out")" 1 --accept original

# ---- the accuracy of a shift stays with the plot ----
exits 0 'NAD27 with its .prj' "$parcela" import "$r" "$work/old/old.shp" --programme ANTES --crs EPSG:4267
exits 0 'a plot of it' "$parcela" plot "$r" "$code" --programme ANTES
expect 'its shift' '4267 12' "$(jq -r '(.features // [.])[0].properties | "\(.source_epsg) \(.datum_accuracy_m)"' "$work/out")"
exits 2 'an unknown system' "$parcela" import "$r" "$work/bare/bare.shp" --crs EPSG:5773
exits 4 'a system without a known way to WGS84' "$parcela" import "$r" "$work/bare/bare.shp" --crs EPSG:4001
grep -q 'no known transformation' "$work/err" || fail "ballpark: $(cat "$work/err")"
exits 0 'check' "$parcela" check "$r"

# ---- the sample data are clean ----
s=$work/samples
registry_new "$s"
for file in miaf-d/parcelas_miaf.zip organizaciones/organizaciones_z14.shp organizaciones/organizaciones_z15.shp \
    pequeno-productor/pequeno_productor.gpkg soconusco/soconusco.geojson soconusco/caminatas_rayen.gpx; do
    exits 0 "$file" "$parcela" import "$s" "$samples/$file" --programme X --dry-run --format json
    expect "false alarms in $file" '' "$(json '[.findings[] | select(.plot // "" | contains("MAL") | not) | .code | select(IN("axes_swapped", "sign_lost", "metres_as_degrees", "degrees_as_metres", "wrong_zone", "crs_doubtful", "nad27_shift", "dms_as_decimals"))] | unique | join(" ")' "$work/out")"
done
finish
