#!/bin/bash
# Imports over HTTP with the built binary: upload, dry run, commit, undo, cancel; tokens that end; a server that is killed meanwhile.
. "$(dirname "$0")/serving.sh"

# ---- dry run, commit, undo ----
start
before=$(totals)
send "$samples/miaf-d/parcelas_miaf.zip" programme=MIAF-D
until_state checked
expect 'rows of the dry run' 301 "$(json .report.new "$work/body")"
expect 'the name of the file' parcelas_miaf.zip "$(json '.report.sources[0].file' "$work/body")"
expect 'nothing is written' "$before" "$(totals)"
"$parcela" import "$r" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D --dry-run --format json >"$work/cli.json"
expect 'the report of the command' "$(jq -S '{rows, new, held, hectares_added, sources, findings_total}' "$work/cli.json")" \
    "$(jq -S '.report | {rows, new, held, hectares_added, sources, findings_total}' "$work/body")"
cp "$work/body" "$work/reports"
expect 'commit' 202 "$(ask POST "$job/commit")"
until_state committed
expect 'the import' 1 "$(json .import "$work/body")"
expect 'commit again' 409 "$(ask POST "$job/commit")"
expect 'removing what is committed' 409 "$(ask DELETE "$job")"
expect 'plots' 301 "$("$parcela" hectares "$r" --format json | jq .total.plots)"
[ -z "$(find "$r/incoming" -name '*.zip')" ] || fail 'the upload stays after its commit'
expect 'the import with its findings' 200 "$(ask GET /imports/1)"
expect 'its findings' "$(json .findings_total "$work/cli.json")" "$(json .findings_total "$work/body")"
cat "$work/body" >>"$work/reports"
expect 'as a viewer' 200 "$(as=$viewer ask GET /imports/1)"
expect 'no findings for viewers' null "$(json .findings "$work/body")"
expect 'no files for viewers' '[]' "$(jq -c .sources "$work/body")"
send_code=$(as=$viewer ask POST /imports -T "$samples/miaf-d/parcelas_miaf.zip" -H 'Content-Type: a/b')
expect 'upload as a viewer' 403 "$send_code"
expect 'upload as nobody' 401 "$(curl -sS -o /dev/null -w '%{http_code}' -X POST "$base/imports" -H 'Content-Type: a/b' --data-binary x)"
expect 'a form' 202 "$(ask POST '/imports?programme=PEQUENO-PRODUCTOR' -F "file=@$samples/pequeno-productor/pequeno_productor.gpkg")"
job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
until_state checked
expect 'the name in the form' pequeno_productor.gpkg "$(json .filename "$work/body")"
cat "$work/body" >>"$work/reports"
expect 'commit' 202 "$(ask POST "$job/commit")"
until_state committed
after=$(totals)
expect 'undo' 202 "$(ask DELETE /imports/2)"
job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
until_state reverted
expect 'undo again' 409 "$(ask DELETE /imports/2)"
expect 'undo of nothing' 404 "$(ask DELETE /imports/99)"
expect 'plots after it' 301 "$("$parcela" hectares "$r" --format json | jq .total.plots)"
[ "$after" != "$(totals)" ] || fail 'the undo changed nothing'
for id in 00000000000000000000000000000000 ../../registry x; do
    case $(ask GET "/imports/jobs/$id") in
    404 | 400) ;;
    *) fail "a job that is not there: $id" ;;
    esac
done

# ---- several files of one form: the parts of a shapefile, picked together ----
shp=$samples/organizaciones/organizaciones_z15
parts=()
for x in cpg dbf prj shp shx; do
    parts+=(-F "file=@$shp.$x")
done
expect 'the parts of a shapefile' 202 "$(ask POST '/imports?programme=ORG' "${parts[@]}")"
job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
until_state checked
"$parcela" import "$r" "$shp.shp" --programme ORG --dry-run --format json >"$work/cli.json"
expect 'what the parts are called' organizaciones_z15.zip "$(json .filename "$work/body")"
for key in rows new held rejected hectares_added findings_total; do
    expect "the parts together, $key" "$(json ".$key" "$work/cli.json")" "$(json ".report.$key" "$work/body")"
