#!/bin/bash
# Corridors as a grid of cells: the same square millimetres as the cells drawn as polygons; values, thresholds, names, refusals.
. "$(dirname "$0")/common.sh"

# ---- a grid of 1 km cells in the national projection, and its cells as polygons made without Parcela ----
ogr2ogr -q -t_srs EPSG:6372 "$work/c.gpkg" "$samples/layers/corredores.gpkg" -nln c
gdal_rasterize -q -l c -burn 1 -tr 1000 1000 -tap -ot Byte -a_nodata 255 -init 0 -co COMPRESS=DEFLATE "$work/c.gpkg" "$work/grid.tif"
gdal_translate -q -of XYZ "$work/grid.tif" "$work/grid.xyz"
awk 'BEGIN { print "n,WKT" } $3 == 1 { printf NR ",\"POLYGON ((%.0f %.0f,%.0f %.0f,%.0f %.0f,%.0f %.0f,%.0f %.0f))\"\n",
    $1-500, $2-500, $1+500, $2-500, $1+500, $2+500, $1-500, $2+500, $1-500, $2-500 }' "$work/grid.xyz" >"$work/cells.csv"
cells=$(($(wc -l <"$work/cells.csv") - 1))
[ "$cells" -gt 1000 ] || fail "only $cells cells"
ogr2ogr -q -oo GEOM_POSSIBLE_NAMES=WKT -a_srs EPSG:6372 "$work/cells.gpkg" "$work/cells.csv" -nln cells
ogr2ogr -q -dialect SQLite -sql "SELECT 1 AS key, ST_Union(geom) AS geom FROM cells" -nlt MULTIPOLYGON "$work/union.gpkg" "$work/cells.gpkg" -nln u

import()
{
    "$parcela" init "$1" >/dev/null
    "$parcela" import "$1" "$samples/miaf-d/parcelas_miaf.zip" --programme MIAF-D --format json >"$work/import.json"
}
figures() # the corridor hectares and the verdict of every plot
{
    rm -f "$work/plots.geojson"
    "$parcela" export "$1" "$work/plots.geojson" 2>/dev/null
    jq -c '.features[].properties | [.code, .corridor_hectares, .corridor_verdict]' "$work/plots.geojson" | sort
}
import "$work/grid"
exits 0 'a grid' "$parcela" layer add "$work/grid" corridors "$work/grid.tif" --value 1 --edition 'of the test' --format json
expect 'features' 1 "$(json .features "$work/out")"
"$parcela" layer list "$work/grid" --format json >"$work/list.json"
near 'accuracy is half a cell' 500 "$(json '.[0].accuracy_m' "$work/list.json")" 0.001
near 'the side of a cell' 1000 "$(json '.[0].cell_m' "$work/list.json")" 0.001
expect 'the rule stands with the source' 'grid.tif, value = 1' "$(json '.[0].source' "$work/list.json")"
import "$work/drawn"
exits 0 'the cells as polygons' "$parcela" layer add "$work/drawn" corridors "$work/union.gpkg" --accuracy-m 500
figures "$work/grid" >"$work/grid.txt"
figures "$work/drawn" >"$work/drawn.txt"
expect 'plots partly inside' true "$([ "$(grep -c '"edge"' "$work/grid.txt")" -gt 10 ] && echo true)"
cmp -s "$work/grid.txt" "$work/drawn.txt" || fail "hectares inside differ: $(diff "$work/grid.txt" "$work/drawn.txt" | head -4)"
total()
{
    "$parcela" hectares "$1" --format json | jq -r .total.corridor_hectares
}
expect 'the total' "$(total "$work/drawn")" "$(total "$work/grid")"
# every cell a corridor of its own: the same ground, but for the last digit of each piece
exits 0 'cells one by one' "$parcela" layer add "$work/drawn" corridors "$work/cells.gpkg" --accuracy-m 500
near 'the total of single cells' "$(total "$work/grid")" "$(total "$work/drawn")" 0.0000001
exits 0 'check' "$parcela" check "$work/grid"

