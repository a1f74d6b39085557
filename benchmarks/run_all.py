#!/usr/bin/env python3
"""run_all.py: runs the speed benchmarks and PyTorch in turn and writes a table; see README.md.

Before anything is timed it checks that both compute the same gradient. Every round runs ours and
each configuration of the competitor one after the other, each as a process of its own, and the
ratios are taken within a round. Writes speed.md and speed.json to --out; with --record, the table
goes into README.md and the JSON beside it too.

Needs Python 3.8 or later and nothing else; PyTorch in the Python that --python names.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True  # no folder of compiled files beside the sources
import tables  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
# Variables that steer threads, kernels and allocators: nobody inherits them.
STEERING = re.compile(
    r"^(OPENBLAS|GOTO|BLIS|OMP|GOMP|KMP|MKL|DNNL|ONEDNN|ATEN|TORCH|MALLOC|GLIBC|THP|LD_PRELOAD)"
)
# What the competitor needs to be at its best: memory is kept instead of being faulted in anew, and
# idle threads sleep.
TUNED = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
    "MALLOC_TOP_PAD_": str(1 << 28),
    "OMP_WAIT_POLICY": "PASSIVE",
}
GRADIENT_LIMIT = 1e-5


def fail(message):
    sys.exit(f"run_all.py: {message}")


def environment(extra=None):
    kept = {k: v for k, v in os.environ.items() if not STEERING.match(k)}
    return {**kept, **(extra or {})}


def run(command, extra=None):
    """The last line of a command's output, which is JSON."""
    words = [str(word) for word in command]
    done = subprocess.run(words, env=environment(extra), capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"{' '.join(words)}: status {done.returncode}\n{done.stderr}")
    return done.stdout.strip().split("\n")[-1]


