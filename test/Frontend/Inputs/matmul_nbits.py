"""matmul_nbits.py DIR: writes products with weights of few bits into DIR, and what
they give. 20 is no multiple of the block of 16."""

import os
import struct
import sys

K, N, BLOCK = 20, 3, 16
BLOCKS = (K + BLOCK - 1) // BLOCK
folder = sys.argv[1]


def pack(values, bits):
    """The first value in the low bits of a byte."""
    total = sum(value << bits * i for i, value in enumerate(values))
    return list(total.to_bytes((len(values) * bits + 7) // 8, "little"))


def write_npy(name, shape, values):
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        file.write(header.encode() + struct.pack("<%df" % len(values), *values))


def write(name, bits, zeros=None, bias=None):
    """`zeros` is "packed", "floats" or nothing."""
    codes = [[(5 * n + 3 * k + k // 7) % (1 << bits) for k in range(K)] for n in range(N)]
    scales = [[0.25 * (n + 1) / (1 + b) for b in range(BLOCKS)] for n in range(N)]
    points = [[1 << bits - 1] * BLOCKS for _ in range(N)]
    if zeros:
        points = [[(n + 2 * b) % (1 << bits) for b in range(BLOCKS)] for n in range(N)]
    stored = []
    for row in codes:
        row = row + [0] * (BLOCKS * BLOCK - K)
        for b in range(BLOCKS):
            stored += pack(row[b * BLOCK : (b + 1) * BLOCK], bits)
    join = lambda values: "{" + ", ".join(map(str, values)) + "}"
    constants = [f"uint8[{N}, {BLOCKS}, {BLOCK * bits // 8}] w = {join(stored)}",
                 f"float[{N}, {BLOCKS}] s = {join(sum(scales, []))}"]
    inputs = ["x", "w", "s"]
    if zeros == "packed":
        packed = sum((pack(row, bits) for row in points), [])
        constants.append(f"uint8[{len(packed)}] z = {join(packed)}")
    elif zeros == "floats":
        constants.append(f"float[{N}, {BLOCKS}] z = {join(map(float, sum(points, [])))}")
    if zeros or bias:
        inputs.append("z" if zeros else '""')
    if bias:
        constants.append(f"float[{N}] b = {join(bias)}")
        inputs += ['""', "b"]
    # The text of ONNX has no name for an input that is left out.
    calls = ", ".join(inputs).replace('""', "")
    with open(os.path.join(folder, name + ".onnxtxt"), "w") as file:
        file.write(f"""<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
net (float[2, 1, {K}] x) => (float[2, 1, {N}] y) <{", ".join(constants)}> {{
  y = com.microsoft.MatMulNBits <K = {K}, N = {N}, bits = {bits}, block_size = {BLOCK}> ({calls})
}}
""")
    x = [k % 9 - 4 + m for m in range(2) for k in range(K)]
    y = [(bias or [0] * N)[n] + sum(
            x[m * K + k] * (codes[n][k] - points[n][k // BLOCK]) * scales[n][k // BLOCK]
            for k in range(K)) for m in range(2) for n in range(N)]
    write_npy("x.npy", (2, 1, K), x)
    write_npy(name + ".npy", (2, 1, N), y)


write("plain", 4)
write("zeros", 4, "packed")
write("floats", 2, "floats")
write("bytes", 8, "packed", [0.5, -1, 2])
