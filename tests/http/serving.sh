# What the tests of imports over HTTP share: a registry with an editor and a viewer, a server that is started and stopped, questions to it.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/../cli/common.sh"
r=$work/registry
registry_new "$r"
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

# start: a server on a free port; its address in $base
start()
{
    serve_start "$r"
}
stop()
{
    code=0
    kill -TERM "$server"
    wait "$server" || code=$?
    server=
    expect 'the end of the server' 0 "$code"
}
token()
{
    "$parcela" token add "$r" --role "$1" --format json | jq -r .token
}
editor=$(token editor)
viewer=$(token viewer)
# ask METHOD PATH [CURL OPTION...]: as the editor; status on stdout, body in $work/body, headers in $work/head
ask()
{
    : >"$work/body"
    curl -sS --max-time 60 -g -o "$work/body" -D "$work/head" -w '%{http_code}' -X "$1" -H "Authorization: Bearer ${as:-$editor}" "$base$2" "${@:3}" 2>"$work/curl.err" || true
}
send() # send FILE PARAMETERS: a raw upload; the job's address in $job
{
    expect "upload of $(basename "$1")" 202 "$(ask POST "/imports?filename=$(basename "$1")&$2" -H 'Content-Type: application/octet-stream' -T "$1")"
    job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
    [ -n "$job" ] || fail 'a job has no address'
}
# until STATE...: waits until the job is in one of them; its document is in $work/body
until_state()
{
    state=
    wait_for "the job to be one of: $*" state_is "$@" || fail "the job is $state"
}
state_is()
{
    local wanted
    ask GET "$job" >/dev/null
    state=$(json .state "$work/body" 2>/dev/null || true)
    for wanted in "$@"; do
        [ "$state" = "$wanted" ] && return
    done
    false
}
is_blocked()
{
    ask GET "$job" >/dev/null
    [ "$(json .blocked "$work/body")" = true ]
}
totals()
{
    "$parcela" hectares "$r" --by programme,municipality --format json | jq -S .
}
# many FILE: 4848 plots, small farms moved by some kilometres twelve times: an import long enough to be caught in the middle
many()
{
    local i
    for i in $(seq 1 12); do
        ogr2ogr -q -f GPKG -update -append "$1" "$samples/pequeno-productor/pequeno_productor.gpkg" -nln parcelas -dialect sqlite \
            -sql "select codigo || '-$i' as codigo, productor, cultivo, practica, ST_Translate(geom, 0.0, $i * 0.03, 0.0) as geom
                  from parcelas where codigo not like 'PP-MAL%'"
    done
}
