"""large_model.py DIR COMMAND...: writes VGG-16 with its 553 MB of weights, all
zero, in a sparse file beside it, runs the command on it, and prints how long that
took and the most memory it used."""

import os
import resource
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "models"))
import onnx_writer as w

folder, command = sys.argv[1], sys.argv[2:]
os.makedirs(folder, exist_ok=True)
nodes, weights, offset = [], [], 0


def add(op, inputs, **attributes):
    name = "v%d" % len(nodes)
    nodes.append(w.node(op, inputs, [name], **attributes))
    return name


def weight(shape):
    global offset
    name, size = "w%d" % len(weights), 4
    for extent in shape:
        size *= extent
    place = [("location", "vgg16.bin"), ("offset", offset), ("length", size)]
    weights.append(w.tensor(name, shape, external=place))
    offset += size
    return name


value, channels = "x", 3
for count, outputs in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]:
    for _ in range(count):
        inputs = [value, weight([outputs, channels, 3, 3]), weight([outputs])]
        value = add("Relu", [add("Conv", inputs, pads=[1, 1, 1, 1])])
        channels = outputs
    value = add("MaxPool", [value], kernel_shape=[2, 2], strides=[2, 2])
value = add("Flatten", [value])
for inputs, outputs in [(25088, 4096), (4096, 4096), (4096, 1000)]:
    operands = [value, weight([outputs, inputs]), weight([outputs])]
    value = add("Gemm", operands, transB=1)
    if outputs != 1000:
        value = add("Relu", [value])

model = w.model(
    nodes,
    [w.value_info("x", [1, 3, 224, 224])],
    [w.value_info(value, [1, 1000])],
    weights,
)
path = os.path.join(folder, "vgg16.onnx")
with open(path, "wb") as file:
    file.write(model)
with open(os.path.join(folder, "vgg16.bin"), "wb") as file:
    file.truncate(offset)

start = time.monotonic()
code = subprocess.run(command + [path]).returncode
seconds = time.monotonic() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print("%.2f s, %.2f times the weights" % (seconds, peak / offset))
if seconds >= 5 or peak >= 1.5 * offset:
    print("too much")
sys.exit(code)
