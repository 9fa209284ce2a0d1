"""Rebuilds the table of the TC-ResNet paper: what keyword networks cost.

    tools/bench/keyword_networks.py [--only TEXT] [--no-run] [--json FILE]

The networks are those of Choi et al., "Temporal Convolution for Real-time Keyword
Spotting on Mobile Devices" (Interspeech 2019), of whole seconds and 12 classes, with
weights made up: TC-ResNet8 and 14, also 1.5 times as wide, and what the paper
compares them with. For each: multiply-accumulates and parameters (`lacuna inspect`)
beside the paper's, where it gives half as many floating-point operations; executed
AArch64 instructions of the compiled network for a Cortex-A76 (instructions.py says
how they are counted); and cycles on the accelerator lacuna-256 (`lacuna simulate`),
beside the milliseconds that TFLite 1.13 took on a Pixel 1. Below it the two ratios
that the paper is known for.

The exit code is 1 if the figures of a TC-ResNet are more than 2 % off the paper's.

--models writes the networks to a folder and does nothing else; --no-run leaves out
instructions and cycles. Needs build/bin/lacuna and, for instructions, what
instructions.py needs. Networks of Convolutions that keep the size are padded as
TensorFlow's SAME: one more at the end if they must.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import shutil
import sys

import instructions
import make_models

onnx = make_models.onnx
FLOAT = make_models.FLOAT
CLASSES = 12

Paper = collections.namedtuple("Paper", "milliseconds flops parameters")


class Net:
    """A network in the making: the last value and its shape."""

    def __init__(self, shape):
        self.rng = random.Random(1)
        self.nodes, self.constants = [], []
        self.input_shape, self.shape, self.value = shape, list(shape), "x"

    def constant(self, shape, values):
        name = f"w{len(self.constants)}"
        self.constants.append(onnx.tensor(name, shape, values))
        return name

    def weights(self, shape, inputs):
        """Values that keep the size of sums of so many products."""
        count = 1
        for size in shape:
            count *= size
        deviation = (2 / inputs) ** 0.5
        return self.constant(shape, [self.rng.gauss(0, deviation) for _ in range(count)])

    def add(self, op, inputs, shape, **attributes):
        self.value, self.shape = f"v{len(self.nodes)}", list(shape)
        self.nodes.append(onnx.node(op, inputs, [self.value], **attributes))
        return self

    def relu(self):
        return self.add("Relu", [self.value], self.shape)

    def conv(self, outputs, kernel, stride=None, dilation=None, groups=1, same=True,
             bias=True):
        rank = len(kernel)
        stride, dilation = stride or [1] * rank, dilation or [1] * rank
        channels, sizes, begin, end = self.shape[1], [], [], []
        for size, k, s, d in zip(self.shape[2:], kernel, stride, dilation):
            reach = d * (k - 1) + 1
            sizes.append(-(-size // s) if same else (size - reach) // s + 1)
            total = max(0, (sizes[-1] - 1) * s + reach - size) if same else 0
            begin.append(total // 2)
            end.append(total - total // 2)
        inputs = channels // groups
        for k in kernel:
            inputs *= k
        names = [self.value, self.weights([outputs, channels // groups, *kernel], inputs)]
        if bias:
            names.append(self.constant([outputs], [self.rng.gauss(0, 0.1) for _ in range(outputs)]))
        return self.add("Conv", names, [1, outputs, *sizes], group=groups,
                        strides=stride, dilations=dilation, pads=begin + end)

    def pool(self, op, kernel, stride):
        sizes = [(n - k) // s + 1 for n, k, s in zip(self.shape[2:], kernel, stride)]
        return self.add(op, [self.value], self.shape[:2] + sizes, kernel_shape=kernel,
                        strides=stride)

    def normalize(self):
        """A batch normalization that stands behind a ReLU, so that it stays."""
        size = self.shape[1]
        values = [[1.0] * size, [0.0] * size]
        values.append([abs(self.rng.gauss(0, 0.5)) for _ in range(size)])
        values.append([0.5 + self.rng.random() for _ in range(size)])
        names = [self.constant([size], one) for one in values]
        return self.add("BatchNormalization", [self.value, *names], self.shape)

    def average(self):
        """Over all that is not a channel."""
        self.add("GlobalAveragePool", [self.value], self.shape[:2] + [1] * (len(self.shape) - 2))
        return self.flatten()

    def flatten(self):
        size = 1
        for one in self.shape[1:]:
            size *= one
        return self.add("Flatten", [self.value], [1, size])

    def dense(self, outputs, bias=False):
        inputs = self.shape[1]
        names = [self.value, self.weights([inputs, outputs], inputs)]
        if bias:
            names.append(self.constant([outputs], [0.0] * outputs))
        return self.add("Gemm", names, [1, outputs])

    def write(self):
        return onnx.model(
            self.nodes,
            [onnx.value_info("x", self.input_shape)],
            [onnx.value_info(self.value, self.shape)],
            self.constants,
        )


def tc_resnet(widths):
    """98 frames of 40 coefficients, which are the channels of convolutions along
    time. A width of its own halves the frames."""
    net = Net([1, 98, 40])
    net.add("Transpose", ["x"], [1, 40, 98], perm=[0, 2, 1])
    net.conv(widths[0], [3]).relu()
    for width in widths[1:]:
        start, shape = net.value, net.shape
        stride = [1 if width == shape[1] else 2]
        net.conv(width, [9], stride).relu().conv(width, [9])
        main = net.value
        if stride != [1]:
            net.value, net.shape = start, shape
            start = net.conv(width, [1], stride).relu().value
        net.add("Add", [main, start], net.shape).relu()
    return net.average().dense(CLASSES)


def tc_resnet8(factor=1):
    return tc_resnet([int(width * factor) for width in (16, 24, 32, 48)])


def tc_resnet14(factor=1):
    return tc_resnet([int(width * factor) for width in (16, 24, 24, 32, 32, 48, 48)])


def ds_cnn(width, blocks, first_stride, second_stride):
    """49 frames of 10 coefficients: a convolution, then depthwise ones."""
    net = Net([1, 1, 49, 10])
    net.conv(width, [10, 4], first_stride).relu()
    for block in range(blocks):
        stride = [1, 1] if block else second_stride
        net.conv(width, [3, 3], stride, groups=width).relu()
        net.conv(width, [1, 1]).relu()
    return net.average().dense(CLASSES, bias=True)


def cnn_1():
    """cnn-trad-fpool3 of Sainath and Parada, 49 frames of 40."""
    net = Net([1, 1, 49, 40])
    net.conv(64, [20, 8], same=False, bias=False).relu()
    net.pool("MaxPool", [1, 3], [1, 3])
    net.conv(64, [10, 4], same=False, bias=False).relu()
    return net.flatten().dense(32).dense(128).dense(CLASSES)


def cnn_2():
    """cnn-one-fstride4, whose one convolution sees all frames."""
    net = Net([1, 1, 49, 40])
    net.conv(186, [49, 8], [1, 4], same=False, bias=False).relu()
    return net.flatten().dense(32).dense(128).dense(128).dense(CLASSES)


def res(width, layers, pool=None, dilated=False):
    """The residual networks of Tang and Lin, 98 frames of 40."""
    net = Net([1, 1, 98, 40])
    net.conv(width, [3, 3], bias=False).relu()
    if pool:
        net.pool("AveragePool", pool, [1, 1])

    def layer(index):
        rate = 2 ** (index // 3) if dilated else 1
        net.conv(width, [3, 3], dilation=[rate, rate], bias=False).relu()

    for index in range(0, layers - 1, 2):
        start = net.value
        layer(index)
        net.normalize()
        layer(index + 1)
        net.add("Add", [net.value, start], net.shape).normalize()
    if layers % 2:
        layer(layers - 1)
        net.normalize()
    return net.average().dense(CLASSES)


def temporal_layer():
    return Net([1, 40, 98]).conv(12, [3], bias=False)


def plane_layer():
    """As many weights as the temporal layer, over frequency and time."""
    return Net([1, 1, 98, 40]).conv(160, [3, 3], bias=False)


NETWORKS = {
    "TC-ResNet8": (tc_resnet8, Paper(1.1, 3.0e6, 66e3)),
    "TC-ResNet8-1.5": (lambda: tc_resnet8(1.5), Paper(2.8, 6.6e6, 145e3)),
    "TC-ResNet14": (tc_resnet14, Paper(2.5, 6.1e6, 137e3)),
    "TC-ResNet14-1.5": (lambda: tc_resnet14(1.5), Paper(5.7, 13.4e6, 305e3)),
    "CNN-1": (cnn_1, Paper(32, None, None)),
    "CNN-2": (cnn_2, Paper(1.2, None, None)),
    "DS-CNN-S": (lambda: ds_cnn(64, 4, [2, 2], [1, 1]), Paper(1.6, None, None)),
    "DS-CNN-M": (lambda: ds_cnn(172, 4, [2, 1], [2, 2]), Paper(5.2, None, None)),
    "DS-CNN-L": (lambda: ds_cnn(276, 5, [2, 1], [2, 2]), Paper(16.8, None, None)),
    "Res8-Narrow": (lambda: res(19, 6, [4, 3]), Paper(47, None, None)),
    "Res8": (lambda: res(45, 6, [4, 3]), Paper(174, None, None)),
    "Res15-Narrow": (lambda: res(19, 13, dilated=True), Paper(107, None, None)),
    "Res15": (lambda: res(45, 13, dilated=True), Paper(424, None, None)),
    "temporal layer": (temporal_layer, Paper(None, None, None)),
    "2-D layer": (plane_layer, Paper(None, None, None)),
}


def write_models(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name in names:
        stem = re.sub(r"\W", "_", name.lower())
        paths[name] = folder / f"{stem}.onnx"
        paths[name].write_bytes(NETWORKS[name][0]().write())
    return paths


def simulate(lacuna, model, work):
    """Cycles, or a Failure."""
    folder = work / "simulated"
    shutil.rmtree(folder, ignore_errors=True)
    command = [lacuna, "simulate", model, "--machine=lacuna-256", f"--report={folder}"]
    instructions.run(command)
    return json.loads((folder / "report.json").read_text())["total_cycles"]


def measure(name, model, arguments, emulator, work):
    lacuna = arguments.lacuna.resolve()
    total = instructions.inspect(lacuna, model)["total"]
    result = {"name": name, "macs": total["macs"], "parameters": total["parameters"]}
    result["paper"] = NETWORKS[name][1]._asdict()
    if not emulator:
        return result
    try:
        core = instructions.CORES["cortex-a76"]
        bundle = instructions.Bundle(lacuna, model, core, work / "bundles" / model.stem)
        counters = emulator.per_inference(
            core, bundle.program, bundle.arguments, result["macs"]
        )
        result["instructions"] = round(counters["total_insns"])
    except instructions.Failure as failure:
        result["instructions_failure"] = str(failure)
    try:
        result["cycles"] = simulate(lacuna, model, work)
    except instructions.Failure as failure:
        result["cycles_failure"] = str(failure)
    return result


def off(value, published):
    """How far a figure is from the paper's, in per cent."""
    return 100 * (value / published - 1) if published else None


