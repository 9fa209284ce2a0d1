"""Rebuilds the table of the TC-ResNet paper: what keyword networks cost.

    tools/bench/keyword_networks.py [--only TEXT] [--no-run] [--json FILE]

The networks are those of Choi et al., "Temporal Convolution for Real-time Keyword
Spotting on Mobile Devices" (Interspeech 2019), of a second and 12 classes, with
weights made up: TC-ResNet8 and 14, also 1.5 times as wide, and what the paper
compares them with. For each: multiply-accumulates and parameters (`lacuna inspect`)
beside the paper's, which counts a multiply-accumulate as two operations; AArch64
instructions that the network executes, in floats and quantized, compiled for a
Cortex-A76 (instructions.py says how they are counted); and cycles of the quantized one
on the accelerator lacuna-256 (`lacuna simulate`); beside the milliseconds that TFLite
1.13 took on a Pixel 1. Below it the two ratios that the paper is known for.

The exit code is 1 if the figures of a TC-ResNet are more than 2 % off the paper's.

--models writes the networks to a folder and does nothing else; --no-run leaves out
instructions and cycles. Needs build/bin/lacuna and, for instructions, what
instructions.py needs. Convolutions that keep the size are padded as TensorFlow's
SAME: one more at the end if they must.
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
    """A network in the making: the last value and its shape. Quantized, the values
    that layers pass on and the weights are int8, their ranges made up."""

    def __init__(self, shape, quantized):
        self.rng = random.Random(1)
        self.graph, self.quantized = make_models.Quantizer(), quantized
        self.input_shape, self.shape, self.value = shape, list(shape), "x"
        self.scale = None
        self.store()

    def store(self):
        """The last value is complete, and passed on."""
        if self.quantized:
            name = self.value
            parameters = self.graph.parameters(name, -4.0, 4.0)
            integers = self.graph.quantize(name, parameters)
            self.value = self.graph.dequantize(integers, parameters, name + "_float")
            self.scale = self.graph.scales[name]
        return self

    def add(self, op, inputs, shape, **attributes):
        self.value, self.shape = f"v{len(self.graph.nodes)}", list(shape)
        rest = [(5, onnx.attribute(*one)) for one in sorted(attributes.items())]
        self.graph.nodes.append(make_models.Node(op, inputs, [self.value], rest))
        return self

    def numbers(self, deviation, count):
        return [self.rng.gauss(0, deviation) for _ in range(count)]

    def weights(self, shape, bias):
        """Names of weights that keep the size of the sums, and of a bias."""
        inputs = 1
        for size in shape[1:]:
            inputs *= size
        name = f"w{len(self.graph.constants)}"
        values = self.numbers((2 / inputs) ** 0.5, inputs * shape[0])
        shifts = self.numbers(0.1, shape[0])
        if not self.quantized:
            names = [self.graph.constant(name, shape, FLOAT, values)]
            if bias:
                names.append(self.graph.constant(name + "_bias", [shape[0]], FLOAT, shifts))
            return names
        weights, scales = self.graph.weights(name, shape, values)
        names = [weights]
        if bias:
            names.append(self.graph.bias(name + "_bias", shifts, self.scale, scales))
        return names

    def conv(self, outputs, kernel, stride=None, dilation=None, groups=1, same=True,
             bias=True, relu=True):
        rank = len(kernel)
        stride, dilation = stride or [1] * rank, dilation or [1] * rank
        channels, sizes, begin, end = self.shape[1], [], [], []
        for size, k, s, d in zip(self.shape[2:], kernel, stride, dilation):
            reach = d * (k - 1) + 1
            sizes.append(-(-size // s) if same else (size - reach) // s + 1)
            total = max(0, (sizes[-1] - 1) * s + reach - size) if same else 0
            begin.append(total // 2)
            end.append(total - total // 2)
        names = self.weights([outputs, channels // groups, *kernel], bias)
        self.add("Conv", [self.value, *names], [1, outputs, *sizes], group=groups,
                 strides=stride, dilations=dilation, pads=begin + end)
        if relu:
            self.add("Relu", [self.value], self.shape)
        return self.store()

    def pool(self, op, kernel, stride):
        sizes = [(n - k) // s + 1 for n, k, s in zip(self.shape[2:], kernel, stride)]
        shape = self.shape[:2] + sizes
        self.add(op, [self.value], shape, kernel_shape=kernel, strides=stride)
        return self.store()

    def plus(self, other):
        return self.add("Add", [self.value, other], self.shape)

    def average(self):
        """Over all that is not a channel."""
        shape = self.shape[:2] + [1] * (len(self.shape) - 2)
        return self.add("GlobalAveragePool", [self.value], shape).store().flatten()

    def flatten(self):
        size = 1
        for one in self.shape[1:]:
            size *= one
        return self.add("Flatten", [self.value], [1, size])

    def dense(self, outputs, bias=False):
        names = self.weights([outputs, self.shape[1]], bias)
        self.add("Gemm", [self.value, *names], [1, outputs], transB=1)
        return self.store()

    def write(self):
        return onnx.model(
            [node.write() for node in self.graph.nodes],
            [onnx.value_info("x", self.input_shape)],
            [onnx.value_info(self.value, self.shape)],
            self.graph.constants,
        )


def tc_resnet(widths, quantized):
    """98 frames of 40 coefficients, which are the channels of convolutions along
    time. A new width halves the frames."""
    net = Net([1, 98, 40], quantized)
    net.add("Transpose", [net.value], [1, 40, 98], perm=[0, 2, 1])
    net.conv(widths[0], [3])
    for width in widths[1:]:
        start, shape = net.value, net.shape
        stride = [1 if width == shape[1] else 2]
        if stride != [1]:
            side = net.conv(width, [1], stride).value
            net.value, net.shape = start, shape
        else:
            side = start
        net.conv(width, [9], stride).conv(width, [9], relu=False)
        net.plus(side).add("Relu", [net.value], net.shape).store()
    return net.average().dense(CLASSES)


def tc_resnet8(quantized, factor=1):
    return tc_resnet([int(width * factor) for width in (16, 24, 32, 48)], quantized)


def tc_resnet14(quantized, factor=1):
    widths = (16, 24, 24, 32, 32, 48, 48)
    return tc_resnet([int(width * factor) for width in widths], quantized)


def ds_cnn(quantized, width, blocks, first_stride, second_stride):
    """49 frames of 10 coefficients: a convolution, then depthwise ones."""
    net = Net([1, 1, 49, 10], quantized)
    net.conv(width, [10, 4], first_stride)
    for block in range(blocks):
        stride = [1, 1] if block else second_stride
        net.conv(width, [3, 3], stride, groups=width).conv(width, [1, 1])
    return net.average().dense(CLASSES, bias=True)


def cnn_1(quantized):
    """cnn-trad-fpool3 of Sainath and Parada, 49 frames of 40."""
    net = Net([1, 1, 49, 40], quantized)
    net.conv(64, [20, 8], same=False, bias=False)
    net.pool("MaxPool", [1, 3], [1, 3])
    net.conv(64, [10, 4], same=False, bias=False)
    return net.flatten().dense(32).dense(128).dense(CLASSES)


def cnn_2(quantized):
    """cnn-one-fstride4, whose one convolution sees all frames."""
    net = Net([1, 1, 49, 40], quantized)
    net.conv(186, [49, 8], [1, 4], same=False, bias=False)
    return net.flatten().dense(32).dense(128).dense(128).dense(CLASSES)


def res(quantized, width, layers, pool=None, dilated=False):
    """The residual networks of Tang and Lin, 98 frames of 40. Their batch
    normalizations stand behind ReLUs and have no weights; they are left out, being
    one product for each 400 of Res15."""
    net = Net([1, 1, 98, 40], quantized)
    net.conv(width, [3, 3], bias=False)
    if pool:
        net.pool("AveragePool", pool, [1, 1])

    def layer(index):
        rate = 2 ** (index // 3) if dilated else 1
        dilation = [rate, rate]
        net.conv(width, [3, 3], dilation=dilation, bias=False)

    for index in range(0, layers - 1, 2):
        start = net.value
        layer(index)
        layer(index + 1)
        net.plus(start).store()
    if layers % 2:
        layer(layers - 1)
    return net.average().dense(CLASSES)


def temporal_layer(quantized):
    return Net([1, 40, 98], quantized).conv(12, [3], bias=False, relu=False)


def plane_layer(quantized):
    """As many weights as the temporal layer, over frequency and time."""
    return Net([1, 1, 98, 40], quantized).conv(160, [3, 3], bias=False, relu=False)


NETWORKS = {
    "TC-ResNet8": (tc_resnet8, Paper(1.1, 3.0e6, 66e3)),
    "TC-ResNet8-1.5": (lambda q: tc_resnet8(q, 1.5), Paper(2.8, 6.6e6, 145e3)),
    "TC-ResNet14": (tc_resnet14, Paper(2.5, 6.1e6, 137e3)),
    "TC-ResNet14-1.5": (lambda q: tc_resnet14(q, 1.5), Paper(5.7, 13.4e6, 305e3)),
    "CNN-1": (cnn_1, Paper(32, None, None)),
    "CNN-2": (cnn_2, Paper(1.2, None, None)),
    "DS-CNN-S": (lambda q: ds_cnn(q, 64, 4, [2, 2], [1, 1]), Paper(1.6, None, None)),
    "DS-CNN-M": (lambda q: ds_cnn(q, 172, 4, [2, 1], [2, 2]), Paper(5.2, None, None)),
    "DS-CNN-L": (lambda q: ds_cnn(q, 276, 5, [2, 1], [2, 2]), Paper(16.8, None, None)),
    "Res8-Narrow": (lambda q: res(q, 19, 6, [4, 3]), Paper(47, None, None)),
    "Res8": (lambda q: res(q, 45, 6, [4, 3]), Paper(174, None, None)),
    "Res15-Narrow": (lambda q: res(q, 19, 13, dilated=True), Paper(107, None, None)),
    "Res15": (lambda q: res(q, 45, 13, dilated=True), Paper(424, None, None)),
    "temporal layer": (temporal_layer, Paper(None, None, None)),
    "2-D layer": (plane_layer, Paper(None, None, None)),
}


def write_models(folder, names):
    """Files of the network of each name in floats, and quantized."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name in names:
        stem = re.sub(r"\W", "_", name.lower())
        paths[name] = folder / f"{stem}.onnx", folder / f"{stem}_int8.onnx"
        for path, quantized in zip(paths[name], (False, True)):
            path.write_bytes(NETWORKS[name][0](quantized).write())
    return paths


