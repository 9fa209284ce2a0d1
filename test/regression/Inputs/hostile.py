"""hostile.py KIND: writes a model that is awkward to write down, or that is nested
far deeper than any."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "models"))
import onnx_writer as w

HEAD = '<ir_version: 8, opset_import: ["" : 13, "local" : 1]>\n'

if sys.argv[1] == "no-input":
    nodes = [w.node("RMSNormalization", ["", "x"], ["y"])]
    x, y = w.value_info("x", [2]), w.value_info("y", [2])
    sys.stdout.buffer.write(w.model(nodes, [x], [y], [], opset=23))
    sys.exit()
if sys.argv[1] == "names":
    nodes = [w.node("Identity", ["a=b"], [y]) for y in ["c/d", "c_d"]]
    outputs = [w.value_info(y, [2]) for y in ["c/d", "c_d"]]
    sys.stdout.buffer.write(w.model(nodes, [w.value_info("a=b", [2])], outputs, []))
    sys.exit()
if sys.argv[1] == "open":
    dims = [b"", w.field(2, "batch size"), w.field(1, 3)]
    shape = b"".join(w.field(1, dim) for dim in dims)
    x = w.field(1, "x") + w.field(2, w.field(1, w.field(1, 1) + w.field(2, shape)))
    nodes = [w.node("Relu", ["x"], ["y"])]
    y = w.field(1, "y")
    sys.stdout.buffer.write(w.model(nodes, [x], [y], []))
    sys.exit()
if sys.argv[1] == "branches":
    depth = 20000
    text = HEAD + "agraph (bool c, float[2] x) => (float[2] y) {\n"
    for i in range(depth):
        text += "y = If <then_branch = g%d () => (float[2] y) {\n" % i
    text += "y = Relu(x)\n"
    for i in range(depth):
        text += "}> (c)\n"
    text += "}\n"
else:
    # Each function calls the one before it twice.
    text = HEAD + "agraph (float[2] x) => (float[2] y) { y = local.f27(x) }\n"
    for i in range(28):
        callee = "local.f%d" % (i - 1) if i else "Relu"
        text += '<domain: "local", opset_import: ["" : 13, "local" : 1]>\n'
        text += "f%d (a) => (c) { b = %s(a) c = %s(b) }\n" % (i, callee, callee)
print(text)
