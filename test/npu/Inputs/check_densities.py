"""Whether zeros that are only told gain on each machine what they may:
check_densities.py LACUNA MODEL TABLE ACTIVATIONS WEIGHTS FOLDER."""

import json
import pathlib
import subprocess
import sys

lacuna, model, table = sys.argv[1:4]
density = {"activations": float(sys.argv[4]), "weights": float(sys.argv[5])}
folder = pathlib.Path(sys.argv[6])


def run(*arguments):
    command = [lacuna, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def simulate(machine, *options):
    run("simulate", model, f"--machine={machine}", f"--report={folder}", *options)
    report = json.loads((folder / "report.json").read_text())
    return [layer for layer in report["layers"] if layer["macs"]]


for machine in json.loads(run("machines", "--json", "-"))["machines"]:
    name, array = machine["name"], machine["array"]
    peak = array["rows"] * array["columns"]
    peak *= array["inputLanes"] * array["filterLanes"]
    peak += array["rows"] * array["outlierPEs"] * array["filterLanes"]
    dense = simulate(name)
    sparse = simulate(name, f"--densities={table}")
    for one, other in zip(sparse, dense, strict=True):
        where = f"{name}: {one['name']}"
        # No array is faster than its multipliers.
        assert one["array_cycles"] * peak >= one["macs_done"], where
        assert one["macs"] == other["macs"], where
        if array["skips"] == "none":
            assert one["array_cycles"] == other["array_cycles"], where
            assert one["macs_skipped"] == 0, where
    left = 1.0
    for operand, share in density.items():
        if array["skips"] in (operand, "both") or array["gates"] in (operand, "both"):
            left *= share
    # The second layer: the first has too few channels for some machines to skip.
    done = sparse[1]["macs_done"] / dense[1]["macs_done"]
    assert abs(done / left - 1) < 0.2, f"{name}: {done} instead of {left}"
    if array["skips"] != "none":
        assert sparse[1]["array_cycles"] < dense[1]["array_cycles"], name
print("checked")
