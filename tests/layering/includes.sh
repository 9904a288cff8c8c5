#!/bin/bash
# The arrows of the house, checked on its include lines: geo <- importers <- service, and one home for each foreign library.
# includes.sh ROOT prints each include that breaks a rule as file:line: text (rule) and exits 1 when there is one.
set -uo pipefail
root=${1:?usage: includes.sh ROOT}
cd "$root" || exit 2

# who (path prefix, as a regex) | must not include (regex on what stands between the quotes or brackets) | why
rules=(
    '^geo/|^(importers|service|tests|sample-data)/|geo is pure computation and knows no other room'
    '^importers/|^(service|tests|sample-data)/|importers know geo and GDAL only'
    '^service/|^(tests|sample-data)/|the program does not know its tests'
    '^service/limits|^(geo|importers|service)/|the table of limits stands alone'
    '^service/store/|^service/(registry|tiles|http|api|web|cli)/|the store is below every other room of the service'
    '^service/registry/|^service/(tiles|http|api|web|cli)/|use cases know no transport'
    '^service/tiles/|^service/(registry|http|api|web|cli)/|tiles are made from store rows'
    '^service/http/|^(importers|service/(store|registry|tiles|api|web|cli))/|the transport knows neither the store nor the resources'
    '^service/api/|^service/cli/|only the commands know the commands'
    '^service/web/|^service/(store|registry|tiles|http|api|cli)/|the page is only bytes'
)
# header (regex) | where it may be included (regex of paths) | why
homes=(
    '^microhttpd\.h$|^service/http/|libmicrohttpd lives in service/http'
    '^(sqlite3|sqlite3ext|spatialite|spatialite/.*)(\.h)?$|^service/store/|SQLite and SpatiaLite live in service/store'
    '^(gdal|gdal_.*|ogr_.*|cpl_.*|gdalwarper|gdal_utils)\.h$|^(importers|sample-data|tests)/|GDAL lives in importers'
    '^(proj|proj_.*)\.h$|^geo/crs/|PROJ transformations live in geo/crs'
    '^geodesic\.h$|^(geo|sample-data|tests)/|geodesics live in geo'
    '^(geos_c|geos/.*)(\.h)?$|^(geo/overlay|sample-data|tests)/|GEOS lives in geo/overlay'
    '^jansson\.h$|^(importers|service|tests)/|geo reads no JSON'
    '^xlsxwriter(\.h|/.*)$|^service/registry/[a-z]+_xlsx\.c|libxlsxwriter lives in the workbooks of service/registry, *_xlsx.c'
    '^libdeflate\.h$|^(service|tests)/|compression is for answers'
)

bad=0
complain()
{
    printf '%s: %s (%s)\n' "$1" "$2" "$3"
    bad=1
}

# "file:line<TAB>header" of every include line of C sources
includes=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"][^>"]+[>"]' --include='*.[ch]' --include='*.def' --include='*.inc' \
    geo importers service 2>/dev/null |
    sed -E 's/^([^:]+:[0-9]+):[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1\t\2/')
[ -n "$includes" ] || { echo "no include lines found under $root: is this the project?"; exit 2; }

while IFS=$'\t' read -r place header; do
    # a plain name beside the file, or ../, is looked at from the file's own folder
    case $header in
    ../*) complain "$place" "$header" 'includes are named from the root of the project' ;;
    esac
    for rule in "${rules[@]}"; do
        who=${rule%%|^*} rest=${rule#*|}
        what=${rest%|*} why=${rest##*|}
        if [[ $place =~ $who && $header =~ $what ]]; then
            complain "$place" "$header" "$why"
        fi
    done
    for home in "${homes[@]}"; do
        why=${home##*|} rest=${home%|*}
        what=${rest%%|^*} where=^${rest#*|^}
        if [[ $header =~ $what && ! $place =~ $where ]]; then
            complain "$place" "$header" "$why"
        fi
    done
done <<<"$includes"

# one main() in the program, in service/cli; service/web may hold a tool of the build that packs the page
while IFS= read -r place; do
    [[ $place =~ ^service/(cli|web)/ ]] || complain "${place%%:*}" 'main()' 'the only main() is in service/cli'
done < <(grep -rnE '^int main\(' --include='*.c' geo importers service 2>/dev/null)
exit $bad
