"""Compares Lacuna's results with ONNX Runtime's, model by model.

    pip install onnxruntime numpy
    python tools/bench/against_onnxruntime.py [--target T] MODEL.onnx...

Inputs are random and seeded: floats from the range that --low and --high give, integers from
their whole type. A line a model: the largest difference relative to the range of
the output, and for integers the number of elements that differ. Exits 1 if a
float differs by more than 1e-4 or an integer at all.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

LACUNA = pathlib.Path(__file__).resolve().parents[2] / "build/bin/lacuna"
TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}


def make_input(info, rng, low, high):
    shape = [size if isinstance(size, int) else 1 for size in info.shape]
    dtype = TYPES[info.type]
    if np.issubdtype(dtype, np.floating):
        return rng.uniform(low, high, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def compare(model, target, low, high):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    )
    session = onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"]
    )
    rng = np.random.default_rng(1)
    feeds = {i.name: make_input(i, rng, low, high) for i in session.get_inputs()}
    expected = session.run(None, feeds)
    with tempfile.TemporaryDirectory() as folder:
        command = [LACUNA, "run", model, f"--target={target}", "--output-dir", folder]
        for index, (info, value) in enumerate(zip(session.get_inputs(), feeds.values())):
            path = pathlib.Path(folder) / f"in{index}.npy"
            np.save(path, value)
            command += ["--input", f"{info.name}={path}"]
            if any(not isinstance(size, int) for size in info.shape):
                command += ["--shape", f"{info.name}={'x'.join(map(str, value.shape))}"]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            return f"exit {run.returncode}: {run.stderr.splitlines()[0]}", False
        worst, differing = 0.0, 0
        for info, wanted in zip(session.get_outputs(), expected):
            name = "".join(c if c.isalnum() or c in "_-." else "_" for c in info.name)
            actual = np.load(pathlib.Path(folder) / f"{name}.npy")
            if actual.shape != wanted.shape:
                return f"{info.name} has shape {actual.shape}, not {wanted.shape}", False
            if np.issubdtype(wanted.dtype, np.floating):
                span = max(float(np.ptp(wanted)), 1e-6)
                worst = max(worst, float(np.abs(actual - wanted).max()) / span)
            else:
                differing += int((actual != wanted).sum())
    return f"float {worst:.2e}, integers {differing}", worst <= 1e-4 and not differing


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--target", default="reference")
    parser.add_argument("--low", type=float, default=-1)
    parser.add_argument("--high", type=float, default=1)
    arguments = parser.parse_args()
    failures = 0
    for model in arguments.models:
        text, ok = compare(model, arguments.target, arguments.low, arguments.high)
        failures += not ok
        print(f"{'ok  ' if ok else 'BAD '} {pathlib.Path(model).name}: {text}", flush=True)
    return 1 if failures else 0


sys.exit(main())
