#!/bin/bash
# How fast tiles are while an upload is imported, and what memory that takes. Serves a registry of its own, uploads a file in pieces as a
# browser does, waits for the dry run, commits it, and asks all the while for tiles that it has not asked for before. One line for each phase:
# tiles, median, 99th percentile and longest answer (ms), memory in MB: of the server the highest seen, of the process of the job and of the
# one that reads the file their own peaks (VmHWM).
set -euo pipefail

usage()
{
    cat <<'EOT'
tests/bench/upload_tiles.sh FILE [--before FILE] [--layers FOLDER] [--work FOLDER]

  FILE             what is uploaded: a .zip of a shapefile, a GeoPackage, ...
  --before FILE    plots that the registry has already
  --layers FOLDER  regions.gpkg, corridors.gpkg, dem.tif: those that are there are added first
  --work FOLDER    where the registry is made (a temporary folder)

PARCELA names the binary (build/release/parcela). A figure of a busy machine is worth little: the load is printed.
EOT
}

parcela=${PARCELA:-build/release/parcela} before='' layers='' work='' file=''
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) usage; exit 0 ;;
    --before) before=${2:?}; shift 2 ;;
    --layers) layers=${2:?}; shift 2 ;;
    --work) work=${2:?}; shift 2 ;;
    -*) usage >&2; exit 2 ;;
    *) file=$1; shift ;;
    esac
done
[ -f "$file" ] || { usage >&2; exit 2; }
temporary=''
[ -n "$work" ] || work=$(mktemp -d) temporary=$work
mkdir -p "$work"
server='' asking=''
end()
{
    touch "$work/stop"
    [ -z "$asking" ] || wait "$asking" 2>/dev/null || true
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$temporary" ] || rm -rf "$temporary"
}
trap end EXIT
rm -f "$work/stop"
r=$work/registry

"$parcela" init "$r" >/dev/null
if [ -n "$layers" ]; then
    [ ! -f "$layers/regions.gpkg" ] || "$parcela" layer add "$r" regions "$layers/regions.gpkg" --level municipality >/dev/null
    [ ! -f "$layers/corridors.gpkg" ] || "$parcela" layer add "$r" corridors "$layers/corridors.gpkg" >/dev/null
    [ ! -f "$layers/dem.tif" ] || "$parcela" layer add "$r" terrain "$layers/dem.tif" >/dev/null
fi
[ -z "$before" ] || "$parcela" import "$r" "$before" --programme BEFORE >/dev/null
token=$("$parcela" token add "$r" --role editor --format json | jq -r .token)
"$parcela" serve "$r" --listen 127.0.0.1:0 >"$work/serve.out" 2>"$work/serve.err" &
server=$!
for _ in $(seq 100); do
    base=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$work/serve.out" | head -1) && break
    sleep 0.1
done
ask()
{
    curl -sS -H "Authorization: Bearer $token" "$@"
}

# tiles of zooms 9 to 14 over the plots, each once, in a fixed random order
bounds=$(curl -sS "$base/tiles/plots.json" | jq -c '.bounds // [-93.5, 16, -92, 17]')
awk -v b="$bounds" -v base="$base" 'BEGIN {
    gsub(/[][]/, "", b); split(b, v, ","); pi = atan2(0, -1); srand(11)
    for (n = 0; n < 400000; n++) {
        z = 9 + int(rand() * 6); k = 2 ^ z
        lon = v[1] + rand() * (v[3] - v[1]); lat = (v[2] + rand() * (v[4] - v[2])) * pi / 180
        x = int((lon + 180) / 360 * k); y = int((1 - log(sin(lat) / cos(lat) + 1 / cos(lat)) / pi) / 2 * k)
        url = base "/tiles/plots/" z "/" x "/" y ".geojson"
        if (!(url in seen)) { seen[url] = 1; print url }
    } }' >"$work/urls"

