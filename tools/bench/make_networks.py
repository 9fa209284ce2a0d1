"""Writes the networks that accelerators are published with.

    tools/bench/make_networks.py [-o FOLDER] [--densities FOLDER] [NAME ...]

alexnet  the convolutions of AlexNet, in two groups as it was trained, with its
         pooling and normalization, of a 227x227 image
vgg16    those of VGG-16, of a 224x224 image

Each as NAME_fp32.onnx and NAME_int8.onnx, without the matrices at their ends, which
no published table is of. Weights are seeded noise. Int8 means QuantizeLinear and
DequantizeLinear around float operators, weights symmetric a channel, and images int8
from the start. NAME_pruned.onnx is NAME_int8.onnx with as many weights zero as
FOLDER/NAME.yaml says, by default that of docs/examples/densities. Needs Python's
standard library only.
"""

import argparse
import array
import math
import pathlib
import random
import re
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "test/models"))

import onnx_writer as onnx

FLOAT, INT8, INT32 = 1, 3, 6
DENSITIES = PROJECT / "docs/examples/densities"

# A convolution: name, filters, kernel, stride, padding, groups. A pool: window,
# stride. None: local response normalization.
ALEXNET = [
    ("conv1", 96, 11, 4, 0, 1),
    None,
    (3, 2),
    ("conv2", 256, 5, 1, 2, 2),
    None,
    (3, 2),
    ("conv3", 384, 3, 1, 1, 1),
    ("conv4", 384, 3, 1, 1, 2),
    ("conv5", 256, 3, 1, 1, 2),
    (3, 2),
]


def vgg16():
    layers = []
    for block, (count, filters) in enumerate(
        [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], start=1
    ):
        for index in range(1, count + 1):
            layers.append((f"conv{block}_{index}", filters, 3, 1, 1, 1))
        layers.append((2, 2))
    return layers


NETWORKS = {"alexnet": (227, ALEXNET), "vgg16": (224, vgg16())}


def read_table(path):
    """What it says of each layer: {layer: {key: number}}."""
    layers = {}
    for entry in re.findall(r"-\s*{([^}]*)}", path.read_text()):
        keys = dict(pair.split(":") for pair in entry.replace(" ", "").split(","))
        name = keys.pop("name")
        # True and false are said, and no numbers.
        layers[name] = {
            key: float(value) for key, value in keys.items() if value[0].isdigit()
        }
    return layers


def read_densities(path):
    """Of weights, and how they vary between filters: {layer: (density, variation)}."""
    return {
        name: (keys.get("weights", 1), keys.get("variation", 0))
        for name, keys in read_table(path).items()
    }


# The values of int8 weights, each as likely as the others: normal, deviation 32.
def normal_values():
    values, total = [], 0.0
    for value in range(-127, 128):
        total += math.exp(-((value / 32) ** 2) / 2)
        values.append((total, value or 1))
    return [
        next(value for sum_, value in values if sum_ >= total * (i + 0.5) / 256)
        for i in range(256)
    ]


NORMAL = bytes(value & 0xFF for value in normal_values())


def make_weights(rng, filters, size, density, variation):
    """Bytes of int8: all noise, or zero but for a share of `density`."""
    if density >= 1:
        return rng.randbytes(filters * size).translate(NORMAL)
    rows = []
    for _ in range(filters):
        own = min(1.0, max(0.0, density * rng.gauss(1, variation)))
        values = rng.randbytes(size).translate(NORMAL)
        # 0 or -1, the byte with all of its bits, to be met with the value.
        limit = round(own * 65536)
        bits = array.array("H", rng.randbytes(2 * size))
        kept = bytes(255 if one < limit else 0 for one in bits)
        both = int.from_bytes(values, "little") & int.from_bytes(kept, "little")
        rows.append(both.to_bytes(size, "little"))
    return b"".join(rows)


def constant(name, shape, element_type, data):
    dims = b"".join(onnx.field(1, size) for size in shape)
    return dims + onnx.field(2, element_type) + onnx.field(8, name) + onnx.field(9, data)


def floats(*values):
    return array.array("f", values).tobytes()


def attribute(name, value):
    if not isinstance(value, float):
        return onnx.attribute(name, value)
    return onnx.field(1, name) + b"\x15" + floats(value) + onnx.field(20, 1)


