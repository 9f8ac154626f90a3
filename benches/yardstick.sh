#!/usr/bin/env bash
# Our matching kernel beside the yardstick kernels of ../shared/perf, on the same markets in the same run.
#
#   benches/yardstick.sh          markets of 1,000,000 students
#   benches/yardstick.sh quick    markets of 100,000
#
# The machine is noisy, so the two take turns (yardstick, ours, three times) and the medians count. With busy
# neighbours the wall times swing by half: for one thread the CPU columns are the fair ones.
# Ours is `cargo bench --bench matching -- --dam FILE`, which prints one line
#   ours MARKET median_ms cpu_median_ms peak_rss_kib fnv HEX
# Exit 0 done, 1 a matching differs or a program failed, 2 wrong call, 3 something is missing here.
# YARDSTICK_PERF names another folder of gen.cpp and da.cpp.
set -euo pipefail

students=1000000
case "${1:-}" in
    "") ;;
    quick) students=100000 ;;
    *) echo "usage: benches/yardstick.sh [quick]" >&2; exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
perf=${YARDSTICK_PERF:-../shared/perf}
work=${CARGO_TARGET_DIR:-target}/yardstick
rounds=3
repeats=5
mixed_md5=f38d53a68c801c2b90a4f21316bf810e
mkdir -p "$work"

say() { echo "yardstick: $*" >&2; }

# Compiles $2 of the perf folder to $1 unless that is newer already; says why where it cannot.
compile() {
    local program=$1 source=$2
    shift 2
    local newest
    newest=$(ls -t "$perf"/*.cpp "$perf"/*.hpp | head -n 1)
    [[ -x $program && $program -nt $newest ]] && return 0
    say "compiling $source"
    if ! g++ "$@" -o "$program.new" "$perf/$source" 2>"$work/g++.log"; then
        say "g++ cannot compile $source: $(grep -m 1 error "$work/g++.log" || head -n 1 "$work/g++.log")"
        return 1
    fi
    mv "$program.new" "$program"
}

# What keeps us from running the yardstick; empty when it runs.
yardstick_missing=
if [[ ! -f $perf/da.cpp ]]; then
    yardstick_missing="no folder $perf with gen.cpp and da.cpp"
elif ! command -v g++ >/dev/null; then
    yardstick_missing="no g++ (Debian and Ubuntu: apt-get install g++)"
elif ! compile "$work/gen" gen.cpp -O3; then
    yardstick_missing="gen.cpp does not compile"
elif ! compile "$work/da" da.cpp -O3 -march=native -pthread; then
    yardstick_missing="da.cpp does not compile (its fast8 needs a processor with AVX-512)"
fi
[[ -z $yardstick_missing ]] || say "running without the yardstick: $yardstick_missing"

ours_missing=
if ! cargo bench --locked --quiet --bench matching --no-run; then
    ours_missing="cargo bench --bench matching does not build"
    say "running without ours: $ours_missing"
fi

if [[ -n $yardstick_missing && -n $ours_missing ]]; then
    say "nothing left to compare"
    exit 3
fi

# Makes a market once; half a file never takes its name.
market_file() {
    local market=$1 file=$work/${1}_$students.dam
    local -a settings=()
    case $market in
        one) settings=(county=0) ;;
        quota) settings=(quota=1) ;;
        same | chain) settings=(kind="$market") ;;
    esac
    if [[ ! -f $file ]]; then
        if [[ ! -x $work/gen ]]; then
            say "no market $file and no generator: $yardstick_missing"
            exit 3
        fi
        say "generating $market, $students students"
        "$work/gen" "$file.new" "$students" "${settings[@]}" 2>/dev/null
        mv "$file.new" "$file"
    fi
    if [[ $market = mixed && $students = 1000000 ]] && ! md5sum --status -c - <<<"$mixed_md5  $file"; then
        say "$file is not the agreed market: its md5 is not $mixed_md5; remove it and run again"
        exit 3
    fi
}

# The number after `median` and after `cpu-median`, and the checksum, of a line of `da`.
read_yardstick() {
    awk -v variant="$1" '$1 == variant {
        for (i = 2; i < NF; i++) {
            if ($i == "median") wall = $(i + 1)
            if ($i == "cpu-median") cpu = $(i + 1)
            if ($i == "fnv") { fnv = $(i + 1); verdict = $(i + 2) }
        }
        if (verdict == "stable") print wall, cpu, fnv
    }'
}

read_ours() { awk '$1 == "ours" { print $3, $4, $NF, $5 }'; }

# The middle of the numbers of one column ($1) of a file ($2).
median() { awk -v column="$1" '{ print $column }' "$2" | sort -g | awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] }'; }

ratio() { awk -v ours="$1" -v theirs="$2" 'BEGIN { printf "%.2f", ours / theirs }'; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

printf '%-7s %13s %10s %6s   %13s %11s %9s %9s  %s\n' \
    market yardstick_ms ours_ms ratio yardstick_cpu ours_cpu cpu_ratio ours_mib matching
for market in mixed one quota same chain; do
    market_file "$market"
    file=$work/${market}_$students.dam
    variant=cbucket_best
    [[ $market = chain ]] && variant=line_best
    : >"$scratch/yardstick"
    : >"$scratch/ours"
    for ((round = 0; round < rounds; round++)); do
        if [[ -z $yardstick_missing ]]; then
            "$work/da" "$file" "$repeats" "$variant" >"$scratch/log" || true
            read_yardstick "$variant" <"$scratch/log" >>"$scratch/yardstick"
        fi
        if [[ -z $ours_missing ]]; then
            # The program runs in the package's folder; the path must not depend on that.
            cargo bench --locked --quiet --bench matching -- --dam "$(realpath "$file")" >"$scratch/log" || true
            read_ours <"$scratch/log" >>"$scratch/ours"
        fi
    done

    wall=- cpu=- our_wall=- our_cpu=- mib=- wall_ratio=- cpu_ratio=- verdict=-
    if [[ -z $yardstick_missing ]]; then
        if [[ $(wc -l <"$scratch/yardstick") = "$rounds" ]]; then
            wall=$(median 1 "$scratch/yardstick")
            cpu=$(median 2 "$scratch/yardstick")
        else
            verdict="the yardstick failed"
            failed=1
        fi
    fi
    if [[ -z $ours_missing ]]; then
        if [[ $(wc -l <"$scratch/ours") = "$rounds" ]]; then
            our_wall=$(median 1 "$scratch/ours")
            our_cpu=$(median 2 "$scratch/ours")
            mib=$(($(median 4 "$scratch/ours") / 1024))
        else
            verdict="ours failed"
            failed=1
        fi
    fi
    if [[ $wall != - && $our_wall != - ]]; then
        wall_ratio=$(ratio "$our_wall" "$wall")
        cpu_ratio=$(ratio "$our_cpu" "$cpu")
        if [[ $(awk '{ print $3 }' "$scratch/yardstick" "$scratch/ours" | sort -u | wc -l) = 1 ]]; then
            verdict="same"
        else
            verdict="DIFFERENT"
            failed=1
        fi
    fi
    printf '%-7s %13s %10s %6s   %13s %11s %9s %9s  %s\n' \
        "$market" "$wall" "$our_wall" "$wall_ratio" "$cpu" "$our_cpu" "$cpu_ratio" "$mib" "$verdict"
done
[[ -z $ours_missing ]] || failed=1
exit "$failed"
