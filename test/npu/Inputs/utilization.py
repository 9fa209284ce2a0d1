"""utilization.py REPORT MULTIPLIERS: the share of its multipliers that a machine keeps
busy in the layers of a report.json that have products, while these take clocks."""

import json
import sys

with open(sys.argv[1]) as file:
    layers = [layer for layer in json.load(file)["layers"] if layer["macs"]]
products = sum(layer["macs"] for layer in layers)
clocks = sum(layer["cycles"] for layer in layers)
print(f"{100 * products / (clocks * int(sys.argv[2])):.1f} %")