def simulate(lacuna, model, work):
    """Cycles, or a Failure."""
    folder = work / "simulated"
    shutil.rmtree(folder, ignore_errors=True)
    command = [lacuna, "simulate", model, "--machine=lacuna-256", f"--report={folder}"]
    instructions.run(command)
    return json.loads((folder / "report.json").read_text())["total_cycles"]


def count_instructions(lacuna, model, macs, emulator, work):
    core = instructions.CORES["cortex-a76"]
    case = instructions.Case(model.stem, model, core.name)
    bundle = instructions.Bundle(lacuna, case, core, work / "bundles" / model.stem)
    program = core, bundle.program, bundle.arguments, macs
    return round(emulator.per_inference(*program)["total_insns"])


def measure(name, models, arguments, emulator, work):
    lacuna = arguments.lacuna.resolve()
    floats, int8 = models
    total = instructions.inspect(lacuna, floats)["total"]
    macs = total["macs"]
    result = {"name": name, "macs": macs, "parameters": total["parameters"]}
    result["paper"] = NETWORKS[name][1]._asdict()
    count = lambda model: count_instructions(lacuna, model, macs, emulator, work)
    figures = {
        "instructions": lambda: count(floats),
        "int8_instructions": lambda: count(int8),
        "cycles": lambda: simulate(lacuna, int8, work),
    }
    for key, get in figures.items() if emulator else []:
        try:
            result[key] = get()
        except instructions.Failure as failure:
            result[key + "_failure"] = str(failure)
    return result


