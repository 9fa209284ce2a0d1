"""Compares networks that go step by step with the same networks at once.

    tools/bench/streaming.py [--only TEXT] [--clips N] [--seconds N] [--random N]
                             [--models FOLDER] [--target TARGET...] [--json FILE]

The networks are TC-ResNet8, TC-ResNet14, DS-CNN-S and a GRU with made-up weights, in
floats and in bytes (test/tconv/random_streams.py), test/models/tc_resnet8.onnx, and
those of keyword spotting that --models holds. Of each: N clips from reset, and then
a recording of that many seconds, of which all that every node of the network gives
is compared with the network of the whole recording. Nothing may differ in any bit,
unless --tolerance says how far floats may. --random is how many random networks are
compared besides. Inputs are made up, the same each time.

The exit code is 1 if anything differs. Needs build/bin/lacuna.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "test/tconv"))

import make_models  # noqa: E402
import random_streams  # noqa: E402

# `shape` of a clip, time at `axis`; `rate` frames are a second.
Case = collections.namedtuple("Case", "name path shape axis rate")


def made_up(work):
    """The networks of random_streams, written to `work`."""
    for kind, clip in random_streams.KNOWN.items():
        for quantized in False, True:
            net = random_streams.Known(kind, quantized, clip, clip)
            name = kind + ("-int8" if quantized else "")
            path = work / f"{name}.onnx"
            path.write_bytes(net.build(False))
            axis = net.input_shape.index(clip)
            rate = 50 if kind == "ds_cnn_s" else 100
            yield Case(name, path, net.input_shape, axis, rate)


def given(folder):
    """The project's own network, and those of a folder, if it has them."""
    project = PROJECT / "test/models/tc_resnet8.onnx"
    yield Case("tc_resnet8, trained", project, [1, 98, 40], 1, 100)
    if not folder:
        return
    for file, shape, axis, rate in [
        ("tc_resnet14.onnx", [1, 98, 40], 1, 100),
        ("DS_CNN_S.onnx", [1, 1, 49, 10], 2, 50),
        ("kws_dscnn_mlperf.float.onnx", [1, 1, 49, 10], 2, 50),
        ("kws_dscnn_mlperf.qdq.onnx", [1, 1, 49, 10], 2, 50),
        ("streaming_ww.float.onnx", [1, 40, 30, 1], 2, 50),
        ("streaming_ww.qdq.onnx", [1, 40, 30, 1], 2, 50),
        ("bcresnet_sc2.onnx", [1, 1, 40, 32], 3, 100),
    ]:
        if (folder / file).exists():
            yield Case(file[:-5] + ", trained", folder / file, shape, axis, rate)


def run(command):
    begin = time.monotonic()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr, time.monotonic() - begin


def find_input(path):
    """The name of the only input of a model."""
    get = lambda message, wanted: next(
        value for number, value in make_models.parse(message) if number == wanted
    )
    graph = get(path.read_bytes(), 7)
    return get(get(graph, 11), 1).decode()


def write_samples(folder, shape, count):
    values = random.Random(7)
    size = random_streams.product(shape)
    numbers = [values.uniform(-2, 2) for _ in range(count * size)]
    random_streams.write_npy(folder / "clips.npy", [count, *shape], numbers)
    random_streams.write_npy(folder / "labels.npy", [count], [0.0] * count)


def compare_clips(lacuna, case, count, options, work):
    """Of how many clips the outputs differ, or what went wrong."""
    write_samples(work, case.shape, count)
    code, text, _ = run(
        [lacuna, "verify", case.path, "--stream", f"--dataset={work}/clips.npy"]
        + [f"--labels={work}/labels.npy", *options]
    )
    found = re.search(r"(\d+) of \d+ runs differ", text)
    if found and code in (0, 6):
        return f"{count - int(found.group(1))} of {count}", code == 0
    return text.strip().splitlines()[0] if text.strip() else f"exit {code}", False


def compare_recording(lacuna, case, seconds, options):
    shape = list(case.shape)
    shape[case.axis] = seconds * case.rate
    sizes = "x".join(map(str, shape))
    code, text, took = run(
        [lacuna, "verify", case.path, f"--shape={find_input(case.path)}={sizes}"]
        + [f"--stream=axis={case.axis}", "--layers", *options]
    )
    found = re.search(r"(\d+ of \d+) results of nodes are equal", text)
    if found and code in (0, 6):
        return f"{found.group(1)} ({took:.0f} s)", code == 0
    return text.strip().splitlines()[0] if text.strip() else f"exit {code}", False


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="names with TEXT")
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--random", type=int, default=0, metavar="N")
    parser.add_argument("--models", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--target", nargs="*", default=[], help="options of lacuna verify")
    parser.add_argument("--tolerance", default="0")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--lacuna", type=pathlib.Path, default=PROJECT / "build/bin/lacuna")
    parser.add_argument("--work", type=pathlib.Path, default=PROJECT / "build/streaming")
    arguments = parser.parse_args()
    lacuna, work = arguments.lacuna.resolve(), arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    options = [f"--tolerance={arguments.tolerance}", *arguments.target]
    results, wrong = [], 0
    for case in [*made_up(work), *given(arguments.models)]:
        if arguments.only not in case.name:
            continue
        clips, clips_equal = compare_clips(lacuna, case, arguments.clips, options, work)
        layers, layers_equal = compare_recording(lacuna, case, arguments.seconds, options)
        wrong += not clips_equal or not layers_equal
        results.append({"name": case.name, "clips": clips, "layers": layers})
        print(f"{case.name}: clips equal: {clips}; {arguments.seconds} s, results of"
              f" nodes equal: {layers}", flush=True)
    if arguments.random:
        passed, failures = random_streams.compare_many(
            str(lacuna), str(work / "random"), 1000, arguments.random, arguments.target
        )
        results.append({"name": "random", "passed": passed, "failed": failures})
        print("\n".join(failures + [f"random networks: {passed} of {arguments.random} equal"]))
        wrong += len(failures)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
