"""npy.py FILE SHAPE VALUE... [--type T]: writes a .npy file; the values repeat
until the shape is full. T is f4, i8, u1 and the like."""

import struct
import sys

args = sys.argv[1:]
kind = "f4"
if "--type" in args:
    at = args.index("--type")
    kind = args[at + 1]
    del args[at : at + 2]
shape = [int(size) for size in args[1].split(",")]
count = 1
for size in shape:
    count *= size
number = float if kind[0] == "f" else int
values = [number(args[2 + i % (len(args) - 2)]) for i in range(count)]
code = {"f4": "f", "f8": "d", "i8": "q", "i4": "i", "i1": "b", "u1": "B"}[kind]
header = "{'descr': '<%s', 'fortran_order': False, 'shape': (%s), }" % (
    kind,
    "".join("%d, " % size for size in shape),
)
header += " " * (-(len(header) + 11) % 64) + "\n"
with open(args[0], "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
    file.write(header.encode() + struct.pack("<%d%s" % (count, code), *values))
