# The Debian 12 packages that Parcela is built and tested with, in one place; read by sample-data/demo and tests/run.
# shellcheck shell=bash
# shellcheck disable=SC2034  # the lists are used by those who read this file

packages_build=(
    cmake ninja-build gcc libc6-dev pkg-config
    libgdal-dev libgeos-dev libproj-dev libsqlite3-dev libspatialite-dev zlib1g-dev
    libmicrohttpd-dev libjansson-dev libdeflate-dev libsodium-dev nettle-dev libxlsxwriter-dev libexpat1-dev
    ca-certificates
)
packages_test=(libcmocka-dev gdal-bin spatialite-bin sqlite3 jq curl unzip zip strace chromium)
# what tests/bench/run measures against
packages_bench=(gdal-bin spatialite-bin sqlite3 jq curl)
packages_bench_postgis=(postgresql-15-postgis-3 postgis)

# Prints the packages of its arguments that are not installed.
packages_missing()
{
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

# Node builds the page. One of version 18 or newer on PATH will do, wherever it came from; else Debian's own.
packages_node()
{
    local version
    version=$(node --version 2>/dev/null) || version=v0
    version=${version#v}
    if [ "${version%%.*}" -ge 18 ] && command -v npm >/dev/null; then
        return
    fi
    echo nodejs npm
}

# Installs what is missing of its arguments, and Node when the page cannot be built; says what it does.
packages_install()
{
    local missing run=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This is not a Debian system: packages are not checked. Needed (Debian names): $* nodejs npm" >&2
        return 0
    fi
    # shellcheck disable=SC2207  # package names hold no spaces
    missing=($(packages_missing "$@") $(packages_node))
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These packages are missing: ${missing[*]}" >&2
            echo "Install them as root (apt-get install ${missing[*]}) and run this again." >&2
            return 1
        fi
        run=(sudo)
    fi
    echo "Installing: ${missing[*]}"
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq update
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -qq install --no-install-recommends "${missing[@]}" >/dev/null
}
