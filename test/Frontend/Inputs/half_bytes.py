"""half_bytes.py DIR: writes models whose weights have 4 bits into DIR."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "models"))
import onnx_writer as w

UINT4, INT4 = 21, 22
folder = sys.argv[1]


def write(name, weights):
    """y = x + (w - z) * s, of 2x5 with a scale for each three of a row."""
    data = w.model(
        [
            w.node("DequantizeLinear", ["w", "s", "z"], ["f"], axis=1, block_size=3),
            w.node("Add", ["x", "f"], ["y"]),
        ],
        [w.value_info("x", [2, 5])],
        [w.value_info("y", [2, 5])],
        weights,
        opset=21,
    )
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


scales = w.tensor("s", [2, 2], [1, 0.5, 2, -1])
# Rows 0 1 2 3 -8 and 7 -1 -2 4 5.
signed = bytes([0x10, 0x32, 0x78, 0xEF, 0x54])
zeros = bytes([0x1F, 0x20])  # -1 1, 0 2
write("int4.onnx", [w.tensor("w", [2, 5], signed, element_type=INT4), scales,
                    w.tensor("z", [2, 2], zeros, element_type=INT4)])
write("uint4.onnx", [w.tensor("w", [2, 5], signed, element_type=UINT4), scales,
                     w.tensor("z", [2, 2], zeros, element_type=UINT4)])
with open(os.path.join(folder, "weights.bin"), "wb") as file:
    file.write(b"\0" * 3 + signed)
write("external.onnx", [
    w.tensor("w", [2, 5], element_type=INT4,
             external=[("location", "weights.bin"), ("offset", 3), ("length", 5)]),
    scales, w.tensor("z", [2, 2], zeros, element_type=INT4)])
write("short.onnx", [w.tensor("w", [2, 5], signed[:4], element_type=INT4), scales,
                     w.tensor("z", [2, 2], zeros, element_type=INT4)])
