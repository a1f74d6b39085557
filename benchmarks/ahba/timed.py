#!/usr/bin/env python3
"""timed.py RECORD NAME WHAT -- COMMAND...: runs a command, its standard output thrown away, and
appends to RECORD, a file with a line of JSON a run: wall, user and system seconds, and the largest
peak of resident memory among the command and its children. Linux counts this script's own memory
in, so no peak below some 14 MiB can be told.

timed.py --report RECORD BYTES JSON: medians as a Markdown table and as JSON.

Needs Python 3.8 and nothing else.
"""
import json
import os
import statistics
import sys
import time


def run(record, name, what, command):
    began = time.perf_counter()
    child = os.posix_spawnp(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - began
    if status != 0:
        sys.exit(f"timed.py: {' '.join(command)}: ended with status {status}")
    line = {
        "name": name,
        "what": what,
        "wall_s": wall,
        "user_s": used.ru_utime,
        "system_s": used.ru_stime,
        "peak_mib": used.ru_maxrss / 1024,
    }
    with open(record, "a") as file:
        file.write(json.dumps(line) + "\n")
    print(f"  {what}, {name}: {wall:.2f} s", file=sys.stderr)


def report(record, size, path):
    with open(record) as file:
        lines = [json.loads(line) for line in file]
    runs = {}
    for line in lines:
        runs.setdefault((line["what"], line["name"]), []).append(line)
    keys = ("wall_s", "user_s", "system_s", "peak_mib")
    rows = [
        {
            "what": what,
            "name": name,
            "runs": len(each),
            **{key: round(statistics.median(run[key] for run in each), 3) for key in keys},
            "wall_s_of_runs": [round(run["wall_s"], 3) for run in each],
        }
        for (what, name), each in runs.items()
    ]
    wall = {(row["what"], row["name"]): row["wall_s"] for row in rows}
    floor = min((s for (what, _), s in wall.items() if what == "reading all bytes"), default=None)
    heads = ("", "", "runs", "wall s", "user s", "system s", "peak MiB", "times abagen's speed")
    print("| " + " | ".join((*heads, "times the floor")) + " |")
    print("| --- | --- |" + " ---: |" * 7)
    for row in rows:
        theirs = wall.get((row["what"], "abagen"))
        faster = f"{theirs / row['wall_s']:.1f}" if theirs and row["name"] != "abagen" else ""
        over = f"{row['wall_s'] / floor:.1f}" if floor else ""
        cells = (
            row["what"],
            row["name"],
            str(row["runs"]),
            *(f"{row[key]:.2f}" for key in keys[:3]),
            f"{row['peak_mib']:.0f}",
            faster,
            over,
        )
        print("| " + " | ".join(cells) + " |")
    cores = len(os.sched_getaffinity(0))
    with open(path, "w") as file:
        json.dump({"bytes": int(size), "cores": cores, "rows": rows}, file, indent=1)
        file.write("\n")


def main():
    words = sys.argv[1:]
    if len(words) == 4 and words[0] == "--report":
        report(*words[1:])
    elif len(words) > 4 and words[3] == "--":
        run(words[0], words[1], words[2], words[4:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
