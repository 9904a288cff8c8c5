#!/bin/bash
# kill -9 at any moment of an import leaves the registry as it was, and the import run again succeeds.
. "$(dirname "$0")/common.sh"
r=$work/registry
registry_new "$r"
"$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D >/dev/null
before=$("$parcela" hectares "$r" --by programme,municipality --format json | jq -S .)
imports=$("$parcela" imports "$r" list --format json)

# twelve copies of the small farms, each moved some kilometres: an import long enough to be killed in the middle
for i in $(seq 1 12); do
    ogr2ogr -q -f GPKG -update -append "$work/many.gpkg" "$samples/pequeno-productor/pequeno_productor.gpkg" -nln parcelas -dialect sqlite \
        -sql "select codigo || '-$i' as codigo, productor, cultivo, practica, ST_Translate(geom, 0.0, $i * 0.03, 0.0) as geom
              from parcelas where codigo not like 'PP-MAL%'"
done
# killed at parts of the time that its dry run takes here, so that a slow machine is tried as well as a fast one
began=${EPOCHREALTIME/[.,]/}
exits 0 'a dry run' "$parcela" import "$r" "$work/many.gpkg" --programme MUCHAS --dry-run
micros=$((${EPOCHREALTIME/[.,]/} - began))
killed=0
for percent in 2 10 25 50 75 95 110 130 160 200 300; do
    "$parcela" import "$r" "$work/many.gpkg" --programme MUCHAS >/dev/null 2>&1 &
    pid=$!
    sleep "$(awk -v us="$micros" -v p="$percent" 'BEGIN { printf "%.3f", us * p / 1e8 }')"
    kill -9 "$pid" 2>/dev/null || true
    code=0
    wait "$pid" 2>/dev/null || code=$?
    [ "$code" != 137 ] || killed=$((killed + 1))
    exits 0 "check after kill -9 at ${percent} %" "$parcela" check "$r"
    now=$("$parcela" hectares "$r" --by programme,municipality --format json | jq -S .)
    if [ "$now" != "$before" ]; then
        # it may have been done before the kill: then all of it is there
        [ "$(jq '[.groups[] | select(.programme == "MUCHAS") | .plots] | add >= 4848' <<<"$now")" = true ] ||
            fail "a killed import left something behind at ${percent} %"
        break
    fi
    expect "imports after kill -9 at ${percent} %" "$imports" "$("$parcela" imports "$r" list --format json)"
done
[ "$killed" -gt 0 ] || fail 'no import was killed: the test has shown nothing'
exits 0 'the import run again' "$parcela" import "$r" "$work/many.gpkg" --programme MUCHAS --format json
adds_up "$work/out"
expect 'all rows are there' 4848 "$("$parcela" hectares "$r" --programme MUCHAS --format json | jq .total.plots)"
exits 0 'check at the end' "$parcela" check "$r"
finish
