#!/bin/bash
# Mapping profiles, text as people write it, both languages, CURPs that leave no trace, points with declared hectares, numbered corners.
. "$(dirname "$0")/common.sh"
unset LC_ALL LC_MESSAGES LANG
r=$work/registry
registry_new "$r"

# a table in Latin-1 with a spreadsheet's faults: keys without their zero, three kinds of dates, decimal commas, words of its own
good=HEGG560427MVZRRL04 other=SABC560626MDFLRN01 mistyped=HEGG560427MVZRRL05
square() # square WEST SOUTH: 111 m each way
{
    awk -v w="$1" -v s="$2" 'BEGIN { e = w + 0.001; n = s + 0.001; printf "\"SRID=4326;POLYGON ((%.6f %.6f, %.6f %.6f, %.6f %.6f, %.6f %.6f, %.6f %.6f))\"", w, s, e, s, e, n, w, n, w, s }'
}
west=-92.70 south=16.10
{
    echo 'LOTE;SUP;SIEMBRA;LEVANTADO;DUEÑO;PAPELES;MUN;OBSERV;geom'
    echo "L-1;1,18;Milpa de Temporal;15 de marzo de 2019;María Núñez;$good;7059;folio $other;$(square $west $south)"
    echo "L-2;1,2;CAFÉ;03/04/2019;José;$mistyped;7059;;$(square -92.69 $south)"
    echo "L-3;11800;s/c;25/04/2019;Inés;;7059;;$(square -92.68 $south)"
} | iconv -f UTF-8 -t ISO-8859-1 >"$work/lotes.csv"

exits 0 'propose' "$parcela" profile propose "$r" "$work/lotes.csv" --encoding latin1
grep -q '^SIEMBRA,' "$work/out" || fail 'the proposal names no column'
grep -q "$good\|$other" "$work/out" && fail 'the proposal has a CURP'
cat >"$work/perfil.csv" <<'END'
# lo que mandan los técnicos
columna;campo;valor;queda
LOTE;code;;
SUP;declared_ha(comma);;
SIEMBRA;crop;;
SIEMBRA;;milpa de temporal;maíz
SIEMBRA;;S/C;
LEVANTADO;date(dmy);;
DUEÑO;producer_name;;
PAPELES;curp;;
MUN;municipality;;
TELEFONO;producer_code?;;
OBSERV;;;
END
exits 0 'save' "$parcela" profile save "$r" tecnicos "$work/perfil.csv"
exits 0 'list' "$parcela" profile list "$r" --format json
expect 'the profile is listed' tecnicos "$(json '.[].name' "$work/out")"
exits 0 'show' "$parcela" profile show "$r" TECNICOS
cmp -s "$work/out" "$work/perfil.csv" || fail 'the profile is not shown as it was saved'
printf 'column,field\nLOTE,colour\n' >"$work/bad.csv"
exits 3 'an unknown field' "$parcela" profile save "$r" bad "$work/bad.csv"
grep -q 'line 2.*colour' "$work/err" || fail "the error names no line: $(cat "$work/err")"
grep -q 'declared_ha' "$work/err" || fail 'the error does not name the fields'
printf 'column,field\nNADA,code\n' >"$work/absent.csv"
exits 2 'an absent column' "$parcela" import "$r" "$work/lotes.csv" --profile "$work/absent.csv" --dry-run
grep -q 'NADA.*LOTE' "$work/err" || fail "the error names no columns: $(cat "$work/err")"
exits 4 'no such profile' "$parcela" import "$r" "$work/lotes.csv" --profile none --dry-run
grep -q tecnicos "$work/err" || fail 'the error does not name the profiles there are'
exits 2 'an unknown encoding' "$parcela" import "$r" "$work/lotes.csv" --encoding klingon --dry-run
exits 2 'an unknown language' "$parcela" import "$r" "$work/lotes.csv" --lang fr --dry-run

