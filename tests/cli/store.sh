#!/bin/bash
# The registry as others see it: ogrinfo and SpatiaLite open it, check finds tampering, exports come back as they went.
. "$(dirname "$0")/common.sh"
r=$work/registry
registry_new "$r"
"$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D >/dev/null
"$parcela" import "$r" "$samples/soconusco/soconusco.geojson" --programme SOCONUSCO >/dev/null

exits 0 'layer list' "$parcela" layer list "$r"
grep -q corridors "$work/out" || fail 'layer list does not name the corridors'
exits 0 'layer list as JSON' "$parcela" layer list "$r" --format json
one_document "$work/out"

# opens elsewhere, with geometry and spatial index
db=$r/registry.sqlite
ogrinfo -ro -q "$db" >"$work/layers" 2>"$work/err" || fail 'ogrinfo does not open the registry'
grep -qi polygon "$work/layers" || fail 'ogrinfo sees no polygons'
expect 'spatial indexes' true "$(sqlite3 "file:$db?mode=ro" 'select count(*) > 0 and sum(spatial_index_enabled > 0) > 0 from geometry_columns' |
    sed 's/^1$/true/')"
largest=0
while IFS='|' read -r table column; do
    n=$(ogrinfo -ro -q "$db" -dialect SQLite -sql "select count(*) as n from \"$table\" where \"$column\" is not null" 2>/dev/null | awk '/n \(/ {print $NF}')
    [ "${n:-0}" -gt "$largest" ] && largest=$n
done < <(sqlite3 "file:$db?mode=ro" 'select f_table_name, f_geometry_column from geometry_columns')
[ "$largest" -ge 432 ] || fail "ogrinfo sees $largest boundaries where 432 plots are registered"

# exports: what goes out is what is in, and it comes back in
hectares=$("$parcela" hectares "$r" --programme MIAF-D --format json | jq .total.hectares)
for name in all.geojson all.gpkg all.shp all.shp.zip all.csv; do
    exits 0 "export $name" "$parcela" export "$r" "$work/$name"
    [ -s "$work/$name" ] || fail "export made no $name"
done
expect 'features of the GeoJSON' 432 "$(jq '.features | length' "$work/all.geojson")"
expect 'features of the GeoPackage' 432 "$(ogrinfo -ro -al -so "$work/all.gpkg" | awk '/Feature Count/ {print $3}' | head -1)"
expect 'features of the shapefile' 432 "$(ogrinfo -ro -al -so "$work/all.shp" | awk '/Feature Count/ {print $3}')"
expect 'lines of the CSV' 433 "$(wc -l <"$work/all.csv")"
for name in all.geojson all.gpkg all.shp.zip; do
    back=$work/back.$name
    "$parcela" init "$back" >/dev/null
    exits 0 "import of $name" "$parcela" import "$back" "$work/$name" --format json
    adds_up "$work/out"
    expect "plots back from $name" 432 "$(json .new "$work/out")"
    near "hectares back from $name" "$hectares" "$("$parcela" hectares "$back" --programme MIAF-D --format json | jq .total.hectares)" 0.001
done
exits 5 'export over an existing file' "$parcela" export "$r" "$work/all.csv"
if grep -q 'MIAF-P0\|POT-P0' "$work/all.geojson" "$work/all.csv"; then
    fail 'an export names producers without --personal'
fi
exits 0 'export with --personal' "$parcela" export "$r" "$work/personal.csv" --personal
grep -q 'MIAF-P0\|POT-P0\|Gómez' "$work/personal.csv" || fail 'an export with --personal names no producers'
exits 2 'export to an unknown format' "$parcela" export "$r" "$work/all.xyz"

# tampering is found
exits 0 'check' "$parcela" check "$r"
table=$(sqlite3 "file:$db?mode=ro" "select m.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'
    and c.name = 'area_mm2' and m.name like '%revision%' limit 1")
[ -n "$table" ] || fail 'no table of revisions with area_mm2 to tamper with'
cp -r "$r" "$work/tampered"
sqlite3 "$work/tampered/registry.sqlite" "update $table set area_mm2 = area_mm2 + 1000000 where rowid = (select min(rowid) from $table)" 2>"$work/err" ||
    fail "could not tamper: $(cat "$work/err")"
exits 1 'check of a changed area' "$parcela" check "$work/tampered" --format json
one_document "$work/out"
expect 'it says so' false "$(json .ok "$work/out")"
[ "$(json '[.checks[] | select(.ok | not)] | length' "$work/out")" -ge 1 ] || fail 'no check names the tampering'
rm -rf "$work/tampered" && cp -r "$r" "$work/tampered"
rm -f "$work/tampered/registry.sqlite-wal"
# whole pages in the middle, where the plots are
head -c 65536 /dev/urandom | dd of="$work/tampered/registry.sqlite" bs=4096 seek=$(($(stat -c %s "$work/tampered/registry.sqlite") / 8192)) conv=notrunc status=none
code=0
"$parcela" check "$work/tampered" >/dev/null 2>&1 || code=$?
case $code in
1 | 8) ;;
*) fail "check of a damaged file: expected exit code 1 or 8, obtained $code" ;;
esac

# one writer: while someone holds the lock, a write says who, and reading goes on
if command -v flock >/dev/null; then
    (
        flock 9
        exits 6 'import while another writes' "$parcela" import "$r" "$samples/soconusco/soconusco.geojson" --programme SOCONUSCO
        exits 0 'reading while another writes' "$parcela" hectares "$r"
        exit "$failed"
    ) 9>>"$r/lock" || failed=1
fi
finish
