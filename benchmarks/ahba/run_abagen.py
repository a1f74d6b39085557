#!/usr/bin/env python3
"""Runs abagen 0.1.3 on a set of make_ahba, the competitor of this benchmark; see README.md.

run_abagen.py --data DIR --setting A|C|dense --atlas NII [--info CSV] [--gene SYMBOL] [--out FILE]
    one run; prints a line of JSON: setting, wall, user and system seconds, peak MiB, shape
run_abagen.py --compare OURS THEIRS
    two tables of regions, CSV: largest difference over what both have

Two defects of abagen are mended from outside, so that it gets through at all: its left join of the
reannotation brings probes without an id where Probes.csv is a part of the real one, and
missing='interpolate' raises where a donor has nothing to fill. The tables of coordinates and
reannotation are those of the set, which are abagen's own when it was made with them.
"""
import argparse
import json
import logging
import os
import resource
import sys
import time
import warnings

SETTINGS = {
    "A": {},
    "C": {"missing": "interpolate", "lr_mirror": "bidirectional", "norm_structures": True},
}
TABLES = {
    "data/corrected_mni_coordinates.csv.gz": "corrected_mni_coordinates.csv.gz",
    "data/reannotated.csv.gz": "reannotated.csv.gz",
}


def mend(abagen, data):
    """Replaces the two functions that fail, and points abagen at the tables of the set."""
    import numpy as np

    reannotate = abagen.probes_.reannotate_probes
    interpolate = abagen.allen._interpolate_missing

    def inner_join(probes):
        out = reannotate(probes)
        out = out[out.index.notna()]
        out.index = out.index.astype(int)
        return out

    def interpolate_if_any(atlas, labels, microarray, annotation):
        if np.setdiff1d(atlas.labels, labels).size == 0:
            return microarray.iloc[:0], labels.iloc[:0]
        try:
            return interpolate(atlas, labels, microarray, annotation)
        except ValueError as error:
            if "No objects to concatenate" not in str(error):
                raise
            return microarray.iloc[:0], labels.iloc[:0]

    abagen.probes_.reannotate_probes = inner_join
    abagen.allen._interpolate_missing = interpolate_if_any
    for module in (abagen.probes_, abagen.samples_):
        shipped = module.resource_filename
        module.resource_filename = lambda package, name, shipped=shipped: (
            os.path.join(data, TABLES[name]) if name in TABLES else shipped(package, name)
        )


def donors_in(data):
    """The donors whose folders are there, so that abagen downloads nothing."""
    prefix = "normalized_microarray_donor"
    names = os.listdir(os.path.join(data, "microarray"))
    return sorted((n[len(prefix) :] for n in names if n.startswith(prefix)), key=int)


def run(args):
    warnings.filterwarnings("ignore")
    import abagen
    import numpy
    import pandas

    logging.getLogger("abagen").setLevel(logging.ERROR)
    mend(abagen, args.data)
    files = {"data_dir": args.data, "donors": donors_in(args.data), "verbose": 0}
    began = time.perf_counter()
    if args.setting == "dense":
        dense = abagen.get_interpolated_map([args.gene], args.atlas, **files)
        shape = list(dense[args.gene].shape)
    else:
        table = abagen.get_expression_data(
            args.atlas, args.info, **files, **SETTINGS[args.setting]
        )
        shape = list(table.shape)
    wall = time.perf_counter() - began
    if args.out and args.setting != "dense":
        table.to_csv(args.out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "setting": args.setting,
                "wall_s": round(wall, 3),
                "user_s": round(used.ru_utime, 3),
                "system_s": round(used.ru_stime, 3),
                "peak_mib": round(used.ru_maxrss / 1024, 1),
                "shape": shape,
                "versions": {
                    "python": sys.version.split()[0],
                    "abagen": abagen.__version__,
                    "numpy": numpy.__version__,
                    "pandas": pandas.__version__,
                },
            }
        )
    )


def compare(ours, theirs):
    import numpy as np
    import pandas as pd

    # Gene symbols such as NA are names here, and every number is read as it was written.
    options = dict(index_col=0, float_precision="round_trip")
    a, b = pd.read_csv(ours, **options), pd.read_csv(theirs, **options)
    genes = a.columns.intersection(b.columns)
    labels = a.index.intersection(b.index)
    x, y = a.loc[labels, genes].to_numpy(float), b.loc[labels, genes].to_numpy(float)
    both = np.isfinite(x) & np.isfinite(y)
    print(
        json.dumps(
            {
                "genes": [a.shape[1], b.shape[1], len(genes)],
                "regions": [a.shape[0], b.shape[0], len(labels)],
                "largest_difference": float(np.abs(x - y)[both].max()) if both.any() else None,
                "values_in_one_only": int((np.isfinite(x) != np.isfinite(y)).sum()),
            }
        )
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--compare", nargs=2, metavar=("OURS", "THEIRS"))
    parser.add_argument("--data")
    parser.add_argument("--setting", choices=[*SETTINGS, "dense"])
    parser.add_argument("--atlas")
    parser.add_argument("--info")
    parser.add_argument("--gene")
    parser.add_argument("--out")
    args = parser.parse_args()
    if args.compare:
        compare(*args.compare)
        return
    if not (args.data and args.setting and args.atlas):
        parser.error("expected --data, --setting and --atlas, or --compare")
    if args.setting == "dense" and not args.gene:
        parser.error("--setting dense: expected --gene")
    args.data = os.path.abspath(args.data)
    run(args)


if __name__ == "__main__":
    main()
