#!/bin/bash
# The four programmes with all layers: the figures that the sample data promise, from the command line.
. "$(dirname "$0")/common.sh"
r=$work/registry
registry_new "$r"
"$parcela" layer add "$r" terrain "$samples"/terrain/*.tif >/dev/null

exits 0 'import of MIAF-D' "$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D --format json
cp "$work/out" "$work/miaf.json"
one_document "$work/miaf.json"
adds_up "$work/miaf.json"
expect 'rows of MIAF-D' 301 "$(json .rows "$work/miaf.json")"
expect 'new plots of MIAF-D' 301 "$(json .new "$work/miaf.json")"
expect 'a named import' number "$(json '.import | type' "$work/miaf.json")"
expect 'not a dry run' false "$(json .dry_run "$work/miaf.json")"
expect 'seconds' number "$(json '.seconds | type' "$work/miaf.json")"

exits 0 'import of Pequeño Productor' "$parcela" import "$r" "$samples/pequeno-productor/pequeno_productor.gpkg" \
    --programme PEQUENO-PRODUCTOR --format json
cp "$work/out" "$work/pp.json"
adds_up "$work/pp.json"
expect 'rows of Pequeño Productor' 410 "$(json .rows "$work/pp.json")"
expect 'held rows' 2 "$(json .held "$work/pp.json")"
expect 'repaired rows' 1 "$(json .repaired "$work/pp.json")"
expect 'the ambiguous row' PP-MAL-0002 "$(json '[.findings[] | select(.code == "repair_ambiguous")][0].plot' "$work/pp.json")"
expect 'the repaired row' PP-MAL-0001 "$(json '[.findings[] | select(.code == "self_crossing")][0].plot' "$work/pp.json")"
expect 'the place of the crossing' number "$(json '[.findings[] | select(.code == "self_crossing")][0].lon | type' "$work/pp.json")"
expect 'the code used twice' PP-MAL-0003 "$(json '[.findings[] | select(.code == "duplicate_code")][0].plot' "$work/pp.json")"
expect 'the keys of a finding' 'code,file,lat,lon,message,plot,remedy,row,severity' \
    "$(json '.findings[0] | [keys[] | select(. != "effect_m2")] | join(",")' "$work/pp.json")"

exits 0 'import of the organisations' "$parcela" import "$r" "$samples/organizaciones/organizaciones_z14.shp" \
    "$samples/organizaciones/organizaciones_z15.shp" --programme ORGANIZACIONES --format json
adds_up "$work/out"
expect 'rows of both zones' 96 "$(json .new "$work/out")"
exits 0 'import of the walks' "$parcela" import "$r" "$samples"/soconusco/*.gpx --programme SOCONUSCO \
    --map code=name --map organisation=cmt --map crop=desc --format json
adds_up "$work/out"
expect 'walks' 40 "$(json .new "$work/out")"
exits 0 'import of the GeoJSON' "$parcela" import "$r" "$samples/soconusco/soconusco.geojson" --programme SOCONUSCO --format json
adds_up "$work/out"
expect 'rows of the GeoJSON' 132 "$(json .rows "$work/out")"
expect 'the swapped row' 1 "$(json .rejected "$work/out")"
expect 'its finding' POT-MAL-1 "$(json '[.findings[] | select(.code == "axes_swapped")][0].plot' "$work/out")"

# MIAF-D: 14 municipalities, 405.0 ha, 73 % inside the corridors, from the geometry
exits 0 'hectares by municipality' "$parcela" hectares "$r" --programme MIAF-D --by municipality --format json
cp "$work/out" "$work/by.json"
one_document "$work/by.json"
expect 'municipalities of MIAF-D' 14 "$(json '[.groups[] | select(.municipality != null)] | length' "$work/by.json")"
expect 'MIAF-D outside municipalities' 0 "$(json '[.groups[] | select(.municipality == null)] | length' "$work/by.json")"
near 'hectares of MIAF-D' 405.0 "$(json .total.hectares "$work/by.json")" 0.05
near 'share in corridors' 0.73 "$(json .total.corridor_share "$work/by.json")" 0.0005
near 'corridor hectares by share' "$(json '.total.hectares * .total.corridor_share' "$work/by.json")" \
    "$(json .total.corridor_hectares "$work/by.json")" 0.001
near 'the groups add up' "$(json .total.hectares "$work/by.json")" "$(json '[.groups[].hectares] | add' "$work/by.json")" 0.000001
near 'the corridors add up' "$(json .total.corridor_hectares "$work/by.json")" "$(json '[.groups[].corridor_hectares] | add' "$work/by.json")" 0.000001
near 'the slope classes add up' "$(json .total.hectares "$work/by.json")" \
    "$(json '[.total.slope_class_hectares[]] | add' "$work/by.json")" 0.000001
near 'sum, distinct and double-counted' "$(json .total.hectares "$work/by.json")" \
    "$(json '.total.hectares_distinct + .total.hectares_double_counted' "$work/by.json")" 0.000001
expect 'a name beside each key' 'Tila' "$(json '.groups[] | select(.municipality == "07096") | .municipality_name' "$work/by.json")"
expect 'by' '["municipality"]' "$(jq -c .by "$work/by.json")"
expect 'a method' object "$(json '.method | type' "$work/by.json")"
expect 'plots of MIAF-D' 301 "$(json .total.plots "$work/by.json")"
expect 'every plot has elevation data' true "$(json '.total.slope_class_hectares.no_data < 0.000001' "$work/by.json")"
expect 'hillsides: most of it steeper than 15 %' true \
    "$(json '.total as $t | ([$t.slope_class_hectares | to_entries[] | select(.key | test("08|09|10")) | .value] | add) > $t.hectares / 2' "$work/by.json")"

exits 0 'organisations' "$parcela" hectares "$r" --programme ORGANIZACIONES --by organisation --format json
expect '13 organisations' 13 "$(json '.groups | length' "$work/out")"
exits 0 'all programmes' "$parcela" hectares "$r" --by programme --format json
expect '4 programmes' 4 "$(json '.groups | length' "$work/out")"
expect 'ground claimed twice' true "$(json '.total.hectares_double_counted > 0.5' "$work/out")"
exits 0 'by state' "$parcela" hectares "$r" --by state --programme PEQUENO-PRODUCTOR --format json
expect 'three states and one plot in none' 'null,07,20,21' "$(json '[.groups[].state] | sort | map(tostring) | join(",")' "$work/out")"
expect 'no corridor in Puebla' 0 "$(json '.groups[] | select(.state == "21") | .corridor_hectares' "$work/out")"
expect 'women are counted' true "$(json '.total.women > 50' "$work/out")"
exits 0 'by crop' "$parcela" hectares "$r" --programme MIAF-D --by crop --format json
near 'crops count ground once' 405.0 "$(json '[.groups[].hectares] | add' "$work/out")" 0.05
exits 0 'by practice' "$parcela" hectares "$r" --programme ORGANIZACIONES --by practice --format json
near 'silvopasture' "$(json .total.hectares "$work/out")" "$(json '.groups[] | select(.practice == "silvopasture") | .hectares' "$work/out")" 0.0001

exits 0 'ground without elevation data' "$parcela" hectares "$r" --format json
near 'only the plot in Hidalgo has none' "$("$parcela" plot "$r" PP-MAL-0004 | jq .properties.hectares)" \
    "$(json .total.slope_class_hectares.no_data "$work/out")" 0.000001

# the three formats say the same
exits 0 'CSV' "$parcela" hectares "$r" --programme MIAF-D --by municipality --format csv
grep -q '^07096,Tila,' "$work/out" || fail 'CSV has no line for Tila'
exits 0 'table' "$parcela" hectares "$r" --programme MIAF-D --by municipality
grep -q 'Tila' "$work/out" || fail 'the table has no line for Tila'
grep -qE 'TOTAL .* 40[45]\.' "$work/out" || fail 'the table has no total'

# one plot
exits 0 'a plot' "$parcela" plot "$r" MIAF-07096-217
one_document "$work/out"
expect 'a Feature' Feature "$(json .type "$work/out")"
expect 'its municipality' true "$(json '.properties | tostring | test("07096")' "$work/out")"
expect 'accents from Latin-1' true "$(json '.properties | tostring | test("maíz|maize")' "$work/out")"
expect 'hectares' number "$(json '.properties.hectares | type' "$work/out")"

exits 0 'check' "$parcela" check "$r" --format json
one_document "$work/out"
expect 'all promises hold' true "$(json .ok "$work/out")"
expect 'each check says so' true "$(json '[.checks[].ok] | all' "$work/out")"
expect 'the keys of a check' 'detail,name,ok' "$(json '.checks[0] | keys | join(",")' "$work/out")"
finish
