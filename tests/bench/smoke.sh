#!/bin/bash
# A small run of the harness: every step works, every answer agrees, the report is whole. PostGIS takes part where it is installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 711 "$work"
fail()
{
    echo "FAILED: $*"
    exit 1
}

# the comparison of answers can fail
(
    # shellcheck disable=SC2034  # for lib.sh
    out=$work
    # shellcheck source=/dev/null
    . "$here/lib.sh"
    agree 'near' 1.0000000001 1 1e-8
    [ "$agree_failed" = 0 ] || fail 'equal numbers do not agree'
    agree 'far' 1.001 1 1e-8 2>/dev/null
    [ "$agree_failed" = 1 ] || fail 'different numbers agree'
    for theirs in '' 'nan' 'ERROR'; do
        agree_failed=0
        agree 'no number' 1 "$theirs" 1e-8 2>/dev/null
        [ "$agree_failed" = 1 ] || fail "1 agrees with '$theirs'"
    done
    printf 'a\t1\nb\t2\n' >"$work/ours"
    for theirs in 'a\t1\n' 'a\t1\nb\t2\nc\t3\n' 'a\t1\nb\t2.1\n' ''; do
        agree_failed=0
        printf '%b' "$theirs" >"$work/theirs"
        agree_each 'lists' "$work/ours" "$work/theirs" 1e-8 0 2>/dev/null
        [ "$agree_failed" = 1 ] || fail "lists agree with '$theirs'"
    done
) || exit 1
rm -f "$work"/*

"$here/run" --plots 2000 --rounds 1 --with-dem --dem-arcsec 20 --no-install --parcela "${PARCELA:?}" --helpers "${HELPERS:?}" \
    --out "$work/out" --scratch "$work" >"$work/printed" 2>"$work/said" || {
    cat "$work/printed"
    fail "the run failed: $(cat "$work/said")"
}
report=$work/out/report.json
[ "$(jq '.agree | length >= 1 and all(.ok)' "$report")" = true ] || fail "answers: $(jq -c .agree "$report")"
[ "$(jq '[.times[], .rates[]] | length >= 12' "$report")" = true ] || fail 'steps are missing from the report'
[ "$(jq '.ratios[0].ratio > 0' "$report")" = true ] || fail 'there is no first ratio'
[ "$(jq '[.times[] | select(.wall_s <= 0 or .peak_mb <= 0)] | length' "$report")" = 0 ] || fail 'a step took nothing'
if [ "$(jq '.facts | has("postgis")' "$report")" = true ]; then
    [ "$(jq '[.ratios[] | select(.ratio == null)] | length' "$report")" = 0 ] || fail "not measured: $(jq -c '[.ratios[] | select(.ratio == null)]' "$report")"
    echo 'with PostGIS'
else
    grep -q 'not measured' "$work/printed" || fail 'the report does not say that PostGIS was not measured'
    echo 'without PostGIS, which is not installed'
fi
grep -q '## Ratios' "$work/out/report.md" || fail 'report.md has no table'
[ -z "$(find "$work" -maxdepth 1 -name 'parcela-bench.*')" ] || fail 'the run leaves files behind'