done
expect 'their text encoding and system' "$(jq -c '.sources[] | [.layer, .encoding, .epsg, .mapped]' "$work/cli.json")" \
    "$(jq -c '.report.sources[] | [.layer, .encoding, .epsg, .mapped]' "$work/body")"
unzip -tq "$r/incoming/$(basename "$job").zip" >"$work/unzip.out" 2>&1 || fail "the archive of the parts: $(cat "$work/unzip.out")"
cat "$work/body" >>"$work/reports"
expect 'removing it' 204 "$(ask DELETE "$job")"
expect 'the same name twice' 400 "$(ask POST '/imports?programme=X' -F "file=@$shp.shp" -F "file=@$shp.shp")"
expect 'and why' same_name_twice "$(json .code "$work/body")"
expect 'a name that is a path' 202 "$(ask POST '/imports?programme=X' -F "file=@$samples/soconusco/caminatas_rayen.gpx;filename=../../a.gpx" -F "file=@$samples/soconusco/soconusco.geojson;filename=C:\\x\\b.geojson")"
job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
until_state checked
expect 'names inside it' 'a.zip/a.gpx a.zip/b.geojson' "$(jq -r '[.report.findings[].file | strings | select(contains("/"))] | unique | join(" ")' "$work/body")"
expect 'removing it' 204 "$(ask DELETE "$job")"

# one of them cannot be read: told, kept out of the commit only when that is asked for
head -c 3000 "$samples/soconusco/soconusco.geojson" >"$work/cortado.geojson"
expect 'a damaged file among others' 202 "$(ask POST '/imports?programme=X' -F "file=@$work/cortado.geojson" -F "file=@$samples/soconusco/caminatas_rayen.gpx")"
job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
until_state checked
expect 'it is counted' 1 "$(json .files_unreadable "$work/body")"
expect 'and named' cortado.zip/cortado.geojson "$(json '.report.findings[] | select(.code == "file_unreadable") | .file' "$work/body")"
walks=$(json .report.new "$work/body")
expect 'commit without a word about it' 409 "$(ask POST "$job/commit")"
expect 'the reason' files_unreadable "$(json .code "$work/body")"
expect 'a word that is none' 400 "$(ask POST "$job/commit?skip_bad_files=si")"
expect 'still checked' checked "$(ask GET "$job" >/dev/null; json .state "$work/body")"
expect 'commit of the others' 202 "$(ask POST "$job/commit?skip_bad_files=true")"
until_state committed
expect 'the others are in' "$walks" "$("$parcela" hectares "$r" --programme X --format json | jq .total.plots)"
expect 'undo' 202 "$(ask DELETE "/imports/$(json .import "$work/body")")"
job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
until_state reverted

# ---- no person in any of it ----
ogrinfo -ro -q -al -geom=NO "$samples/pequeno-productor/pequeno_productor.gpkg" | sed -n 's/^  \(productor\|id_productor\) (String) = //p' | sort -u >"$work/people"
ogrinfo -ro -q -al -geom=NO --config SHAPE_ENCODING ISO-8859-1 "/vsizip/$samples/miaf-d/parcelas_miaf.zip" |
    sed -n 's/^  \(PRODUCTOR\|ID_PRODUCT\) (String) = //p' | sort -u >>"$work/people"
