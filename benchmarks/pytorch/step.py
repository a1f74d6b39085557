#!/usr/bin/env python3
"""The competitor: the same network, rows and training step in PyTorch, on the CPU.

step.py step ...     times full-batch steps of Adam under the mean squared error
step.py predict ...  times a forward over all rows
step.py check FILE   compares the gradient in FILE, which `training_step --gradients` wrote, with
                     PyTorch's own, both against PyTorch's in double precision

Prints one line of JSON. Configured by its options and by the environment that ../run_all.py sets:
PyTorch reads ATEN_CPU_CAPABILITY, OMP_* and the allocator's variables when it starts.

Needs Python 3.10 or later with torch (and safetensors for `check`): pip install torch safetensors
"""
import argparse
import contextlib
import json
import os
import time

import torch


class Sine(torch.nn.Module):
    """sin(30 (W x + b)), Sitzmann et al. 2020."""

    def __init__(self, features_in, features_out):
        super().__init__()
        self.linear = torch.nn.Linear(features_in, features_out)

    def forward(self, x):
        return torch.sin(30.0 * self.linear(x))


class Siren(torch.nn.Module):
    """`layers` sine layers and a linear one; names as inrgene's files have them."""

    def __init__(self, features_in, width, layers):
        super().__init__()
        sines = [Sine(features_in if i == 0 else width, width) for i in range(layers)]
        self.net = torch.nn.Sequential(*sines, torch.nn.Linear(width, 1))
        with torch.no_grad():
            for i, parameters in enumerate(sines):
                bound = 1 / features_in if i == 0 else (6 / width) ** 0.5 / 30
                parameters.linear.weight.uniform_(-bound, bound)

    def forward(self, x):
        return self.net(x)


def peak_mib():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return None


def half(options):
    if options.bf16:
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def problem(options):
    torch.manual_seed(1)
    model = Siren(options.features, options.width, options.layers)
    x = torch.rand(options.rows, options.features) * 2 - 1
    y = 0.5 + 0.5 * torch.sin(x.sum(1, keepdim=True))
    return model, x, y


def chunks(options, x, y):
    """The rows, whole or in micro-batches whose gradients add up."""
    size = options.micro_batch or len(x)
    return [(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]


def training(options):
    model, x, y = problem(options)
    adam = torch.optim.Adam(model.parameters(), lr=1e-4, fused=options.fused or None)
    forward = torch.compile(model) if options.compile else model
    batch = chunks(options, x, y)

    def step():
        adam.zero_grad()
        for some_x, some_y in batch:
            with half(options):
                out = forward(some_x)
            loss = torch.nn.functional.mse_loss(out.float(), some_y, reduction="sum") / len(x)
            loss.backward()
        adam.step()

    return step


def prediction(options):
    model, x, y = problem(options)
    forward = torch.compile(model) if options.compile else model
    batch = chunks(options, x, y)

    def step():
        with torch.inference_mode(), half(options):
            return torch.cat([forward(some_x) for some_x, _ in batch])

    return step


def measure(options):
    before = peak_mib()
    step = training(options) if options.what == "step" else prediction(options)
    seconds = []
    for i in range(options.warm_up + options.steps):
        began = time.perf_counter()
        step()
        if i >= options.warm_up:
            seconds.append(time.perf_counter() - began)
    return {"seconds_all": seconds, "peak_mib": peak_mib(), "before_mib": before}


def check(options):
    from safetensors.torch import load_file

    held = load_file(options.file)
    x, y = held.pop("x"), held.pop("y")
    theirs = {name[9:]: held.pop(name) for name in list(held) if name.startswith("gradient.")}
    width, features = held["net.0.linear.weight"].shape
    layers = sum(name.endswith(".linear.weight") for name in held)

    def gradient(dtype, bf16):
        model = Siren(features, width, layers).to(dtype)
        model.load_state_dict(held)
        with half(argparse.Namespace(bf16=bf16)):
            out = model(x.to(dtype))
        loss = torch.nn.functional.mse_loss(out.to(dtype), y.to(dtype))
        loss.backward()
        return {name: p.grad.double() for name, p in model.named_parameters()}

    exact = gradient(torch.float64, False)

    def worst(found):
        """Largest over tensors of |found - exact| / |exact|, Euclidean norms."""
        if set(found) != set(exact):
            raise SystemExit(f"step.py: {options.file} holds other tensors than the network has")
        return max(
            ((found[n].double() - exact[n]).norm() / exact[n].norm()).item() for n in exact
        )

    return {
        "rows": len(x),
        "layers": layers,
        "width": width,
        "ours": worst(theirs),
        "pytorch": worst(gradient(torch.float32, False)),
        "pytorch_bf16": worst(gradient(torch.float32, True)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("step", "predict", "check", "version"))
    parser.add_argument("file", nargs="?")
    parser.add_argument("--rows", type=int, default=94600)
    parser.add_argument("--features", type=int, default=24)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--threads", type=int, default=0, help="0: as PyTorch chooses")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=1)
    parser.add_argument("--micro-batch", type=int, default=0, help="rows; 0: all at once")
    parser.add_argument("--bf16", action="store_true", help="autocast")
    parser.add_argument("--fused", action="store_true", help="the fused Adam")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.what == "version":
        result = {
            "torch": torch.__version__,
            "capability": torch.backends.cpu.get_cpu_capability(),
            "config": torch.__config__.show(),
        }
    elif options.what == "check":
        result = check(options)
    else:
        result = measure(options)
    print(json.dumps(result), flush=True)
    # torch.compile's helpers are of no more use.
    os._exit(0)


if __name__ == "__main__":
    main()
