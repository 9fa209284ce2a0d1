"""Writes the models of the benchmarks that are not in the project.

    tools/bench/make_models.py [-o FOLDER] [--calibrate FOLDER]

conv1x1_fp32.onnx     a 1x1 convolution, 64 to 64 channels at 56x56, seeded weights
conv1x1_fp16.onnx     the same in halves
conv1x1_int8.onnx     the same quantized, int8 in and out
conv1x1_u8.onnx       the same with uint8 in and out
tc_resnet8_int8.onnx  test/models/tc_resnet8.onnx quantized, float in and out

Quantized means QuantizeLinear and DequantizeLinear around float operators:
activations int8 with a zero point, weights int8 and symmetric a channel, biases
int32. The ranges of TC-ResNet8's activations are in RANGES; --calibrate prints
that table anew from what the float network, run by build/bin/lacuna, makes of the
recordings in a folder of folders, ten of each. Needs Python's standard library
only, and build/bin/lacuna for --calibrate.
"""

import argparse
import ast
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "test/models"))

import onnx_writer as onnx

TC_RESNET8 = PROJECT / "test/models/tc_resnet8.onnx"
FLOAT, UINT8, INT8, INT32, HALF = 1, 2, 3, 6, 10

# Least and greatest of the values that are quantized, over recordings of the six
# classes.
RANGES = {
    "mfcc": (-110.52, 41.511),
    "/c0/Conv_output_0": (-45.993, 44.365),
    "/bl/bl.0/Relu_output_0": (0, 2.0879),
    "/bl/bl.0/c2/Conv_output_0": (-3.6706, 2.6745),
    "/bl/bl.0/d/d.2/Relu_output_0": (0, 2.093),
    "/bl/bl.0/Relu_1_output_0": (0, 3.0843),
    "/bl/bl.1/Relu_output_0": (0, 1.8013),
    "/bl/bl.1/c2/Conv_output_0": (-2.3909, 1.8628),
    "/bl/bl.1/d/d.2/Relu_output_0": (0, 1.1492),
    "/bl/bl.1/Relu_1_output_0": (0, 1.9432),
    "/bl/bl.2/Relu_output_0": (0, 1.2412),
    "/bl/bl.2/c2/Conv_output_0": (-1.7351, 1.6983),
    "/bl/bl.2/d/d.2/Relu_output_0": (0, 1.6751),
    "/bl/bl.2/Relu_1_output_0": (0, 3.0462),
    "/ReduceMean_output_0": (0, 1.1113),
    "/fc/Conv_output_0": (-1.7326, 4.8419),
}


def parse(data):
    """The fields of a protobuf message: (number, value), value an integer, bytes, or
    a float, which serialize() cannot write."""

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    position, fields = 0, []
    while position < len(data):
        key = varint()
        if key & 7 == 0:
            fields.append((key >> 3, varint()))
            continue
        size = {1: 8, 2: 0, 5: 4}[key & 7] or varint()
        value = data[position : position + size]
        position += size
        if key & 7 != 2:
            value = struct.unpack("<f" if size == 4 else "<d", value)[0]
        fields.append((key >> 3, value))
    return fields


def serialize(fields):
    return b"".join(onnx.field(number, value) for number, value in fields)


class Node:
    """A node of a graph, which may be read from another file."""

    def __init__(self, op, inputs, outputs, rest=()):
        self.op, self.inputs, self.outputs, self.rest = op, inputs, outputs, list(rest)

    @classmethod
    def read(cls, data):
        fields = parse(data)
        texts = lambda wanted: [v.decode() for n, v in fields if n == wanted]
        rest = [(n, v) for n, v in fields if n not in (1, 2, 4)]
        return cls(texts(4)[0], texts(1), texts(2), rest)

    def attributes(self):
        """The attributes that are integers, lists of those or texts."""
        found = {}
        for fields in (parse(v) for n, v in self.rest if n == 5):
            values = dict(fields)
            if values[20] == 2:
                value = values.get(3, 0)
            elif values[20] == 3:
                value = values[4].decode()
            elif values[20] == 7:
                value = [v for n, v in fields if n == 8]
            else:
                continue
            found[values[1].decode()] = value
        return found

    def write(self):
        fields = [(1, name) for name in self.inputs]
        fields += [(2, name) for name in self.outputs]
        return serialize(fields + [(4, self.op)] + self.rest)


def tensor(name, shape, element_type, values):
    code = {FLOAT: "f", UINT8: "B", INT8: "b", INT32: "i", HALF: "e"}[element_type]
    fields = [(1, size) for size in shape] + [(2, element_type), (8, name)]
    return serialize(fields + [(9, struct.pack(f"<{len(values)}{code}", *values))])


