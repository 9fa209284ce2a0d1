"""Streams random networks over time and compares them with the same networks on
whole recordings, by the reference lowering.

    random_streams.py LACUNA FOLDER FIRST COUNT [OPTION...]
    random_streams.py LACUNA FOLDER NETWORK FRAMES [OPTION...]

Makes COUNT networks from the seeds FIRST, FIRST + 1, ...: convolutions of all
kinds, poolings, branches, recurrent cells, quantized or not, in several layouts;
or a known network, in floats and in bytes. Each goes step by step through a clip,
and through a recording of another length, and must give the very bits of the
network that takes all at once. OPTIONs are those of 'lacuna run --stream'.
"""

import os
import random
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "models"))
from onnx_writer import field, model, node, value_info  # noqa: E402

FLOAT, INT8, INT32, INT64 = 1, 3, 6, 7
FORMATS = {FLOAT: "f", INT8: "b", INT32: "i", INT64: "q"}


def constant(name, shape, values, element_type=FLOAT):
    out = b"".join(field(1, size) for size in shape)
    out += field(2, element_type) + field(8, name)
    data = struct.pack("<%d%s" % (len(values), FORMATS[element_type]), *values)
    return out + field(9, data)


def product(sizes):
    result = 1
    for size in sizes:
        result *= size
    return result


