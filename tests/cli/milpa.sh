#!/bin/bash
# parcela milpa with the sample data: one plot, many, every format, estimates with intervals, and mistakes.
. "$(dirname "$0")/common.sh"
r=$work/registry
registry_new "$r"
"$parcela" layer add "$r" terrain "$samples"/terrain/*.tif --model Colinas --vertical-error-m 1.2 >/dev/null 2>&1
"$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D >/dev/null 2>&1
"$parcela" import "$r" "$samples/pequeno-productor/pequeno_productor.gpkg" --programme PEQUENO-PRODUCTOR >/dev/null 2>&1
milpa()
{
    "$parcela" milpa "$r" --format json "${@:2}" | jq -r "$1"
}

# ---- one plot: the numbers follow from the rule ----
"$parcela" milpa "$r" MIAF-07066-127 --format json >"$work/one.json"
one_document "$work/one.json"
expect 'one plot' 1 "$(json '.plots | length' "$work/one.json")"
expect 'its hectares are those of the registry' "$("$parcela" plot "$r" MIAF-07066-127 | jq .properties.hectares)" "$(json '.plots[0].hectares' "$work/one.json")"
expect 'under and over 20 % add up' true "$(json '.plots[0] | ((.gentle_hectares + .steep_hectares + .no_data_hectares) * 1e10 | round) == (.hectares * 1e10 | round)' "$work/one.json")"
expect 'metres of row' true "$(json '.plots[0] | (.row_m - (.gentle_hectares / 14.5 + .steep_hectares / 10.6) * 10000) | fabs < 0.06' "$work/one.json")"
expect 'a tree a metre' true "$(json '.plots[0] | (.trees - .row_m) | fabs <= 0.55' "$work/one.json")"
expect 'the ratio lies in its interval, below one' true "$(json '.plots[0] | .soil_loss_ratio_ci90[0] < .soil_loss_ratio and .soil_loss_ratio < .soil_loss_ratio_ci90[1] and .soil_loss_ratio_ci90[1] <= 1' "$work/one.json")"
expect 'it is LS after / before' true "$(json '.plots[0] | (.soil_loss_ratio - .ls_after / .ls_before) | fabs < 1e-3' "$work/one.json")"
expect 'no tonnage without factors' null "$(json '.plots[0].soil_loss_before_t_ha_yr' "$work/one.json")"
expect 'the equation is named' true "$(json '.method.LS | contains("Renard")' "$work/one.json")"
expect 'the rule too' true "$(json '.method.rule | contains("CIMMYT")' "$work/one.json")"
near 'trees further apart' "$(json '.plots[0].trees / 2.5' "$work/one.json")" "$(milpa '.plots[0].trees' MIAF-07066-127 --tree-spacing-m 2.5)" 1
expect 'a measured length narrows the interval' true "$(jq -n --argjson a "$(json '.plots[0].soil_loss_ratio_ci90' "$work/one.json")" \
    --argjson b "$(milpa '.plots[0].soil_loss_ratio_ci90' MIAF-07066-127 --slope-length-m 50)" '$b[0] > $a[0] and $b[1] < $a[1]')"
expect 'a longer slope gains more' true "$(jq -n --argjson a "$(json '.plots[0].soil_loss_ratio' "$work/one.json")" --argjson b "$(milpa '.plots[0].soil_loss_ratio' MIAF-07066-127 --slope-length-m 100)" '$b < $a')"
expect 'another equation' usle1978 "$(milpa .design.ls_equation MIAF-07066-127 --ls usle1978)"

# ---- many plots: the same compiler of conditions as hectares ----
where="programme = 'MIAF-D' AND slope_mean_pct > 20"
expect 'as many plots as hectares says' "$("$parcela" hectares "$r" --where "$where" --format json | jq .total.plots)" "$(milpa .total.plots --where "$where")"
expect 'the same hectares' "$("$parcela" hectares "$r" --programme MIAF-D --format json | jq .total.hectares)" "$(milpa .total.hectares --programme MIAF-D)"
"$parcela" milpa "$r" --programme MIAF-D --format csv >"$work/all.csv"
grep -q '^# rule,.*CIMMYT' "$work/all.csv" || fail 'the CSV does not say what it rests on'
grep -v '^#' "$work/all.csv" >"$work/plans.csv"
expect 'a line each, a head and a total' 303 "$(wc -l <"$work/plans.csv")"
awk -F, 'NR > 1 && $1 != "TOTAL" { s += $8 } $1 == "TOTAL" { d = s - $8; exit !(d < 16 && d > -16) }' "$work/plans.csv" || fail 'metres of row do not add up'
exits 0 'a table' "$parcela" milpa "$r" MIAF-07066-127
grep -q 'What this rests on' "$work/out" || fail 'the table does not say what it rests on'

# ---- the rule is the class table's ----
cp -r "$r" "$work/twin"
"$parcela" layer set "$work/twin" terrain --classes MIAF_20 >/dev/null 2>&1
near 'hectares over 20 % are those of the MIAF classes' "$("$parcela" hectares "$work/twin" --by slope_class --programme MIAF-D --format json | jq '.groups[] | select(.slope_class == "2") | .hectares')" \
    "$(milpa .total.steep_hectares --programme MIAF-D)" 0.0001
expect 'whatever the classes in use' "$(milpa '.plots | tojson' --programme MIAF-D | md5sum)" "$("$parcela" milpa "$work/twin" --programme MIAF-D --format json | jq -r '.plots | tojson' | md5sum)"

# ---- estimates ----
factors=(--r-region 5 --rain-mm 1400 --k 0.026 --c 0.62 --c-after 0.15)
"$parcela" milpa "$r" MIAF-07066-127 "${factors[@]}" --format json >"$work/soil.json"
expect 'an estimate has its interval' true "$(json '.plots[0] | .soil_loss_before_t_ha_yr_ci90 | .[1] / .[0] > 9' "$work/soil.json")"
expect 'it is the product' true "$(json '.plots[0] | (.soil_loss_before_t_ha_yr / ((3.488 * 1400 - 0.00088 * 1400 * 1400) * 0.026 * .ls_before * 0.62) - 1) | fabs < 1e-3' "$work/soil.json")"
expect 'the verdict is one of three' true "$(json '.plots[0].verdict_after | IN("within", "over", "undecided")' "$work/soil.json")"
expect 'a steep plot loses more than 10 t' over "$(json '.plots[0].verdict_before' "$work/soil.json")"
expect 'everything is tolerable at 100 t and good cover' within "$(milpa '.plots[0].verdict_after' MIAF-07096-217 --r 500 --k 0.007 --c 0.62 --c-after 0.01 --tolerable 100)"
expect 'the copies of region V disagree, and that is told' true "$(json '.method.R | contains("disagree")' "$work/soil.json")"
expect 'beyond the top of region III' true "$(milpa '.method.R | contains("top")' MIAF-07066-127 --r-region III --rain-mm 2500 --k 0.02 --c 0.5)"

# ---- a workbook ----
exits 0 'a workbook' "$parcela" milpa "$r" --programme MIAF-D "${factors[@]}" --format xlsx --output "$work/a.xlsx"
sleep 1.1
exits 0 'the same' "$parcela" milpa "$r" --programme MIAF-D "${factors[@]}" --format xlsx --output "$work/b.xlsx"
cmp -s "$work/a.xlsx" "$work/b.xlsx" || fail 'the same answer gives other bytes'
unzip -q -p "$work/a.xlsx" xl/sharedStrings.xml >"$work/strings"
for word in 'MIAF-07066-127' 'soil_loss_ratio_low' 'CIMMYT' 'Renard' 'Cortes 1991' 'undecided'; do
    grep -q -- "$word" "$work/strings" || fail "the workbook does not say $word"
done

# ---- mistakes ----
exits 4 'no such plot' "$parcela" milpa "$r" NADA
exits 2 'R without K' "$parcela" milpa "$r" MIAF-07066-127 --r-region 5 --rain-mm 1400
grep -q 'K is missing' "$work/err" || fail 'what is missing is not told'
exits 2 'rain without region' "$parcela" milpa "$r" --rain-mm 1400 --k 0.02 --c 0.5
exits 2 'R twice' "$parcela" milpa "$r" --r 5000 --rain-mm 1400 --r-region 5 --k 0.02 --c 0.5
exits 2 'region 15' "$parcela" milpa "$r" --r-region 15 --rain-mm 1400 --k 0.02 --c 0.5
exits 2 'K of another unit' "$parcela" milpa "$r" --r 5000 --k 2 --c 0.5
exits 2 'a number with a tail' "$parcela" milpa "$r" --tree-spacing-m 1m
exits 2 'no such equation' "$parcela" milpa "$r" --ls musle
exits 2 'a plot and a condition' "$parcela" milpa "$r" MIAF-07066-127 --where 'hectares > 1'
exits 2 'a bad condition' "$parcela" milpa "$r" --where 'hectares >'
exits 2 'a workbook on the terminal' "$parcela" milpa "$r" --format xlsx

# ---- without terrain there is no plan, and that is said ----
registry_new "$work/flat"
"$parcela" import "$work/flat" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D >/dev/null 2>&1
"$parcela" milpa "$work/flat" MIAF-07066-127 --format json >"$work/none.json"
expect 'no ratio' null "$(json '.plots[0].soil_loss_ratio' "$work/none.json")"
expect 'all of it without data' true "$(json '.plots[0] | .no_data_hectares == .hectares' "$work/none.json")"
expect 'and no terrain' 'none in the registry' "$(json '.method.terrain' "$work/none.json")"
finish
