"""malformed.py DIR: writes models that are wrong into DIR."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "models"))
import onnx_writer as w

folder = sys.argv[1]


def net(weight):
    return w.model(
        [w.node("Add", ["x", "w"], ["y"])],
        [w.value_info("x", [2])],
        [w.value_info("y", [2])],
        [weight],
    )


def write(name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def external(name, *entries):
    write(name + ".onnx", net(w.tensor("w", [2], external=entries)))


good = net(w.tensor("w", [2], [1, 2]))
write("good.onnx", good)
write("zero.onnx", b"")
write("truncated.onnx", good[: len(good) // 2])
write("absurd.onnx", net(w.tensor("w", [1 << 30, 1 << 29], [1])))
write("overflow.onnx", net(w.tensor("w", [1 << 40, 1 << 40], [1])))
write("negative.onnx", net(w.tensor("w", [-2], [1])))

os.makedirs(os.path.join(folder, "sub"), exist_ok=True)
write("weights.bin", b"\0" * 64 + b"\0\0\x80?\0\0\0@" + b"\0" * 8)
write("sub/weights.bin", b"\0\0\x80?\0\0\0@")
outside = os.path.join(os.path.dirname(os.path.abspath(folder)), "outside.bin")
with open(outside, "wb") as file:
    file.write(b"\0" * 64)
link = os.path.join(folder, "link.bin")
if not os.path.islink(link):
    os.symlink(outside, link)
# A folder whose name only begins like the model's own.
sibling = os.path.abspath(folder) + "-sibling"
os.makedirs(sibling, exist_ok=True)
with open(os.path.join(sibling, "weights.bin"), "wb") as file:
    file.write(b"\0" * 64)
link = os.path.join(folder, "sibling.bin")
if not os.path.islink(link):
    os.symlink(os.path.join(sibling, "weights.bin"), link)

external("offset", ("location", "weights.bin"), ("offset", 64), ("length", 8))
external("subfolder", ("location", "sub/weights.bin"))
external("absent", ("location", "nowhere.bin"))
external("unnamed", ("offset", 0))
external("short", ("location", "weights.bin"), ("offset", 76))
external("past", ("location", "weights.bin"), ("offset", 1 << 62))
external("length", ("location", "weights.bin"), ("length", 12))
external("minus", ("location", "weights.bin"), ("offset", -8))
external("letters", ("location", "weights.bin"), ("offset", "abc"))
external("parent", ("location", "../outside.bin"))
external("absolute", ("location", outside))
external("symlink", ("location", "link.bin"))
external("sibling", ("location", "sibling.bin"))
external("folder", ("location", "sub"))
