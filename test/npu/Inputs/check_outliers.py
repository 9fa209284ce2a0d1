"""Simulates a network of two layers with narrow values, and checks what must hold
whatever the prices: check_outliers.py LACUNA MODEL FOLDER-OF-TABLES."""

import json
import pathlib
import subprocess
import sys

lacuna, model = sys.argv[1:3]
folder = pathlib.Path(sys.argv[3])


def simulate(machine, table):
    command = [lacuna, "simulate", model, f"--machine={machine}"]
    command += [f"--densities={folder / table}", f"--report={folder / 'report'}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    report = json.loads((folder / "report/report.json").read_text())
    return [layer for layer in report["layers"] if layer["macs"]]


def moved(layer):
    return sum(layer["dram_bytes_read"].values()) + sum(layer["dram_bytes_written"].values())


names = ["zena-16", "zena-8", "olaccel", "olaccel-8"]
few = {name: simulate(name, "few.yaml") for name in names}
for wide, byte, lanes in zip(few["zena-16"], few["zena-8"], few["olaccel-8"], strict=True):
    # Twice the bits, in tiles planned for them; what has 32 bits has them on both.
    assert byte["dram_bytes_written"]["workspace"] * 2 == wide["dram_bytes_written"]["workspace"]
    assert moved(byte) < moved(wide) <= 2 * moved(byte)
    assert moved(lanes) < moved(byte)
    # A product of half the width costs a quarter. How many there are depends on the
    # tiles, for each of which zeros are drawn.
    of_byte, of_wide = (each["energy"]["mac"] / each["macs_done"] for each in (byte, wide))
    assert abs(of_byte * 4 - of_wide) < 1e-9 * of_wide

none = simulate("olaccel", "none.yaml")
for without, with_few in zip(none, few["olaccel"], strict=True):
    assert without["extra_passes"] == 0 < with_few["extra_passes"]
    assert moved(without) < moved(with_few)
    assert without["macs_done"] == with_few["macs_done"]

# An image takes four passes of 4 bits where outliers have 16, two where they have 8.
for name, passes in [("olaccel", 4), ("olaccel-8", 2)]:
    image = simulate(name, "image.yaml")[0]
    assert image["extra_passes"] >= (passes - 1) * image["macs_done"], name
    # Nothing that is told leaves all values as wide as outliers.
    report = folder / "report"
    command = [lacuna, "simulate", model, f"--machine={name}", f"--report={report}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    layers = json.loads((report / "report.json").read_text())["layers"]
    untold = next(layer for layer in layers if layer["macs"])
    assert moved(image) < moved(untold), name
print("checked")