# the dry run: what each column became
exits 0 'dry run' "$parcela" import "$r" "$work/lotes.csv" --programme PT --profile tecnicos --dry-run --format json
one_document "$work/out"
adds_up "$work/out"
column()
{
    json ".mapping[0].columns[] | select(.column == \"$1\") | $2" "$work/out"
}
expect 'its profile' tecnicos "$(json .profile "$work/out")"
expect 'a mapped column' 'crop profile' "$(column SIEMBRA '"\(.field) \(.how)"')"
expect 'translated values' 'maize coffee (nothing)' "$(column SIEMBRA '.becomes | join(" ")')"
expect 'dates' '2019-03-15 2019-04-03 2019-04-25' "$(column LEVANTADO '.becomes | join(" ")')"
expect 'decimal commas' '1.18 1.2 11800' "$(column SUP '.becomes | join(" ")')"
expect 'a column that is kept' 'null unmapped' "$(column OBSERV '"\(.field) \(.how)"')"
expect 'accents as decoded' true "$(json '.mapping[0].accents | contains("María Núñez")' "$work/out")"
codes()
{
    json "[.findings[] | select(.code == \"$1\")] | length" "$work/out"
}
expect 'a guessed encoding is said' 1 "$(codes encoding_guessed)"
expect 'the optional column is said' 1 "$(codes profile_column_missing)"
expect 'leading zeros are said' 1 "$(codes key_zero_restored)"
expect 'a mistyped CURP is said' L-2 "$(json '.findings[] | select(.code == "curp_bad") | .plot' "$work/out")"
expect 'square metres are recognised' L-3 "$(json '.findings[] | select(.code == "declared_differs" and (.message | contains("square metres"))) | .plot' "$work/out")"
expect 'a plot elsewhere is said' true "$(json '[.findings[] | select(.code == "outside_declared_region" or .code == "region_key_unknown")] | length > 0' "$work/out")"
exits 0 'the table of columns' "$parcela" import "$r" "$work/lotes.csv" --programme PT --profile tecnicos --dry-run
grep -Eq 'SIEMBRA +crop +profile +.*-> maize \| coffee' "$work/out" || fail 'the text has no table of columns'
exits 0 'in Spanish' "$parcela" import "$r" "$work/lotes.csv" --programme PT --profile tecnicos --dry-run --lang es
grep -q 'Ensayo: no se escribió nada' "$work/out" || fail 'the report is not in Spanish'
grep -q 'el dígito verificador de la CURP' "$work/out" || fail 'a finding is not in Spanish'
grep -q 'the ' "$work/out" && fail "English in the Spanish report: $(grep 'the ' "$work/out" | head -3)"
LANG=es_MX.UTF-8 exits 0 'by the environment' "$parcela" import "$r" "$work/lotes.csv" --programme PT --profile tecnicos --dry-run
grep -q Ensayo "$work/out" || fail 'LANG does not decide the language'
exits 0 'another encoding' "$parcela" import "$r" "$work/lotes.csv" --programme PT --profile - --map code=LOTE --dry-run --encoding cp850 --format json
expect 'the bytes as told' false "$(json '.mapping[0].accents | contains("María Núñez")' "$work/out")"
expect 'and said' 'CP850 (given)' "$(json '.mapping[0].encoding' "$work/out")"

# the profile that is called like the programme is used by itself; --map comes before it
exits 0 'saved under the programme' "$parcela" profile save "$r" pt "$work/perfil.csv"
exits 0 'import' "$parcela" import "$r" "$work/lotes.csv" --programme PT --map name=OBSERV --format json
expect 'its profile by itself' pt "$(json .profile "$work/out")"
expect 'three plots' 3 "$(json .new "$work/out")"
expect '--map beside it' '--map' "$(column OBSERV .how)"
exits 0 'a plot' "$parcela" plot "$r" L-1
expect 'what the profile made of it' '["maize"] 2019-03-15 1.18' "$(jq -rc '.properties | "\(.crops) \(.observed_date) \(.declared_ha)"' "$work/out")"
expect 'the unmapped column is kept' true "$(jq -r '.properties.source_attributes | has("OBSERV")' "$work/out")"
exits 0 'remove' "$parcela" profile remove "$r" TECNICOS
exits 4 'remove again' "$parcela" profile remove "$r" tecnicos

# ---- no CURP anywhere, and people are known by theirs ----
{
    echo 'clave,nombre_productor,clave_productor,nota,geom'
    echo "M-1,Otro Nombre,$good,$(echo "$other" | tr '[:upper:]' '[:lower:]'),$(square -92.60 16.2)"
    echo "M-2,Otra,${other:0:4} ${other:4:6} ${other:10},,$(square -92.59 16.2)"
} >"$work/$good.csv"
exits 0 'CURPs under other names' "$parcela" import "$r" "$work/$good.csv" --programme PT --profile - --format json --report "$work/hallazgos.json"
expect 'two plots' 2 "$(json .new "$work/out")"
grep -qi "$good\|$other" "$work/out" "$work/hallazgos.json" && fail 'a report has a CURP'
for form in "$good" "$other" "$mistyped" "$(echo "$other" | tr '[:upper:]' '[:lower:]')" "${other:0:4} ${other:4:6} ${other:10}"; do
    found=$(grep -rlaiF -- "$form" "$r" || true)
    [ -z "$found" ] || fail "the registry has a CURP: $found"
