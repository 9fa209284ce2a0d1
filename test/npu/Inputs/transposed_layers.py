"""Says how much of the peak of a machine transposed convolutions reach, of which
the phases meet different inputs: products with values that exist, once each,
of those that the array could do in the clocks of the whole stream.

usage: transposed_layers.py LACUNA FOLDER MACHINE PEAK_PRODUCTS_A_CLOCK LEAST_PERCENT
"""

import json
import math
import os
import subprocess
import sys

# Name, channels, filters, size, kernel, stride, pads, output padding.
LAYERS = [
    ("FSRCNN's last, x2", 56, 1, 64, 9, 2, 4, 1),
    ("FSRCNN's last, x3", 56, 1, 64, 9, 3, 4, 2),
    ("FSRCNN's last, x3, cut", 56, 1, 64, 9, 3, 4, 0),
    ("FSRCNN's last, x4", 56, 1, 64, 9, 4, 4, 3),
    ("4x4 of stride 2", 32, 3, 128, 4, 2, 1, 0),
]


def get_outputs(layer):
    _, _, _, size, kernel, stride, pad, more = layer
    return (size - 1) * stride + kernel - 2 * pad + more


def count_products(layer):
    _, channels, filters, size, kernel, stride, pad, _ = layer
    outputs = get_outputs(layer)
    line = sum(0 <= i * stride + k - pad < outputs
               for i in range(size) for k in range(kernel))
    return channels * filters * line * line


def describe(layer):
    _, channels, filters, size, kernel, stride, pad, more = layer
    outputs = get_outputs(layer)
    weights = [channels, filters, kernel, kernel]
    # Phases with the same taps would be computed once.
    values = [1 + 31 * i % 127 for i in range(math.prod(weights))]
    join = lambda values: ", ".join(map(str, values))
    return f"""<ir_version: 8, opset_import: ["" : 13]>
agraph (int8[1, {channels}, {size}, {size}] x) => (int8[1, {filters}, {outputs}, {outputs}] y)
<float s = {{0.05}}, int8 z = {{3}}, float ws = {{0.02}}, int8 wz = {{0}},
 int8[{join(weights)}] w = {{{join(values)}}}>
{{
  xf = DequantizeLinear(x, s, z)
  wf = DequantizeLinear(w, ws, wz)
  a = ConvTranspose <strides = [{stride}, {stride}], pads = [{join([pad] * 4)}],
      output_padding = [{more}, {more}]> (xf, wf)
  y = QuantizeLinear(a, s, z)
}}
"""


def main(lacuna, folder, machine, peak, least):
    os.makedirs(folder, exist_ok=True)
    below = 0
    for index, layer in enumerate(LAYERS):
        model = os.path.join(folder, f"layer{index}.onnxtxt")
        with open(model, "w") as file:
            file.write(describe(layer))
        report = os.path.join(folder, f"report{index}")
        subprocess.run([lacuna, "simulate", model, "--machine=" + machine,
                        "--report=" + report], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(report, "report.json")) as file:
            clocks = json.load(file)["total_cycles"]
        percent = 100 * count_products(layer) / (clocks * int(peak))
        below += percent < float(least)
        print(f"{layer[0]}: {clocks} clocks, {percent:.1f} % of the peak")
    print(f"{below} below {least} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