class Net:
    """A network for recordings of `frames`; the same seed gives the same layers
    for any number. A clip has `clip` frames."""

    def __init__(self, seed, clip, frames):
        self.random = random.Random(seed)
        self.nodes, self.constants, self.count = [], [], 0
        self.clip, self.frames = clip, frames
        self.quantized = self.random.random() < 0.3
        self.layers = self.random.randint(1, 5)

    def name(self):
        self.count += 1
        return "t%d" % self.count

    def weight(self, shape):
        values = [self.random.uniform(-1, 1) for _ in range(product(shape))]
        name = self.name()
        if not self.quantized:
            self.constants.append(constant(name, shape, values))
            return name
        bytes_ = [round(value * 127) for value in values]
        self.constants.append(constant(name, shape, bytes_, INT8))
        scale = self.scalar(1 / 127)
        return self.add("DequantizeLinear", [name, scale, self.scalar(0, INT8)])

    def scalar(self, value, element_type=FLOAT):
        name = self.name()
        self.constants.append(constant(name, [], [value], element_type))
        return name

    def ints(self, values):
        name = self.name()
        self.constants.append(constant(name, [len(values)], values, INT64))
        return name

    def add(self, op, inputs, **attributes):
        name = self.name()
        self.nodes.append(node(op, inputs, [name], **attributes))
        return name

    def quantize(self, value):
        if not self.quantized:
            return value
        scale, zero = self.scalar(0.05), self.scalar(self.random.randint(-20, 20), INT8)
        quantized = self.add("QuantizeLinear", [value, scale, zero])
        return self.add("DequantizeLinear", [quantized, scale, zero])

    def spatial(self, along, across=1):
        """One number a dimension of space: of time, then of what lies across."""
        if self.rank == 3:
            return [along]
        return [along, across] if self.time == 2 else [across, along]

    def conv(self, value, channels, outputs, kernel, stride, dilation, pads, group):
        across = 3 if self.width > 1 else 1
        weight = self.weight(
            [outputs, channels // group] + self.spatial(kernel, across)
        )
        bias = self.name()
        self.constants.append(
            constant(bias, [outputs], [self.random.uniform(-1, 1) for _ in range(outputs)])
        )
        result = self.add(
            "Conv",
            [value, weight, bias],
            strides=self.spatial(stride),
            dilations=self.spatial(dilation),
            pads=self.spatial(pads[0], across // 2) + self.spatial(pads[1], across // 2),
            group=group,
        )
        return self.quantize(result)

    def random_conv(self, value, channels, stride):
        r = self.random
        kernel, dilation = r.choice([1, 2, 3, 5, 9]), r.choice([1, 1, 1, 2, 3])
        extent = (kernel - 1) * dilation + 1
        style = r.choice(["same", "same", "causal", "none", "any"])
        pads = {
            "same": ((extent - 1) // 2, extent // 2),
            "causal": (extent - 1, 0),
            "none": (0, 0),
            "any": (r.randint(0, extent), r.randint(0, extent)),
        }[style]
        group = r.choice([1, 1, channels])
        outputs = channels * r.randint(1, 2) if group > 1 else r.choice([3, 4, 8])
        value = self.conv(
            value, channels, outputs, kernel, stride, dilation, pads, group
        )
        if r.random() < 0.7:
            value = self.add("Relu", [value])
        return value, outputs, (extent, stride, pads)

    def walk(self, window):
        extent, stride, pads = window
        step = lambda frames: (frames + sum(pads) - extent) // stride + 1
        self.frames, self.clip = step(self.frames), step(self.clip)
        return self.clip >= 2

    def pool(self, value):
        kernel, stride = self.random.choice([2, 3]), self.random.choice([1, 2])
        op = self.random.choice(["MaxPool", "AveragePool"])
        pads = (0, 0)
        if op == "MaxPool":
            pads = (self.random.randint(0, kernel - 1), self.random.randint(0, kernel - 1))
        value = self.add(
            op,
            [value],
            kernel_shape=self.spatial(kernel),
            strides=self.spatial(stride),
            pads=self.spatial(pads[0], 0) + self.spatial(pads[1], 0),
        )
        return value, (kernel, stride, pads)

    def branches(self, value, channels):
        """Ways of different delays that meet again."""
        r = self.random
        stride, outputs = r.choice([1, 1, 2]), r.choice([4, 6])
        results = []
        for _ in range(r.randint(2, 3)):
            kernel = r.choice([1, 3, 5, 9])
            pads = ((kernel - 1) // 2, kernel // 2)
            way = self.conv(value, channels, outputs, kernel, stride, 1, pads, 1)
            if r.random() < 0.5:
                way = self.conv(way, outputs, outputs, 3, 1, 1, (1, 1), 1)
            results.append(way)
        if stride == 1 and outputs == channels:
            results.append(value)
        window = (1, stride, (0, 0))
        if r.random() < 0.5:
            total = results[0]
            for way in results[1:]:
                total = self.add("Add", [total, way])
            return total, outputs, window
        return self.add("Concat", results, axis=1), outputs * len(results), window

    def recurrent(self, value, channels):
        """From [1, C, T] to all states, [1, H, T]."""
        hidden, gru = self.random.choice([3, 5]), self.random.random() < 0.5
        gates = 3 if gru else 4
        turned = self.add("Transpose", [value], perm=[2, 0, 1])
        floats, self.quantized = self.quantized, False
        inputs = [turned, self.weight([1, gates * hidden, channels])]
        inputs.append(self.weight([1, gates * hidden, hidden]))
        self.quantized = floats
        states = self.add("GRU" if gru else "LSTM", inputs, hidden_size=hidden)
        flat = self.add("Squeeze", [states, self.ints([1])])
        return self.add("Transpose", [flat], perm=[1, 2, 0]), hidden

    def build(self, sums_up_clips):
        """The bytes of the model, or None if its clips become too short. Of a
        network that sums up a clip, `sums_up_clips` sums up each of a longer
        recording."""
        r = self.random
        layout = r.choice(["NCT", "NTC", "NCT1", "NCTF", "NCFT"])
        channels = r.choice([1, 3, 4, 8])
        self.width = r.choice([3, 4]) if layout in ("NCTF", "NCFT") else 1
        self.rank, self.time = (3 if layout in ("NCT", "NTC") else 4), 2
        shape = [1, channels, self.frames] + ([self.width] if self.rank == 4 else [])
        if layout == "NCFT":
            shape[2], shape[3], self.time = shape[3], shape[2], 3
        if layout == "NTC":
            shape = [1, self.frames, channels]
        self.axis = 1 if layout == "NTC" else self.time
        start_shape, value = shape, "x"
        if layout == "NTC":
            value = self.add("Transpose", [value], perm=[0, 2, 1])
        value = self.quantize(value)
        for _ in range(self.layers):
            kind = r.choice(["conv", "conv", "conv", "pool", "branches", "cell"])
            if kind == "conv":
                value, channels, window = self.random_conv(
                    value, channels, r.choice([1, 1, 1, 2, 3])
                )
            elif kind == "pool":
                value, window = self.pool(value)
                value = self.quantize(value)
            elif kind == "branches":
                value, channels, window = self.branches(value, channels)
            elif self.rank == 3:
                value, channels = self.recurrent(value, channels)
                window = (1, 1, (0, 0))
            else:
                continue
            if not self.walk(window):
                return None
        end = r.choice(["frames", "mean", "dense"])
        dims = self.spatial(self.frames, self.width)
        if end == "frames":
            self.summed = False
            return self.finish(start_shape, value, [1, channels] + dims)
        self.summed = True
        pooled = self.spatial(self.clip, self.width)
        if end == "mean" and not sums_up_clips:
            value = self.add("GlobalAveragePool", [value])
        elif end == "mean":
            value = self.add("AveragePool", [value], kernel_shape=pooled)
        if end == "dense":
            # A matrix over a whole clip is a convolution as long as one.
            across, self.width = self.width, 1
            weight = self.weight([5, channels] + pooled)
            value = self.add("Conv", [value, weight], kernel_shape=pooled)
            self.width, channels = across, 5
        result = [1, channels] + self.spatial(self.frames - self.clip + 1, 1)
        return self.finish(start_shape, value, result)

    def finish(self, shape, value, result):
        self.input_shape, self.output, self.output_shape = shape, value, result
        return model(
            self.nodes,
            [value_info("x", shape)],
            [value_info(value, result)],
            self.constants,
            opset=13,
        )


class Known(Net):
    """The networks of keyword spotting, with made-up weights."""

    def __init__(self, kind, quantized, clip, frames):
        super().__init__(kind, clip, frames)
        self.kind, self.quantized, self.rank, self.time, self.width = kind, quantized, 3, 2, 1
        self.axis = self.time

    def same(self, value, channels, outputs, kernel, stride=1, group=1, relu=True):
        pads = ((kernel - 1) // 2, kernel // 2)
        value = self.conv(value, channels, outputs, kernel, stride, 1, pads, group)
        self.walk((kernel, stride, pads))
        return self.quantize(self.add("Relu", [value])) if relu else value

    def block(self, value, channels, outputs, stride):
        frames, clip = self.frames, self.clip
        main = self.same(value, channels, outputs, 9, stride)
        main = self.same(main, outputs, outputs, 9, relu=False)
        if stride > 1:
            self.frames, self.clip = frames, clip
            value = self.same(value, channels, outputs, 1, stride)
        return self.quantize(self.add("Relu", [self.add("Add", [main, value])]))

    def build(self, sums_up_clips):
        getattr(self, self.kind)()
        value, dims = self.value, [self.frames - self.clip + 1]
        if self.kind == "gru":
            self.summed = False
            return self.finish([1, 40, self.start], value, [1, self.channels, self.frames])
        self.summed = True
        if sums_up_clips:
            pooled = [self.clip] if self.rank == 3 else [self.clip, self.width]
            value = self.add("AveragePool", [value], kernel_shape=pooled)
        else:
            value = self.add("GlobalAveragePool", [value])
        self.width, across = 1, self.width
        value = self.conv(value, self.channels, 12, 1, 1, 1, ((0), (0)), 1)
        shape = [1, 40, self.start] if self.rank == 3 else [1, 1, self.start, 10]
        return self.finish(shape, value, [1, 12] + self.spatial(dims[0], 1))

    def tc_resnet8(self, widths=(16, 24, 32, 48), blocks=1):
        self.start = self.frames
        value = self.same(self.quantize("x"), 40, widths[0], 3, relu=False)
        for channels, outputs in zip(widths, widths[1:]):
            value = self.block(value, channels, outputs, 2)
            for _ in range(blocks - 1):
                value = self.block(value, outputs, outputs, 1)
        self.value, self.channels = value, widths[-1]

    def tc_resnet14(self):
        self.tc_resnet8(blocks=2)

    def ds_cnn_s(self):
        """The small one: 10 features a frame, as the height of an image."""
        self.start, self.rank, self.width = self.frames, 4, 10
        weight, bias = self.weight([64, 1, 10, 4]), self.weight([64])
        pads, attributes = (4, 5), {"strides": [2, 2], "pads": [4, 1, 5, 1]}
        value = self.add("Conv", [self.quantize("x"), weight, bias], **attributes)
        value = self.quantize(self.add("Relu", [value]))
        self.walk((10, 2, pads))
        self.width = 5
        for _ in range(4):
            value = self.same(value, 64, 64, 3, group=64)
            self.width, across = 1, self.width
            value = self.same(value, 64, 64, 1)
            self.width = across
        self.value, self.channels = value, 64

    def gru(self):
        self.start = self.frames
        value, channels = self.recurrent("x", 40)
        value = self.conv(value, channels, 12, 1, 1, 1, (0, 0), 1)
        self.value, self.channels = value, 12


KNOWN = {"tc_resnet8": 98, "tc_resnet14": 98, "ds_cnn_s": 49, "gru": 98}


def write_npy(path, shape, values, descr="f4", letter="f"):
    header = "{'descr': '<%s', 'fortran_order': False, 'shape': (%s), }" % (
        descr, "".join("%d, " % size for size in shape)
    )
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(path, "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        out.write(header.encode() + struct.pack("<%d%s" % (len(values), letter), *values))


def read_npy(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<H", data[8:10])[0]
    header, body = data[10 : 10 + length].decode(), data[10 + length :]
    shape = header.split("'shape': (")[1].split(")")[0]
    return [int(size) for size in shape.split(",") if size.strip()], body


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def compare(lacuna, stem, make, seed, clip, longer, target):
    """What is wrong with a network; None if there is none of the kind, '' if all
    is well."""
    net = make(clip, clip)
    text = net.build(False)
    if text is None:
        return None
    with open(stem + ".onnx", "wb") as out:
        out.write(text)
    for frames in clip, longer:
        whole = make(clip, frames)
        with open(stem + ".whole.onnx", "wb") as out:
            out.write(whole.build(True))
        values = random.Random(seed + 1)
        count = product(whole.input_shape)
        write_npy(
            stem + ".npy", whole.input_shape, [values.uniform(-2, 2) for _ in range(count)]
        )
        results = []
        # Not every network has a layer that walks along time.
        stream = ["--stream=axis=%d" % net.axis] + target
        for name, options in ("whole.onnx", []), ("onnx", stream):
            command = [lacuna, "run", "%s.%s" % (stem, name), "--input", stem + ".npy"]
            command += ["--output-dir", stem + "." + name + ".out"] + options
            code, printed = run(command)
            if code:
                return "%s: exit %d: %s" % (" ".join(command), code, printed.strip())
            output = os.path.join(stem + "." + name + ".out", whole.output + ".npy")
            if name == "onnx":
                output = os.path.join(stem + ".onnx.out", net.output + ".npy")
            results.append(read_npy(output))
        (shape, expected), (_, actual) = results
        if net.summed:
            # Clips come first in what is streamed, and last in the network.
            channels, clips = shape[1], product(shape[2:])
            each = struct.unpack("<%df" % (len(expected) // 4), expected)
            turned = [each[c * clips + i] for i in range(clips) for c in range(channels)]
            expected = struct.pack("<%df" % len(turned), *turned)
        if expected != actual:
            a = struct.unpack("<%df" % (len(expected) // 4), expected)
            b = struct.unpack("<%df" % (len(actual) // 4), actual)
            different = sum(x != y for x, y in zip(a, b))
            return "%s: %d frames of clips of %d: %d and %d values, %d differ" % (
                stem, frames, clip, len(a), len(b), different,
            )
    return ""


def compare_many(lacuna, folder, first, count, target):
    """How many random networks from seed `first` on are equal, and what is wrong with
    the others."""
    os.makedirs(folder, exist_ok=True)
    passed, failures, seed = 0, [], first
    while passed + len(failures) < count:
        sizes = random.Random(seed)
        clip = sizes.randint(8, 40)
        make = lambda clip, frames: Net(seed, clip, frames)
        stem = os.path.join(folder, "net%d" % seed)
        longer = clip + sizes.randint(0, 50)
        wrong = compare(lacuna, stem, make, seed, clip, longer, target)
        if wrong:
            failures.append("seed %d: %s" % (seed, wrong))
        passed += wrong == ""
        seed += 1
    return passed, failures


def main():
    lacuna, folder, first, count = sys.argv[1:5]
    os.makedirs(folder, exist_ok=True)
    if first in KNOWN:
        for quantized in False, True:
            make = lambda clip, frames: Known(first, quantized, clip, frames)
            stem = os.path.join(folder, first + ("-int8" if quantized else ""))
            wrong = compare(
                lacuna, stem, make, 1, KNOWN[first], int(count), sys.argv[5:]
            )
            if wrong:
                sys.exit(wrong)
        return print("%s gives the same step by step" % first)
    passed, failures = compare_many(lacuna, folder, int(first), int(count), sys.argv[5:])
    if failures:
        sys.exit("\n".join(failures + ["%d networks of %s differ" % (len(failures), count)]))
    print("%d networks give the same step by step" % passed)


if __name__ == "__main__":
    main()
