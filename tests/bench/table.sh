# The table of ratios: each comparison is a line of Parcela's steps against a peer's, from the medians of the same run.
# shellcheck shell=bash disable=SC2154  # run sets out, scratch, workload and the like

# sum_of COLUMN STEP...: the medians added up; nothing when one of the steps was not run
sum_of()
{
    local c=$1 total=0 v step
    shift
    for step in "$@"; do
        v=$(median "$step" "$c")
        [ -n "$v" ] || return 0
        total=$(awk -v a="$total" -v b="$v" 'BEGIN { printf "%.6f", a + b }')
    done
    echo "$total"
}

# largest_of STEP...: the largest of the medians of peak memory, whole MB
largest_of()
{
    local step
    for step in "$@"; do median "$step" 4; done | sort -g | awk '{ m = $1 } END { if (NR) printf "%.0f", m }'
}

# fewest_of STEP...: how many rounds the step with the fewest had
fewest_of()
{
    local step
    for step in "$@"; do rounds_of "$step"; done | sort -g | sed -n 1p
}

# row FIELD...: a line of the table; what is empty is "-"
row()
{
    local field line=''
    for field in "$@"; do line+=${field:--}$'\t'; done
    printf '%s\n' "${line%$'\t'}" >>"$out/table.tsv"
}

# seconds VALUE: 0.0123 -> 12.3 ms
seconds()
{
    awk -v v="$1" 'BEGIN { if (v == "") exit; if (v < 1) printf "%.4g ms", v * 1000; else printf "%.4g s", v }'
}

per()
{
    awk -v a="$1" -v b="$2" 'BEGIN { if (a == "" || b == "" || b == 0) print "not measured"; else printf "%.3g", a / b }'
}

# compare WORK PEER 'PARCELA STEPS' 'PEER STEPS': a line "peer's time over Parcela's"
compare()
{
    local ours theirs our_steps their_steps
    read -ra our_steps <<<"$3"
    read -ra their_steps <<<"$4"
    ours=$(sum_of 2 "${our_steps[@]}")
    theirs=$(sum_of 2 "${their_steps[@]}")
    row "$1" "$2" "$(seconds "$ours")" "$(seconds "$theirs")" "$(per "$theirs" "$ours")" \
        "$(per "$(sum_of 3 "${their_steps[@]}")" "$(sum_of 3 "${our_steps[@]}")")" "$(largest_of "${our_steps[@]}")" \
        "${theirs:+$(largest_of "${their_steps[@]}")}" "$3 / $4" "$(fewest_of "${our_steps[@]}")/$(fewest_of "${their_steps[@]}")"
}

# compare_rate WORK PEER STEP STEP: answers a second
compare_rate()
{
    local ours theirs
    ours=$(median "$3" 2 rates.tsv)
    theirs=$(median "$4" 2 rates.tsv)
    row "$1" "$2" "${ours:+$(printf '%.4g/s' "$ours")}" "${theirs:+$(printf '%.4g/s' "$theirs")}" "$(per "$ours" "$theirs")" '' '' '' \
        "$3 / $4" "$(rounds_of "$3")/$(rounds_of "$4")"
}

table_make()
{
    local sql='postgis.load postgis.valid postgis.area postgis.regions postgis.corridors postgis.union' slope='' terrain='' all='parcela.import'
    : >"$out/table.tsv"
    if [ "$with_dem" = 1 ]; then
        slope=' gdaldem.slope postgis.raster postgis.zonal'
        terrain=' and slope'
        all='parcela.layers parcela.import' # the terrain is read once here and once there
    fi
    compare "import with everything$terrain" 'ogr2ogr, bare copy' parcela.import ogr2ogr.copy
    compare "import with everything$terrain" "PostGIS: load, valid, area, regions, corridors, union$terrain" "$all" "$sql$slope"
    compare 'import without layers: valid, hectares, ±, overlaps' 'ogr2ogr, bare copy' parcela.plain ogr2ogr.copy
    compare 'import without layers: valid, hectares, ±, overlaps' 'PostGIS: load, valid, area' parcela.plain 'postgis.load postgis.valid postgis.area'
    compare 'import without layers: valid, hectares, ±, overlaps' 'SpatiaLite: bare copy, valid, area' parcela.plain 'ogr2ogr.copy spatialite.area'
    compare 'hectares of each plot, alone, one thread' 'PostGIS: ST_Area(geography), all cores' parcela.area postgis.area
    compare 'municipalities added, plots cut' 'PostGIS: pieces of 128 vertices' parcela.regions postgis.regions
    compare 'corridors added' 'PostGIS: pieces of 128 vertices' parcela.corridors postgis.corridors
    compare 'corridors added' 'SpatiaLite: pieces of 128 vertices' parcela.corridors spatialite.corridors
    if [ "$with_dem" = 1 ]; then
        compare 'terrain added: slope of every plot' 'gdaldem slope alone' parcela.terrain gdaldem.slope
        compare 'terrain added: slope of every plot' 'gdaldem, then PostGIS raster' parcela.terrain "${slope# }"
    fi
    compare 'distinct hectares by municipality, asked' 'PostGIS: ST_Union of each' parcela.hectares postgis.union
    compare 'hectares by municipality, command' 'PostGIS: GROUP BY, psql' parcela.hectares postgis.group_by
    compare_rate 'hectares by municipality, served' 'PostGIS: GROUP BY, prepared' parcela.hectares_http postgis.group_by_served
    compare_rate 'GeoJSON tiles z11-14, never built' 'PostGIS: ST_AsGeoJSON' parcela.tiles_near postgis.tiles_near_geojson
    compare_rate 'GeoJSON tiles z11-14, never built' 'PostGIS: ST_AsMVT' parcela.tiles_near postgis.tiles_near_mvt
    compare_rate 'GeoJSON tiles z11-14, built before' 'PostGIS: ST_AsGeoJSON' parcela.tiles_kept postgis.tiles_near_geojson
    compare_rate 'GeoJSON tiles z11-14, built before' 'PostGIS: ST_AsMVT' parcela.tiles_kept postgis.tiles_near_mvt
    compare_rate 'GeoJSON tiles z8-10, never built' 'PostGIS: ST_AsGeoJSON' parcela.tiles_far postgis.tiles_far_geojson
    compare_rate 'GeoJSON tiles z8-10, never built' 'PostGIS: ST_AsMVT' parcela.tiles_far postgis.tiles_far_mvt
}