class Benchmarks:
    """What is run, in order: `contenders` of each work, ours first."""

    def __init__(self, options):
        self.o = options
        self.programs = pathlib.Path(options.build)
        self.cores = len(os.sched_getaffinity(0))
        self.torch_tuned = dict(TUNED)
        if "avx512f" in cpu_flags():
            self.torch_tuned["ATEN_CPU_CAPABILITY"] = "avx512"

    def ours(self, program, *words):
        return lambda: run([self.programs / f"benchmark_{program}", "--json", *words])

    def theirs(self, what, *words, tuned=True, threads=0):
        extra = dict(self.torch_tuned) if tuned else {}
        if threads:
            extra["OMP_NUM_THREADS"] = str(threads)
        command = [self.o.python, HERE / "pytorch" / "step.py", what, *words]
        return lambda: run(command, extra)

    def works(self):
        o, all_cores = self.o, self.cores
        net = ["--rows", o.rows, "--width", o.width, "--layers", o.layers]
        few = ["--steps", o.steps, "--warm-up", 1]
        fused, micro = "--fused", ("--micro-batch", 4096)
        out = []

        def step(threads):
            words = [*net, *few]
            mine = [("ours", self.ours("training_step", *words, "--threads", threads))]
            if "bf16" in self.precisions():
                bf16 = self.ours("training_step", *words, "--threads", threads, "--precision",
                                 "bf16")
                mine.append(("ours, bf16", bf16))
            rivals = [
                ("PyTorch tuned", [fused], True),
                ("PyTorch tuned, micro-batches", [fused, *micro], True),
                ("PyTorch tuned, compiled", [fused, "--compile"], True),
                ("PyTorch as installed", [], False),
                ("PyTorch bf16 tuned", [fused, "--bf16"], True),
                ("PyTorch bf16 tuned, compiled", [fused, "--bf16", "--compile"], True),
                ("PyTorch bf16 as installed", ["--bf16"], False),
            ]
            if threads != all_cores:
                rivals = rivals[:3]
            return mine + [
                (name, self.theirs("step", *words, *more, tuned=tuned, threads=threads % all_cores))
                for name, more, tuned in rivals
            ]

        out.append((f"step, {all_cores} threads", step(all_cores)))
        if all_cores > 1:
            out.append(("step, 1 thread", step(1)))
        other = [
            (f"ours, built for {name}", self.ours(f"training_step_{name.lower()}", *net, *few))
            for name in ("AVX2", "SSE2")
            if (self.programs / f"benchmark_training_step_{name.lower()}").exists()
        ]
        if other:
            out.append((f"step, {all_cores} threads, other processors", other))

        small = ["--rows", 900, "--width", 64, "--layers", 4, "--steps", 300, "--warm-up", 20]
        for threads in sorted({all_cores, 1}, reverse=True):
            out.append((
                f"small net (4 × 64, 900 rows), {threads} thread{'s' * (threads > 1)}",
                [("ours", self.ours("training_step", *small, "--threads", threads))]
                + [
                    (name, self.theirs("step", *small, *more, tuned=tuned,
                                       threads=threads % all_cores))
                    for name, more, tuned in (
                        ("PyTorch tuned", [fused], True),
                        ("PyTorch tuned, compiled", [fused, "--compile"], True),
                        ("PyTorch as installed", [], False),
                    )
                ],
            ))

        rows = ["--rows", o.prediction_rows, "--width", o.width, "--layers", o.layers]
        times = ["--steps", o.steps, "--warm-up", 1]
        out.append((
            f"prediction, {all_cores} threads",
            [("ours", self.ours("prediction", *rows, "--repeats", o.steps))]
            + [
                (name, self.theirs("predict", *rows, *times, *more, tuned=tuned))
                for name, more, tuned in (
                    ("PyTorch tuned", [], True),
                    ("PyTorch tuned, micro-batches", micro, True),
                    ("PyTorch tuned, compiled", ["--compile"], True),
                    ("PyTorch as installed", [], False),
                    ("PyTorch bf16 tuned", ["--bf16"], True),
                )
            ],
        ))
        atlas = ["--atlas", o.atlas] if o.atlas else []
        out.append((
            "map of one gene",
            [("ours", self.ours("prediction", "--map", "--repeats", 1, "--width", o.width,
                                "--layers", o.layers, *atlas))],
        ))
        if not o.python:
            out = [(work, [(n, f) for n, f in each if n.startswith("ours")]) for work, each in out]
        return out

    def precisions(self):
        help_text = subprocess.run(
            [self.programs / "benchmark_training_step", "--help"], capture_output=True, text=True
        )
        return help_text.stdout

    def memory(self):
        """Peak memory of a step at some numbers of rows: ours must not grow beyond the data."""
        o = self.o
        return [
            json.loads(
                self.ours("training_step", "--rows", rows, "--width", o.width, "--layers",
                          o.layers, "--steps", 1, "--warm-up", 0)()
            )
            for rows in (o.rows, 10 * o.rows)
        ]

    def gradients(self):
        """The errors of both against double precision; ends the run where ours are too large.

        bf16 has no limit of its own: at most twice the error of PyTorch's bf16."""
        if not self.o.python:
            return None
        out = {}
        offered = self.precisions()
        for precision in ("float", "double", "bf16"):
            if precision not in offered:
                continue
            file = pathlib.Path(self.o.out) / "gradients.safetensors"
            words = ["--rows", min(self.o.rows, 4096), "--width", self.o.width, "--layers",
                     self.o.layers, "--precision", precision, "--gradients", file]
            command = [self.programs / "benchmark_training_step", *words]
            subprocess.run([str(word) for word in command], check=True, env=environment())
            found = json.loads(run([self.o.python, HERE / "pytorch/step.py", "check", file]))
            out[precision] = found
            file.unlink()
        print(
            f"gradients, worst tensor against float64: ours {out['float']['ours']:.1e} "
            f"(double {out['double']['ours']:.1e}), PyTorch {out['float']['pytorch']:.1e}, "
            f"its bf16 {out['float']['pytorch_bf16']:.1e}"
            + (f", our bf16 {out['bf16']['ours']:.1e}" if "bf16" in out else ""),
            file=sys.stderr,
        )
        if not out["float"]["ours"] <= GRADIENT_LIMIT:
            fail(f"our gradient is off by {out['float']['ours']:.1e}, expected at most "
                 f"{GRADIENT_LIMIT}; nothing is timed")
        if not out["double"]["ours"] <= 1e-11:
            fail(f"our double gradient is off by {out['double']['ours']:.1e}, expected at most "
                 "1e-11; nothing is timed")
        if "bf16" in out and not out["bf16"]["ours"] <= 2 * out["bf16"]["pytorch_bf16"]:
            fail(f"our bf16 gradient is off by {out['bf16']['ours']:.1e}, expected at most twice "
                 f"PyTorch's {out['bf16']['pytorch_bf16']:.1e}; nothing is timed")
        return out

    def small_ones(self):
        """Medians of the Google Benchmark programs that were built."""
        out = {}
        for name in ("gemm", "activations"):
            program = self.programs / f"benchmark_{name}"
            if not program.exists():
                continue
            words = ["--benchmark_format=json", "--benchmark_repetitions=3",
                     "--benchmark_report_aggregates_only=true",
                     f"--benchmark_min_time={0.01 if self.o.quick else 0.2}"]
            done = subprocess.run([str(program), *words], env=environment(), capture_output=True,
                                  text=True, check=True)
            out[name] = [
                {k: row[k] for k in ("run_name", "GFLOP/s", "of_peak", "an_element") if k in row}
                for row in json.loads(done.stdout)["benchmarks"]
                if row.get("aggregate_name") == "median"
            ]
        return out


def cpu_flags():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    found = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return set(found.group(1).split()) if found else set()


