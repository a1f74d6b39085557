"""The Markdown of a run of run_all.py, from its JSON alone."""
import statistics


def spread(values, digits=3):
    """Median (smallest to largest)."""
    middle = f"{statistics.median(values):.{digits}g}"
    if len(values) < 2:
        return middle
    return f"{middle} ({min(values):.{digits}g} to {max(values):.{digits}g})"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |"]
    lines.append("| " + " | ".join("---" if i == 0 else "---:" for i in range(len(heads))) + " |")
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def of_work(runs):
    """Rows of one work: every contender against ours, round by round."""
    ours = {run["round"]: run for run in runs if run["name"].startswith("ours")
            and "bf16" not in run["name"] and "built" not in run["name"]}
    half = {run["round"]: run for run in runs if run["name"] == "ours, bf16"}
    rows = []
    for name in dict.fromkeys(run["name"] for run in runs):
        mine = [run for run in runs if run["name"] == name]
        seconds = [run["median_s"] for run in mine]
        peaks = [
            run.get("of_fma_peak")
            or (peer["flop"] / run["median_s"] / (1e9 * peer["fma_peak_gflop_per_s"]))
            for run in mine
            for peer in [ours.get(run["round"], run)]
            if "flop" in run or "flop" in peer
        ]
        # bf16 is held against bf16 where we have it, and has no place on the scale of float's peak.
        peers = half if "bf16" in name and half else ours
        ratios = [
            run["median_s"] / peers[run["round"]]["median_s"]
            for run in mine
            if run["round"] in peers and not name.startswith("ours")
        ]
        rows.append([
            name,
            spread(seconds),
            spread([100 * p for p in peaks]) if peaks and "bf16" not in name else "–",
            f"{max(run['peak_mib'] for run in mine):.0f}",
            spread(ratios) if ratios else "–",
        ])
    return rows


def products(rows):
    """A row a product and shape, a column a library."""
    cells, libraries = {}, []
    for row in rows:
        product, number, library, *shape = row["run_name"].replace("/real_time", "").split("/")
        sizes = " × ".join(part.split(":")[1] for part in shape)
        cells.setdefault(f"{product}, {number}, {sizes}", {})[library] = (
            f"{row['GFLOP/s']:.0f} ({100 * row['of_peak']:.0f} %)"
        )
        libraries += [library] if library not in libraries else []
    heads = ["product, one thread, in × out × n; GFLOP/s (of the FMA peak)", *libraries]
    return table(heads, [[name, *(each.get(library, "–") for library in libraries)]
                         for name, each in cells.items()])


def targets(result):
    """What was to be reached, and what was."""
    runs = result["runs"]

    def of(work, name, key):
        """A figure of each round, in their order."""
        return [run[key] for run in runs
                if run["work"].startswith(work) and run["name"] == name and key in run]

    def ratio(work, other, name="ours"):
        """How many times faster ours is, round by round; the least of several others."""
        each = [
            [b / a for a, b in zip(of(work, name, "median_s"), of(work, one, "median_s"))]
            for one in ([other] if isinstance(other, str) else other)
        ]
        each = [values for values in each if values]
        return min(each, key=statistics.median) if each else []

    cores = result["about"]["cores"]
    step = f"step, {cores} threads" if cores > 1 else "step, 1 thread"
    tuned = ["PyTorch tuned", "PyTorch tuned, micro-batches"]
    best = [*tuned, "PyTorch tuned, compiled"]
    small = sorted({run["work"] for run in runs if run["work"].startswith("small net")})
    memory = [m["peak_less_data_mib"] * 2**20 / 1e6 for m in result["memory"]]
    gradients = result["gradients"]
    rows = [
        ("step, of the FMA peak", 0.9, of(step, "ours", "of_fma_peak")),
        ("step, times PyTorch tuned", 1.3, ratio(step, tuned)),
        ("step, times PyTorch at its best, compiled", None, ratio(step, best)),
        ("step, times PyTorch as installed", 3.4, ratio(step, "PyTorch as installed")),
        ("bf16 step, times PyTorch bf16 tuned", 1.2,
         ratio(step, "PyTorch bf16 tuned", "ours, bf16")),
        ("bf16 step, times PyTorch bf16 compiled", None,
         ratio(step, "PyTorch bf16 tuned, compiled", "ours, bf16")),
        (f"step, 1 thread to {cores}", 1.9,
         [a / b for a, b in zip(of("step, 1 thread", "ours", "median_s"),
                                of(step, "ours", "median_s"))] if cores == 2 else []),
        ("step built for AVX2, of its FMA peak", 0.8,
         of(step, "ours, built for AVX2", "of_fma_peak")),
        ("prediction, of the FMA peak", 0.9, of("prediction", "ours", "of_fma_peak")),
        ("prediction, times PyTorch tuned", 1.35, ratio("prediction", tuned)),
        ("prediction, times PyTorch at its best, compiled", None, ratio("prediction", best)),
        *((f"{work}, times PyTorch, tuned or as installed", 5.0,
           ratio(work, [*tuned, "PyTorch as installed"])) for work in small),
        *((f"{work}, times PyTorch compiled", None, ratio(work, "PyTorch tuned, compiled"))
          for work in small),
    ]
    lines = [
        [name, f"at least {least:g}" if least else "–", spread(found),
         ("yes" if statistics.median(found) >= least else "no") if least else "–"]
        for name, least, found in rows if found
    ]
    lines.append(["memory of a step beyond its data, MB", "under 150",
                  " / ".join(f"{m:.1f}" for m in memory), "yes" if max(memory) < 150 else "no"])
    apart = 100 * (memory[1] / memory[0] - 1)
    lines.append(["the same at ten times the rows, %", "within 5", f"{apart:+.1f}",
                  "yes" if abs(apart) <= 5 else "no"])
    if gradients:
        error = gradients["float"]["ours"]
        lines.append(["gradient, worst tensor against float64", "at most 1e-05", f"{error:.1e}",
                      "yes" if error <= 1e-5 else "no"])
    return table(("target", "to reach", "found", "met"), lines)


