"""Writes ONNX files with nothing but Python's standard library.

Enough of protobuf for tests: nodes, float inputs and outputs, and initializers
whose elements lie inside the file or beside it."""

import struct


def varint(value):
    out = b""
    value &= (1 << 64) - 1
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    """A field: an integer, or bytes or text with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def attribute(name, value):
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    return field(1, name) + b"".join(field(8, v) for v in value) + field(20, 7)


def node(op, inputs, outputs, **attributes):
    out = b"".join(field(1, name) for name in inputs)
    out += b"".join(field(2, name) for name in outputs)
    out += field(3, outputs[0] + "_node") + field(4, op)
    for name in sorted(attributes):
        out += field(5, attribute(name, attributes[name]))
    return out


def value_info(name, shape, element_type=1):
    dims = b"".join(field(1, field(1, size)) for size in shape)
    tensor = field(1, element_type) + field(2, dims)
    return field(1, name) + field(2, field(1, tensor))


def tensor(name, shape, values=None, external=None, element_type=1):
    """An initializer: floats or bytes in the file, or (key, value) pairs that
    say where else its elements lie."""
    out = b"".join(field(1, size) for size in shape)
    out += field(2, element_type) + field(8, name)
    if isinstance(values, bytes):
        return out + field(9, values)
    if external is None:
        return out + field(9, struct.pack("<%df" % len(values), *values))
    for key, value in external:
        out += field(13, field(1, key) + field(2, str(value)))
    return out + field(14, 1)


def model(nodes, inputs, outputs, initializers, opset=13):
    graph = b"".join(field(1, one) for one in nodes) + field(2, "net")
    graph += b"".join(field(5, one) for one in initializers)
    graph += b"".join(field(11, one) for one in inputs)
    graph += b"".join(field(12, one) for one in outputs)
    return field(1, 7) + field(7, graph) + field(8, field(1, "") + field(2, opset))