class Builder:
    """Adds layers one after the other; in int8, each quantized."""

    def __init__(self, size, is_float, densities, seed=1):
        self.is_float, self.densities = is_float, densities
        self.rng = random.Random(seed)
        self.nodes, self.constants = [], []
        self.channels, self.size, self.value, self.scale = 3, size, "image", 1 / 64
        self.shape = [1, 3, size, size]
        if not is_float:
            self.dequantize("image", 0)

    def node(self, op, inputs, output, name=None, **attributes):
        data = b"".join(onnx.field(1, one) for one in inputs)
        data += onnx.field(2, output) + onnx.field(3, name or output)
        data += onnx.field(4, op)
        for key in sorted(attributes):
            data += onnx.field(5, attribute(key, attributes[key]))
        self.nodes.append(data)
        return output

    def constant(self, name, shape, element_type, data):
        self.constants.append(constant(name, shape, element_type, data))
        return name

    def dequantize(self, value, zero):
        self.parameters = [
            self.constant(value + "_scale", [], FLOAT, floats(self.scale)),
            self.constant(value + "_zero", [], INT8, bytes([zero & 0xFF])),
        ]
        inputs = [value] + self.parameters
        self.value = self.node("DequantizeLinear", inputs, value + "_float")

    def requantize(self, scale, zero):
        """The value, as int8 and back."""
        if self.is_float:
            return
        self.scale, value = scale, self.value
        self.parameters = [
            self.constant(value + "_scale", [], FLOAT, floats(scale)),
            self.constant(value + "_zero", [], INT8, bytes([zero & 0xFF])),
        ]
        inputs = [value] + self.parameters
        self.int8 = self.node("QuantizeLinear", inputs, value + "_int8")
        inputs = [self.int8] + self.parameters
        self.value = self.node("DequantizeLinear", inputs, value + "_again")

    def weights(self, name, shape):
        """A tensor whose products with values of deviation 1 have about that."""
        filters, size = shape[0], math.prod(shape[1:])
        density, variation = self.densities.get(name, (1, 0))
        data = make_weights(self.rng, filters, size, density, variation)
        scale = 1 / 32 / math.sqrt(size * density)
        if self.is_float:
            values = array.array("b", data)
            data = array.array("f", (value * scale for value in values)).tobytes()
            return self.constant(name + "_w", shape, FLOAT, data)
        self.constant(name + "_w", shape, INT8, data)
        self.constant(name + "_ws", [filters], FLOAT, floats(scale) * filters)
        self.constant(name + "_wz", [filters], INT8, bytes(filters))
        inputs = [name + "_w", name + "_ws", name + "_wz"]
        self.bias_scale = self.scale * scale
        return self.node("DequantizeLinear", inputs, name + "_wf", axis=0)

    def bias(self, name, filters):
        values = [self.rng.gauss(0, 0.1) for _ in range(filters)]
        if self.is_float:
            return self.constant(name + "_b", [filters], FLOAT, floats(*values))
        data = array.array("i", (round(one / self.bias_scale) for one in values))
        self.constant(name + "_b", [filters], INT32, data.tobytes())
        self.constant(name + "_bs", [filters], FLOAT, floats(self.bias_scale) * filters)
        self.constant(name + "_bz", [filters], INT32, bytes(4 * filters))
        inputs = [name + "_b", name + "_bs", name + "_bz"]
        return self.node("DequantizeLinear", inputs, name + "_bf", axis=0)

    def conv(self, name, filters, kernel, stride, pad, groups):
        shape = [filters, self.channels // groups, kernel, kernel]
        inputs = [self.value, self.weights(name, shape), self.bias(name, filters)]
        sums = self.node(
            "Conv",
            inputs,
            name + "_sums",
            name=name,
            group=groups,
            kernel_shape=[kernel] * 2,
            pads=[pad] * 4,
            strides=[stride] * 2,
        )
        self.value = self.node("Relu", [sums], name + "_relu")
        self.channels = filters
        self.size = (self.size + 2 * pad - kernel) // stride + 1
        self.requantize(4 / 255, -128)

    def pool(self, index, kernel, stride):
        """Of int8, as the greatest value is the same before and after scaling."""
        name = f"pool{index}"
        self.value = self.node(
            "MaxPool",
            [self.value if self.is_float else self.int8],
            name,
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
        )
        self.size = (self.size - kernel) // stride + 1
        if not self.is_float:
            self.value = self.node(
                "DequantizeLinear", [name] + self.parameters, name + "_float"
            )

    def normalize(self, index):
        self.value = self.node(
            "LRN", [self.value], f"norm{index}", size=5, alpha=1e-4, beta=0.75, bias=1.0
        )
        self.requantize(4 / 255, -128)

    def finish(self):
        element_type = FLOAT if self.is_float else INT8
        return onnx.model(
            self.nodes,
            [onnx.value_info("image", self.shape, element_type)],
            [onnx.value_info(self.value, [1, self.channels, self.size, self.size])],
            self.constants,
        )


def build(name, is_float=False, densities={}):
    size, layers = NETWORKS[name]
    builder = Builder(size, is_float, densities)
    for index, layer in enumerate(layers):
        if layer is None:
            builder.normalize(index)
        elif len(layer) == 2:
            builder.pool(index, *layer)
        else:
            builder.conv(*layer)
    return builder.finish()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", default=".", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument(
        "--densities", default=DENSITIES, type=pathlib.Path, metavar="FOLDER"
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    for name in arguments.names or NETWORKS:
        if name not in NETWORKS:
            parser.error(f"there is no network {name}; there are {', '.join(NETWORKS)}")
        arguments.o.mkdir(parents=True, exist_ok=True)
        write = lambda kind, model: (
            arguments.o / f"{name}_{kind}.onnx"
        ).write_bytes(model)
        write("fp32", build(name, is_float=True))
        write("int8", build(name))
        densities = read_densities(arguments.densities / f"{name}.yaml")
        write("pruned", build(name, densities=densities))


if __name__ == "__main__":
    main()
