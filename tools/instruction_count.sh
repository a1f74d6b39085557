#!/usr/bin/env bash
# instruction_count.sh [--update] [PROGRAM]: counts the instructions of small pieces of work
# (benchmarks/instructions) and fails where one differs by more than 3 % from the committed figure,
# in tools/instruction_count.txt. A guard of speed that no clock and no neighbour disturbs: valgrind
# executes the program, which is compiled for AVX2 and FMA wherever it runs.
#
# PROGRAM is benchmark_instructions; without it, build/release is configured and it is compiled.
# --update writes the figures of this compiler anew: do that when a change is meant, and say in the
# commit what changed and why. Fewer instructions fail too: a figure that is no longer true guards
# nothing. Where nothing can be counted, or no figure of this compiler is there, it says so and
# ends with 0.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
figures=$here/instruction_count.txt
limit_percent=3
update=no
if [ "${1:-}" = --update ]; then
  update=yes
  shift
fi
skip() { echo "instruction count: skipped: $1"; exit 0; }

command -v valgrind >/dev/null || skip "valgrind is not installed (Debian, Ubuntu: valgrind)"
[ "$(uname -m)" = x86_64 ] || skip "the figures are for x86-64"
[ -e "$figures" ] || : >"$figures"
grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo || skip "this processor has no AVX2 and FMA"
program=${1:-}
if [ -z "$program" ]; then
  build=$here/../build/release
  (cd "$here/.." && cmake --preset release >/dev/null)
  cmake --build "$build" --target benchmark_instructions >/dev/null
  program=$build/benchmarks/benchmark_instructions
fi
compiler=$("$program" compiler)

refs() { # CASE REPEATS: instructions of the whole program
  local said
  said=$(OMP_NUM_THREADS=1 valgrind --tool=callgrind --callgrind-out-file=/dev/null \
    "$program" "$1" "$2" 2>&1 >/dev/null) || { echo "$said" >&2; return 1; }
  sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' <<<"$said"
}

cases="siren_step wire_step siren_prediction"
counted=""
failed=0
for name in $cases; do
  # Two runs' difference: start and end of the program cancel.
  few=$(refs "$name" 1)
  more=$(refs "$name" 3)
  count=$(((more - few) / 2))
  counted+="$compiler $name $count"$'\n'
  [ "$update" = no ] || continue
  known=$(awk -v c="$compiler" -v n="$name" '$1 == c && $2 == n { print $3 }' "$figures")
  if [ -z "$known" ]; then
    echo "instruction count: $name, $compiler: $count; skipped: no committed figure of this compiler"
    continue
  fi
  awk -v name="$name, $compiler" -v found="$count" -v known="$known" -v limit="$limit_percent" '
    BEGIN {
      change = 100 * (found - known) / known
      bad = change > limit || change < -limit
      printf "instruction count: %s: %d, %+.2f %% of the committed %d%s\n", name, found, change,
        known, bad ? ": more than " limit " % apart" : ""
      exit bad
    }' || failed=1
done

if [ "$update" = yes ]; then
  {
    echo "# Instructions of one repeat of the cases of benchmarks/instructions, compiled for AVX2:"
    echo "# compiler, case, count. Written by tools/instruction_count.sh --update; a commit that"
    echo "# changes a figure says why."
    { grep -v -e '^#' -e "^$compiler " "$figures" 2>/dev/null || true
      printf '%s' "$counted"; } | LC_ALL=C sort
  } >"$figures.new"
  mv "$figures.new" "$figures"
  echo "instruction count: written to tools/instruction_count.txt:"
  printf '%s' "$counted"
elif [ "$failed" -ne 0 ]; then
  echo "instruction count: if the change is meant, run tools/instruction_count.sh --update and say in"
  echo "the commit why"
  exit 1
fi
