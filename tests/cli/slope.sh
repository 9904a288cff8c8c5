#!/bin/bash
# Slope classes by name and by file, changed later; the elevation model's error and the expected hectares, with the sample data.
. "$(dirname "$0")/common.sh"
r=$work/registry
registry_new "$r"
"$parcela" layer add "$r" terrain "$samples"/terrain/*.tif --model 'Colinas' --edition 'de prueba' >"$work/out" 2>/dev/null
grep -q 'not stated' "$work/out" || fail 'an unknown model has an error'
"$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D >/dev/null 2>&1
hectares()
{
    "$parcela" hectares "$r" --format json "${@:2}" | jq -r "$1"
}
total=$(hectares .total.hectares)

# ---- the classes in use are told ----
expect 'FAO by default' FAO_2006 "$(hectares .method.slope_table)"
expect 'no expectation without an error' null "$(hectares .total.slope_class_expected_hectares)"
expect 'and no column' 0 "$("$parcela" hectares "$r" --by slope_class | grep -c expected || true)"
"$parcela" plot "$r" MIAF-07066-127 >"$work/plot.json"
expect 'a plot tells its model' 'Colinas de prueba FAO_2006 null' "$(json '.properties | .slope_method | "\(.model) \(.edition) \(.table) \(.vertical_error_m)"' "$work/plot.json")"
expect 'and its cells' true "$(json '.properties.slope_method.cell_m > 29 and .properties.slope_method.cell_m < 32' "$work/plot.json")"
expect 'sloping area is more' true "$(json '.properties.surface_hectares > .properties.hectares' "$work/plot.json")"

# ---- an error is stated later: expected hectares, which add up exactly ----
exits 0 'set an error' "$parcela" layer set "$r" terrain --vertical-error-m 2.4
grep -q 'Renewed the figures of 301 plots' "$work/out" || fail 'the plots were not computed anew'
expect 'the model stays' Colinas "$("$parcela" layer list "$r" --format json | jq -r '.[] | select(.kind == "terrain") | .model')"
expect 'the hectares stay' "$total" "$(hectares .total.hectares)"
exits 0 'hectares by slope class' "$parcela" hectares "$r" --by slope_class
grep -q 'expected' "$work/out" || fail 'no column of expected hectares'
awk '$1 ~ /^(0[1-9]|10)$/ { for (i = 2; i <= NF && $i !~ /^[0-9]+$/; i++) ; p += $(i+2); e += $(i+3) }
     $1 == "TOTAL" { if (sprintf("%.4f", p) != $4 || sprintf("%.4f", e) != $5 || $4 != $5) { print p, e, $0; exit 1 } }' "$work/out" || fail 'the printed columns do not add up'
# exactly, in square millimetres
expect 'expected classes add up to the hectares' true \
    "$(hectares '([.total.slope_class_expected_hectares[] * 1e10 | round] | add) == (.total.hectares * 1e10 | round)')"
expect 'of a plot too' true "$("$parcela" plot "$r" MIAF-07066-127 | jq '.properties | ([.slope_class_expected_hectares[] * 1e10 | round] | add) == (.hectares * 1e10 | round)')"
expect 'municipalities add up to the classes' true "$("$parcela" hectares "$r" --by municipality --format json |
    jq '([.groups[].slope_class_expected_hectares["08"] * 1e10 | round] | add) == (.total.slope_class_expected_hectares["08"] * 1e10 | round)')"
expect 'by municipality and class as well' true "$("$parcela" hectares "$r" --by municipality,slope_class --format json |
    jq '([.groups[] | select(.slope_class == "08") | .hectares_expected * 1e10 | round] | add) == (.total.slope_class_expected_hectares["08"] * 1e10 | round)')"
expect 'a condition chooses' true "$("$parcela" hectares "$r" --by slope_class --where 'hectares > 2' --format json |
    jq '([.groups[].hectares_expected * 1e10 | round] | add) == (.total.hectares * 1e10 | round)')"
head -1 <("$parcela" hectares "$r" --format csv) | grep -q 'slope_08_expected_hectares.*slope_table,terrain' || fail 'the CSV has no expected hectares'
"$parcela" hectares "$r" --format csv | grep -v '^#' | tail -1 | grep -q 'FAO_2006,"Colinas, de prueba, cells of' || fail 'the CSV does not say what it rests on'
exits 0 'a workbook' "$parcela" hectares "$r" --by slope_class --format xlsx --output "$work/a.xlsx"
unzip -q -p "$work/a.xlsx" xl/sharedStrings.xml >"$work/strings"
for word in 'hectares_expected' 'Colinas' 'vertical_error_m' 'FAO_2006' 'slope_table_source'; do
    grep -q -- "$word" "$work/strings" || fail "the workbook does not say $word"
done
exits 0 'all promises hold' "$parcela" check "$r"
grep -q 'ok      slope_expected' "$work/out" || fail 'expected hectares are not checked'
sqlite3 "$r/registry.sqlite" "UPDATE slope_expected SET pieces = x'0100010a' WHERE revision_id = 7"
exits 1 'and a broken one is found' "$parcela" check "$r"
grep -q 'slope_expected.*1 plots' "$work/out" || fail 'the plot whose expectation was changed is not found'
one_part='(revision_id, region_set, corridor_set, slope_class) IN (SELECT revision_id, region_set, corridor_set, slope_class FROM part WHERE revision_id = 9 LIMIT 1)'
sqlite3 "$r/registry.sqlite" "UPDATE part SET area_mm2 = area_mm2 + 5 WHERE $one_part"
exits 1 'and a broken part' "$parcela" check "$r" --format json
expect 'by its worst difference' true "$(jq '.checks[] | select(.name == "parts_equal_whole") | (.ok | not) and (.detail | test("worst difference 5 mm2, .*; 1 plots do not, first MIAF"))' "$work/out")"
sqlite3 "$r/registry.sqlite" "UPDATE part SET area_mm2 = area_mm2 - 5 WHERE $one_part"
exits 1 'without it' "$parcela" check "$r"
grep -q 'parts_equal_whole *301 plots, [0-9]* parts: .*worst difference 0 mm2' "$work/out" || fail 'the parts are not shown to be the whole'

# ---- another kernel, remembered with the figures ----
slope_of_plot()
{
    "$parcela" plot "$r" MIAF-07066-127 | jq -r '.properties | "\(.slope_mean_pct) \(.slope_method.slope_kernel)"'
}
"$parcela" layer set "$r" terrain --vertical-error-m 2.4 >/dev/null 2>&1
horn=$(slope_of_plot)
expected=$(hectares '.total.slope_class_expected_hectares["08"]')
expect 'Horn by default' 'horn' "${horn#* }"
exits 0 'Zevenbergen and Thorne' "$parcela" layer set "$r" terrain --slope-method zevenbergen-thorne
grep -q 'Slopes by Zevenbergen and Thorne 1987' "$work/out" || fail 'the kernel is not told'
grep -q 'Renewed the figures of 301 plots' "$work/out" || fail 'the plots were not computed anew'
other=$(slope_of_plot)
expect 'the plot says so' 'zevenbergen_thorne' "${other#* }"
[ "$other" != "$horn" ] && [ "${other% *}" != "${horn% *}" ] || fail 'the slope is the same'
expect 'so do the totals' true "$(hectares '.method | (.slope | startswith("Zevenbergen")) and .layers[-1].slope_kernel == "zevenbergen_thorne"')"
[ "$(hectares '.total.slope_class_expected_hectares["08"]')" != "$expected" ] || fail 'the kernel has the same noise'
"$parcela" hectares "$r" --by slope_class --format csv >"$work/kernel.csv"
grep -q 'slopes by Zevenbergen and Thorne 1987' "$work/kernel.csv" || fail 'the CSV does not name the kernel'
"$parcela" milpa "$r" MIAF-07066-127 >"$work/plan"
grep -q 'slopes by Zevenbergen and Thorne 1987' "$work/plan" || fail 'the plan does not name the kernel'
exits 0 'its figures hold' "$parcela" check "$r"
exits 0 'and back' "$parcela" layer set "$r" terrain --slope-method horn
expect 'to the same slope' "$horn" "$(slope_of_plot)"
expect 'and the same expectation' "$expected" "$(hectares '.total.slope_class_expected_hectares["08"]')"
exits 2 'another word' "$parcela" layer set "$r" terrain --slope-method fleming
exits 2 'a kernel of corridors' "$parcela" layer add "$r" corridors "$samples/layers/corredores.gpkg" --slope-method horn
"$parcela" layer set "$r" terrain --vertical-error-m 0 >/dev/null 2>&1

# ---- a known model says its error ----
exits 0 'a known model' "$parcela" layer set "$r" terrain --model 'Copernicus GLO-30' --edition 2021
grep -q '1.2 m, 2.4 m on slopes above 20 %' "$work/out" || fail 'the error of GLO-30 is not taken'
exits 0 'its renewed figures hold' "$parcela" check "$r"
exits 0 'none is none' "$parcela" layer set "$r" terrain --vertical-error-m 0
expect 'no expectation again' null "$(hectares .total.slope_class_expected_hectares)"

# ---- other classes, later ----
"$parcela" hectares "$r" --by slope_class --format csv | grep -v '^#' >"$work/fao.csv"
printf 'code,from_pct,to_pct,name_es,name_en,colour\nsuave,0,20,suave,gentle,#aabbcc\nfuerte,20,,fuerte,steep,#112233\n' >"$work/norma.csv"
exits 0 'own classes' "$parcela" layer set "$r" terrain --classes "$work/norma.csv" --vertical-error-m 1.2
grep -q 'Slope classes: norma (2 classes' "$work/out" || fail 'the table is not told'
expect 'own classes are in use' 'fuerte suave' "$(hectares '[.groups[].slope_class] | sort | join(" ")' --by slope_class)"
expect 'their colours are told' '#aabbcc' "$(hectares '.method.slope_classes[0].colour')"
expect 'and hold all hectares' "$total" "$(hectares .total.hectares --by slope_class)"
miaf=$("$parcela" hectares "$r" --by slope_class --format json | jq -r '.groups[] | select(.slope_class == "fuerte") | .hectares')
exits 0 'the promises hold with own classes' "$parcela" check "$r"
exits 0 'back to a shipped table' "$parcela" layer set "$r" terrain --classes MIAF
expect 'the MIAF rule says the same' "$miaf" "$("$parcela" hectares "$r" --by slope_class --format json | jq -r '.groups[] | select(.slope_class == "2") | .hectares')"
exits 0 'and to the first' "$parcela" layer set "$r" terrain --classes FAO_2006 --vertical-error-m 0
# the same figures as before, but for the elevation model's edition in words
cmp -s "$work/fao.csv" <("$parcela" hectares "$r" --by slope_class --format csv | grep -v '^#') || fail 'the classes did not come back'

# ---- history: the classes of ended boundaries are those of another table, and are not taken for today's ----
then=$(sqlite3 -readonly "$r/registry.sqlite" 'SELECT max(at) FROM change')
sleep 1.1
"$parcela" export "$r" "$work/plots.geojson" >/dev/null
jq '.features |= map(.geometry.coordinates |= (.. |= if type == "number" then . + 0.00002 else . end))' "$work/plots.geojson" >"$work/moved.geojson"
"$parcela" import "$r" "$work/moved.geojson" --programme MIAF-D >/dev/null 2>&1 || true
[ "$(hectares .total.plots --as-of "$then")" = 301 ] || fail 'the history is not there'
expect 'as long as the table is the same, so are its classes' true "$(hectares '.total.slope_class_hectares | .no_data == 0 and .["08"] > 0' --as-of "$then")"
revised=$(sqlite3 -readonly "$r/registry.sqlite" 'SELECT count(*) FROM revision WHERE to_change > from_change')
[ "$revised" -gt 250 ] || fail "only $revised plots were revised"
"$parcela" layer set "$r" terrain --classes MIAF --vertical-error-m 1.2 >/dev/null 2>&1
expect 'ended ones have no class in another table' true \
    "$(hectares '.total | .slope_class_hectares.no_data / .hectares > 0.8 and ([.slope_class_hectares[] * 1e10 | round] | add) == (.hectares * 1e10 | round)' --as-of "$then")"
expect 'the expected ones neither' true "$(hectares '.total | .slope_class_expected_hectares.no_data == .slope_class_hectares.no_data' --as-of "$then")"
expect 'today has' 0 "$(hectares '.total.slope_class_hectares.no_data')"
exits 0 'all promises hold at the end' "$parcela" check "$r"

# ---- mistakes are told ----
exits 4 'neither a table nor a file' "$parcela" layer set "$r" terrain --classes USDA
grep -q 'FAO_2006' "$work/err" || fail 'the error does not name the tables there are'
printf 'code,from_pct,to_pct\na,0,8\nb,10,\n' >"$work/gap.csv"
exits 3 'a gap' "$parcela" layer set "$r" terrain --classes "$work/gap.csv"
grep -q 'line 3.*no class' "$work/err" || fail 'the gap is not told'
printf 'code,from_pct,colour\na,0,verde\n' >"$work/colour.csv"
exits 3 'a colour' "$parcela" init "$work/other" --slope-classes "$work/colour.csv"
grep -q 'verde' "$work/err" || fail 'the colour is not told'
[ ! -e "$work/other" ] || fail 'a registry was made with a broken table'
head -c 2000 /dev/urandom >"$work/noise"
exits 3 'noise' "$parcela" layer set "$r" terrain --classes "$work/noise"
exits 2 'nothing to set' "$parcela" layer set "$r" terrain
exits 2 'an error below zero' "$parcela" layer set "$r" terrain --vertical-error-m -1
exits 2 'classes of corridors' "$parcela" layer add "$r" corridors "$samples/layers/corredores.gpkg" --classes FAO
exits 2 'a correlation of two' "$parcela" layer set "$r" terrain --vertical-correlation 2

# ---- from the first day ----
exits 0 'init with classes' "$parcela" init "$work/third" --slope-classes gaez
expect 'they are in use' GAEZ_2000 "$("$parcela" hectares "$work/third" --format json | jq -r .method.slope_table)"
exits 0 'classes without terrain' "$parcela" layer set "$work/third" terrain --classes "$work/norma.csv"
expect 'can be changed' norma "$("$parcela" hectares "$work/third" --format json | jq -r .method.slope_table)"
exits 4 'but an error needs terrain' "$parcela" layer set "$work/third" terrain --vertical-error-m 1
exits 0 'classes with the terrain' "$parcela" layer add "$work/third" terrain "$samples/terrain/atlixco.tif" --classes MIAF_20 --model SRTM
printf 'clave,longitud,latitud,superficie\nQ-1,-98.549,18.9677,1.5\n' >"$work/punto.csv"
exits 0 'a plot that is a point' "$parcela" import "$work/third" "$work/punto.csv" --programme PQ
expect 'has a slope' true "$("$parcela" plot "$work/third" Q-1 | jq '.properties.slope_mean_pct > 0')"
expect 'and nothing to expect' '{"1":0,"2":0,"no_data":0}' "$("$parcela" hectares "$work/third" --format json | jq -c .total.slope_class_expected_hectares)"
exits 0 'so that its expectation adds up' "$parcela" check "$work/third"
expect 'all of it is remembered' 'MIAF_20 4.3' "$("$parcela" hectares "$work/third" --format json | jq -r '"\(.method.slope_table) \(.method.layers[0].vertical_error_m)"')"
finish