done
expect 'the key is the owner'\''s alone' 600 "$(stat -c %a "$r/curp.key")"
expect 'one person, one producer' 2 "$("$parcela" hectares "$r" --where "code IN ('L-1','M-1','M-2')" --format json | jq .total.producers)"
exits 0 'the same file again' "$parcela" import "$r" "$work/$good.csv" --programme PT --profile - --format json
expect 'nothing changes' '2 null' "$(json '"\(.unchanged) \(.import)"' "$work/out")"
printf 'nonsense' >"$r/curp.key.test" && cp "$r/curp.key" "$work/key" && printf 'nonsense' >"$r/curp.key"
exits 8 'a damaged key' "$parcela" import "$r" "$work/$good.csv" --programme PT --profile -
cp "$work/key" "$r/curp.key"
rm "$r/curp.key.test"

# ---- points with declared hectares ----
cat >"$work/puntos.csv" <<'END'
clave,longitud,latitud,superficie
Q-1,-92.70,16.30,1.5
Q-2,-92.71,16.30,4
Q-3,-92.72,16.30,4.5
Q-4,-92.73,16.30,
END
before=$("$parcela" hectares "$r" --format json | jq .total.hectares)
exits 0 'points' "$parcela" import "$r" "$work/puntos.csv" --programme PQ --format json
expect 'two are plots' '2 2' "$(json '"\(.new) \(.rejected)"' "$work/out")"
expect 'more than 4 ha' Q-3 "$(json '.findings[] | select(.code == "point_too_large") | .plot' "$work/out")"
expect 'none declared' Q-4 "$(json '.findings[] | select(.code == "point_only") | .plot' "$work/out")"
exits 0 'hectares' "$parcela" hectares "$r" --by programme --format json
expect 'measured hectares are as before' "$before" "$(json .total.hectares "$work/out")"
expect 'declared ones stand apart' '2 5.5' "$(json '.total | "\(.point_plots) \(.point_hectares_declared)"' "$work/out")"
exits 0 'a point' "$parcela" plot "$r" Q-1
expect 'its geometry' 'Point true 0' "$(jq -r '"\(.geometry.type) \(.properties.declared_only) \(.properties.hectares)"' "$work/out")"
exits 0 'check' "$parcela" check "$r"
exits 0 'points again' "$parcela" import "$r" "$work/puntos.csv" --programme PQ --format json
expect 'a no-op' 'null 2' "$(json '"\(.import) \(.unchanged)"' "$work/out")"
{
    echo clave,geom
    echo "Q-1,$(square -92.7005 16.2995)"
} >"$work/medida.csv"
exits 0 'its boundary comes' "$parcela" import "$r" "$work/medida.csv" --programme PQ --format json
expect 'the point is revised' 1 "$(json .revised "$work/out")"
expect 'one point is left' '1 4' "$("$parcela" hectares "$r" --format json | jq -r '.total | "\(.point_plots) \(.point_hectares_declared)"')"
exits 0 'undone' "$parcela" imports "$r" revert "$(json .import "$work/out")"
expect 'the point is back' '2 5.5' "$("$parcela" hectares "$r" --format json | jq -r '.total | "\(.point_plots) \(.point_hectares_declared)"')"
exits 0 'check again' "$parcela" check "$r"

# ---- numbered corners ----
cat >"$work/vertices.gpx" <<'END'
<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="16.401" lon="-92.699"><name>Lote 7-3</name></wpt>
<wpt lat="16.400" lon="-92.700"><name>Lote 7-1</name></wpt>
<wpt lat="16.400" lon="-92.699"><name>Lote 7-2</name></wpt>
<wpt lat="16.401" lon="-92.700"><name>Lote 7-10</name></wpt>
<wpt lat="16.390" lon="-92.690"><name>casa</name></wpt></gpx>
END
sed -e 's/<wpt lat="\([^"]*\)" lon="\([^"]*\)"><name>\([^<]*\)<\/name><\/wpt>/<Placemark><name>\3<\/name><Point><coordinates>\2,\1<\/coordinates><\/Point><\/Placemark>/' \
    -e 's/<gpx [^>]*>/<kml xmlns="http:\/\/www.opengis.net\/kml\/2.2"><Document>/' -e 's/<\/gpx>/<\/Document><\/kml>/' "$work/vertices.gpx" >"$work/vertices.kml"
for kind in gpx kml; do
    exits 0 "corners in $kind" "$parcela" import "$r" "$work/vertices.$kind" --programme PW --dry-run --format json
    expect "one plot in $kind" '1 0' "$(json '"\(.new) \(.held)"' "$work/out")"
    near "its hectares in $kind" 1.1829 "$(json .hectares_added "$work/out")" 0.001
    expect "its code in $kind" 1 "$(codes points_as_corners)"
    expect "the house in $kind" 1 "$(codes layer_ignored)"
    expect "no guess in $kind" 0 "$(codes crs_assumed)"
done
finish
