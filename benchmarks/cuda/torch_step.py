#!/usr/bin/env python3
"""The competitor on a GPU: the network and training step of ../pytorch/step.py, timed there.

Prints a line of JSON for eager and for torch.compile, each with TF32 off and on. Needs Python 3.10
or later with a torch that sees the GPU.
"""
import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pytorch"))
from step import Siren  # noqa: E402


def measure(options, compiled, tf32):
    torch.manual_seed(1)
    torch.set_float32_matmul_precision("high" if tf32 else "highest")
    model = Siren(options.features, options.width, options.layers).cuda()
    x = (torch.rand(options.rows, options.features) * 2 - 1).cuda()
    y = 0.5 + 0.5 * torch.sin(x.sum(1, keepdim=True))
    adam = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
    forward = torch.compile(model) if compiled else model
    losses, seconds = [], []
    warm_up = 5
    for i in range(warm_up + options.steps):
        torch.cuda.synchronize()
        began = time.perf_counter()
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(forward(x), y)
        loss.backward()
        adam.step()
        losses.append(loss.item())  # waits, as ours does for its loss
        if i >= warm_up:
            seconds.append(time.perf_counter() - began)
    with torch.inference_mode():
        points = torch.sin(
            0.001 * (torch.arange(options.predict_rows, device="cuda") % 65536).float()[:, None]
            + torch.arange(options.features, device="cuda").float()
        )
        torch.cuda.synchronize()
        began = time.perf_counter()
        torch.cat([forward(part) for part in points.split(options.rows)]).cpu()
        predicting = time.perf_counter() - began
    return {
        "pytorch": torch.__version__,
        "compiled": compiled,
        "tf32": tf32,
        "seconds_a_step": statistics.median(seconds),
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "predicted_rows": options.predict_rows,
        "seconds_of_prediction": predicting,
        "peak_mib": torch.cuda.max_memory_allocated() / 2**20,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=94600)
    parser.add_argument("--features", type=int, default=24)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--predict-rows", type=int, default=819621)
    options = parser.parse_args()
    for compiled in (False, True):
        for tf32 in (False, True):
            print(json.dumps(measure(options, compiled, tf32)), flush=True)
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()


if __name__ == "__main__":
    main()
