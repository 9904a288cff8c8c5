#!/bin/bash
# The process that a job has of its own: what it inherits, how it ends and with what, and whose words stand afterwards; how long an upload
# that nobody decided about stays; the reference systems that a refusal offers.
. "$(dirname "$0")/serving.sh"
many "$work/many.gpkg"

# held_process: waits for the process of the running job and stops it, so that it is caught in the middle; its id in $child
held_process()
{
    child=
    for _ in $(seq 3000); do
        child=$(pgrep -P "$server" -f -- --job | head -1) || true
        [ -n "$child" ] && break
        sleep 0.01
    done
    [ -n "$child" ] || { fail 'a job has no process of its own'; finish; }
    for _ in $(seq 300); do # until it has begun to work
        ask GET "$job" >/dev/null
        [ "$(json .phase "$work/body")" = null ] || break
        sleep 0.01
    done
    kill -STOP "$child"
}
gone() # gone WHAT PID: the process ends within five seconds
{
    for _ in $(seq 500); do
        [ -d "/proc/$2" ] && ! grep -q '^State:.Z' "/proc/$2/status" 2>/dev/null || return 0
        sleep 0.01
    done
    fail "$1 is still there"
}

# ---- what it has ----
start
before=$(totals)
send "$work/many.gpkg" programme=MUCHAS
held_process
expect 'it runs' running "$(json .state "$work/body")"
expect 'its input and its words are pipes' 'pipe pipe' "$(stat -L -c %F "/proc/$child/fd/0" "/proc/$child/fd/3" | sed 's/fifo/pipe/' | paste -sd' ')"
sockets() # sockets PID: and what else only a server has
{
    find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' -o -lname '*/jobs.lock' -printf '%l\n' | sort
}
[ "$(sockets "$server" | wc -l)" -gt 1 ] || fail 'the test does not see what the server has open'
[ -z "$(comm -12 <(sockets "$server") <(sockets "$child"))" ] || fail 'it has what the server has open'
nice=$(cut -d' ' -f19 "/proc/$server/stat")
[ "$(cut -d' ' -f19 "/proc/$child/stat")" -gt "$nice" ] || [ "$nice" = 19 ] || fail 'it is as urgent as the server'
expect 'the folder of uploads' 700 "$(stat -c %a "$r/incoming")"
[ -z "$(find "$r/incoming" -type f ! -perm 600)" ] || fail "files of uploads are open to others: $(ls -l "$r/incoming")"

# ---- killed: the job has failed, the server lives, nothing has changed ----
reader=$(pgrep -P "$child" | head -1) || true
kill -9 "$child"
[ -z "$reader" ] || gone 'the process that read for it' "$reader"
until_state failed checked
expect 'killed' failed "$state"
expect 'and why' job_killed "$(json .error.code "$work/body")"
[ "$(json .error.remedy "$work/body")" != null ] || fail 'no word of what to do'
[ -z "$(find "$r/incoming" -name '*.gpkg')" ] || fail 'the upload of a failed job stays'
expect 'the server lives' 200 "$(ask GET /readyz)"
expect 'it cannot be committed' 409 "$(ask POST "$job/commit")"
expect 'removing it' 204 "$(ask DELETE "$job")"

# a crash, in a commit
send "$work/many.gpkg" programme=MUCHAS
until_state checked
expect 'commit' 202 "$(ask POST "$job/commit")"
held_process
kill -ABRT "$child"
kill -CONT "$child"
until_state failed committed
expect 'a crash' failed "$state"
expect 'and why' job_crashed "$(json .error.code "$work/body")"
expect 'nothing is written' "$before" "$(totals)"
exits 0 'check after a crash' "$parcela" check "$r"

# a second upload does not suffer from it; neither does what else the server does
send "$samples/soconusco/soconusco.geojson" programme=SOCONUSCO
until_state checked
expect 'the next job' checked "$state"
expect 'removing it' 204 "$(ask DELETE "$job")"

# ---- cancelled: at once where it listens, within ten seconds where it does not ----
send "$work/many.gpkg" programme=MUCHAS
held_process
kill -CONT "$child"
expect 'cancel' 202 "$(ask DELETE "$job")"
until_state cancelled checked
expect 'cancelled' cancelled "$state"
gone 'the process of a cancelled job' "$child"
send "$work/many.gpkg" programme=MUCHAS
held_process
expect 'cancel of one that does not listen' 202 "$(ask DELETE "$job")"
until_state cancelled checked
expect 'cancelled' cancelled "$state"
gone 'the process of a cancelled job' "$child"
[ -z "$(find "$r/incoming" -name '*.gpkg')" ] || fail 'the upload of a cancelled job stays'