echo idle >"$work/phase"
: >"$work/times"
# one client, one tile every few milliseconds, connections kept by twenties
(
    while mapfile -t -n 20 urls && [ ${#urls[@]} -gt 0 ] && [ ! -e "$work/stop" ]; do
        options=()
        for url in "${urls[@]}"; do
            options+=(-o /dev/null "$url")
        done
        phase=$(cat "$work/phase")
        curl -sS --compressed -w "$phase %{http_code} %{time_total}\n" "${options[@]}" >>"$work/times" 2>>"$work/curl.err" || true
        sleep 0.05
    done <"$work/urls"
) &
asking=$!

declare -A now_mb peak_mb
# note PHASE KIND PID: what the process holds now, and held at most so far (/proc says both; the most of a phase is the highest seen in it)
note()
{
    local rss hwm
    read -r hwm rss < <(awk '/^VmHWM/ { h = $2 } /^VmRSS/ { r = $2 } END { print int(h / 1024), int(r / 1024) }' "/proc/$3/status" 2>/dev/null || echo 0 0)
    [ "${rss:-0}" -le "${now_mb[$1 $2]:-0}" ] || now_mb[$1 $2]=$rss
    [ "${hwm:-0}" -le "${peak_mb[$1 $2]:-0}" ] || peak_mb[$1 $2]=$hwm
}
# sample PHASE: the memory of the server, of the process of its job, and of the processes that that one reads with
sample()
{
    local job_process reader
    note "$1" server "$server"
    for job_process in $(pgrep -P "$server" || true); do
        note "$1" job "$job_process"
        for reader in $(pgrep -P "$job_process" || true); do
            note "$1" reader "$reader"
        done
    done
}
phase()
{
    echo "$1" >"$work/phase"
    began=$(date +%s.%N)
}
until_over() # until_over PHASE: samples until the job neither waits nor runs
{
    while :; do
        ask "$base$job" >"$work/job" || true
        case $(jq -r .state "$work/job") in
        waiting | running) ;;
        *) break ;;
        esac
        sample "$1"
        sleep 0.25
    done
    took[$1]=$(echo "$(date +%s.%N) - $began" | bc)
    [ "$(jq -r .error "$work/job")" = null ] || { jq .error "$work/job"; exit 1; }
}
declare -A took

began=$(date +%s.%N)
for _ in $(seq 20); do
    sample idle
    sleep 0.25
done
took[idle]=5
phase upload
ask -D "$work/head" -o "$work/job" -F "file=@$file" "$base/imports?programme=UPLOAD" &
sending=$!
while kill -0 "$sending" 2>/dev/null; do
    sample upload
    sleep 0.1
done
wait "$sending"
took[upload]=$(echo "$(date +%s.%N) - $began" | bc)
job=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation: //p')
[ -n "$job" ] || { cat "$work/job"; exit 1; }
phase dry-run
until_over dry-run
phase commit
ask -o /dev/null -X POST "$base$job/commit"
until_over commit
phase after
began=$(date +%s.%N)
for _ in $(seq 20); do
    sample after
    sleep 0.25
done
took[after]=5
touch "$work/stop"
wait "$asking" || true
asking=''

printf '%-8s %8s %7s %9s %8s %8s %8s %7s %7s %7s\n' phase seconds tiles 'median ms' 'p99 ms' 'max ms' 'not 200' server job reader
for p in idle upload dry-run commit after; do
    awk -v p="$p" '$1 == p { print $3 * 1000 }' "$work/times" | sort -n |
        awk -v p="$p" -v s="${took[$p]:-0}" -v bad="$(awk -v p="$p" '$1 == p && $2 != 200 && $2 != 204' "$work/times" | wc -l)" \
            -v server="${now_mb[$p server]:-0}" -v job="${peak_mb[$p job]:-0}" -v reader="${peak_mb[$p reader]:-0}" '
            { v[NR] = $1 }
            END { k = int(NR * 0.99); if (k < 1) k = 1; if (!NR) v[1] = 0
                printf "%-8s %8.1f %7d %9.2f %8.2f %8.2f %8d %7d %7d %7d\n", p, s, NR, v[int((NR + 1) / 2)] + 0, v[k], v[NR] + 0, bad, server, job, reader }'
done
echo "rows: $(jq -c '.report | {rows, new, held, rejected}' "$work/job"), load: $(cut -d' ' -f1-3 /proc/loadavg), VmHWM of the server: $(($(awk '/VmHWM/ { print $2 }' "/proc/$server/status") / 1024)) MB"
