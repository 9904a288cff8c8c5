#!/bin/bash
# The committed sample data are what make_samples makes: file for file, by bytes, or by content where a library of another
# version writes other bytes. samples.sh MAKE_SAMPLES SAMPLE_DATA
set -euo pipefail
make_samples=$1 committed=$2
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$make_samples" "$made"

# What a reader sees of a file, rounded where another libm may differ.
content()
{
    local source=$1 layer
    case $source in
    *.tif) gdal_translate -q -of XYZ "$source" /vsistdout/ | grep -v -- ' -32768$'; return ;;
    *.zip) source=/vsizip/$source ;;
    *.shx | *.dbf | *.prj | *.cpg | *.gpx) cat "$source"; return ;;
    esac
    for layer in $(ogrinfo -ro -q "$source" | sed -E 's/^[0-9]+: ([^ ]+).*/\1/'); do
        ogr2ogr -f CSV -lco GEOMETRY=AS_WKT /vsistdout/ "$source" "$layer" --config OGR_WKT_PRECISION 6
    done
}

failed=0
while IFS= read -r name; do
    if [ ! -f "$committed/$name" ]; then
        echo "not committed: $name"
        failed=1
    elif ! cmp -s "$made/$name" "$committed/$name"; then
        if cmp -s <(content "$made/$name") <(content "$committed/$name"); then
            echo "other bytes, same content: $name"
        else
            echo "differs: $name (to renew: make_samples sample-data)"
            failed=1
        fi
    fi
    size=$(stat -c %s "$made/$name")
    [ "$size" -lt 1400000 ] || { echo "too large: $name, $size bytes"; failed=1; }
done < <(cd "$made" && find . -type f | sort)

# nothing is left over from an older maker
while IFS= read -r name; do
    [ -f "$made/$name" ] || { echo "made by nobody: $name"; failed=1; }
done < <(cd "$committed" && find . -mindepth 2 -type f -not -path './maker/*' | sort)
exit $failed
