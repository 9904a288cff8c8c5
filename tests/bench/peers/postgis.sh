# PostGIS in a PostgreSQL cluster of its own: a folder under $scratch, a Unix socket, nobody else's data. Steps: postgis.*
# Each piece of SQL is a file in peers/postgis/.
# shellcheck shell=bash disable=SC2154  # run sets out, scratch, workload and the like

postgis_bin=$(ls -d /usr/lib/postgresql/15/bin 2>/dev/null || true)
postgis_dir=$scratch/pg
postgis_pid=

postgis_missing()
{
    [ -x "$postgis_bin/initdb" ] && [ -f /usr/share/postgresql/15/extension/postgis_raster.control ] || echo postgresql-15-postgis-3
    command -v raster2pgsql >/dev/null || echo postgis
}

# PostgreSQL refuses to run as root; then it runs as the user of the Debian package.
postgis_as()
{
    if [ "$(id -u)" = 0 ]; then
        (cd / && exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
    else
        "$@"
    fi
}

# Settings a person would give a machine that does this all day: as many workers as there are cores, a quarter of the memory (4 GB at
# most), no write-ahead log for tables made and filled at once, no waiting for the disk at commit.
postgis_settings()
{
    local memory_mb workers
    memory_mb=$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
    workers=$(nproc)
    cat <<END
listen_addresses = ''
unix_socket_directories = '$postgis_dir/socket'
unix_socket_permissions = 0700
shared_buffers = $((memory_mb / 4 < 4096 ? memory_mb / 4 : 4096))MB
effective_cache_size = $((memory_mb / 2))MB
work_mem = 256MB
maintenance_work_mem = 1GB
max_worker_processes = $((workers + 4))
max_parallel_workers = $workers
max_parallel_workers_per_gather = $workers
max_parallel_maintenance_workers = $workers
random_page_cost = 1.1
jit = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 8GB
synchronous_commit = off
END
}

postgis_start()
{
    mkdir -p "$postgis_dir/socket"
    [ "$(id -u)" != 0 ] || chown -R postgres: "$postgis_dir"
    untimed postgis.initdb postgis_as "$postgis_bin/initdb" -D "$postgis_dir/data" -A trust -U bench --locale=C -E UTF8 --no-instructions
    postgis_settings >"$out/postgresql.conf"
    postgis_as tee -a "$postgis_dir/data/postgresql.conf" <"$out/postgresql.conf" >/dev/null
    untimed postgis.start postgis_as "$postgis_bin/pg_ctl" -D "$postgis_dir/data" -l "$postgis_dir/log" -w start
    postgis_pid=$(head -1 "$postgis_dir/data/postmaster.pid")
    export PGHOST=$postgis_dir/socket PGUSER=bench PGDATABASE=bench
    untimed postgis.createdb "$postgis_bin/createdb" bench
    untimed postgis.extensions psql -X -q -c 'CREATE EXTENSION postgis; CREATE EXTENSION postgis_raster'
    untimed postgis.layers postgis_layers
}

postgis_stop()
{
    [ -n "$postgis_pid" ] || return 0
    postgis_as "$postgis_bin/pg_ctl" -D "$postgis_dir/data" -m immediate stop >/dev/null 2>&1 || true
    postgis_pid=
}

postgis_sql()
{
    psql -X -q -A -t -F $'\t' -v ON_ERROR_STOP=1 -f "$here/peers/postgis/$1.sql" "${@:2}"
}

# postgis_copy FILE TABLE
postgis_copy()
{
    ogr2ogr -f PostgreSQL PG: "$1" -overwrite -nln "$2" -lco GEOMETRY_NAME=geom -lco FID=gid -lco SPATIAL_INDEX=NONE -nlt PROMOTE_TO_MULTI \
        --config PG_USE_COPY YES -gt 65536
}

postgis_layers()
{
    postgis_copy "$workload/regions.gpkg" region
    postgis_copy "$workload/corridors.gpkg" corridor
}

# One connection for each core, each takes every so-many-th municipality, the largest first.
postgis_union()
{
    local workers i
    workers=$(nproc)
    psql -X -q -c 'DROP TABLE IF EXISTS distinct_ha; CREATE TABLE distinct_ha (mun_key text, ha float8)'
    for i in $(seq 0 $((workers - 1))); do echo "$i"; done |
        xargs -P "$workers" -I{} psql -X -q -v ON_ERROR_STOP=1 -v "workers=$workers" -v 'worker={}' -f "$here/peers/postgis/union.sql"
}

postgis_step()
{
    server_option=(--server "$postgis_pid")
    timed "$@"
    server_option=()
}

# postgis_round ROUND
postgis_round()
{
    local i
    export -f postgis_sql postgis_union postgis_copy
    export here workload
    postgis_step postgis.load bash -c 'postgis_copy "$workload/plots.shp" plot'
    for i in valid area regions corridors; do
        postgis_step "postgis.$i" bash -c "postgis_sql $i"
    done
    # minutes at a million plots: then once
    if [ "$1" = 1 ] || [ "$plots" -le 200000 ]; then
        postgis_step postgis.union bash -c postgis_union
    fi
    untimed postgis.covering psql -X -q -c 'DROP INDEX IF EXISTS part_covering' -c 'CREATE INDEX part_covering ON part (mun_key) INCLUDE (ha)' \
        -c 'VACUUM ANALYZE part'
    for i in 1 2 3 4 5; do
        postgis_step postgis.group_by bash -c 'postgis_sql group_by'
    done
}

# postgis_pgbench STEP SCRIPT CLIENTS REQUESTS: each client asks its share, prepared statements, no HTTP and no compression
postgis_pgbench()
{
    "$postgis_bin/pgbench" -n -M prepared -c "$3" -j "$3" -t "$(($4 / $3))" -f "$2" >"$out/log/$1" 2>"$out/log/$1.err" ||
        stop "pgbench failed in $1: $(tail -3 "$out/log/$1.err")"
    awk -v s="$1" -v kb="${5:-0}" '/^tps = / { tps = $3 } /latency average/ { ms = $4 } END { print s "\t" tps "\t" ms "\t\t" kb }' "$out/log/$1" >>"$out/rates.tsv"
}

# Tiles as the common servers ask for them (pg_tileserv, Martin: ST_AsMVT; GeoJSON by ST_AsGeoJSON), every tile of the list once.
postgis_serve()
{
    local list kind n kb
    untimed postgis.served postgis_sql served
    echo 'SELECT mun_key, sum(ha) FROM part GROUP BY mun_key;' >"$scratch/group_by.sql"
    postgis_pgbench postgis.group_by_served "$scratch/group_by.sql" 1 200
    for list in near far; do
        n=$(($(wc -l <"$scratch/tiles.$list") / 2 * 2))
        for kind in geojson mvt; do
            untimed postgis.tiles_list psql -X -q -c 'TRUNCATE tile RESTART IDENTITY' -c "\\copy tile (z, x, y) from '$scratch/tiles.$list' with (delimiter ' ')" \
                -c 'ALTER SEQUENCE tile_next RESTART'
            echo "SELECT tile_$kind(z, x, y) FROM tile_take();" >"$scratch/tile.sql"
            kb=$(psql -X -A -t -c "SELECT avg(octet_length(tile_$kind(z, x, y)::text)) / 1000 FROM (SELECT * FROM tile ORDER BY id LIMIT 20) t")
            postgis_pgbench "postgis.tiles_${list}_$kind" "$scratch/tile.sql" 2 "$n" "$kb"
        done
    done
}

postgis_agree()
{
    local a=$out/answers/postgis p=$out/answers/parcela
    postgis_sql answers -v "prefix=$a" >"$out/log/postgis.answers" 2>&1 || stop "the answers of PostGIS could not be read: $(tail -3 "$out/log/postgis.answers")"
    agree 'plots' "$(total_of parcela plots)" "$(total_of postgis plots)" 0
    agree 'hectares of all plots' "$(total_of parcela hectares)" "$(total_of postgis hectares)" 1e-8
    agree_each 'hectares of each plot' "$p.plot.tsv" "$a.plot.tsv" 1e-8 5e-8
    agree_each 'hectares of each municipality' "$p.municipality.tsv" "$a.municipality.tsv" 1e-6 1e-5
    agree 'hectares in corridors' "$(total_of parcela corridor)" "$(total_of postgis corridor)" 1e-6
    agree_each 'hectares in corridors of each plot' "$p.plot_corridor.tsv" "$a.plot_corridor.tsv" 1e-5 5e-5
    agree_each 'distinct hectares of each municipality' "$p.distinct.tsv" "$a.distinct.tsv" 1e-6 1e-5
    if [ "$plots" -le 200000 ]; then # one union of everything: beyond that it takes more memory than a laptop has
        agree 'distinct hectares of all plots' "$(total_of parcela distinct)" "$(total_of postgis distinct)" 1e-7
    fi
}
