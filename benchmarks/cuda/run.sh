#!/usr/bin/env bash
# run.sh: on a machine with an NVIDIA GPU, builds what runs on it, checks it, and times it beside
# PyTorch; see README.md. Ends with 4, and says so, where there is no GPU.
#   TORCH_PYTHON    Python with a torch that sees the GPU; without it ours runs alone
#   INRGENE_STEPS   training steps that are timed (50); 5000 for the wall time of a whole training
#   INRGENE_ROUNDS  rounds of ours and theirs in turn (3)
#   INRGENE_BUILD   build folder (build/cuda)
#   INRGENE_OUT     where the figures go (out/benchmark_cuda)
#   INRGENE_QUICK   1: tiny sizes and no sanitizers, to try whether everything runs
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${INRGENE_BUILD:-build/cuda}
out=${INRGENE_OUT:-out/benchmark_cuda}
steps=${INRGENE_STEPS:-50}
rounds=${INRGENE_ROUNDS:-3}
sizes=()
if [ "${INRGENE_QUICK:-0}" = 1 ]; then
  sizes=(--rows 2000 --predict-rows 5000)
  steps=5
  rounds=1
fi
command -v nvidia-smi >/dev/null && nvidia-smi -L | grep -q GPU || {
  echo "run.sh: nvidia-smi sees no GPU here; nothing was checked or timed" >&2
  exit 4
}
mkdir -p "$out"
figures=$out/figures.jsonl
: >"$figures"

echo "== build"
capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DINRGENE_CUDA=ON \
  -DCMAKE_CUDA_ARCHITECTURES="$capability-real"
cmake --build "$build" --target test_cuda benchmark_cuda_gpu_step --parallel

echo "== every operation, backbone, encoder, loss and optimiser against plain loops in double"
"$build/tests/test_cuda"

if [ "${INRGENE_QUICK:-0}" != 1 ]; then
  sanitizer=$(command -v compute-sanitizer || echo /usr/local/cuda/bin/compute-sanitizer)
  if [ -x "$sanitizer" ]; then
    # The backbones' smallest networks and the operations: what a kernel reads, writes and shares.
    for tool in memcheck racecheck initcheck synccheck; do
      echo "== compute-sanitizer, $tool"
      "$sanitizer" --tool "$tool" --error-exitcode 1 "$build/tests/test_cuda" \
        --test-case="*elementwise*,*backbone*,*encoder*"
    done
  else
    echo "compute-sanitizer was not found: not run" | tee -a "$out/left_out.txt"
  fi
fi

{
  nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,power.limit --format=csv,noheader
  git rev-parse HEAD
} >"$out/machine.txt"
cat "$out/machine.txt"
for round in $(seq "$rounds"); do
  echo "== round $round of $rounds"
  "$build/benchmarks/benchmark_cuda_gpu_step" --steps "$steps" "${sizes[@]}" | tee -a "$figures"
  if [ -n "${TORCH_PYTHON:-}" ]; then
    "$TORCH_PYTHON" benchmarks/cuda/torch_step.py --steps "$steps" "${sizes[@]}" |
      tee -a "$figures"
  fi
done
echo "The figures are in $figures, the machine in $out/machine.txt"
