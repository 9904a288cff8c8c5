# gdaldem for slopes, PostGIS raster for the plots' statistics (exactextract is not packaged in Debian 12). Steps: gdaldem.slope,
# postgis.raster, postgis.zonal.
#
# What is timed is gdaldem as people run it. It takes one scale for both directions, so on a geographic grid those slopes are wrong
# by up to the cosine of the latitude. For answers that can be compared the grid is cut, once and not timed, into bands of 0.2
# degrees, each named as a grid in metres of its own middle latitude: then the ground distances are right to 5e-4.
# shellcheck shell=bash disable=SC2154  # run sets out, scratch, workload and the like

gdaldem_missing()
{
    command -v gdaldem >/dev/null || echo gdal-bin
}

# gdaldem_bands: for each band "row rows cell_x_m cell_y_m north south": what it covers and how large its cells are in its middle
gdaldem_bands()
{
    gdalinfo -json "$workload/dem.tif" | jq -r '[.size[0], .size[1], .geoTransform[0], .geoTransform[3], .geoTransform[1]] | @tsv' |
        awk '{ cols = $1; rows = $2; west = $3; north = $4; cell = $5
            pi = atan2(0, -1); a = 6378137; e2 = 0.0066943799901413
            per = int(0.2 / cell + 0.5); per = per < 1 ? 1 : per
            for (row = 0; row < rows; row += per) {
                n = row + per < rows ? per : rows - row
                s = sin((north - (row + n / 2) * cell) * pi / 180); w = 1 - e2 * s * s
                printf "%d %d %d %.9f %.9f %.12f %.12f %.12f %.12f\n", row, n, cols,
                    cell * pi / 180 * a / sqrt(w) * sqrt(1 - s * s), cell * pi / 180 * a * (1 - e2) / (w * sqrt(w)),
                    west, west + cols * cell, north - row * cell, north - (row + n) * cell
            } }'
}

# gdaldem_band ROW ROWS COLS CELL_X_M CELL_Y_M WEST EAST NORTH SOUTH: with a row of the neighbours on both sides, cut off afterwards
gdaldem_band()
{
    local f=$scratch/slope/$1 from=$(($1 > 0 ? $1 - 1 : 0)) n
    n=$(($1 - from + $2 + 1))
    [ $((from + n)) -le "$rows_all" ] || n=$((rows_all - from))
    gdal_translate -q -of VRT -srcwin 0 "$from" "$3" "$n" -a_srs EPSG:32615 \
        -a_ullr 0 "$(awk -v n="$n" -v c="$5" 'BEGIN { printf "%.6f", n * c }')" "$(awk -v n="$3" -v c="$4" 'BEGIN { printf "%.6f", n * c }')" 0 \
        "$workload/dem.tif" "$f.in.vrt"
    gdaldem slope -q -p -co TILED=YES "$f.in.vrt" "$f.tif"
    gdal_translate -q -of VRT -srcwin 0 $(($1 - from)) "$3" "$2" -a_srs EPSG:4326 -a_ullr "$6" "$8" "$7" "$9" "$f.tif" "$f.vrt"
}

gdaldem_bands_join()
{
    rm -rf "$scratch/slope"
    mkdir -p "$scratch/slope"
    rows_all=$(gdalinfo -json "$workload/dem.tif" | jq '.size[1]')
    export rows_all
    gdaldem_bands | xargs -P "$(nproc)" -L1 bash -ec 'gdaldem_band "$@"' band
    gdalbuildvrt -q "$scratch/slope/slope.vrt" "$scratch"/slope/[0-9]*[0-9].vrt
}

gdaldem_raster()
{
    psql -X -q -c 'DROP TABLE IF EXISTS slope'
    raster2pgsql -s 4326 -t 128x128 -I -Y "$scratch/slope/slope.vrt" slope 2>/dev/null | psql -X -q -v ON_ERROR_STOP=1
}

gdaldem_round()
{
    export -f gdaldem_bands gdaldem_band gdaldem_bands_join gdaldem_raster postgis_sql
    export scratch workload here
    timed gdaldem.slope gdaldem slope -q -p -s 111120 -co TILED=YES "$workload/dem.tif" "$scratch/slope.tif"
    rm -f "$scratch/slope.tif"
    [ -f "$scratch/slope/slope.vrt" ] || untimed gdaldem.bands bash -ec gdaldem_bands_join
    if [ -n "$postgis_pid" ]; then
        postgis_step postgis.raster bash -o pipefail -ec gdaldem_raster
        postgis_step postgis.zonal bash -c 'postgis_sql zonal'
    fi
}

# The usual way counts whole cells by their centres; a sample is also weighted by the exact part of each cell, as Parcela does.
gdaldem_agree()
{
    [ -n "$postgis_pid" ] || return 0
    local a=$out/answers/postgis
    postgis_sql zonal_answers -v "prefix=$a" >"$out/log/postgis.zonal_answers" 2>&1 ||
        stop "the slopes of PostGIS could not be read: $(tail -3 "$out/log/postgis.zonal_answers")"
    LC_ALL=C sort "$a.slope_sample.tsv" >"$a.slope_sample.sorted"
    LC_ALL=C sort "$out/answers/parcela.slope.tsv" | LC_ALL=C join -t $'\t' -o 1.1,1.2 - "$a.slope_sample.sorted" >"$out/answers/parcela.slope_sample.tsv"
    LC_ALL=C join -t $'\t' -o 1.1,1.2 "$a.slope_sample.sorted" <(LC_ALL=C sort "$out/answers/parcela.slope_sample.tsv") >"$a.slope_sample.tsv"
    [ "$(wc -l <"$a.slope_sample.tsv")" -gt 10 ] || stop 'the sample of slopes is nearly empty'
    agree_each 'mean slope of a sample of plots, exact parts of cells' "$out/answers/parcela.slope_sample.tsv" "$a.slope_sample.tsv" 1e-3 0
    agree 'mean slope of all plots, whole cells' \
        "$(LC_ALL=C sort "$out/answers/parcela.slope.tsv" | LC_ALL=C join -t $'\t' - <(LC_ALL=C sort "$a.slope.tsv") | awk -F'\t' '{ s += $2 } END { printf "%.6f", s / NR }')" \
        "$(LC_ALL=C sort "$a.slope.tsv" | LC_ALL=C join -t $'\t' - <(LC_ALL=C sort "$out/answers/parcela.slope.tsv") | awk -F'\t' '{ s += $2 } END { printf "%.6f", s / NR }')" 0.01
}
