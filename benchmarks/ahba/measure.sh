#!/usr/bin/env bash
# measure.sh [PROGRAM]: runs PROGRAM (build/release/inrgene) and abagen in turn on one set, and
# what both are held against, a pass over the bytes. Prints Markdown, writes JSON; see README.md.
#   INRGENE_AHBA     folder that make_ahba wrote; required
#   INRGENE_ATLAS    label image in MNI space; its table of regions (.csv) beside it; required
#   ABAGEN_PYTHON    Python of the virtual environment with abagen; without it ours runs alone
#   INRGENE_ROUNDS   pairs of runs (3);  INRGENE_GENE   gene of the dense map (APOE)
#   INRGENE_OUT      where tables and measure.json go (out/benchmark_ahba)
set -euo pipefail
cd "$(dirname "$0")/../.."
here=benchmarks/ahba
program=${1:-build/release/inrgene}
: "${INRGENE_AHBA:?the folder that make_ahba wrote}"
: "${INRGENE_ATLAS:?a label image, .nii.gz}"
rounds=${INRGENE_ROUNDS:-3}
gene=${INRGENE_GENE:-APOE}
out=${INRGENE_OUT:-out/benchmark_ahba}
info=${INRGENE_ATLAS%.nii.gz}.csv
for file in "$program" "$INRGENE_AHBA/microarray" "$INRGENE_ATLAS" "$info"; do
  [ -e "$file" ] || { echo "$file: not there" >&2; exit 2; }
done
# Neither side is told how to use the machine.
for name in $(compgen -e | grep -E '^(OPENBLAS|OMP|MKL|GOTO|BLIS|NUMEXPR)_' || true); do
  unset "$name"
done
mkdir -p "$out"
record=$(mktemp)
trap 'rm -f "$record"' EXIT

timed() { python3 "$here/timed.py" "$record" "$@"; }
ours() { # WHAT FOLDER OPTIONS...
  local what=$1 folder=$out/ours_$2
  shift 2
  rm -rf "$folder" # an old run's folder is no part of the work
  timed inrgene "$what" -- "$program" ahba --quiet --data "$INRGENE_AHBA" \
    --atlas "$INRGENE_ATLAS" --coordinates "$INRGENE_AHBA/corrected_mni_coordinates.csv.gz" \
    --reannotation "$INRGENE_AHBA/reannotated.csv.gz" --out "$folder" "$@"
}
theirs() { # WHAT OPTIONS...
  [ -n "${ABAGEN_PYTHON:-}" ] || return 0
  local what=$1
  shift
  timed abagen "$what" -- "$ABAGEN_PYTHON" "$here/run_abagen.py" --data "$INRGENE_AHBA" \
    --atlas "$INRGENE_ATLAS" "$@"
}

files=("$INRGENE_AHBA"/microarray/*/*.csv)
bytes=$(cat "${files[@]}" | wc -c) # also brings the files into memory for all that follows
cores=$(nproc)
spread="printf '%s\\0' \"\$@\" | xargs -0 -n 1 -P $cores cat >/dev/null"
for ((round = 1; round <= rounds; round++)); do
  echo "round $round of $rounds" >&2
  timed "one after the other" "reading all bytes" -- cat "${files[@]}"
  timed "$cores files at once" "reading all bytes" -- sh -c "$spread" sh "${files[@]}"
  ours "A: defaults" A --info "$info"
  theirs "A: defaults" --setting A --info "$info" --out "$out/abagen_A.csv"
  ours "C: the paper's baseline" C --info "$info" --missing interpolate --lr-mirror bidirectional \
    --norm-structures
  theirs "C: the paper's baseline" --setting C --info "$info" --out "$out/abagen_C.csv"
  ours "dense map of one gene, reading included" dense --region-agg none --norm-all \
    --lr-mirror bidirectional --dense "$gene"
  theirs "dense map of one gene, reading included" --setting dense --gene "$gene"
done

echo "$bytes bytes, $cores cores, medians of $rounds rounds"
echo
python3 "$here/timed.py" --report "$record" "$bytes" "$out/measure.json"
if [ -n "${ABAGEN_PYTHON:-}" ]; then
  echo
  for setting in A C; do
    echo "$setting, ours against abagen's: $("$ABAGEN_PYTHON" "$here/run_abagen.py" \
      --compare "$out/ours_$setting/expression.csv" "$out/abagen_$setting.csv")"
  done
fi