def table(results):
    head = "network,MACs,paper,parameters,paper,instructions,a MAC,cycles,ms on Pixel 1"
    rows = [head.split(",")]
    for result in results:
        paper = result["paper"]
        macs = off(result["macs"], paper["flops"] and paper["flops"] / 2)
        parameters = off(result["parameters"], paper["parameters"])
        count, cycles = result.get("instructions"), result.get("cycles")
        rows.append([
            result["name"],
            f"{result['macs']:,}",
            "" if macs is None else f"{macs:+.1f} %",
            f"{result['parameters']:,}",
            "" if parameters is None else f"{parameters:+.1f} %",
            f"{count:,}" if count else "-",
            f"{count / result['macs']:.2f}" if count else "-",
            f"{cycles:,}" if cycles else "-",
            f"{paper['milliseconds']:g}" if paper["milliseconds"] else "",
        ])
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows.insert(1, ["-" * width for width in widths])
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]


def ratios(results, greater, smaller, published):
    """Lines: how many times one network costs what another does."""
    found = {result["name"]: result for result in results}
    if greater not in found or smaller not in found:
        return []
    parts = []
    for key, what in [("macs", "MACs"), ("instructions", "instructions"), ("cycles", "cycles")]:
        both = found[greater].get(key), found[smaller].get(key)
        if all(both):
            parts.append(f"{both[0] / both[1]:.1f} times the {what}")
    return [f"{greater} / {smaller}: {', '.join(parts)}; {published}"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="networks with TEXT in their name")
    parser.add_argument("--no-run", action="store_true", help="no instructions, no cycles")
    parser.add_argument("--models", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, default=instructions.WORK)
    parser.add_argument("--lacuna", type=pathlib.Path, default=instructions.LACUNA)
    arguments = parser.parse_args()
    names = [name for name in NETWORKS if arguments.only in name]
    if arguments.models:
        write_models(arguments.models, names)
        return 0
    work = arguments.work.resolve() / "keywords"
    models = write_models(work / "models", names)
    emulator = None if arguments.no_run else instructions.Emulator(work)
    results = []
    for name in names:
        results.append(measure(name, models[name], arguments, emulator, work))
        print(table(results)[-1], file=sys.stderr, flush=True)
    print("\n".join(table(results)))
    print()
    print("\n".join(
        ratios(results, "Res15", "TC-ResNet8", "385 times the time on a Pixel 1 in the paper")
        + ratios(results, "2-D layer", "temporal layer", "40 times the MACs in the paper")
    ))
    for result in results:
        for key in "instructions", "cycles":
            if key + "_failure" in result:
                print(f"{result['name']}: no {key}: {result[key + '_failure']}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")
    wrong = [
        result["name"]
        for result in results
        if result["paper"]["parameters"]
        and max(
            abs(off(result["macs"], result["paper"]["flops"] / 2)),
            abs(off(result["parameters"], result["paper"]["parameters"])),
        ) > 2
    ]
    if wrong:
        print(f"More than 2 % off the paper: {', '.join(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except instructions.Failure as failure:
        sys.exit(str(failure))
