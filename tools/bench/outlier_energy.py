"""What narrow values with outliers save on AlexNet and VGG-16, beside what is published.

    tools/bench/outlier_energy.py [--lacuna PROGRAM] [--layers] [NETWORK ...]

Compiles the convolutions of both networks for OLAccel and for ZeNA with words of the
width of OLAccel's outliers, 16 and 8 bits, and simulates the command streams with the
zeros and outliers of docs/examples/densities. Energy is that of the layers that have
convolutions, by component: what is read from and written to DRAM; the buffers of the
chip, bits that tell of zeros included; what PEs hold; products; the vector unit; and
static, what the chip takes in every clock of these layers. The prices are those of
the table `widths-65nm`, which no result was used to make.

Published: the energy of OLAccel (ISCA 2018) against ZeNA of 16 and of 8 bits. --layers
prints each layer.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import make_networks

PROJECT = pathlib.Path(__file__).resolve().parents[2]
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


class Run:
    """The convolutions of a network on a machine. Energies are in microjoules."""

    def __init__(self, lacuna, model, machine, densities, folder):
        command = [lacuna, "simulate", model, f"--machine={machine}"]
        command += [f"--densities={densities}", f"--report={folder}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        report = json.loads((folder / "report.json").read_text())
        self.name, self.table = machine, report["energy_table"]
        self.layers = [layer for layer in report["layers"] if layer["macs"]]
        self.clocks = sum(layer["cycles"] for layer in self.layers)
        self.array_clocks = sum(layer["array_cycles"] for layer in self.layers)
        self.parts = {
            name: sum(layer["energy"][key] for layer in self.layers for key in keys) / 1e6
            for name, keys in COMPONENTS.items()
        }
        self.energy = sum(self.parts.values())
        whole = sum(layer["energy_pj"] for layer in self.layers) / 1e6
        if abs(self.energy - whole) > 1e-6 * whole:
            raise SystemExit(f"{machine}: the components are not all of {whole} uJ")


def print_runs(network, runs):
    first = next(iter(runs.values()))
    print(f"{network}, uJ by {first.table['name']}, version {first.table['version']}")
    print(f"{'':12}" + "".join(f"{name:>10}" for name in COMPONENTS), end="")
    print(f"{'sum':>10}{'clocks':>12}{'of the array':>14}")
    for name, run in runs.items():
        print(f"{name:12}" + "".join(f"{one:10.1f}" for one in run.parts.values()), end="")
        print(f"{run.energy:10.1f}{run.clocks:12}{run.array_clocks:14}")


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
            names = [name for pair in PUBLISHED for name in reversed(pair)]
            runs = {
                name: Run(arguments.lacuna, model, name, table, scratch / "report")
                for name in names
            }
        print_runs(network, runs)
        for (name, base), published in PUBLISHED.items():
            print_change(runs[name], runs[base], published[network])
        if arguments.layers:
            print_layers(runs)
        print()


if __name__ == "__main__":
    main()
