"""Whether the numbers of a report.json fit each other."""

import json
import sys

report = json.load(open(sys.argv[1]))
assert sum(report["buckets"].values()) == report["total_cycles"]
assert sum(layer["cycles"] for layer in report["layers"]) == report["total_cycles"]
for layer in report["layers"]:
    counts = layer["macs_done"] + layer["macs_skipped"] + layer["macs_gated"]
    assert counts == layer["macs"], layer["name"]
    assert 0 <= layer["utilization"] <= 1, layer["name"]
energy = sum(layer["energy_pj"] for layer in report["layers"])
assert abs(sum(report["energy"].values()) - energy) <= 1e-6 * energy