def off(value, published):
    """How far a figure is from the paper's, in per cent."""
    return 100 * (value / published - 1) if published else None


def table(results):
    head = "network,MACs,paper,parameters,paper,fp32 insns,a MAC,int8 insns,a MAC,cycles"
    rows = [head.split(",") + ["ms on Pixel 1"]]
    for result in results:
        paper = result["paper"]
        macs = off(result["macs"], paper["flops"] and paper["flops"] / 2)
        parameters = off(result["parameters"], paper["parameters"])
        counts = []
        for key in "instructions", "int8_instructions":
            count = result.get(key)
            counts.append(f"{count:,}" if count else "-")
            counts.append(f"{count / result['macs']:.2f}" if count else "")
        cycles = result.get("cycles")
        rows.append([
            result["name"],
            f"{result['macs']:,}",
            "" if macs is None else f"{macs:+.1f} %",
            f"{result['parameters']:,}",
            "" if parameters is None else f"{parameters:+.1f} %",
            *counts,
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
    whats = {"macs": "MACs", "instructions": "fp32 instructions"}
    whats |= {"int8_instructions": "int8 instructions", "cycles": "cycles"}
    for key, what in whats.items():
        both = found[greater].get(key), found[smaller].get(key)
        if all(both):
            parts.append(f"{both[0] / both[1]:.1f} times the {what}")
    return [f"{greater} / {smaller}: {', '.join(parts)}; {published}"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="names with TEXT")
    parser.add_argument("--no-run", action="store_true", help="nothing is executed")
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
    for greater, smaller, published in [
        ("Res15", "TC-ResNet8", "385 times the time on a Pixel 1 in the paper"),
        ("2-D layer", "temporal layer", "40 times the MACs in the paper"),
    ]:
        print("\n".join(ratios(results, greater, smaller, published)))
    for result in results:
        for key in "instructions", "int8_instructions", "cycles":
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
