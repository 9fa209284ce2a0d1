"""Compares the clocks that tilings are chosen by with those that the simulator
takes, for layers of many shapes, each alone, on machines that skip no zeros.

usage: cost_model.py LACUNA FOLDER [MACHINE...]
"""

import json
import math
import os
import subprocess
import sys

# Name, channels, filters, groups, height, width, kernel, strides, pads.
LAYERS = [
    ("3x3", 64, 128, 1, 28, 28, (3, 3), (1, 1), 1),
    ("3x3 of many", 256, 256, 1, 14, 14, (3, 3), (1, 1), 1),
    ("3x3 of few", 3, 64, 1, 112, 112, (3, 3), (1, 1), 1),
    ("1x1", 96, 64, 1, 28, 28, (1, 1), (1, 1), 0),
    ("5x5 strided", 16, 32, 1, 57, 45, (5, 5), (2, 2), 2),
    ("temporal", 24, 24, 1, 98, 1, (9, 1), (2, 1), 0),
    ("depthwise", 64, 64, 64, 25, 5, (3, 3), (1, 1), 1),
    ("grouped", 96, 128, 2, 27, 27, (5, 5), (1, 1), 2),
    ("3x3 in tiles", 128, 128, 1, 112, 112, (3, 3), (1, 1), 1),
    ("dense", 512, 256, 1, 1, 1, (1, 1), (1, 1), 0),
]
MACHINES = ["systolic-os:16x16", "systolic-ws:16x16", "systolic-is:8x8", "nlr",
            "dadiannao", "nvdla", "snp", "eyeriss", "zascad", "lacuna-256"]


def describe(layer):
    _, channels, filters, groups, height, width, kernel, strides, pad = layer
    weights = [filters, channels // groups, *kernel]
    pads = [pad if size > 1 else 0 for size in kernel]
    out = [(size + 2 * p - k) // s + 1
           for size, p, k, s in zip((height, width), pads, kernel, strides)]
    join = lambda values: ", ".join(map(str, values))
    return f"""<ir_version: 8, opset_import: ["" : 13]>
agraph (int8[1, {channels}, {height}, {width}] x) => (int8[1, {filters}, {out[0]}, {out[1]}] y)
<float s = {{0.05}}, int8 z = {{3}}, float ws = {{0.02}}, int8 wz = {{0}},
 int8[{join(weights)}] w = {{{join([5] * math.prod(weights))}}}>
{{
  xf = DequantizeLinear(x, s, z)
  wf = DequantizeLinear(w, ws, wz)
  a = Conv <group = {groups}, strides = [{join(strides)}], pads = [{join(pads * 2)}]> (xf, wf)
  y = QuantizeLinear(a, s, z)
}}
"""


def main(lacuna, folder, *machines):
    os.makedirs(folder, exist_ok=True)
    outside = 0
    for machine in machines or MACHINES:
        for index, layer in enumerate(LAYERS):
            model = os.path.join(folder, f"layer{index}.onnxtxt")
            with open(model, "w") as file:
                file.write(describe(layer))
            bundle, report = os.path.join(folder, "b"), os.path.join(folder, "r")
            compiled = subprocess.run(
                [lacuna, "compile", model, "-o", bundle, "--target=npu",
                 "--machine=" + machine, "--name=net"], capture_output=True, text=True)
            if compiled.returncode == 4:
                print(f"{machine:18} {layer[0]:14} refused")
                continue
            compiled.check_returncode()
            subprocess.run([lacuna, "simulate", bundle, "--report=" + report],
                           check=True, capture_output=True)
            with open(os.path.join(report, "report.json")) as file:
                simulated = json.load(file)
            estimate = sum(it["estimated_cycles"] for it in simulated["layers"])
            clocks = simulated["total_cycles"]
            error = estimate / clocks - 1
            outside += abs(error) > 0.1
            print(f"{machine:18} {layer[0]:14} {estimate:9} {clocks:9} {100 * error:+6.1f} %"
                  + ("  OUTSIDE" if abs(error) > 0.1 else ""))
    print(f"{outside} outside of 10 %")


if __name__ == "__main__":
    main(*sys.argv[1:])
