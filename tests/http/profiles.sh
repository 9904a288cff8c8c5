#!/bin/bash
# Uploads with a saved profile and an encoding; findings in the language of who asks, and no value of the file in any answer.
. "$(dirname "$0")/../cli/common.sh"
r=$work/registry
registry_new "$r"
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
printf 'columna,campo,valor,queda\nLOTE,code,,\nSIEMBRA,crop,,\nSIEMBRA,,milpa de temporal,maize\nDUE\xc3\x91O,producer_name,,\nSUP,declared_ha,,\n' >"$work/perfil.csv"
"$parcela" profile save "$r" PT "$work/perfil.csv" >/dev/null
{
    printf 'LOTE,SIEMBRA,DUE\xd1O,SUP,PAPELES,lon,lat\n'
    printf 'L-1,Milpa de Temporal,Mar\xeda N\xfa\xf1ez,1.5,HEGG560427MVZRRL04,-92.7,16.1\n'
    printf 'L-2,pitahaya azul,Jos\xe9,9,,-92.6,16.1\n'
} >"$work/lotes.csv"
serve_start "$r"
editor=$("$parcela" token add "$r" --role editor --format json | jq -r .token)
ask() # ask METHOD PATH [CURL OPTION...]
{
    : >"$work/body"
    curl -sS --max-time 60 -g -o "$work/body" -D "$work/head" -w '%{http_code}' -X "$1" -H "Authorization: Bearer $editor" "$base$2" "${@:3}"
}
send() # send PARAMETERS: its job in $job, checked
{
    expect 'the upload' 202 "$(ask POST "/imports?filename=lotes.csv&$1" -H 'Content-Type: application/octet-stream' -T "$work/lotes.csv")"
    job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
    wait_for 'the dry run' has_ended
}
has_ended()
{
    ask GET "$job" >/dev/null
    case $(json .state "$work/body") in waiting | running) false ;; esac
}
is_committed()
{
    ask GET "$job" >/dev/null
    [ "$(json .state "$work/body")" = committed ]
}
send programme=PT
expect 'the profile of the programme' 'checked PT 1' "$(json '"\(.state) \(.report.profile) \(.report.new)"' "$work/body")"
expect 'a column by the profile' 'crop profile' "$(json '.report.sources[0].columns[] | select(.column == "SIEMBRA") | "\(.field) \(.how)"' "$work/body")"
expect 'no samples' null "$(json .report.mapping "$work/body")"
grep -q 'Milpa de T\|Núñez\|HEGG5604' "$work/body" && fail 'the answer quotes the file'
english=$(json '.report.findings[] | select(.code == "point_too_large") | .message' "$work/body")
expect 'in English' 'a point, and 9 ha are declared' "$english"
expect 'by a header' 200 "$(ask GET "$job" -H 'Accept-Language: fr, es-MX;q=0.9, en;q=0.1')"
expect 'in Spanish' 'un punto, y se declaran 9 ha' "$(json '.report.findings[] | select(.code == "point_too_large") | .message' "$work/body")"
expect 'its remedy' 'recorra o dibuje el lindero' "$(json '.report.findings[] | select(.code == "point_too_large") | .remedy' "$work/body")"
expect 'the parameter comes first' 200 "$(ask GET "$job?lang=en" -H 'Accept-Language: es')"
expect 'in English again' "$english" "$(json '.report.findings[] | select(.code == "point_too_large") | .message' "$work/body")"
expect 'another language' 400 "$(ask GET "$job?lang=fr")"
expect 'commit' 202 "$(ask POST "$job/commit")"
wait_for 'the import' is_committed
expect 'the import in Spanish' 200 "$(ask GET "/imports/1?lang=es")"
expect 'its finding' 'un punto, y se declaran 9 ha' "$(json '.findings[] | select(.code == "point_too_large") | .message' "$work/body")"
expect 'what the profile made of it' '["maize"]' "$("$parcela" plot "$r" L-1 | jq -c .properties.crops)"
expect 'the name as decoded' 'María Núñez' "$("$parcela" plot "$r" L-1 | jq -r .properties.producer.name)"
send 'programme=PT&encoding=cp850&profile=-'
expect 'as told' 'CP850 (given)' "$(json '.report.sources[0].encoding' "$work/body")"
expect 'an unknown encoding' 400 "$(ask POST "/imports?filename=lotes.csv&encoding=klingon" -H 'Content-Type: application/octet-stream' -T "$work/lotes.csv")"
send 'programme=PT&profile=none'
expect 'no such profile' 'failed profile_not_found' "$(json '"\(.state) \(.error.code)"' "$work/body")"
said=$(json .error.message "$work/body")
expect 'in Spanish' 200 "$(ask GET "$job?lang=es")"
[ "$(json .error.message "$work/body")" != "$said" ] || fail 'the failure of a job is told in English only'
expect 'and its list' 200 "$(ask GET /imports/jobs -H 'Accept-Language: es')"
grep -qF "$said" "$work/body" || fail 'the English sentence, which has the figures, is gone'
expect 'a refusal in Spanish' 'no existe ese trabajo: there is no such job' "$(ask GET /imports/jobs/00000000000000000000000000000000 -H 'Accept-Language: es' >/dev/null; json .detail "$work/body")"
expect 'of the server itself' 'no hay nada en esa dirección' "$(ask GET /nowhere -H 'Accept-Language: es-MX' >/dev/null; json .detail "$work/body" | cut -d: -f1)"
expect 'without a token' 'esto no es público' "$(curl -s -X POST -H 'Accept-Language: es' "$base/imports" -d x | jq -r .detail | cut -d: -f1)"
expect 'else English' 'there is no such job' "$(ask GET /imports/jobs/00000000000000000000000000000000 >/dev/null; json .detail "$work/body")"
send 'programme=PT&profile=/etc/passwd'
expect 'no files' 'failed profile_not_found' "$(json '"\(.state) \(.error.code)"' "$work/body")"
kill -TERM "$server"
wait "$server" || fail 'the end of the server'
server=
grep -rlaF HEGG560427MVZRRL04 "$r" --exclude-dir=incoming && fail 'the registry has a CURP'
if grep -q 'Sanitizer\|runtime error' "$work/serve.err"; then
    fail "$(grep -m1 'Sanitizer\|runtime error' "$work/serve.err")"
fi
finish
