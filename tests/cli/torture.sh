#!/bin/bash
# Every file of the public sets of odd and broken data, one by one, to `parcela import --dry-run`: a report or a clear error within a
# minute, nothing from a sanitizer, every row accounted for. Prints what became of each set. Skips where the data folder is absent.
# With TORTURE_OUT the reports and one line for each file (files.tsv) stay in that folder.
. "$(dirname "$0")/common.sh"
data=${PARCELA_DATA:-../shared/data}
sets=${TORTURE_SETS:-04-plots 05-gps 06-torture/gdal-ogr 06-torture/shapelib 06-torture/check-geojson 06-torture/zip-slip}
out=${TORTURE_OUT:-$work/out}
r=$work/registry
mkdir -p "$out"
: >"$out/files.tsv"
"$parcela" init "$r" >/dev/null

# one FILE: imports it; its line in files.tsv is set, file, exit code, error, rows, new, held, rejected, repaired, announced
one()
{
    local code=0 name=${1#"$data"/} stem
    stem=$out/$(tr -c 'A-Za-z0-9._\n' '_' <<<"$name")
    timeout 60 "$parcela" import "$r" "$1" --programme T --dry-run --format json >"$stem.json" 2>"$stem.err" || code=$?
    case $code in
    0 | 3 | 7) ;; # 7: a limit that the message names
    *) fail "$name: exit code $code: $(tail -3 "$stem.err")" ;;
    esac
    if grep -q 'Sanitizer\|runtime error' "$stem.err"; then
        fail "$name: $(grep -m1 'Sanitizer\|runtime error' "$stem.err")"
    fi
    if [ "$(jq -s length "$stem.json" 2>/dev/null)" != 1 ]; then
        fail "$name: no JSON document"
        return
    fi
    if [ "$code" = 0 ]; then
        jq -e '.rows == .new + .revised + .unchanged + .held + .rejected' "$stem.json" >/dev/null || fail "$name: the rows do not add up"
        # what is announced was read, or the report says what was not
        jq -e '([.sources[].rows_announced] | all(. >= 0) | not) or .rows == ([.sources[].rows_announced] | add // 0)
               or ([.findings[].code] | any(. == "rows_missing" or . == "rows_deleted"))' "$stem.json" >/dev/null ||
            fail "$name: $(jq -c '[.rows, [.sources[].rows_announced]]' "$stem.json") rows read and announced, and no word about it"
        [ "$(jq '.findings_total > 0 or .rows == .new + .revised + .unchanged' "$stem.json")" = true ] || fail "$name: rows without a boundary and without a finding"
    else
        jq -e '.error | (.code | test("^(reader_|internal|out_of_memory|sandbox|repair_helper)") | not) and (.message | length > 10) and (.remedy | length > 5)' \
            "$stem.json" >/dev/null || fail "$name: an error without reason or remedy: $(head -c 300 "$stem.json")"
    fi
    jq -r --arg set "$2" --arg name "$name" --arg code "$code" \
        '[$set, $name, $code, .error.code // "", .rows // 0, (.new // 0) + (.revised // 0) + (.unchanged // 0), .held // 0, .rejected // 0, .repaired // 0] | @tsv' \
        "$stem.json" >>"$out/files.tsv"
}

for set in $sets; do
    if [ ! -d "$data/$set" ]; then
        echo "SKIPPED: $data/$set is absent"
        continue
    fi
    while IFS= read -r -d '' file; do
        one "$file" "$set"
    done < <(find "$data/$set" -type f ! -name SOURCE.md -print0 | sort -z)
done

awk -F '\t' '
    { files[$1]++; rows[$1] += $5; plots[$1] += $6; held[$1] += $7; rejected[$1] += $8; repaired[$1] += $9 }
    $3 == 0 { reports[$1]++ }
    $3 != 0 { refused[$1 "\t" $4]++ }
    !($1 in order) { order[$1] = ++n; set[n] = $1 }
    END {
        printf "%-26s %5s %7s %6s %6s %8s %5s %8s %7s\n", "set", "files", "reports", "rows", "plots", "repaired", "held", "rejected", "refused"
        for (i = 1; i <= n; i++) {
            s = set[i]
            printf "%-26s %5d %7d %6d %6d %8d %5d %8d %7d\n", s, files[s], reports[s], rows[s], plots[s], repaired[s], held[s], rejected[s], files[s] - reports[s]
        }
        for (k in refused) { split(k, p, "\t"); printf "  %-26s %-22s %d\n", p[1], p[2], refused[k] | "sort" }
    }' "$out/files.tsv"
finish
