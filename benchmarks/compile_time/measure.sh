#!/usr/bin/env bash
# measure.sh [COMPILER...]: seconds of processor time to compile examples/01_quickstart.cpp at -O2
# (three times, the median) and to read each header alone. Prints Markdown.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- g++
limit_seconds=${INRGENE_COMPILE_LIMIT:-15}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
flags=(-std=c++20 -fopenmp -Iinclude -isystem /usr/include/nifti)
read -r -a eigen <<<"$(pkg-config --cflags eigen3 2>/dev/null | sed 's/-I/-isystem /g')"
[ ${#eigen[@]} -gt 0 ] || eigen=(-isystem /usr/include/eigen3)
flags+=("${eigen[@]}")

seconds() { # COMMAND...: user + system seconds of the command and its children
  local TIMEFORMAT='%U %S'
  { time "$@" >/dev/null 2>"$scratch/errors"; } 2>"$scratch/time" || {
    cat "$scratch/errors" >&2
    exit 1
  }
  awk '{ printf "%.2f\n", $1 + $2 }' "$scratch/time"
}

over=0
for compiler in "$@"; do
  echo "| $("$compiler" --version | head -1) | seconds |"
  echo "| --- | ---: |"
  for run in 1 2 3; do
    seconds "$compiler" "${flags[@]}" -O2 -c examples/01_quickstart.cpp -o "$scratch/out.o"
  done | sort -n >"$scratch/runs"
  median=$(sed -n 2p "$scratch/runs")
  echo "| **examples/01_quickstart.cpp at -O2, limit $limit_seconds** | **$median** |"
  awk -v m="$median" -v l="$limit_seconds" 'BEGIN { exit m > l }' || over=1
  find include -name '*.hpp' | LC_ALL=C sort | while read -r header; do
    echo "#include \"${header#include/}\"" >"$scratch/one.cpp"
    echo "$(seconds "$compiler" "${flags[@]}" -fsyntax-only "$scratch/one.cpp") ${header#include/}"
  done | sort -rn | awk '{ print "| " $2 " | " $1 " |" }'
  echo
done
[ "$over" -eq 0 ] || { echo "over the limit of $limit_seconds s" >&2; exit 1; }