# ---- thresholds, categories, names ----
exits 0 'a threshold' "$parcela" layer add "$work/grid" corridors "$work/grid.tif" --threshold 0.5
expect 'the same cells' "$(total "$work/drawn" | cut -c1-12)" "$(total "$work/grid" | cut -c1-12)"
awk 'BEGIN { OFS=" " } { $3 = $3 == 1 ? ($1 > 3000000 ? 7 : 3) : 0; print }' "$work/grid.xyz" >"$work/two.xyz"
gdal_translate -q -a_srs EPSG:6372 -a_nodata 0 -ot Int16 "$work/two.xyz" "$work/two.tif"
printf 'valor,nombre\n3,Sierra Madre\n7,"Selva, Zoque"\n' >"$work/names.csv"
exits 0 'categories' "$parcela" layer add "$work/grid" corridors "$work/two.tif" --names "$work/names.csv" --accuracy-m 10 --format json
features=$(json .features "$work/out")
expect 'a feature for each value' "$(awk '$3 { print $3 }' "$work/two.xyz" | sort -u | wc -l)" "$features"
expect 'the same cells in parts' "$(total "$work/drawn" | cut -c1-12)" "$(total "$work/grid" | cut -c1-12)"
name=$("$parcela" export "$work/grid" "$work/named.geojson" >/dev/null 2>&1; jq -r '[.features[].properties.corridors[].name] | unique | .[0]' "$work/named.geojson")
case $name in 'Sierra Madre' | 'Selva, Zoque') ;; *) fail "a corridor is named $name" ;; esac
cat >"$work/two.tif.aux.xml" <<'END'
<PAMDataset><PAMRasterBand band="1"><GDALRasterAttributeTable>
<FieldDefn index="0"><Name>Value</Name><Type>0</Type><Usage>5</Usage></FieldDefn>
<FieldDefn index="1"><Name>Nombre</Name><Type>2</Type><Usage>2</Usage></FieldDefn>
<Row index="0"><F>3</F><F>Tres</F></Row><Row index="1"><F>7</F><F>Siete</F></Row>
</GDALRasterAttributeTable></PAMRasterBand></PAMDataset>
END
exits 0 'names of the file itself' "$parcela" layer add "$work/grid" corridors "$work/two.tif"
name=$("$parcela" export "$work/grid" "$work/named2.geojson" >/dev/null 2>&1; jq -r '[.features[].properties.corridors[].name] | unique | .[0]' "$work/named2.geojson")
case $name in Tres | Siete) ;; *) fail "a corridor is named $name" ;; esac

# ---- what is refused ----
exits 2 'two rules' "$parcela" layer add "$work/grid" corridors "$work/grid.tif" --value 1 --threshold 1
exits 2 'no number' "$parcela" layer add "$work/grid" corridors "$work/grid.tif" --value uno
exits 2 'a rule for polygons' "$parcela" layer add "$work/grid" corridors "$work/union.gpkg" --value 1
exits 3 'nothing inside' "$parcela" layer add "$work/grid" corridors "$work/grid.tif" --value 9
exits 3 'plots are no grid' "$parcela" import "$work/grid" "$work/grid.tif"
gdal_translate -q -ot Float32 -scale 0 1 0 0.7 "$work/grid.tif" "$work/shares.tif"
exits 3 'shares without a threshold' "$parcela" layer add "$work/grid" corridors "$work/shares.tif"
grep -q threshold "$work/err" || fail 'the remedy names no threshold'
exits 0 'shares with one' "$parcela" layer add "$work/grid" corridors "$work/shares.tif" --threshold 0.5
gdal_translate -q -co PROFILE=BASELINE "$work/grid.tif" "$work/placeless.tif"
rm -f "$work/placeless.tif.aux.xml" "$work/placeless.tfw"
exits 3 'a picture without a place' "$parcela" layer add "$work/grid" corridors "$work/placeless.tif"
head -c 300 "$work/grid.tif" >"$work/cut.tif"
exits 3 'a damaged file' "$parcela" layer add "$work/grid" corridors "$work/cut.tif"
finish
