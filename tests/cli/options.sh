#!/bin/bash
# Help, exit codes and what goes to stdout and stderr.
. "$(dirname "$0")/common.sh"
r=$work/registry

exits 2 'no command' "$parcela"
exits 2 'unknown command' "$parcela" frobnicate
exits 0 'help' "$parcela" --help
for command in init layer import imports hectares plot export check serve; do
    grep -qw "$command" "$work/out" || fail "--help does not name $command"
done
exits 0 'version' "$parcela" --version
for command in init layer import imports hectares plot export check serve; do
    exits 0 "$command --help" "$parcela" "$command" --help
    grep -q "parcela $command" "$work/out" || fail "$command --help has no usage line"
    grep -qi 'example' "$work/out" || fail "$command --help has no example"
    [ -s "$work/err" ] && fail "$command --help writes to stderr"
    exits 2 "$command with an unknown option" "$parcela" "$command" "$r" --frobnicate
done

exits 0 'init' "$parcela" init "$r"
exits 5 'init twice' "$parcela" init "$r"
mkdir "$work/full" && touch "$work/full/file"
exits 5 'init in a folder with files' "$parcela" init "$work/full"
exits 4 'hectares of nothing' "$parcela" hectares "$work/nowhere"
exits 4 'import into nothing' "$parcela" import "$work/nowhere" "$samples/soconusco/soconusco.geojson"
exits 4 'check of nothing' "$parcela" check "$work/nowhere"
exits 2 'import without a file' "$parcela" import "$r"
exits 4 'a file that is not there' "$parcela" import "$r" "$work/none.shp" --programme X
printf 'not a map' >"$work/text.geojson"
exits 3 'a file that is no map' "$parcela" import "$r" "$work/text.geojson" --programme X
[ -s "$work/err" ] || fail 'nothing is said about a file that is no map'
exits 2 'regions without a level' "$parcela" layer add "$r" regions "$samples/layers/estados.geojson"
exits 2 'an unknown kind of layer' "$parcela" layer add "$r" rivers "$samples/layers/estados.geojson"
exits 2 'an unknown dimension' "$parcela" hectares "$r" --by colour
grep -q organisation "$work/err" || fail 'the error does not name the dimensions there are'
exits 2 'an unknown format' "$parcela" hectares "$r" --format yaml
exits 2 'a mapping without a column' "$parcela" import "$r" "$samples/soconusco/soconusco.geojson" --map code
exits 4 'a plot that is not there' "$parcela" plot "$r" NADA-1
exits 0 'an empty registry is whole' "$parcela" check "$r"
exits 0 'hectares of an empty registry' "$parcela" hectares "$r" --format json
one_document "$work/out"
expect 'no hectares' 0 "$(json '.total.hectares' "$work/out" | sed 's/\.0*$//')"

# no colours or carriage returns where nobody watches
exits 0 'an import into a registry without layers' "$parcela" import "$r" "$samples/soconusco/soconusco.geojson" --programme S
if grep -q $'[\r\033]' "$work/out" "$work/err"; then
    fail 'control characters in output that is not a terminal'
fi
# errors in JSON are one document too
exits 4 'an error as JSON' "$parcela" import "$r" "$work/none.shp" --programme X --format json
one_document "$work/out"
# a full disk, as far as stdout goes
code=0
"$parcela" hectares "$r" --format json >/dev/full 2>/dev/null || code=$?
[ "$code" -ne 0 ] || fail 'a stdout that cannot be written to is not noticed'
finish
