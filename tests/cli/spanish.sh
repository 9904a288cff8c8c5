#!/bin/bash
# Errors in Spanish: the sentence of the code first, the English details after it; by --lang or by the environment; codes stay.
. "$(dirname "$0")/common.sh"
unset LC_ALL LC_MESSAGES LANG
r=$work/registry
"$parcela" init "$r" >/dev/null
printf 'nada,de\n1,2\n' >"$work/nada.csv"
exits 3 'import in Spanish' "$parcela" import "$r" "$work/nada.csv" --programme P --lang es
expect 'sentence, details, code' 'parcela: la tabla no tiene columna de linderos ni coordenadas: nada.csv has no column of boundaries or coordinates (table_no_geometry)' "$(head -1 "$work/err")"
grep -q '^  qué hacer: nombre las columnas wkt' "$work/err" || fail 'no remedy in Spanish'
exits 3 'import in English' "$parcela" import "$r" "$work/nada.csv" --programme P --lang en
grep -q 'what to do: name the columns' "$work/err" || fail 'no remedy in English'
LANG=es_MX.UTF-8 exits 3 'by the environment' "$parcela" import "$r" "$work/nada.csv" --programme P --format json
expect 'JSON' 'table_no_geometry la tabla no nombre las' "$(json '.error | "\(.code) \(.message[:11]) \(.remedy[:10])"' "$work/out")"
LC_ALL=C LANG=es_MX.UTF-8 exits 3 'the first variable decides' "$parcela" import "$r" "$work/nada.csv" --programme P --format json
expect 'English' 'nada.csv has no' "$(json '.error.message[:15]' "$work/out")"
LANG=es exits 3 'the option comes before the environment' "$parcela" import "$r" "$work/nada.csv" --programme P --format json --lang en
expect 'English' 'nada.csv has no' "$(json '.error.message[:15]' "$work/out")"
spanish() # spanish EXIT WORDS COMMAND...: fails so, and says so
{
    exits "$1" "$3 $4" "$parcela" "${@:3}" --lang es
    grep -q "^parcela: $2: " "$work/err" || fail "$3 $4 says: $(head -1 "$work/err")"
    grep -q '^  qué hacer: ' "$work/err" || fail "$3 $4 says no remedy"
}
spanish 3 'la tabla no tiene columna de linderos ni coordenadas' layer add "$r" regions "$work/nada.csv" --level state
spanish 4 'no se encuentra el archivo' layer add "$r" corridors "$work/none.gpkg"
spanish 4 'no existe esa importación' imports "$r" revert 7
spanish 4 'no existe esa importación' resolve "$r" 7 1 --accept drop
spanish 4 'no existe ese perfil' profile show "$r" NADA
spanish 3 'el perfil no se entiende' profile save "$r" NADA "$work/nada.csv"
printf "clave,lon,lat,ha\nA,-92.612345,16.712345,1\n" >"$work/punto.csv"
spanish 2 "no existe ese campo" import "$r" "$work/punto.csv" --map cosa=clave
spanish 4 'no hay un registro en esa carpeta' import "$work/none" "$work/nada.csv"
finish
