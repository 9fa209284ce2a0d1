"""What narrow values with outliers save on AlexNet and VGG-16, beside what is published.

    tools/bench/outlier_energy.py [--lacuna PROGRAM] [--layers] [--same-bits]
        [NETWORK ...]

Compiles the convolutions of both networks for OLAccel and for ZeNA with words of the
width of OLAccel's outliers, 16 and 8 bits, and simulates the command streams with the
zeros and outliers of docs/examples/densities. Energy is that of the layers that have
convolutions, by component: what is read from and written to DRAM; the buffers of the
chip, bits that tell of zeros included; what PEs hold; products; the vector unit; and
static, what the chip takes in every clock of these layers. The prices are those of
the table `widths-65nm`, which no result was used to make.

The memories of the four machines hold as many values. With --same-bits they have as
many bits, so that what is narrow moves in larger tiles: those of zena-8, with sums, which
are as wide everywhere, in a memory of their own.

Published: the energy of OLAccel (ISCA 2018) against ZeNA of 16 and of 8 bits. --layers
prints each layer.
"""

import argparse
import json
import pathlib
import re
import subprocess
import tempfile

import make_networks

PROJECT = pathlib.Path(__file__).resolve().parents[2]
MACHINES = PROJECT / "backends/npu/machines"
# (machine, baseline): change of the energy, for each network.
PUBLISHED = {
    ("olaccel", "zena-16"): {"alexnet": -0.435, "vgg16": -0.567},
    ("olaccel-8", "zena-8"): {"alexnet": -0.270, "vgg16": -0.363},
}
COMPONENTS = {
    "DRAM": ["dram"],
    "buffers": ["buffer", "metadata"],
    "in PEs": ["spad-inputs", "spad-weights", "spad-sums", "array"],
    "products": ["mac"],
    "vector": ["vector", "scalar"],
    "static": ["static"],
}


# Bits of inputs and of weights, outliers of 3.5 % and their places included.
BITS = {
    "zena-16": (16, 16),
    "zena-8": (8, 8),
    "olaccel": (4 + 0.035 * (16 + 16), 4 + 0.035 * (8 + 16)),
    "olaccel-8": (4 + 0.035 * (8 + 16), 4 + 0.035 * (8 + 16)),
}


def write_same_bits(name, folder):
    """The machine with as many bits as zena-8, in values. The file of the machine."""
    banks, word = 4, 8
    memories = []
    for memory, values, bits, holds in [
        ("activations", 49152, BITS[name][0], "inputs, outputs"),
        ("sums", 32768, 8, "sums"),
        ("weights", 28672, BITS[name][1], "weights"),
    ]:
        size = int(values * 8 / bits) // (banks * word) * banks * word
        memories.append(
            f"  - {{name: {memory}, bytes: {size}, banks: {banks}, wordBytes: {word}, "
            f"holds: [{holds}]}}\n"
        )
    text = (MACHINES / f"{name}.yaml").read_text()
    # Mappings of one line each, and comments.
    text, found = re.subn(
        r"(?<=\nmemories:\n)(?:  [-#].*\n)+", lambda _: "".join(memories), text
    )
    if not found:
        raise SystemExit(f"{name}.yaml has no memories")
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


class Run:
    """The convolutions of a network on a machine. Energies are in microjoules."""

    def __init__(self, lacuna, model, name, machine, densities, folder):
        command = [lacuna, "simulate", model, f"--machine={machine}"]
        command += [f"--densities={densities}", f"--report={folder}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        report = json.loads((folder / "report.json").read_text())
        self.name, self.table = name, report["energy_table"]
        self.layers = [layer for layer in report["layers"] if layer["macs"]]
        self.clocks = sum(layer["cycles"] for layer in self.layers)
        self.array_clocks = sum(layer["array_cycles"] for layer in self.layers)
        self.parts = {
            name: sum(layer["energy"][key] for layer in self.layers for key in keys) / 1e6
            for name, keys in COMPONENTS.items()
        }
        self.energy = sum(self.parts.values())
        self.weights = sum(layer["dram_bytes_read"]["constants"] for layer in self.layers)
        self.moved = sum(
            sum(layer[side].values())
            for layer in self.layers
            for side in ("dram_bytes_read", "dram_bytes_written")
        )
        whole = sum(layer["energy_pj"] for layer in self.layers) / 1e6
        if abs(self.energy - whole) > 1e-6 * whole:
            raise SystemExit(f"{name}: the components are not all of {whole} uJ")


def print_runs(network, runs):
    first = next(iter(runs.values()))
    print(f"{network}, uJ by {first.table['name']}, version {first.table['version']}")
    print(f"{'':12}" + "".join(f"{name:>10}" for name in COMPONENTS), end="")
    print(f"{'sum':>10}{'clocks':>12}{'of the array':>14}{'DRAM KB: weights':>18}", end="")
    print(f"{'maps':>8}")
    for name, run in runs.items():
        print(f"{name:12}" + "".join(f"{one:10.1f}" for one in run.parts.values()), end="")
        print(f"{run.energy:10.1f}{run.clocks:12}{run.array_clocks:14}", end="")
        print(f"{run.weights / 1024:18.0f}{(run.moved - run.weights) / 1024:8.0f}")


def print_change(run, base, published):
    """What each component adds to the change of the sum."""
    change = run.energy / base.energy - 1
    print(f"{run.name} against {base.name}: {change:+.1%}, published {published:+.1%}")
    parts = ", ".join(
        f"{name} {(run.parts[name] - base.parts[name]) / base.energy:+.1%}"
        for name in COMPONENTS
    )
    print(f"    of that {parts}")


def print_layers(runs):
    names = list(runs)
    print(f"{'layer, uJ':12}" + "".join(f"{name:>12}" for name in names))
    for layers in zip(*(run.layers for run in runs.values()), strict=True):
        print(f"{layers[0]['name']:12}", end="")
        print("".join(f"{layer['energy_pj'] / 1e6:12.1f}" for layer in layers))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lacuna", default=PROJECT / "build/bin/lacuna")
    parser.add_argument("--layers", action="store_true")
    parser.add_argument("--same-bits", action="store_true")
    parser.add_argument("networks", nargs="*", metavar="NETWORK")
    arguments = parser.parse_args()
    for network in arguments.networks or make_networks.NETWORKS:
        if network not in make_networks.NETWORKS:
            parser.error(f"there is no network {network}")
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            table = make_networks.DENSITIES / f"{network}.yaml"
            densities = make_networks.read_densities(table)
            model = scratch / "pruned.onnx"
            model.write_bytes(make_networks.build(network, densities=densities))
            runs = {}
            for name in (one for pair in PUBLISHED for one in reversed(pair)):
                machine = write_same_bits(name, scratch) if arguments.same_bits else name
                runs[name] = Run(
                    arguments.lacuna, model, name, machine, table, scratch / "report"
                )
        print_runs(network, runs)
        for (name, base), published in PUBLISHED.items():
            print_change(runs[name], runs[base], published[network])
        if arguments.layers:
            print_layers(runs)
        print()


if __name__ == "__main__":
    main()
