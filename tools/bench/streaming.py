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
import functools
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

# `write` writes the network of so many frames to a file, and gives the shape of its
# input and where time is. A clip has `clip` frames, a second `rate`.
Case = collections.namedtuple("Case", "name write clip rate")


def made_up():
    """The networks of random_streams."""

    def write(kind, quantized, path, frames):
        net = random_streams.Known(kind, quantized, frames, frames)
        path.write_bytes(net.build(False))
        return net.input_shape, net.input_shape.index(frames)

    for kind, clip in random_streams.KNOWN.items():
        for quantized in False, True:
            name = kind + ("-int8" if quantized else "")
            rate = 50 if kind == "ds_cnn_s" else 100
            yield Case(name, functools.partial(write, kind, quantized), clip, rate)


def replace(message, number, change):
    """A protobuf message with the first field of that number changed."""
    fields = make_models.parse(message)
    at = [each for each, _ in fields].index(number)
    fields[at] = number, change(fields[at][1])
    return make_models.serialize(fields)


def cut_off(graph):
    """A graph without what comes from the first Reshape or Flatten on: exporters write
    the number of frames of a clip into them."""
    fields, nodes = make_models.parse(graph), []
    get = lambda message, wanted: [
        value for number, value in make_models.parse(message) if number == wanted
    ]
    for node in (value for number, value in fields if number == 1):
        if get(node, 4)[0] in (b"Reshape", b"Flatten"):
            tensor = make_models.serialize([(1, make_models.FLOAT)])
            output = [(1, get(node, 1)[0]), (2, make_models.serialize([(1, tensor)]))]
            rest = [each for each in fields if each[0] not in (1, 12, 13)]
            nodes.append((12, make_models.serialize(output)))
            return make_models.serialize(nodes + rest)
        nodes.append((1, node))
    return graph


def write_longer(source, shape, axis, path, frames):
    """The network of a file for clips of so many frames."""

    def set_frames(message):
        fields = make_models.parse(message)
        fields[axis] = 1, make_models.serialize([(1, frames)])
        return make_models.serialize(fields)

    data = source.read_bytes()
    if frames == shape[axis]:
        path.write_bytes(data)
        return shape, axis
    data = replace(data, 7, cut_off)
    # The graph, its input, the type, the tensor's, the shape.
    change = set_frames
    for number in 2, 1, 2, 11, 7:
        change = functools.partial(lambda inner, at, text: replace(text, at, inner),
                                   change, number)
    path.write_bytes(change(data))
    return [frames if dim == axis else size for dim, size in enumerate(shape)], axis


def trained(folder):
    """The project's own network, and those of a folder, if it has them."""
    files = [(PROJECT / "test/models/tc_resnet8.onnx", [1, 98, 40], 1, 100)]
    if folder:
        files += [
            (folder / "tc_resnet14.onnx", [1, 98, 40], 1, 100),
            (folder / "DS_CNN_S.onnx", [1, 1, 49, 10], 2, 50),
            (folder / "kws_dscnn_mlperf.float.onnx", [1, 1, 49, 10], 2, 50),
            (folder / "kws_dscnn_mlperf.qdq.onnx", [1, 1, 49, 10], 2, 50),
            (folder / "streaming_ww.float.onnx", [1, 40, 30, 1], 2, 50),
            (folder / "streaming_ww.qdq.onnx", [1, 40, 30, 1], 2, 50),
            (folder / "bcresnet_sc2.onnx", [1, 1, 40, 32], 3, 100),
        ]
    for path, shape, axis, rate in files:
        if path.exists():
            write = functools.partial(write_longer, path, shape, axis)
            yield Case(path.stem + ", trained", write, shape[axis], rate)


def run(command):
    begin = time.monotonic()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr, time.monotonic() - begin


def write_samples(folder, shape, count):
    values = random.Random(7)
    size = random_streams.product(shape)
    numbers = [values.uniform(-2, 2) for _ in range(count * size)]
    random_streams.write_npy(folder / "clips.npy", [count, *shape], numbers)
    random_streams.write_npy(folder / "labels.npy", [count], [0] * count, "i8", "q")


def summarize(found, equal, text, code):
    if found and code in (0, 6):
        return equal, code == 0
    lines = text.strip().splitlines()
    return lines[0] if lines else f"exit {code}", False


def compare_clips(lacuna, case, count, options, work):
    """Of how many clips the outputs are equal, or what went wrong."""
    model = work / "clip.onnx"
    shape, axis = case.write(model, case.clip)
    write_samples(work, shape, count)
    code, text, _ = run(
        [lacuna, "verify", model, f"--stream=axis={axis}", f"--dataset={work}/clips.npy"]
        + [f"--labels={work}/labels.npy", *options]
    )
    found = re.search(r"(\d+) of (\d+) runs differ", text)
    equal = found and f"{int(found.group(2)) - int(found.group(1))} of {found.group(2)}"
    return summarize(found, equal, text, code)


def compare_recording(lacuna, case, frames, options, work):
    """How many results of nodes are equal in all their frames."""
    model = work / "recording.onnx"
    _, axis = case.write(model, frames)
    command = [lacuna, "verify", model, f"--stream=axis={axis}", "--layers", *options]
    code, text, took = run(command)
    found = re.search(r"(\d+ of \d+) results of nodes are equal", text)
    return summarize(found, found and f"{found.group(1)} ({took:.0f} s)", text, code)


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
    for case in [*made_up(), *trained(arguments.models)]:
        if arguments.only not in case.name:
            continue
        clips, clips_equal = compare_clips(lacuna, case, arguments.clips, options, work)
        frames = arguments.seconds * case.rate
        layers, layers_equal = compare_recording(lacuna, case, frames, options, work)
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
