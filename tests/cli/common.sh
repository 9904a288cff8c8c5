# What the black-box tests share. Each test runs in its own folder, $work, which goes away at the end.
# shellcheck shell=bash
set -euo pipefail

parcela=${PARCELA:?PARCELA is the binary to test}
samples=${SAMPLES:?SAMPLES is the sample-data folder}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail()
{
    echo "FAILED: $*"
    failed=1
}

finish()
{
    exit "$failed"
}

# expect WHAT WANTED GOT
expect()
{
    [ "$2" = "$3" ] || fail "$1: expected $2, obtained $3"
}

# near WHAT WANTED GOT TOLERANCE
near()
{
    awk -v w="$2" -v g="$3" -v t="$4" 'BEGIN { d = w - g; exit !(g ~ /^-?[0-9][-+0-9.e]*$/ && d <= t && -d <= t) }' ||
        fail "$1: expected $2 within $4, obtained $3"
}

# exits CODE WHAT COMMAND...: runs it and compares the exit code; output stays in $work/out and $work/err
exits()
{
    local code=0
    "${@:3}" >"$work/out" 2>"$work/err" || code=$?
    [ "$code" = "$1" ] || {
        fail "$2: expected exit code $1, obtained $code"
        head -5 "$work/err"
    }
}

# json FILTER FILE: one value from a JSON document
json()
{
    jq -r "$1" "$2"
}

# one_document FILE: exactly one JSON document and nothing else
one_document()
{
    expect "JSON documents in $(basename "$1")" 1 "$(jq -s length "$1" 2>/dev/null || echo none)"
}

# adds_up FILE: every row of an import report is new, revised, unchanged, held or rejected
adds_up()
{
    expect "rows accounted for in $(basename "$1")" true \
        "$(json '.rows == .new + .revised + .unchanged + .held + .rejected' "$1")"
}

# wait_for WHAT COMMAND...: until the command holds, however slow the machine; three minutes at the most
wait_for()
{
    local end=$((SECONDS + 180))
    until "${@:2}"; do
        [ "$SECONDS" -lt "$end" ] || {
            fail "waited in vain for $1"
            return 1
        }
        sleep 0.05
    done
}

# serve_start REGISTRY: serves it on a free port; its process in $server, its address in $base
serve_start()
{
    : >"$work/serve.out"
    "$parcela" serve "$1" --listen 127.0.0.1:0 >"$work/serve.out" 2>>"$work/serve.err" &
    server=$!
    wait_for 'the server to start' served_or_ended || true
    base=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$work/serve.out" | head -1) || true
    [ -n "$base" ] || {
        echo "FAILED: the server does not start: $(cat "$work/serve.err")"
        exit 1
    }
}
served_or_ended()
{
    grep -qE 'http://127\.0\.0\.1:[0-9]+' "$work/serve.out" || ! kill -0 "$server" 2>/dev/null
}

# registry_new NAME: an empty registry with the sample's regions and corridors; terrain where a test needs it
registry_new()
{
    {
        "$parcela" init "$1"
        "$parcela" layer add "$1" regions "$samples/layers/estados.geojson" --level state
        "$parcela" layer add "$1" regions "$samples/layers/municipios.gpkg" --level municipality
        "$parcela" layer add "$1" corridors "$samples/layers/corredores.gpkg" --accuracy-m 125
    } >>"$work/setup.log" 2>&1 || {
        cat "$work/setup.log"
        echo "FAILED: no registry to test with"
        exit 1
    }
}