def said(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def cmake_cache(build, key):
    for folder in (build, build.parent):
        cache = folder / "CMakeCache.txt"
        if cache.exists():
            found = re.search(rf"^{key}:[A-Z]+=(.*)$", cache.read_text(), re.MULTILINE)
            return found.group(1) if found else ""
    return ""


def about(options, load):
    cpu = {}
    for line in said("lscpu").split("\n"):
        key, _, value = line.partition(":")
        cpu[key.strip()] = value.strip()
    flags = cpu_flags()
    wide = [f for f in ("avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16") if f in flags]
    compiler = cmake_cache(pathlib.Path(options.build), "CMAKE_CXX_COMPILER") or "c++"
    out = {
        "date": datetime.date.today().isoformat(),
        "processor": cpu.get("Model name", platform.processor()),
        "family_model": f"{cpu.get('CPU family', '?')}/{cpu.get('Model', '?')}",
        "cores": len(os.sched_getaffinity(0)),
        "vectors": wide,
        "caches": {k: cpu[k] for k in ("L1d cache", "L2 cache", "L3 cache") if k in cpu},
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "compiler": said(compiler, "--version").split("\n")[0],
        "commit": said("git", "describe", "--always", "--dirty"),
        "load_before": load,
        "unset": "OPENBLAS_*, OMP_*, MKL_*, ATEN_*, MALLOC_* and the like, for both",
    }
    if options.python:
        version = json.loads(run([options.python, HERE / "pytorch" / "step.py", "version"]))
        out["pytorch"] = version["torch"]
        out["pytorch_capability"] = version["capability"]
        out["pytorch_tuned_by"] = Benchmarks(options).torch_tuned
    return out


def measure(options):
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"run_all.py: the load is {load:.1f}: the machine is not quiet", file=sys.stderr)
    pathlib.Path(options.out).mkdir(parents=True, exist_ok=True)
    benchmarks = Benchmarks(options)
    result = {"about": about(options, load), "gradients": benchmarks.gradients()}
    works = benchmarks.works()
    runs = []
    for number in range(options.rounds):
        for work, contenders in works:
            for name, one in contenders:
                found = json.loads(one())
                seconds = statistics.median(found["seconds_all"])
                runs.append({"round": number, "work": work, "name": name, **found,
                             "median_s": seconds})
                print(f"round {number + 1} of {options.rounds}, {work}, {name}: {seconds:.4g} s",
                      file=sys.stderr)
    result["runs"] = runs
    result["memory"] = benchmarks.memory()
    result["small"] = benchmarks.small_ones()
    return result


def record(result):
    """Puts the JSON beside README.md and the table into it."""
    (HERE / "results.json").write_text(json.dumps(result, indent=1) + "\n")
    readme = HERE / "README.md"
    begin, end = "<!-- figures: begin -->\n", "<!-- figures: end -->"
    before, found, rest = readme.read_text().partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        fail(f"{readme}: no place for the figures, {begin.strip()} … {end}")
    readme.write_text(before + begin + "\n" + tables.markdown(result) + "\n" + end + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=ROOT / "build/release/benchmarks", help="the programs")
    parser.add_argument("--python", default=os.environ.get("TORCH_PYTHON", ""),
                        help="a Python with torch (TORCH_PYTHON); without it ours run alone")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3, help="that count, a round")
    parser.add_argument("--rows", type=int, default=94600)
    parser.add_argument("--prediction-rows", type=int, default=1 << 18)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--atlas", default=os.environ.get("INRGENE_ATLAS", ""),
                        help="label image for the map (INRGENE_ATLAS); else the phantom's")
    parser.add_argument("--out", default="out/benchmark_speed")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it run at all?")
    parser.add_argument("--record", action="store_true", help="into README.md and results.json")
    parser.add_argument("--table", metavar="JSON", help="only print the table of a recorded run")
    options = parser.parse_args()
    if options.table:
        print(tables.markdown(json.loads(pathlib.Path(options.table).read_text())))
        return
    if options.quick:
        options.rounds, options.steps, options.rows = min(options.rounds, 2), 2, 2000
        options.prediction_rows, options.width, options.layers = 4000, 128, 4
    missing = [name for name in ("training_step", "prediction")
               if not (pathlib.Path(options.build) / f"benchmark_{name}").exists()]
    if missing:
        fail(f"{options.build}: holds no benchmark_{missing[0]}; build the target `benchmarks`")
    if not options.python:
        print("run_all.py: no --python: PyTorch is left out", file=sys.stderr)
    result = measure(options)
    out = pathlib.Path(options.out)
    (out / "speed.json").write_text(json.dumps(result, indent=1) + "\n")
    text = tables.markdown(result)
    (out / "speed.md").write_text(text + "\n")
    print(text)
    if options.record:
        if options.quick or not options.python:
            fail("--record wants the whole run, with PyTorch")
        record(result)


if __name__ == "__main__":
    main()