# ---- signals for the server are not for it ----
send "$work/many.gpkg" programme=MUCHAS
until_state checked
expect 'commit' 202 "$(ask POST "$job/commit")"
held_process
kill -INT "$child"
kill -TERM "$child"
kill -CONT "$child"
until_state committed failed cancelled
expect 'SIGINT and SIGTERM to it' committed "$state"
expect 'undo' 202 "$(ask DELETE "/imports/$(json .import "$work/body")")"
job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
until_state reverted

# ---- the server ends, orderly or not: so does the process, and the job is done by the next server ----
send "$work/many.gpkg" programme=MUCHAS
held_process
kill -CONT "$child"
stop
gone 'the process of a server that ended' "$child"
start
until_state checked
expect 'resumed' checked "$state"
expect 'commit' 202 "$(ask POST "$job/commit")"
held_process
kill -9 "$server"
wait "$server" 2>/dev/null || true
gone 'the process of a server that was killed' "$child"
exits 0 'check after that' "$parcela" check "$r"
start
until_state committed
expect 'all plots, once' 4848 "$("$parcela" hectares "$r" --programme MUCHAS --format json | jq .total.plots)"

# a job whose commit was done, and whose word about it is missing
id=$(basename "$job")
stop
jq -c '.state = "running" | .import = 0 | .finished_ms = 0' "$r/incoming/$id.job" >"$work/job" && cp "$work/job" "$r/incoming/$id.job"
start
expect 'the job' 200 "$(ask GET "$job")"
expect 'its commit is recognised' committed "$(json .state "$work/body")"
expect 'once' 1 "$("$parcela" imports "$r" list --format json | jq '[.[] | select(.programme == "MUCHAS" and .status == "committed")] | length')"

# ---- an upload that nobody decides about ----
hours=$(curl -sS "$base/limits" | jq .limits.upload_wait_hours.value)
send "$samples/soconusco/soconusco.geojson" programme=SOCONUSCO
until_state checked
expect 'when it ends' "$((hours * 3600))" "$(json '(.upload_ends_at | fromdate) - (.finished_at | fromdate)' "$work/body")"
id=$(basename "$job")
stop
chmod 755 "$r/incoming"
jq -c --argjson h "$hours" '.finished_ms -= $h * 3600000 - 60000' "$r/incoming/$id.job" >"$work/job" && cp "$work/job" "$r/incoming/$id.job"
start
expect 'a minute before' 200 "$(ask GET "$job")"
expect 'it waits' checked "$(json .state "$work/body")"
[ -f "$r/incoming/$id.geojson" ] || fail 'an upload is removed before its time'
expect 'the folder is closed again' 700 "$(stat -c %a "$r/incoming")"
stop
jq -c '.finished_ms -= 61000' "$r/incoming/$id.job" >"$work/job" && cp "$work/job" "$r/incoming/$id.job"
start
until_state cancelled
expect 'when its time is over' upload_expired "$(json .error.code "$work/body")"
[ ! -e "$r/incoming/$id.geojson" ] || fail 'the upload stays after its time'
expect 'its report stays' true "$(json '.report.rows > 0' "$work/body")"
expect 'commit' 409 "$(ask POST "$job/commit")"

# ---- the systems that a refusal offers, kept over a restart ----
mkdir "$work/nothing"
ogr2ogr -q -t_srs EPSG:32615 "$work/nothing/nothing.shp" "/vsizip/$samples/miaf-d/parcelas_miaf.zip" 2>>"$work/ogr.log"
rm -f "$work/nothing/nothing.prj"
(cd "$work/nothing" && zip -q "$work/nothing.zip" nothing.*)
send "$work/nothing.zip" programme=MIAF-D
until_state failed
expect 'refused' crs_missing "$(json .error.code "$work/body")"
expect 'the likeliest' 'EPSG:32615 WGS 84 / UTM zone 15N true' "$(json '.error.candidates[0] | "\(.crs) \(.name) \(.share > 0.9)"' "$work/body")"
[ "$(json '.error.candidates | length' "$work/body")" -gt 1 ] || fail 'there is nothing to choose from'
jq -cS .error "$work/body" >"$work/error"
stop
start
ask GET "$job" >/dev/null
expect 'after a restart' "$(cat "$work/error")" "$(jq -cS .error "$work/body")"
send "$work/nothing.zip" 'programme=MIAF-D&crs=EPSG:32615'
until_state checked failed
expect 'sent again with the first' checked "$state"
stop
if grep -q 'Sanitizer\|runtime error' "$work/serve.err"; then
    fail "$(grep -m1 'Sanitizer\|runtime error' "$work/serve.err")"
fi
finish
