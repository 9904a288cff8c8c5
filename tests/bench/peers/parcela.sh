# Parcela itself, by its commands and over HTTP. Steps: parcela.*
# shellcheck shell=bash disable=SC2154  # run sets out, scratch, workload and the like

parcela_registry=$scratch/parcela

# parcela_layers: a fresh registry that knows regions, corridors and terrain
parcela_layers()
{
    rm -rf "$parcela_registry"
    "$parcela" init "$parcela_registry"
    "$parcela" layer add "$parcela_registry" regions "$workload/regions.gpkg" --level municipality --key mun_key --name name
    "$parcela" layer add "$parcela_registry" corridors "$workload/corridors.gpkg" --key corr_id --name name
    if [ "$with_dem" = 1 ]; then
        "$parcela" layer add "$parcela_registry" terrain "$workload/dem.tif"
    fi
}

# Everything in one import: what a user does.
parcela_import()
{
    export -f parcela_layers
    export parcela parcela_registry workload with_dem
    timed parcela.layers bash -ec parcela_layers
    timed parcela.import "$parcela" import "$parcela_registry" "$workload/plots.shp" --format json
}

# Hectares alone, one thread, from the boundaries that the import made valid.
parcela_area()
{
    timed parcela.area "$helpers/bench_area_alone" "$parcela_registry"
}

# Every promise on what is stored; its words on parts and whole go into the report.
parcela_check()
{
    timed parcela.check "$parcela" check "$parcela_registry"
    sed -n 's/^ok *parts_equal_whole */parts and whole=/p' "$out/log/parcela.check" >>"$out/facts"
    grep -q '^parts and whole=' "$out/facts" || stop 'parcela check does not show that parts are the whole'
}

# The same by pieces, to be held against each of a peer's: import without layers, then each layer added to the full registry, which
# computes every plot it touches anew and stores it.
parcela_pieces()
{
    local r=$scratch/pieces
    rm -rf "$r"
    untimed parcela.init "$parcela" init "$r"
    timed parcela.plain "$parcela" import "$r" "$workload/plots.shp" --format json
    timed parcela.regions "$parcela" layer add "$r" regions "$workload/regions.gpkg" --level municipality --key mun_key --name name
    timed parcela.corridors "$parcela" layer add "$r" corridors "$workload/corridors.gpkg" --key corr_id --name name
    if [ "$with_dem" = 1 ]; then
        timed parcela.terrain "$parcela" layer add "$r" terrain "$workload/dem.tif"
    fi
    rm -rf "$r"
}

parcela_hectares()
{
    local i
    for i in 1 2 3 4 5; do
        timed parcela.hectares "$parcela" hectares "$parcela_registry" --by municipality --format csv
    done
}

parcela_serve()
{
    : >"$out/log/parcela.serve" # not the address of the server before
    "$parcela" serve "$parcela_registry" --listen 127.0.0.1:0 >"$out/log/parcela.serve" 2>&1 &
    parcela_server=$!
    local i
    for i in $(seq 100); do
        parcela_port=$(sed -nE 's,.*http://127\.0\.0\.1:([0-9]+).*,\1,p' "$out/log/parcela.serve" | head -1)
        [ -z "$parcela_port" ] || return 0
        sleep 0.1
    done
    stop "parcela serve does not start: $(tail -3 "$out/log/parcela.serve")"
}

parcela_serve_end()
{
    [ -n "${parcela_server:-}" ] || return 0
    kill "$parcela_server" 2>/dev/null || true
    wait "$parcela_server" 2>/dev/null || true
    parcela_server=
}

# parcela_rate STEP PATHS CONNECTIONS REQUESTS
parcela_rate()
{
    "$helpers/bench_client" "$parcela_port" "$2" "$3" "$4" >"$out/log/$1" || stop "step $1: an answer was not as it should be"
    jq -r --arg s "$1" '[$s, .per_second, .p50_ms, .p99_ms, .bytes / .requests / 1000] | @tsv' "$out/log/$1" >>"$out/rates.tsv"
}

