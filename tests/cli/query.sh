#!/bin/bash
# hectares --where, --as-of and workbooks, with the sample data.
. "$(dirname "$0")/common.sh"
r=$work/registry
registry_new "$r"
"$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D >/dev/null
after_first=$(sqlite3 -readonly "$r/registry.sqlite" 'SELECT max(at) FROM change')
sleep 1.1 # changes are told apart by the second
"$parcela" import "$r" "$samples/pequeno-productor/pequeno_productor.gpkg" --programme PEQUENO-PRODUCTOR >/dev/null

# total OPTION...: one figure of the total
total()
{
    "$parcela" hectares "$r" --format json "${@:2}" | jq -r ".total.$1"
}

all=$(total plots)
miaf=$(total plots --programme MIAF-D)
[ "$miaf" -gt 0 ] && [ "$miaf" -lt "$all" ] || fail "the programmes hold $miaf and $all plots"

# ---- conditions ----
expect 'where is the same as --programme' "$miaf" "$(total plots --where "programme = 'MIAF-D'")"
expect 'and its opposite the rest' $((all - miaf)) "$(total plots --where "NOT programme = 'MIAF-D'")"
expect 'everything' "$all" "$(total plots --where 'hectares > 0')"
large=$(total plots --where 'hectares >= 2')
small=$(total plots --where 'hectares < 2')
expect 'large and small' "$all" $((large + small))
[ "$large" -gt 0 ] && [ "$small" -gt 0 ] || fail 'the condition does not choose'
state=$("$parcela" hectares "$r" --by state --format json | jq -r '.groups[0].state')
expect 'a state by key' "$("$parcela" hectares "$r" --by state --format json | jq ".groups[] | select(.state == \"$state\") | .plots")" \
    "$(total plots --where "state = '$state'")"
expect 'the question is in the answer' "code LIKE 'M%'" "$("$parcela" hectares "$r" --where "code LIKE 'M%'" --format json | jq -r .where)"
exits 2 'a property that is not there' "$parcela" hectares "$r" --where "nombre = 'Rosa'"
grep -q municipality "$work/err" || fail 'the error does not name the properties there are'
exits 2 'half a condition' "$parcela" hectares "$r" --where 'hectares >'
grep -q 'character 11' "$work/err" || fail 'the error does not say where'
exits 2 'a text where a number is due' "$parcela" hectares "$r" --where "hectares = '1'"
exits 2 'personal columns' "$parcela" hectares "$r" --where "producer_id = 1"
exits 2 'SQL' "$parcela" hectares "$r" --where "1=1); DROP TABLE plot; --"
expect 'still there' "$all" "$(total plots)"

# ---- moments ----
expect 'before there was anything' 0 "$(total plots --as-of 2001-01-01)"
expect 'after the first import' "$miaf" "$(total plots --as-of "$after_first")"
expect 'today' "$all" "$(total plots --as-of "$(date -u +%F)")"
expect 'in a thousand years' "$all" "$(total plots --as-of 3026-01-01)"
cmp -s <("$parcela" hectares "$r" --by municipality --format csv | grep -v '^#') \
    <("$parcela" hectares "$r" --by municipality --as-of 3026-01-01 --format csv | grep -v '^#') ||
    fail 'the history says of today something else'
exits 2 'a moment that is none' "$parcela" hectares "$r" --as-of 2026-02-30

# ---- workbook ----
exits 2 'a workbook on the terminal' "$parcela" hectares "$r" --format xlsx
question=(--by municipality,crop --where "hectares > 1 AND NOT code = 'O''Hara'")
exits 0 'a workbook' "$parcela" hectares "$r" "${question[@]}" --format xlsx --output "$work/a.xlsx"
sleep 1.1
exits 0 'the same workbook' "$parcela" hectares "$r" "${question[@]}" --format xlsx --output "$work/b.xlsx"
cmp -s "$work/a.xlsx" "$work/b.xlsx" || fail 'the same answer gives other bytes'
unzip -q -t "$work/a.xlsx" >/dev/null || fail 'the workbook is no archive'
unzip -q -p "$work/a.xlsx" xl/worksheets/sheet1.xml | sed 's/<row /\n<row /g' >"$work/rows"
# column G is hectares: the groups add up to the last row
unzip -q -p "$work/a.xlsx" xl/sharedStrings.xml >"$work/strings"
for word in 'CQL2' 'hectares &gt; 1' "O''Hara" 'to ask again' 'layers.1.sha256' 'registry at change' 'WGS84'; do
    grep -q -- "$word" "$work/strings" || fail "the workbook does not say $word"
done
sed -nE 's/.*<c r="G[0-9]+" s="[0-9]+"><v>([0-9.]+)<.*/\1/p' "$work/rows" >"$work/hectares"
near 'the sheet adds up' "$(tail -1 "$work/hectares")" "$(sed '$d' "$work/hectares" | awk '{ s += $1 } END { printf "%.10f", s }')" 0.00001
near 'the sheet says what the command says' "$(total hectares "${question[@]}")" "$(tail -1 "$work/hectares")" 0.000001
exits 7 'a folder that is not there' "$parcela" hectares "$r" --format xlsx --output "$work/none/a.xlsx"
exits 0 'CSV into a file' "$parcela" hectares "$r" --format csv --output "$work/a.csv"
cmp -s "$work/a.csv" <("$parcela" hectares "$r" --format csv) || fail 'the file is not what goes to stdout'
finish
