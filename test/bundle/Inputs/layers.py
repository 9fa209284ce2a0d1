"""Writes a network, as ONNX text, of convolutions of each kind that have work
for several threads: of floats and of bytes, by rows and by columns."""

SIZE, CHANNELS = 24, 16
initializers, lines = [], []


def numbers(name, kind, shape, values):
    count = 1
    for size in shape:
        count *= size
    text = ", ".join(str(values(i * 7919 % 1009)) for i in range(count))
    sizes = "[%s]" % ", ".join(map(str, shape)) if shape else ""
    initializers.append("%s%s %s = {%s}" % (kind, sizes, name, text))


def conv(result, value, group, inputs, kernel):
    numbers("w_" + result, "float", [CHANNELS, inputs, kernel, kernel], weight)
    numbers("b_" + result, "float", [CHANNELS], weight)
    pads = [kernel // 2] * 4
    lines.append(
        "%s = Conv <group = %d, pads = %s> (%s, w_%s, b_%s)"
        % (result, group, pads, value, result, result)
    )


def byte_conv(result, value, group, inputs, wide):
    shape = [CHANNELS, inputs, 3, 3]
    # A zero point of 3 and one weight of -128 do not fit into 8 bits.
    numbers(
        "w_" + result,
        "int8",
        shape,
        lambda i: -128 if wide and i == 500 else i % 121 - 60,
    )
    numbers("z_" + result, "int8", [], lambda i: 3 if wide else 0)
    lines.append("f_%s = DequantizeLinear (%s, scale, zero)" % (result, value))
    lines.append(
        "v_%s = DequantizeLinear (w_%s, w_scale, z_%s)" % ((result,) * 3)
    )
    lines.append(
        "c_%s = Conv <group = %d, pads = [1, 1, 1, 1]> (f_%s, v_%s)"
        % (result, group, result, result)
    )
    lines.append("%s = QuantizeLinear (c_%s, scale, zero)" % (result, result))


def weight(i):
    return (i - 504) / 4096


numbers("scale", "float", [], lambda i: 0.05)
numbers("zero", "uint8", [], lambda i: 120)
numbers("w_scale", "float", [], lambda i: 0.002)
conv("rows", "x", 1, 8, 3)
lines.append("relu = Relu (rows)")
conv("alone", "relu", CHANNELS, 1, 3)
conv("columns", "alone", 1, CHANNELS, 1)
lines.append("residual = Add (columns, relu)")
lines.append("clamped = Relu (residual)")
conv("groups", "clamped", 2, CHANNELS // 2, 3)
lines.append("bytes = QuantizeLinear (groups, scale, zero)")
byte_conv("byte_rows", "bytes", 1, CHANNELS, False)
byte_conv("byte_alone", "byte_rows", CHANNELS, 1, False)
byte_conv("byte_wide", "byte_alone", 1, CHANNELS, True)
lines.append("y = DequantizeLinear (byte_wide, scale, zero)")

print('<ir_version: 7, opset_import: ["" : 13]>')
print(
    "net (float[1, 8, %d, %d] x) => (float[1, %d, %d, %d] groups, "
    "float[1, %d, %d, %d] y)" % ((SIZE, SIZE) + (CHANNELS, SIZE, SIZE) * 2)
)
print("<%s>" % ",\n ".join(initializers))
print("{\n  %s\n}" % "\n  ".join(lines))
