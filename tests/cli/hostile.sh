#!/bin/bash
# Files made to do harm end in a report or a clear error: no crash, no file outside, no connection, no endless work.
. "$(dirname "$0")/common.sh"
r=$work/registry
"$parcela" init "$r" >/dev/null

# survives WHAT FILE: any exit code of the table but 9 (a fault of the program) and no signal
survives()
{
    local code=0
    timeout 60 "$parcela" import "$r" "$2" --programme X --format json >"$work/out" 2>"$work/err" || code=$?
    [ "$code" -le 7 ] && [ "$code" -ne 1 ] || fail "$1: exit code $code: $(tail -3 "$work/err")"
    one_document "$work/out"
    grep -q 'ERROR: AddressSanitizer\|runtime error' "$work/err" && fail "$1: $(grep -m1 'Sanitizer\|runtime error' "$work/err")"
    return 0
}

: >"$work/empty.geojson"
survives 'an empty file' "$work/empty.geojson"
printf '{"type":"FeatureCollection","features":[]}' >"$work/none.geojson"
survives 'no features' "$work/none.geojson"
head -c 3000 "$samples/soconusco/soconusco.geojson" >"$work/cut.geojson"
survives 'a cut GeoJSON' "$work/cut.geojson"
head -c 90000 "$samples/pequeno-productor/pequeno_productor.gpkg" >"$work/cut.gpkg"
survives 'a cut GeoPackage' "$work/cut.gpkg"
head -c 20000 "$samples/miaf-d/parcelas_miaf.zip" >"$work/cut.zip"
survives 'a cut archive' "$work/cut.zip"
head -c 20000 "$samples/soconusco/caminatas_rayen.gpx" >"$work/cut.gpx"
survives 'a cut GPX' "$work/cut.gpx"
head -c 65536 /dev/zero >"$work/zero.shp"
survives 'zeros' "$work/zero.shp"
for i in 0 1 2 3; do
    printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"codigo":"N%s"},"geometry":{"type":"Polygon","coordinates":%s}}]}' "$i" \
        "$(sed -n "$((i + 1))p" <<'EOF'
[[[1e999,0],[1,0],[1,1],[1e999,0]]]
[[[-92,17],[-92,17],[-92,17],[-92,17]]]
[[]]
[[[0,0],[0,0.001],[0.001,0.001],[0,0]]]
EOF
)" >"$work/odd$i.geojson"
    survives "odd coordinates $i" "$work/odd$i.geojson"
done

# a ring of 500 tangled vertices: held, with a reason, in seconds
awk 'BEGIN { srand(7); printf "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"codigo\":\"ENREDO\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[";
    for (i = 0; i < 500; i++) { x = -92 + rand() / 100; y = 17 + rand() / 100; if (!i) { fx = x; fy = y } printf "[%.7f,%.7f],", x, y }
    printf "[%.7f,%.7f]]]}}]}", fx, fy }' >"$work/tangled.geojson"
survives 'a tangled ring' "$work/tangled.geojson"
expect 'the tangled ring is held' 1 "$(json .held "$work/out")"
[ "$(json '[.findings[] | select(.plot == "ENREDO")] | length' "$work/out")" -ge 1 ] || fail 'no reason for the tangled ring'

# a table cut short: a dry run accounts for every row, an import takes nothing
mkdir "$work/short"
cp "$samples"/organizaciones/organizaciones_z15.* "$work/short"
head -c "$(($(stat -c %s "$work/short/organizaciones_z15.dbf") / 2))" "$samples/organizaciones/organizaciones_z15.dbf" >"$work/short/organizaciones_z15.dbf"
before=$("$parcela" hectares "$r" --format csv)
exits 3 'a cut table' "$parcela" import "$r" "$work/short/organizaciones_z15.shp" --programme X
expect 'nothing of it is counted' "$before" "$("$parcela" hectares "$r" --format csv)"
"$parcela" import "$r" "$work/short/organizaciones_z15.shp" --programme X --dry-run --format json >"$work/out" 2>/dev/null
adds_up "$work/out"

# a .shp without its index, whose shape says a length of -1: rebuilding the index would never end
base64 -d >"$work/endless.shp" <<'EOT'
AAAnCgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAdugDAAAFAAAAzczMzMwsV8DNzMzM////////////////////////////////////////////////////////
///////////////////////////////////////////////////////////////////////////////////////MzC9A2/l+arwsV8BaZDvfT80vQAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAEAFAAAAzczMzMwsV8DNzMzMzMwvQNv5fmq8LFfAWmQ730/NL0ABAAAABQAAAAAAAADNzMzMzCxX
wM3MzMzMzC9A
EOT
exits 3 'a shape of no length' timeout 60 "$parcela" import "$r" "$work/endless.shp" --programme X --crs EPSG:4326
grep -q 'byte 100 of endless.shp' "$work/err" && grep -q file_damaged "$work/err" || fail "a shape of no length is not named: $(cat "$work/err")"

# an archive that wants out of its folder
mkdir -p "$work/slip/a"
printf 'x' >"$work/slip/evil"
(cd "$work/slip/a" && zip -q ../slip.zip ../evil 2>/dev/null) || true
if [ -f "$work/slip/slip.zip" ]; then
    survives 'an archive with ../' "$work/slip/slip.zip"
else
    echo 'SKIPPED: an archive with ../ (no zip here)'
fi
ln -s /etc/passwd "$work/link.geojson"
survives 'a link to another file' "$work/link.geojson"

# a GeoJSON that names a CRS by a link opens no connection
if command -v strace >/dev/null; then
    printf '{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"http://127.0.0.1:9/crs","type":"proj4"}},"features":[{"type":"Feature","properties":{"codigo":"L1"},"geometry":{"type":"Polygon","coordinates":[[[-92,17],[-91.999,17],[-91.999,17.001],[-92,17]]]}}]}' >"$work/link_crs.geojson"
    ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=connect,sendto -o "$work/trace" "$parcela" import "$r" "$work/link_crs.geojson" --programme X >/dev/null 2>&1 || true
    if grep -q 'AF_INET' "$work/trace"; then
        fail 'a GeoJSON with a crs link opened a connection'
    fi
else
    echo 'SKIPPED: a GeoJSON with a crs link (no strace here)'
fi
exits 0 'check' "$parcela" check "$r"
finish