# Over HTTP: hectares; tiles that were never built (a fresh server knows none); 200 tiles that were built just before.
parcela_http()
{
    local list
    parcela_serve
    echo '/hectares?by=municipality' >"$scratch/hectares.path"
    parcela_rate parcela.hectares_http "$scratch/hectares.path" 1 1000
    for list in near far; do
        awk '{ print "/tiles/plots/" $1 "/" $2 "/" $3 ".geojson" }' "$scratch/tiles.$list" >"$scratch/$list.path"
        parcela_rate "parcela.tiles_$list" "$scratch/$list.path" 2 "$(wc -l <"$scratch/$list.path")"
    done
    sed -n '1,200p' "$scratch/near.path" >"$scratch/kept.path" # few enough for the server to keep
    untimed parcela.tiles_warm "$helpers/bench_client" "$parcela_port" "$scratch/kept.path" 2 400
    parcela_rate parcela.tiles_kept "$scratch/kept.path" 2 20000
    parcela_serve_end
}

# Rows that Parcela does not decide by itself (two repairs differ) are decided here as ST_MakeValid does, so that both count the
# same plots.
parcela_decide()
{
    "$parcela" imports "$parcela_registry" held --format json >"$out/log/parcela.held.json"
    jq -r '.. | objects | select(has("row") and has("import")) | "\(.import) \(.row)"' "$out/log/parcela.held.json" |
        while read -r import row; do
            "$parcela" resolve "$parcela_registry" "$import" "$row" --accept linework
        done
}

# answers/parcela.*.tsv: what the peers' answers are compared with
parcela_answers()
{
    local a=$out/answers/parcela db=$parcela_registry/registry.sqlite
    untimed parcela.decide parcela_decide
    untimed parcela.area_decided "$helpers/bench_area_alone" "$parcela_registry"
    "$parcela" hectares "$parcela_registry" --by municipality --format json >"$out/answers/parcela.json"
    jq -r '.groups[] | [.municipality // "none", .hectares] | @tsv' "$out/answers/parcela.json" | LC_ALL=C sort >"$a.municipality.tsv"
    jq -r '.groups[] | [.municipality // "none", .hectares_distinct] | @tsv' "$out/answers/parcela.json" |
        LC_ALL=C sort >"$a.distinct.tsv"
    jq -r '.total | ["hectares", .hectares], ["plots", .plots], ["corridor", .corridor_hectares],
        ["distinct", .hectares_distinct] | @tsv' "$out/answers/parcela.json" >"$a.total.tsv"
    sqlite3 -readonly -separator $'\t' "$db" 'SELECT code, printf("%.10f", hectares) FROM plot_current' >"$a.plot.tsv"
    sqlite3 -readonly -separator $'\t' "$db" \
        'SELECT code, printf("%.10f", corridor_hectares) FROM plot_current WHERE corridor_hectares > 0' >"$a.plot_corridor.tsv"
    agree 'hectares of all plots, Parcela: kept and computed alone' "$(total_of parcela hectares)" "$(cat "$out/log/parcela.area_decided")" 1e-15
    if [ "$with_dem" = 1 ]; then
        sqlite3 -readonly -separator $'\t' "$db" 'SELECT code, slope_mean_pct FROM plot_current WHERE slope_nodata = 0' >"$a.slope.tsv"
    fi
}

# The tiles of a zoom hold every plot once: their hectares add up to the registry's.
parcela_tiles_whole()
{
    local z x y
    parcela_serve
    # a neighbour on every side: the list is made from a sample of the plots
    awk '$1 == 8 { for (i = -1; i <= 1; i++) for (j = -1; j <= 1; j++) print 8, $2 + i, $3 + j }' "$scratch/tiles.far.all" | sort -u |
        while read -r z x y; do
            curl -fsS "http://127.0.0.1:$parcela_port/tiles/plots/$z/$x/$y.geojson" | jq .parcela.hectares
        done | awk '{ s += $1 } END { printf "%.6f\n", s }' >"$out/answers/parcela.tiles"
    parcela_serve_end
    agree 'hectares of all tiles of zoom 8, Parcela itself' "$(total_of parcela hectares)" "$(cat "$out/answers/parcela.tiles")" 1e-8
}

total_of()
{
    awk -F'\t' -v k="$2" '$1 == k { print $2 }' "$out/answers/$1.total.tsv"
}
