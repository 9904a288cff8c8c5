# What the peers of tests/bench share: timing steps, keeping answers, comparing them. Files under $out hold everything:
# times.tsv (step, wall s, CPU s, peak MB), rates.tsv (step, answers/s, p50 ms, p99 ms, kB), answers/NAME.tsv (key, value), log/.
# shellcheck shell=bash disable=SC2154  # run sets out, helpers, server_option

say()
{
    printf '%s %s\n' "$(date +%T)" "$*" >&2
}

stop()
{
    echo "tests/bench/run: $*" >&2
    exit 1
}

# timed STEP COMMAND...: runs it under the stopwatch; a step that fails ends the run with its last words
timed()
{
    local step=$1
    shift
    "$helpers/bench_measure" "$out/times.tsv" "$step" "${server_option[@]}" -- "$@" >"$out/log/$step" 2>"$out/log/$step.err" || {
        tail -5 "$out/log/$step.err" >&2
        stop "step $step failed: $*"
    }
}

# untimed STEP COMMAND...: a preparation that belongs to no comparison
untimed()
{
    local step=$1
    shift
    "$@" >"$out/log/$step" 2>"$out/log/$step.err" || {
        tail -5 "$out/log/$step.err" >&2
        stop "preparing $step failed: $*"
    }
}

# median STEP COLUMN [FILE]: the median of a column over the rounds of a step; nothing when it was not run
median()
{
    awk -F'\t' -v s="$1" -v c="$2" '$1 == s { print $c }' "$out/${3:-times.tsv}" 2>/dev/null | sort -g |
        awk '{ v[NR] = $1 } END { if (NR) printf "%.9g\n", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

rounds_of()
{
    awk -F'\t' -v s="$1" '$1 == s' "$out/times.tsv" "$out/rates.tsv" 2>/dev/null | wc -l
}

# ---- do the answers agree? ----

agree_failed=0

# verdict WHAT OURS THEIRS DIFFERENCE TOLERANCE OK: one line of the table of answers
verdict()
{
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$out/agree.tsv"
    [ "$6" = yes ] || {
        agree_failed=1
        say "DISAGREE: $1: Parcela $2, peer $3, difference $4, allowed $5"
    }
}

# agree WHAT OURS THEIRS RELATIVE: two numbers, equal within RELATIVE of the larger
agree()
{
    local line difference allowed ok
    line=$(awk -v a="$2" -v b="$3" -v t="$4" 'BEGIN {
        number = "^-?[0-9]+[.]?[0-9]*(e[-+]?[0-9]+)?$"
        m = a * a > b * b ? a : b; m = m < 0 ? -m : m; d = a - b; d = d < 0 ? -d : d
        r = m > 0 ? d / m : 0
        printf "%.2e\t%.0e\t%s", r, t, a ~ number && b ~ number && r <= t ? "yes" : "no" }')
    IFS=$'\t' read -r difference allowed ok <<<"$line"
    verdict "$1" "$2" "$3" "$difference" "$allowed" "$ok"
}

# agree_each WHAT OURS.tsv THEIRS.tsv RELATIVE ABSOLUTE: each key's values equal within RELATIVE of the larger or within ABSOLUTE; a
# key that one side does not have counts as 0. Tells the worst of those that ABSOLUTE does not cover.
agree_each()
{
    local line ours theirs difference allowed ok
    line=$(awk -F'\t' -v t="$4" -v u="$5" '
        function compare(key, x, y,    d, m, r) {
            d = x > y ? x - y : y - x
            m = x > y ? x : y
            r = m > 0 ? d / m : (d > 0 ? 1 : 0)
            if (d > u && r > worst) { worst = r; at = key }
            if (d > u && r > t) bad++
        }
        FILENAME == ARGV[1] { ours[$1] = $2; n++; next }
        { theirs++; compare($1, ours[$1] + 0, $2 + 0); seen[$1] = 1 }
        END {
            for (key in ours) if (!(key in seen)) compare(key, ours[key] + 0, 0)
            printf "%d\t%d\t%.2e%s\t%.0e\t%s", n, theirs, worst, at == "" ? "" : " (" at ")", t, bad || !n || !theirs ? "no" : "yes"
        }' "$2" "$3")
    IFS=$'\t' read -r ours theirs difference allowed ok <<<"$line"
    verdict "$1" "$ours values" "$theirs values" "$difference" "$allowed, or $5" "$ok"
}
