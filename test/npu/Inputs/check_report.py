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

# What memories hold fits into them, and what moves over time is what moves at all.
use = report["memory_use"]
for memory in report["memories"]:
    held = use["held_bytes"][memory["name"]]
    assert 0 < max(held) <= memory["bytes"], memory["name"]
    assert max(held) <= memory["peak_bytes"] + memory["bytes"] / 256, memory["name"]
for name, side in [("dram_read_per_clock", "read"), ("dram_written_per_clock", "written")]:
    moved = sum(report["total"]["dram_bytes_" + side].values())
    assert abs(sum(use[name]) * use["clocks_per_sample"] - moved) <= 1e-6 * moved + 1
