"""word_network.py DIR: writes a network of 16-bit layers, DIR/net.onnxtxt, an
input of it, DIR/x.npy, and what it computes from that, DIR/bytes.npy and
DIR/words.npy, worked out here with Python's integers."""

import itertools
import pathlib
import struct
import sys

state = 7


def draw(least, most):
    global state
    state = (state * 1103515245 + 12345) % (1 << 31)
    return least + (state >> 8) % (most - least + 1)


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


RANGES = {
    "int8": (-128, 127),
    "int16": (-32768, 32767),
    "uint16": (0, 65535),
}
TYPES = {"int8": ("|i1", "b"), "int16": ("<i2", "h"), "int32": ("<i4", "i")}


class Tensor:
    def __init__(self, kind, shape, values=None):
        self.kind, self.shape = kind, shape
        count = 1
        for size in shape:
            count *= size
        self.values = values or [0] * count

    def place(self, index):
        at = 0
        for i, size in zip(index, self.shape):
            at = at * size + i
        return at

    def __getitem__(self, index):
        return self.values[self.place(index)]

    def write(self, path):
        descr, code = TYPES[self.kind]
        shape = "".join("%d, " % size for size in self.shape)
        header = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (
            descr,
            shape,
        )
        header += " " * (-(len(header) + 11) % 64) + "\n"
        with open(path, "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
            file.write(header.encode())
            file.write(struct.pack("<%d%s" % (len(self.values), code), *self.values))


def saturate(value, zero, kind):
    least, most = RANGES[kind]
    return min(max(round(value) + zero, least), most)


class Network:
    """Constants and nodes, as text."""

    def __init__(self):
        self.constants, self.nodes = [], []

    def constant(self, name, tensor):
        shape = "[%s]" % ", ".join(map(str, tensor.shape)) if tensor.shape else ""
        text = ", ".join(map(str, tensor.values))
        self.constants.append("%s%s %s = {%s}" % (tensor.kind, shape, name, text))
        return name

    def scales(self, name, values):
        shape = "[%d]" % len(values) if len(values) > 1 else ""
        text = ", ".join("%.9g" % value for value in values)
        self.constants.append("float%s %s = {%s}" % (shape, name, text))
        return name

    def node(self, result, text):
        self.nodes.append("  %s = %s" % (result, text))
        return result


net = Network()


class Quantized:
    """A tensor with its scale and zero point."""

    def __init__(self, name, tensor, scale, zero):
        self.name, self.tensor = name, tensor
        self.scale, self.zero = f32(scale), zero
        net.scales(name + "_s", [self.scale])
        net.constant(name + "_z", Tensor(tensor.kind, [], [zero]))

    def dequantize(self):
        return net.node(
            self.name + "_f", "DequantizeLinear(%s, %s_s, %s_z)" % ((self.name,) * 3)
        )


def quantize(name, source, kind, shape, values, scale, zero):
    result = Quantized(name, Tensor(kind, shape, values), scale, zero)
    net.node(name, "QuantizeLinear(%s, %s_s, %s_z)" % (source, name, name))
    return result


def conv(name, x, x_float, filters, filter_scales, bias, attributes, out, relu=False):
    """`out` is the type, scale and zero point of the result."""
    kind, scale, zero = out
    stride = attributes.get("strides", [1, 1])
    dilation = attributes.get("dilations", [1, 1])
    pads = attributes.get("pads", [0, 0, 0, 0])
    group = attributes.get("group", 1)
    batch, channels, height, width = x.tensor.shape
    count, depth, rows, columns = filters.shape
    sizes = [
        (size + pads[i] + pads[i + 2] - (kernel - 1) * dilation[i] - 1) // stride[i] + 1
        for i, size, kernel in ((0, height, rows), (1, width, columns))
    ]
    filter_scales = [f32(each) for each in filter_scales]
    units = [f32(x.scale * each) for each in filter_scales]
    factors = [f32(unit / f32(scale)) for unit in units]
    shape = [batch, count] + sizes
    values = []
    for n, m, oh, ow in itertools.product(*map(range, shape)):
        total = bias[m] if bias else 0
        for c, kh, kw in itertools.product(range(depth), range(rows), range(columns)):
            ih = oh * stride[0] + kh * dilation[0] - pads[0]
            iw = ow * stride[1] + kw * dilation[1] - pads[1]
            if 0 <= ih < height and 0 <= iw < width:
                channel = m // (count // group) * depth + c
                total += (x.tensor[n, channel, ih, iw] - x.zero) * filters[m, c, kh, kw]
        value = saturate(f32(f32(total) * factors[m]), zero, kind)
        values.append(max(value, zero) if relu else value)

    net.constant(name + "_w", filters)
    net.scales(name + "_ws", filter_scales)
    zeros = Tensor(filters.kind, [count])
    net.constant(name + "_wz", zeros)
    weights = net.node(
        name + "_wf",
        "DequantizeLinear<axis = 0>(%s_w, %s_ws, %s_wz)" % ((name,) * 3),
    )
    operands = [x_float, weights]
    if bias:
        net.constant(name + "_b", Tensor("int32", [count], bias))
        net.scales(name + "_bs", units)
        operands.append(
            net.node(
                name + "_bf", "DequantizeLinear<axis = 0>(%s_b, %s_bs)" % ((name,) * 2)
            )
        )
    attributes.setdefault("group", 1)
    text = ", ".join("%s = %s" % entry for entry in attributes.items())
    result = net.node(name + "_c", "Conv<%s>(%s)" % (text, ", ".join(operands)))
    if relu:
        result = net.node(name + "_r", "Relu(%s)" % result)
    return quantize(name, result, kind, shape, values, scale, zero)


def add(name, a, a_float, b, b_float, kind, scale, zero):
    values = []
    for left, right in zip(a.tensor.values, b.tensor.values):
        total = f32(f32((left - a.zero) * a.scale) + f32((right - b.zero) * b.scale))
        values.append(saturate(f32(total / f32(scale)), zero, kind))
    source = net.node(name + "_a", "Add(%s, %s)" % (a_float, b_float))
    return quantize(name, source, kind, a.tensor.shape, values, scale, zero)


def random(kind, shape, least, most):
    tensor = Tensor(kind, shape)
    tensor.values = [draw(least, most) for _ in tensor.values]
    return tensor


out = pathlib.Path(sys.argv[1])
x = Quantized("x", random("int16", [2, 4, 9, 7], -32768, 32767), 1 / 3000, 0)
x_float = x.dequantize()
# 16 x 8 bits: groups, strides, pads that differ.
first = conv(
    "first",
    x,
    x_float,
    random("int8", [6, 2, 3, 3], -127, 127),
    [0.003 + 0.001 * i for i in range(6)],
    [draw(-3000000, 9000000) for _ in range(6)],
    {"group": 2, "strides": [2, 1], "pads": [1, 0, 2, 1]},
    ("int16", 1 / 1500, 0),
    relu=True,
)
first_float = first.dequantize()
# 16 x 16 bits, a filter a channel, whose sums may need 64 bits; a zero point.
second = conv(
    "second",
    first,
    first_float,
    random("int16", [6, 1, 3, 3], -20000, 20000),
    [0.00002] * 6,
    None,
    {"group": 6, "dilations": [1, 2], "pads": [1, 2, 1, 2]},
    ("int16", 1 / 700, -100),
)
second_float = second.dequantize()
third = add("third", first, first_float, second, second_float, "uint16", 1 / 700, 30000)
third_float = third.dequantize()
# Unsigned 16 bits x 8, with a result of bytes.
conv(
    "bytes",
    third,
    third_float,
    random("int8", [3, 6, 1, 1], -127, 127),
    [0.004, 0.005, 0.006],
    [1000, -2000, 3000],
    {},
    ("int8", 0.15, 3),
).tensor.write(out / "bytes.npy")
# Unsigned 16 bits x 16.
conv(
    "words",
    third,
    third_float,
    random("int16", [2, 6, 2, 2], -2000, 2000),
    [0.0001, 0.0002],
    [-5000000, 6000000],
    {"strides": [1, 2]},
    ("int16", 1 / 300, 11),
).tensor.write(out / "words.npy")
x.tensor.write(out / "x.npy")

text = '<ir_version: 10, opset_import: ["" : 21]>\n'
text += "net (int16[2, 4, 9, 7] x) => (int8[2, 3, h, w] bytes, int16[2, 2, k, l] words)\n"
text += "<" + ",\n ".join(net.constants) + ">\n{\n" + "\n".join(net.nodes) + "\n}\n"
(out / "net.onnxtxt").write_text(text)