def rounded(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


class Quantizer:
    """Collects the nodes and constants of a quantized graph."""

    def __init__(self, stored=INT8):
        self.nodes, self.constants, self.scales = [], [], {}
        self.stored = stored

    def constant(self, *arguments):
        self.constants.append(tensor(*arguments))
        return arguments[0]

    def parameters(self, name, low, high):
        """Constants for values from low to high; their names."""
        low, high = min(low, 0.0), max(high, 0.0)
        scale = rounded((high - low) / 255)
        zero = max(-128, min(127, round(-128 - low / scale)))
        self.scales[name] = scale
        return [
            self.constant(name + "_scale", [], FLOAT, [scale]),
            self.constant(
                name + "_zero", [], self.stored, [zero + 128 * (self.stored == UINT8)]
            ),
        ]

    def quantize(self, name, parameters, result=None):
        result = result or name + "_int8"
        self.nodes.append(Node("QuantizeLinear", [name] + parameters, [result]))
        return result

    def dequantize(self, name, parameters, result, axis=None):
        rest = [] if axis is None else [(5, onnx.attribute("axis", axis))]
        self.nodes.append(Node("DequantizeLinear", [name] + parameters, [result], rest))
        return result

    def weights(self, name, shape, values):
        """Weights with a scale for each of the first dimension."""
        size = len(values) // shape[0]
        rows = [values[i : i + size] for i in range(0, len(values), size)]
        scales = [rounded(max(map(abs, row)) / 127 or 1.0) for row in rows]
        integers = [
            max(-127, min(127, round(value / scale)))
            for row, scale in zip(rows, scales)
            for value in row
        ]
        parameters = [
            self.constant(name + "_scale", shape[:1], FLOAT, scales),
            self.constant(name + "_zero", shape[:1], INT8, [0] * shape[0]),
        ]
        self.constant(name + "_int8", shape, INT8, integers)
        return self.dequantize(name + "_int8", parameters, name, 0), scales

    def bias(self, name, values, input_scale, scales):
        scales = [rounded(input_scale * scale) for scale in scales]
        integers = [round(value / scale) for value, scale in zip(values, scales)]
        parameters = [
            self.constant(name + "_scale", [len(values)], FLOAT, scales),
            self.constant(name + "_zero", [len(values)], INT32, [0] * len(values)),
        ]
        self.constant(name + "_int32", [len(values)], INT32, integers)
        return self.dequantize(name + "_int32", parameters, name, 0)


def conv1x1(element_type):
    channels, size = 64, 56
    rng = random.Random(1)
    weights = [rounded(rng.gauss(0, 0.125)) for _ in range(channels * channels)]
    bias = [rounded(rng.gauss(0, 0.5)) for _ in range(channels)]
    shape, dims = [1, channels, size, size], [channels, channels, 1, 1]
    graph = Quantizer(element_type)
    if element_type in (INT8, UINT8):
        x = graph.parameters("x", -2.0, 2.1)
        y = graph.parameters("y", -4.5, 4.0)
        graph.dequantize("x", x, "x_float")
        _, scales = graph.weights("w", dims, weights)
        graph.bias("b", bias, graph.scales["x"], scales)
        graph.nodes.append(Node("Conv", ["x_float", "w", "b"], ["y_float"]))
        graph.quantize("y_float", y, "y")
    else:
        graph.constant("w", dims, element_type, weights)
        graph.constant("b", [channels], element_type, bias)
        graph.nodes.append(Node("Conv", ["x", "w", "b"], ["y"]))
    return onnx.model(
        [node.write() for node in graph.nodes],
        [onnx.value_info("x", shape, element_type)],
        [onnx.value_info("y", shape, element_type)],
        graph.constants,
    )


class Network:
    """A network in a file."""

    def __init__(self, path):
        self.model = parse(path.read_bytes())
        self.graph = parse(dict(self.model)[7])
        self.nodes = [Node.read(v) for n, v in self.graph if n == 1]
        self.constants = {}
        for fields in (parse(v) for n, v in self.graph if n == 5):
            values = dict(fields)
            if values[2] != FLOAT or 9 not in values:
                continue
            floats = struct.unpack(f"<{len(values[9]) // 4}f", values[9])
            shape = [v for n, v in fields if n == 1]
            self.constants[values[8].decode()] = shape, floats
        names = lambda wanted: [
            dict(parse(v))[1].decode() for n, v in self.graph if n == wanted
        ]
        self.inputs, self.outputs = names(11), names(12)

    def users(self, name):
        return [node for node in self.nodes if name in node.inputs]

    def quantized_values(self):
        """The values that are stored as int8, each with the value whose range it has."""
        values = {name: name for name in self.inputs}
        for node in self.nodes:
            name = node.outputs[0]
            if node.op in ("Transpose", "Unsqueeze"):
                values[name] = values[node.inputs[0]]
            elif node.op in ("Conv", "Add", "Relu", "ReduceMean"):
                if [user.op for user in self.users(name)] != ["Relu"]:
                    values[name] = name
        return values

    def write(self, nodes, constants, outputs=()):
        graph = [(1, node.write()) for node in nodes] + [(2, "net")]
        graph += [(5, constant) for constant in constants]
        graph += [(n, v) for n, v in self.graph if n in (11, 12)]
        of_any_shape = onnx.field(2, onnx.field(1, onnx.field(1, FLOAT)))
        graph += [(12, onnx.field(1, name) + of_any_shape) for name in outputs]
        model = [(n, v) for n, v in self.model if n not in (2, 3, 7)]
        return serialize(model + [(7, serialize(graph))])

    def quantize(self, ranges):
        values, graph = self.quantized_values(), Quantizer()
        names, parameters = {}, {}
        for name in dict.fromkeys(values.values()):
            parameters[name] = graph.parameters(name, *ranges[name])

        def store(name):
            if name in values:
                own = parameters[values[name]]
                integers = graph.quantize(name, own)
                names[name] = graph.dequantize(integers, own, name + "_float")

        for name in self.inputs:
            store(name)
        for node in self.nodes:
            inputs = [names.get(name, name) for name in node.inputs]
            if node.op == "Conv":
                weights, scales = graph.weights(
                    node.inputs[1], *self.constants[node.inputs[1]]
                )
                if len(inputs) > 2:
                    scale = graph.scales[values[node.inputs[0]]]
                    floats = self.constants[node.inputs[2]][1]
                    inputs[2] = graph.bias(node.inputs[2], floats, scale, scales)
            graph.nodes.append(Node(node.op, inputs, node.outputs, node.rest))
            store(node.outputs[0])
        return self.write(graph.nodes, graph.constants)


def read_npy(path):
    data = path.read_bytes()
    size = struct.unpack_from("<H", data, 8)[0]
    header = ast.literal_eval(data[10 : 10 + size].decode())
    if header["descr"] != "<f4":
        raise ValueError(f"{path} holds {header['descr']}, not floats")
    return struct.unpack(f"<{(len(data) - 10 - size) // 4}f", data[10 + size :])


def calibrate(network, folder):
    """Ranges of the values that are quantized, from running the float network."""
    wanted = sorted(set(network.quantized_values().values()) - set(network.inputs))
    # Recordings reach the network as features, which only it sees: an Identity
    # makes them an output.
    extra = [Node("Identity", [name], [name + "_seen"]) for name in network.inputs]
    constants = [v for n, v in network.graph if n == 5]
    outputs = wanted + [name + "_seen" for name in network.inputs]
    clips = [
        clip
        for one in sorted(path for path in folder.iterdir() if path.is_dir())
        for clip in sorted(one.iterdir())[:10]
    ]
    if not clips:
        raise SystemExit(f"{folder} holds no folders of recordings")
    ranges = {}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        model = scratch / "model.onnx"
        model.write_bytes(network.write(network.nodes + extra, constants, outputs))
        for clip in clips:
            command = [PROJECT / "build/bin/lacuna", "run", model, "--input", clip]
            command += ["--output-dir", scratch]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            for name in outputs:
                file = "".join(c if c.isalnum() or c in "_-." else "_" for c in name)
                values = read_npy(scratch / f"{file}.npy")
                name = name.removesuffix("_seen")
                low, high = ranges.get(name, (0.0, 0.0))
                ranges[name] = min(low, *values), max(high, *values)
    return ranges


def write_models(folder, ranges=RANGES):
    folder.mkdir(parents=True, exist_ok=True)
    models = {
        "conv1x1_fp32": conv1x1(FLOAT),
        "conv1x1_fp16": conv1x1(HALF),
        "conv1x1_int8": conv1x1(INT8),
        "conv1x1_u8": conv1x1(UINT8),
        "tc_resnet8_int8": Network(TC_RESNET8).quantize(ranges),
    }
    for name, model in models.items():
        (folder / f"{name}.onnx").write_bytes(model)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", default=".", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--calibrate", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    ranges = RANGES
    if arguments.calibrate:
        network = Network(TC_RESNET8)
        ranges = calibrate(network, arguments.calibrate)
        for name in dict.fromkeys(network.quantized_values().values()):
            low, high = ranges[name]
            print(f'    "{name}": ({low:.5g}, {high:.5g}),')
    write_models(arguments.o, ranges)


if __name__ == "__main__":
    main()