[ "$(wc -l <"$work/people")" -gt 500 ] || fail 'the test knows too few people to look for'
if grep -qaFf "$work/people" "$work/reports" "$r"/incoming/*; then
    fail "a person in a report: $(grep -ohaFf "$work/people" "$work/reports" "$r"/incoming/* | head -1)"
fi

# ---- files that are none ----
printf 'nothing that anyone could read' >"$work/junk.zip"
send "$work/junk.zip" programme=X
until_state failed
[ "$(json .error.code "$work/body")" != null ] || fail 'a failure without a reason'
if grep -qE "$work|incoming|$(basename "$job")[.]" "$work/body"; then
    fail "the error tells where the file lies: $(json .error.message "$work/body")"
fi
expect 'removing it' 204 "$(ask DELETE "$job")"
expect 'it is gone' 404 "$(ask GET "$job")"

# ---- tokens that end ----
gone=$(token editor)
expect 'a good token' 200 "$(as=$gone ask GET /imports/jobs)"
"$parcela" token list "$r" --format json >"$work/tokens"
exits 0 'revoke' "$parcela" token revoke "$r" "$(jq '.[-1].id' "$work/tokens")"
expect 'a revoked token, at once' 401 "$(as=$gone ask GET /imports/jobs)"
old=$("$parcela" token add "$r" --role admin --expires 1 --format json | jq -r .token)
expect 'a token of today' 200 "$(as=$old ask GET /imports/jobs)"

# ---- one writer ----
many "$work/many.gpkg"
(
    flock -n 9 || exit 1
    send "$work/many.gpkg" programme=MUCHAS
    wait_for 'a job that waits for another writer' is_blocked || true
    expect 'and says so' waiting "$(json .state "$work/body")"
    echo "$job" >"$work/job"
    exit "$failed"
) 9>>"$r/lock" || failed=1
job=$(cat "$work/job")
for _ in $(seq 600); do # a job with a phase has the registry
    until_state running checked
    [ "$state" = running ] && [ "$(json .phase "$work/body")" = null ] || break
done
if [ "$state" = running ]; then
    code=0
    "$parcela" import "$r" "$samples/soconusco/soconusco.geojson" --programme SOCONUSCO --format json >"$work/cli.json" 2>/dev/null || code=$?
    case $code in
    6) ;;
    0) "$parcela" imports "$r" revert "$(json .import "$work/cli.json")" >/dev/null ;; # the job had just ended
    *) fail "a command beside a running job ended with $code" ;;
    esac
fi
until_state checked
expect 'all rows of the dry run' 4848 "$(json '.report.new' "$work/body")"

# ---- cancelled while it runs ----
before=$(totals)
expect 'commit' 202 "$(ask POST "$job/commit")"
until_state running committed
if [ "$state" = running ]; then
    case $(ask DELETE "$job") in
    202)
        until_state cancelled committed
        ;;
    204 | 409) state=over ;;
    *) fail 'a running job cannot be cancelled' ;;
    esac
    if [ "$state" = cancelled ]; then
        expect 'a cancelled import left nothing' "$before" "$(totals)"
        exits 0 'check after a cancelled import' "$parcela" check "$r"
    fi
fi
[ "$state" != committed ] || ask DELETE "/imports/$(json .import "$work/body")" >/dev/null
stop
exits 0 'check after all' "$parcela" check "$r"

# ---- kill -9 while it works, then start again: done once or marked, never twice ----
start
send "$work/many.gpkg" programme=MUCHAS
until_state checked
expect 'commit' 202 "$(ask POST "$job/commit")"
killed=0
for tenths in 2 9; do
    sleep "$(awk -v t="$tenths" 'BEGIN { print t / 10 }')"
    ask GET "$job" >/dev/null
    [ "$(json .state "$work/body")" = running ] && killed=$((killed + 1))
    kill -9 "$server"
    wait "$server" 2>/dev/null || true
    exits 0 "check after kill -9 at $tenths tenths" "$parcela" check "$r"
    start
done
until_state committed
[ "$killed" -gt 0 ] || echo 'note: no job was running when its server was killed'
expect 'all plots, once' 4848 "$("$parcela" hectares "$r" --programme MUCHAS --format json | jq .total.plots)"
expect 'one import of them' 1 "$("$parcela" imports "$r" list --format json | jq '[.[] | select(.programme == "MUCHAS" and .status == "committed")] | length')"
exits 0 'check at the end' "$parcela" check "$r"
# SIGTERM in the middle: the job waits for the next start
send "$work/many.gpkg" programme=OTRAS
stop
start
until_state checked
expect 'removing a checked job' 204 "$(ask DELETE "$job")"
stop
[ -z "$(find "$r/incoming" -name '*.part' -o -name '*.gpkg')" ] || fail "left in incoming: $(ls "$r/incoming")"
if grep -q 'Sanitizer\|runtime error' "$work/serve.err"; then
    fail "$(grep -m1 'Sanitizer\|runtime error' "$work/serve.err")"
fi
if grep -qF -e "$editor" -e "$viewer" -e parcelas_miaf "$work/serve.err"; then
    fail 'the log tells a token or a file name'
fi
finish