# The whole report as Markdown; what is printed is the same.
table_markdown()
{
    cat <<END
# tests/bench/run: $plots plots

$(cat "$out/facts.md")

## The answers agree

| what | Parcela | peer | largest difference | allowed |
| --- | --- | --- | --- | --- |
$(awk -F'\t' '{ print "| " $1 " | " $2 " | " $3 " | " $4 " | " $5 " |" }' "$out/agree.tsv")

## Ratios

Peer's wall time (or CPU time) over Parcela's, rates the other way round: above 1 Parcela is faster. Medians; n = rounds of Parcela / of the
peer. Memory is the peak in MB, of all processes that work for the step.

| work | against | Parcela | peer | ratio | CPU ratio | MB | peer MB | n |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
$(awk -F'\t' '{ print "| " $1 " | " $2 " | " $3 " | " $4 " | **" $5 "** | " $6 " | " $7 " | " $8 " | " $10 " |" }' "$out/table.tsv")

## Every step

| step | wall s, median | lowest | highest | CPU s | peak MB | n |
| --- | --- | --- | --- | --- | --- | --- |
$(cut -f1 "$out/times.tsv" | awk '!seen[$0]++' | while read -r step; do
        printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$step" "$(median "$step" 2)" \
            "$(awk -F'\t' -v s="$step" '$1 == s { print $2 }' "$out/times.tsv" | sort -g | sed -n '1p')" \
            "$(awk -F'\t' -v s="$step" '$1 == s { print $2 }' "$out/times.tsv" | sort -g | sed -n '$p')" \
            "$(median "$step" 3)" "$(median "$step" 4)" "$(rounds_of "$step")"
    done)

| answers | per second | p50 ms (PostGIS: mean) | p99 ms | kB each |
| --- | --- | --- | --- | --- |
$(cut -f1 "$out/rates.tsv" | awk '!seen[$0]++' | while read -r step; do
        printf '| %s | %.6g | %s | %s | %s |\n' "$step" "$(median "$step" 2 rates.tsv)" "$(median "$step" 3 rates.tsv)" "$(median "$step" 4 rates.tsv)" "$(median "$step" 5 rates.tsv)"
    done)
END
}

table_json()
{
    local rows='[inputs | split("\t")]'
    jq -n --slurpfile facts "$out/facts.json" --argjson plots "$plots" \
        --argjson agree "$(jq -nR "$rows | map({what: .[0], parcela: .[1], peer: .[2], difference: .[3], allowed: .[4], ok: (.[5] == \"yes\")})" "$out/agree.tsv")" \
        --argjson table "$(jq -nR "$rows | map({work: .[0], against: .[1], parcela: .[2], peer: .[3], ratio: (.[4] | tonumber? // null), cpu_ratio: (.[5] | tonumber? // null), mb: (.[6] | tonumber? // null), peer_mb: (.[7] | tonumber? // null), steps: .[8], n: .[9]})" "$out/table.tsv")" \
        --argjson times "$(jq -nR "$rows | map({step: .[0], wall_s: (.[1] | tonumber), cpu_s: (.[2] | tonumber), peak_mb: (.[3] | tonumber)})" "$out/times.tsv")" \
        --argjson rates "$(jq -nR "$rows | map({step: .[0], per_second: (.[1] | tonumber), p50_ms: (.[2] | tonumber? // null), p99_ms: (.[3] | tonumber? // null), kb: (.[4] | tonumber? // null)})" "$out/rates.tsv")" \
        '{plots: $plots, facts: $facts[0], agree: $agree, ratios: $table, times: $times, rates: $rates}'
}
