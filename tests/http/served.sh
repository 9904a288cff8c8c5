#!/bin/bash
# The served registry, asked as a browser and a GIS ask: with the built binary and the sample data.
. "$(dirname "$0")/../cli/common.sh"
r=$work/registry
registry_new "$r"
"$parcela" layer add "$r" terrain "$samples"/terrain/*.tif --vertical-error-m 1.2 >/dev/null 2>&1
"$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D >/dev/null
"$parcela" import "$r" "$samples/pequeno-productor/pequeno_productor.gpkg" --programme PEQUENO-PRODUCTOR >/dev/null
# the report of a binary with sanitizers must not get lost with the server
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
serve_start "$r"

# get PATH [CURL OPTION...]: body in $work/body, headers in $work/head, status on stdout
get()
{
    : >"$work/body"
    curl -sS --max-time 30 --path-as-is -g -o "$work/body" -D "$work/head" -w '%{http_code}' "$base$1" "${@:2}" 2>"$work/curl.err" || true
}
header()
{
    tr -d '\r' <"$work/head" | awk -v h="$1" 'BEGIN { IGNORECASE = 1 } tolower($1) == tolower(h) ":" { sub(/^[^ ]+ /, ""); print }'
}

expect 'healthz' 200 "$(get /healthz)"

# ---- the page asks nobody else ----
expect 'the page' 200 "$(get / -H 'Accept: text/html')"
grep -qi '<html' "$work/body" || fail '/ is not a page'
{
    cat "$work/body"
    for asset in $(grep -oE '(src|href)="[^"]+"' "$work/body" | sed 's/.*="//; s/"$//' | grep -v '^data:'); do
        case $asset in
        http*://* | //*) fail "the page asks $asset" ;;
        *) get "/${asset#/}" >/dev/null ; cat "$work/body" ;;
        esac
    done
} >"$work/page"
if grep -aoE "(src|href|url)[=(][\"']?https?://[^\"')]+" "$work/page" | grep -v 127.0.0.1 | grep . ; then
    fail 'the page names another host'
fi

# ---- tiles ----
expect 'TileJSON' 200 "$(get /tiles/plots.json)"
expect 'TileJSON 3' 3.0.0 "$(json .tilejson "$work/body")"
expect 'where the tiles are' true "$(json '.tiles[0] | test("/tiles/plots/\\{z\\}/\\{x\\}/\\{y\\}.geojson")' "$work/body")"
# the tile of a position: "z/x/y"
tile()
{
    awk -v z="$1" -v lon="$2" -v lat="$3" 'BEGIN { pi = atan2(0, -1); n = 2 ^ z; f = lat * pi / 180;
        printf "%d/%d/%d", z, int((lon + 180) / 360 * n), int((1 - log(sin(f) / cos(f) + 1 / cos(f)) / pi) / 2 * n) }'
}
"$parcela" plot "$r" MIAF-07096-217 >"$work/plot.json"
read -r lon lat < <(jq -r '[.geometry.coordinates | .. | arrays | select((.[0] | type) == "number")][0] | "\(.[0]) \(.[1])"' "$work/plot.json")
for layer in plots corridors regions; do
    for z in 5 9 12 14 16; do
        expect "$layer at $z" 200 "$(get "/tiles/$layer/$(tile $z "$lon" "$lat").geojson")"
        expect "$layer at $z is GeoJSON" FeatureCollection "$(json .type "$work/body")"
    done
done
at14=/tiles/plots/$(tile 14 "$lon" "$lat").geojson
expect 'a tile' 200 "$(get "$at14")"
[ "$(json '[.features[] | select(.properties.code == "MIAF-07096-217")] | length' "$work/body")" -ge 1 ] || fail 'the plot is not in its tile'
cp "$work/body" "$work/plain"
etag=$(header ETag)
[ -n "$etag" ] || fail 'a tile has no ETag'
expect 'a conditional request' 304 "$(get "$at14" -H "If-None-Match: $etag")"
expect 'a 304 has no body' 0 "$(stat -c %s "$work/body" 2>/dev/null || echo 0)"
expect 'another ETag' 200 "$(get "$at14" -H 'If-None-Match: "other"')"
expect 'with gzip' 200 "$(get "$at14" -H 'Accept-Encoding: gzip')"
if [ "$(header Content-Encoding)" = gzip ]; then
    gunzip -c <"$work/body" | cmp -s - "$work/plain" || fail 'the compressed tile is another tile'
    header Vary | grep -qi accept-encoding || fail 'a compressed tile does not say Vary'
else
    fail 'a tile is not compressed'
fi
expect 'CORS' 200 "$(get "$at14" -H 'Origin: http://example.org')"
expect 'who may read' '*' "$(header Access-Control-Allow-Origin)"
expect 'HEAD' 200 "$(curl -sS -I -o "$work/head" -w '%{http_code}' "$base$at14")"
# every hectare is at every zoom: the tiles of a zoom add up to the registry
total=$("$parcela" hectares "$r" --format json | jq .total.hectares)
for z in 0 4 7; do
    : >"$work/homes"
    # the sample lies between -99 and -90 degrees east, 14 and 21 north
    IFS=/ read -r _ x0 y1 <<<"$(tile $z -99 14)"
    IFS=/ read -r _ x1 y0 <<<"$(tile $z -90 21)"
    for x in $(seq "$x0" "$x1"); do
        for y in $(seq "$y0" "$y1"); do
            expect "tile $z/$x/$y" 200 "$(get "/tiles/plots/$z/$x/$y.geojson")"
            jq '.features[].properties | select(.home) | .ha' "$work/body" >>"$work/homes"
        done
    done
    near "hectares at zoom $z" "$total" "$(jq -s add "$work/homes")" 0.001
done

# ---- hectares: the numbers of the command ----
expect 'hectares' 200 "$(get '/hectares?by=municipality&programme=MIAF-D')"
"$parcela" hectares "$r" --by municipality --programme MIAF-D --format json >"$work/cli.json"
cmp -s <(jq -S '.groups, .total' "$work/body") <(jq -S '.groups, .total' "$work/cli.json") || fail '/hectares and the command differ'
near 'MIAF-D' 405 "$(json .total.hectares "$work/body")" 0.05
expect 'CSV' 200 "$(get '/hectares?by=municipality&programme=MIAF-D&f=csv')"
"$parcela" hectares "$r" --by municipality --programme MIAF-D --format csv >"$work/cli.csv"
cmp -s "$work/body" "$work/cli.csv" || fail 'the CSV of /hectares and of the command differ'

condition="programme = 'MIAF-D' AND (slope_mean_pct > 20 OR hectares < 1.5)"
escaped=$(jq -rn --arg c "$condition" '$c | @uri')
expect 'a condition' 200 "$(get "/hectares?by=crop&filter=$escaped&filter-lang=cql2-text")"
"$parcela" hectares "$r" --by crop --where "$condition" --format json >"$work/where.json"
cmp -s <(jq -S '.groups, .total, .where' "$work/body") <(jq -S '.groups, .total, .where' "$work/where.json") || fail 'a condition by HTTP and by command differ'
chosen=$(json .total.plots "$work/body")
[ "$chosen" -gt 0 ] && [ "$chosen" -lt "$("$parcela" hectares "$r" --format json | jq .total.plots)" ] || fail "the condition chose $chosen plots"
expect 'items by condition' 200 "$(get "/collections/plots/items?limit=10000&filter=$escaped")"
expect 'as many plots as the totals say' "$chosen" "$(json '.features | length' "$work/body")"
expect 'a moment' 200 "$(get '/hectares?as_of=2001-01-01')"
expect 'nothing was there' 0 "$(json .total.plots "$work/body")"
expect 'today' 200 "$(get "/hectares?as_of=$(date -u +%F)&by=municipality&programme=MIAF-D")"
cmp -s <(jq -S '.groups, .total' "$work/body") <(jq -S '.groups, .total' "$work/cli.json") || fail 'today is not as now'
tag=$(header ETag)
expect 'the same again' 304 "$(get "/hectares?as_of=$(date -u +%F)&by=municipality&programme=MIAF-D" -H "If-None-Match: $tag")"
for bad in 'filter=nombre%3D1' 'filter=year%3D' "filter=year%3D'1'" 'filter=1%3D1%29%3BDROP%20TABLE%20plot' 'as_of=never' 'filter=name%3D%27Rosa%27'; do
    expect "$bad" 400 "$(get "/hectares?$bad")"
    expect "items with $bad" 400 "$(get "/collections/plots/items?$bad")"
done
expect 'a workbook' 200 "$(get "/hectares?by=municipality&programme=MIAF-D&f=xlsx")"
"$parcela" hectares "$r" --by municipality --programme MIAF-D --format xlsx --output "$work/cli.xlsx"
cmp -s "$work/body" "$work/cli.xlsx" || fail 'the workbook of /hectares and of the command differ'

# ---- milpa: the numbers of the command, the same conditions ----
expect 'plans by condition' 200 "$(get "/milpa?filter=$escaped&limit=10000")"
"$parcela" milpa "$r" --where "$condition" --format json >"$work/milpa.json"
cmp -s <(jq -S '.plots, .total, .method' "$work/body") <(jq -S '.plots, .total, .method' "$work/milpa.json") || fail 'plans by HTTP and by command differ'
expect 'as many plans as plots' "$chosen" "$(json '.plots | length' "$work/body")"
expect 'with rows and trees' true "$(json '.total | .row_m > 1000 and .trees > 1000 and .soil_loss_ratio < 1' "$work/body")"
expect 'a page of them' 200 "$(get '/milpa?programme=MIAF-D&limit=5')"
expect 'five' '5 true' "$(json '"\(.plots | length) \(.more)"' "$work/body")"
id=$(json '.plots[2].id' "$work/body")
code=$(json '.plots[2].code' "$work/body")
plan=$(json '.plots[2] | tojson' "$work/body")
expect 'one by id' 200 "$(get "/milpa?plot=$id")"
expect 'is the same' "$plan" "$(json '.plots[0] | tojson' "$work/body")"
expect 'one by code, with factors' 200 "$(get "/milpa?plot=$code&r_region=11&rain_mm=1400&k=0.026&c=0.62")"
expect 'has an interval' true "$(json '.plots[0] | .soil_loss_before_t_ha_yr_ci90[0] < .soil_loss_before_t_ha_yr' "$work/body")"
for bad in 'k=0.02' 'rain_mm=1400' 'ls=none' 'tree_spacing_m=nan' 'limit=-1' 'f=pdf' 'trees=3' 'filter=nombre%3D1'; do
    expect "milpa with $bad" 400 "$(get "/milpa?$bad")"
done
expect 'no such plot' 404 "$(get '/milpa?plot=NADA')"
grep -qi 'Agust\|María\|producer' "$work/milpa.json" && fail 'a plan names a person'

# ---- items: paging, bbox, one plot, nobody's name ----
next='/collections/plots/items?limit=97'
: >"$work/ids"
: >"$work/items"
for _ in $(seq 20); do
    expect 'a page of items' 200 "$(get "$next")"
    cat "$work/body" >>"$work/items"
    jq '.features[].id' "$work/body" >>"$work/ids"
    next=$(json '[.links[] | select(.rel == "next")][0].href // ""' "$work/body")
    next=${next#"$base"}
    [ -n "$next" ] || break
done
expect 'all plots over the pages' "$("$parcela" hectares "$r" --format json | jq .total.plots)" "$(sort -u "$work/ids" | wc -l)"
expect 'none twice' "$(wc -l <"$work/ids")" "$(sort -u "$work/ids" | wc -l)"
# a box of 20 cm round a corner of the plot
box=$(awk -v x="$lon" -v y="$lat" 'BEGIN { printf "%.7f,%.7f,%.7f,%.7f", x - 1e-6, y - 1e-6, x + 1e-6, y + 1e-6 }')
expect 'bbox' 200 "$(get "/collections/plots/items?bbox=$box")"
expect 'one plot at a place' 1 "$(json '.features | length' "$work/body")"
id=$(json '.features[0].id' "$work/body")
expect 'one plot' 200 "$(get "/collections/plots/items/$id")"
expect 'its code' MIAF-07096-217 "$(json .properties.code "$work/body")"
near 'the hectares of the command' "$(json .properties.hectares "$work/plot.json")" "$(json .properties.hectares "$work/body")" 0
cat "$work/body" "$work/plain" "$work/cli.json" >>"$work/items"
ogrinfo -ro -q -al -geom=NO "$samples/pequeno-productor/pequeno_productor.gpkg" | sed -n 's/^  \(productor\|id_productor\) (String) = //p' | sort -u >"$work/people"
ogrinfo -ro -q -al -geom=NO --config SHAPE_ENCODING ISO-8859-1 "/vsizip/$samples/miaf-d/parcelas_miaf.zip" |
    sed -n 's/^  \(PRODUCTOR\|ID_PRODUCT\) (String) = //p' | sort -u >>"$work/people"
[ "$(wc -l <"$work/people")" -gt 500 ] || fail 'the test knows too few people to look for'
if grep -qaFf "$work/people" "$work/items"; then
    fail "a person in a public answer: $(grep -oaFf "$work/people" "$work/items" | head -1)"
fi

# ---- what is wrong is said, as problem+json ----
problem() # problem STATUS PATH [CURL OPTION...]
{
    expect "$2" "$1" "$(get "${@:2}")"
    header Content-Type | grep -q 'application/problem+json' || fail "$2: not problem+json"
    expect "$2: the status in the body" "$1" "$(json .status "$work/body")"
    if grep -qE "$work|SQL|sqlite" "$work/body"; then
        fail "$2: the answer tells how the server is made"
    fi
}
problem 400 '/hectares?by=colour'
problem 400 '/hectares?colour=red'
grep -q colour "$work/body" || fail 'an unknown parameter is not named'
problem 404 /nothing
problem 404 /tiles/rivers/0/0/0.geojson
problem 404 /collections/plots/items/999999999
for bad in '/collections/plots/items?bbox=1,2,3' '/collections/plots/items?limit=-1' '/tiles/plots/0/0/0.geojson%00' '/tiles/plots/99/0/0.geojson' \
    '/tiles/plots/1/7/0.geojson' '/../../etc/passwd' '/assets/..%2f..%2fetc%2fpasswd'; do
    code=$(get "$bad")
    case $code in
    400 | 404) ;;
    *) fail "$bad: expected 400 or 404, obtained $code" ;;
    esac
done
code=$(get /healthz -H 'Host: evil.example')
[ "$code" -ge 400 ] || fail "a strange Host is answered with $code"
expect 'a method that is not there' 405 "$(get /hectares -X DELETE)"
code=$(get "/hectares?by=$(head -c 9000 /dev/zero | tr '\0' a)")
case $code in
400 | 414 | 431) ;;
*) fail "a long address: obtained $code" ;;
esac

# ---- fresh: the next request sees an import; a tile that did not change keeps its ETag ----
expect 'far from the import' 200 "$(get "$at14")"
before=$(header ETag)
whole=/tiles/plots/0/0/0.geojson
get "$whole" >/dev/null
whole_before=$(header ETag)
exits 0 'import beside the server' "$parcela" import "$r" "$samples/soconusco/soconusco.geojson" --programme SOCONUSCO
expect 'hectares after it' 200 "$(get '/hectares?programme=SOCONUSCO')"
expect 'the new plots at once' 131 "$(json .total.plots "$work/body")"
get "$at14" >/dev/null
expect 'a tile elsewhere' "$before" "$(header ETag)"
get "$whole" >/dev/null
[ "$(header ETag)" != "$whole_before" ] || fail 'the tile of the whole world has not changed'

# ---- the end ----
kill -TERM "$server"
code=0
wait "$server" || code=$?
case $code in
0 | 143) ;;
*) fail "the server ended with $code: $(tail -3 "$work/serve.err")" ;;
esac
if grep -q 'Sanitizer\|runtime error' "$work/serve.err"; then
    fail "$(grep -m1 'Sanitizer\|runtime error' "$work/serve.err")"
fi
finish