def about(a):
    wide = ", ".join(a["vectors"]) or "no wide vectors"
    lines = [
        f"{a['date']}; {a['processor']} (family/model {a['family_model']}), {a['cores']} cores, "
        f"{wide}, {a['memory_gib']} GiB; {a['system']}; {a['compiler']}; commit {a['commit']}; "
        f"load before {a['load_before']:.2f}. Unset: {a['unset']}."
    ]
    if "pytorch" in a:
        tuned = " ".join(f"`{k}={v}`" for k, v in a["pytorch_tuned_by"].items())
        lines.append(f"PyTorch {a['pytorch']} ({a['pytorch_capability']}); tuned: {tuned}, fused "
                     "Adam.")
    return lines


def markdown(result):
    lines = about(result["about"])
    if result["gradients"]:
        g = result["gradients"]["float"]
        double = result["gradients"]["double"]["ours"]
        half = result["gradients"].get("bf16")
        ours_half = f", our bf16 {half['ours']:.1e}" if half else ""
        lines += ["", f"Gradients at {g['rows']} rows, worst tensor's error against float64: ours "
                  f"{g['ours']:.1e} (in double {double:.1e}), PyTorch {g['pytorch']:.1e}, PyTorch "
                  f"bf16 {g['pytorch_bf16']:.1e}{ours_half}."]
    lines += ["", *targets(result)]
    peaks = {}
    for run in result["runs"]:
        if "fma_peak_gflop_per_s" in run and not run["name"].startswith("ours, built"):
            peaks.setdefault(run["threads"], []).append(run["fma_peak_gflop_per_s"])
    for threads, each in sorted(peaks.items()):
        lines += ["", f"FMA peak of the run, {threads} thread{'s' * (threads > 1)}: "
                  f"{spread(each)} GFLOP/s."]
    for work in dict.fromkeys(run["work"] for run in result["runs"]):
        runs = [run for run in result["runs"] if run["work"] == work]
        lines += ["", *table((work, "s", "% of FMA peak", "peak MiB", "times ours"), of_work(runs))]
        rates = [run["rows_per_s"] for run in runs if "rows_per_s" in run]
        if rates:
            lines += ["", f"Ours: {spread(rates)} rows/s."]
    lines += ["", *table(
        ("memory of a step, rows", "data MiB", "peak MiB", "peak less data, MiB"),
        [[str(m["rows"]), f"{m['data_mib']:.1f}", f"{m['peak_mib']:.1f}",
          f"{m['peak_less_data_mib']:.1f}"] for m in result["memory"]],
    )]
    small = result["small"]
    if small.get("gemm"):
        lines += ["", *products(small["gemm"])]
    if small.get("activations"):
        lines += ["", *table(("activation, one thread", "ns an element"), [
            [row["run_name"].replace("/real_time", ""), f"{1e9 * row['an_element']:.3f}"]
            for row in small["activations"]])]
    return "\n".join(lines)
