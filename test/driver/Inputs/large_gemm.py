"""large_gemm.py FILE: a model with more weights than fit into text."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "models"))
import onnx_writer as w

width = 2100000
with open(sys.argv[1], "wb") as file:
    file.write(
        w.model(
            [w.node("Gemm", ["x", "w"], ["y"])],
            [w.value_info("x", [1, 2])],
            [w.value_info("y", [1, width])],
            [w.tensor("w", [2, width], [0.0] * (2 * width))],
        )
    )
